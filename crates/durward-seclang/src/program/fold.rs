//! What can be known of a rule before any request.
//!
//! Most rules of the Core Rule Set ask nothing but members of `TX` that other rules set to constants: paranoia levels,
//! thresholds, exclusion packages that are off. Such rules are decided here, once for each overlay, by running all rules in
//! order over what is known of `TX`. A rule that certainly does not match never runs; a rule that certainly matches and
//! only sets constants or skips has happened before the transaction begins.
//!
//! # When this would be wrong
//! A rule that has been decided here may, in a transaction, be skipped or removed by a rule that has not. Such events are
//! rare and seen as they happen: the transaction then takes back what has been set too early
//! ([`Folded::undo_behind`]) and runs every rule from there on.

use super::Program;
use super::rule::{Disruptive, Effect, Look, Rule, Test};
use crate::ast::Variable;
use crate::operator::{OperatorName, Seen};
use crate::scan::BitSet;
use crate::state::{Amount, Buffer, Change, Key, SetVar, StateEffect, Template, TxKey, TxStore};

/// What is known of all rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folded {
    /// The rules that have to run.
    pub(crate) live: BitSet,
    /// `TX` as a transaction begins.
    pub(crate) start: TxStore,
    /// Rules that have happened already, and cannot be left out without consequence.
    pub(crate) happened: BitSet,
    /// Sorted by step.
    early: Vec<Early>,
}

/// A member of `TX` that was set before its time.
#[derive(Debug, Clone)]
struct Early {
    step: Step,
    key: TxKey,
    value: Option<Box<[u8]>>,
}

/// A place in the order of all phases: the phase, then the position of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub(crate) phase: u8,
    pub(crate) rule: u32,
}

impl Folded {
    /// Takes back what has been set for steps behind this one.
    pub(crate) fn undo_behind(&self, step: Step, store: &mut TxStore) {
        for (index, early) in self.early.iter().enumerate() {
            if early.step <= step {
                continue;
            }
            // INVARIANT: what is set early has not been written by a rule that ran, so that the value before is one that
            // was set early as well, or none.
            let before = self.early.iter().take(index).rev().find(|it| it.key == early.key && it.step <= step);
            match before.and_then(|it| it.value.as_deref()) {
                Some(value) => store.assign(early.key, value),
                None => store.remove(early.key),
            }
        }
    }
}
