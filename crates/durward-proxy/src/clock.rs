//! One clock reading per timestamp: the core's clock turns an [`Instant`] into a [`Moment`] by arithmetic.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use durward_core::{Clock, Moment};

/// The clock of one core, anchored anew once a second.
pub(crate) struct CoreClock {
    clock: Arc<dyn Clock>,
    anchor: Cell<(Instant, Moment)>,
}

impl CoreClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let anchor = (Instant::now(), clock.now());
        Self { clock, anchor: Cell::new(anchor) }
    }

    /// The present, on both scales.
    pub(crate) fn now(&self) -> (Instant, Moment) {
        let now = Instant::now();
        let (at, moment) = self.anchor.get();
        let since = now.saturating_duration_since(at);
        if since < RENEW {
            return (now, moment.plus(since));
        }
        let moment = self.clock.now();
        self.anchor.set((now, moment));
        (now, moment)
    }
}

const RENEW: Duration = Duration::from_secs(1);
