//! The `jwt` table of a scheme, as written.

use std::fmt;

use durward_core::Lapse;
use durward_keys::SecretRef;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::jose::Algorithm;

/// `[auth.NAME] jwt = { .. }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JwtConfig {
    /// The exact `iss` of the tokens; without `jwks` and `secret` also where the keys are discovered.
    pub issuer: String,
    /// Names this service goes by; a token must name at least one.
    pub audience: Audience,
    /// Where the public keys are. Omitted: discovered from the issuer (OpenID Connect Discovery 1.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<JwksPlace>,
    /// A shared secret of at least 32 bytes for HS256, instead of public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretRef>,
    /// The allowed algorithms. Omitted: RS256, PS256, ES256 and EdDSA, or HS256 with a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithms: Option<Vec<Algorithm>>,
    /// How far the clocks of issuer and gateway may differ.
    #[serde(default = "default_skew")]
    pub skew: Lapse,
    /// A profile that the tokens follow strictly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// The claim that holds the scopes.
    #[serde(default = "default_scope_claim")]
    pub scope_claim: String,
}

/// Where public keys are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JwksPlace {
    /// Fetched from this URL and kept fresh.
    Url(String),
    /// Read from this file when the policy is loaded.
    File(String),
}

/// A profile of access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// RFC 9068: `typ` is `at+jwt`, and `sub`, `client_id`, `iat` and `jti` are required.
    Rfc9068,
}

/// One name or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Audience(Vec<String>);

impl Audience {
    /// These names.
    #[must_use]
    pub const fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Vec<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts, such as \"orders\"")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<String>, E> {
                Ok(vec![name.to_owned()])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Vec<String>, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = names.next_element()? {
                    all.push(name);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_any(Names).map(Self)
    }
}

const fn default_skew() -> Lapse {
    Lapse::seconds(30)
}

fn default_scope_claim() -> String {
    "scope".to_owned()
}
