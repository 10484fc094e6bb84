//! What a stage answers.

use crate::{PolicyPlace, Reason, StageId};

/// A stage's answer: evidence that the request passed, or a denial beside the evidence to go on with if the control
/// only observes. Only [`crate::Trail::settle`] decides between the two.
#[derive(Debug)]
#[must_use = "a verdict is settled by the trail"]
pub enum Verdict<E> {
    /// The stage is satisfied.
    Pass(E),
    /// The stage objects; the evidence is what an observing control goes on with.
    Deny(Box<Denial>, E),
}

impl<E> Verdict<E> {
    /// A denial with the evidence that an observing control goes on with.
    pub fn deny(denial: Denial, observed: E) -> Self {
        Self::Deny(Box::new(denial), observed)
    }
}

/// A refused request: which stage, for which reason, by which rule, with detail that only the record sees.
///
/// One pointer wide: refusals are rare, and the way of a request that passes must not be paved with room for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    reason: Reason,
    detail: Option<String>,
    public: Vec<PublicError>,
    rule: Option<PolicyPlace>,
    retry_after: Option<u32>,
    challenge: Vec<String>,
    fields: Vec<(&'static str, String)>,
    observed: bool,
    status: Option<u16>,
}

/// One thing that is wrong with the request, safe to show to the caller: where, and what was expected. Never a value.
pub type PublicError = (String, String);

impl Denial {
    /// A denial for `reason`.
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self(Box::new(Details {
            reason,
            detail: None,
            public: Vec::new(),
            rule: None,
            retry_after: None,
            challenge: Vec::new(),
            fields: Vec::new(),
            observed: false,
            status: None,
        }))
    }

    /// Adds private detail, for the record and never for the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what the caller may read: the place in the request and what was expected there.
    #[must_use]
    pub fn tell(mut self, place: impl Into<String>, expected: impl Into<String>) -> Self {
        self.0.public.push((place.into(), expected.into()));
        self
    }

    /// Names the policy place of the rule, when it is more precise than the stage's.
    #[must_use]
    pub fn rule(mut self, place: PolicyPlace) -> Self {
        self.0.rule = Some(place);
        self
    }

    /// Seconds after which the caller may try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Says that the rule itself only observes, in a stage whose other rules are enforced.
    #[must_use]
    pub fn observed(mut self) -> Self {
        self.0.observed = true;
        self
    }

    /// Adds a `WWW-Authenticate` challenge (RFC 9110 section 11.6.1).
    #[must_use]
    pub fn challenge(mut self, value: impl Into<String>) -> Self {
        self.0.challenge.push(value.into());
        self
    }

    /// Adds a header field to the answer, such as `RateLimit`.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.fields.push((name, value.into()));
        self
    }

    /// Answers with a status of its own instead of the reason's.
    #[must_use]
    pub fn answered(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The stage that objected.
    #[must_use]
    pub fn stage(&self) -> StageId {
        self.0.reason.stage()
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status.unwrap_or(self.0.reason.status())
    }

    /// Private detail.
    #[must_use]
    pub fn private_detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// What the caller may read.
    #[must_use]
    pub fn public_errors(&self) -> &[PublicError] {
        &self.0.public
    }

    /// The policy place, if the stage named one.
    #[must_use]
    pub fn place(&self) -> Option<&PolicyPlace> {
        self.0.rule.as_ref()
    }

    /// Seconds for `Retry-After`.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// Whether the rule only observes.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.0.observed
    }

    /// Further header fields of the answer, names in lower case.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, String)] {
        &self.0.fields
    }

    /// The `WWW-Authenticate` challenges.
    #[must_use]
    pub fn challenges(&self) -> &[String] {
        &self.0.challenge
    }
}
