//! Bearer tokens that are JSON Web Tokens, signed by one issuer.
//!
//! # What it stops
//! Forged, altered, expired and misdirected tokens; algorithm confusion; tokens of another issuer, audience or kind
//! (ID tokens, logout tokens, proofs); keys that the token itself brings along (OWASP API2, RFC 8725).
//!
//! # How it decides
//! The token is read strictly ([`crate::jose`]). Its algorithm must be on the issuer's list; its `kid` names a key of
//! the issuer's set; the signature must be that key's. Then `iss`, `aud`, `exp`, `nbf` and `iat` must fit, at every
//! request, also when the signature was verified a moment ago. An unknown `kid` makes the keys be fetched once per
//! cool-down; keys that cannot be had for a day, or at all, are a 503 and never a pass.
//!
//! # Policy
//! [`JwtConfig`]: `issuer`, `audience`, and `jwks.url`, `jwks.file`, `secret`, or nothing for discovery; `algorithms`,
//! `skew`, `profile`, `scope_claim`.
//!
//! # Reasons
//! `credential-missing`, `credential-malformed` (the header, not the token), `credential-invalid`,
//! `verifier-unavailable`.
//!
//! # Example
//! ```toml
//! [auth.user]
//! jwt = { issuer = "https://id.example.com", audience = "orders" }
//! ```

mod claims;
mod config;
mod token_cache;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use durward_core::{Credential, Fetch, Moment, Principal, PrincipalKind, Scheme, Secret};

pub use claims::{ClaimFault, Claims, Expectation};
pub use config::{Audience, JwksPlace, JwtConfig, Profile};
pub use token_cache::TokenCache;

use crate::AuthnError;
use crate::failure::Failure;
use crate::jose::{Algorithm, Compact, KeyFamily, MacKey, Verifier};
use crate::jwks::{Found, KeyCache, KeySet, KeySource, Lookup, is_fetchable};

