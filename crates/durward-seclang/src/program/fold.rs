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
//! ([`Folded::undo_behind`]) and asks every rule from there on.

mod known;
mod touch;

use self::known::{Known, Verdict};
use self::touch::Touched;
use super::Program;
use super::rule::{Disruptive, Effect, Rule};
use crate::ast::{Phase, Variable};
use crate::scan::BitSet;
use crate::state::{BACKTRACK_LIMIT_HIT, Change, Key, SetVar, StateEffect, TxKey, TxStore};

/// What is known of all rules.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// The rules that have to be asked.
    pub(crate) live: BitSet,
    /// `TX` as a transaction begins.
    pub(crate) start: TxStore,
    /// Rules that certainly match and set or skip something: all that was decided behind them depends on it.
    pub(crate) assumed: BitSet,
    /// What they set before its time, in order.
    early: Vec<Early>,
}

/// A member of `TX` that was set before its time.
#[derive(Debug)]
struct Early {
    step: Step,
    key: TxKey,
    value: Option<Box<[u8]>>,
}

/// A place in the order of all phases: the phase, then the position of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    pub(crate) phase: Phase,
    pub(crate) rule: u32,
}

/// The phases, in order.
pub(crate) const PHASES: [Phase; 5] =
    [Phase::RequestHeaders, Phase::RequestBody, Phase::ResponseHeaders, Phase::ResponseBody, Phase::Logging];

impl Folded {
    /// Nothing is decided: all rules but the removed ones are asked.
    pub(crate) fn nothing(program: &Program, start: TxStore, removed: &BitSet) -> Self {
        let mut live = BitSet::new(program.code().len());
        (0..program.code().len()).filter(|rule| !removed.contains(*rule)).for_each(|rule| live.insert(rule));
        Self { live, start, ..Self::default() }
    }

    /// Decides what can be decided. `start` is what a route sets, `pinned` which members no rule can change, and `open`
    /// which rules do not look at a member of `TX` on this route that they name.
    pub(crate) fn new(program: &Program, start: TxStore, pinned: &BitSet, removed: &BitSet, open: &BitSet) -> Self {
        let mut folding = Folding {
            program,
            known: Known::new(start.clone()),
            touched: Touched::default(),
            pinned,
            open,
            folded: Self { live: BitSet::new(program.code().len()), start, ..Self::default() },
        };
        // The engine sets it, whenever a search is given up.
        program.keys().find(BACKTRACK_LIMIT_HIT).into_iter().for_each(|key| folding.known.forget_key(key));
        for phase in PHASES {
            let mut next = 0;
            for index in program.phase(phase).iter().filter(|index| !removed.contains(*index)) {
                if index >= next
                    && let Some(rule) = program.code().get(index)
                    && let Some(landing) = folding.decide(Step { phase, rule: index as u32 }, rule)
                {
                    next = landing as usize;
                }
            }
        }
        folding.folded
    }

    /// Takes back what has been set for steps behind this one.
    pub(crate) fn undo_behind(&self, step: Step, store: &mut TxStore) {
        for (index, early) in self.early.iter().enumerate() {
            if early.step <= step {
                continue;
            }
            // INVARIANT: what is set early has not been written by a rule that ran before, so that the value before is one
            // that was set early as well, or none.
            let before = self.early.iter().take(index).rev().find(|it| it.key == early.key && it.step <= step);
            match before.and_then(|it| it.value.as_deref()) {
                Some(value) => store.assign(early.key, value),
                None => store.remove(early.key),
            }
        }
    }

    /// How many bytes it takes, about.
    pub(crate) fn size(&self) -> usize {
        let early = self.early.len() * size_of::<Early>()
            + self.early.iter().filter_map(|it| it.value.as_ref()).map(|value| value.len()).sum::<usize>();
        size_of_val(self.live.words()) + size_of_val(self.assumed.words()) + early + self.start.size()
    }
}

/// The state of the decision.
struct Folding<'p> {
    program: &'p Program,
    known: Known,
    touched: Touched,
    pinned: &'p BitSet,
    open: &'p BitSet,
    folded: Folded,
}

