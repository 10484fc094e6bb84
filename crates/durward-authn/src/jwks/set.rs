//! A JWKS document (RFC 7517 section 5).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::jose::{Algorithm, KeyFault, PublicKey, Verifier, read_jwk};
use crate::json::{Member, Members};

/// The largest JWKS document that is read.
pub const MAX_JWKS_BYTES: usize = 256 * 1024;

/// The most keys a JWKS document may have.
pub const MAX_KEYS: usize = 100;

const MAX_DEPTH: usize = 8;

/// What is wrong with a JWKS document as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwksError {
    /// More than [`MAX_JWKS_BYTES`].
    TooLarge(usize),
    /// Not a strict JSON object.
    Json(String),
    /// No `keys` array.
    NoKeys,
    /// A document that the operator wrote has an empty `keys` array.
    Empty,
    /// More than [`MAX_KEYS`].
    TooManyKeys(usize),
    /// A key of a document that the operator wrote is faulty.
    Key(KeyProblemReport),
}

impl fmt::Display for JwksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => write!(f, "jwks has {bytes} bytes; at most {MAX_JWKS_BYTES} are read"),
            Self::Json(why) => write!(f, "jwks is not a strict json object: {why}"),
            Self::NoKeys => f.write_str("jwks has no `keys` array"),
            Self::Empty => f.write_str("jwks has no keys, so no token could ever verify"),
            Self::TooManyKeys(count) => write!(f, "jwks has {count} keys; at most {MAX_KEYS} are read"),
            Self::Key(report) => write!(f, "jwks {report}"),
        }
    }
}

impl std::error::Error for JwksError {}

/// One key that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProblemReport {
    /// Its position in the document, from 1.
    pub position: usize,
    /// Its `kid`, where it has one that can be read.
    pub kid: Option<Box<str>>,
    /// What is wrong.
    pub fault: KeyFault,
}

impl fmt::Display for KeyProblemReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "key {} (`{}`) {}", self.position, kid.escape_debug(), self.fault),
            None => write!(f, "key {} (without `kid`) {}", self.position, self.fault),
        }
    }
}

/// What a set says of a token's key.
#[derive(Debug)]
pub enum Found<'s> {
    /// The one key that may have signed it.
    Key(&'s Verifier),
    /// The set has no such key.
    Nothing,
    /// The token names no key and more than one could be meant.
    Ambiguous,
    /// The set has the key, but not for this algorithm.
    OtherAlgorithm,
}

/// The usable keys of an issuer.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<PublicKey>,
    by_kid: HashMap<Box<str>, Vec<usize>>,
    problems: Vec<KeyProblemReport>,
}

impl KeySet {
    /// Reads a document. Keys that cannot be used are left out and reported by [`KeySet::problems`]; keys of a type
    /// that has nothing to do with signatures here are among them, and are harmless.
    ///
    /// # Errors
    /// [`JwksError`] when the document as a whole cannot be used.
    pub fn parse(document: &[u8], allowed: &[Algorithm]) -> Result<Self, JwksError> {
        if document.len() > MAX_JWKS_BYTES {
            return Err(JwksError::TooLarge(document.len()));
        }
        let document = Members::read(document, MAX_DEPTH).map_err(JwksError::Json)?;
        let Some(Member::List(entries)) = document.find("keys") else {
            return Err(JwksError::NoKeys);
        };
        if entries.len() > MAX_KEYS {
            return Err(JwksError::TooManyKeys(entries.len()));
        }
        let mut set = Self::default();
        let mut positions = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let Member::Object(members) = entry else {
                set.problems.push(KeyProblemReport { position: at + 1, kid: None, fault: KeyFault::NotAnObject });
                continue;
            };
            match read_jwk(members, allowed) {
                Ok(key) => {
                    positions.push(at + 1);
                    set.keys.push(key);
                }
                Err(fault) => {
                    let kid = members.find("kid").and_then(Member::text).filter(|kid| kid.len() <= 256);
                    set.problems.push(KeyProblemReport { position: at + 1, kid: kid.map(Box::from), fault });
                }
            }
        }
        set.drop_duplicates(&positions);
        set.index();
        Ok(set)
    }

    /// Reads a document that the operator wrote: a faulty key is an error, a key that is merely not for us is not, but
    /// one key at least must be usable.
    ///
    /// # Errors
    /// [`JwksError`] for the first fault, naming the key.
    pub fn parse_own(document: &[u8], allowed: &[Algorithm]) -> Result<Self, JwksError> {
        let set = Self::parse(document, allowed)?;
        let fault = set.problems.iter().find(|report| set.is_empty() || !report.fault.is_harmless());
        match fault {
            Some(report) => Err(JwksError::Key(report.clone())),
            None if set.is_empty() => Err(JwksError::Empty),
            None => Ok(set),
        }
    }

    /// The key for a token.
    #[must_use]
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let Some(kid) = kid else {
            let mut fitting = self.keys.iter().filter_map(|key| key.verifier(algorithm));
            return match (fitting.next(), fitting.next()) {
                (Some(only), None) => Found::Key(only),
                (Some(_), Some(_)) => Found::Ambiguous,
                (None, _) => Found::Nothing,
            };
        };
        let Some(places) = self.by_kid.get(kid) else {
            return Found::Nothing;
        };
        let mut named = places.iter().filter_map(|place| self.keys.get(*place));
        named.find_map(|key| key.verifier(algorithm)).map_or(Found::OtherAlgorithm, Found::Key)
    }

    /// How many keys are usable.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is usable: every token of the issuer is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that are left out, for the operator.
    #[must_use]
    pub fn problems(&self) -> &[KeyProblemReport] {
        &self.problems
    }

    /// Two keys that answer to the same name and algorithm make the name worthless: neither is used (RFC 7517
    /// section 4.5 asks for distinct values). The same `kid` for different algorithms is told apart and stays.
    fn drop_duplicates(&mut self, positions: &[usize]) {
        let clash = |key: &PublicKey| {
            let same = |other: &&PublicKey| {
                key.kid().is_some()
                    && key.kid() == other.kid()
                    && Algorithm::ALL.iter().any(|a| key.verifier(*a).is_some() && other.verifier(*a).is_some())
            };
            self.keys.iter().filter(same).count() > 1
        };
        let clashing: Vec<bool> = self.keys.iter().map(clash).collect();
        for ((key, position), _) in self.keys.iter().zip(positions).zip(&clashing).filter(|(_, clashes)| **clashes) {
            let kid = key.kid().map(Box::from);
            self.problems.push(KeyProblemReport { position: *position, kid, fault: KeyFault::Duplicate });
        }
        let mut clashing = clashing.into_iter();
        self.keys.retain(|_| !clashing.next().unwrap_or(false));
    }

    fn index(&mut self) {
        for (at, key) in self.keys.iter().enumerate() {
            if let Some(kid) = key.kid() {
                self.by_kid.entry(kid.into()).or_default().push(at);
            }
        }
    }
}

/// A set shared between requests.
pub(super) type SharedSet = Arc<KeySet>;
