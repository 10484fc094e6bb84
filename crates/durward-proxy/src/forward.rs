//! The only way out: a request that every stage admitted, and nothing else, reaches an upstream.

use std::time::Instant;

use durward_core::Fault;
use durward_http::BodySource;
use durward_pipeline::{Admitted, Release};
use http::response;

use crate::body::{ClientBody, Source};
use crate::pool::{Pools, Reply};

/// An upstream's answer, before it is released.
pub(crate) struct Answer<'p> {
    pub(crate) head: response::Parts,
    pub(crate) source: Source,
    pub(crate) release: Release<'p>,
    /// The key of the client's WebSocket handshake, when it asked for one and may have it.
    pub(crate) upgrade: Option<http::HeaderValue>,
}

/// No answer, and how to say so.
pub(crate) struct Unanswered<'p> {
    pub(crate) fault: Fault,
    pub(crate) release: Release<'p>,
}

/// Sends an admitted request to its upstream and waits for the head of the answer.
pub(crate) async fn forward<'p>(
    pools: &Pools,
    admitted: Admitted<'p, ClientBody>,
    now: Instant,
) -> Result<Answer<'p>, Unanswered<'p>> {
    const { assert_source::<ClientBody>() };
    let upstream = admitted.upstream();
    let replayable = admitted.is_replayable();
    let (outbound, release) = admitted.into_outbound();
    let upgrade = if outbound.upgrade { outbound.headers.get(http::header::SEC_WEBSOCKET_KEY).cloned() } else { None };
    match pools.send(upstream, outbound, replayable, now).await {
        Ok(Reply { head, source }) => Ok(Answer { head, source, release, upgrade }),
        Err(fault) => Err(Unanswered { fault, release }),
    }
}

const fn assert_source<B: BodySource>() {}
