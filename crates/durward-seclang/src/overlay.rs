//! What one route changes: a few bytes beside the shared program, not a second rule set.

use std::sync::Arc;

use crate::ast::{EngineMode, IdRange, Phase, Target, Variable};
use crate::program::Program;
use crate::program::fold::Folded;
use crate::program::selection::select;
use crate::report::RuleInfo;
use crate::scan::BitSet;
use crate::state::{Selected, TxKey, TxKeys, TxStore};

/// What a route asks for.
#[derive(Debug, Clone, Default)]
pub struct OverlaySpec {
    /// Instead of `SecRuleEngine`.
    pub mode: Option<EngineMode>,
    /// The paranoia level of the Core Rule Set that blocks, 1 to 4.
    pub paranoia_level: Option<u8>,
    /// The paranoia level that only reports; the blocking one if not given.
    pub detection_paranoia_level: Option<u8>,
    /// The anomaly score from which a request is blocked.
    pub inbound_threshold: Option<u32>,
    /// The anomaly score from which a response is blocked.
    pub outbound_threshold: Option<u32>,
    /// Further members of `TX`, lower-case name and value, as if set before the first rule; no rule can change them.
    pub variables: Vec<(Box<str>, Box<[u8]>)>,
    /// Rules that do not run.
    pub removed: Vec<RuleSelector>,
    /// Targets that rules do not look at.
    pub excluded: Vec<Exclusion>,
    /// How much work one transaction may cost.
    pub budget: Option<Budget>,
}

/// Which rules are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleSelector {
    /// By number.
    Ids(IdRange),
    /// By a tag, exactly.
    Tag(Box<str>),
    /// By the message as written, exactly.
    Message(Box<str>),
}

/// A target that rules do not look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Which rules.
    pub rules: RuleSelector,
    /// What they do not look at. Its role is not asked.
    pub target: Target,
}

/// How much work one transaction may cost, in bytes looked at times rules that look at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The limit.
    pub work: u64,
    /// What happens beyond it.
    pub outcome: BudgetOutcome,
}

/// What happens when the budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BudgetOutcome {
    /// The transaction is interrupted (unless the mode is `DetectionOnly`).
    #[default]
    Closed,
    /// No further rule runs; the transaction goes on, and says that it was not fully looked at.
    Open,
}

/// What a route changes, compiled against a program.
#[derive(Debug)]
pub struct Overlay {
    program: Arc<Program>,
    mode: EngineMode,
    budget: Option<Budget>,
    /// Rules that do not run.
    removed: BitSet,
    /// Rules that have excluded targets, and which.
    has_exclusions: BitSet,
    exclusions: Vec<(BitSet, Selected)>,
    /// Members of `TX` that no rule can change.
    pinned: BitSet,
    folded: Folded,
    /// What the scan looks for in phases 1 to 4, by position in its scanner.
    scanned: [BitSet; 4],
    scans: bool,
}

impl Overlay {
    /// Compiles what a route asks for.
    ///
    /// # Errors
    ///
    /// One message for each part of `spec` that names nothing in the program.
    pub fn new(program: &Arc<Program>, spec: &OverlaySpec) -> Result<Self, Vec<String>> {
        Self::compile(program, spec, true)
    }

    /// Like [`Self::new`], but nothing is decided before a request and nothing is scanned: every rule is interpreted. Slow;
    /// it is what the fast way is tested against.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn interpreted(program: &Arc<Program>, spec: &OverlaySpec) -> Result<Self, Vec<String>> {
        Self::compile(program, spec, false)
    }

    fn compile(program: &Arc<Program>, spec: &OverlaySpec, fast: bool) -> Result<Self, Vec<String>> {
        let mut errors = Vec::new();
        let (start, pinned) = variables(program, spec, &mut errors);
        let removed = removed(program, spec, &mut errors);
        let exclusions = exclusions(program, spec, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut has_exclusions = BitSet::new(program.rules().len());
        exclusions.iter().flat_map(|(rules, _)| rules.iter()).for_each(|rule| has_exclusions.insert(rule));
        let mut open = BitSet::new(program.rules().len());
        let of_tx = exclusions.iter().filter(|(_, target)| target.variable == Variable::Tx);
        of_tx.flat_map(|(rules, _)| rules.iter()).for_each(|rule| open.insert(rule));
        let folded = if fast {
            Folded::new(program, start, &pinned, &removed, &open)
        } else {
            Folded::nothing(program, start, &removed)
        };
        let nothing = BitSet::default();
        let wanted = if fast { &folded.live } else { &nothing };
        let scanned =
            [Phase::RequestHeaders, Phase::RequestBody, Phase::ResponseHeaders, Phase::ResponseBody].map(|phase| {
                program.sweep(phase).map(|sweep| sweep.positions(wanted, program.phase(phase))).unwrap_or_default()
            });
        Ok(Self {
            mode: spec.mode.unwrap_or(program.settings().engine),
            budget: spec.budget,
            program: Arc::clone(program),
            removed,
            has_exclusions,
            exclusions,
            pinned,
            folded,
            scanned,
            scans: fast,
        })
    }

    /// The program that it belongs to.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Whether rules run, and interrupt.
    #[must_use]
    pub const fn mode(&self) -> EngineMode {
        self.mode
    }

    /// How many bytes it takes beside the program, about.
    #[must_use]
    pub fn size(&self) -> usize {
        let sets = [&self.removed, &self.has_exclusions, &self.pinned].into_iter();
        let sets = sets.chain(&self.scanned).chain(self.exclusions.iter().map(|(rules, _)| rules));
        size_of::<Self>()
            + sets.map(|set| size_of_val(set.words())).sum::<usize>()
            + size_of_val(self.exclusions.as_slice())
            + self.folded.size()
    }

    /// The rules that have to be asked: all others were decided when the overlay was made.
    pub fn live_rules(&self) -> impl Iterator<Item = &Arc<RuleInfo>> {
        self.folded.live.iter().filter_map(|index| self.program.rules().get(index))
    }

    pub(crate) const fn budget(&self) -> Option<Budget> {
        self.budget
    }

    pub(crate) const fn removed(&self) -> &BitSet {
        &self.removed
    }

    pub(crate) const fn folded(&self) -> &Folded {
        &self.folded
    }

    pub(crate) fn is_pinned(&self, key: TxKey) -> bool {
        self.pinned.contains(key.index())
    }

    /// What a rule does not look at on this route.
    pub(crate) fn exclusions(&self, rule: u32) -> impl Iterator<Item = &Selected> {
        let any = self.has_exclusions.contains(rule as usize);
        let all = if any { self.exclusions.as_slice() } else { &[] };
        all.iter().filter(move |(rules, _)| rules.contains(rule as usize)).map(|(_, target)| target)
    }

    /// Whether the scan decides which rules are asked.
    pub(crate) const fn scans(&self) -> bool {
        self.scans
    }

    /// What the scan of a phase looks for.
    pub(crate) fn scanned(&self, phase: Phase) -> Option<&BitSet> {
        self.scanned.get(phase as usize - 1)
    }
}

