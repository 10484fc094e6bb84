//! The rule set compiled: immutable, shared by all routes and threads.
//!
//! A [`Program`] holds every rule with its names resolved to numbers, its patterns shared and its skips turned into
//! positions. What a route changes is beside it, in an [`Overlay`](crate::overlay::Overlay).

mod compile;
pub(crate) mod fold;
mod landing;
pub(crate) mod rule;
pub(crate) mod selection;
mod sweep;
mod undecided;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ast::{Phase, Place, RuleId, RuleSet, Settings};
use crate::report::RuleInfo;
use crate::scan::BitSet;
use crate::state::{Selected, StateSettings, TxKeys};

pub(crate) use rule::Rule;
pub(crate) use sweep::Sweep;

/// A compiled rule set.
#[derive(Debug)]
pub struct Program {
    /// Differs from that of every other program of the process: working memory belongs to one program.
    number: u64,
    settings: Settings,
    state_settings: Arc<StateSettings>,
    infos: Vec<Arc<RuleInfo>>,
    rules: Vec<Rule>,
    keys: Arc<TxKeys>,
    /// The rules that each `ctl:ruleRemove*` and `ctl:ruleRemoveTarget*` names.
    removals: Vec<BitSet>,
    /// What each `ctl:ruleRemoveTarget*` names.
    exclusions: Vec<Selected>,
    /// The rules of each phase.
    phases: [BitSet; 5],
    /// The scan of phases 1 and 2, and that of phases 3 and 4.
    sweeps: [Sweep; 2],
    /// Rules that no scan looks for: they are always asked.
    unscanned: BitSet,
    /// Rules of which nothing is decided before a request.
    undecided: BitSet,
}

impl Program {
    /// Compiles a rule set.
    ///
    /// # Errors
    ///
    /// Every rule whose operator, pattern or target cannot be compiled.
    pub fn compile(rules: RuleSet) -> Result<Self, Vec<CompileError>> {
        compile::compile(rules)
    }

    fn assemble(settings: Settings, parts: compile::Parts) -> Self {
        let compile::Parts { infos, rules, keys, removals, exclusions } = parts;
        let mut phases: [BitSet; 5] = std::array::from_fn(|_| BitSet::new(rules.len()));
        for (index, rule) in rules.iter().enumerate() {
            if let Some(phase) = phases.get_mut(rule.info.phase as usize - 1) {
                phase.insert(index);
            }
        }
        let sweeps = [[Phase::RequestHeaders, Phase::RequestBody], [Phase::ResponseHeaders, Phase::ResponseBody]]
            .map(|phases| Sweep::new(&rules, phases, settings.unicode_map.as_ref()));
        let mut unscanned = BitSet::new(rules.len());
        for index in 0..rules.len() {
            if !sweeps.iter().any(|sweep| sweep.contains(index as u32)) {
                unscanned.insert(index);
            }
        }
        let undecided = undecided::rules(&rules, &removals, &exclusions);
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            state_settings: Arc::new(StateSettings::from(&settings)),
            settings,
            infos,
            rules,
            keys: Arc::new(keys),
            removals,
            exclusions,
            phases,
            sweeps,
            unscanned,
            undecided,
        }
    }

    /// The settings beside the rules.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Arc<RuleInfo>] {
        &self.infos
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) const fn state_settings(&self) -> &Arc<StateSettings> {
        &self.state_settings
    }

    pub(crate) fn code(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn rule(&self, index: u32) -> Option<&Rule> {
        self.rules.get(index as usize)
    }

    pub(crate) const fn keys(&self) -> &Arc<TxKeys> {
        &self.keys
    }

    pub(crate) fn removal(&self, index: u32) -> Option<&BitSet> {
        self.removals.get(index as usize)
    }

    pub(crate) fn exclusion(&self, index: u32) -> Option<&Selected> {
        self.exclusions.get(index as usize)
    }

    pub(crate) fn phase(&self, phase: Phase) -> &BitSet {
        let [first, second, third, fourth, fifth] = &self.phases;
        match phase {
            Phase::RequestHeaders => first,
            Phase::RequestBody => second,
            Phase::ResponseHeaders => third,
            Phase::ResponseBody => fourth,
            Phase::Logging => fifth,
        }
    }

    /// The scan that finds the rules of a phase.
    pub(crate) fn sweep(&self, phase: Phase) -> Option<&Sweep> {
        let [request, response] = &self.sweeps;
        match phase {
            Phase::RequestHeaders | Phase::RequestBody => Some(request),
            Phase::ResponseHeaders | Phase::ResponseBody => Some(response),
            Phase::Logging => None,
        }
    }

    pub(crate) const fn unscanned(&self) -> &BitSet {
        &self.unscanned
    }

    pub(crate) const fn undecided(&self) -> &BitSet {
        &self.undecided
    }
}

/// A rule that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Where.
    pub place: Place,
    /// Which rule.
    pub rule: RuleId,
    /// Why.
    pub message: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: rule {}: {}", self.place, self.rule.0, self.message)
    }
}

impl std::error::Error for CompileError {}
