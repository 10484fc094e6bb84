//! Issuing, verifying, listing and revoking API keys.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use durward_core::{Moment, Secret};
use durward_store::{Expect, Space, Store, StoreError};

use crate::record::{KeyRecord, KeyState, is_label};
use crate::snapshot::{Entry, Snapshot};
use crate::text::{self, KeyText};
use crate::{KeyError, KeyProblem, KeyView, NewKey, Revocation, Verified};

/// The API keys of one store.
pub struct ApiKeys {
    store: Store,
    pepper: hmac::Key,
    snapshot: ArcSwap<Snapshot>,
    // Serialises everything that replaces the snapshot; verification takes it only when the store was changed by others.
    changes: Mutex<()>,
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys").field("keys", &self.snapshot.load().entries.len()).finish_non_exhaustive()
    }
}

impl ApiKeys {
    /// Reads the keys of a store. The pepper must be the one they were made with.
    ///
    /// # Errors
    /// When the store cannot be read, a record is damaged, or the pepper is too short or another one.
    pub fn open(store: Store, pepper: Secret) -> Result<Arc<Self>, KeyError> {
        let bytes = pepper.expose();
        if bytes.len() < PEPPER_LEAST {
            return Err(KeyError::PepperShort { length: bytes.len(), least: PEPPER_LEAST });
        }
        let pepper = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let snapshot = read_all(&store)?;
        remember_pepper(&store, &pepper, snapshot.entries.len())?;
        Ok(Arc::new(Self { store, pepper, snapshot: ArcSwap::from_pointee(snapshot), changes: Mutex::new(()) }))
    }

    /// Judges a key text by the record as it is at this moment. Takes no lock and allocates nothing, unless the store
    /// was changed by somebody else since the last call.
    ///
    /// # Errors
    /// Why the key does not count. For the record; the caller must not learn which it was.
    pub fn verify(&self, text: &str, now: Moment) -> Result<Verified, KeyProblem> {
        let text = KeyText::parse(text)?;
        let snapshot = self.snapshot.load();
        if snapshot.generation == self.store.generation(Space::ApiKeys) {
            return snapshot.verify(&self.pepper, &text, now);
        }
        drop(snapshot);
        self.refresh().map_err(|_| KeyProblem::Unavailable)?;
        self.snapshot.load().verify(&self.pepper, &text, now)
    }

    /// Makes a key. The text is given once and cannot be had again.
    ///
    /// # Errors
    /// When a property is not allowed or the store fails.
    pub fn create(&self, new: NewKey, now: Moment) -> Result<(KeyView, Secret), KeyError> {
        let created = now.unix_seconds();
        new.check(created)?;
        let NewKey { name, owner, mut scopes, environment, expires } = new;
        scopes.sort();
        scopes.dedup();
        let text = text::generate(&environment).ok_or(KeyError::Random)?;
        let parsed = KeyText::parse(&text).map_err(|_| KeyError::Random)?;
        let record = KeyRecord {
            kid: parsed.kid.iter().map(|byte| char::from(*byte)).collect(),
            name,
            owner,
            mac: URL_SAFE_NO_PAD.encode(hmac::sign(&self.pepper, parsed.covered)),
            scopes,
            state: KeyState::Active,
            environment,
            created,
            not_before: None,
            expires,
            revoked: None,
        };
        self.save(&self.changing(), &record, Expect::Absent)?;
        Ok((record.view(), Secret::new(text.as_bytes().to_vec())))
    }

    /// All keys, oldest first; never a secret or a MAC.
    ///
    /// # Errors
    /// When the store cannot be read or a record is damaged.
    pub fn list(&self) -> Result<Vec<KeyView>, KeyError> {
        let found = self.store.scan(Space::ApiKeys)?;
        let mut views = found
            .iter()
            .map(|(key, found)| KeyRecord::read(key, &found.value).map(|record| record.view()))
            .collect::<Result<Vec<_>, _>>()?;
        views.sort_by(|a, b| (a.created, &a.kid).cmp(&(b.created, &b.kid)));
        Ok(views)
    }

    /// Ends a key for good. When it returns, no request with the key passes any more. Revoking again changes nothing.
    ///
    /// # Errors
    /// When no key has the id, the reason is not a line of text, or the store fails.
    pub fn revoke(&self, kid: &str, reason: &str, now: Moment) -> Result<KeyView, KeyError> {
        if !is_label(reason) {
            let expected = "1 to 128 characters, none of them control characters";
            return Err(KeyError::Invalid { what: "reason", written: reason.to_owned(), expected });
        }
        self.change(kid, |record| {
            if record.state != KeyState::Revoked {
                record.state = KeyState::Revoked;
                record.revoked = Some(Revocation { at: now.unix_seconds(), reason: reason.to_owned() });
            }
            Ok(())
        })
    }

