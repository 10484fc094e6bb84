//! The counts of all limits, shared by every plan and every core.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use durward_core::Moment;
use smallvec::SmallVec;

use crate::table::{Fingerprint, Table};
use crate::{Decision, LimitKey, Quota};

/// The counts. Of fixed size: 16 bytes per slot, allocated once.
#[derive(Debug)]
pub struct Limiter {
    table: Table,
    // The seed is random per process, so that nobody can choose subjects that share a bucket.
    hasher: RandomState,
    // The latest moment seen, to within `GRAIN`: time does not go back here, whatever the order in which requests come.
    latest: AtomicU64,
}

/// One limit that a request must meet.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Which count.
    pub key: LimitKey<'a>,
    /// The limit.
    pub quota: Quota,
    /// How many units the request takes.
    pub cost: u32,
}

/// One decision per claim.
pub type Decisions = SmallVec<[Decision; 4]>;

impl Limiter {
    /// Slots for a gateway of which nothing is known: 4 MiB.
    pub const DEFAULT_CAPACITY: usize = 1 << 18;

    /// A limiter with at least `capacity` slots, rounded up to a power of two and at most a gibibyte. With half of the
    /// slots owing something, about one debt in 100,000 is forgiven early.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { table: Table::new(capacity), hasher: RandomState::new(), latest: AtomicU64::new(0) }
    }

    /// The number of slots.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.table.slots()
    }

    /// How many debts were forgiven because the table was full: when this grows, the table is too small.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.table.evicted()
    }

    /// Judges one request against one limit and counts it if it passes.
    #[must_use]
    pub fn check(&self, key: LimitKey<'_>, quota: &Quota, cost: u32, now: Moment) -> Decision {
        self.charge(self.fingerprint(key), *quota, cost, self.note(now))
    }

    /// What [`Limiter::check`] would say, without counting.
    #[must_use]
    pub fn peek(&self, key: LimitKey<'_>, quota: &Quota, cost: u32, now: Moment) -> Decision {
        let now = now.monotonic_nanos().max(self.latest.load(Ordering::Relaxed));
        self.look(self.fingerprint(key), *quota, cost, now)
    }

    /// Judges one request against several limits. It is counted by all of them if it passes all of them, and by none
    /// otherwise: a request that one limit denies does not use up the others.
    #[must_use]
    pub fn check_all<'a>(&self, claims: impl IntoIterator<Item = Claim<'a>>, now: Moment) -> Decisions {
        let now = self.note(now);
        let claims: SmallVec<[(Fingerprint, Quota, u32); 4]> =
            claims.into_iter().map(|claim| (self.fingerprint(claim.key), claim.quota, claim.cost)).collect();
        if claims.len() > 1 {
            let looked: Decisions =
                claims.iter().map(|(key, quota, cost)| self.look(*key, *quota, *cost, now)).collect();
            if !looked.iter().all(|decision| decision.is_allowed()) {
                return looked;
            }
        }
        let mut decisions = Decisions::new();
        for (key, quota, cost) in &claims {
            let decision = self.charge(*key, *quota, *cost, now);
            decisions.push(decision);
            if !decision.is_allowed() {
                // Another core was faster since the look: give back what this request took so far.
                let taken = claims.iter().take(decisions.len() - 1);
                taken.for_each(|(key, quota, cost)| self.give_back(*key, *quota, *cost));
                let rest = claims.iter().skip(decisions.len());
                decisions.extend(rest.map(|(key, quota, cost)| self.look(*key, *quota, *cost, now)));
                break;
            }
        }
        decisions
    }

    /// Takes back what was counted for a request that was not served after all.
    pub fn refund(&self, key: LimitKey<'_>, quota: &Quota, cost: u32) {
        self.give_back(self.fingerprint(key), *quota, cost);
    }

    fn charge(&self, key: Fingerprint, quota: Quota, cost: u32, now: u64) -> Decision {
        let judged = self.table.update(key, now, |arrival| quota.judge(self.capped(arrival, quota), cost, now));
        match judged {
            Ok(decision) => decision,
            Err(denied) => {
                self.cap(key, quota);
                denied
            }
        }
    }

    fn look(&self, key: Fingerprint, quota: Quota, cost: u32, now: u64) -> Decision {
        let arrival = self.capped(self.table.arrival(key).unwrap_or(0), quota);
        match quota.judge(arrival, cost, now) {
            Ok((_, decision)) | Err(decision) => decision,
        }
    }

    fn give_back(&self, key: Fingerprint, quota: Quota, cost: u32) {
        self.table.amend(key, |arrival| arrival.saturating_sub(quota.price(cost)));
    }

    /// The most a subject can owe under a quota is one whole burst. More is left from a former quota with a longer
    /// memory, and would lock its subject out for longer than the present one says.
    fn capped(&self, arrival: u64, quota: Quota) -> u64 {
        let latest = self.latest.load(Ordering::Relaxed);
        if arrival > latest.saturating_add(GRAIN).saturating_add(quota.tolerance()) {
            latest.saturating_add(quota.tolerance())
        } else {
            arrival
        }
    }

    /// Writes the cap down, so that time pays off what is left.
    fn cap(&self, key: Fingerprint, quota: Quota) {
        if let Some(arrival) = self.table.arrival(key)
            && self.capped(arrival, quota) != arrival
        {
            self.table.amend(key, |arrival| self.capped(arrival, quota));
        }
    }

    /// The moment by which a request is judged: its own, or the latest the limiter saw if that is later. A request that
    /// waited on its way here is judged now; and a slot whose debt is over for one core is over for all.
    // INVARIANT: called before any arrival time is computed, so that `latest` is never more than `GRAIN` behind the moments
    // that stored arrival times came from.
    fn note(&self, now: Moment) -> u64 {
        let now = now.monotonic_nanos();
        let latest = self.latest.load(Ordering::Relaxed);
        if now > latest.saturating_add(GRAIN) {
            self.latest.fetch_max(now, Ordering::Relaxed);
        }
        now.max(latest)
    }

    fn fingerprint(&self, key: LimitKey<'_>) -> Fingerprint {
        Fingerprint::new(self.hasher.hash_one(key))
    }
}

/// How exactly the latest moment is kept: seldom enough that cores do not fight over its cache line.
const GRAIN: u64 = 1_000_000;
