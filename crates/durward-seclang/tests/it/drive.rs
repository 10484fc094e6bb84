//! A rule set at work: requests in, verdicts out, as a gateway would drive it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use durward_seclang::load::Loader;
use durward_seclang::overlay::{Overlay, OverlaySpec};
use durward_seclang::program::Program;
use durward_seclang::report::{Interruption, Match};
use durward_seclang::state::Buffer;
use durward_seclang::transaction::{Origin, Scratch, Transaction};

use crate::disk::Disk;
use crate::ftw::backend::{Backend, Response};
use crate::ftw::server::Request;

/// A rule set that is ready to run.
pub(crate) struct Engine {
    overlay: Arc<Overlay>,
}

/// What became of one request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The status that the client sees.
    pub(crate) status: u16,
    /// What matched.
    pub(crate) matches: Vec<Match>,
    /// Why it was ended, if it was.
    pub(crate) interruption: Option<Interruption>,
    /// What `TX` holds at the end.
    pub(crate) variables: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Verdict {
    /// The rules that matched and are written to the log.
    pub(crate) fn logged(&self) -> BTreeSet<u64> {
        self.matches.iter().filter(|found| found.rule.log).map(|found| found.id().0).collect()
    }

    /// The number of the rule that ended it.
    pub(crate) fn blocked_by(&self) -> Option<u64> {
        self.interruption.as_ref()?.rule().map(|id| id.0)
    }
}

/// Memory that a thread keeps between requests.
#[derive(Default)]
pub(crate) struct Worker {
    scratch: Scratch,
    count: u64,
}

impl Engine {
    /// Loads and compiles rules; an error ends the test.
    pub(crate) fn load(read: impl FnOnce(Loader<'_>) -> Loader<'_>) -> Self {
        let rules = read(Loader::new(&Disk)).finish().unwrap_or_else(|errors| panic!("{}", lines(&errors)));
        let program = Program::compile(rules).unwrap_or_else(|errors| panic!("{}", lines(&errors)));
        let overlay = Overlay::new(&Arc::new(program), &OverlaySpec::default()).expect("no wishes");
        Self { overlay: Arc::new(overlay) }
    }

    /// The same program for another route; `None` if the route names what the rules do not have.
    pub(crate) fn route(&self, spec: &OverlaySpec) -> Option<Self> {
        Some(Self { overlay: Arc::new(Overlay::new(self.overlay.program(), spec).ok()?) })
    }

    /// The same, and slowly: every rule is interpreted.
    pub(crate) fn slow_route(&self, spec: &OverlaySpec) -> Option<Self> {
        Some(Self { overlay: Arc::new(Overlay::interpreted(self.overlay.program(), spec).ok()?) })
    }

    /// Runs one request and its answer through all phases.
    pub(crate) fn exchange(&self, request: &Request, backend: Backend, worker: &mut Worker) -> Verdict {
        worker.count += 1;
        let id = format!("test-{}", worker.count);
        let origin = Origin {
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            client_port: 40_000,
            server: IpAddr::V4(Ipv4Addr::LOCALHOST),
            server_port: 80,
            unix_micros: 1_795_521_600_000_000,
            unique_id: id.as_bytes(),
        };
        let mut transaction = Transaction::new(Arc::clone(&self.overlay), &origin);
        let status = steps(&mut transaction, request, backend, &mut worker.scratch);
        transaction.finish(&mut worker.scratch);
        let interruption = transaction.interruption().cloned();
        let status = interruption.as_ref().map_or(status, |interruption| interruption.status);
        let state = transaction.state();
        let variables = state.tx_keys().iter().filter_map(|(key, name)| {
            let mut buffer = Buffer::new();
            Some((name.to_vec(), state.tx().get(key, &mut buffer)?.to_vec()))
        });
        Verdict { status, matches: transaction.matches().to_vec(), interruption, variables: variables.collect() }
    }
}

/// The phases up to the first that ends the transaction; the status of the answer, if there is one.
fn steps(transaction: &mut Transaction, request: &Request, backend: Backend, scratch: &mut Scratch) -> u16 {
    transaction.request_line(&request.method, &request.target, &request.protocol);
    for (name, value) in &request.fields {
        transaction.request_header(name, value);
    }
    if transaction.run_request_headers(scratch).is_some()
        || (transaction.wants_request_body() && transaction.request_body(&request.body).is_some())
        || transaction.run_request_body(scratch).is_some()
    {
        return 0;
    }
    let response: Response = backend.answer(request);
    transaction.response_line(response.status, b"HTTP/1.1");
    for (name, value) in &response.fields {
        transaction.response_header(name.as_bytes(), value.as_bytes());
    }
    if transaction.run_response_headers(scratch).is_some()
        || (transaction.wants_response_body() && transaction.response_body(&response.body).is_some())
    {
        return response.status;
    }
    let _ = transaction.run_response_body(scratch);
    response.status
}

/// One error on each line.
fn lines<T: std::fmt::Display>(errors: &[T]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
