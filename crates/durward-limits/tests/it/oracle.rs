//! Every decision equals that of an oracle.

use std::num::NonZeroU32;
use std::time::Duration;

use durward_core::Rate;
use durward_limits::{Claim, Decision, Limiter, Quota};
use governor::clock::FakeRelativeClock;
use governor::{Quota as GovernorQuota, RateLimiter};
use proptest::prelude::*;

use crate::{SECOND, at, key};

fn rate(count: u64, period: u64) -> Rate {
    Rate::new(count, Duration::from_nanos(period)).unwrap()
}

/// A leaky bucket: what is owed at a moment. In exact integers and another form than the one under test. Moments that
/// lie back count as the latest one, which is kept to the millisecond.
struct Oracle {
    interval: i128,
    burst: i128,
    owed: i128,
    when: i128,
    latest: u64,
}

impl Oracle {
    fn check(&mut self, cost: u32, now: u64) -> bool {
        let now = now.max(self.latest);
        if now > self.latest + 1_000_000 {
            self.latest = now;
        }
        let owed = (self.owed + self.when - i128::from(now)).max(0) + self.interval * i128::from(cost);
        let passes = owed <= self.interval * self.burst;
        if passes {
            (self.owed, self.when) = (owed, i128::from(now));
        }
        passes
    }

