//! The fast way (rules decided beforehand, values scanned) and the slow way (every rule interpreted) find exactly the same:
//! the same matches with the same evidence, the same interruption, the same variables at the end.

mod rules;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use durward_seclang::ast::{EngineMode, IdRange, RuleId, Target};
use durward_seclang::load::Loader;
use durward_seclang::overlay::{Exclusion, OverlaySpec, RuleSelector};
use durward_seclang::syntax;

use crate::drive::{Engine, Verdict, Worker};
use crate::ftw::backend::Backend;
use crate::ftw::{self, server::Request};
use crate::{base, suites};

#[test]
fn all_requests_of_crs4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    compare(|loader| base::crs4(loader, &corpus, ""), &corpus.join("tests/cases"), Backend::Albedo);
}

#[test]
fn all_requests_of_crs3() {
    let Some(corpus) = suites::corpus("crs3") else { return };
    let Some(rules) = suites::debian() else { return };
    compare(|loader| base::crs3(loader, &rules, ""), &corpus.join("cases"), Backend::Site);
}

/// Both ways for one route.
struct Both {
    fast: Engine,
    slow: Engine,
}

impl Both {
    fn of(engine: &Engine, spec: &OverlaySpec) -> Self {
        Self::possible(engine, spec).expect("a route of these rules")
    }

    /// `None` if the route names what the rules do not have.
    fn possible(engine: &Engine, spec: &OverlaySpec) -> Option<Self> {
        Some(Self { fast: engine.route(spec)?, slow: engine.slow_route(spec)? })
    }
}

/// Working memory for both.
#[derive(Default)]
struct Workers {
    fast: Worker,
    slow: Worker,
}

/// Routes that differ as much as routes can.
fn routes() -> Vec<OverlaySpec> {
    let level = |blocking, detecting| OverlaySpec {
        paranoia_level: Some(blocking),
        detection_paranoia_level: Some(detecting),
        ..OverlaySpec::default()
    };
    let range = |first, last| RuleSelector::Ids(IdRange { first: RuleId(first), last: RuleId(last) });
    let targets = |text: &str| -> Vec<Target> { syntax::targets(text.as_bytes()).unwrap() };
    let exclude = |rules: RuleSelector, text: &str| {
        targets(text).into_iter().map(move |target| Exclusion { rules: rules.clone(), target })
    };
    let mut narrow = level(2, 3);
    narrow.removed = vec![range(941_000, 941_199), RuleSelector::Tag("attack-lfi".into()), range(901_160, 901_160)];
    narrow.excluded =
        exclude(RuleSelector::Tag("OWASP_CRS".into()), "ARGS:/^v/|REQUEST_HEADERS:User-Agent|TX:/paranoia/")
            .chain(exclude(range(942_100, 942_999), "ARGS|REQUEST_COOKIES:a|XML"))
            .collect();
    vec![
        level(1, 1),
        OverlaySpec { mode: Some(EngineMode::DetectionOnly), ..level(4, 4) },
        level(1, 4),
        narrow,
        OverlaySpec { inbound_threshold: Some(100), outbound_threshold: Some(100), ..level(3, 3) },
        OverlaySpec { mode: Some(EngineMode::DetectionOnly), ..OverlaySpec::default() },
    ]
}

/// Each request on one of the routes; with `DURWARD_EXHAUSTIVE` set, on all of them.
fn compare(rules: impl FnOnce(Loader<'_>) -> Loader<'_>, cases: &Path, backend: Backend) {
    let engine = Engine::load(rules);
    let routes: Vec<Both> = routes().iter().map(|spec| Both::of(&engine, spec)).collect();
    let requests = ftw::requests(cases);
    let exhaustive = std::env::var_os("DURWARD_EXHAUSTIVE").is_some();
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut workers, mut matches) = (Workers::default(), 0);
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((title, request)) = requests.get(at) else { return matches };
            for (number, route) in routes.iter().enumerate() {
                if exhaustive || at % routes.len() == number {
                    let found = same(route, request, backend, &mut workers);
                    matches += found.unwrap_or_else(|why| panic!("{title} on route {number}: {why}")).matches.len();
                }
            }
        }
    };
    let matches: usize = std::thread::scope(|scope| {
        let running = [scope.spawn(work), scope.spawn(work)];
        running.into_iter().map(|thread| thread.join().expect("a thread that compares")).sum()
    });
    println!("{} requests, {matches} matches", requests.len());
    assert!(matches > requests.len(), "hardly any rule was heard of");
}

/// Runs a request both ways. The error says what differs.
fn same(route: &Both, request: &Request, backend: Backend, workers: &mut Workers) -> Result<Verdict, String> {
    let fast = route.fast.exchange(request, backend, &mut workers.fast);
    let slow = route.slow.exchange(request, backend, &mut workers.slow);
    if fast == slow {
        return Ok(fast);
    }
    let ids = |verdict: &Verdict| verdict.matches.iter().map(|found| found.id().0).collect::<Vec<_>>();
    if ids(&fast) != ids(&slow) {
        return Err(format!("fast {:?}, slow {:?}", ids(&fast), ids(&slow)));
    }
    for (fast, slow) in fast.matches.iter().zip(&slow.matches) {
        if fast != slow {
            return Err(format!("fast {fast:#?}\nslow {slow:#?}"));
        }
    }
    for (name, value) in fast.variables.iter().chain(&slow.variables) {
        let (fast, slow) = (fast.variables.get(name), slow.variables.get(name));
        if fast != slow {
            return Err(format!("TX:{}: {value:?} of fast {fast:?}, slow {slow:?}", String::from_utf8_lossy(name)));
        }
    }
    Err(format!("fast {:?}, slow {:?}", fast.interruption, slow.interruption))
}
