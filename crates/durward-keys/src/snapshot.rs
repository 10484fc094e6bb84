//! The keys in memory, as verification reads them: one map, replaced as a whole.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use durward_core::Moment;

use crate::record::{KeyRecord, KeyState};
use crate::text::{KeyText, Kid};
use crate::{KeyError, KeyProblem};

/// A key that verified, as it is at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The public id.
    pub kid: Arc<str>,
    /// The name for people.
    pub name: Arc<str>,
    /// Whose key it is.
    pub owner: Arc<str>,
    /// The scopes, sorted.
    pub scopes: Arc<[Arc<str>]>,
    /// Unix seconds from which it no longer counts.
    pub expires: Option<u64>,
}

/// One key, ready to be compared with.
pub(crate) struct Entry {
    mac: [u8; 32],
    state: KeyState,
    not_before: Option<u64>,
    verified: Verified,
}

impl Entry {
    pub(crate) fn new(record: &KeyRecord) -> Result<(Kid, Arc<Self>), KeyError> {
        let damaged = |detail: &str| KeyError::Damaged { kid: record.kid.clone(), detail: detail.to_owned() };
        let kid = record.kid.as_bytes().try_into().map_err(|_| damaged("its id has the wrong length"))?;
        let mac = URL_SAFE_NO_PAD.decode(&record.mac).ok().and_then(|bytes| bytes.try_into().ok());
        let mut scopes: Vec<Arc<str>> = record.scopes.iter().map(|scope| scope.as_str().into()).collect();
        scopes.sort();
        scopes.dedup();
        let verified = Verified {
            kid: record.kid.as_str().into(),
            name: record.name.as_str().into(),
            owner: record.owner.as_str().into(),
            scopes: scopes.into(),
            expires: record.expires,
        };
        let entry = Self {
            mac: mac.ok_or_else(|| damaged("its MAC is not 32 bytes in base64url"))?,
            state: record.state,
            not_before: record.not_before,
            verified,
        };
        Ok((kid, Arc::new(entry)))
    }

    /// State and deadlines at this moment.
    fn judge(&self, now: u64) -> Result<(), KeyProblem> {
        match self.state {
            KeyState::Revoked => Err(KeyProblem::Revoked),
            KeyState::Disabled => Err(KeyProblem::Disabled),
            KeyState::Active if self.not_before.is_some_and(|start| now < start) => Err(KeyProblem::NotYet),
            KeyState::Active if self.verified.expires.is_some_and(|end| now >= end) => Err(KeyProblem::Expired),
            KeyState::Active => Ok(()),
        }
    }
}

/// All keys as of one generation of the store.
pub(crate) struct Snapshot {
    pub generation: u64,
    pub entries: HashMap<Kid, Arc<Entry>>,
}

impl Snapshot {
    /// Judges a key text. The secret is compared before anything else is said of the key, and an unknown id costs the
    /// same MAC as a known one, so that time tells nothing about which ids exist.
    pub(crate) fn verify(&self, pepper: &hmac::Key, text: &KeyText<'_>, now: Moment) -> Result<Verified, KeyProblem> {
        let entry = self.entries.get(&text.kid);
        let mac = entry.map_or(&NO_MAC, |entry| &entry.mac);
        let matches = hmac::verify(pepper, text.covered, mac).is_ok();
        let entry = entry.ok_or(KeyProblem::Unknown)?;
        if !matches {
            return Err(KeyProblem::WrongSecret);
        }
        entry.judge(now.unix_seconds())?;
        Ok(entry.verified.clone())
    }

    /// The same keys with one entry replaced, as of the next generation.
    pub(crate) fn with(&self, generation: u64, kid: Kid, entry: Arc<Entry>) -> Self {
        let mut entries = self.entries.clone();
        entries.insert(kid, entry);
        Self { generation, entries }
    }
}

/// What an unknown id is compared with; no text has this MAC, and if one had, the id would still be unknown.
static NO_MAC: [u8; 32] = [0; 32];
