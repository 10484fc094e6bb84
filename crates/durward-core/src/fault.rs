//! Trouble that is ours or the world's, not the caller's.

use std::fmt;

use crate::Reason;

/// What kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// No connection to the upstream.
    Unreachable,
    /// The upstream broke the protocol or went away.
    Broken,
    /// The upstream took too long.
    Timeout,
    /// The caller's body broke off or broke its framing while it was streamed.
    CallerBody,
    /// The caller's streamed body went over its cap.
    CallerBodyTooLarge,
    /// The caller's streamed body was too slow.
    CallerBodyTimeout,
    /// Shutting down or out of capacity.
    Overloaded,
}

impl FaultKind {
    /// The reason shown to the caller.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unreachable => Reason::UpstreamUnreachable,
            Self::Broken => Reason::UpstreamBroken,
            Self::Timeout => Reason::UpstreamTimeout,
            Self::CallerBody => Reason::BodyMalformed,
            Self::CallerBodyTooLarge => Reason::BodyTooLarge,
            Self::CallerBodyTimeout => Reason::BodyTimeout,
            Self::Overloaded => Reason::Overloaded,
        }
    }
}

/// A failure that is not the caller's; it fails closed and its detail is private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    kind: FaultKind,
    detail: String,
}

impl Fault {
    /// A fault with private detail.
    #[must_use]
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Private detail for the record.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.reason(), self.detail)
    }
}

impl std::error::Error for Fault {}