impl Folding<'_> {
    /// Decides one rule; where its phase goes on if it certainly skips.
    fn decide(&mut self, step: Step, rule: &Rule) -> Option<u32> {
        let index = step.rule as usize;
        let verdict = if self.open.contains(index) || self.program.undecided().contains(index) {
            Verdict::Perhaps
        } else {
            self.known.verdict(rule)
        };
        match verdict {
            Verdict::Never => None,
            Verdict::Perhaps => {
                self.folded.live.insert(step.rule as usize);
                self.touched.by(rule, self.program.keys());
                self.forget(rule);
                None
            }
            Verdict::Always => self.apply(step, rule),
        }
    }

    /// A rule certainly matches: its settings are known from here on.
    fn apply(&mut self, step: Step, rule: &Rule) -> Option<u32> {
        let sets = sets(rule);
        let early = sets.as_ref().is_some_and(|sets| is_quiet(rule) && self.can_be_early(sets));
        if !early {
            self.folded.live.insert(step.rule as usize);
            self.touched.by(rule, self.program.keys());
        }
        match sets {
            Some(sets) => sets.into_iter().for_each(|set| self.set(set, early.then_some(step))),
            None => self.forget(rule),
        }
        self.folded.assumed.insert(step.rule as usize);
        rule.landing
    }

    /// Whether what is set can be set before the transaction begins: nothing that runs has looked at it or set it.
    fn can_be_early(&self, sets: &[&SetVar]) -> bool {
        sets.iter().all(|set| match set.key {
            Key::Slot(key) => self.is_pinned(key) || (!self.touched.contains(key) && self.known.outcome(set).is_some()),
            Key::Fixed(_) | Key::Computed(_) => false,
        })
    }

    fn set(&mut self, set: &SetVar, early: Option<Step>) {
        let Key::Slot(key) = set.key else {
            self.known.forget(set, self.program.keys());
            return;
        };
        if self.is_pinned(key) {
            return;
        }
        let Some(outcome) = self.known.outcome(set) else {
            self.known.forget(set, self.program.keys());
            return;
        };
        self.known.assign(key, outcome.as_deref());
        if let Some(step) = early {
            match &outcome {
                Some(value) => self.folded.start.assign(key, value),
                None => self.folded.start.remove(key),
            }
            self.folded.early.push(Early { step, key, value: outcome.map(Into::into) });
        }
    }

    /// What a rule that may match sets is unknown from here on.
    fn forget(&mut self, rule: &Rule) {
        for link in &rule.links {
            if link.capture {
                (0..=9).filter_map(TxKey::capture).for_each(|key| self.known.forget_key(key));
            }
            let at_end = link.at_end.iter().filter_map(|effect| match effect {
                Effect::State(effect) => Some(effect),
                Effect::Control(_) | Effect::Sanitise(_) => None,
            });
            for effect in link.at_once.iter().chain(at_end) {
                if let StateEffect::Set(set) = effect
                    && !matches!(set.key, Key::Slot(key) if self.is_pinned(key))
                {
                    self.known.forget(set, self.program.keys());
                }
            }
        }
    }

    fn is_pinned(&self, key: TxKey) -> bool {
        self.pinned.contains(key.index())
    }
}

/// What a rule sets in `TX`, if it does nothing else.
fn sets(rule: &Rule) -> Option<Vec<&SetVar>> {
    let mut sets = Vec::new();
    for link in &rule.links {
        if link.capture || !link.at_end.is_empty() {
            return None;
        }
        // Each value that matches sets again: for sums it matters how many there are.
        let once = link.test.as_ref().is_none_or(|test| test.looks.len() == 1);
        for effect in &link.at_once {
            match effect {
                StateEffect::Set(set) if set.collection == Variable::Tx && (once || !is_sum(set)) => sets.push(set),
                _ => return None,
            }
        }
    }
    Some(sets)
}

const fn is_sum(set: &SetVar) -> bool {
    matches!(set.change, Change::Add(_) | Change::Subtract(_))
}

/// Whether nobody would notice a match but for what it sets and skips.
fn is_quiet(rule: &Rule) -> bool {
    !rule.is_heard() && rule.info.severity.is_none() && matches!(rule.disruptive, Disruptive::Pass)
}
