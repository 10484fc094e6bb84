//! Where each skip lands. Markers are gone after this: a skip is a position among all rules.
//!
//! Rules keep one order over all phases. A phase runs those of its rules that stand at or behind the landing.

use crate::ast::{Item, Phase, Rule, Skip};

/// For each rule, in order, the position at which its phase goes on after a match; `None` for rules that skip nothing.
pub(crate) fn landings(items: &[Item]) -> Vec<Option<u32>> {
    let rules: Vec<&Rule> = items
        .iter()
        .filter_map(|item| match item {
            Item::Rule(rule) => Some(&**rule),
            Item::Marker(_) => None,
        })
        .collect();
    let mut landings = vec![None; rules.len()];
    let mut waiting: Vec<Waiting<'_>> = Vec::new();
    let mut position = 0_u32;
    for item in items {
        match item {
            Item::Marker(name) => release(&mut waiting, &mut landings, position, |it| it.name == &**name),
            Item::Rule(rule) => {
                // `skipAfter` may name a rule of the phase as well: it goes on behind it.
                let named = |it: &Waiting<'_>| it.phase == rule.phase && it.name.parse() == Ok(rule.id.0);
                release(&mut waiting, &mut landings, position + 1, named);
                match &rule.skip {
                    Some(Skip::After(name)) => {
                        waiting.push(Waiting { rule: position as usize, phase: rule.phase, name });
                    }
                    Some(Skip::Rules(count)) => {
                        if let Some(landing) = landings.get_mut(position as usize) {
                            *landing = Some(behind(&rules, position, rule.phase, *count));
                        }
                    }
                    None => {}
                }
                position += 1;
            }
        }
    }
    // A marker that never comes skips the rest of the phase.
    release(&mut waiting, &mut landings, position, |_| true);
    landings
}

struct Waiting<'a> {
    rule: usize,
    phase: Phase,
    name: &'a str,
}

fn release(
    waiting: &mut Vec<Waiting<'_>>,
    landings: &mut [Option<u32>],
    position: u32,
    arrives: impl Fn(&Waiting<'_>) -> bool,
) {
    waiting.retain(|it| {
        let here = arrives(it);
        if here && let Some(landing) = landings.get_mut(it.rule) {
            *landing = Some(position);
        }
        !here
    });
}

/// The position behind so many rules of the same phase.
fn behind(rules: &[&Rule], position: u32, phase: Phase, count: u32) -> u32 {
    let following = rules.iter().enumerate().skip(position as usize + 1).filter(|(_, rule)| rule.phase == phase);
    let landed = match count.checked_sub(1) {
        None => Some(position as usize + 1),
        Some(before_last) => following.skip(before_last as usize).map(|(index, _)| index + 1).next(),
    };
    landed.unwrap_or(rules.len()) as u32
}
