//! What goes to the upstream: built only from an [`crate::Admitted`] request.

use durward_validate::Payload;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use smallvec::SmallVec;

/// Fields that Durward sets.
pub type OwnFields = SmallVec<[(HeaderName, HeaderValue); 8]>;

/// A request for the upstream: origin-form target, final header fields, no hop-by-hop fields, framing left to the
/// HTTP layer by the payload (`content-length` and `transfer-encoding` are never among the fields).
#[derive(Debug)]
pub struct Outbound<B> {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub target: Box<str>,
    /// What goes on of the client's header fields.
    pub headers: HeaderMap,
    /// What Durward sets, `host` included. INVARIANT: no name of these is in `headers`.
    pub own: OwnFields,
    /// The body.
    pub payload: Payload<B>,
    /// The client asked for a WebSocket and the operation allows it: `connection: upgrade` and `upgrade: websocket`
    /// are in `headers` and a 101 answer joins the two connections.
    pub upgrade: bool,
}

impl<B> Outbound<B> {
    /// All header fields.
    pub fn fields(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().chain(self.own.iter().map(|(name, value)| (name, value)))
    }
}
