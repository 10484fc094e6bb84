//! Running the rules of one phase.

use std::sync::Arc;

use super::link::Subject;
use super::{Core, Hit, Scratch};
use crate::ast::{AllowSpan, EngineMode, Phase};
use crate::overlay::{BudgetOutcome, Overlay};
use crate::program::fold::Step;
use crate::program::rule::Disruptive;
use crate::program::{Program, Rule};
use crate::report::Reason;
use crate::scan::{BitSet, ScanValue};
use crate::state::{Persistence, StateEffect, ValueIndex};

/// Everything that rules of one phase work with.
pub(super) struct Machine<'t> {
    pub(super) overlay: &'t Overlay,
    pub(super) program: &'t Program,
    pub(super) persistence: &'t dyn Persistence,
    pub(super) core: &'t mut Core,
    pub(super) scratch: &'t mut Scratch,
}

/// Where a phase goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// With the next rule.
    Next,
    /// With the first rule at this position or behind it.
    At(u32),
    /// With no rule.
    End,
}

impl<'t> Machine<'t> {
    pub(super) fn new(
        overlay: &'t Overlay,
        persistence: &'t dyn Persistence,
        core: &'t mut Core,
        scratch: &'t mut Scratch,
    ) -> Self {
        Self { overlay, program: overlay.program(), persistence, core, scratch }
    }

    /// Runs a phase.
    pub(super) fn run(&mut self, phase: Phase) {
        if !self.scan(phase) {
            self.out_of_budget(phase);
            return;
        }
        self.note_limits();
        let mut position = 0;
        while let Some(index) = self.next_rule(phase, position) {
            let Some(rule) = self.program.rule(index) else { break };
            position = match self.run_rule(phase, index, rule) {
                Flow::Next => index + 1,
                Flow::At(landing) => landing.max(index + 1),
                Flow::End => break,
            };
            self.note_limits();
            if self.core.budget.is_spent() && phase != Phase::Logging {
                self.out_of_budget(phase);
                break;
            }
        }
        if self.core.allowed == Some(AllowSpan::Phase) {
            self.core.allowed = None;
        }
    }

    /// Tells the rules that a search was given up.
    fn note_limits(&mut self) {
        if self.scratch.scan.seen.take_limit_exceeded() {
            self.core.state.set_backtrack_limit_hit();
        }
    }

    /// Looks for the rules of this phase, and of the next if that looks at the same values, in all values that are new.
    fn scan(&mut self, phase: Phase) -> bool {
        let (Some(sweep), Some(live)) = (self.program.sweep(phase), self.overlay.scanned(phase)) else { return true };
        if self.core.unfolded {
            return true;
        }
        let first = matches!(phase, Phase::RequestHeaders | Phase::ResponseHeaders);
        let later = if first { self.overlay.scanned(next(phase)) } else { None };
        let mut both = BitSet::default();
        let live = match later {
            None => live,
            Some(later) => {
                both.clone_from(live);
                later.iter().for_each(|position| both.insert(position));
                &both
            }
        };
        let scratch = &mut *self.scratch;
        scratch.found.clear();
        let state = &self.core.state;
        let (from, to) = (self.core.scanned, state.stored_len());
        let values = (from..to).filter_map(|index| state.stored(ValueIndex(index))).map(|stored| ScanValue {
            variable: stored.variable,
            name: stored.name,
            value: stored.value,
        });
        let enough = sweep.scanner.scan(values, live, &mut scratch.scan, &mut self.core.budget, &mut scratch.found);
        self.core.scanned = to;
        for found in &scratch.found {
            if let Some(rule) = sweep.rule(found.rule) {
                self.core.hits.push(Hit { rule, value: ValueIndex(from + found.value) });
                self.core.hit_rules.insert(rule as usize);
            }
        }
        self.core.hits.sort_unstable();
        enough
    }

    /// The next rule that has to be asked.
    fn next_rule(&self, phase: Phase, from: u32) -> Option<u32> {
        let core = &*self.core;
        let live = core.live.as_ref().unwrap_or(&self.overlay.folded().live).words();
        let phase = self.program.phase(phase).words();
        let unscanned = self.program.unscanned().words();
        let hits = core.hit_rules.words();
        let word = |words: &[u64], at: usize| words.get(at).copied().unwrap_or_default();
        let (first, bit) = (from as usize / 64, from % 64);
        for at in first..phase.len() {
            let asked =
                if core.unfolded || !self.overlay.scans() { u64::MAX } else { word(unscanned, at) | word(hits, at) };
            let mut bits = word(live, at) & word(phase, at) & asked;
            if at == first {
                bits &= u64::MAX << bit;
            }
            if bits != 0 {
                return Some((at * 64) as u32 + bits.trailing_zeros());
            }
        }
        None
    }

    /// The values in which the scan found a rule; `None` if it did not look for it.
    fn hits(&self, index: u32) -> Option<std::ops::Range<usize>> {
        let core = &*self.core;
        if core.unfolded || !self.overlay.scans() || self.program.unscanned().contains(index as usize) {
            return None;
        }
        let start = core.hits.partition_point(|hit| hit.rule < index);
        let end = core.hits.partition_point(|hit| hit.rule <= index);
        Some(start..end)
    }

