//! The keys of one issuer over time: fresh, stale, or gone.
//!
//! The cache has no clock and no tasks. A background loop asks [`KeyCache::due`] and calls [`KeyCache::refresh`]; a
//! request asks [`KeyCache::lookup`] and refreshes only when it is told to. What bounds the fetches is kept here and
//! nowhere else: one at a time, and one per cool-down, whoever asks and whatever `kid` a caller invents.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use durward_core::{Fetch, FetchError, Fetched, Moment};
use quick_cache::sync::Cache;

use super::flight::{Crowded, Flight};
use super::set::SharedSet;
use super::{Found, JwksError, KeySet, KeySource};
use crate::jose::Algorithm;

const TTL_DEFAULT: Duration = Duration::from_secs(600);
const TTL_MIN: Duration = Duration::from_secs(60);
const TTL_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long keys serve while the issuer cannot be reached.
const MAX_STALE: Duration = Duration::from_secs(24 * 3600);
/// The shortest time between two refreshes.
const COOLDOWN: Duration = Duration::from_secs(10);
/// How long a `kid` that a fresh set does not have stays unknown without asking again.
const NEGATIVE_TTL: Duration = Duration::from_secs(30);
const NEGATIVE_ENTRIES: usize = 1024;
/// How many refreshes in a row may be cancelled before the cool-down holds regardless.
const MAX_CANCELLED: u8 = 3;

/// One set of keys as it was fetched.
#[derive(Debug, Clone)]
pub struct Snapshot {
    set: SharedSet,
    generation: u64,
    fetched: Moment,
    ttl: Duration,
    /// When a background refresh is due, as time since `fetched`.
    due_after: Duration,
    digest: [u8; 32],
    /// Keys that were compiled in never grow old.
    fixed: bool,
}

impl Snapshot {
    /// The keys.
    #[must_use]
    pub fn set(&self) -> &KeySet {
        &self.set
    }

    /// Grows with every change of the keys.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    fn is_too_old(&self, now: Moment) -> bool {
        !self.fixed && now.since(self.fetched) > MAX_STALE.max(self.ttl)
    }
}

/// What the cache says of a token's key.
#[derive(Debug)]
pub enum Lookup {
    /// The set that has the key.
    Key(Arc<Snapshot>),
    /// Ask [`KeyCache::refresh`] and look again.
    RefreshNeeded,
    /// No such key: the token is not the issuer's.
    Unknown(&'static str),
    /// The keys cannot be had; try again after so many seconds.
    Unavailable(u32),
}

/// Why a refresh brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefreshError {
    /// The document could not be fetched.
    Fetch(FetchError),
    /// The document is not a usable JWKS.
    Jwks(JwksError),
    /// The discovery document is not usable.
    Discovery(&'static str),
    /// Too many callers wait for the refresh that is under way.
    Crowded,
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => write!(f, "cannot fetch keys: {error}"),
            Self::Jwks(error) => error.fmt(f),
            Self::Discovery(why) => write!(f, "discovery document {why}"),
            Self::Crowded => f.write_str("too many requests wait for keys"),
        }
    }
}

impl std::error::Error for RefreshError {}

/// What a refresh did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The keys changed.
    Changed,
    /// The keys are the same as before.
    Same,
    /// Nothing was fetched: another caller just did, or the cool-down holds.
    Skipped,
}

/// The state of an issuer's keys, for readiness, metrics and the operator.
#[derive(Debug, Clone)]
pub struct KeyStatus {
    /// How many keys are usable; `None` when none were ever fetched.
    pub keys: Option<usize>,
    /// Seconds since they were fetched.
    pub age_seconds: Option<u64>,
    /// Why the last refresh failed, if it did.
    pub last_error: Option<RefreshError>,
    /// Keys that are published and not used, each with the reason.
    pub problems: Vec<String>,
    /// How many fetches were started.
    pub attempts: u64,
}

#[derive(Debug, Default)]
struct Attempts {
    started: Option<Moment>,
    count: u64,
    completed: u64,
    cancelled: u8,
    /// Whether a fetch is under way, so that others join it instead of being turned away by the cool-down it started.
    in_flight: bool,
    error: Option<RefreshError>,
}

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeyCache {
    source: Option<KeySource>,
    allowed: Box<[Algorithm]>,
    current: ArcSwapOption<Snapshot>,
    flight: Flight,
    attempts: Mutex<Attempts>,
    negative: Cache<Box<str>, Moment>,
}