/// What the policy crate read for a `jwt` table: this crate opens no files.
#[derive(Debug, Default)]
pub struct JwtMaterial {
    /// The text of `jwks.file`.
    pub jwks: Option<Vec<u8>>,
    /// What `secret` refers to.
    pub secret: Option<Secret>,
}

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub struct JwtAuthenticator {
    /// Tells this authenticator's cached tokens from all others', also across reloads.
    id: u64,
    issuer: Arc<str>,
    audience: Box<[Box<str>]>,
    algorithms: Box<[Algorithm]>,
    skew: u64,
    profile: Option<Profile>,
    scope_claim: Box<str>,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Public(Arc<KeyCache>),
    Shared(Verifier),
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The largest difference of clocks that is tolerated: more would make `exp` a suggestion.
const MAX_SKEW_SECONDS: u64 = 300;

impl JwtAuthenticator {
    /// Compiles a `jwt` table.
    ///
    /// # Errors
    /// [`AuthnError`] naming the key of the table and the fix.
    pub fn compile(config: &JwtConfig, material: JwtMaterial) -> Result<Self, AuthnError> {
        let skew = config.skew.duration().as_secs();
        if skew > MAX_SKEW_SECONDS {
            return Err(wrong("skew", format!("is {}; at most 5min is tolerated", config.skew)));
        }
        if config.issuer.is_empty() {
            return Err(wrong("issuer", "is empty; write the exact `iss` of the tokens"));
        }
        let audience = config.audience.names();
        if audience.is_empty() || audience.iter().any(String::is_empty) {
            return Err(wrong("audience", "is empty; write the name the issuer uses for this service"));
        }
        if config.scope_claim.is_empty() {
            return Err(wrong("scope_claim", "is empty; write the name of a claim, such as `scope`"));
        }
        let algorithms = algorithms(config)?;
        let keys = keys(config, material, &algorithms)?;
        Ok(Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            issuer: config.issuer.as_str().into(),
            audience: audience.iter().map(|name| name.as_str().into()).collect(),
            algorithms: algorithms.into(),
            skew,
            profile: config.profile,
            scope_claim: config.scope_claim.as_str().into(),
            keys,
        })
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys, for a background loop to refresh; `None` with a shared secret.
    #[must_use]
    pub const fn keys(&self) -> Option<&Arc<KeyCache>> {
        match &self.keys {
            Keys::Public(keys) => Some(keys),
            Keys::Shared(_) => None,
        }
    }

    /// Takes over the keys that a previous plan fetched from the same source, so that a reload during an outage of
    /// the issuer does not lock everybody out.
    pub fn inherit(&mut self, previous: &Self) {
        if let (Keys::Public(own), Keys::Public(old)) = (&mut self.keys, &previous.keys)
            && own.same_source(old)
        {
            *own = Arc::clone(old);
        }
    }

    /// Proves who a token is from.
    pub(crate) async fn verify(
        &self,
        scheme: &Scheme,
        token: &str,
        tokens: &TokenCache,
        fetch: &dyn Fetch,
        now: Moment,
    ) -> Result<Credential, Failure> {
        let cache_key = TokenCache::key(self.id, token);
        let claims = match self.recall(&cache_key, tokens, now) {
            Some(claims) => claims,
            None => {
                let (claims, generation) = self.authenticate(token, fetch, now).await?;
                let claims = Arc::new(claims);
                tokens.keep(cache_key, &claims, generation, token.len(), now);
                claims
            }
        };
        let expected = Expectation { issuer: &self.issuer, audience: &self.audience, skew: self.skew };
        claims.judge(&expected, now.unix_seconds()).map_err(Failure::invalid)?;
        Ok(credential(scheme, &claims))
    }

    /// A token that verified under the keys that are current now.
    fn recall(&self, key: &token_cache::Key, tokens: &TokenCache, now: Moment) -> Option<Arc<Claims>> {
        let generation = match &self.keys {
            Keys::Public(keys) => keys.snapshot(now)?.generation(),
            Keys::Shared(_) => 0,
        };
        tokens.find(key, generation, now)
    }

    async fn authenticate(&self, token: &str, fetch: &dyn Fetch, now: Moment) -> Result<(Claims, u64), Failure> {
        let token = Compact::parse(token).map_err(Failure::invalid)?;
        if !self.algorithms.contains(&token.algorithm()) {
            return Err(Failure::invalid(format_args!("algorithm {} is not allowed", token.algorithm())));
        }
        let generation = match &self.keys {
            Keys::Shared(verifier) => {
                verifier.verify(&token).map_err(Failure::invalid)?;
                0
            }
            Keys::Public(keys) => {
                let snapshot = find_keys(keys, &token, fetch, now).await?;
                let Found::Key(verifier) = snapshot.set().find(token.kid(), token.algorithm()) else {
                    return Err(Failure::invalid("no key of the issuer fits the token"));
                };
                verifier.verify(&token).map_err(Failure::invalid)?;
                snapshot.generation()
            }
        };
        let claims = Claims::read(token.typ(), token.payload(), &self.scope_claim, self.profile);
        Ok((claims.map_err(Failure::invalid)?, generation))
    }
}

/// The set that has the token's key, fetched anew at most once for this request.
async fn find_keys(
    keys: &KeyCache,
    token: &Compact<'_>,
    fetch: &dyn Fetch,
    now: Moment,
) -> Result<Arc<crate::jwks::Snapshot>, Failure> {
    let mut refreshed = None;
    loop {
        match keys.lookup(token.kid(), token.algorithm(), now) {
            Lookup::Key(snapshot) => return Ok(snapshot),
            Lookup::Unknown(why) => return Err(Failure::invalid(why)),
            Lookup::RefreshNeeded if refreshed.is_none() => refreshed = Some(keys.refresh(fetch, now).await),
            Lookup::RefreshNeeded => return Err(Failure::unavailable(1, describe(refreshed))),
            Lookup::Unavailable(seconds) => return Err(Failure::unavailable(seconds, describe(refreshed))),
        }
    }
}

fn describe(refreshed: Option<Result<crate::jwks::Refreshed, crate::jwks::RefreshError>>) -> String {
    match refreshed {
        Some(Err(error)) => error.to_string(),
        _ => "keys of the issuer cannot be had".to_owned(),
    }
}

fn credential(scheme: &Scheme, claims: &Claims) -> Credential {
    // RFC 9068 section 2.2: a token that a client got for itself has the client as its subject.
    let (kind, subject) = match (&claims.subject, &claims.client) {
        (Some(subject), Some(client)) if subject == client => (PrincipalKind::Client, Arc::clone(subject)),
        (Some(subject), _) => (PrincipalKind::User, Arc::clone(subject)),
        (None, Some(client)) => (PrincipalKind::Client, Arc::clone(client)),
        (None, None) => (PrincipalKind::Client, Arc::from("")),
    };
    Credential {
        scheme: Arc::clone(scheme),
        principal: Principal { kind, issuer: Arc::clone(&claims.issuer), subject },
        credential_id: claims.id.clone(),
        scopes: Arc::clone(&claims.scopes),
        not_after: Some(claims.expires),
    }
}

fn wrong(key: &'static str, problem: impl Into<String>) -> AuthnError {
    AuthnError::Jwt { key, problem: problem.into() }
}

fn algorithms(config: &JwtConfig) -> Result<Vec<Algorithm>, AuthnError> {
    let symmetric = config.secret.is_some();
    let Some(chosen) = &config.algorithms else {
        return Ok(if symmetric { vec![Algorithm::Hs256] } else { Algorithm::DEFAULT.to_vec() });
    };
    if chosen.is_empty() {
        return Err(wrong("algorithms", "is empty; leave it out for the default"));
    }
    match chosen.iter().find(|algorithm| (algorithm.family() == KeyFamily::Secret) != symmetric) {
        Some(unfit) => Err(AuthnError::AlgorithmUnfit(*unfit)),
        None => Ok(chosen.clone()),
    }
}

fn keys(config: &JwtConfig, material: JwtMaterial, algorithms: &[Algorithm]) -> Result<Keys, AuthnError> {
    let cache = |source| Ok(Keys::Public(Arc::new(KeyCache::new(source, algorithms))));
    match (&config.secret, &config.jwks) {
        (Some(_), Some(_)) => Err(wrong("secret", "and `jwt.jwks` exclude each other; keep one")),
        (Some(_), None) => {
            let secret = material.secret.ok_or_else(|| wrong("secret", "could not be read"))?;
            Ok(Keys::Shared(Verifier::Mac(shared(secret.expose())?)))
        }
        (None, Some(JwksPlace::File(_))) => {
            let text = material.jwks.ok_or_else(|| wrong("jwks.file", "could not be read"))?;
            let set = KeySet::parse_own(&text, algorithms).map_err(AuthnError::Jwks)?;
            Ok(Keys::Public(Arc::new(KeyCache::fixed(set, algorithms))))
        }
        (None, Some(JwksPlace::Url(url))) if is_fetchable(url) => cache(KeySource::Url(url.as_str().into())),
        (None, Some(JwksPlace::Url(url))) => {
            Err(wrong("jwks.url", format!("is `{url}`; write an https URL (http on loopback only)")))
        }
        (None, None) if is_fetchable(&config.issuer) => cache(KeySource::Discovery(config.issuer.as_str().into())),
        (None, None) => Err(wrong(
            "issuer",
            format!("is `{}`, which is no https URL to discover keys from; add `jwks` or `secret`", config.issuer),
        )),
    }
}

fn shared(secret: &[u8]) -> Result<MacKey, AuthnError> {
    // Text of a public key as the secret is how RS256 is confused with HS256 (CVE-2026-48526, CVE-2026-34950).
    let text = secret.trim_ascii_start();
    if text.starts_with(b"-----BEGIN") || text.starts_with(b"{") || text.starts_with(b"ssh-") {
        return Err(wrong(
            "secret",
            "looks like the text of a key document, not like a secret; use `jwks` for public keys",
        ));
    }
    MacKey::new(secret).ok_or_else(|| {
        wrong("secret", format!("has {} bytes; at least {} are needed", secret.len(), MacKey::MIN_BYTES))
    })
}
