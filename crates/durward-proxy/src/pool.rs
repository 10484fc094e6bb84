//! Connections to upstreams, per core: kept, reused, closed when idle.

mod connect;
mod http1;
mod http2;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use durward_core::{Fault, FaultKind};
use durward_pipeline::{Outbound, Upstream, UpstreamProtocol};
use http::response;

use crate::body::{ClientBody, Source, Upload};
use crate::config::UpstreamLimits;
use crate::tls::Trust;

pub(crate) use connect::Connector;
pub(crate) use http1::{Joined, Link};

/// All pools of one core.
pub(crate) struct Pools {
    limits: UpstreamLimits,
    trust: Arc<Trust>,
    /// The way that requests take: by the address of the plan's own upstream.
    known: RefCell<HashMap<usize, Known>>,
    /// Equal upstreams of different plans share a pool.
    pools: RefCell<HashMap<Arc<Upstream>, Rc<Pool>>>,
}

/// An upstream of a plan, kept alive so that its address stays its own, and its pool.
type Known = (Arc<Upstream>, Rc<Pool>);

/// The connections to one upstream.
pub(crate) struct Pool {
    upstream: Arc<Upstream>,
    limits: UpstreamLimits,
    connector: Connector,
    idle: RefCell<Vec<http1::Idle>>,
    open: Cell<usize>,
    http2: http2::Shared,
    /// Counts the reaper's visits: the clock of idle connections.
    round: Cell<u64>,
}

/// An upstream's answer.
pub(crate) struct Reply {
    pub(crate) head: response::Parts,
    pub(crate) source: Source,
}

impl Pools {
    pub(crate) fn new(limits: UpstreamLimits, trust: Arc<Trust>) -> Self {
        Self { limits, trust, known: RefCell::default(), pools: RefCell::default() }
    }

    /// Sends a request and waits for the head of the answer.
    pub(crate) async fn send(
        &self,
        upstream: &Arc<Upstream>,
        outbound: Outbound<ClientBody>,
        replayable: bool,
        now: Instant,
    ) -> Result<Reply, Fault> {
        let pool = self.pool(upstream)?;
        match upstream.protocol {
            UpstreamProtocol::Http1 => http1::send(&pool, outbound, replayable, now).await,
            UpstreamProtocol::Http2 => http2::send(&pool, outbound, replayable).await,
        }
    }

    fn pool(&self, upstream: &Arc<Upstream>) -> Result<Rc<Pool>, Fault> {
        let address = Arc::as_ptr(upstream).addr();
        if let Some((_, pool)) = self.known.borrow().get(&address) {
            return Ok(Rc::clone(pool));
        }
        let shared = self.pools.borrow().get(upstream).map(Rc::clone);
        let pool = match shared {
            Some(pool) => pool,
            None => {
                let pool = Rc::new(Pool::new(Arc::clone(upstream), self.limits, &self.trust)?);
                self.pools.borrow_mut().insert(Arc::clone(upstream), Rc::clone(&pool));
                pool
            }
        };
        self.known.borrow_mut().insert(address, (Arc::clone(upstream), Rc::clone(&pool)));
        Ok(pool)
    }

    /// Closes what was idle too long, and forgets upstreams that no plan names any more.
    pub(crate) fn reap(&self) {
        // Those that are in use are found again by value at their next request.
        self.known.borrow_mut().clear();
        self.pools.borrow_mut().retain(|_, pool| {
            pool.reap();
            Rc::strong_count(pool) > 1 || pool.http2.is_open()
        });
    }

    /// How often [`Pools::reap`] should be called.
    pub(crate) fn reap_interval(&self) -> Duration {
        (self.limits.idle / u32::try_from(ROUNDS).unwrap_or(4)).max(Duration::from_millis(50))
    }
}

impl Pool {
    fn new(upstream: Arc<Upstream>, limits: UpstreamLimits, trust: &Trust) -> Result<Self, Fault> {
        let connector = Connector::new(&upstream, trust)?;
        Ok(Self {
            upstream,
            limits,
            connector,
            idle: RefCell::default(),
            open: Cell::new(0),
            http2: http2::Shared::default(),
            round: Cell::new(0),
        })
    }

    fn reap(&self) {
        let round = self.round.get() + 1;
        self.round.set(round);
        let oldest = round.saturating_sub(ROUNDS);
        let idle = self.idle.take();
        // What closes here may wake tasks, which may come back to the pool: it is not borrowed meanwhile.
        let mut kept: Vec<http1::Idle> = idle.into_iter().filter_map(|idle| idle.keep(oldest)).collect();
        kept.append(&mut self.idle.borrow_mut());
        self.idle.replace(kept);
        self.http2.reap(oldest);
    }
}

/// What a request carries beside itself.
struct Sent {
    replayable: bool,
    upload: Option<Rc<Upload>>,
}

impl Sent {
    /// The caller's own fault goes before what the connection made of it.
    fn fault(&self, kind: FaultKind, detail: impl Into<String>) -> Fault {
        self.upload.as_ref().and_then(|upload| upload.trouble()).unwrap_or_else(|| Fault::new(kind, detail))
    }
}

/// An idle connection is closed at the reaper's visit after so many others.
const ROUNDS: u64 = 4;
