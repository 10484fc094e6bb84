//! What can be wrong with rules, and with what the policy asks of them.

use std::path::PathBuf;

use durward_seclang::ast::Place;

/// Something that is wrong with the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 where it is the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl RuleFault {
    pub(crate) fn new(place: &Place, message: impl Into<String>) -> Self {
        Self { file: PathBuf::from(&*place.file), line: place.line as usize, message: message.into() }
    }
}

/// Something that is wrong with what a section of the policy asks of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TuningFault {
    /// Where in the section.
    pub key: TuningKey,
    /// What is wrong.
    pub message: String,
    /// What is wrong with it right there.
    pub label: Option<String>,
    /// How to mend it.
    pub help: &'static str,
}

/// A key of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TuningKey {
    /// `paranoia`.
    Paranoia,
    /// `inbound_threshold`.
    InboundThreshold,
    /// `outbound_threshold`.
    OutboundThreshold,
    /// One of `exclude`, by its position, as a whole.
    Exclude(usize),
    /// Its `rule`.
    ExcludeRule(usize),
    /// Its `tag`.
    ExcludeTag(usize),
    /// Its `target`.
    ExcludeTarget(usize),
}
