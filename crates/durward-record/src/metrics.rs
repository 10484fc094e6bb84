//! Numbers for Prometheus. The writer's thread feeds them, so a request pays nothing for them.
//!
//! Labels come from the plan (API, operation, reason code) and never from a request: no path, no user, no address.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use durward_core::{OperationName, Outcome, Reason};
use foldhash::fast::RandomState;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::Entry;
use crate::recorder::Shared;

/// The numbers of one gateway. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

/// Which build this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The version.
    pub version: &'static str,
    /// The commit it was built from, if known.
    pub commit: Option<&'static str>,
}

/// Counts a connection as open until it is dropped.
#[derive(Debug)]
pub struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    would_deny: Family<ObjectionLabels, Counter>,
    firewall: Family<RuleLabels, Counter>,
    total: Family<OperationLabels, Histogram, fn() -> Histogram>,
    admit: Family<ApiLabels, Histogram, fn() -> Histogram>,
    upstream: Family<ApiLabels, Histogram, fn() -> Histogram>,
    bytes: Family<BytesLabels, Counter>,
    connections: Gauge,
    connections_total: Counter,
    generation: Gauge,
    reload_ok: Gauge,
    reload_time: Gauge,
    reloads: Family<ResultLabels, Counter>,
    audit: Audit,
    /// Handles of the operations seen; only the writer's thread takes this lock, so it never waits.
    cache: Mutex<HashMap<Option<OperationName>, Handles, RandomState>>,
    follows: OnceLock<Arc<Shared>>,
}

#[derive(Debug, Default)]
struct Audit {
    depth: Gauge,
    gaps: Family<CauseLabels, Counter>,
    written: Counter,
    synced: Gauge<u64, AtomicU64>,
    errors: Counter,
}

