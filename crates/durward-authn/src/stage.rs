//! The stage: which credentials an operation takes, and whether the request has them.
//!
//! # What it stops
//! Requests to protected operations without a valid credential (OWASP API2), and requests whose credentials can be
//! read in two ways.
//!
//! # How it decides
//! The contract's security requirement is an OR of ANDs. Each credential that the operation knows is read once; one
//! that is there twice or cannot be read ends the request. Each that is there is verified once. If all schemes of any
//! alternative verified, the request passes with everything that verified as evidence. Otherwise, in this order: a
//! verifier that is down is a 503, an invalid credential a 401, and no credential a 401 with a challenge for each
//! scheme. Credentials of schemes that the operation does not use are not looked at.
//!
//! An optional requirement (`security: [{}, ..]`) lets a request without credentials pass as anonymous; one with an
//! invalid credential is refused.
//!
//! # Policy
//! `[auth.NAME]`, one table for each of the contract's `securitySchemes`.
//!
//! # Reasons
//! `credential-missing`, `credential-malformed`, `credential-invalid`, `verifier-unavailable`.
//!
//! # Example
//! ```toml
//! [auth.app]
//! api_key = {}
//! [auth.user]
//! jwt = { issuer = "https://id.example.com", audience = "orders" }
//! ```

mod answer;

use std::collections::BTreeMap;
use std::sync::Arc;

use durward_core::{Caller, Credential, Fetch, Moment, Scheme, Verdict, nearest};
use durward_http::Clean;
use http::header::AUTHORIZATION;
use smallvec::SmallVec;

use crate::bearer::{self, Bearer};
use crate::failure::Failure;
use crate::jwks::KeyCache;
use crate::jwt::TokenCache;
use crate::{ApiKeyAuthenticator, AuthnError, JwtAuthenticator, KeyPlace};

const MAX_SCHEMES: usize = 16;
const MAX_ALTERNATIVES: usize = 32;

/// One way to prove who is calling.
#[derive(Debug)]
pub enum Authenticator {
    /// An API key.
    ApiKey(ApiKeyAuthenticator),
    /// A bearer token that is a JWT.
    Jwt(JwtAuthenticator),
}

impl Authenticator {
    /// Where its credential stands.
    #[must_use]
    pub fn place(&self) -> KeyPlace {
        match self {
            Self::ApiKey(keys) => keys.place().clone(),
            Self::Jwt(_) => KeyPlace::Header(AUTHORIZATION),
        }
    }

    /// The credential in a request, if there is one.
    fn read(&self, clean: &Clean) -> Result<Option<String>, Failure> {
        match self {
            Self::ApiKey(keys) => keys.read(clean),
            Self::Jwt(_) => match bearer::read(clean.facts().headers()) {
                Bearer::Absent => Ok(None),
                Bearer::Token(token) => Ok(Some(token.to_owned())),
                Bearer::Malformed(why) => Err(Failure::malformed(why)),
            },
        }
    }

    async fn verify(&self, scheme: &Scheme, text: &str, at: &Attempt<'_>) -> Result<Credential, Failure> {
        match self {
            Self::ApiKey(keys) => keys.verify(scheme, text, at.now),
            Self::Jwt(jwt) => jwt.verify(scheme, text, at.tokens, at.fetch, at.now).await,
        }
    }
}

/// What verifying needs beside the credential.
struct Attempt<'r> {
    tokens: &'r TokenCache,
    fetch: &'r dyn Fetch,
    now: Moment,
}

/// Every authenticator of a plan, by the name of its scheme.
#[derive(Debug, Default)]
pub struct Authenticators {
    by_scheme: BTreeMap<Scheme, Arc<Authenticator>>,
    tokens: Arc<TokenCache>,
}

impl Authenticators {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`AuthnError::SchemeTwice`].
    pub fn add(&mut self, scheme: Scheme, authenticator: Authenticator) -> Result<(), AuthnError> {
        if self.by_scheme.contains_key(&scheme) {
            return Err(AuthnError::SchemeTwice(scheme));
        }
        self.by_scheme.insert(scheme, Arc::new(authenticator));
        Ok(())
    }

    /// Takes over the keys that the previous plan fetched, where the source is the same. Call it before any stage is
    /// compiled: an authenticator that a stage holds already stays as it is.
    pub fn inherit(&mut self, previous: &Self) {
        for authenticator in self.by_scheme.values_mut() {
            let Some(Authenticator::Jwt(own)) = Arc::get_mut(authenticator) else { continue };
            for old in previous.by_scheme.values() {
                if let Authenticator::Jwt(old) = &**old {
                    own.inherit(old);
                }
            }
        }
    }

    /// The authenticator of a scheme.
    #[must_use]
    pub fn find(&self, scheme: &str) -> Option<&Arc<Authenticator>> {
        self.by_scheme.get(scheme)
    }

    /// The names of all schemes.
    pub fn schemes(&self) -> impl Iterator<Item = &Scheme> {
        self.by_scheme.keys()
    }

    /// The key caches that a background loop keeps fresh, with the scheme of each.
    pub fn key_caches(&self) -> impl Iterator<Item = (&Scheme, &Arc<KeyCache>)> {
        self.by_scheme.iter().filter_map(|(scheme, authenticator)| match &**authenticator {
            Authenticator::Jwt(jwt) => jwt.keys().map(|keys| (scheme, keys)),
            Authenticator::ApiKey(_) => None,
        })
    }

    /// Everywhere any credential of this plan may stand.
    #[must_use]
    pub fn credential_places(&self) -> Vec<KeyPlace> {
        places(self.by_scheme.values())
    }
}