impl KeyCache {
    /// A cache that fetches; it starts empty.
    #[must_use]
    pub fn new(source: KeySource, allowed: &[Algorithm]) -> Self {
        Self::with(Some(source), allowed, None)
    }

    /// Keys that were given at compile time and never change.
    #[must_use]
    pub fn fixed(set: KeySet, allowed: &[Algorithm]) -> Self {
        let snapshot = Snapshot {
            set: Arc::new(set),
            generation: 1,
            fetched: Moment::new(0, 0),
            ttl: TTL_MAX,
            due_after: TTL_MAX,
            digest: [0; 32],
            fixed: true,
        };
        Self::with(None, allowed, Some(snapshot))
    }

    fn with(source: Option<KeySource>, allowed: &[Algorithm], snapshot: Option<Snapshot>) -> Self {
        Self {
            source,
            allowed: allowed.into(),
            current: ArcSwapOption::from(snapshot.map(Arc::new)),
            flight: Flight::default(),
            attempts: Mutex::default(),
            negative: Cache::new(NEGATIVE_ENTRIES),
        }
    }

    /// Whether this cache holds the keys that another would fetch, so that it may outlive a reload.
    #[must_use]
    pub fn same_source(&self, other: &Self) -> bool {
        self.source.is_some() && self.source == other.source && self.allowed == other.allowed
    }

    /// The current keys, if they may still be used.
    #[must_use]
    pub fn snapshot(&self, now: Moment) -> Option<Arc<Snapshot>> {
        self.current.load_full().filter(|snapshot| !snapshot.is_too_old(now))
    }

    /// Where a token's key is.
    #[must_use]
    pub fn lookup(&self, kid: Option<&str>, algorithm: Algorithm, now: Moment) -> Lookup {
        let Some(snapshot) = self.snapshot(now) else {
            let attempts = self.lock();
            return match cooling(&attempts, now) {
                Some(seconds) if !attempts.in_flight => Lookup::Unavailable(seconds),
                Some(_) | None => Lookup::RefreshNeeded,
            };
        };
        match snapshot.set.find(kid, algorithm) {
            Found::Key(_) if self.is_neglected(&snapshot, now) => Lookup::RefreshNeeded,
            Found::Key(_) => Lookup::Key(snapshot),
            Found::Ambiguous => Lookup::Unknown("token names no key and several could be meant"),
            Found::OtherAlgorithm => Lookup::Unknown("the named key is not for this algorithm"),
            Found::Nothing => self.unknown(kid, &snapshot, now),
        }
    }

    /// Whether a background loop should refresh now.
    #[must_use]
    pub fn due(&self, now: Moment) -> bool {
        let attempts = self.lock();
        if self.source.is_none() || attempts.in_flight || cooling(&attempts, now).is_some() {
            return false;
        }
        drop(attempts);
        self.current.load().as_ref().is_none_or(|snapshot| now.since(snapshot.fetched) >= snapshot.due_after)
    }

    /// Fetches the keys, unless another caller is doing so or did so within the cool-down. Safe to cancel: the next
    /// caller takes over.
    ///
    /// # Errors
    /// [`RefreshError`] when the keys could not be had; the previous ones stay.
    pub async fn refresh(&self, fetch: &dyn Fetch, now: Moment) -> Result<Refreshed, RefreshError> {
        let Some(source) = &self.source else {
            return Ok(Refreshed::Skipped);
        };
        let seen = self.lock().completed;
        let _lead = self.flight.lead().await.map_err(|Crowded| RefreshError::Crowded)?;
        let Some(attempt) = self.begin(seen, now) else {
            return Ok(Refreshed::Skipped);
        };
        let outcome = source.fetch(fetch, &self.allowed).await;
        let outcome = outcome.map(|(set, fetched)| self.install(set, &fetched, now));
        attempt.complete(outcome.as_ref().err().cloned());
        outcome
    }

    /// The state of the keys.
    #[must_use]
    pub fn status(&self, now: Moment) -> KeyStatus {
        let snapshot = self.current.load_full();
        let attempts = self.lock();
        KeyStatus {
            keys: snapshot.as_ref().map(|snapshot| snapshot.set.len()),
            age_seconds: snapshot.as_ref().filter(|s| !s.fixed).map(|s| now.since(s.fetched).as_secs()),
            last_error: attempts.error.clone(),
            problems: snapshot.iter().flat_map(|s| s.set.problems()).map(ToString::to_string).collect(),
            attempts: attempts.count,
        }
    }

