//! The only record of decisions. Audit lines, metrics, `why`, `explain` and the tests all read it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::{
    Charter, Credential, Denial, Fault, Mode, OperationName, PolicyPlace, Principal, Reason, RequestId, StageId,
    Verdict,
};

/// What a stage did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was satisfied.
    Passed,
    /// It refused the request.
    Denied(Box<Denial>),
    /// It would have refused the request, but its control only observes.
    WouldDeny(Box<Denial>),
    /// Its control is switched off in the policy.
    Off,
    /// The way to the upstream failed.
    Failed(Box<Fault>),
    /// It replaced the content of an answer with this status.
    Masked(u16),
}

impl Outcome {
    /// The name used in records and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Denied(_) => "denied",
            Self::WouldDeny(_) => "would-deny",
            Self::Off => "off",
            Self::Failed(_) => "failed",
            Self::Masked(_) => "masked",
        }
    }

    /// The reason, where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Denied(denial) | Self::WouldDeny(denial) => Some(denial.reason()),
            Self::Failed(fault) => Some(fault.kind().reason()),
            Self::Masked(_) => Some(Reason::UpstreamErrorMasked),
            Self::Passed | Self::Off => None,
        }
    }
}

/// One stage's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The stage.
    pub stage: StageId,
    /// What it did.
    pub outcome: Outcome,
}

/// The scheme and the public id of a credential.
pub type CredentialName = (Arc<str>, Option<Arc<str>>);

/// What the evidence said of the request: enough to answer who, what and where, and no secret.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// The client address, after trusted hops.
    pub client: Option<IpAddr>,
    /// The method.
    pub method: Option<Cow<'static, str>>,
    /// The path as received, without the query.
    pub path: Option<Box<str>>,
    /// The names of the query parameters, never their values.
    pub query_names: Vec<Box<str>>,
    /// The operation that was found.
    pub operation: Option<OperationName>,
    /// The path template of the operation.
    pub template: Option<Arc<str>>,
    /// Who is calling.
    pub principal: Option<Principal>,
    /// The credentials that verified: scheme and public id.
    pub credentials: SmallVec<[CredentialName; 1]>,
    /// What the firewall's rules found.
    pub findings: Vec<Finding>,
}

/// One rule of the firewall that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its number.
    pub rule: u64,
    /// What it says.
    pub message: Box<str>,
    /// The file and the line where it is written.
    pub place: Box<str>,
    /// What it added to the score that refused the request.
    pub score: Option<i64>,
    /// What it looked at, one for each link of its chain that saw something.
    pub seen: Vec<Sighting>,
}

/// A value that satisfied a rule of the firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Where the value stands, as rules name it: `ARGS:q`.
    pub at: Box<str>,
    /// The part of it that matched, or the value; `None` where it may be a secret.
    pub matched: Option<Box<str>>,
    /// What the rule looked at, where that is not what came: the value after its transformations.
    pub decoded: Option<Box<str>>,
}

/// What a stage proved, and what of it belongs in the record.
pub trait Evidence {
    /// Writes into the notes what this evidence proved.
    fn note(&self, notes: &mut Notes) {
        let _ = notes;
    }
}

impl Evidence for () {}
impl Evidence for crate::Grant {}
impl Evidence for crate::RateTicket {}

impl Evidence for crate::Caller {
    fn note(&self, notes: &mut Notes) {
        notes.principal = self.principal().cloned();
        notes.credentials = self.credentials().iter().map(Credential::public_name).collect();
    }
}

impl Credential {
    fn public_name(&self) -> CredentialName {
        (Arc::clone(&self.scheme), self.credential_id.clone())
    }
}

/// The append-only trail of one request.
#[derive(Debug, Clone)]
pub struct Trail {
    id: RequestId,
    charter: Option<Arc<Charter>>,
    steps: SmallVec<[Step; 12]>,
    notes: Notes,
}

impl Trail {
    /// An empty trail.
    #[must_use]
    pub fn new(id: RequestId) -> Self {
        Self { id, charter: None, steps: SmallVec::new(), notes: Notes::default() }
    }

    /// The request.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// Binds the modes and places of the operation. Until then every stage is enforced.
    pub fn govern(&mut self, charter: &Arc<Charter>) {
        self.charter = Some(Arc::clone(charter));
    }

    /// Records a stage that cannot be observed or switched off, because what follows needs its evidence.
    ///
    /// # Errors
    /// The denial of the stage, which ends the request.
    pub fn require<E: Evidence>(&mut self, stage: StageId, result: Result<E, Denial>) -> Result<E, Denial> {
        match result {
            Ok(evidence) => {
                self.push(stage, Outcome::Passed);
                evidence.note(&mut self.notes);
                Ok(evidence)
            }
            Err(denial) => Err(self.deny(stage, denial)),
        }
    }

