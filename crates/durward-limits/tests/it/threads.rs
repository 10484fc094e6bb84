//! The bounds hold when many threads charge the same counts.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use durward_core::Rate;
use durward_limits::{Claim, Limiter, Quota};

use crate::{SECOND, at, key};

const OPERATIONS: u64 = 200_000;

/// A clock that every reading moves on, so that the whole run has one known length.
fn readings(clock: &AtomicU64, step: u64) -> impl Iterator<Item = u64> + '_ {
    std::iter::repeat_with(move || clock.fetch_add(step, Ordering::Relaxed))
        .take_while(move |now| *now < OPERATIONS * step)
}

#[test]
fn two_threads_pass_no_more_than_one_would() {
    let quota = Quota::new(Rate::new(1000, Duration::from_secs(1)).unwrap(), 100).unwrap();
    let (limiter, clock) = (Limiter::new(1), AtomicU64::new(0));
    let pass =
        || readings(&clock, 10_000).filter(|now| limiter.check(key(1), &quota, 1, at(*now)).is_allowed()).count();
    let passed = thread::scope(|scope| {
        let threads = [scope.spawn(pass), scope.spawn(pass)];
        threads.map(|thread| thread.join().unwrap()).into_iter().sum::<usize>()
    });
    // 2 seconds at 1000/s, and the burst.
    assert!((2_000..=2_100).contains(&passed), "{passed}");
}

#[test]
fn slots_that_change_hands_under_four_threads_charge_nobody_twice_or_free() {
    // Each of a few callers hammers its limit for two milliseconds, then rests while a crowd that owes next to nothing
    // takes over every free slot of the table, its own included.
    const CALLERS: u64 = 16;
    const WINDOW: u64 = 2_000_000;
    let quota = Quota::new(Rate::new(1000, Duration::from_secs(1)).unwrap(), 2).unwrap();
    let crowd = Quota::new(Rate::new(1_000_000, Duration::from_secs(1)).unwrap(), 1).unwrap();
    let (limiter, clock) = (Limiter::new(1), AtomicU64::new(0));
    let passed: Vec<AtomicU64> = (0..CALLERS).map(|_| AtomicU64::new(0)).collect();
    let hammer = || {
        for now in readings(&clock, 1_000) {
            let caller = now / WINDOW % CALLERS;
            if limiter.check(key(caller as u32), &quota, 1, at(now)).is_allowed() {
                passed[caller as usize].fetch_add(1, Ordering::Relaxed);
            }
            let _ = limiter.check(key(1_000 + now as u32 / 1_000), &crowd, 1, at(now));
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(hammer))));
    let windows = OPERATIONS * 1_000 / (WINDOW * CALLERS);
    for passed in passed.iter().map(|passed| passed.load(Ordering::Relaxed)) {
        // The burst and what flows in, per window; a window may begin a millisecond late and one may be unfinished.
        assert!(passed <= (windows + 1) * 5, "{passed} in {windows} windows");
        assert!(passed >= windows, "{passed} in {windows} windows");
    }
}

#[test]
fn several_limits_at_once_are_counted_together() {
    const ROUNDS: u32 = 5_000;
    let hour = |burst| Quota::new(Rate::new(1, Duration::from_secs(3600)).unwrap(), burst).unwrap();
    let (wide, narrow) = (hour(u64::from(ROUNDS)), hour(1));
    let limiter = Limiter::new(1 << 16);
    let started = [AtomicU32::new(0), AtomicU32::new(0)];
    // In each round two threads want the one unit of a new narrow limit at the same time.
    let pass = |thread: usize| {
        let round = |round: &u32| {
            started[thread].store(*round, Ordering::Release);
            while started[1 - thread].load(Ordering::Acquire) < *round {
                thread::yield_now();
            }
            let claims =
                [(0, wide), (*round, narrow)].map(|(number, quota)| Claim { key: key(number), quota, cost: 1 });
            limiter.check_all(claims, at(SECOND)).iter().all(|one| one.is_allowed())
        };
        (1..=ROUNDS).filter(round).count()
    };
    let passed = thread::scope(|scope| {
        let other = scope.spawn(|| pass(1));
        pass(0) + other.join().unwrap()
    });
    assert!(passed <= ROUNDS as usize, "{passed}");
    let left = u32::try_from(ROUNDS as usize - passed).unwrap();
    assert!(limiter.peek(key(0), &wide, left, at(SECOND)).is_allowed(), "what was denied was given back");
    assert!(!limiter.peek(key(0), &wide, left + 1, at(SECOND)).is_allowed(), "and no more than that");
}
