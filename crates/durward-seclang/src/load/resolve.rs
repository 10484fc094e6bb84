//! Drafts become rules: defaults are merged, `block` is resolved, places that are skipped to are checked.

use std::collections::HashMap;

use super::LoadError;
use super::action::Action;
use super::draft::{Draft, DraftLink, Entry};
use crate::ast::{Disruptive, Item, Link, Meta, Rule, Skip};

/// All rules and markers, and what is wrong with the places that they skip to.
pub(super) fn items(entries: Vec<Entry>) -> (Vec<Item>, Vec<LoadError>) {
    let items: Vec<Item> = entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Rule(draft) => rule(*draft).map(|rule| Item::Rule(Box::new(rule))),
            Entry::Marker(name) => Some(Item::Marker(name)),
        })
        .collect();
    let errors = skips_to_nowhere(&items);
    (items, errors)
}

/// A rule that skips to a marker which does not follow would switch off everything after it.
fn skips_to_nowhere(items: &[Item]) -> Vec<LoadError> {
    let mut last: HashMap<String, usize> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Marker(name) => last.insert(name.to_string(), at),
            Item::Rule(rule) => last.insert(rule.id.0.to_string(), at),
        };
    }
    let nowhere = |(at, item): (usize, &Item)| match item {
        Item::Rule(rule) => match &rule.skip {
            Some(Skip::After(name)) if last.get(&**name).is_none_or(|marker| *marker <= at) => Some(LoadError {
                place: rule.place.clone(),
                message: format!("`skipAfter:{name}`: no marker or rule of that name follows"),
            }),
            _ => None,
        },
        Item::Marker(_) => None,
    };
    items.iter().enumerate().filter_map(nowhere).collect()
}

fn rule(draft: Draft) -> Option<Rule> {
    let place = draft.links.first()?.place.clone();
    let mut rule = Rule {
        place,
        id: draft.id,
        phase: draft.phase,
        links: Vec::with_capacity(draft.links.len()),
        meta: Meta::default(),
        disruptive: Disruptive::Pass,
        status: None,
        log: true,
        audit: true,
        skip: None,
    };
    for action in draft.defaults.iter() {
        describe(&mut rule, action);
    }
    let default_disruptive = rule.disruptive.clone();
    for action in draft.head() {
        if matches!(action, Action::Block) {
            rule.disruptive = default_disruptive.clone();
        }
        describe(&mut rule, action);
    }
    for (at, draft_link) in draft.links.into_iter().enumerate() {
        let mut link = link(draft_link, &draft.defaults);
        if at == 0 {
            rule.meta.message = link.message.take();
            rule.meta.log_data = link.log_data.take();
        }
        rule.links.push(link);
    }
    Some(rule)
}

/// What an action says about the rule as a whole.
fn describe(rule: &mut Rule, action: &Action) {
    match action {
        Action::Disruptive(disruptive) => rule.disruptive = disruptive.clone(),
        Action::Status(status) => rule.status = Some(*status),
        Action::Log => (rule.log, rule.audit) = (true, true),
        Action::NoLog => (rule.log, rule.audit) = (false, false),
        Action::Audit(audit) => rule.audit = *audit,
        Action::Severity(severity) => rule.meta.severity = Some(*severity),
        Action::Tag(tag) => rule.meta.tags.push(tag.clone()),
        Action::Version(version) => rule.meta.version = Some(version.clone()),
        Action::Revision(revision) => rule.meta.revision = Some(revision.clone()),
        Action::Maturity(maturity) => rule.meta.maturity = Some(*maturity),
        Action::Accuracy(accuracy) => rule.meta.accuracy = Some(*accuracy),
        Action::Skip(skip) => rule.skip = Some(skip.clone()),
        Action::Id(_)
        | Action::Phase(_)
        | Action::Block
        | Action::Message(_)
        | Action::LogData(_)
        | Action::NoTransformation
        | Action::Transformation(_)
        | Action::Capture
        | Action::MultiMatch
        | Action::Chain
        | Action::Effect(_) => {}
    }
}

fn link(draft: DraftLink, defaults: &[Action]) -> Link {
    let mut link = Link {
        place: draft.place,
        condition: draft.condition,
        transformations: Vec::new(),
        capture: false,
        multi_match: false,
        effects: Vec::new(),
        message: None,
        log_data: None,
    };
    for action in defaults.iter().cloned().chain(draft.actions) {
        match action {
            Action::NoTransformation => link.transformations.clear(),
            Action::Transformation(transformation) => link.transformations.push(transformation),
            Action::Capture => link.capture = true,
            Action::MultiMatch => link.multi_match = true,
            Action::Effect(effect) => link.effects.push(effect),
            Action::Message(message) => link.message = Some(message),
            Action::LogData(log_data) => link.log_data = Some(log_data),
            _ => {}
        }
    }
    link
}