/// The cached handles of one operation: a map lookup per request instead of one per number.
#[derive(Debug)]
struct Handles {
    labels: OperationLabels,
    total: Histogram,
    admit: Histogram,
    upstream: Histogram,
    bytes_in: Counter,
    bytes_out: Counter,
    requests: HashMap<(Decision, Option<Reason>, u16), Counter, RandomState>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    api: Arc<str>,
    operation: Arc<str>,
    decision: Decision,
    reason: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ObjectionLabels {
    api: Arc<str>,
    stage: &'static str,
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    api: Arc<str>,
    rule: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    api: Arc<str>,
    operation: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ApiLabels {
    api: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BytesLabels {
    api: Arc<str>,
    direction: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabels {
    cause: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Decision {
    Allowed,
    Denied,
    Failed,
    Masked,
}

impl EncodeLabelValue for Decision {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let name = match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Masked => "masked",
        };
        EncodeLabelValue::encode(&name, encoder)
    }
}

/// Operations with labels of their own; the plan is finite, but reloads may bring ever new names.
const OPERATIONS_CAP: usize = 4096;

fn request_seconds() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

fn admit_seconds() -> Histogram {
    Histogram::new([0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0])
}

impl Metrics {
    /// A registry with every number at zero.
    #[must_use]
    pub fn new(build: &Build) -> Self {
        let mut inner = Inner {
            registry: Registry::with_prefix("durward"),
            requests: Family::default(),
            would_deny: Family::default(),
            firewall: Family::default(),
            total: Family::new_with_constructor(request_seconds),
            admit: Family::new_with_constructor(admit_seconds),
            upstream: Family::new_with_constructor(request_seconds),
            bytes: Family::default(),
            connections: Gauge::default(),
            connections_total: Counter::default(),
            generation: Gauge::default(),
            reload_ok: Gauge::default(),
            reload_time: Gauge::default(),
            reloads: Family::default(),
            audit: Audit::default(),
            cache: Mutex::default(),
            follows: OnceLock::new(),
        };
        inner.register(build);
        Self(Arc::new(inner))
    }

    /// Counts one finished request. Called by the writer's thread.
    pub fn observe(&self, entry: &Entry) {
        self.0.observe(entry);
    }

    /// Counts a connection until the returned value is dropped.
    #[must_use]
    pub fn connection(&self) -> OpenConnection {
        self.0.connections_total.inc();
        self.0.connections.inc();
        OpenConnection(self.0.connections.clone())
    }

    /// Notes which plan is in force.
    pub fn plan_in_force(&self, generation: u64) {
        self.0.generation.set(i64::try_from(generation).unwrap_or(i64::MAX));
    }

    /// Notes how the last reload went, and when.
    pub fn reloaded(&self, ok: bool, unix_seconds: u64) {
        self.0.reload_ok.set(ok.into());
        self.0.reload_time.set(i64::try_from(unix_seconds).unwrap_or(i64::MAX));
        self.0.reloads.get_or_create(&ResultLabels { result: if ok { "ok" } else { "failed" } }).inc();
    }

    /// Everything as OpenMetrics text (`application/openmetrics-text; version=1.0.0; charset=utf-8`).
    #[must_use]
    pub fn encode(&self) -> String {
        if let Some(shared) = self.0.follows.get() {
            self.0.audit.refresh(shared);
        }
        let mut out = String::new();
        // Writing to memory cannot fail.
        let _ = text::encode(&mut out, &self.0.registry);
        out
    }

    /// Shows the state of this recorder's queue and log.
    pub(crate) fn follow(&self, shared: &Arc<Shared>) {
        let _ = self.0.follows.set(Arc::clone(shared));
    }
}

impl Audit {
    fn refresh(&self, shared: &Shared) {
        self.depth.set(shared.depth.load(Ordering::Relaxed).max(0));
        for (cause, now) in [("queue", &shared.overflow), ("disk", &shared.refused)] {
            raise(&self.gaps.get_or_create(&CauseLabels { cause }), now);
        }
        raise(&self.written, &shared.written);
        raise(&self.errors, &shared.errors);
        self.synced.set(shared.synced.load(Ordering::Acquire).saturating_sub(1));
    }
}

/// Brings a counter up to a number that is counted elsewhere.
fn raise(counter: &Counter, now: &AtomicU64) {
    counter.inner().fetch_max(now.load(Ordering::Relaxed), Ordering::Relaxed);
}

impl Inner {
    fn register(&mut self, build: &Build) {
        let r = &mut self.registry;
        let labels = vec![("version", build.version), ("commit", build.commit.unwrap_or("unknown"))];
        r.register("build", "Which build this is", Info::new(labels));
        r.register("requests", "Finished requests by operation, decision and reason", self.requests.clone());
        r.register("would_deny", "Objections of controls that only observe", self.would_deny.clone());
        r.register("firewall_matches", "Matches of firewall rules, whether they refused or not", self.firewall.clone());
        r.register_with_unit("request", "From the complete head to the last byte", Unit::Seconds, self.total.clone());
        r.register_with_unit("admit", "Time spent deciding", Unit::Seconds, self.admit.clone());
        r.register_with_unit("upstream", "Time to the head of the answer", Unit::Seconds, self.upstream.clone());
        r.register_with_unit("body", "Bytes of bodies by direction", Unit::Bytes, self.bytes.clone());
        r.register("connections_open", "Client connections open now", self.connections.clone());
        r.register("connections", "Client connections accepted", self.connections_total.clone());
        r.register("plan_generation", "Which plan is in force; grows by one per reload", self.generation.clone());
        r.register("last_reload_ok", "1 if the last reload brought a new plan", self.reload_ok.clone());
        r.register("last_reload_time", "When, in Unix seconds", self.reload_time.clone());
        r.register("reloads", "Reloads by result", self.reloads.clone());
        let audit = &self.audit;
        r.register("audit_queue_depth", "Requests waiting for the audit writer", audit.depth.clone());
        r.register("audit_gap_requests", "Requests missing in the audit log by cause", audit.gaps.clone());
        r.register("audit_lines_written", "Audit lines handed to the file system", audit.written.clone());
        r.register("audit_synced_seq", "Number of the last audit line that is on the disk", audit.synced.clone());
        r.register("audit_errors", "Refused writes and syncs of the audit log", audit.errors.clone());
    }

    fn observe(&self, entry: &Entry) {
        let Entry { trail, exchange } = entry;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let operation = &trail.notes().operation;
        if !cache.contains_key(operation) && cache.len() < OPERATIONS_CAP {
            cache.insert(operation.clone(), self.handles(operation.as_ref()));
        }
        let handles = match cache.get_mut(operation) {
            Some(handles) => handles,
            None => cache.entry(None).or_insert_with(|| self.handles(None)),
        };
        handles.total.observe(exchange.total.as_secs_f64());
        handles.admit.observe(exchange.admit.as_secs_f64());
        if let Some(upstream) = exchange.upstream {
            handles.upstream.observe(upstream.as_secs_f64());
        }
        handles.bytes_in.inc_by(exchange.request_bytes);
        handles.bytes_out.inc_by(exchange.response_bytes);
        let ending = crate::line::ending(trail);
        let reason = ending.and_then(|step| step.outcome.reason());
        let decision = match ending.map(|step| &step.outcome) {
            Some(Outcome::Denied(_)) => Decision::Denied,
            Some(Outcome::Failed(_)) => Decision::Failed,
            Some(Outcome::Masked(_)) => Decision::Masked,
            Some(Outcome::Passed | Outcome::Off | Outcome::WouldDeny(_)) | None => Decision::Allowed,
        };
        let Handles { labels, requests, .. } = handles;
        requests
            .entry((decision, reason, exchange.status / 100))
            .or_insert_with(|| self.request_counter(labels, decision, reason, exchange.status))
            .inc();
        for finding in &trail.notes().findings {
            self.firewall.get_or_create(&RuleLabels { api: Arc::clone(&labels.api), rule: finding.rule }).inc();
        }
        for step in trail.steps() {
            if let Outcome::WouldDeny(denial) = &step.outcome {
                let (api, reason) = (Arc::clone(&labels.api), denial.reason().code());
                let labels = ObjectionLabels { api, stage: step.stage.name(), reason };
                self.would_deny.get_or_create(&labels).inc();
            }
        }
    }

    fn request_counter(
        &self,
        labels: &OperationLabels,
        decision: Decision,
        reason: Option<Reason>,
        status: u16,
    ) -> Counter {
        let status = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            5 => "5xx",
            _ => "other",
        };
        let OperationLabels { api, operation } = labels.clone();
        let reason = reason.map_or("none", Reason::code);
        self.requests.get_or_create_owned(&RequestLabels { api, operation, decision, reason, status })
    }

    fn handles(&self, name: Option<&OperationName>) -> Handles {
        let none = || Arc::from("none");
        let (api, operation) =
            name.map_or_else(|| (none(), none()), |name| (Arc::clone(&name.api), Arc::clone(&name.operation)));
        let by_api = ApiLabels { api: Arc::clone(&api) };
        let bytes = |direction| self.bytes.get_or_create_owned(&BytesLabels { api: Arc::clone(&api), direction });
        let (bytes_in, bytes_out) = (bytes("in"), bytes("out"));
        let labels = OperationLabels { api: Arc::clone(&api), operation };
        Handles {
            total: self.total.get_or_create_owned(&labels),
            admit: self.admit.get_or_create_owned(&by_api),
            upstream: self.upstream.get_or_create_owned(&by_api),
            bytes_in,
            bytes_out,
            requests: HashMap::default(),
            labels,
        }
    }
}
