//! Records kept in memory, bounded.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Moment;
use super::persistence::{Persistence, Record, Update};
use crate::ast::Variable;

/// Records kept in memory. When there are too many, those that were not looked at for the longest are dropped.
#[derive(Debug)]
pub struct InMemory {
    shards: Vec<Mutex<Shard>>,
    hasher: foldhash::fast::RandomState,
    limits: InMemoryLimits,
}

/// How much is kept.
#[derive(Debug, Clone, Copy)]
pub struct InMemoryLimits {
    /// The most records.
    pub records: usize,
    /// The most bytes of keys, names and values, with a flat sum for each record and each member.
    pub bytes: usize,
}

impl Default for InMemoryLimits {
    fn default() -> Self {
        Self { records: 100_000, bytes: 64 << 20 }
    }
}

type RecordKey = (Variable, Box<[u8]>);

#[derive(Debug, Default)]
struct Shard {
    kept: HashMap<RecordKey, Kept, foldhash::fast::RandomState>,
    /// Keys in the order in which they are looked at for dropping; each key of `kept` is here once.
    queue: VecDeque<RecordKey>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    record: Record,
    bytes: usize,
    /// Whether it was used since the queue last saw it.
    used: bool,
}

const SHARDS: usize = 16;

impl InMemory {
    /// Keeps up to the limits.
    #[must_use]
    pub fn new(limits: InMemoryLimits) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: foldhash::fast::RandomState::default(),
            limits,
        }
    }

    /// How many records there are, those whose time is over and that nobody asked for included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).kept.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the records have, as they count for the limit.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).bytes).sum()
    }

    fn shard(&self, key: &RecordKey) -> Option<MutexGuard<'_, Shard>> {
        let number = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards.get(number).map(lock)
    }
}

impl Default for InMemory {
    fn default() -> Self {
        Self::new(InMemoryLimits::default())
    }
}

impl Persistence for InMemory {
    fn load(&self, collection: Variable, key: &[u8], now: Moment) -> Option<Record> {
        let key = (collection, key.into());
        let mut shard = self.shard(&key)?;
        let kept = shard.kept.get_mut(&key)?;
        if kept.record.has_expired(now) {
            return None;
        }
        kept.used = true;
        Some(kept.record.clone())
    }

    fn store(&self, collection: Variable, key: &[u8], update: &Update) {
        let key = (collection, key.into());
        let most_records = (self.limits.records / SHARDS).max(1);
        let most_bytes = self.limits.bytes / SHARDS;
        if let Some(mut shard) = self.shard(&key) {
            shard.store(key, update);
            shard.shrink(most_records, most_bytes, update.now);
        }
    }
}

impl Shard {
    fn store(&mut self, key: RecordKey, update: &Update) {
        let kept = self.kept.entry(key.clone()).or_insert_with(|| {
            self.queue.push_back(key.clone());
            Kept { record: Record::default(), bytes: 0, used: false }
        });
        if kept.bytes == 0 || kept.record.has_expired(update.now) {
            kept.record = Record { created: update.now.seconds(), ..Record::default() };
        } else {
            kept.used = true;
        }
        kept.record.apply(update);
        let before = std::mem::replace(&mut kept.bytes, size(&key, &kept.record));
        self.bytes = self.bytes - before + kept.bytes;
    }

    /// Drops records until the rest is within the limits: each that was used since it was last seen gets one more round.
    fn shrink(&mut self, most_records: usize, most_bytes: usize, now: Moment) {
        while self.kept.len() > most_records || self.bytes > most_bytes {
            let Some(key) = self.queue.pop_front() else { break };
            match self.kept.get_mut(&key) {
                Some(kept) if kept.used && !kept.record.has_expired(now) => {
                    kept.used = false;
                    self.queue.push_back(key);
                }
                Some(kept) => {
                    self.bytes -= kept.bytes;
                    self.kept.remove(&key);
                }
                None => {}
            }
        }
    }
}

/// What a record counts for.
fn size(key: &RecordKey, record: &Record) -> usize {
    const FLAT: usize = 128;
    let fields: usize = record.fields.iter().map(|field| field.name.len() + field.value.len() + FLAT / 2).sum();
    2 * key.1.len() + fields + FLAT
}

/// A thread that panicked while it held the lock left whole records, at worst with a wrong sum.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