    /// Suspends a key until it is enabled again.
    ///
    /// # Errors
    /// When no key has the id, the key is revoked, or the store fails.
    pub fn disable(&self, kid: &str) -> Result<KeyView, KeyError> {
        self.change(kid, |record| set_state(record, KeyState::Disabled))
    }

    /// Lets a disabled key count again.
    ///
    /// # Errors
    /// When no key has the id, the key is revoked, or the store fails.
    pub fn enable(&self, kid: &str) -> Result<KeyView, KeyError> {
        self.change(kid, |record| set_state(record, KeyState::Active))
    }

    /// Reads the store again if it changed.
    ///
    /// # Errors
    /// When the store cannot be read or a record is damaged; the keys stay as they were.
    pub fn refresh(&self) -> Result<(), KeyError> {
        let _changing = self.changing();
        if self.snapshot.load().generation != self.store.generation(Space::ApiKeys) {
            self.snapshot.store(Arc::new(read_all(&self.store)?));
        }
        Ok(())
    }

    fn change(&self, kid: &str, change: impl Fn(&mut KeyRecord) -> Result<(), KeyError>) -> Result<KeyView, KeyError> {
        let changing = self.changing();
        loop {
            let found = self.store.get(Space::ApiKeys, kid.as_bytes())?;
            let found = found.ok_or_else(|| KeyError::Unknown(kid.to_owned()))?;
            let mut record = KeyRecord::read(kid.as_bytes(), &found.value)?;
            change(&mut record)?;
            match self.save(&changing, &record, Expect::Version(found.version)) {
                // Another user of the same store was faster: judge its record instead.
                Err(KeyError::Store(StoreError::Conflict { found: Some(_), .. })) => {}
                result => return result.map(|()| record.view()),
            }
        }
    }

    // INVARIANT: when it returns, verification already sees the record.
    fn save(&self, _changing: &MutexGuard<'_, ()>, record: &KeyRecord, expect: Expect) -> Result<(), KeyError> {
        let (kid, entry) = Entry::new(record)?;
        let version = self.store.put(Space::ApiKeys, record.kid.as_bytes(), &record.write()?, expect)?;
        let snapshot = self.snapshot.load();
        let next = if snapshot.generation + 1 == version.generation() {
            snapshot.with(version.generation(), kid, entry)
        } else {
            read_all(&self.store)?
        };
        self.snapshot.store(Arc::new(next));
        Ok(())
    }

    // The lock guards no data of its own, so a panic under it leaves nothing behind.
    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn set_state(record: &mut KeyRecord, state: KeyState) -> Result<(), KeyError> {
    if record.state == KeyState::Revoked {
        return Err(KeyError::Revoked(record.kid.clone()));
    }
    record.state = state;
    Ok(())
}

/// The generation is read first: a change in between makes the snapshot look older than it is, never newer.
fn read_all(store: &Store) -> Result<Snapshot, KeyError> {
    let generation = store.generation(Space::ApiKeys);
    let entries = store
        .scan(Space::ApiKeys)?
        .iter()
        .map(|(key, found)| Entry::new(&KeyRecord::read(key, &found.value)?))
        .collect::<Result<_, _>>()?;
    Ok(Snapshot { generation, entries })
}

/// Notices a lost or changed pepper at the start, where it can be mended, and not as keys that no longer verify.
fn remember_pepper(store: &Store, pepper: &hmac::Key, keys: usize) -> Result<(), KeyError> {
    let expected = match store.get(Space::Meta, PEPPER_CHECK)? {
        Some(found) if hmac::verify(pepper, PEPPER_CHECK, &found.value).is_ok() => return Ok(()),
        Some(_) if keys > 0 => return Err(KeyError::PepperChanged { keys }),
        Some(found) => Expect::Version(found.version),
        None => Expect::Absent,
    };
    store.put(Space::Meta, PEPPER_CHECK, hmac::sign(pepper, PEPPER_CHECK).as_ref(), expected)?;
    Ok(())
}

const PEPPER_CHECK: &[u8] = b"api-keys/pepper-check";
const PEPPER_LEAST: usize = 32;
