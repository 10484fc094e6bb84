//! One request and its answer, run through the program.
//!
//! The caller feeds what arrives and runs each phase when its part is complete:
//! request line and fields, [`Transaction::run_request_headers`], content, [`Transaction::run_request_body`], the same for
//! the response, and [`Transaction::finish`]. Phase 1 rules run before the request content arrives. After an interruption
//! only `finish` does anything.

use std::net::IpAddr;
use std::sync::Arc;

use crate::overlay::Overlay;
use crate::report::{Interruption, Match};

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

/// Buffers and caches of one worker thread, for any number of transactions of any program.
#[derive(Debug, Default)]
pub struct Scratch {
    _private: (),
}

/// One request and its answer. It can be held across waits; `Scratch` stays with the worker.
#[derive(Debug)]
pub struct Transaction {
    overlay: Arc<Overlay>,
    matches: Vec<Match>,
    interruption: Option<Interruption>,
}

impl Transaction {
    /// Begins.
    #[must_use]
    pub fn new(overlay: Arc<Overlay>, origin: &Origin<'_>) -> Self {
        let _ = origin;
        Self { overlay, matches: Vec::new(), interruption: None }
    }

    /// The request line: method, target and protocol (`HTTP/1.1`) as they came.
    pub fn request_line(&mut self, method: &[u8], target: &[u8], protocol: &[u8]) {
        let _ = (method, target, protocol, &self.overlay);
    }

    /// One field of the request, in order of arrival.
    pub fn request_header(&mut self, name: &[u8], value: &[u8]) {
        let _ = (name, value, &self.overlay);
    }

    /// Phase 1.
    pub fn run_request_headers(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        let _ = scratch;
        self.interruption.as_ref()
    }

    /// Whether rules may look at the request content.
    #[must_use]
    pub fn wants_request_body(&self) -> bool {
        false
    }

    /// More request content. Beyond the limit it is dropped, or the transaction is interrupted.
    pub fn request_body(&mut self, content: &[u8]) -> Option<&Interruption> {
        let _ = content;
        self.interruption.as_ref()
    }

    /// The caller stopped reading the request content before its end.
    pub fn request_body_truncated(&mut self) {}

    /// Phase 2.
    pub fn run_request_body(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        let _ = scratch;
        self.interruption.as_ref()
    }

    /// The status line of the response.
    pub fn response_line(&mut self, status: u16, protocol: &[u8]) {
        let _ = (status, protocol, &self.overlay);
    }

    /// One field of the response, in order.
    pub fn response_header(&mut self, name: &[u8], value: &[u8]) {
        let _ = (name, value, &self.overlay);
    }

    /// Phase 3.
    pub fn run_response_headers(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        let _ = scratch;
        self.interruption.as_ref()
    }

    /// Whether rules may look at the response content.
    #[must_use]
    pub fn wants_response_body(&self) -> bool {
        false
    }

    /// More response content. Beyond the limit it is dropped, or the transaction is interrupted.
    pub fn response_body(&mut self, content: &[u8]) -> Option<&Interruption> {
        let _ = content;
        self.interruption.as_ref()
    }

    /// Phase 4.
    pub fn run_response_body(&mut self, scratch: &mut Scratch) -> Option<&Interruption> {
        let _ = scratch;
        self.interruption.as_ref()
    }

    /// Phase 5, and the records of persistent collections are stored.
    pub fn finish(&mut self, scratch: &mut Scratch) {
        let _ = scratch;
    }

    /// What matched so far and wants to be heard of, in order.
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// Why the transaction ends, if it does.
    #[must_use]
    pub fn interruption(&self) -> Option<&Interruption> {
        self.interruption.as_ref()
    }
}
