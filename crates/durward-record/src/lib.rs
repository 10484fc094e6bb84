//! Trails become records: the audit log, the metrics, the search and the text of `durward why`.
//!
//! The request path hands over one [`Entry`] with [`Recorder::record`], which never waits; everything else happens on
//! the writer's own thread. What cannot be written is counted and leaves a marked gap in the log, never a silent hole.
//! This crate must never see a body, a header value or a query value: it writes what [`durward_core::Trail`] holds. The one
//! exception is what the firewall's rules matched: at most a hundred bytes of each value, and nothing that may be a credential.
//!
//! # The line
//! One JSON object per line, in files `audit-<time>-<seq>.jsonl` of mode 0600. The names are stable; a field that does
//! not apply is left out.
//!
//! | field | meaning |
//! |---|---|
//! | `seq` | number of the line, one more than the line before, across files and restarts |
//! | `time` | when the head of the request was complete, RFC 3339 in UTC with microseconds |
//! | `id` | the request id, as the caller sees it in `x-request-id` and in problem documents |
//! | `client` | the client's address, after trusted hops |
//! | `method`, `path` | as received; the path without its query, cut at 2 KiB |
//! | `query` | the names of the query parameters, never their values |
//! | `api`, `operation`, `template` | what the contract calls it |
//! | `caller` | `kind`, `issuer`, `subject` of whom the request is from |
//! | `credentials` | `scheme` and public `id` of each credential that verified |
//! | `status` | the status that was sent |
//! | `reason`, `stage` | why and where the request ended, if Durward ended it |
//! | `upstream_status` | the status the upstream answered |
//! | `trail` | per stage: `stage`, `outcome`, and `reason`, `rule`, `detail`, `told` where there is one |
//! | `firewall` | the firewall's rules that matched: `rule`, `message`, `place`, `score` where it added to the refusal, and `seen`: `at`, `matched`, `decoded` |
//! | `bytes_in`, `bytes_out` | bytes of the bodies |
//! | `micros` | `admit`, `upstream`, `total` in microseconds |
//! | `http`, `tls` | the protocol versions |
//! | `flags` | `aborted`, `upgraded`, `observed` (a control that only observes objected), `cut` (a text was shortened) |
//!
//! `told` holds what the caller was told: `at` a place in the request, what was `expected` there.
//!
//! Two other lines exist: `{"seq":7,"time":"..","gap":n}` says that `n` requests are missing here because the queue was
//! full or the disk refused, and `{"seq":8,"time":"..","unsure":n}` says that the disk did not confirm the `n` lines before it.

mod advice;
mod config;
mod entry;
mod error;
mod line;
mod metrics;
mod read;
mod recorder;
mod search;
mod segment;
mod syncer;
mod tail;
mod why;
mod writer;

pub use config::{RecordConfig, SyncEvery};
pub use entry::{Entry, Exchange};
pub use error::RecordError;
pub use metrics::{Build, Metrics, OpenConnection};
pub use read::{LineCaller, LineCredential, LineFinding, LineMicros, LineSighting, LineStep, RecordLine, Told};
pub use recorder::Recorder;
pub use search::find;
pub use tail::Torn;
pub use why::render;
pub use writer::{Opened, Running, Writer};
