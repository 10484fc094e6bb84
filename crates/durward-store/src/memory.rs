//! The store in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::record::{PerSpace, check_size};
use crate::{Expect, Space, StoreError, Version, Versioned};

type Records = BTreeMap<Vec<u8>, Versioned>;

/// The backend in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: PerSpace<RwLock<Records>>,
    generations: PerSpace<AtomicU64>,
}

impl Memory {
    pub(crate) fn get(&self, space: Space, key: &[u8]) -> Option<Versioned> {
        self.read(space).get(key).cloned()
    }

    pub(crate) fn put(&self, space: Space, key: &[u8], value: &[u8], expect: Expect) -> Result<Version, StoreError> {
        check_size(key, value)?;
        let mut records = self.write(space);
        expect.meet(space, records.get(key).map(|found| found.version))?;
        let version = self.next(space);
        records.insert(key.to_vec(), Versioned { value: value.to_vec(), version });
        self.publish(space, version);
        Ok(version)
    }

    pub(crate) fn delete(&self, space: Space, key: &[u8], expect: Expect) -> Result<bool, StoreError> {
        let mut records = self.write(space);
        let found = records.get(key).map(|found| found.version);
        expect.meet(space, found)?;
        if found.is_none() {
            return Ok(false);
        }
        records.remove(key);
        self.publish(space, self.next(space));
        Ok(true)
    }

    pub(crate) fn scan(&self, space: Space) -> Vec<(Vec<u8>, Versioned)> {
        self.read(space).iter().map(|(key, found)| (key.clone(), found.clone())).collect()
    }

    pub(crate) fn generation(&self, space: Space) -> u64 {
        self.generations.at(space).load(Ordering::Acquire)
    }

    fn next(&self, space: Space) -> Version {
        Version::new(self.generation(space) + 1)
    }

    // INVARIANT: called with the write lock of the space held, after the change, so that whoever sees the new generation
    // also sees the change.
    fn publish(&self, space: Space, version: Version) {
        self.generations.at(space).store(version.generation(), Ordering::Release);
    }

    // A panic while the lock was held cannot leave a map half changed, so poisoning says nothing.
    fn read(&self, space: Space) -> RwLockReadGuard<'_, Records> {
        self.records.at(space).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, space: Space) -> RwLockWriteGuard<'_, Records> {
        self.records.at(space).write().unwrap_or_else(PoisonError::into_inner)
    }
}
