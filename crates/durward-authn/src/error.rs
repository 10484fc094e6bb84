//! What is wrong with the configuration of authentication: found when the plan is compiled, never at a request.

use std::fmt;

use durward_core::Scheme;

use crate::jose::Algorithm;
use crate::jwks::JwksError;

/// Why authentication cannot be compiled. The policy crate adds the place in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthnError {
    /// An operation asks for a scheme that the policy has no `[auth.*]` table for.
    SchemeUnknown {
        /// As the contract names it.
        scheme: Scheme,
        /// A known name that is near.
        nearest: Option<Scheme>,
    },
    /// Two authenticators have one name.
    SchemeTwice(Scheme),
    /// A security requirement without alternatives: neither public nor protected.
    RequirementEmpty,
    /// More schemes or alternatives than an operation may have.
    RequirementTooLarge,
    /// A member of the `jwt` table has a value that cannot be used.
    Jwt {
        /// The key in the table.
        key: &'static str,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// The JWKS file cannot be used.
    Jwks(JwksError),
    /// The algorithm does not go with the source of keys.
    AlgorithmUnfit(Algorithm),
    /// The place of an API key is not a usable name.
    KeyPlace(String),
}

impl fmt::Display for AuthnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SchemeUnknown { scheme, nearest: Some(nearest) } => {
                write!(f, "security scheme `{scheme}` has no `[auth.{scheme}]` table; did you mean `{nearest}`?")
            }
            Self::SchemeUnknown { scheme, nearest: None } => {
                write!(f, "security scheme `{scheme}` has no `[auth.{scheme}]` table in the policy")
            }
            Self::SchemeTwice(scheme) => write!(f, "security scheme `{scheme}` is configured twice"),
            Self::RequirementEmpty => {
                f.write_str("security requirement has no alternatives; an operation without authentication must be public in so many words")
            }
            Self::RequirementTooLarge => f.write_str("security requirement has more than 16 schemes or 32 alternatives"),
            Self::Jwt { key, problem } => write!(f, "`jwt.{key}` {problem}"),
            Self::Jwks(error) => error.fmt(f),
            Self::AlgorithmUnfit(Algorithm::Hs256) => {
                f.write_str("algorithm HS256 needs `jwt.secret`; it is never used with public keys")
            }
            Self::AlgorithmUnfit(algorithm) => {
                write!(f, "algorithm {algorithm} needs public keys; with `jwt.secret` only HS256 is used")
            }
            Self::KeyPlace(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for AuthnError {}