    /// A key that the current set does not have: asked for once, then remembered.
    fn unknown(&self, kid: Option<&str>, snapshot: &Snapshot, now: Moment) -> Lookup {
        const UNKNOWN: Lookup = Lookup::Unknown("no key of the issuer fits the token");
        let known_unknown = kid.and_then(|kid| self.negative.get(kid)).is_some_and(|until| !until.since(now).is_zero());
        if self.source.is_none() || known_unknown {
            return UNKNOWN;
        }
        let attempts = self.lock();
        match cooling(&attempts, now) {
            None => Lookup::RefreshNeeded,
            Some(_) if attempts.in_flight => Lookup::RefreshNeeded,
            // The issuer may have rotated and we cannot ask it: that is our trouble, not the caller's.
            Some(seconds) if attempts.error.is_some() => Lookup::Unavailable(seconds),
            Some(_) => {
                drop(attempts);
                // Only a set fetched within the cool-down proves that the issuer does not have the key.
                if let Some(kid) = kid.filter(|_| now.since(snapshot.fetched) < COOLDOWN) {
                    self.negative.insert(kid.into(), now.plus(NEGATIVE_TTL));
                }
                UNKNOWN
            }
        }
    }

    /// Keys past their time although nobody tried to refresh them for as long: the background loop does not run.
    fn is_neglected(&self, snapshot: &Snapshot, now: Moment) -> bool {
        !snapshot.fixed
            && now.since(snapshot.fetched) > snapshot.ttl
            && self.lock().started.is_none_or(|started| now.since(started) > snapshot.ttl)
    }

    fn begin(&self, seen: u64, now: Moment) -> Option<Attempt<'_>> {
        let mut attempts = self.lock();
        if attempts.completed != seen || cooling(&attempts, now).is_some() {
            return None;
        }
        let before = attempts.started.replace(now);
        attempts.count += 1;
        attempts.in_flight = true;
        Some(Attempt { cache: self, before, done: false })
    }

    fn install(&self, set: KeySet, fetched: &Fetched, now: Moment) -> Refreshed {
        let ttl = fetched.max_age.unwrap_or(TTL_DEFAULT).clamp(TTL_MIN, TTL_MAX);
        let digest = sha256(&fetched.body);
        let previous = self.current.load_full();
        let same = previous.as_ref().is_some_and(|snapshot| snapshot.digest == digest);
        let generation = previous.as_ref().map_or(0, |snapshot| snapshot.generation) + u64::from(!same);
        self.current.store(Some(Arc::new(Snapshot {
            set: previous.filter(|_| same).map_or_else(|| Arc::new(set), |snapshot| Arc::clone(&snapshot.set)),
            generation,
            fetched: now,
            ttl,
            due_after: jittered(ttl),
            digest,
            fixed: false,
        })));
        if same { Refreshed::Same } else { Refreshed::Changed }
    }

    fn lock(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A fetch that has started; dropped without completion it was cancelled.
struct Attempt<'c> {
    cache: &'c KeyCache,
    before: Option<Moment>,
    done: bool,
}

impl Attempt<'_> {
    fn complete(mut self, error: Option<RefreshError>) {
        self.done = true;
        let mut attempts = self.cache.lock();
        attempts.completed += 1;
        attempts.cancelled = 0;
        attempts.in_flight = false;
        attempts.error = error;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let mut attempts = self.cache.lock();
        attempts.in_flight = false;
        // A caller that went away gives its turn back, but not for ever: otherwise connecting and hanging up would
        // be a way to make us fetch.
        if attempts.cancelled < MAX_CANCELLED {
            attempts.cancelled += 1;
            attempts.started = self.before;
        } else {
            attempts.cancelled = 0;
        }
    }
}

/// Seconds until another fetch may start.
fn cooling(attempts: &Attempts, now: Moment) -> Option<u32> {
    let rest = COOLDOWN.checked_sub(now.since(attempts.started?))?;
    (!rest.is_zero()).then(|| u32::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(u32::MAX))
}

/// About 80 % of the time to live, so that nodes do not all ask at once.
fn jittered(ttl: Duration) -> Duration {
    let mut random = [0u8; 1];
    // Without randomness the refresh is merely punctual.
    let spread = aws_lc_rs::rand::fill(&mut random).map_or(128, |()| u32::from(random[0]));
    ttl / 100 * 75 + ttl / 1000 * (spread * 100 / 255)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref());
    out
}
