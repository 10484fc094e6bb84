//! One store, two backends.

use std::path::Path;
use std::sync::Arc;

use crate::{Embedded, Expect, Memory, Space, StoreError, Version, Versioned};

/// A store of versioned records. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub enum Store {
    /// In memory: gone with the process.
    Memory(Arc<Memory>),
    /// On disk, for one process.
    Embedded(Arc<Embedded>),
}

impl Store {
    /// An empty store in memory, for tests, `explain` and gateways without keys.
    #[must_use]
    pub fn memory() -> Self {
        Self::Memory(Arc::new(Memory::default()))
    }

    /// Opens the store in the directory `path`, or creates both. Other files may stand beside it in the directory.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it, [`StoreError::Format`] for a store of another version, and
    /// [`StoreError::Open`] for everything else.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self::Embedded(Arc::new(Embedded::open(path)?)))
    }

    /// One record.
    ///
    /// # Errors
    /// When the disk cannot be read or the record is damaged.
    pub fn get(&self, space: Space, key: &[u8]) -> Result<Option<Versioned>, StoreError> {
        match self {
            Self::Memory(store) => Ok(store.get(space, key)),
            Self::Embedded(store) => store.get(space, key),
        }
    }

    /// Writes a record if what is there is what is expected. When it returns, the record survives a crash.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something else is there; otherwise as the disk fails.
    pub fn put(&self, space: Space, key: &[u8], value: &[u8], expect: Expect) -> Result<Version, StoreError> {
        match self {
            Self::Memory(store) => store.put(space, key, value, expect),
            Self::Embedded(store) => store.put(space, key, value, expect),
        }
    }

    /// Deletes a record if what is there is what is expected; `false` when there was none, which is no change.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something else is there; otherwise as the disk fails.
    pub fn delete(&self, space: Space, key: &[u8], expect: Expect) -> Result<bool, StoreError> {
        match self {
            Self::Memory(store) => store.delete(space, key, expect),
            Self::Embedded(store) => store.delete(space, key, expect),
        }
    }

    /// All records of a space, in the order of their keys, as they were at one point in time.
    ///
    /// # Errors
    /// When the disk cannot be read or a record is damaged.
    pub fn scan(&self, space: Space) -> Result<Vec<(Vec<u8>, Versioned)>, StoreError> {
        match self {
            Self::Memory(store) => Ok(store.scan(space)),
            Self::Embedded(store) => store.scan(space),
        }
    }

    /// How often the space was changed: one more after each change, also across restarts on disk.
    ///
    /// Read it before [`Store::scan`] and keep it with what was read: as long as it stays the same, nothing changed.
    #[must_use]
    pub fn generation(&self, space: Space) -> u64 {
        match self {
            Self::Memory(store) => store.generation(space),
            Self::Embedded(store) => store.generation(space),
        }
    }
}
