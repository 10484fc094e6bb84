//! Flood: how fast one address may send.
//!
//! # What it stops
//! One source that uses up the gateway or the service by sheer number of requests (CWE-770, OWASP API4), and guessing of
//! credentials at speed, before any cryptography or rule engine has run.
//!
//! # How it decides
//! Each client address has a bucket of `burst` requests that refills at `rate`. IPv6 addresses count by their /64 network,
//! and an IPv4 address written as IPv6 counts as the IPv4 address. The count is the same for every path and every API.
//! Refused requests are not counted, so a source that slows down is served again at once.
//!
//! # Policy
//! ```toml
//! [flood]
//! rate  = "200/s"
//! burst = 400
//! mode  = "enforce"     # enforce | observe | off
//! ```
//!
//! # Reasons
//! `address-flooding`, with `Retry-After`.
//!
//! # Example
//! 401 requests from `192.0.2.7` within a millisecond: the last one is refused with 429 `address-flooding`.

use std::sync::Arc;
use std::time::Duration;

use durward_core::{Denial, Diagnostic, Diagnostics, Evidence, Mode, Rate, Reason, StageId, Verdict};
use durward_http::Clean;
use serde::{Deserialize, Serialize};

use crate::{Decision, LimitKey, Limiter, Quota, Subject};

/// The stage as written in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FloodConfig {
    /// How fast the allowance of one address refills.
    pub rate: Rate,
    /// How many requests one address may send at once.
    pub burst: u64,
    /// How strictly.
    pub mode: Mode,
}

impl Default for FloodConfig {
    fn default() -> Self {
        Self { rate: DEFAULT_RATE, burst: 400, mode: Mode::Enforce }
    }
}

/// Proof that the address is not flooding, or that floods are not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodPass(());

impl Evidence for FloodPass {}

/// The stage.
#[derive(Debug, Clone)]
pub struct FloodStage {
    // `None` when the control is off.
    gate: Option<Gate>,
    mode: Mode,
}

#[derive(Debug, Clone)]
struct Gate {
    quota: Quota,
    limiter: Arc<Limiter>,
}

impl FloodStage {
    /// Compiles the stage. The limiter outlives plans, so that a reload keeps the counts.
    ///
    /// # Errors
    /// When the burst is zero or would take over a century to refill.
    pub fn compile(config: FloodConfig, limiter: Arc<Limiter>) -> Result<Self, Diagnostics> {
        let FloodConfig { rate, burst, mode } = config;
        let quota = Quota::new(rate, burst).ok_or_else(|| {
            Diagnostic::error(format!("a burst of {burst} does not go with the rate `{rate}` of `flood`"))
                .help("write a burst of at least 1 that refills in a sensible time, such as `rate = \"200/s\"`, `burst = 400`")
        })?;
        let gate = match mode {
            Mode::Off => None,
            Mode::Enforce | Mode::Observe => Some(Gate { quota, limiter }),
        };
        Ok(Self { gate, mode })
    }

    /// How strictly, for the charter of the operations.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Judges the client address and counts the request.
    pub fn check(&self, clean: &Clean) -> Verdict<FloodPass> {
        let Some(gate) = &self.gate else { return Verdict::Pass(FloodPass(())) };
        let key = LimitKey { stage: StageId::Flood, limit: "", subject: Subject::address(clean.client()) };
        match gate.limiter.check(key, &gate.quota, 1, clean.facts().received()) {
            Decision::Allowed { .. } => Verdict::Pass(FloodPass(())),
            Decision::Denied { retry_after_seconds, .. } => {
                Verdict::deny(flooding().retry_after(retry_after_seconds), FloodPass(()))
            }
            Decision::Never => Verdict::deny(flooding(), FloodPass(())),
        }
    }
}

fn flooding() -> Denial {
    Denial::new(Reason::AddressFlooding)
}

const DEFAULT_RATE: Rate = match Rate::new(200, Duration::from_secs(1)) {
    Some(rate) => rate,
    None => unreachable!(),
};
