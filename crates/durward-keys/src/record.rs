//! What is stored about a key, and what may be shown of it.

use serde::{Deserialize, Serialize};

use crate::KeyError;
use crate::text::is_environment;

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It counts.
    Active,
    /// It does not count until it is enabled again.
    Disabled,
    /// It never counts again.
    Revoked,
}

/// When and why a key was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Unix seconds.
    pub at: u64,
    /// The words of the one who did it.
    pub reason: String,
}

/// What a new key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// A name for people.
    pub name: String,
    /// Whose key it is.
    pub owner: String,
    /// The scopes it carries.
    pub scopes: Vec<String>,
    /// The word in the key text that tells live keys from others: up to 16 lower-case letters and digits, such as `live`.
    pub environment: String,
    /// Unix seconds from which it no longer counts; `None` for never.
    pub expires: Option<u64>,
}

impl NewKey {
    pub(crate) fn check(&self, now: u64) -> Result<(), KeyError> {
        let refuse =
            |what, written: &str, expected| Err(KeyError::Invalid { what, written: written.to_owned(), expected });
        for (what, written) in [("name", &self.name), ("owner", &self.owner)] {
            if !is_label(written) {
                return refuse(what, written, "1 to 128 characters, none of them control characters");
            }
        }
        if !is_environment(&self.environment) {
            return refuse("environment", &self.environment, "1 to 16 lower-case letters and digits, such as `live`");
        }
        if let Some(scope) = self.scopes.iter().find(|scope| !is_scope(scope)) {
            return refuse("scope", scope, "1 to 128 printable ASCII characters without space, quote or backslash");
        }
        if self.scopes.len() > SCOPES_LIMIT {
            return refuse("number of scopes", &self.scopes.len().to_string(), "at most 64");
        }
        match self.expires {
            Some(expires) if expires <= now => {
                refuse("expiry", &expires.to_string(), "a time to come, in Unix seconds")
            }
            _ => Ok(()),
        }
    }
}

pub(crate) fn is_label(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 128 && !text.chars().any(char::is_control)
}

/// `scope-token` of RFC 6749 section 3.3.
fn is_scope(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

const SCOPES_LIMIT: usize = 64;

/// A key as it may be shown: everything but the MAC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyView {
    /// The public id.
    pub kid: String,
    /// A name for people.
    pub name: String,
    /// Whose key it is.
    pub owner: String,
    /// The scopes it carries, sorted.
    pub scopes: Vec<String>,
    /// Whether it counts.
    pub state: KeyState,
    /// The word in the key text.
    pub environment: String,
    /// Unix seconds at which it was made.
    pub created: u64,
    /// Unix seconds before which it does not count yet.
    pub not_before: Option<u64>,
    /// Unix seconds from which it no longer counts.
    pub expires: Option<u64>,
    /// When and why it was revoked.
    pub revoked: Option<Revocation>,
}

/// A key as it is stored. Unknown fields are refused: a restriction that a newer version wrote must not be ignored.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRecord {
    pub kid: String,
    pub name: String,
    pub owner: String,
    /// HMAC-SHA-256 under the pepper, base64url.
    pub mac: String,
    pub scopes: Vec<String>,
    pub state: KeyState,
    pub environment: String,
    pub created: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

impl KeyRecord {
    pub(crate) fn view(&self) -> KeyView {
        KeyView {
            kid: self.kid.clone(),
            name: self.name.clone(),
            owner: self.owner.clone(),
            scopes: self.scopes.clone(),
            state: self.state,
            environment: self.environment.clone(),
            created: self.created,
            not_before: self.not_before,
            expires: self.expires,
            revoked: self.revoked.clone(),
        }
    }

    pub(crate) fn read(key: &[u8], value: &[u8]) -> Result<Self, KeyError> {
        let damaged = |detail: String| KeyError::Damaged { kid: String::from_utf8_lossy(key).into_owned(), detail };
        let record: Self = serde_json::from_slice(value).map_err(|error| damaged(error.to_string()))?;
        if record.kid.as_bytes() == key { Ok(record) } else { Err(damaged("it belongs to another key".to_owned())) }
    }

    pub(crate) fn write(&self) -> Result<Vec<u8>, KeyError> {
        serde_json::to_vec(self).map_err(|error| KeyError::Damaged { kid: self.kid.clone(), detail: error.to_string() })
    }
}
