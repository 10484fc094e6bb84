//! One request and its answer, run through the program.
//!
//! The caller feeds what arrives and runs each phase when its part is complete:
//! request line and fields, [`Transaction::run_request_headers`], content, [`Transaction::run_request_body`], the same for
//! the response, and [`Transaction::finish`]. Phase 1 rules run before the request content arrives. After an interruption
//! only `finish` does anything.
//!
//! # Semantics
//! Those of `ModSecurity` v3, and where they say nothing, of v2:
//! - `setvar` and `initcol` run in their order with each value that matches a link, whether the chain holds or not;
//!   everything else when it holds, the last link's effects first.
//! - `MATCHED_VARS` is what the links of the rule that runs have matched; `MATCHED_VAR` stays until something else matches.
//! - `DetectionOnly` takes no disruptive action, `allow` among them.
//! - `ctl:ruleEngine=Off` holds at once.
//! - Exclusions at run time hold for all links of a chain.
//! - Phase 4 runs even if the response content is not looked at (v3 leaves it out, and then never blocks by a score of the
//!   response fields).

mod content;
mod control;
mod link;
mod machine;
mod record;
mod scratch;
mod sum;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use self::machine::Machine;
use crate::ast::{AllowSpan, EngineMode, Phase};
use crate::overlay::Overlay;
use crate::report::{Interruption, Match};
use crate::scan::{BitSet, Budget};
use crate::state::{self, Forgetful, Moment, Persistence, State};

pub use self::scratch::Scratch;

/// Where a request comes from, and when.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// `REMOTE_ADDR`.
    pub client: IpAddr,
    /// `REMOTE_PORT`.
    pub client_port: u16,
    /// `SERVER_ADDR`.
    pub server: IpAddr,
    /// `SERVER_PORT`.
    pub server_port: u16,
    /// Now, in microseconds since 1970.
    pub unix_micros: u64,
    /// `UNIQUE_ID`.
    pub unique_id: &'a [u8],
}

/// One request and its answer. It can be held across waits; [`Scratch`] stays with the worker.
pub struct Transaction {
    overlay: Arc<Overlay>,
    persistence: Arc<dyn Persistence>,
    core: Core,
}

/// What changes while a transaction runs.
#[derive(Debug)]
struct Core {
    state: State,
    mode: EngineMode,
    /// The rules that are asked, if they are not those of the overlay any more.
    live: Option<BitSet>,
    /// Whether what the overlay has decided in advance does not hold here.
    unfolded: bool,
    /// Rules that `ctl` has removed.
    removed: BitSet,
    /// Targets that `ctl` has excluded: a set of rules, and a target, by their positions in the program.
    excluded: Vec<(u32, u32)>,
    allowed: Option<AllowSpan>,
    content: content::Limits,
    /// What the scan found: a rule and a value; sorted.
    hits: Vec<Hit>,
    hit_rules: BitSet,
    /// How many of the stored values have been scanned.
    scanned: u32,
    budget: Budget,
    incomplete: bool,
    additions: Vec<sum::Addition>,
    matches: Vec<Match>,
    interruption: Option<Interruption>,
    /// What is masked in reports.
    masked: Vec<Masked>,
}

/// A rule and a value that the scan has found to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    rule: u32,
    value: state::ValueIndex,
}

/// What is masked in reports.
#[derive(Debug)]
enum Masked {
    /// A target, by the place of the effect that names it.
    Target { rule: u32, link: u16, effect: u16 },
    /// A value that a rule matched, by its full name.
    Value(Vec<u8>),
}

impl Transaction {
    /// Begins.
    #[must_use]
    pub fn new(overlay: Arc<Overlay>, origin: &Origin<'_>) -> Self {
        Self::with_persistence(overlay, origin, Arc::new(Forgetful))
    }

