//! The operator's side: numbers, reload, `why` and API keys over a local Unix socket.
//!
//! Whoever may open the socket may do everything here, so the file system decides: the socket has mode 0600 in a
//! folder that nobody else may write, and the peer must be the gateway's own user or root. This crate never sees the
//! proxy or the policy; what it shows and starts is handed to it in [`AdminParts`].
//!
//! | route | answer |
//! |---|---|
//! | `GET /metrics` | OpenMetrics text |
//! | `GET /status` | JSON of the gateway's state |
//! | `POST /reload` | `{"outcome"}`, or 400 with the rendered diagnostics as `detail` |
//! | `GET /why/{request-id}` | the record of a request |
//! | `GET /keys` | the API keys |
//! | `POST /keys` | `{"name","owner","scopes","environment","expires"}`: 201 with `{"key","text"}`; the text is shown once |
//! | `POST /keys/{kid}/revoke` | `{"reason"}`: the key as it is now |
//!
//! Errors are problem documents (RFC 9457). [`Client`] has the same verbs for the command line.

mod answer;
mod client;
mod error;
mod routes;
mod server;
mod socket;

pub use client::{Client, IssuedKey, KeyRequest, KeyRow, RevokedRow};
pub use error::AdminError;
pub use routes::{AdminParts, Reload, Status};
pub use server::serve;
pub use socket::AdminSocket;
