//! The proxy over real sockets, against small upstreams that are scripted to the byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends where something is missing"
)]

mod bodies;
mod connections;
mod drain;
mod http2;
mod plan;
mod pool;
mod rig;
mod tls;
mod upgrade;
