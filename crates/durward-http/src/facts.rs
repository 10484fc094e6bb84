//! A request as it arrived: read-only, built once.

use std::net::SocketAddr;
use std::sync::Arc;

use durward_core::{Moment, RequestId};
use http::{HeaderMap, Method, Uri, Version};

/// What is known of the TLS session a request came over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: &'static str,
    /// The server name the client asked for (RFC 6066).
    pub server_name: Option<Box<str>>,
}

/// The connection a request came over, shared by all of its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The other end; the PROXY protocol's source where the policy trusts it.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// The TLS session; `None` for cleartext.
    pub tls: Option<TlsFacts>,
}

/// How the length of the body is told (RFC 9112 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// No body.
    Empty,
    /// So many bytes.
    Length(u64),
    /// Until the last chunk or the end of the stream.
    Streamed,
}

/// A request as it arrived. One pointer wide: it goes from hand to hand through all stages.
#[derive(Debug)]
pub struct Facts(Box<Inner>);

#[derive(Debug)]
struct Inner {
    id: RequestId,
    received: Moment,
    connection: Arc<Connection>,
    head: Head,
    framing: Framing,
}

/// The message head, as the HTTP layer read it.
#[derive(Debug)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The target.
    pub uri: Uri,
    /// The version.
    pub version: Version,
    /// The header fields.
    pub headers: HeaderMap,
}

impl Facts {
    /// Facts of one request.
    #[must_use]
    pub fn new(id: RequestId, received: Moment, connection: Arc<Connection>, head: Head, framing: Framing) -> Self {
        Self(Box::new(Inner { id, received, connection, head, framing }))
    }

    /// The request's identity.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.0.id
    }

    /// When the head was complete.
    #[must_use]
    pub const fn received(&self) -> Moment {
        self.0.received
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Arc<Connection> {
        &self.0.connection
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.0.head.method
    }

    /// The target as received.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.0.head.uri
    }

    /// The HTTP version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.0.head.version
    }

    /// The header fields as received.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.0.head.headers
    }

    /// How the body is framed.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        self.0.framing
    }

    /// Takes the method and the header fields for the way to the upstream.
    #[must_use]
    pub fn into_method_and_headers(self) -> (Method, HeaderMap) {
        (self.0.head.method, self.0.head.headers)
    }
}
