//! Entries to record.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use durward_core::{
    Charter, Denial, Evidence, Mode, Moment, Notes, OperationName, Outcome, PolicyPlace, Principal, PrincipalKind,
    Reason, RequestIds, StageId, Trail, Verdict,
};
use durward_record::{Build, Entry, Exchange, Metrics};

pub const NOON: u64 = 1_795_608_000_000_000_000;

pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: Vec<String>,
    pub subject: String,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            method: "POST".into(),
            path: "/orders/17".into(),
            query: vec!["dry_run".into()],
            subject: "alice".into(),
        }
    }
}

impl Evidence for Seen {
    fn note(&self, notes: &mut Notes) {
        notes.client = Some([203, 0, 113, 9].into());
        notes.method = Some(self.method.clone().into());
        notes.path = Some(self.path.as_str().into());
        notes.query_names = self.query.iter().map(|name| name.as_str().into()).collect();
        notes.operation = Some(OperationName { api: "orders".into(), operation: "createOrder".into() });
        notes.template = Some("/orders/{id}".into());
        notes.principal = Some(Principal {
            kind: PrincipalKind::User,
            issuer: "https://id.example.com".into(),
            subject: self.subject.as_str().into(),
        });
        notes.credentials.push(("user".into(), Some("jti-1".into())));
    }
}

pub fn exchange(received: Moment, status: u16) -> Exchange {
    Exchange {
        received,
        status,
        upstream_status: None,
        request_bytes: 120,
        response_bytes: 230,
        admit: Duration::from_micros(412),
        upstream: None,
        total: Duration::from_micros(3_250),
        http: "HTTP/2",
        tls: Some("TLSv1.3"),
        aborted: false,
        upgraded: false,
    }
}

/// The `n`th entry of a test, `n` seconds after noon.
pub fn allowed(n: u32) -> Entry {
    let received = Moment::new(NOON + u64::from(n) * 1_000_000_000 + 123_456_000, 0);
    let mut trail = Trail::new(RequestIds::new(u64::from(n) + 1).next(received));
    trail.observe(&Seen::default());
    for stage in [StageId::Edge, StageId::Route, StageId::Authn, StageId::Authz] {
        trail.require(stage, Ok::<_, Denial>(())).unwrap();
    }
    trail.conclude(StageId::Upstream, Outcome::Passed);
    trail.conclude(StageId::Release, Outcome::Passed);
    let mut exchange = exchange(received, 201);
    exchange.upstream_status = Some(201);
    exchange.upstream = Some(Duration::from_micros(2_700));
    Entry { trail, exchange }
}

pub fn refused(seen: &Seen, denial: Denial) -> Entry {
    let received = Moment::new(NOON + 123_456_000, 0);
    let mut trail = Trail::new(RequestIds::new(9).next(received));
    let mut charter = Charter::default();
    charter.set(StageId::Authz, Mode::Enforce, PolicyPlace::new("durward.toml:31 api.orders"));
    charter.set(StageId::Flood, Mode::Observe, PolicyPlace::new("durward.toml:44 limits.flood"));
    charter.set(StageId::Authn, Mode::Off, PolicyPlace::new("durward.toml:50 auth.user"));
    trail.govern(&Arc::new(charter));
    trail.require(StageId::Edge, Ok::<_, Denial>(())).unwrap();
    trail.observe(seen);
    trail.require(StageId::Route, Ok::<_, Denial>(())).unwrap();
    trail.settle(StageId::Flood, Verdict::deny(Denial::new(Reason::AddressFlooding), ())).unwrap();
    trail.settle(StageId::Authn, Verdict::Pass(())).unwrap();
    let status = denial.reason().status();
    trail.settle(StageId::Authz, Verdict::deny(denial, ())).unwrap_err();
    Entry { trail, exchange: exchange(received, status) }
}

pub fn metrics() -> Metrics {
    Metrics::new(&Build { version: "0.1.0", commit: None })
}

/// The log files, oldest first.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    all.sort();
    all
}

/// Every line of the log; each must be JSON.
pub fn lines(dir: &Path) -> Vec<serde_json::Value> {
    let text: String = files(dir).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Waits for a condition, at most 20 seconds.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "still waiting: {what}");
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
