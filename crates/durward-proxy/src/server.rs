//! The server: threads, their start and their end.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use durward_core::{Clock, RequestIds};
use durward_pipeline::Plan;
use durward_record::{Metrics, Recorder};
use tokio::sync::watch;
use tokio::task::LocalSet;

use crate::ServerError;
use crate::admission::Admission;
use crate::clock::CoreClock;
use crate::config::{ListenConfig, ServerConfig};
use crate::core::Core;
use crate::listen::{self, Listening};
use crate::pool::Pools;
use crate::tls::Trust;

/// What the server needs of the rest of the program.
#[derive(Clone)]
pub struct ServerParts {
    /// The plan in force; a reload stores a new one.
    pub plans: Arc<ArcSwap<Plan>>,
    /// Where finished requests go.
    pub recorder: Recorder,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where open connections are counted.
    pub metrics: Option<Metrics>,
}

/// A running server. Dropping it closes every connection at once; [`Server::drain`] lets requests finish.
pub struct Server {
    addresses: Vec<SocketAddr>,
    threads: Vec<JoinHandle<usize>>,
    until: watch::Sender<Option<Instant>>,
    admission: Arc<Admission>,
}

/// What became of the connections when the server stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were cut off because the deadline passed.
    pub unfinished: usize,
}

/// Counts of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Open now.
    pub open: usize,
    /// Accepted since the start.
    pub accepted: u64,
    /// Closed at once because there were too many.
    pub over_limit: u64,
    /// Closed at once because there were too many from one address.
    pub over_address_limit: u64,
    /// Ended before a protocol was agreed on: PROXY header, TLS, silence.
    pub handshake_failed: u64,
}

impl Server {
    /// Binds every address and starts a thread per core. When this returns, clients can connect.
    ///
    /// # Errors
    /// An address cannot be listened on, or a thread cannot be started.
    pub fn start(config: &ServerConfig, parts: &ServerParts) -> Result<Self, ServerError> {
        if config.listeners.is_empty() {
            return Err(ServerError::NoListener);
        }
        listen::raise_file_limit();
        let workers = config.workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let mut addresses = Vec::new();
        let mut sockets: Vec<Vec<(std::net::TcpListener, ListenConfig)>> = Vec::new();
        sockets.resize_with(workers, Vec::new);
        for listener in &config.listeners {
            let (bound, each) = listen::bind(listener.address, workers)?;
            addresses.push(bound);
            for (worker, socket) in sockets.iter_mut().zip(each) {
                worker.push((socket, listener.clone()));
            }
        }
        let admission = Admission::new(&config.limits, parts.metrics.clone());
        let trust = Arc::new(Trust::default());
        let (until, _) = watch::channel(None);
        let mut server = Self { addresses, threads: Vec::new(), until, admission };
        for (number, sockets) in sockets.into_iter().enumerate() {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServerError::Thread)?;
            let worker = Worker {
                config: config.clone(),
                parts: parts.clone(),
                trust: Arc::clone(&trust),
                admission: Arc::clone(&server.admission),
                until: server.until.subscribe(),
                seed: seed()?,
                sockets,
            };
            let thread = std::thread::Builder::new()
                .name(format!("durward-core-{number}"))
                .spawn(move || LocalSet::new().block_on(&runtime, worker.run()))
                .map_err(ServerError::Thread)?;
            server.threads.push(thread);
        }
        Ok(server)
    }

    /// The addresses that are listened on, in the order of the configuration.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Counts of connections.
    #[must_use]
    pub fn connections(&self) -> ConnectionCounts {
        let counters = &self.admission.counters;
        ConnectionCounts {
            open: self.admission.open(),
            accepted: counters.accepted.load(Ordering::Relaxed),
            over_limit: counters.over_limit.load(Ordering::Relaxed),
            over_address_limit: counters.over_address_limit.load(Ordering::Relaxed),
            handshake_failed: counters.handshake_failed.load(Ordering::Relaxed),
        }
    }

    /// Stops accepting, lets every request that is here or on its way finish, and ends. Blocks until then, or until `within`
    /// has passed.
    #[must_use]
    pub fn drain(mut self, within: Duration) -> Drained {
        self.stop(within)
    }

    fn stop(&mut self, within: Duration) -> Drained {
        self.until.send_replace(Some(Instant::now() + within));
        // A thread that panicked counts as one unfinished connection.
        let unfinished = self.threads.drain(..).map(|thread| thread.join().unwrap_or(1)).sum();
        Drained { unfinished }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

/// One thread's part.
struct Worker {
    config: ServerConfig,
    parts: ServerParts,
    trust: Arc<Trust>,
    admission: Arc<Admission>,
    until: watch::Receiver<Option<Instant>>,
    seed: u64,
    sockets: Vec<(std::net::TcpListener, ListenConfig)>,
}

impl Worker {
    async fn run(mut self) -> usize {
        let core = Core::new(
            self.config.limits,
            CoreClock::new(Arc::clone(&self.parts.clock)),
            RequestIds::new(self.seed),
            self.parts.recorder.clone(),
            Pools::new(self.config.upstream, Arc::clone(&self.trust)),
            Arc::clone(&self.parts.plans),
        );
        let mut accepting = Vec::new();
        for (socket, config) in self.sockets.drain(..) {
            let Ok(listener) = tokio::net::TcpListener::from_std(socket) else { continue };
            let accept =
                listen::accept(listener, Listening::new(&config), Rc::clone(&core), Arc::clone(&self.admission));
            accepting.push(tokio::task::spawn_local(accept));
        }
        let reaping = tokio::task::spawn_local(reap(Rc::clone(&core)));
        // An error means that the server is gone without a word: end at once.
        let until =
            self.until.wait_for(Option::is_some).await.ok().and_then(|until| *until).unwrap_or_else(Instant::now);
        let now = Instant::now();
        core.drain.begin(now, (until.saturating_duration_since(now) / 2).min(LINGER));
        let empty = async {
            for accept in accepting {
                let _ = accept.await;
            }
            loop {
                let emptied = core.drain.emptied.notified();
                if core.drain.open() == 0 {
                    return;
                }
                emptied.await;
            }
        };
        let _ = tokio::time::timeout_at(until.into(), empty).await;
        reaping.abort();
        core.drain.open()
    }
}

async fn reap(core: Rc<Core>) {
    let mut ticks = tokio::time::interval(core.pools.reap_interval());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        core.pools.reap();
    }
}

fn seed() -> Result<u64, ServerError> {
    let mut bytes = [0u8; 8];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ServerError::Thread(std::io::Error::other("no randomness")))?;
    Ok(u64::from_le_bytes(bytes))
}

/// How long a quiet connection may stay in a drain, in case its next request is on its way.
const LINGER: Duration = Duration::from_secs(1);