/// The authentication of one operation.
#[derive(Debug)]
pub struct AuthnStage {
    schemes: Vec<(Scheme, Arc<Authenticator>)>,
    /// Indices into `schemes`.
    alternatives: Vec<SmallVec<[usize; 2]>>,
    tokens: Arc<TokenCache>,
}

impl AuthnStage {
    /// An operation that anybody may call. Credentials are not looked at.
    #[must_use]
    pub fn public() -> Self {
        Self { schemes: Vec::new(), alternatives: vec![SmallVec::new()], tokens: Arc::default() }
    }

    /// Compiles a security requirement: any of the alternatives, each of which is all of its schemes. An alternative
    /// without schemes makes authentication optional.
    ///
    /// # Errors
    /// [`AuthnError`] when a scheme is not known or there are no alternatives.
    pub fn compile(requirement: &[Vec<Scheme>], authenticators: &Authenticators) -> Result<Self, AuthnError> {
        if requirement.is_empty() {
            return Err(AuthnError::RequirementEmpty);
        }
        let mut stage =
            Self { schemes: Vec::new(), alternatives: Vec::new(), tokens: Arc::clone(&authenticators.tokens) };
        for alternative in requirement {
            let indices =
                alternative.iter().map(|scheme| stage.scheme(scheme, authenticators)).collect::<Result<_, _>>()?;
            stage.alternatives.push(indices);
        }
        if stage.schemes.len() > MAX_SCHEMES || stage.alternatives.len() > MAX_ALTERNATIVES {
            return Err(AuthnError::RequirementTooLarge);
        }
        Ok(stage)
    }

    /// Whether a request without credentials passes.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.alternatives.iter().any(SmallVec::is_empty)
    }

    /// Where this operation's credentials stand, so that the forwarder can remove them.
    #[must_use]
    pub fn credential_places(&self) -> Vec<KeyPlace> {
        places(self.schemes.iter().map(|(_, authenticator)| authenticator))
    }

    /// Who is calling.
    pub async fn check(&self, clean: &Clean, fetch: &dyn Fetch) -> Verdict<Caller> {
        let sent = match self.read(clean) {
            Ok(sent) => sent,
            Err(denial) => return Verdict::Deny(denial, Caller::anonymous()),
        };
        let at = Attempt { tokens: &self.tokens, fetch, now: clean.facts().received() };
        let mut outcomes: SmallVec<[Proof; 4]> = SmallVec::new();
        for ((scheme, authenticator), text) in self.schemes.iter().zip(sent) {
            outcomes.push(match text {
                None => Proof::Absent,
                Some(text) => match authenticator.verify(scheme, &text, &at).await {
                    Ok(credential) => Proof::Given(credential),
                    Err(failure) => Proof::Failed(failure),
                },
            });
        }
        if !self.is_satisfied(&outcomes) {
            return Verdict::Deny(Box::new(self.refuse(&outcomes)), Caller::anonymous());
        }
        let mut caller = Caller::anonymous();
        for outcome in outcomes {
            if let Proof::Given(credential) = outcome {
                caller.add(credential);
            }
        }
        Verdict::Pass(caller)
    }

    fn is_satisfied(&self, outcomes: &[Proof]) -> bool {
        let given = |index: &usize| matches!(outcomes.get(*index), Some(Proof::Given(_)));
        let failed = outcomes.iter().any(|outcome| matches!(outcome, Proof::Failed(_)));
        self.alternatives.iter().any(|all| if all.is_empty() { !failed } else { all.iter().all(given) })
    }

    fn scheme(&mut self, scheme: &Scheme, authenticators: &Authenticators) -> Result<usize, AuthnError> {
        if let Some(index) = self.schemes.iter().position(|(known, _)| known == scheme) {
            return Ok(index);
        }
        let Some((name, authenticator)) = authenticators.by_scheme.get_key_value(scheme) else {
            let near = nearest(scheme, authenticators.schemes().map(|known| &**known)).map(Arc::from);
            return Err(AuthnError::SchemeUnknown { scheme: Arc::clone(scheme), nearest: near });
        };
        self.schemes.push((Arc::clone(name), Arc::clone(authenticator)));
        Ok(self.schemes.len() - 1)
    }
}

/// What came of one scheme.
#[derive(Debug)]
enum Proof {
    /// The request does not have its credential.
    Absent,
    /// It verified.
    Given(Credential),
    /// It did not.
    Failed(Failure),
}

fn places<'a>(authenticators: impl Iterator<Item = &'a Arc<Authenticator>>) -> Vec<KeyPlace> {
    let mut places = Vec::new();
    for place in authenticators.map(|authenticator| authenticator.place()) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}
