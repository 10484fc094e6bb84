//! What the connections of one core share. Nothing here is locked, and nothing leaves the thread.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Cache};
use durward_core::{RequestIds, Trail};
use durward_pipeline::Plan;
use durward_record::Recorder;
use tokio::sync::Notify;

use crate::clock::CoreClock;
use crate::config::Limits;
use crate::pool::Pools;

/// One core.
pub(crate) struct Core {
    pub(crate) limits: Limits,
    pub(crate) clock: CoreClock,
    pub(crate) ids: RefCell<RequestIds>,
    pub(crate) recorder: Recorder,
    pub(crate) pools: Pools,
    pub(crate) drain: Drain,
    /// Bytes of bodies that are being read whole.
    pub(crate) reading: Cell<u64>,
    plans: RefCell<Plans>,
}

/// The plan in force, seen without touching a shared counter per request.
struct Plans {
    cache: Cache<Arc<ArcSwap<Plan>>, Arc<Plan>>,
    held: Rc<Held>,
}

/// A plan that is held on this core: passed on to requests by a count that no other core touches.
pub(crate) struct Held(Arc<Plan>);

impl Deref for Held {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.0
    }
}

impl Core {
    pub(crate) fn new(
        limits: Limits,
        clock: CoreClock,
        ids: RequestIds,
        recorder: Recorder,
        pools: Pools,
        plans: Arc<ArcSwap<Plan>>,
    ) -> Rc<Self> {
        let held = Rc::new(Held(plans.load_full()));
        Rc::new(Self {
            limits,
            clock,
            ids: RefCell::new(ids),
            recorder,
            pools,
            drain: Drain::default(),
            reading: Cell::new(0),
            plans: RefCell::new(Plans { cache: Cache::new(plans), held }),
        })
    }

    /// The plan in force now; it stays whole for whoever holds it.
    pub(crate) fn plan(&self) -> Rc<Held> {
        let mut plans = self.plans.borrow_mut();
        let Plans { cache, held } = &mut *plans;
        let current = cache.load();
        if !Arc::ptr_eq(current, &held.0) {
            *held = Rc::new(Held(Arc::clone(current)));
        }
        Rc::clone(held)
    }
}

/// The end of service on this core: who is still here, and since when they should leave.
#[derive(Default)]
pub(crate) struct Drain {
    /// Since when, and until when quiet connections may stay.
    since: Cell<Option<Instant>>,
    linger: Cell<Option<Instant>>,
    next: Cell<u64>,
    connections: RefCell<HashMap<u64, Option<Waker>>>,
    pub(crate) begun: Notify,
    pub(crate) emptied: Notify,
}

impl Drain {
    pub(crate) fn begin(&self, now: Instant, linger: Duration) {
        self.since.set(Some(now));
        self.linger.set(Some(now + linger));
        self.begun.notify_waiters();
        for waker in self.connections.borrow().values().flatten() {
            waker.wake_by_ref();
        }
    }

    pub(crate) fn since(&self) -> Option<Instant> {
        self.since.get()
    }

    /// Until when a connection without a request may stay: one that is about to send a request gets its answer.
    pub(crate) fn linger(&self) -> Option<Instant> {
        self.linger.get()
    }

    pub(crate) fn open(&self) -> usize {
        self.connections.borrow().len()
    }
}

/// A connection's entry in the list of those who are here.
pub(crate) struct Presence {
    core: Rc<Core>,
    number: u64,
}

impl Presence {
    pub(crate) fn enter(core: &Rc<Core>) -> Self {
        let number = core.drain.next.get();
        core.drain.next.set(number + 1);
        core.drain.connections.borrow_mut().insert(number, None);
        Self { core: Rc::clone(core), number }
    }

    /// Asks to be woken when the drain begins.
    pub(crate) fn listen(&self, waker: &Waker) {
        self.core.drain.connections.borrow_mut().insert(self.number, Some(waker.clone()));
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut connections = self.core.drain.connections.borrow_mut();
        connections.remove(&self.number);
        if connections.is_empty() {
            self.core.drain.emptied.notify_waiters();
        }
    }
}

/// Keeps the size of what is queued per request in sight.
const _: () = assert!(size_of::<Trail>() < 4096);
