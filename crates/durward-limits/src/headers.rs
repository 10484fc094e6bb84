//! The `RateLimit` and `RateLimit-Policy` fields (draft-ietf-httpapi-ratelimit-headers): lists of quoted names with integer
//! parameters. Without the partition key parameter, which would show whom a limit counts.

use std::fmt::Write as _;

use durward_core::RateTicket;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Quota, QuotaStage};

/// `RateLimit`: per limit what is left and the seconds until more is there, tightest first. `None` without limits.
#[must_use]
pub fn rate_limit(ticket: &RateTicket) -> Option<HeaderValue> {
    let items = ticket.limits.iter().map(|(name, remaining, seconds)| {
        let mut item = quoted(name);
        let _ = write!(item, ";r={};t={seconds}", remaining.min(&LARGEST));
        item
    });
    field(items)
}

/// Sets both fields in an answer. What the service said in them is replaced; without limits it stays.
pub fn write_headers(stage: &QuotaStage, ticket: &RateTicket, headers: &mut HeaderMap) {
    if let (Some(policy), Some(limit)) = (stage.policy(), rate_limit(ticket)) {
        headers.insert(RATE_LIMIT_POLICY, policy.clone());
        headers.insert(RATE_LIMIT, limit);
    }
}

/// `RateLimit-Policy`: per limit the burst and the seconds in which it refills.
pub(crate) fn rate_limit_policy<'a>(limits: impl Iterator<Item = (&'a str, Quota)>) -> Option<HeaderValue> {
    field(limits.map(|(name, quota)| {
        let mut item = quoted(name);
        let _ = write!(item, ";q={};w={}", quota.burst().min(LARGEST), quota.refill_seconds());
        item
    }))
}

/// Whether a name can stand in the fields.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn field(items: impl Iterator<Item = String>) -> Option<HeaderValue> {
    let items: Vec<String> = items.collect();
    if items.is_empty() { None } else { HeaderValue::try_from(items.join(", ")).ok() }
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The largest integer of structured fields (RFC 9651 section 3.3.1).
const LARGEST: u64 = 999_999_999_999_999;
