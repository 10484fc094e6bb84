//! Why one credential did not verify.

use std::fmt::Display;

/// The kinds of failure the status contract tells apart; the text is for the record only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It cannot be read, or is there twice: 400.
    Malformed(String),
    /// It is not valid, for whatever reason: 401, the same for all reasons.
    Invalid(String),
    /// It cannot be verified at the moment: 503.
    Unavailable { seconds: u32, detail: String },
}

impl Failure {
    pub(crate) fn malformed(detail: impl Display) -> Self {
        Self::Malformed(detail.to_string())
    }

    pub(crate) fn invalid(detail: impl Display) -> Self {
        Self::Invalid(detail.to_string())
    }

    pub(crate) fn unavailable(seconds: u32, detail: impl Display) -> Self {
        Self::Unavailable { seconds: seconds.max(1), detail: detail.to_string() }
    }
}
