//! Where admitted requests go: the compiled description, without a socket.

use std::sync::Arc;
use std::time::Duration;

/// How the upstream's certificate is judged.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UpstreamTrust {
    /// No TLS: the policy says `http://`.
    Cleartext,
    /// The machine's root certificates.
    System,
    /// Only these certificates, DER.
    Pinned(Vec<Vec<u8>>),
}

/// Which HTTP version the upstream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamProtocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: by ALPN over TLS, with prior knowledge over cleartext.
    Http2,
}

/// How long the upstream may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UpstreamTimeouts {
    /// To connect, TLS handshake included.
    pub connect: Duration,
    /// From the end of the request to the response head.
    pub response: Duration,
    /// Between two pieces of a response body.
    pub idle: Duration,
}

/// One upstream. Two plans with an equal upstream share its connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// The API's name in the policy.
    pub name: Arc<str>,
    /// Host name or address, without brackets.
    pub host: Arc<str>,
    /// Port.
    pub port: u16,
    /// `host[:port]` as it is sent in `Host` or `:authority`.
    pub authority: Arc<str>,
    /// Certificate trust.
    pub trust: UpstreamTrust,
    /// The HTTP version.
    pub protocol: UpstreamProtocol,
    /// Time-outs.
    pub timeouts: UpstreamTimeouts,
}
