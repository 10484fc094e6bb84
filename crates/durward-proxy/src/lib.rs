//! The outside: listeners, TLS, HTTP, the upstream pools, drain.
//!
//! One thread per core, each with its own listener, connections and upstream pools; nothing on the path of a request is
//! shared, locked, spawned or boxed per piece. What a request may do is decided in `durward-pipeline`; this crate turns
//! bytes into facts, hands them to [`durward_pipeline::admit`], and forwards what was admitted. It never judges a header
//! and never sees the policy document.

mod account;
mod admission;
mod body;
mod clock;
mod config;
mod core;
mod error;
mod fetch;
mod forward;
mod line;
mod listen;
mod pool;
mod proxy_protocol;
mod request;
mod serve;
mod server;
mod tls;
mod transport;
mod upgrade;
mod watch;
mod workers;

pub use config::{Limits, ListenConfig, ListenScheme, ServerConfig, UpstreamLimits};
pub use error::ServerError;
pub use fetch::HttpFetch;
pub use server::{ConnectionCounts, Drained, Server, ServerParts};
pub use tls::{CertificateFiles, CertificateStore, SelfSigned};
pub use workers::WorkerPool;
