//! API keys: one secret text, known to the key store by its digest only.
//!
//! # What it stops
//! Calls without a key, and with keys that are unknown, wrong, expired, disabled, revoked, or used from elsewhere than
//! they may be (OWASP API2). A key that is given twice is refused: two readers could take different ones.
//!
//! # How it decides
//! The key is read from the one place that the contract names and looked up in the key store. All that is wrong with
//! a key looks the same from outside; the record has the detail.
//!
//! # Policy
//! `[auth.NAME] api_key = {}`; the keys are made by `durward keys new`.
//!
//! # Reasons
//! `credential-missing`, `credential-malformed`, `credential-invalid`.
//!
//! # Example
//! ```toml
//! [auth.app]
//! api_key = {}
//! ```

use std::sync::Arc;

use durward_core::{Credential, Moment, Principal, PrincipalKind, Scheme};
use durward_http::Clean;
use durward_keys::{ApiKeys, KeyProblem};

use crate::KeyPlace;
use crate::failure::Failure;

/// Verifies API keys of one scheme.
#[derive(Debug)]
pub struct ApiKeyAuthenticator {
    place: KeyPlace,
    keys: Arc<ApiKeys>,
    issuer: Arc<str>,
}

/// The longest text that is looked up.
const MAX_KEY_BYTES: usize = 512;

impl ApiKeyAuthenticator {
    /// Keys that are read from a place and looked up in a store.
    #[must_use]
    pub fn new(place: KeyPlace, keys: Arc<ApiKeys>) -> Self {
        Self { place, keys, issuer: Arc::from("keys") }
    }

    /// Where the key is read from.
    #[must_use]
    pub const fn place(&self) -> &KeyPlace {
        &self.place
    }

    /// The key in a request, if there is one.
    pub(crate) fn read(&self, clean: &Clean) -> Result<Option<String>, Failure> {
        self.place.read(clean).map_err(|why| Failure::malformed(format_args!("{}: {why}", self.place)))
    }

    /// Proves whose key it is.
    pub(crate) fn verify(&self, scheme: &Scheme, key: &str, now: Moment) -> Result<Credential, Failure> {
        if key.len() > MAX_KEY_BYTES {
            return Err(Failure::invalid("key is longer than any of ours"));
        }
        let verified = self.keys.verify(key, now).map_err(failure)?;
        Ok(Credential {
            scheme: Arc::clone(scheme),
            principal: Principal {
                kind: PrincipalKind::Client,
                issuer: Arc::clone(&self.issuer),
                subject: Arc::clone(&verified.kid),
            },
            credential_id: Some(verified.kid),
            scopes: verified.scopes,
            not_after: verified.expires,
        })
    }
}

/// One answer for all that is wrong with a key; only a store that cannot be read is another matter.
fn failure(problem: KeyProblem) -> Failure {
    match problem {
        KeyProblem::Malformed
        | KeyProblem::Checksum
        | KeyProblem::Unknown
        | KeyProblem::WrongSecret
        | KeyProblem::Expired
        | KeyProblem::NotYet
        | KeyProblem::Revoked
        | KeyProblem::Disabled => Failure::invalid(problem),
        KeyProblem::Unavailable => Failure::unavailable(STORE_RETRY_SECONDS, problem),
    }
}

/// What a caller is told to wait when the key store cannot be read.
const STORE_RETRY_SECONDS: u32 = 5;
