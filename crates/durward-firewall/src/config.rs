//! The firewall as written in the policy.

use durward_core::Mode;
use serde::{Deserialize, Serialize};

/// The firewall of the whole gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirewallConfig {
    /// How strictly; the `modes` of an API or an operation decide for their own.
    pub mode: Mode,
    /// Where the rules come from, in order: `builtin`, folders of the Core Rule Set, rule files.
    pub rules: Vec<String>,
    /// The paranoia level, 1 to 4; without it, what the rules say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paranoia: Option<u8>,
    /// The anomaly score from which a request is refused; without it, what the rules say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_threshold: Option<u32>,
    /// The anomaly score from which an answer is refused; without it, what the rules say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound_threshold: Option<u32>,
    /// Whether the content of text answers is held back and looked at.
    pub responses: bool,
    /// Whether values that the contract has proven to be numbers, identifiers, dates or members of a list are left out.
    pub skip_proven: bool,
    /// How much work one request may cost.
    pub work: WorkConfig,
    /// What rules do not look at, in every operation.
    pub exclude: Vec<ExcludeConfig>,
}

impl Default for FirewallConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            rules: vec!["builtin".to_owned()],
            paranoia: None,
            inbound_threshold: None,
            outbound_threshold: None,
            responses: false,
            skip_proven: true,
            work: WorkConfig::default(),
            exclude: Vec::new(),
        }
    }
}

/// How much work one request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkConfig {
    /// The limit, in bytes looked at times rules that look at them.
    pub limit: u64,
    /// What happens beyond it.
    pub beyond: WorkOutcome,
}

impl Default for WorkConfig {
    fn default() -> Self {
        Self { limit: 1_000_000_000, beyond: WorkOutcome::Refuse }
    }
}

/// What happens to a request that costs too much work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkOutcome {
    /// It is refused.
    #[default]
    Refuse,
    /// It goes on, and the rest of it is not looked at.
    Pass,
}

/// What one API or one operation does differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TuningConfig {
    /// The paranoia level, 1 to 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paranoia: Option<u8>,
    /// The anomaly score from which a request is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound_threshold: Option<u32>,
    /// The anomaly score from which an answer is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound_threshold: Option<u32>,
    /// What rules do not look at, beside what the wider sections exclude.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<ExcludeConfig>,
}

/// A rule, or all rules of a tag, and what they do not look at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludeConfig {
    /// The number of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<u64>,
    /// A tag of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What they do not look at, as rules write it: `ARGS:q`, `REQUEST_HEADERS:/^x-/`. Without it they do not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}
