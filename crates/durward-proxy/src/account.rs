//! The record of one request, kept from the head to the last byte and handed over exactly once: when the answer is
//! complete, or when whoever holds it is dropped.

use std::rc::Rc;
use std::time::{Duration, Instant};

use durward_core::{Moment, RequestId, Trail};
use durward_record::{Entry, Exchange};

use crate::body::Tally;
use crate::line::Line;

/// The record of one request.
pub(crate) struct Account {
    /// The decisions.
    pub(crate) trail: Trail,
    /// The client asked for the head of the answer only.
    pub(crate) head_only: bool,
    line: Rc<Line>,
    tally: Option<Rc<Tally>>,
    received: Moment,
    started: Instant,
    admit: Duration,
    upstream: Option<Duration>,
    status: u16,
    upstream_status: Option<u16>,
    response_bytes: u64,
    complete: bool,
    upgraded: bool,
    waiting: bool,
}

impl Account {
    pub(crate) fn open(
        line: Rc<Line>,
        id: RequestId,
        (started, received): (Instant, Moment),
        tally: Option<Rc<Tally>>,
    ) -> Box<Self> {
        line.begin();
        line.wait();
        Box::new(Self {
            trail: Trail::new(id),
            head_only: false,
            line,
            tally,
            received,
            started,
            admit: Duration::ZERO,
            upstream: None,
            status: CLIENT_CLOSED,
            upstream_status: None,
            response_bytes: 0,
            complete: false,
            upgraded: false,
            waiting: true,
        })
    }

    pub(crate) fn line(&self) -> &Rc<Line> {
        &self.line
    }

    /// The decision is made.
    pub(crate) fn decided(&mut self, now: Instant) {
        self.admit = now.saturating_duration_since(self.started);
    }

    /// The head of the upstream's answer is here.
    pub(crate) fn upstream_answered(&mut self, status: u16, took: Duration) {
        self.upstream_status = Some(status);
        self.upstream = Some(took);
    }

    /// The upstream did not answer.
    pub(crate) fn upstream_failed(&mut self, took: Duration) {
        self.upstream = Some(took);
    }

    /// The head of the answer goes out.
    pub(crate) fn answer(&mut self, status: u16) {
        self.status = status;
        self.waits(false);
    }

    /// A piece of the answer goes out.
    pub(crate) fn answered(&mut self, bytes: u64) {
        self.response_bytes += bytes;
        self.line.moved();
    }

    /// Whether the request waits for the upstream.
    pub(crate) fn waits(&mut self, waiting: bool) {
        if self.waiting != waiting {
            self.waiting = waiting;
            if waiting { self.line.wait() } else { self.line.resume() }
        }
    }

    /// The connection became a tunnel, through which so many bytes went.
    pub(crate) fn tunnelled(&mut self, from_client: u64, to_client: u64) {
        self.upgraded = true;
        self.response_bytes = to_client;
        let tally = self.tally.get_or_insert_default();
        tally.bytes.set(from_client);
    }

    /// Everything was sent.
    pub(crate) fn complete(mut self: Box<Self>) {
        self.complete = true;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.waits(false);
        let now = Instant::now();
        self.line.end(now);
        let blank = Trail::new(self.trail.id());
        let exchange = Exchange {
            received: self.received,
            status: self.status,
            upstream_status: self.upstream_status,
            request_bytes: self.tally.as_ref().map_or(0, |tally| tally.bytes.get()),
            response_bytes: self.response_bytes,
            admit: self.admit,
            upstream: self.upstream,
            total: now.saturating_duration_since(self.started),
            http: self.line.http,
            tls: self.line.facts.tls.as_ref().map(|tls| tls.version),
            aborted: !self.complete,
            upgraded: self.upgraded,
        };
        self.line.core.recorder.record(Entry { trail: std::mem::replace(&mut self.trail, blank), exchange });
    }
}

/// What nginx records for a client that left before the answer; no status was sent.
const CLIENT_CLOSED: u16 = 499;
