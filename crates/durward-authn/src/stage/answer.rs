//! What a refused caller is told: the status contract of RFC 6750 section 3 and RFC 9110 section 11.6.1, and nothing
//! about which check failed.

use durward_core::{Denial, Reason, Scheme};
use durward_http::Clean;
use smallvec::SmallVec;

use super::{Authenticator, AuthnStage, Proof};
use crate::KeyPlace;
use crate::failure::Failure;

/// The `error` of a bearer challenge (RFC 6750 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BearerError {
    InvalidRequest,
    InvalidToken,
}

impl AuthnStage {
    /// Reads the credential of every scheme; one that cannot be read ends the request, whatever else it has.
    pub(super) fn read(&self, clean: &Clean) -> Result<SmallVec<[Option<String>; 4]>, Box<Denial>> {
        self.schemes
            .iter()
            .map(|(scheme, authenticator)| {
                authenticator.read(clean).map_err(|failure| {
                    let (Failure::Malformed(detail) | Failure::Invalid(detail) | Failure::Unavailable { detail, .. }) =
                        failure;
                    let denial = Denial::new(Reason::CredentialMalformed).detail(format!("{scheme}: {detail}"));
                    let challenge = challenge(authenticator, Some(BearerError::InvalidRequest));
                    // A challenge is for 401; only the bearer scheme defines one for 400.
                    Box::new(match &**authenticator {
                        Authenticator::Jwt(_) => denial.challenge(challenge),
                        Authenticator::ApiKey(_) => denial,
                    })
                })
            })
            .collect()
    }

    /// The answer to a request that satisfied no alternative.
    pub(super) fn refuse(&self, outcomes: &[Proof]) -> Denial {
        let failures = || {
            self.schemes.iter().zip(outcomes).filter_map(|((scheme, _), outcome)| match outcome {
                Proof::Failed(failure) => Some((scheme, failure)),
                Proof::Absent | Proof::Given(_) => None,
            })
        };
        if let Some(seconds) = failures().find_map(|(_, failure)| seconds(failure)) {
            return Denial::new(Reason::VerifierUnavailable).retry_after(seconds).detail(details(failures()));
        }
        let invalid = failures().next().is_some();
        let reason = if invalid { Reason::CredentialInvalid } else { Reason::CredentialMissing };
        let detail = if invalid { details(failures()) } else { self.missing(outcomes) };
        self.challenges(outcomes).into_iter().fold(Denial::new(reason).detail(detail), Denial::challenge)
    }

    fn challenges(&self, outcomes: &[Proof]) -> Vec<String> {
        let mut challenges: Vec<String> = Vec::new();
        for ((_, authenticator), outcome) in self.schemes.iter().zip(outcomes) {
            let error = matches!(outcome, Proof::Failed(_)).then_some(BearerError::InvalidToken);
            let challenge = challenge(authenticator, error);
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        challenges
    }

    fn missing(&self, outcomes: &[Proof]) -> String {
        let absent = self.schemes.iter().zip(outcomes).filter(|(_, outcome)| matches!(outcome, Proof::Absent));
        let names: Vec<&str> = absent.map(|((scheme, _), _)| &**scheme).collect();
        format!("no credential for {}", names.join(", "))
    }
}

fn seconds(failure: &Failure) -> Option<u32> {
    match failure {
        Failure::Unavailable { seconds, .. } => Some(*seconds),
        Failure::Malformed(_) | Failure::Invalid(_) => None,
    }
}

fn details<'a>(failures: impl Iterator<Item = (&'a Scheme, &'a Failure)>) -> String {
    let texts: Vec<String> = failures
        .map(|(scheme, failure)| {
            let (Failure::Malformed(detail) | Failure::Invalid(detail) | Failure::Unavailable { detail, .. }) = failure;
            format!("{scheme}: {detail}")
        })
        .collect();
    texts.join("; ")
}

/// One `WWW-Authenticate` value. API keys have no registered scheme; RFC 9110 wants a challenge with every 401, so
/// they get the name that is in use, with the place the contract publishes anyway.
fn challenge(authenticator: &Authenticator, error: Option<BearerError>) -> String {
    match (authenticator, error) {
        (Authenticator::Jwt(_), None) => r#"Bearer realm="api""#.to_owned(),
        (Authenticator::Jwt(_), Some(BearerError::InvalidRequest)) => {
            r#"Bearer realm="api", error="invalid_request""#.to_owned()
        }
        (Authenticator::Jwt(_), Some(BearerError::InvalidToken)) => {
            r#"Bearer realm="api", error="invalid_token""#.to_owned()
        }
        (Authenticator::ApiKey(keys), _) => api_key_challenge(keys.place()),
    }
}

fn api_key_challenge(place: &KeyPlace) -> String {
    let (location, name) = (place.location(), place.name());
    let quotable = name.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    if quotable {
        format!(r#"ApiKey realm="api", in="{location}", name="{name}""#)
    } else {
        format!(r#"ApiKey realm="api", in="{location}""#)
    }
}
