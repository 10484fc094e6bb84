//! The two stages, as the pipeline calls them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use durward_core::{
    Caller, Credential, Denial, Mode, PolicyPlace, Principal, PrincipalKind, RateTicket, Reason, RequestIds, Verdict,
};
use durward_http::{Authority, CanonicalPath, Clean, Connection, Facts, Framing, Head, PathRules, Query};
use durward_limits::{FloodConfig, FloodStage, LimitBy, LimitConfig, Limiter, QuotaStage, rate_limit, write_headers};
use http::{HeaderMap, Method, Version};

use crate::{SECOND, at};

fn clean(client: &str, now: u64) -> Clean {
    let (client, now): (IpAddr, _) = (client.parse().unwrap(), at(now));
    let connection = Connection { peer: (client, 1000).into(), local: "192.0.2.1:443".parse().unwrap(), tls: None };
    let head =
        Head { method: Method::GET, uri: "/".parse().unwrap(), version: Version::HTTP_11, headers: HeaderMap::new() };
    let facts = Facts::new(RequestIds::new(1).next(now), now, Arc::new(connection), head, Framing::Empty);
    let path = CanonicalPath::parse("/", PathRules::default()).unwrap();
    Clean::new(facts, path, Query::empty(), Authority::parse("api.example.com").unwrap(), client)
}

fn client(subject: &str) -> Caller {
    let mut caller = Caller::anonymous();
    caller.add(Credential {
        scheme: "app".into(),
        principal: Principal { kind: PrincipalKind::Client, issuer: "keys".into(), subject: subject.into() },
        credential_id: None,
        scopes: Arc::new([]),
        not_after: None,
    });
    caller
}

fn limit(name: &str, text: &str) -> (Arc<str>, LimitConfig, PolicyPlace) {
    (name.into(), toml::from_str(text).unwrap(), PolicyPlace::new(format!("durward.toml:9 limits.{name}")))
}

fn quota(limits: &[(&str, &str)]) -> QuotaStage {
    let limits = limits.iter().map(|(name, text)| limit(name, text)).collect();
    QuotaStage::compile(limits, Arc::new(Limiter::new(1))).unwrap()
}

fn denial<E>(verdict: Verdict<E>) -> Option<Denial> {
    match verdict {
        Verdict::Pass(_) => None,
        Verdict::Deny(denial, _) => Some(*denial),
    }
}

fn ticket(verdict: Verdict<RateTicket>) -> RateTicket {
    match verdict {
        Verdict::Pass(ticket) | Verdict::Deny(_, ticket) => ticket,
    }
}

#[test]
fn floods_end_by_address() {
    let config = FloodConfig { burst: 3, ..FloodConfig::default() };
    let stage = FloodStage::compile(config, Arc::new(Limiter::new(1))).unwrap();
    let denied = |address: &str, now| denial(stage.check(&clean(address, now)));
    assert_eq!((0..3).filter_map(|_| denied("192.0.2.7", SECOND)).count(), 0);
    let refused = denied("192.0.2.7", SECOND).unwrap();
    assert_eq!((refused.reason(), refused.retry_after_seconds()), (Reason::AddressFlooding, Some(1)));
    assert!(denied("192.0.2.8", SECOND).is_none());
    assert!(denied("192.0.2.7", 2 * SECOND).is_none());
    let (a, b) = ("2001:db8::1", "2001:db8::ffff");
    assert_eq!((0..6).filter_map(|turn| denied(if turn % 2 == 0 { a } else { b }, SECOND)).count(), 3);
}

#[test]
fn flood_policies_are_read_strictly() {
    let defaults: FloodConfig = toml::from_str("").unwrap();
    assert_eq!((defaults.rate.to_string(), defaults.burst, defaults.mode), ("200/s".to_owned(), 400, Mode::Enforce));
    assert!(toml::from_str::<FloodConfig>("rat = \"1/s\"").is_err());
    let compile = |text: &str| FloodStage::compile(toml::from_str(text).unwrap(), Arc::new(Limiter::new(1)));
    assert!(compile("burst = 0").unwrap_err().to_string().contains("a burst of 0 does not go with the rate `200/s`"));
    let off = compile("mode = \"off\"\nburst = 1").unwrap();
    assert_eq!((0..10).filter_map(|_| denial(off.check(&clean("192.0.2.7", SECOND)))).count(), 0);
}

#[test]
fn limits_count_the_caller_or_the_address() {
    let stage = quota(&[("caller", "rate = \"60/min\"\nburst = 2")]);
    let denied = |caller: &Caller, address: &str| denial(stage.check(caller, &clean(address, SECOND)));
    let (a, b, nobody) = (client("a"), client("b"), Caller::anonymous());
    assert_eq!((0..3).filter_map(|turn| denied(&a, &format!("192.0.2.{turn}"))).count(), 1, "wherever it calls from");
    assert!(denied(&b, "192.0.2.0").is_none());
    assert_eq!((0..3).filter_map(|_| denied(&nobody, "192.0.2.9")).count(), 1);
    assert!(denied(&nobody, "192.0.2.10").is_none());

    let stage = quota(&[("address", "rate = \"60/min\"\nburst = 2\nby = \"address\"")]);
    let callers = [&a, &b, &nobody];
    let denied = callers.into_iter().filter_map(|caller| denial(stage.check(caller, &clean("192.0.2.9", SECOND))));
    assert_eq!(denied.count(), 1, "whoever calls from it");
}

