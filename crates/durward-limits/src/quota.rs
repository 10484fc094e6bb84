//! Quota: how much one caller may do.
//!
//! # What it stops
//! One caller that takes more than its share: scraping, enumeration, runaway clients (CWE-770, OWASP API4 and API6).
//!
//! # How it decides
//! Every limit keeps a bucket per subject: `burst` requests at once, refilled at `rate`. The subject is the caller that
//! was proved, or the client address of one who did not say who it is; IPv6 addresses count by their /64 network. A request
//! is counted by all limits that it must meet, or, when one of them denies it, by none. A limit that only observes neither
//! refuses nor hides what the others say. Counts belong to the name of a limit: they are the same for every spelling of a
//! path, and a reload keeps them also when `rate` or `burst` change.
//!
//! # Policy
//! ```toml
//! [limits.caller]
//! rate  = "60/min"
//! burst = 60            # default: the count of the rate, at most 100 or one second's worth
//! by    = "caller"      # caller (default; the address when anonymous) | address
//! mode  = "enforce"     # enforce | observe | off
//! ```
//!
//! # Reasons
//! `rate-exceeded`, with `Retry-After`. Requests that pass carry `RateLimit` and `RateLimit-Policy` in their answer.
//!
//! # Example
//! 61 requests of one caller within a second under `rate = "60/min"`: the last one is refused with 429 `rate-exceeded`,
//! `Retry-After: 1`.

use std::sync::Arc;

use durward_core::{
    Caller, Denial, Diagnostic, Diagnostics, Mode, PolicyPlace, Rate, RateTicket, Reason, StageId, Verdict,
};
use durward_http::Clean;
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::headers::{is_name, rate_limit_policy};
use crate::{Claim, Decision, LimitKey, Limiter, Quota, Subject};

/// One limit as written in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitConfig {
    /// Whom it counts.
    #[serde(default)]
    pub by: LimitBy,
    /// How fast the allowance refills.
    pub rate: Rate,
    /// How many requests at once; without it [`LimitConfig::burst_or_default`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// How strictly.
    #[serde(default)]
    pub mode: Mode,
}

/// Whom a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitBy {
    /// The caller that was proved, or the address of one who did not say who it is.
    #[default]
    Caller,
    /// The client address.
    Address,
}

impl LimitConfig {
    /// The burst that is written, or the count of the rate, but not more than 100 or, where that is more, what the rate
    /// gives in one second: `8000/day` does not mean eight thousand at once.
    #[must_use]
    pub fn burst_or_default(&self) -> u64 {
        let per_second = u128::from(self.rate.count()) * 1_000_000_000 / self.rate.period().as_nanos().max(1);
        let cap = u64::try_from(per_second).unwrap_or(u64::MAX).max(DEFAULT_BURST);
        self.burst.unwrap_or_else(|| self.rate.count().min(cap))
    }
}

/// The stage: the limits of one operation.
#[derive(Debug, Clone)]
pub struct QuotaStage {
    enforced: Box<[Limit]>,
    observed: Box<[Limit]>,
    policy: Option<HeaderValue>,
    limiter: Arc<Limiter>,
}

#[derive(Debug, Clone)]
struct Limit {
    name: Arc<str>,
    by: LimitBy,
    quota: Quota,
    place: PolicyPlace,
}

