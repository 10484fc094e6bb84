//! One refresh at a time, without a runtime: callers wait for the one that is under way instead of starting their own.
//!
//! INVARIANT: at most one [`Lead`] exists per flight. Dropping it, finished or cancelled, wakes every waiter, so that
//! a client that goes away never leaves the others waiting.

use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// How many callers may wait for one refresh; more are turned away at once.
const MAX_WAITING: usize = 1024;

/// Single flight.
#[derive(Debug, Default)]
pub(super) struct Flight {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    busy: bool,
    /// Tickets tell waiters apart, so that one that is polled twice holds one place.
    next_ticket: u64,
    waiting: Vec<(u64, Waker)>,
}

/// The right to refresh.
#[derive(Debug)]
pub(super) struct Lead<'f> {
    flight: &'f Flight,
}

/// Too many callers are waiting already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowded;

impl Flight {
    /// Waits until nobody refreshes, and takes the lead.
    pub(super) async fn lead(&self) -> Result<Lead<'_>, Crowded> {
        let place = Place { flight: self, ticket: self.ticket() };
        poll_fn(|context| {
            let mut state = self.lock();
            if !state.busy {
                state.busy = true;
                return Poll::Ready(Ok(()));
            }
            if let Some((_, waker)) = state.waiting.iter_mut().find(|(ticket, _)| *ticket == place.ticket) {
                waker.clone_from(context.waker());
                return Poll::Pending;
            }
            if state.waiting.len() >= MAX_WAITING {
                return Poll::Ready(Err(Crowded));
            }
            state.waiting.push((place.ticket, context.waker().clone()));
            Poll::Pending
        })
        .await?;
        Ok(Lead { flight: self })
    }

    fn ticket(&self) -> u64 {
        let mut state = self.lock();
        state.next_ticket += 1;
        state.next_ticket
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller's place among the waiting, given up when the caller goes away.
struct Place<'f> {
    flight: &'f Flight,
    ticket: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.flight.lock().waiting.retain(|(ticket, _)| *ticket != self.ticket);
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.flight.lock();
            state.busy = false;
            std::mem::take(&mut state.waiting)
        };
        for (_, waker) in waiting {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls with a waker that counts, so that a wake-up that is lost is seen.
    fn waker() -> (Arc<Count>, Waker) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), Waker::from(count))
    }

    #[test]
    fn a_lead_that_ends_wakes_every_waiter_and_one_of_them_leads() {
        let flight = Flight::default();
        let ((first, first_waker), (second, second_waker)) = (waker(), waker());
        let mut leader = pin!(flight.lead());
        let Poll::Ready(Ok(lead)) = leader.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nobody else leads");
        };
        let (mut a, mut b) = (Box::pin(flight.lead()), Box::pin(flight.lead()));
        for _ in 0..3 {
            assert!(a.as_mut().poll(&mut Context::from_waker(&first_waker)).is_pending());
            assert!(b.as_mut().poll(&mut Context::from_waker(&second_waker)).is_pending());
        }
        assert_eq!(flight.lock().waiting.len(), 2, "polling again takes no second place");
        drop(lead);
        assert_eq!((first.0.load(Ordering::SeqCst), second.0.load(Ordering::SeqCst)), (1, 1));
        let Poll::Ready(Ok(next)) = a.as_mut().poll(&mut Context::from_waker(&first_waker)) else {
            panic!("the first to come leads");
        };
        assert!(b.as_mut().poll(&mut Context::from_waker(&second_waker)).is_pending());
        // The new lead is cancelled; the last one is woken again and leads.
        drop(next);
        assert_eq!(second.0.load(Ordering::SeqCst), 2);
        assert!(b.as_mut().poll(&mut Context::from_waker(&second_waker)).is_ready());
    }

    #[test]
    fn a_waiter_that_leaves_gives_up_its_place() {
        let flight = Flight::default();
        let mut leader = pin!(flight.lead());
        let lead = leader.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(lead.is_ready());
        let mut waiter = Box::pin(flight.lead());
        assert!(waiter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(waiter);
        assert!(flight.lock().waiting.is_empty());
    }
}
