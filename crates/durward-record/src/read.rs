//! A line of the log as a reader gets it back.

use durward_core::Reason;
use serde::{Deserialize, Serialize};

use crate::Entry;

/// One request in the log. The fields are those of the crate's documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the table in the crate documentation describes each field once")]
pub struct RecordLine {
    pub seq: u64,
    pub time: String,
    pub id: String,
    pub client: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub query: Vec<String>,
    pub api: Option<String>,
    pub operation: Option<String>,
    pub template: Option<String>,
    pub caller: Option<LineCaller>,
    pub credentials: Vec<LineCredential>,
    pub status: u16,
    pub reason: Option<String>,
    pub stage: Option<String>,
    pub upstream_status: Option<u16>,
    pub trail: Vec<LineStep>,
    pub firewall: Vec<LineFinding>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub micros: LineMicros,
    pub http: String,
    pub tls: Option<String>,
    pub flags: Vec<String>,
}

/// Who a request is from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineCaller {
    /// `anonymous`, `client` or `user`.
    pub kind: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The identity within the issuer.
    pub subject: String,
}

/// A credential that verified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineCredential {
    /// The security scheme it satisfies.
    pub scheme: String,
    /// Its public name.
    pub id: Option<String>,
}

/// What one stage did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineStep {
    /// The stage.
    pub stage: String,
    /// `passed`, `denied`, `would-deny`, `off`, `failed` or `masked`.
    pub outcome: String,
    /// The reason code.
    pub reason: Option<String>,
    /// The place in the policy or contract.
    pub rule: Option<String>,
    /// Private detail.
    pub detail: Option<String>,
    /// What the caller was told.
    pub told: Vec<Told>,
}

/// One thing the caller was told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The place in the request.
    pub at: String,
    /// What was expected there.
    pub expected: String,
}

/// A rule of the firewall that matched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineFinding {
    /// Its number.
    pub rule: u64,
    /// What it says.
    pub message: String,
    /// The file and the line where it is written.
    pub place: String,
    /// What it added to the score that refused the request.
    pub score: Option<i64>,
    /// What it looked at.
    pub seen: Vec<LineSighting>,
}

/// A value that satisfied a rule of the firewall.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineSighting {
    /// Where the value stands, as rules name it.
    pub at: String,
    /// The part of it that matched; absent where it may be a secret.
    pub matched: Option<String>,
    /// What the rule looked at, where that is not what came.
    pub decoded: Option<String>,
}

/// Times in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LineMicros {
    /// Deciding.
    pub admit: u64,
    /// Waiting for the head of the upstream's answer.
    pub upstream: Option<u64>,
    /// From the complete head to the last byte.
    pub total: u64,
}

impl RecordLine {
    /// The line an entry would become, for `explain`, which has no log. Its `seq` is zero.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let mut bytes = Vec::new();
        crate::line::Lines::default().entry(&mut bytes, 0, entry);
        // What the line writer makes is read back by a test for every hostile text; an empty line is the honest rest.
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The reason, if this version of Durward knows its code.
    #[must_use]
    pub fn known_reason(&self) -> Option<Reason> {
        self.reason.as_deref().and_then(Reason::from_code)
    }
}