impl QuotaStage {
    /// Compiles the limits of one operation. The limiter outlives plans, so that a reload keeps the counts.
    ///
    /// # Errors
    /// A name that cannot stand in a header field or is given twice, and a burst that does not go with its rate.
    pub fn compile(
        limits: Vec<(Arc<str>, LimitConfig, PolicyPlace)>,
        limiter: Arc<Limiter>,
    ) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::new();
        let (mut enforced, mut observed) = (Vec::<Limit>::new(), Vec::<Limit>::new());
        for (name, config, place) in limits {
            if enforced.iter().chain(&observed).any(|limit| limit.name == name) {
                found.push(
                    Diagnostic::error(format!("the limit `{name}` is given twice")).help("give each its own name"),
                );
            }
            match (Limit::compile(name, &config, place), config.mode) {
                (Ok(limit), Mode::Enforce) => enforced.push(limit),
                (Ok(limit), Mode::Observe) => observed.push(limit),
                (Ok(_), Mode::Off) => {}
                (Err(diagnostic), _) => found.push(diagnostic),
            }
        }
        if found.has_errors() {
            return Err(found);
        }
        let policy = rate_limit_policy(enforced.iter().map(|limit| (&*limit.name, limit.quota)));
        Ok(Self { enforced: enforced.into(), observed: observed.into(), policy, limiter })
    }

    /// A refused caller is told its limits, as one that was served is.
    fn told(&self, denial: Denial, ticket: &RateTicket) -> Denial {
        let text = |value: &HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
        match (crate::rate_limit(ticket), &self.policy) {
            (Some(limit), Some(policy)) => {
                denial.field("ratelimit", text(&limit)).field("ratelimit-policy", text(policy))
            }
            _ => denial,
        }
    }

    /// The strictest mode of its limits, for the charter of the operation; `Off` without any.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        match (self.enforced.is_empty(), self.observed.is_empty()) {
            (false, _) => Mode::Enforce,
            (true, false) => Mode::Observe,
            (true, true) => Mode::Off,
        }
    }

    /// The value of `RateLimit-Policy`: the enforced limits. `None` without any.
    #[must_use]
    pub const fn policy(&self) -> Option<&HeaderValue> {
        self.policy.as_ref()
    }

    /// Judges a request by all limits and counts it if the enforced ones let it pass.
    pub fn check(&self, caller: &Caller, clean: &Clean) -> Verdict<RateTicket> {
        let now = clean.facts().received();
        let decisions = self.limiter.check_all(self.enforced.iter().map(|limit| limit.claim(caller, clean)), now);
        let ticket = ticket(&self.enforced, &decisions);
        if let Some(denial) = denial(&self.enforced, &decisions) {
            return Verdict::deny(self.told(denial, &ticket), ticket);
        }
        // Each on its own: a limit that only observes must not change what another one sees.
        let decisions: Vec<Decision> = self
            .observed
            .iter()
            .map(|limit| limit.claim(caller, clean))
            .map(|claim| self.limiter.check(claim.key, &claim.quota, claim.cost, now))
            .collect();
        match denial(&self.observed, &decisions) {
            Some(denial) => Verdict::deny(denial.observed(), ticket),
            None => Verdict::Pass(ticket),
        }
    }
}

impl Limit {
    fn compile(name: Arc<str>, config: &LimitConfig, place: PolicyPlace) -> Result<Self, Diagnostic> {
        if !is_name(&name) {
            return Err(Diagnostic::error(format!("`{name}` cannot be the name of a limit"))
                .help("callers read it in `RateLimit`: use up to 64 letters, digits, `-`, `_` and `.`"));
        }
        let burst = config.burst_or_default();
        let quota = Quota::new(config.rate, burst).ok_or_else(|| {
            Diagnostic::error(format!(
                "a burst of {burst} does not go with the rate `{}` of the limit `{name}`",
                config.rate
            ))
            .help("write a burst of at least 1 that refills in a sensible time")
        })?;
        Ok(Self { name, by: config.by, quota, place })
    }

    fn claim<'a>(&'a self, caller: &'a Caller, clean: &Clean) -> Claim<'a> {
        let subject = match self.by {
            LimitBy::Caller => Subject::caller(caller, clean.client()),
            LimitBy::Address => Subject::address(clean.client()),
        };
        Claim { key: LimitKey { stage: StageId::Quota, limit: &self.name, subject }, quota: self.quota, cost: 1 }
    }
}

/// What the headers say, tightest first.
fn ticket(limits: &[Limit], decisions: &[Decision]) -> RateTicket {
    let mut ticket = RateTicket::default();
    ticket.limits.extend(limits.iter().zip(decisions).map(|(limit, decision)| {
        let (remaining, seconds) = match *decision {
            Decision::Allowed { remaining, reset_seconds } => (remaining, reset_seconds),
            Decision::Denied { retry_after_seconds, remaining } => (remaining, retry_after_seconds),
            Decision::Never => (0, u32::MAX),
        };
        (Arc::clone(&limit.name), remaining, seconds)
    }));
    ticket.limits.sort_by(|(_, a, wait_a), (_, b, wait_b)| a.cmp(b).then(wait_b.cmp(wait_a)));
    ticket
}

/// The denial of the limit that asks for the longest wait: earlier, the request would only be denied again.
fn denial(limits: &[Limit], decisions: &[Decision]) -> Option<Denial> {
    let denied = limits.iter().zip(decisions).filter_map(|(limit, decision)| match decision {
        Decision::Allowed { .. } => None,
        Decision::Denied { retry_after_seconds, .. } => Some((limit, *retry_after_seconds)),
        Decision::Never => Some((limit, u32::MAX)),
    });
    let (limit, wait) = denied.max_by_key(|(_, wait)| *wait)?;
    Some(
        Denial::new(Reason::RateExceeded)
            .detail(format!("limit `{}`", limit.name))
            .rule(limit.place.clone())
            .retry_after(wait),
    )
}

const DEFAULT_BURST: u64 = 100;