/// `TX` as the route sets it, and which members it sets.
fn variables(program: &Program, spec: &OverlaySpec, errors: &mut Vec<String>) -> (TxStore, BitSet) {
    let (mut start, mut pinned) = (TxStore::default(), BitSet::default());
    let mut pin = |name: &str, value: &[u8]| {
        let key = program.keys().find(name.as_bytes());
        if let Some(key) = key {
            start.fix(key, value);
            pinned.insert(key.index());
        }
        key.is_some()
    };
    let detection = spec.detection_paranoia_level.or(spec.paranoia_level).map(u32::from);
    // The names of the Core Rule Set 4, then those of 3.
    for (what, names, value) in [
        ("paranoia level", ["blocking_paranoia_level", "paranoia_level"], spec.paranoia_level.map(u32::from)),
        ("detection paranoia level", ["detection_paranoia_level", "executing_paranoia_level"], detection),
        ("inbound threshold", ["inbound_anomaly_score_threshold"; 2], spec.inbound_threshold),
        ("outbound threshold", ["outbound_anomaly_score_threshold"; 2], spec.outbound_threshold),
    ] {
        if let Some(value) = value {
            let value = value.to_string();
            let pinned: Vec<bool> = names.iter().map(|name| pin(name, value.as_bytes())).collect();
            if !pinned.contains(&true) {
                errors.push(format!("no rule asks for the {what} (`TX:{}`)", names.join("` or `TX:")));
            }
        }
    }
    for (name, value) in &spec.variables {
        if !pin(&name.to_ascii_lowercase(), value) {
            errors.push(format!("no rule asks for `TX:{name}`"));
        }
    }
    (start, pinned)
}

fn removed(program: &Program, spec: &OverlaySpec, errors: &mut Vec<String>) -> BitSet {
    let mut removed = BitSet::new(program.rules().len());
    for selector in &spec.removed {
        named(program, selector, errors).iter().for_each(|rule| removed.insert(rule));
    }
    removed
}

fn exclusions(program: &Program, spec: &OverlaySpec, errors: &mut Vec<String>) -> Vec<(BitSet, Selected)> {
    // Keys of `TX` that only an exclusion names get numbers that nothing else has.
    let mut keys = TxKeys::clone(program.keys());
    let mut exclusions = Vec::new();
    for exclusion in &spec.excluded {
        let rules = named(program, &exclusion.rules, errors);
        match Selected::compile(exclusion.target.variable, &exclusion.target.selector, &mut keys) {
            Ok(target) => exclusions.push((rules, target)),
            Err(error) => errors.push(error),
        }
    }
    exclusions
}

/// The rules that a selector names; it is an error if it names none.
fn named(program: &Program, selector: &RuleSelector, errors: &mut Vec<String>) -> BitSet {
    let rules = select(program.rules(), selector);
    if rules.iter().next().is_none() {
        errors.push(match selector {
            RuleSelector::Ids(IdRange { first, last }) if first == last => {
                format!("no rule has the number {}", first.0)
            }
            RuleSelector::Ids(IdRange { first, last }) => {
                format!("no rule has a number from {} to {}", first.0, last.0)
            }
            RuleSelector::Tag(tag) => format!("no rule has the tag `{tag}`"),
            RuleSelector::Message(message) => format!("no rule has the message `{message}`"),
        });
    }
    rules
}
