//! Development only: a gateway as a process, an upstream that remembers what reached it, and clients that can say
//! things a well-behaved client cannot: of the standard library only, so that nothing of them shares code with what it
//! tests. Beside them, the regression tests of the Core Rule Set as their authors' runner sends them.

pub mod ftw;
mod gateway;
mod raw;
mod raw_h2;
mod upstream;

pub use gateway::{Gateway, GatewayBuilder, corpora, peers};
pub use raw::{Answer, ReadError, exchange, read_answers};
pub use raw_h2::{H2Outcome, h2_exchange};
pub use upstream::{AnsweringUpstream, Recorded, RecordingUpstream};
