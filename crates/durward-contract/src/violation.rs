//! What a request has that the contract does not promise, in words for the caller.

/// More findings than this are not collected: they help nobody and cost the gateway.
pub const MOST_VIOLATIONS: usize = 8;

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViolationKind {
    /// Something required is not there.
    Missing,
    /// Something is there and is not what the contract says.
    Invalid,
    /// A query parameter that the contract does not name. Whether that is refused, the policy decides.
    Unknown,
}

/// One finding. It never holds a value of the request, so it may be shown and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What kind of finding.
    pub kind: ViolationKind,
    /// Where: `query parameter "limit"`, `body /items/0/price`.
    pub place: String,
    /// What was expected there: `an integer between 1 and 100`.
    pub expected: String,
}

impl Violation {
    pub(crate) fn missing(place: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { kind: ViolationKind::Missing, place: place.into(), expected: expected.into() }
    }

    pub(crate) fn invalid(place: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { kind: ViolationKind::Invalid, place: place.into(), expected: expected.into() }
    }

    pub(crate) fn unknown(place: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { kind: ViolationKind::Unknown, place: place.into(), expected: expected.into() }
    }
}
