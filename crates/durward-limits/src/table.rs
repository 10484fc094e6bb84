//! Arrival times by fingerprint in memory that never grows.
//!
//! A fingerprint has two buckets of four slots; one bucket is one cache line. A slot whose arrival time is in the past
//! owes nothing and is free. When all eight slots owe something, the one that owes least gives way, which can only
//! forgive a debt, and is counted.
//!
//! Charging a fingerprint that has a slot takes no lock: read the arrival time, check the fingerprint, exchange the
//! arrival time. Giving a slot to another fingerprint takes the lock of the shard that both of its buckets lie in.
//!
//! INVARIANT: a slot changes hands in three steps: fingerprint 0, new arrival time (by exchange), new fingerprint. Whoever
//! read the arrival time before the fingerprint thus never charges a stranger: it sees the fingerprint gone, or its own
//! exchange fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A slot's owner and what it owes.
#[derive(Debug, Default)]
struct Slot {
    /// 0 for nobody.
    fingerprint: AtomicU64,
    arrival: AtomicU64,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Bucket([Slot; 4]);

/// A keyed hash, never zero. Whoever cannot compute it cannot aim at a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) const fn new(hash: u64) -> Self {
        Self(if hash == 0 { 1 } else { hash })
    }
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    buckets: Box<[Bucket]>,
    shards: [Mutex<()>; SHARDS],
    evicted: AtomicU64,
}

impl Table {
    /// A table of at least so many slots, within bounds.
    pub(crate) fn new(slots: usize) -> Self {
        let buckets = slots.clamp(LEAST_SLOTS, MOST_SLOTS).next_power_of_two() / SLOTS;
        Self {
            buckets: (0..buckets).map(|_| Bucket::default()).collect(),
            shards: std::array::from_fn(|_| Mutex::new(())),
            evicted: AtomicU64::new(0),
        }
    }

    pub(crate) const fn slots(&self) -> usize {
        self.buckets.len() * SLOTS
    }

    /// How many debts were forgiven for want of room.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    /// The arrival time of a fingerprint, if it has a slot.
    pub(crate) fn arrival(&self, fingerprint: Fingerprint) -> Option<u64> {
        self.find(fingerprint).map(|(_, arrival)| arrival)
    }

    /// Replaces the arrival time of a fingerprint by what `judge` makes of it: 0 for one without a slot. `Err` of `judge`
    /// leaves it as it is. `judge` may be called more than once.
    pub(crate) fn update<T, E>(
        &self,
        fingerprint: Fingerprint,
        now: u64,
        judge: impl Fn(u64) -> Result<(u64, T), E>,
    ) -> Result<T, E> {
        loop {
            if let Some((slot, arrival)) = self.find(fingerprint) {
                let (next, answer) = judge(arrival)?;
                if exchange(slot, arrival, next) {
                    return Ok(answer);
                }
            } else {
                let (first, answer) = judge(0)?;
                if self.settle(fingerprint, first, now) {
                    return Ok(answer);
                }
            }
        }
    }

    /// Replaces the arrival time of a fingerprint that has a slot, unless somebody else is faster for ever.
    pub(crate) fn amend(&self, fingerprint: Fingerprint, amend: impl Fn(u64) -> u64) {
        while let Some((slot, arrival)) = self.find(fingerprint) {
            if exchange(slot, arrival, amend(arrival)) {
                return;
            }
        }
    }

    fn find(&self, fingerprint: Fingerprint) -> Option<(&Slot, u64)> {
        self.candidates(fingerprint).find_map(|slot| {
            // The order matters: see the invariant above.
            let arrival = slot.arrival.load(Ordering::Acquire);
            (slot.fingerprint.load(Ordering::Acquire) == fingerprint.0).then_some((slot, arrival))
        })
    }

    /// Gives a fingerprint a slot; `false` when it has one by now.
    fn settle(&self, fingerprint: Fingerprint, arrival: u64, now: u64) -> bool {
        let _shard = self.shard(fingerprint);
        loop {
            if self.find(fingerprint).is_some() {
                return false;
            }
            let Some((slot, owed)) = self.cheapest(fingerprint) else { return true };
            // Only the holder of the shard's lock writes fingerprints, so this one stays as it is.
            let owner = slot.fingerprint.load(Ordering::Relaxed);
            slot.fingerprint.store(0, Ordering::Release);
            if exchange(slot, owed, arrival) {
                slot.fingerprint.store(fingerprint.0, Ordering::Release);
                if owner != 0 && owed > now {
                    self.evicted.fetch_add(1, Ordering::Relaxed);
                }
                return true;
            }
            // The owner was charged in this very moment: it keeps its slot, and the search starts again.
            slot.fingerprint.store(owner, Ordering::Release);
        }
    }

    /// The slot that owes least; in the emptier of the two buckets when both have an empty one.
    fn cheapest(&self, fingerprint: Fingerprint) -> Option<(&Slot, u64)> {
        let [first, second] = self.pair(fingerprint);
        let load = |bucket: Option<&Bucket>| {
            let slots = bucket.map_or([].as_slice(), |bucket| bucket.0.as_slice());
            slots.iter().filter(|slot| slot.fingerprint.load(Ordering::Relaxed) != 0).count()
        };
        let pair = if load(first) <= load(second) { [first, second] } else { [second, first] };
        let slots = pair.into_iter().flatten().flat_map(|bucket| bucket.0.iter());
        // Of equals the first wins, so an empty slot of the emptier bucket is taken before one of the fuller.
        slots.map(|slot| (slot, slot.arrival.load(Ordering::Acquire))).min_by_key(|(slot, arrival)| {
            let empty = slot.fingerprint.load(Ordering::Relaxed) == 0;
            (!empty, *arrival)
        })
    }

    fn candidates(&self, fingerprint: Fingerprint) -> impl Iterator<Item = &Slot> {
        self.pair(fingerprint).into_iter().flatten().flat_map(|bucket| bucket.0.iter())
    }

    /// The two buckets of a fingerprint, both in the same shard.
    fn pair(&self, Fingerprint(hash): Fingerprint) -> [Option<&Bucket>; 2] {
        let per_shard = self.buckets.len() / SHARDS;
        let start = shard_index(hash) * per_shard;
        let within = |factor: u64| (hash.wrapping_mul(factor) >> 32) as usize & (per_shard - 1);
        [FIRST, SECOND].map(|factor| self.buckets.get(start + within(factor)))
    }

    // The lock guards no data of its own, so a panic under it leaves nothing behind.
    fn shard(&self, Fingerprint(hash): Fingerprint) -> Option<MutexGuard<'_, ()>> {
        self.shards.get(shard_index(hash)).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn exchange(slot: &Slot, current: u64, next: u64) -> bool {
    slot.arrival.compare_exchange(current, next, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

const fn shard_index(hash: u64) -> usize {
    (hash >> (u64::BITS - SHARDS.trailing_zeros())) as usize
}

const SLOTS: usize = 4;
const SHARDS: usize = 64;
/// One bucket per shard would make both choices the same.
const LEAST_SLOTS: usize = 4 * SLOTS * SHARDS;
/// One gibibyte.
const MOST_SLOTS: usize = 1 << 26;
// Odd constants: multiplication by either permutes the hash.
const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xd1b5_4a32_d192_ed03;