#[test]
fn a_denial_names_its_limit_and_the_longest_wait() {
    let stage = quota(&[("second", "rate = \"1/s\"\nburst = 1"), ("minute", "rate = \"1/min\"\nburst = 1")]);
    let check = |now| stage.check(&client("a"), &clean("192.0.2.7", now));
    assert!(denial(check(SECOND)).is_none());
    let refused = denial(check(SECOND + SECOND / 2)).unwrap();
    assert_eq!((refused.reason(), refused.retry_after_seconds()), (Reason::RateExceeded, Some(60)));
    assert_eq!(refused.place().map(PolicyPlace::as_str), Some("durward.toml:9 limits.minute"));
    assert!(!refused.is_observed());
    assert!(denial(check(SECOND + SECOND / 2 + 59 * SECOND)).is_some());
    assert!(denial(check(SECOND + SECOND / 2 + 60 * SECOND)).is_none());
}

#[test]
fn limits_that_observe_neither_refuse_nor_take_from_others() {
    let stage = quota(&[
        ("new", "rate = \"1/min\"\nburst = 1\nmode = \"observe\""),
        ("old", "rate = \"1/min\"\nburst = 3"),
        ("none", "rate = \"1/min\"\nburst = 1\nmode = \"off\""),
    ]);
    let check = || denial(stage.check(&client("a"), &clean("192.0.2.7", SECOND)));
    let seen: Vec<_> = (0..5).map(|_| check().map(|denial| (denial.is_observed(), denial.place().cloned()))).collect();
    let (new, old) = (PolicyPlace::new("durward.toml:9 limits.new"), PolicyPlace::new("durward.toml:9 limits.old"));
    let (observed, refused) = (Some((true, Some(new))), Some((false, Some(old))));
    assert_eq!(seen, [None, observed.clone(), observed, refused.clone(), refused]);
    assert_eq!(stage.policy().unwrap(), "\"old\";q=3;w=180", "only what is enforced is told");
    assert_eq!(stage.mode(), Mode::Enforce);
    assert_eq!(quota(&[("a", "rate = \"1/s\"\nmode = \"observe\"")]).mode(), Mode::Observe);
    assert_eq!(quota(&[("a", "rate = \"1/s\"\nmode = \"off\"")]).mode(), Mode::Off);
}

#[test]
fn a_reload_keeps_the_counts() {
    let limiter = Arc::new(Limiter::new(1));
    let passing = |text: &str, now| {
        let stage = QuotaStage::compile(vec![limit("caller", text)], Arc::clone(&limiter)).unwrap();
        (0..100).take_while(|_| denial(stage.check(&client("a"), &clean("192.0.2.7", now))).is_none()).count()
    };
    assert_eq!(passing("rate = \"1/s\"\nburst = 4", SECOND), 4);
    assert_eq!(passing("rate = \"1/s\"\nburst = 4", SECOND), 0);
    assert_eq!(passing("rate = \"1/s\"\nburst = 6", SECOND), 2);
    assert_eq!(passing("rate = \"1/s\"\nburst = 1", SECOND), 0);
    assert_eq!(passing("rate = \"1/s\"\nburst = 1", 7 * SECOND), 1);
}

#[test]
fn headers_say_the_tightest_limit_first() {
    let stage = quota(&[("day", "rate = \"8000/day\""), ("burst", "rate = \"60/min\"\nburst = 5")]);
    let ticket = ticket(stage.check(&client("a"), &clean("192.0.2.7", SECOND)));
    let mut headers = HeaderMap::new();
    headers.insert("ratelimit", "from the service".parse().unwrap());
    write_headers(&stage, &ticket, &mut headers);
    assert_eq!(headers["ratelimit"], "\"burst\";r=4;t=1, \"day\";r=99;t=11");
    assert_eq!(headers["ratelimit-policy"], "\"day\";q=100;w=1080, \"burst\";q=5;w=5");
    assert_eq!(headers.len(), 2);

    let none = quota(&[]);
    let mut headers = HeaderMap::new();
    write_headers(&none, &self::ticket(none.check(&client("a"), &clean("192.0.2.7", SECOND))), &mut headers);
    assert!(headers.is_empty() && rate_limit(&RateTicket::default()).is_none());
}

#[test]
fn limit_policies_are_read_strictly() {
    for (text, burst) in
        [("60/min", 60), ("10/s", 10), ("8000/day", 100), ("6000/min", 100), ("1000/s", 1000), ("120000/min", 2000)]
    {
        let config: LimitConfig = toml::from_str(&format!("rate = \"{text}\"")).unwrap();
        assert_eq!((config.burst_or_default(), config.by), (burst, LimitBy::Caller), "{text}");
        assert!(config.rate.period() >= Duration::from_secs(1));
    }
    for text in ["", "rate = \"60\"", "rate = \"1/s\"\nby = \"key\"", "rate = \"1/s\"\nquota = \"1/day\""] {
        assert!(toml::from_str::<LimitConfig>(text).is_err(), "{text}");
    }
    let table: [(&[(&str, &str)], &str); 4] = [
        (&[("a b", "rate = \"1/s\"")], "`a b` cannot be the name of a limit"),
        (&[("", "rate = \"1/s\"")], "`` cannot be the name of a limit"),
        (&[("a", "rate = \"1/s\"\nburst = 0")], "a burst of 0 does not go with the rate `1/s` of the limit `a`"),
        (&[("a", "rate = \"1/s\""), ("a", "rate = \"1/s\"")], "the limit `a` is given twice"),
    ];
    for (limits, expected) in table {
        let limits = limits.iter().map(|(name, text)| limit(name, text)).collect();
        let error = QuotaStage::compile(limits, Arc::new(Limiter::new(1))).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
