//! What a request is, and how its parts are read: facts, canonical paths, queries, cookies, forms, strict JSON, bodies
//! read once under a cap.
//!
//! Everything here is pure: bytes in, values or errors out. No sockets, no clocks, no policy. Every reader is bounded
//! in time and memory by limits that its caller gives, and none panics on any input.

mod authority;
mod body;
mod clean;
mod cookie;
mod escape;
mod facts;
mod inflate;
mod media;
mod path;
mod query;

pub mod field;
pub mod form;
pub mod json;
pub mod multipart;

pub use authority::{Authority, AuthorityProblem};
pub use body::{BodyFault, BodySource, ReadProblem, WholeBody, read_whole};
pub use clean::Clean;
pub use cookie::{CookieLimits, CookieProblem, cookies};
pub use escape::{EscapeProblem, decode_component};
pub use facts::{Connection, Facts, Framing, Head, TlsFacts};
pub use inflate::{Coding, InflateProblem, RATIO_FREE_BYTES, inflate, inflate_start};
pub use media::{MOST_PARAMETERS, MediaProblem, MediaRange, MediaType};
pub use path::{CanonicalPath, PathProblem, PathRules, decode_segment};
pub use query::{Escapes, Pair, Query, QueryLimits, QueryProblem};
