//! What goes to the upstream: built only from an [`crate::Admitted`] request.

use durward_validate::Payload;
use http::{HeaderMap, Method};

/// A request for the upstream: origin-form target, final header fields, no hop-by-hop fields, framing left to the
/// HTTP layer by the payload (`content-length` and `transfer-encoding` are never in `headers`).
#[derive(Debug)]
pub struct Outbound<B> {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: Box<str>,
    /// The header fields, `host` included.
    pub headers: HeaderMap,
    /// The body.
    pub payload: Payload<B>,
    /// The client asked for a WebSocket and the operation allows it: `connection: upgrade` and `upgrade: websocket`
    /// are in `headers` and a 101 answer joins the two connections.
    pub upgrade: bool,
}
