//! Rules of which nothing is decided before a request, although they ask nothing but members of `TX`.

use super::rule::{Control, Effect, Link, Rule, Tags};
use crate::ast::Variable;
use crate::scan::BitSet;
use crate::state::{Amount, Change, Key, Selected, StateEffect, Template};

/// Those rules: the ones that `ctl` may tell not to look at `TX`, and, if a rule asks what rules before it have matched
/// (`MATCHED_VAR` before anything of its own has), all that match anything.
pub(super) fn rules(rules: &[Rule], removals: &[BitSet], exclusions: &[Selected]) -> BitSet {
    let mut undecided = BitSet::new(rules.len());
    if rules.iter().any(asks_for_the_past) {
        let tests = |rule: &Rule| rule.links.iter().any(|link| link.test.is_some());
        rules.iter().enumerate().filter(|(_, rule)| tests(rule)).for_each(|(index, _)| undecided.insert(index));
        return undecided;
    }
    let effects = rules.iter().flat_map(|rule| &rule.links).flat_map(|link| &link.at_end);
    for effect in effects {
        if let Effect::Control(Control::RemoveTarget(named, target)) = effect
            && exclusions.get(*target as usize).is_some_and(|target| target.variable == Variable::Tx)
            && let Some(named) = removals.get(*named as usize)
        {
            named.iter().for_each(|rule| undecided.insert(rule));
        }
    }
    undecided
}

/// Whether a rule looks at `MATCHED_VAR` or its like before it has matched anything itself.
fn asks_for_the_past(rule: &Rule) -> bool {
    let Some(head) = rule.links.first() else { return false };
    let in_test = head.test.as_ref().is_some_and(|test| {
        test.looks.iter().any(|look| is_past(&look.selected)) || test.argument.as_ref().is_some_and(names_past)
    });
    in_test || (head.test.is_none() && texts_of_rule(rule).any(names_past))
}

fn names_past(template: &Template) -> bool {
    template.variables().any(is_past)
}

fn is_past(selected: &Selected) -> bool {
    use Variable as V;
    matches!(selected.variable, V::MatchedVar | V::MatchedVarName | V::MatchedVars | V::MatchedVarsNames)
}

/// The texts that a rule without a condition at its head expands.
fn texts_of_rule(rule: &Rule) -> impl Iterator<Item = &Template> {
    let tags = match &rule.tags {
        Tags::Fixed(_) => [].as_slice(),
        Tags::Computed(tags) => tags,
    };
    let place = match &rule.disruptive {
        super::rule::Disruptive::Redirect(place) => Some(place),
        _ => None,
    };
    [&rule.message, &rule.log_data]
        .into_iter()
        .chain(tags)
        .chain(place)
        .chain(rule.links.iter().flat_map(texts_of_link))
}

fn texts_of_link(link: &Link) -> impl Iterator<Item = &Template> {
    let at_end = link.at_end.iter().filter_map(|effect| match effect {
        Effect::State(effect) => Some(effect),
        Effect::Control(_) | Effect::Sanitise(_) => None,
    });
    let effects = link.at_once.iter().chain(at_end).flat_map(texts_of_effect);
    link.message.iter().chain(&link.log_data).chain(effects)
}

fn texts_of_effect(effect: &StateEffect) -> impl Iterator<Item = &Template> {
    let texts = match effect {
        StateEffect::Set(set) => {
            let change = match &set.change {
                Change::Assign(template)
                | Change::Add(Amount::Text(template))
                | Change::Subtract(Amount::Text(template)) => Some(template),
                _ => None,
            };
            [text_of_key(&set.key), change]
        }
        StateEffect::Expire { key, seconds, .. } => [text_of_key(key), Some(seconds)],
        StateEffect::Deprecate { key, .. } => [text_of_key(key), None],
        StateEffect::Init { key, .. } => [Some(key), None],
        StateEffect::SetEnv { name, value } => [Some(name), Some(value)],
    };
    texts.into_iter().flatten()
}

const fn text_of_key(key: &Key) -> Option<&Template> {
    match key {
        Key::Computed(template) => Some(template),
        Key::Slot(_) | Key::Fixed(_) => None,
    }
}
