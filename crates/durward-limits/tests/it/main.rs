//! The limiter against oracles, and the two stages.

#[cfg(test)]
mod memory;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod threads;

#[cfg(test)]
use durward_core::{Moment, StageId};
#[cfg(test)]
use durward_limits::{LimitKey, Subject};

#[cfg(test)]
const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
fn at(monotonic_nanos: u64) -> Moment {
    Moment::new(1_790_000_000 * SECOND + monotonic_nanos, monotonic_nanos)
}

#[cfg(test)]
fn key(number: u32) -> LimitKey<'static> {
    LimitKey { stage: StageId::Quota, limit: "caller", subject: Subject::V4(number.to_be_bytes()) }
}
