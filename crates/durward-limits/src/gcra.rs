//! The generic cell rate algorithm (ITU-T I.371): one number per subject, the theoretical arrival time.
//!
//! A subject whose arrival time lies `d` in the future owes `d`: each unit adds one interval to the debt, time pays it
//! off, and a request passes while the debt stays within the burst. Everything is in nanoseconds of the monotonic clock.

use durward_core::Rate;

/// A rate and a burst, as intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    interval: u64,
    tolerance: u64,
    burst: u64,
}

/// What the limiter says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It passes and was counted.
    Allowed {
        /// How many more would pass now.
        remaining: u64,
        /// Seconds until one more would pass, rounded up; zero when the whole burst is there.
        reset_seconds: u32,
    },
    /// It does not pass and was not counted.
    Denied {
        /// Seconds after which it would pass, rounded up and never zero.
        retry_after_seconds: u32,
        /// How many units would pass now; zero unless the request costs more than one.
        remaining: u64,
    },
    /// It costs more than the burst and never passes.
    Never,
}

impl Decision {
    /// Whether it passes.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

impl Quota {
    /// A rate with a burst: how many may pass at once. `None` for a burst of zero or one that takes over a century to
    /// refill. The interval is rounded up to whole nanoseconds, so that no more than the rate ever passes.
    #[must_use]
    pub fn new(rate: Rate, burst: u64) -> Option<Self> {
        let period = u64::try_from(rate.period().as_nanos()).ok()?;
        let interval = period.div_ceil(rate.count()).max(1);
        let tolerance = interval.checked_mul(burst)?;
        (burst > 0 && tolerance <= CENTURY).then_some(Self { interval, tolerance, burst })
    }

    /// How many may pass at once.
    #[must_use]
    pub const fn burst(self) -> u64 {
        self.burst
    }

    /// Seconds in which the whole burst refills, rounded up.
    #[must_use]
    pub fn refill_seconds(self) -> u32 {
        seconds(self.tolerance)
    }

    pub(crate) const fn tolerance(self) -> u64 {
        self.tolerance
    }

    pub(crate) const fn price(self, cost: u32) -> u64 {
        self.interval.saturating_mul(cost as u64)
    }

    /// Judges `cost` units against a stored arrival time; the new arrival time when they pass.
    pub(crate) fn judge(self, arrival: u64, cost: u32, now: u64) -> Result<(u64, Decision), Decision> {
        let debt = arrival.saturating_sub(now);
        let after = debt.saturating_add(self.price(cost));
        if after <= self.tolerance {
            let (remaining, wait) = self.room(after);
            return Ok((now.saturating_add(after), Decision::Allowed { remaining, reset_seconds: seconds(wait) }));
        }
        if u64::from(cost) > self.burst {
            return Err(Decision::Never);
        }
        let wait = seconds(after - self.tolerance).max(1);
        Err(Decision::Denied { retry_after_seconds: wait, remaining: self.room(debt).0 })
    }

    /// What passes at a debt, and how long until one more does.
    const fn room(self, debt: u64) -> (u64, u64) {
        let free = self.tolerance.saturating_sub(debt);
        let remaining = free / self.interval;
        let wait = if debt == 0 { 0 } else { (remaining + 1).saturating_mul(self.interval).saturating_sub(free) };
        (remaining, wait)
    }
}

fn seconds(nanos: u64) -> u32 {
    u32::try_from(nanos.div_ceil(SECOND)).unwrap_or(u32::MAX)
}

const SECOND: u64 = 1_000_000_000;
const CENTURY: u64 = 100 * 366 * 86_400 * SECOND;
