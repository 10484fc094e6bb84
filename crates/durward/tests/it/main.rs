//! Durward as its users run it: the binary, real sockets, real clients.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say what they measured"
)]

mod cases;
mod cli;
mod demo;
mod e2e;
mod firewall;
mod http1_table;
mod http2_table;
mod lifecycle;
mod peer;
mod smuggling;