    /// Records a stage and applies its mode: the only place where enforce and observe part.
    ///
    /// # Errors
    /// The denial of the stage when its control is enforced.
    pub fn settle<E: Evidence>(&mut self, stage: StageId, verdict: Verdict<E>) -> Result<E, Denial> {
        let mode = self.charter.as_ref().map_or(Mode::Enforce, |charter| charter.mode(stage));
        let evidence = match (mode, verdict) {
            (Mode::Enforce, Verdict::Deny(denial, evidence)) if !denial.is_observed() => {
                evidence.note(&mut self.notes);
                return Err(self.deny(stage, *denial));
            }
            (Mode::Enforce | Mode::Observe, Verdict::Deny(denial, evidence)) => {
                let denial = Box::new(self.placed(stage, *denial));
                self.push(stage, Outcome::WouldDeny(denial));
                evidence
            }
            (Mode::Off, Verdict::Pass(evidence) | Verdict::Deny(_, evidence)) => {
                self.push(stage, Outcome::Off);
                evidence
            }
            (_, Verdict::Pass(evidence)) => {
                self.push(stage, Outcome::Passed);
                evidence
            }
        };
        evidence.note(&mut self.notes);
        Ok(evidence)
    }

    /// Notes what is known of a request before any stage proved anything, so that a refusal at the first stage has a
    /// method and a path in its record.
    pub fn observe(&mut self, evidence: &impl Evidence) {
        evidence.note(&mut self.notes);
    }

    /// Records what came of the way to the upstream and back.
    pub fn conclude(&mut self, stage: StageId, outcome: Outcome) {
        self.push(stage, outcome);
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the evidence said.
    #[must_use]
    pub const fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Where a step's control is written: the denial's own place, or the stage's.
    #[must_use]
    pub fn place<'a>(&'a self, step: &'a Step) -> Option<&'a PolicyPlace> {
        let own = match &step.outcome {
            Outcome::Denied(denial) | Outcome::WouldDeny(denial) => denial.place(),
            Outcome::Passed | Outcome::Off | Outcome::Failed(_) | Outcome::Masked(_) => None,
        };
        own.or_else(|| self.charter.as_ref().and_then(|charter| charter.place(step.stage)))
    }

    /// The step that ended the request, if one did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Step> {
        self.steps.iter().find(|step| matches!(step.outcome, Outcome::Denied(_) | Outcome::Failed(_)))
    }

    fn deny(&mut self, stage: StageId, denial: Denial) -> Denial {
        let denial = self.placed(stage, denial);
        self.push(stage, Outcome::Denied(Box::new(denial.clone())));
        denial
    }

    fn placed(&self, stage: StageId, denial: Denial) -> Denial {
        match (denial.place(), self.charter.as_ref().and_then(|charter| charter.place(stage))) {
            (None, Some(place)) => denial.rule(place.clone()),
            _ => denial,
        }
    }

    fn push(&mut self, stage: StageId, outcome: Outcome) {
        self.steps.push(Step { stage, outcome });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Moment, RequestIds};

    fn trail_with(mode: Mode) -> Trail {
        let mut trail = Trail::new(RequestIds::new(1).next(Moment::new(1, 1)));
        let mut charter = Charter::default();
        charter.set(StageId::Authz, mode, PolicyPlace::new("durward.toml:7 api.orders"));
        trail.govern(&Arc::new(charter));
        trail
    }

    fn objection() -> Verdict<()> {
        Verdict::deny(Denial::new(Reason::ScopeMissing), ())
    }

    #[test]
    fn enforced_denials_end_the_request_and_name_the_line() {
        let mut trail = trail_with(Mode::Enforce);
        let denial = trail.settle(StageId::Authz, objection()).err();
        assert_eq!(
            denial.and_then(|d| d.place().map(ToString::to_string)).as_deref(),
            Some("durward.toml:7 api.orders")
        );
        assert!(trail.refusal().is_some());
    }

    #[test]
    fn observed_denials_go_on_and_are_recorded() {
        let mut trail = trail_with(Mode::Observe);
        assert!(trail.settle(StageId::Authz, objection()).is_ok());
        assert!(matches!(trail.steps(), [Step { outcome: Outcome::WouldDeny(_), .. }]));
        assert!(trail.refusal().is_none());
    }

    #[test]
    fn rules_that_only_observe_go_on_in_a_stage_that_is_enforced() {
        let mut trail = trail_with(Mode::Enforce);
        let objection = Verdict::deny(Denial::new(Reason::ScopeMissing).observed(), ());
        assert!(trail.settle(StageId::Authz, objection).is_ok());
        assert!(matches!(trail.steps(), [Step { outcome: Outcome::WouldDeny(_), .. }]));
    }

    #[test]
    fn stages_that_are_off_say_so() {
        let mut trail = trail_with(Mode::Off);
        assert!(trail.settle(StageId::Authz, objection()).is_ok());
        assert!(matches!(trail.steps(), [Step { outcome: Outcome::Off, .. }]));
    }
}
