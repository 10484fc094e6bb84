//! The limiter is not the way to exhaust the gateway.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use durward_core::{Rate, StageId};
use durward_limits::{LimitKey, Limiter, Quota, Subject};

use crate::{SECOND, at, key};

fn quota(burst: u64) -> Quota {
    Quota::new(Rate::new(1, Duration::from_secs(60)).unwrap(), burst).unwrap()
}

/// Resident pages; `None` where there is no /proc.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4096)
}

#[test]
fn memory_stays_flat_under_random_keys() {
    let keys = if std::env::var_os("DURWARD_LONG").is_some() { 10_000_000 } else { 1_000_000 };
    let limiter = Limiter::new(1 << 16);
    let quota = quota(5);
    assert!(limiter.check(key(0), &quota, 1, at(SECOND)).is_allowed());
    let before = resident_bytes();
    let passed = (1..=keys).filter(|number| limiter.check(key(*number), &quota, 1, at(SECOND)).is_allowed()).count();
    assert_eq!(passed, keys as usize, "a newcomer is served although the table is full");
    assert_eq!(limiter.capacity(), 1 << 16);
    assert!(limiter.evicted() >= u64::from(keys) - (1 << 16));
    if let (Some(before), Some(after)) = (before, resident_bytes()) {
        assert!(after.saturating_sub(before) < 4 << 20, "grew by {} bytes", after.saturating_sub(before));
    }
}

#[test]
fn who_owes_much_is_not_washed_out_by_a_flood_of_newcomers() {
    let limiter = Limiter::new(1 << 12);
    let quota = quota(10);
    let debtor = key(u32::MAX);
    while limiter.check(debtor, &quota, 1, at(SECOND)).is_allowed() {}
    (0..200_000).for_each(|number| assert!(limiter.check(key(number), &quota, 1, at(SECOND)).is_allowed()));
    assert!(!limiter.check(debtor, &quota, 1, at(SECOND)).is_allowed());
}

#[test]
fn half_a_table_of_debts_is_kept() {
    let limiter = Limiter::new(1 << 18);
    let quota = quota(1);
    let keys = 1 << 17;
    assert!((0..keys).all(|number| limiter.check(key(number), &quota, 1, at(SECOND)).is_allowed()));
    assert!(limiter.evicted() <= 20, "{} of {keys}", limiter.evicted());
    let forgotten = (0..keys).filter(|number| limiter.peek(key(*number), &quota, 1, at(SECOND)).is_allowed()).count();
    assert_eq!(forgotten as u64, limiter.evicted());
}

#[test]
fn one_network_is_one_subject() {
    let limiter = Limiter::new(1);
    let quota = quota(10);
    let pass = |address: IpAddr| {
        let key = LimitKey { stage: StageId::Flood, limit: "", subject: Subject::address(address) };
        limiter.check(key, &quota, 1, at(SECOND)).is_allowed()
    };
    let rotating = (0..10_000u128).map(|host| Ipv6Addr::from((0x2001_0db8_0000_0001_u128 << 64) + host));
    assert_eq!(rotating.filter(|address| pass(IpAddr::V6(*address))).count(), 10);
    assert!(pass("2001:db8:0:2::1".parse().unwrap()), "the neighbour is another subject");
    let v4 = Ipv4Addr::new(192, 0, 2, 1);
    let both = (0..20).filter(|turn| {
        let address = if turn % 2 == 0 { IpAddr::V4(v4) } else { IpAddr::V6(v4.to_ipv6_mapped()) };
        pass(address)
    });
    assert_eq!(both.count(), 10);
}

#[test]
fn limits_and_stages_do_not_share_counts() {
    let limiter = Limiter::new(1);
    let quota = quota(1);
    let subject = Subject::V4([192, 0, 2, 1]);
    let same_bytes = Subject::V6([192, 0, 2, 1, 0, 0, 0, 0]);
    for (stage, limit, subject) in [
        (StageId::Quota, "a", subject),
        (StageId::Quota, "b", subject),
        (StageId::Flood, "a", subject),
        (StageId::Quota, "a", same_bytes),
    ] {
        let key = LimitKey { stage, limit, subject };
        assert!(limiter.check(key, &quota, 1, at(SECOND)).is_allowed(), "{key:?}");
        assert!(!limiter.check(key, &quota, 1, at(SECOND)).is_allowed(), "{key:?}");
    }
}

/// Prints what one decision costs; asserts only that the work happened.
#[test]
fn decisions_are_measured() {
    let quota = Quota::new(Rate::new(1_000_000, Duration::from_millis(1)).unwrap(), 1_000_000).unwrap();
    for (name, keys) in [("one key", 1), ("100,000 keys", 100_000)] {
        let limiter = Limiter::new(1 << 18);
        let start = std::time::Instant::now();
        let passed = (0..300_000u32)
            .filter(|turn| {
                limiter.check(key(turn % keys), &quota, 1, at(SECOND + u64::from(*turn) * 1000)).is_allowed()
            })
            .count();
        println!("{name}: {:?} per decision in this build", start.elapsed() / 300_000);
        assert_eq!(passed, 300_000);
    }
}