    fn refund(&mut self, cost: u32) {
        self.owed -= self.interval * i128::from(cost);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Check { cost: u32, advance: i64 },
    Refund,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let advance = prop_oneof![Just(0), 0..2_000_000_000i64, -3_000_000_000..0i64, 0..60_000_000_000i64];
    let check = (1..4u32, advance).prop_map(|(cost, advance)| Step::Check { cost, advance });
    prop::collection::vec(prop_oneof![9 => check, 1 => Just(Step::Refund)], 1..200)
}

proptest! {
    /// Also when the clock goes back.
    #[test]
    fn decisions_are_those_of_an_exact_bucket(count in 1..50u64, period in 1..100_000_000_000u64, burst in 1..20u64, steps in steps()) {
        let quota = Quota::new(rate(count, period), burst).unwrap();
        let limiter = Limiter::new(1);
        let interval = i128::from(period.div_ceil(count));
        let mut oracle = Oracle { interval, burst: burst.into(), owed: 0, when: 0, latest: 0 };
        let (mut now, mut last) = (1_000 * SECOND, None);
        for step in steps {
            match step {
                Step::Check { cost, advance } => {
                    now = now.saturating_add_signed(advance);
                    let (decision, expected) = (limiter.check(key(1), &quota, cost, at(now)), oracle.check(cost, now));
                    prop_assert_eq!(decision.is_allowed(), expected, "{:?} at {}", decision, now);
                    prop_assert_eq!(decision == Decision::Never, u64::from(cost) > burst);
                    last = expected.then_some(cost);
                }
                Step::Refund => {
                    if let Some(cost) = last.take() {
                        limiter.refund(key(1), &quota, cost);
                        oracle.refund(cost);
                    }
                }
            }
        }
    }

    /// In any order of moments, no more passes than the burst and what flows in from the first moment to the last.
    #[test]
    fn the_bound_holds_whatever_the_clock_does(moments in prop::collection::vec(0..20 * SECOND, 1..400), burst in 1..10u64) {
        let quota = Quota::new(rate(5, SECOND), burst).unwrap();
        let limiter = Limiter::new(1);
        let passed = moments.iter().filter(|now| limiter.check(key(1), &quota, 1, at(**now)).is_allowed()).count() as u64;
        let span = moments.iter().max().unwrap() - moments.iter().min().unwrap();
        prop_assert!(passed <= burst + span / (SECOND / 5));
    }

    #[test]
    fn decisions_are_those_of_governor(per_second in prop::sample::select(vec![1u32, 2, 5, 10, 100, 1000]), burst in 1..20u32,
        gaps in prop::collection::vec(prop_oneof![Just(0u64), 0..SECOND / 100, 0..3 * SECOND], 1..200)) {
        let clock = FakeRelativeClock::default();
        let governor_quota = GovernorQuota::per_second(NonZeroU32::new(per_second).unwrap()).allow_burst(NonZeroU32::new(burst).unwrap());
        let governor = RateLimiter::direct_with_clock(governor_quota, clock.clone());
        let quota = Quota::new(rate(per_second.into(), SECOND), burst.into()).unwrap();
        let limiter = Limiter::new(1);
        let mut now = 0;
        for gap in gaps {
            now += gap;
            clock.advance(Duration::from_nanos(gap));
            prop_assert_eq!(limiter.check(key(1), &quota, 1, at(now)).is_allowed(), governor.check().is_ok(), "at {}", now);
        }
    }

    /// After the wait that was told it passes; one second earlier it did not. What remains is what passes.
    #[test]
    fn what_is_told_is_true(count in 1..1000u64, period in prop::sample::select(vec![SECOND, 60 * SECOND, 3600 * SECOND]),
        burst in 1..50u64, cost in 1..3u32, start in 0..SECOND) {
        let quota = Quota::new(rate(count, period), burst).unwrap();
        let limiter = Limiter::new(1);
        let now = 7 * SECOND + start;
        loop {
            match limiter.check(key(1), &quota, cost, at(now)) {
                Decision::Allowed { remaining, reset_seconds } => {
                    prop_assert!(remaining < burst);
                    prop_assert!(reset_seconds >= 1 && reset_seconds <= quota.refill_seconds());
                    let mut passing = 0;
                    while limiter.check(key(1), &quota, 1, at(now)).is_allowed() { passing += 1; }
                    prop_assert_eq!(passing, remaining);
                    (0..passing).for_each(|_| limiter.refund(key(1), &quota, 1));
                    let one_more = u32::try_from(remaining + 1).unwrap();
                    let later = at(now + u64::from(reset_seconds) * SECOND);
                    prop_assert!(limiter.peek(key(1), &quota, one_more, later).is_allowed());
                }
                Decision::Denied { retry_after_seconds, remaining } => {
                    prop_assert!(retry_after_seconds >= 1 && remaining < u64::from(cost));
                    let wait = u64::from(retry_after_seconds) * SECOND;
                    prop_assert!(limiter.peek(key(1), &quota, cost, at(now + wait)).is_allowed());
                    prop_assert!(!limiter.peek(key(1), &quota, cost, at(now + wait - SECOND)).is_allowed());
                    break;
                }
                Decision::Never => {
                    prop_assert!(u64::from(cost) > burst);
                    break;
                }
            }
        }
    }
}

#[test]
fn a_denied_limit_does_not_use_up_the_others() {
    let wide = Quota::new(rate(1, SECOND), 10).unwrap();
    let narrow = Quota::new(rate(1, SECOND), 2).unwrap();
    let limiter = Limiter::new(1);
    let claims = || [(key(1), wide), (key(2), narrow)].map(|(key, quota)| Claim { key, quota, cost: 1 });
    let verdicts: Vec<_> =
        (0..5).map(|_| limiter.check_all(claims(), at(SECOND)).iter().all(|one| one.is_allowed())).collect();
    assert_eq!(verdicts, [true, true, false, false, false]);
    assert_eq!(limiter.peek(key(1), &wide, 8, at(SECOND)), Decision::Allowed { remaining: 0, reset_seconds: 1 });
    assert!(limiter.check_all([], at(SECOND)).is_empty());
}

#[test]
fn a_changed_rate_keeps_the_counts_and_locks_nobody_out() {
    let quota = |count, period, burst| Quota::new(rate(count, period), burst).unwrap();
    let limiter = Limiter::new(1);
    let pass =
        |quota: &Quota, now| (0..1000).take_while(|_| limiter.check(key(1), quota, 1, at(now)).is_allowed()).count();
    assert_eq!(pass(&quota(1, SECOND, 10), SECOND), 10);
    assert_eq!(pass(&quota(1, SECOND, 15), SECOND), 5, "a wider burst starts from what is owed");
    assert_eq!(pass(&quota(1, SECOND, 3), SECOND), 0, "a narrower one too");
    assert_eq!(pass(&quota(1, SECOND, 3), 2 * SECOND), 1, "and owes no more than itself");
    assert_eq!(pass(&quota(1, SECOND, 3), 5 * SECOND), 3);
    let day = quota(1, 86_400 * SECOND, 1);
    let limiter = Limiter::new(1);
    let pass =
        |quota: &Quota, now| (0..1000).take_while(|_| limiter.check(key(1), quota, 1, at(now)).is_allowed()).count();
    assert_eq!((pass(&day, SECOND), pass(&day, 1000 * SECOND)), (1, 0));
    assert_eq!(pass(&quota(10, SECOND, 10), 1001 * SECOND), 0, "the whole burst is owed when the rate changes");
    assert_eq!(pass(&quota(10, SECOND, 10), 1002 * SECOND), 10, "and a second later it is not");
}

#[test]
fn quotas_without_a_meaning_are_none() {
    assert_eq!(Quota::new(rate(1, SECOND), 0), None);
    assert_eq!(Quota::new(rate(1, 86_400 * SECOND), u64::MAX), None);
    assert!(Quota::new(rate(u64::MAX, SECOND), 1).is_some());
}
