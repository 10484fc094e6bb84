//! The record of one request, kept from the head to the last byte and handed over exactly once: when the answer is
//! complete, or when whoever holds it is dropped.

use std::rc::Rc;
use std::time::{Duration, Instant};

use durward_core::{Moment, RequestId, Trail};
use durward_record::{Entry, Exchange};

use crate::body::Tally;
use crate::line::Line;

/// The record of one request. The entry is built where it will be read: it is handed over by its pointer.
pub(crate) struct Account {
    /// The client asked for the head of the answer only.
    pub(crate) head_only: bool,
    /// `None` once it is handed over.
    entry: Option<Box<Entry>>,
    line: Rc<Line>,
    tally: Option<Rc<Tally>>,
    id: RequestId,
    received: Moment,
    started: Instant,
    waiting: bool,
}

/// What is recorded of a request of which nothing came.
fn blank(line: &Line, id: RequestId, received: Moment) -> Box<Entry> {
    let tls = line.facts.tls.as_ref().map(|tls| tls.version);
    let exchange = Exchange { status: CLIENT_CLOSED, tls, aborted: true, ..Exchange::begun(received, line.http) };
    Box::new(Entry { trail: Trail::new(id), exchange })
}

impl Account {
    pub(crate) fn open(
        line: Rc<Line>,
        id: RequestId,
        (started, received): (Instant, Moment),
        tally: Option<Rc<Tally>>,
    ) -> Self {
        line.begin();
        line.wait();
        let entry = Some(blank(&line, id, received));
        Self { head_only: false, entry, line, tally, id, received, started, waiting: true }
    }

    pub(crate) const fn line(&self) -> &Rc<Line> {
        &self.line
    }

    /// The decisions.
    pub(crate) fn trail(&mut self) -> &mut Trail {
        &mut self.entry().trail
    }

    fn exchange(&mut self) -> &mut Exchange {
        &mut self.entry().exchange
    }

    fn entry(&mut self) -> &mut Entry {
        // INVARIANT: it is there until the account is dropped; the other arm only spares a panic.
        self.entry.get_or_insert_with(|| blank(&self.line, self.id, self.received))
    }

    /// The decision is made.
    pub(crate) fn decided(&mut self, now: Instant) {
        self.exchange().admit = now.saturating_duration_since(self.started);
    }

    /// The head of the upstream's answer is here.
    pub(crate) fn upstream_answered(&mut self, status: u16, took: Duration) {
        self.exchange().upstream_status = Some(status);
        self.exchange().upstream = Some(took);
    }

    /// The upstream did not answer.
    pub(crate) fn upstream_failed(&mut self, took: Duration) {
        self.exchange().upstream = Some(took);
    }

    /// The head of the answer goes out.
    pub(crate) fn answer(&mut self, status: u16) {
        self.exchange().status = status;
        self.waits(false);
    }

    /// A piece of the answer goes out.
    pub(crate) fn answered(&mut self, bytes: u64) {
        self.exchange().response_bytes += bytes;
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
        self.exchange().upgraded = true;
        self.exchange().response_bytes = to_client;
        let tally = self.tally.get_or_insert_default();
        tally.bytes.set(from_client);
    }

    /// Everything was sent.
    pub(crate) fn complete(mut self) {
        self.exchange().aborted = false;
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.waits(false);
        let now = Instant::now();
        self.line.end(now);
        let Some(mut entry) = self.entry.take() else { return };
        entry.exchange.request_bytes = self.tally.as_ref().map_or(0, |tally| tally.bytes.get());
        entry.exchange.total = now.saturating_duration_since(self.started);
        self.line.core.recorder.record(entry);
    }
}

/// What nginx records for a client that left before the answer; no status was sent.
const CLIENT_CLOSED: u16 = 499;
