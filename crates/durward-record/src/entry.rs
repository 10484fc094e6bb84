//! What the proxy hands over when a request is done.

use std::time::Duration;

use durward_core::{Moment, Trail};

/// One finished request: what was decided, and how the exchange went.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The decisions.
    pub trail: Trail,
    /// The numbers.
    pub exchange: Exchange,
}

/// How the exchange of one request went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// When the head was complete.
    pub received: Moment,
    /// The status that was sent to the caller.
    pub status: u16,
    /// The status the upstream answered.
    pub upstream_status: Option<u16>,
    /// Bytes of the request body that were read.
    pub request_bytes: u64,
    /// Bytes of the response body that were sent.
    pub response_bytes: u64,
    /// Time spent deciding.
    pub admit: Duration,
    /// Time from the first byte towards the upstream to the head of its answer.
    pub upstream: Option<Duration>,
    /// Time from the complete head to the last byte of the answer.
    pub total: Duration,
    /// `HTTP/1.1` or `HTTP/2`.
    pub http: &'static str,
    /// `TLSv1.3` or `TLSv1.2`; `None` for cleartext.
    pub tls: Option<&'static str>,
    /// The exchange ended before the answer was complete.
    pub aborted: bool,
    /// The connection became a tunnel (WebSocket).
    pub upgraded: bool,
}

impl Exchange {
    /// An exchange of which nothing came yet: no answer, no bytes, no time.
    #[must_use]
    pub const fn begun(received: Moment, http: &'static str) -> Self {
        Self {
            received,
            status: 0,
            upstream_status: None,
            request_bytes: 0,
            response_bytes: 0,
            admit: Duration::ZERO,
            upstream: None,
            total: Duration::ZERO,
            http,
            tls: None,
            aborted: false,
            upgraded: false,
        }
    }
}