    fn run_rule(&mut self, phase: Phase, index: u32, rule: &'t Rule) -> Flow {
        self.scratch.evidence.clear();
        self.scratch.matched_any = false;
        let additions = self.core.additions.len();
        let subject = Subject::new(self, index, rule);
        for (number, link) in rule.links.iter().enumerate() {
            let holds = match &link.test {
                None => {
                    self.at_once(&subject, link);
                    true
                }
                Some(test) => {
                    let hits = if number == 0 { self.hits(index) } else { None };
                    self.look(&subject, number as u16, link, test, hits)
                }
            };
            if !holds {
                return Flow::Next;
            }
        }
        self.conclude(Step { phase, rule: index }, rule, additions)
    }

    /// The whole chain holds.
    fn conclude(&mut self, step: Step, rule: &'t Rule, additions: usize) -> Flow {
        if let Some(severity) = rule.info.severity {
            self.core.state.raise_severity(severity);
        }
        for (number, link) in rule.links.iter().enumerate().rev() {
            for (at, effect) in link.at_end.iter().enumerate() {
                let place = super::Masked::Target { rule: step.rule, link: number as u16, effect: at as u16 };
                self.at_end(step, effect, place);
            }
        }
        if rule.is_heard() {
            self.record(step.rule, rule, additions);
        }
        if self.core.mode == EngineMode::Off {
            self.unfold(step);
            return Flow::End;
        }
        if self.disrupt(step, rule) {
            return Flow::End;
        }
        match rule.landing {
            Some(landing) => {
                self.skipped(step, landing);
                Flow::At(landing)
            }
            None => Flow::Next,
        }
    }

    /// Does what the rule wants done to the request; true if the phase ends.
    fn disrupt(&mut self, step: Step, rule: &Rule) -> bool {
        if self.core.mode != EngineMode::On
            || (step.phase == Phase::Logging && !matches!(rule.disruptive, Disruptive::Allow(_)))
        {
            return false;
        }
        match &rule.disruptive {
            Disruptive::Pass => return false,
            Disruptive::Allow(span) => self.core.allowed = Some(*span),
            Disruptive::Deny | Disruptive::Drop | Disruptive::Redirect(_) => {
                self.interrupt(step, rule);
            }
        }
        self.unfold(step);
        true
    }

    /// A rule has skipped others: what was decided in advance may not hold any more.
    fn skipped(&mut self, step: Step, landing: u32) {
        if self.core.unfolded {
            return;
        }
        let folded = self.overlay.folded();
        if folded.assumed.contains(step.rule as usize) {
            // This very skip was expected.
            return;
        }
        let phase = self.program.phase(step.phase);
        let between = folded.assumed.iter().skip_while(|rule| *rule <= step.rule as usize);
        let mut between = between.take_while(|rule| *rule < landing as usize).filter(|rule| phase.contains(*rule));
        let matters = |rule: usize| {
            self.program.rule(rule as u32).is_none_or(|rule| {
                rule.landing.is_some_and(|its| its > landing) || rule.links.iter().any(|link| !link.at_once.is_empty())
            })
        };
        if between.any(matters) {
            self.unfold(step);
        }
    }

    /// From here on nothing is taken as decided: every rule that has not been removed is asked.
    pub(super) fn unfold(&mut self, step: Step) {
        let core = &mut *self.core;
        if core.unfolded {
            return;
        }
        core.unfolded = true;
        self.overlay.folded().undo_behind(step, core.state.tx_mut());
        let mut live = BitSet::new(self.program.code().len());
        for rule in 0..self.program.code().len() {
            if !self.overlay.removed().contains(rule) && !core.removed.contains(rule) {
                live.insert(rule);
            }
        }
        core.live = Some(live);
    }

    fn out_of_budget(&mut self, phase: Phase) {
        self.core.incomplete = true;
        match self.overlay.budget().map(|budget| budget.outcome) {
            Some(BudgetOutcome::Closed) => self.core.refuse(phase, FORBIDDEN, Reason::Budget),
            Some(BudgetOutcome::Open) | None => {}
        }
    }

    /// `setvar`, with a value that matches.
    pub(super) fn at_once(&mut self, subject: &Subject<'t>, link: &'t crate::program::rule::Link) {
        for effect in &link.at_once {
            match effect {
                StateEffect::Set(set) if super::sum::is_sum(set) => self.add(subject, effect, set),
                StateEffect::Set(set) if self.is_pinned(set) => {}
                _ => self.core.state.perform(effect, &subject.rule.fields, self.persistence),
            }
        }
    }

    pub(super) fn map(&self) -> Option<&'t crate::transform::UnicodeMap> {
        self.program.settings().unicode_map.as_ref().map(Arc::as_ref)
    }
}

const fn next(phase: Phase) -> Phase {
    match phase {
        Phase::RequestHeaders => Phase::RequestBody,
        Phase::RequestBody => Phase::ResponseHeaders,
        Phase::ResponseHeaders => Phase::ResponseBody,
        Phase::ResponseBody | Phase::Logging => Phase::Logging,
    }
}

pub(super) const FORBIDDEN: u16 = 403;
