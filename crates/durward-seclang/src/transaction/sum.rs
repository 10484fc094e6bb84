//! Which rules an anomaly score is made of.

use super::link::Subject;
use super::machine::Machine;
use crate::ast::Variable;
use crate::program::Rule;
use crate::report::Part;
use crate::state::{Amount, Change, Key, SetVar, StateEffect, TxKey};

/// A rule added to a member of `TX`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addition {
    key: TxKey,
    rule: u32,
    amount: i64,
    /// The member whose value was added.
    source: Option<TxKey>,
    /// Which of the matches it is.
    pub(super) index: Option<usize>,
}

/// Whether a `setvar` adds to a numbered member of `TX`.
pub(super) const fn is_sum(set: &SetVar) -> bool {
    matches!(set.collection, Variable::Tx)
        && matches!(set.key, Key::Slot(_))
        && matches!(set.change, Change::Add(_) | Change::Subtract(_))
}

impl Machine<'_> {
    pub(super) fn is_pinned(&self, set: &SetVar) -> bool {
        matches!(set.key, Key::Slot(key) if self.overlay.is_pinned(key))
    }

    /// Adds, and remembers who added how much.
    pub(super) fn add(&mut self, subject: &Subject<'_>, effect: &StateEffect, set: &SetVar) {
        let Key::Slot(key) = set.key else { return };
        if self.overlay.is_pinned(key) {
            return;
        }
        let before = self.core.state.tx().number(key);
        self.core.state.perform(effect, &subject.rule.fields, self.persistence);
        let amount = self.core.state.tx().number(key).saturating_sub(before);
        let source = match &set.change {
            Change::Add(Amount::Tx(source)) => Some(*source),
            _ => None,
        };
        if amount != 0 && self.core.additions.len() < MOST {
            self.core.additions.push(Addition { key, rule: subject.index, amount, source, index: None });
        }
    }

    /// What the sums that a rule compares are made of, in order; one entry for each rule.
    pub(super) fn parts(&self, rule: &Rule) -> Vec<Part> {
        let additions = &self.core.additions;
        let mut keys: Vec<TxKey> = rule
            .links
            .iter()
            .filter_map(|link| link.test.as_ref())
            .flat_map(|test| test.looks.iter().filter_map(|look| look.selected.tx_key()))
            .collect();
        // A sum of sums is made of what its parts are made of.
        let mut at = 0;
        while let Some(key) = keys.get(at).copied() {
            at += 1;
            for source in additions.iter().filter(|it| it.key == key).filter_map(|it| it.source) {
                if !keys.contains(&source) {
                    keys.push(source);
                }
            }
        }
        let is_sum = |key: TxKey| additions.iter().any(|it| it.key == key);
        let mut parts: Vec<(u32, Part)> = Vec::new();
        for it in additions.iter().filter(|it| keys.contains(&it.key) && !it.source.is_some_and(is_sum)) {
            match parts.iter_mut().find(|(rule, _)| *rule == it.rule) {
                Some((_, part)) => part.amount = part.amount.saturating_add(it.amount),
                None => {
                    let Some(rule) = self.program.rules().get(it.rule as usize) else { continue };
                    let part = Part { rule: rule.clone(), index: it.index, amount: it.amount };
                    parts.push((it.rule, part));
                }
            }
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}

/// How many additions are remembered.
const MOST: usize = 4096;
