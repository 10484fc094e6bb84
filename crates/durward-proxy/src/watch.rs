//! A deadline that moves often and is reached rarely.
//!
//! Moving it costs nothing: the timer behind it is only touched when the task would sleep, and only moved when it fires
//! too early. One timer serves all requests of a connection.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::time::Sleep;

/// A deadline.
#[derive(Default)]
pub(crate) struct Watch {
    sleep: Option<Pin<Box<Sleep>>>,
    deadline: Option<Instant>,
    /// The timer knows the task's waker.
    armed: bool,
}

impl Watch {
    pub(crate) fn set(&mut self, at: Instant) {
        self.deadline = Some(at);
    }

    pub(crate) fn clear(&mut self) {
        self.deadline = None;
    }

    pub(crate) const fn is_set(&self) -> bool {
        self.deadline.is_some()
    }

    /// Ready once the deadline has passed; never ready while none is set.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.deadline else { return Poll::Pending };
        let wanted = tokio::time::Instant::from_std(at);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(wanted)));
        if sleep.deadline() > wanted {
            sleep.as_mut().reset(wanted);
        }
        loop {
            self.armed = true;
            ready!(sleep.as_mut().poll(cx));
            self.armed = false;
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(wanted);
        }
    }
    /// The same for a watch that is only ever polled by one task: nearly free while nothing fires.
    pub(crate) fn poll_at_home(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let (true, Some(sleep), Some(at)) = (self.armed, &self.sleep, self.deadline)
            && !sleep.is_elapsed()
            && sleep.deadline() <= tokio::time::Instant::from_std(at)
        {
            return Poll::Pending;
        }
        self.poll(cx)
    }
}
