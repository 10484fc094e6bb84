//! Durward as its users run it: the binary, real sockets, real clients.

mod cases;
mod cli;
mod demo;
mod e2e;
mod http1_table;
mod http2_table;
mod lifecycle;
mod peer;
mod smuggling;
