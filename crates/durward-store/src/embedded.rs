//! The store on disk: fjall, one journal, every change synced before it is acknowledged.
//!
//! A record is stored as its version (8 bytes, big endian) and its value. The generation of its space is written in the
//! same atomic batch, so a version never comes twice, whatever happens between two runs.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use crate::record::{PerSpace, check_size};
use crate::{Expect, Space, StoreError, Version, Versioned};

/// The backend on disk.
pub struct Embedded {
    path: PathBuf,
    records: PerSpace<Keyspace>,
    about: Keyspace,
    generations: PerSpace<AtomicU64>,
    // Serialises changes: comparing and writing is one step. Readers never take it.
    changes: Mutex<()>,
    database: Database,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Embedded {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |detail: String| StoreError::Open { path: path.to_path_buf(), detail };
        create_private(path).map_err(|error| failed(error.to_string()))?;
        let opened = |error: fjall::Error| match error {
            fjall::Error::Locked => StoreError::InUse { path: path.to_path_buf() },
            error => failed(explain(&error)),
        };
        let database = Database::builder(path.join(FOLDER))
            .worker_threads(1)
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNAL_BYTES)
            .open()
            .map_err(opened)?;
        let keyspace = |name: &str| {
            database
                .keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))
                .map_err(opened)
        };
        let about = keyspace(ABOUT)?;
        check_format(path, &database, &about)?;
        let records = PerSpace::try_new(|space| keyspace(space.name()))?;
        let generations = PerSpace::try_new(|space| stored_generation(&about, space).map(AtomicU64::new))?;
        Ok(Self { path: path.to_path_buf(), records, about, generations, changes: Mutex::new(()), database })
    }

    pub(crate) fn get(&self, space: Space, key: &[u8]) -> Result<Option<Versioned>, StoreError> {
        match self.records.at(space).get(key).map_err(backend)? {
            Some(stored) => decode(space, &stored).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn put(&self, space: Space, key: &[u8], value: &[u8], expect: Expect) -> Result<Version, StoreError> {
        check_size(key, value)?;
        let _changing = self.changing();
        expect.meet(space, self.get(space, key)?.map(|found| found.version))?;
        self.commit(space, key, Some(value))
    }

    pub(crate) fn delete(&self, space: Space, key: &[u8], expect: Expect) -> Result<bool, StoreError> {
        let _changing = self.changing();
        let found = self.get(space, key)?.map(|found| found.version);
        expect.meet(space, found)?;
        if found.is_none() {
            return Ok(false);
        }
        self.commit(space, key, None).map(|_| true)
    }

    pub(crate) fn scan(&self, space: Space) -> Result<Vec<(Vec<u8>, Versioned)>, StoreError> {
        self.records
            .at(space)
            .iter()
            .map(|entry| {
                let (key, stored) = entry.into_inner().map_err(backend)?;
                Ok((key.to_vec(), decode(space, &stored)?))
            })
            .collect()
    }

    pub(crate) fn generation(&self, space: Space) -> u64 {
        self.generations.at(space).load(Ordering::Acquire)
    }

    // INVARIANT: called with `changes` held. The generation is published after the batch is durable and visible, so that
    // whoever sees the new generation also sees the change.
    fn commit(&self, space: Space, key: &[u8], value: Option<&[u8]>) -> Result<Version, StoreError> {
        let version = Version::new(self.generation(space) + 1);
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        match value {
            Some(value) => batch.insert(self.records.at(space), key, encode(version, value)),
            None => batch.remove(self.records.at(space), key),
        }
        batch.insert(&self.about, space.name(), version.generation().to_be_bytes());
        batch.commit().map_err(backend)?;
        self.generations.at(space).store(version.generation(), Ordering::Release);
        Ok(version)
    }

    // A panic under the lock leaves the batch written or not, never half of it, so poisoning says nothing.
    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The directory, readable by its owner only; one that exists keeps its mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn check_format(path: &Path, database: &Database, about: &Keyspace) -> Result<(), StoreError> {
    match about.get(FORMAT_KEY).map_err(backend)? {
        Some(found) if &*found == FORMAT.as_bytes() => Ok(()),
        Some(found) => Err(StoreError::Format {
            path: path.to_path_buf(),
            found: String::from_utf8_lossy(&found).into_owned(),
            known: FORMAT,
        }),
        None => {
            about.insert(FORMAT_KEY, FORMAT).map_err(backend)?;
            database.persist(PersistMode::SyncAll).map_err(backend)
        }
    }
}

fn stored_generation(about: &Keyspace, space: Space) -> Result<u64, StoreError> {
    let Some(stored) = about.get(space.name()).map_err(backend)? else { return Ok(0) };
    let bytes = <[u8; 8]>::try_from(&*stored).map_err(|_| StoreError::Damaged { space })?;
    Ok(u64::from_be_bytes(bytes))
}

fn encode(version: Version, value: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(8 + value.len());
    stored.extend_from_slice(&version.generation().to_be_bytes());
    stored.extend_from_slice(value);
    stored
}

fn decode(space: Space, stored: &[u8]) -> Result<Versioned, StoreError> {
    let (version, value) = stored.split_first_chunk::<8>().ok_or(StoreError::Damaged { space })?;
    Ok(Versioned { value: value.to_vec(), version: Version::new(u64::from_be_bytes(*version)) })
}

fn backend(error: fjall::Error) -> StoreError {
    StoreError::Backend(explain(&error))
}

/// The engine's own text is a debug print; the system's words are what an operator can act on.
fn explain(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) => error.to_string(),
        fjall::Error::Poisoned => "an earlier write failed; restart to recover".to_owned(),
        fjall::Error::InvalidVersion(_) => "it was written by another version of the storage engine".to_owned(),
        error => error.to_string(),
    }
}

/// The engine's folder within the store's directory, so that other files can stand beside it.
const FOLDER: &str = "records";
/// The keyspace that holds the format and the generations.
const ABOUT: &str = "about";
const FORMAT_KEY: &str = "format";
const FORMAT: &str = "1";
// The records are few and small, and readers keep their own snapshots: the engine gets little memory.
const CACHE_BYTES: u64 = 4 << 20;
const MEMTABLE_BYTES: u64 = 2 << 20;
const JOURNAL_BYTES: u64 = 64 << 20;
