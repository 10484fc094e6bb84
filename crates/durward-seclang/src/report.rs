//! What a transaction found, and why it was ended.

use std::fmt;
use std::sync::Arc;

use crate::ast::{Phase, Place, RuleId, Variable};

/// What is known of a rule before any request: shared by all of its matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// Its number.
    pub id: RuleId,
    /// When it runs.
    pub phase: Phase,
    /// Where it begins.
    pub place: Place,
    /// `severity`, 0 (emergency) to 7 (debug).
    pub severity: Option<u8>,
    /// `ver`.
    pub version: Option<Box<str>>,
    /// `rev`.
    pub revision: Option<Box<str>>,
    /// `maturity`.
    pub maturity: Option<u8>,
    /// `accuracy`.
    pub accuracy: Option<u8>,
    /// `msg` as written, macros included.
    pub message: Box<str>,
    /// `tag` as written, macros included.
    pub tags: Vec<Box<str>>,
    /// Whether a match is written to the error log.
    pub log: bool,
    /// Whether a match makes the request relevant for the audit log.
    pub audit: bool,
}

/// A rule that matched and wants to be heard of (`log` or `auditlog`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// `msg` with its macros expanded.
    pub message: Vec<u8>,
    /// `logdata` with its macros expanded.
    pub log_data: Vec<u8>,
    /// `tag` with its macros expanded, in order.
    pub tags: Arc<[Vec<u8>]>,
    /// What each link of the chain saw: at least one entry for each link that has a condition.
    pub evidence: Vec<Evidence>,
    /// Whether the rule asked to end the transaction. It did not if the mode was `DetectionOnly`.
    pub disruptive: bool,
}

impl Match {
    /// The number of the rule.
    #[must_use]
    pub fn id(&self) -> RuleId {
        self.rule.id
    }
}

/// One value that satisfied one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which link of the chain, from 0.
    pub link: u16,
    /// Where the value comes from.
    pub variable: Variable,
    /// Which member, if the variable is a collection.
    pub key: Vec<u8>,
    /// The value as it came, at most [`Evidence::KEPT`] bytes of it.
    pub value: Vec<u8>,
    /// What the operator saw, after the transformations, at most [`Evidence::KEPT`] bytes of it; empty if equal to `value`.
    pub transformed: Vec<u8>,
    /// The bytes that the operator named as its match, at most [`Evidence::KEPT`] of them; empty if it names none.
    pub matched: Vec<u8>,
    /// Whether the value is masked in reports (`sanitiseArg` and its like). The fields above are then empty.
    pub masked: bool,
}

impl Evidence {
    /// How many bytes of each value a report keeps.
    pub const KEPT: usize = 1024;
}

/// Why a transaction ends here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// What happens to the request.
    pub action: Action,
    /// The status of the answer, if there is one.
    pub status: u16,
    /// The phase in which it happened.
    pub phase: Phase,
    /// What asked for it.
    pub reason: Reason,
}

impl Interruption {
    /// The number of the rule that asked for it, if a rule did.
    #[must_use]
    pub fn rule(&self) -> Option<RuleId> {
        match &self.reason {
            Reason::Rule { info, .. } => Some(info.id),
            Reason::RequestBodyLimit | Reason::ResponseBodyLimit | Reason::Budget => None,
        }
    }
}

/// What happens to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is answered with the status.
    Deny,
    /// The connection is closed without an answer.
    Drop,
    /// The client is sent to this place.
    Redirect(Vec<u8>),
}

/// What asked for an interruption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A rule.
    Rule {
        /// Which.
        info: Arc<RuleInfo>,
        /// `msg` with its macros expanded.
        message: Vec<u8>,
        /// If the rule compared sums: what they were made of, in order.
        sum: Vec<Part>,
    },
    /// The request content is larger than `SecRequestBodyLimit`, or without its files than `SecRequestBodyNoFilesLimit`, and
    /// `SecRequestBodyLimitAction` is `Reject`.
    RequestBodyLimit,
    /// The response content is larger than `SecResponseBodyLimit` and `SecResponseBodyLimitAction` is `Reject`.
    ResponseBodyLimit,
    /// The work budget is used up and its outcome is to fail closed.
    Budget,
}

/// What one rule added to the sum that a blocking rule compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// Which entry of the matches it is, if the rule wants to be heard of.
    pub index: Option<usize>,
    /// How much it added.
    pub amount: i64,
}

impl fmt::Display for Interruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Rule { info, message, sum } => {
                write!(f, "rule {} at {}: {}", info.id.0, info.place, String::from_utf8_lossy(message))?;
                for (index, part) in sum.iter().enumerate() {
                    write!(f, "{}{} by {}", if index == 0 { ": " } else { ", " }, part.amount, part.rule.id.0)?;
                }
                Ok(())
            }
            Reason::RequestBodyLimit => f.write_str("the request content is larger than the limit"),
            Reason::ResponseBodyLimit => f.write_str("the response content is larger than the limit"),
            Reason::Budget => f.write_str("the work budget is used up"),
        }
    }
}
