//! What the binary asks of the proxy: plain values, already checked by the policy.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::tls::CertificateStore;

/// Everything the server needs that does not change while it runs.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// How many threads serve; `None` for one per core.
    pub workers: Option<NonZeroUsize>,
    /// Where to listen: at least one.
    pub listeners: Vec<ListenConfig>,
    /// Time-outs and bounds of client connections.
    pub limits: Limits,
    /// Bounds of upstream connections.
    pub upstream: UpstreamLimits,
}

/// One listening address.
#[derive(Debug, Clone)]
pub struct ListenConfig {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Cleartext or TLS.
    pub scheme: ListenScheme,
    /// Peers that send a PROXY protocol version 2 header, and whose word on the client's address is taken. Other peers
    /// are served as they are. Empty: nobody.
    pub proxy_protocol: Vec<IpNet>,
}

/// Cleartext or TLS.
#[derive(Debug, Clone)]
pub enum ListenScheme {
    /// Cleartext HTTP/1.1 and HTTP/2 with prior knowledge.
    Http,
    /// TLS with these certificates.
    Https(Arc<CertificateStore>),
}

/// Time-outs and bounds of client connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at one time, over all cores.
    pub connections: usize,
    /// Connections at one time from one address (one /64 for IPv6).
    pub connections_per_address: usize,
    /// From the accepted connection to the end of PROXY header, TLS handshake and protocol choice.
    pub handshake: Duration,
    /// For a request head, in total; also for the first byte of the first one.
    pub header: Duration,
    /// Between two requests on one connection.
    pub idle: Duration,
    /// Between two pieces of a request body.
    pub body_idle: Duration,
    /// Bytes per second that a request body must reach on average while it is waited for.
    pub body_rate: u64,
    /// Bytes of bodies that one core holds at one time while they are read whole. Each body has its own cap, but one client
    /// may send very many, slowly.
    pub body_memory: u64,
    /// How long a client may take no bytes of an answer.
    pub write: Duration,
    /// Bytes of a request head.
    pub head_bytes: usize,
    /// Header fields of a request.
    pub header_fields: usize,
    /// HTTP/2 streams at one time on one connection.
    pub streams: u32,
    /// After this time a connection is closed between requests.
    pub max_age: Option<Duration>,
    /// How long a WebSocket may be silent.
    pub tunnel_idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1_000,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            body_idle: Duration::from_secs(20),
            body_rate: 256,
            body_memory: 256 << 20,
            write: Duration::from_secs(60),
            head_bytes: 32 * 1024,
            header_fields: 100,
            streams: 128,
            max_age: None,
            tunnel_idle: Duration::from_secs(600),
        }
    }
}

/// Bounds of upstream connections, per core and upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamLimits {
    /// HTTP/1.1 connections at one time.
    pub connections: usize,
    /// HTTP/1.1 connections kept open without a request.
    pub idle_connections: usize,
    /// How long a connection is kept without a request.
    pub idle: Duration,
}

impl Default for UpstreamLimits {
    fn default() -> Self {
        Self { connections: 4_096, idle_connections: 256, idle: Duration::from_secs(30) }
    }
}
