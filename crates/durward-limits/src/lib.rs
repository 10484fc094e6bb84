//! Floods and rates.
//!
//! One [`Limiter`] holds the counts of every limit in a table whose size is fixed when it is made: the limiter must not
//! become the way to exhaust the gateway. Two stages use it: [`FloodStage`] before anything costly, by address, and
//! [`QuotaStage`] once it is known who calls.
//!
//! Counts belong to a limit's name and its subject, never to a path or a version of the policy: a different spelling of
//! a path is no second allowance, and a reload does not forget.
//!
//! This crate never reads a clock, never waits, and never looks at a path.

mod flood;
mod gcra;
mod headers;
mod limiter;
mod quota;
mod subject;
mod table;

pub use flood::{FloodConfig, FloodPass, FloodStage};
pub use gcra::{Decision, Quota};
pub use headers::{rate_limit, write_headers};
pub use limiter::{Claim, Decisions, Limiter};
pub use quota::{LimitBy, LimitConfig, QuotaStage};
pub use subject::{LimitKey, Subject};
