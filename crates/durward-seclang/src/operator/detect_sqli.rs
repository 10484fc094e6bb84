//! `@detectSQLi`: the value is an SQL injection, see [`crate::detect::sqli`]. Group 0 is the fingerprint.

use super::Seen;
use super::needs::{Needs, alphabets};

/// A single number or name has one token, and no injection has the shape of one.
pub(super) fn needs() -> Needs {
    Needs { minimum: 1, alphabets: alphabets(|_| true), ..Needs::default() }
}

pub(super) fn evaluate(value: &[u8], seen: &mut Seen) -> bool {
    let Some(fingerprint) = crate::detect::sqli(value) else {
        return false;
    };
    seen.push_text(fingerprint.as_bytes());
    true
}
