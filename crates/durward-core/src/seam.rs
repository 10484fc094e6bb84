//! The seams: what the stages need of the world, handed to them so that they never touch it themselves.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// A moment on two clocks: Unix time for deadlines written in documents, monotonic time for rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    unix_nanos: u64,
    monotonic_nanos: u64,
}

impl Moment {
    /// Both clocks in nanoseconds.
    #[must_use]
    pub const fn new(unix_nanos: u64, monotonic_nanos: u64) -> Self {
        Self { unix_nanos, monotonic_nanos }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_seconds(self) -> u64 {
        self.unix_nanos / 1_000_000_000
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_millis(self) -> u64 {
        self.unix_nanos / 1_000_000
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix_nanos(self) -> u64 {
        self.unix_nanos
    }

    /// Nanoseconds on a clock that never goes back.
    #[must_use]
    pub const fn monotonic_nanos(self) -> u64 {
        self.monotonic_nanos
    }

    /// Time since an earlier moment, zero if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.monotonic_nanos.saturating_sub(earlier.monotonic_nanos))
    }

    /// The moment `by` later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let nanos = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        Self {
            unix_nanos: self.unix_nanos.saturating_add(nanos),
            monotonic_nanos: self.monotonic_nanos.saturating_add(nanos),
        }
    }
}

/// A clock.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The machine's clock: one reading of Unix time at the start, and monotonic time from there, corrected at each call
/// of [`SystemClock::new`]. Cheap: one clock reading per call.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that counts from now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let monotonic = self.start.elapsed();
        Moment::new(
            u64::try_from(unix.as_nanos()).unwrap_or(u64::MAX),
            u64::try_from(monotonic.as_nanos()).unwrap_or(u64::MAX),
        )
    }
}

/// A document fetched over the network.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The bytes, already capped by the fetcher.
    pub body: Bytes,
    /// `Cache-Control: max-age`, if the answer had one.
    pub max_age: Option<Duration>,
}

/// Why a fetch failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchError(pub String);

impl std::fmt::Display for FetchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FetchError {}

/// Fetches a document: `https` only (or `http` on loopback), no redirects, capped size, a deadline.
pub trait Fetch: Send + Sync {
    /// Fetches `url`.
    fn fetch(&self, url: &str, cap: usize) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>>;
}

/// Work that is done elsewhere.
pub type Job = Box<dyn FnOnce() + Send>;

/// Does work that would hold up everything else on a core: what takes over a millisecond.
pub trait Workers: Send + Sync {
    /// Does it, now or soon.
    fn run(&self, job: Job);
}

/// Does all work at once, where it comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inline;

impl Workers for Inline {
    fn run(&self, job: Job) {
        job();
    }
}

/// Hands work over and waits for what comes of it; `None` if it was given up, which it is when it panics.
pub async fn hand_over<T: Send + 'static>(
    workers: &dyn Workers,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let handed = Arc::new(Mutex::new(Handed::Waiting(None)));
    let giver = Giver(Arc::clone(&handed));
    workers.run(Box::new(move || giver.give(work())));
    poll_fn(|cx| lock(&handed).poll(cx)).await
}

/// What is handed over, and who waits for it.
enum Handed<T> {
    Waiting(Option<Waker>),
    Here(Option<T>),
}

impl<T> Handed<T> {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<Option<T>> {
        match self {
            Self::Here(value) => Poll::Ready(value.take()),
            Self::Waiting(waker) => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Gives once; being dropped gives nothing.
struct Giver<T>(Arc<Mutex<Handed<T>>>);

impl<T> Giver<T> {
    fn give(&self, value: T) {
        self.settle(Some(value));
    }

    fn settle(&self, value: Option<T>) {
        let mut handed = lock(&self.0);
        if let Handed::Waiting(waker) = &mut *handed {
            let waker = waker.take();
            *handed = Handed::Here(value);
            drop(handed);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.settle(None);
    }
}

fn lock<T>(handed: &Mutex<Handed<T>>) -> MutexGuard<'_, Handed<T>> {
    handed.lock().unwrap_or_else(PoisonError::into_inner)
}