    /// Begins, with a place where the collections are kept that outlive a transaction.
    #[must_use]
    pub fn with_persistence(overlay: Arc<Overlay>, origin: &Origin<'_>, persistence: Arc<dyn Persistence>) -> Self {
        let program = overlay.program();
        let mut state = State::new(Arc::clone(program.keys()), Arc::clone(program.state_settings()));
        state.begin(
            &overlay.folded().start,
            &state::Origin {
                client: SocketAddr::new(origin.client, origin.client_port),
                server: SocketAddr::new(origin.server, origin.server_port),
                now: Moment { unix_micros: origin.unix_micros },
                unique_id: origin.unique_id,
            },
        );
        let core = Core {
            state,
            mode: overlay.mode(),
            live: None,
            unfolded: false,
            removed: BitSet::default(),
            excluded: Vec::new(),
            allowed: None,
            content: content::Limits::new(program.settings()),
            hits: Vec::new(),
            hit_rules: BitSet::default(),
            scanned: 0,
            budget: Budget::new(overlay.budget().map_or(u64::MAX, |budget| budget.work)),
            incomplete: false,
            additions: Vec::new(),
            matches: Vec::new(),
            interruption: None,
            masked: Vec::new(),
        };
        Self { overlay, persistence, core }
    }

    /// Time goes on, in microseconds since 1970: what the clock variables and expiry see.
    pub fn set_now(&mut self, unix_micros: u64) {
        self.core.state.set_now(Moment { unix_micros });
    }

    /// The request line: method, target and protocol (`HTTP/1.1`) as they came.
    pub fn request_line(&mut self, method: &[u8], target: &[u8], protocol: &[u8]) {
        self.core.state.request_line(method, target, protocol);
    }

    /// One field of the request, in order of arrival.
    pub fn request_header(&mut self, name: &[u8], value: &[u8]) {
        self.core.state.request_header(name, value);
    }

    /// Phase 1.
    pub fn run_request_headers(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        self.run(Phase::RequestHeaders, scratch)
    }

    /// Phase 2.
    pub fn run_request_body(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        if self.core.goes_on() {
            self.core.publish_request_content();
        }
        self.run(Phase::RequestBody, scratch)
    }

    /// The status line of the response.
    pub fn response_line(&mut self, status: u16, protocol: &[u8]) {
        self.core.state.response_line(status, protocol);
    }

    /// One field of the response, in order.
    pub fn response_header(&mut self, name: &[u8], value: &[u8]) {
        self.core.state.response_header(name, value);
    }

    /// Phase 3.
    pub fn run_response_headers(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        self.run(Phase::ResponseHeaders, scratch)
    }

    /// Phase 4.
    pub fn run_response_body(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        if self.core.goes_on() {
            self.core.state.publish_response_content();
        }
        self.run(Phase::ResponseBody, scratch)
    }

    /// Phase 5, and the records of persistent collections are stored.
    pub fn finish(&mut self, scratch: &mut Scratch) {
        self.run(Phase::Logging, scratch);
        self.core.state.save(&*self.persistence);
        scratch.end();
    }

    fn run(&mut self, phase: Phase, scratch: &mut Scratch) -> Option<&Interruption> {
        if self.core.runs(phase) {
            scratch.prepare(self.overlay.program());
            Machine::new(&self.overlay, &*self.persistence, &mut self.core, scratch).run(phase);
        }
        self.core.interruption.as_ref()
    }

    /// What matched so far and wants to be heard of, in order.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.core.matches
    }

    /// Why the transaction ends, if it does.
    #[must_use]
    pub const fn interruption(&self) -> Option<&Interruption> {
        self.core.interruption.as_ref()
    }

    /// Whether something was not looked at: the work budget was used up, or rules asked for more memory than they may have.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        self.core.incomplete || self.core.state.overflowed()
    }

    /// What is known of the request and its answer.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.core.state
    }
}

impl Core {
    /// Whether the transaction has not ended and rules run.
    fn goes_on(&self) -> bool {
        self.interruption.is_none() && self.mode != EngineMode::Off
    }

    /// Whether the rules of a phase run at all.
    fn runs(&self, phase: Phase) -> bool {
        let allowed = match self.allowed {
            None | Some(AllowSpan::Phase) => false,
            Some(AllowSpan::Request) => phase <= Phase::RequestBody,
            Some(AllowSpan::Transaction) => true,
        };
        match phase {
            Phase::Logging => self.mode != EngineMode::Off,
            _ => self.goes_on() && !allowed && !self.incomplete,
        }
    }
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("core", &self.core).finish_non_exhaustive()
    }
}
