//! The thread that writes the log: drains the queue, writes in batches, syncs, rotates, and owns up to what is missing.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use durward_core::{Clock, SystemClock};

use crate::line::Lines;
use crate::recorder::Shared;
use crate::segment::Log;
use crate::syncer::{Job, Syncer};
use crate::tail::Torn;
use crate::{Entry, Metrics, RecordConfig, RecordError, SyncEvery};

/// The audit log, opened and not yet written to.
#[derive(Debug)]
pub struct Writer {
    config: RecordConfig,
    receiver: Receiver<Box<Entry>>,
    shared: Arc<Shared>,
    log: Log,
    opened: Opened,
}

/// What was found when the log was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The number of the next line.
    pub next_seq: u64,
    /// The torn end that a crash left behind and that was cut off.
    pub torn: Option<Torn>,
}

/// The writer at work. Dropping it finishes the log like [`Running::close`], but tells nobody how that went.
#[derive(Debug)]
pub struct Running {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), RecordError>>>,
}

impl Writer {
    pub(crate) fn open(
        config: &RecordConfig,
        dir: &Path,
        receiver: Receiver<Box<Entry>>,
        shared: Arc<Shared>,
    ) -> Result<Self, RecordError> {
        let found = Log::open(config, dir)?;
        shared.synced.store(found.next_seq, Ordering::Release);
        let opened = Opened { next_seq: found.next_seq, torn: found.torn };
        Ok(Self { config: *config, receiver, shared, log: found.log, opened })
    }

    /// What was found when the log was opened.
    #[must_use]
    pub const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Starts the thread. It feeds `metrics`, and tells `complain` once when the disk begins to refuse and once when
    /// it takes lines again.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(self, metrics: Metrics, complain: impl Fn(&str) + Send + 'static) -> Result<Running, RecordError> {
        let shared = Arc::clone(&self.shared);
        metrics.follow(&shared);
        let limit = BATCH_BYTES.min(self.config.rotate.as_usize());
        let engine = Engine {
            sync: self.config.sync,
            syncer: Syncer::start()?,
            leave: false,
            next_seq: self.opened.next_seq,
            batch: Batch { bytes: Vec::with_capacity(limit), limit, ..Batch::default() },
            lines: Lines::default(),
            clock: SystemClock::new(),
            receiver: self.receiver,
            shared: self.shared,
            log: self.log,
            metrics,
            complain: Box::new(complain),
            missing: Missing::default(),
            unsynced: 0,
            last_sync: Instant::now(),
            trouble: None,
            idle: 0,
        };
        let thread = std::thread::Builder::new()
            .name("durward-record".to_owned())
            .spawn(move || engine.run())
            .map_err(RecordError::Thread)?;
        let _ = shared.thread.set(thread.thread().clone());
        Ok(Running { shared, thread: Some(thread) })
    }
}

impl Running {
    /// Writes and syncs everything that was recorded before this call, and ends the thread.
    ///
    /// # Errors
    /// The disk refused to the last: how many lines are missing.
    pub fn close(mut self) -> Result<(), RecordError> {
        self.finish()
    }

    fn finish(&mut self) -> Result<(), RecordError> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        self.shared.closing.store(true, Ordering::SeqCst);
        thread.thread().unpark();
        thread.join().unwrap_or_else(|_| Err(RecordError::Thread(io::Error::other("it ended by a fault of its own"))))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.finish();
    }
}

/// How many entries go into one batch.
const BATCH_ENTRIES: usize = 1024;
/// How many bytes a batch should have.
const BATCH_BYTES: usize = 256 << 10;
/// How many bytes are held back for a disk that refuses.
const BACKLOG_BYTES: usize = 4 << 20;
/// How long a busy writer lets the queue fill.
const TICK: Duration = Duration::from_millis(5);
/// After so many ticks without an entry it sleeps until it is woken.
const IDLE_TICKS: u32 = 20;
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(2);

struct Engine {
    sync: SyncEvery,
    syncer: Syncer,
    /// The current file is to be left at the next whole batch.
    leave: bool,
    next_seq: u64,
    batch: Batch,
    lines: Lines,
    clock: SystemClock,
    receiver: Receiver<Box<Entry>>,
    shared: Arc<Shared>,
    log: Log,
    metrics: Metrics,
    complain: Box<dyn Fn(&str) + Send>,
    missing: Missing,
    /// Lines handed to the system and not yet confirmed by the disk.
    unsynced: u64,
    last_sync: Instant,
    trouble: Option<Trouble>,
    idle: u32,
}

/// Lines on their way to the file.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// So many of them the system has already taken.
    taken: usize,
    lines: u64,
    first_seq: u64,
    limit: usize,
}

/// What the log still has to own up to.
#[derive(Default)]
struct Missing {
    /// Overflow of the queue that is already counted into `gap`.
    overflow_seen: u64,
    gap: u64,
    unsure: u64,
}

/// The disk refuses.
struct Trouble {
    again: Instant,
    delay: Duration,
    error: io::Error,
    missing: u64,
}

impl Engine {
    fn run(mut self) -> Result<(), RecordError> {
        loop {
            // Read before the queue is drained, so that everything recorded before `close` is in this round.
            let closing = self.shared.closing.load(Ordering::SeqCst);
            self.own_up();
            let took = self.drain();
            if self.may_try() {
                self.write();
            }
            if self.sync_is_due() {
                self.force();
            }
            self.confirm(self.sync == SyncEvery::Always);
            if took > 0 {
                self.idle = 0;
            }
            if closing && took == 0 {
                return self.last_words();
            }
            if took < BATCH_ENTRIES && !closing && self.batch.bytes.len() < self.batch.limit {
                self.rest();
            } else if self.trouble.is_some() {
                std::thread::park_timeout(TICK);
            }
        }
    }

    /// Puts marks for what is missing before the lines that follow it.
    fn own_up(&mut self) {
        let overflow = self.shared.overflow.load(Ordering::SeqCst);
        self.missing.gap = self.missing.gap.saturating_add(overflow.saturating_sub(self.missing.overflow_seen));
        self.missing.overflow_seen = overflow;
        if self.trouble.is_some() {
            return;
        }
        let marks =
            [("unsure", std::mem::take(&mut self.missing.unsure)), ("gap", std::mem::take(&mut self.missing.gap))];
        for (kind, n) in marks.into_iter().filter(|(_, n)| *n > 0) {
            let seq = self.number();
            let now = self.clock.now();
            self.lines.mark(&mut self.batch.bytes, seq, now, kind, n);
        }
    }

    /// Takes entries from the queue. When the disk refuses and the backlog is full they only reach the metrics and the
    /// next gap: a full disk must not blind the monitoring too.
    fn drain(&mut self) -> usize {
        let limit = if self.trouble.is_some() { BACKLOG_BYTES } else { self.batch.limit };
        let mut took = 0;
        while took < BATCH_ENTRIES && (self.trouble.is_some() || self.batch.bytes.len() < limit) {
            let Ok(entry) = self.receiver.try_recv() else { break };
            self.shared.depth.fetch_sub(1, Ordering::SeqCst);
            took += 1;
            self.metrics.observe(&entry);
            if self.batch.bytes.len() < limit {
                let seq = self.number();
                self.lines.entry(&mut self.batch.bytes, seq, &entry);
            } else {
                self.missing.gap = self.missing.gap.saturating_add(1);
                self.shared.refused.fetch_add(1, Ordering::Relaxed);
                if let Some(trouble) = &mut self.trouble {
                    trouble.missing = trouble.missing.saturating_add(1);
                }
            }
        }
        took
    }

    fn number(&mut self) -> u64 {
        let seq = self.next_seq;
        if self.batch.bytes.is_empty() {
            self.batch.first_seq = seq;
        }
        self.batch.lines = self.batch.lines.saturating_add(1);
        self.next_seq = seq.saturating_add(1);
        seq
    }

    fn may_try(&self) -> bool {
        !self.batch.bytes.is_empty() && self.trouble.as_ref().is_none_or(|trouble| trouble.again <= Instant::now())
    }

    fn write(&mut self) {
        match self.write_batch() {
            Ok(()) => self.recovered(),
            Err(error) => self.refused(error),
        }
    }

    /// Writes the batch from where the system stopped taking it, so that a refused write leaves no half line behind
    /// once it is tried again.
    fn write_batch(&mut self) -> io::Result<()> {
        if self.batch.taken == 0 && (self.leave || !self.log.fits(self.batch.bytes.len())) {
            self.force();
            self.log.begin(self.batch.first_seq, self.clock.now())?;
            self.leave = false;
        }
        while let Some(rest) = self.batch.bytes.get(self.batch.taken..).filter(|rest| !rest.is_empty()) {
            match self.log.append(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => self.batch.taken = self.batch.taken.saturating_add(n),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.batch.bytes.clear();
        self.batch.bytes.shrink_to(BATCH_BYTES);
        self.batch.taken = 0;
        let lines = std::mem::take(&mut self.batch.lines);
        self.unsynced = self.unsynced.saturating_add(lines);
        self.shared.written.fetch_add(lines, Ordering::Relaxed);
        Ok(())
    }

    fn refused(&mut self, error: io::Error) {
        self.shared.errors.fetch_add(1, Ordering::Relaxed);
        let (delay, missing) = match &self.trouble {
            Some(trouble) => (trouble.delay.saturating_mul(2).min(RETRY_LAST), trouble.missing),
            None => {
                (self.complain)(&format!("the audit log cannot be written: {error}; it is tried again until it can"));
                (RETRY_FIRST, 0)
            }
        };
        let again = Instant::now().checked_add(delay).unwrap_or_else(Instant::now);
        self.trouble = Some(Trouble { again, delay, error, missing });
    }

    fn recovered(&mut self) {
        if let Some(trouble) = self.trouble.take() {
            let missing = trouble.missing;
            (self.complain)(&format!(
                "the audit log is written again; {missing} requests are missing and marked as a gap"
            ));
        }
    }

    fn sync_is_due(&self) -> bool {
        self.unsynced > 0
            && match self.sync {
                SyncEvery::Always => true,
                SyncEvery::Every(lapse) => !self.syncer.is_busy() && self.last_sync.elapsed() >= lapse.duration(),
            }
    }

    /// Has what the system took forced to the disk.
    fn force(&mut self) {
        let Some(file) = self.log.file().filter(|_| self.unsynced > 0) else { return };
        self.last_sync = Instant::now();
        let upto = self.next_seq.saturating_sub(self.batch.lines);
        let job = Job { file, upto, lines: std::mem::take(&mut self.unsynced) };
        if let Err(job) = self.syncer.hand(job) {
            let result = job.file.sync_data();
            self.confirmed(&job, result);
        }
    }

    /// Takes note of what the disk confirmed; waits for all of it if told to.
    fn confirm(&mut self, wait: bool) {
        while let Some((job, result)) = self.syncer.done(wait) {
            self.confirmed(&job, result);
        }
    }

    /// After a refused sync nobody knows what became of those lines: they are marked as unsure, and the log goes on in
    /// a new file.
    fn confirmed(&mut self, job: &Job, result: io::Result<()>) {
        let Err(error) = result else {
            self.shared.synced.fetch_max(job.upto, Ordering::Release);
            return;
        };
        self.shared.errors.fetch_add(1, Ordering::Relaxed);
        self.missing.unsure = self.missing.unsure.saturating_add(job.lines);
        (self.complain)(&format!("the disk did not confirm {} lines of the audit log: {error}", job.lines));
        self.leave |= self.log.file().is_some_and(|file| Arc::ptr_eq(&file, &job.file));
    }

    /// Waits for the next tick, or, after a quiet time, until somebody has work.
    fn rest(&mut self) {
        if self.idle < IDLE_TICKS {
            self.idle = self.idle.saturating_add(1);
            std::thread::park_timeout(TICK);
            return;
        }
        self.shared.asleep.store(true, Ordering::SeqCst);
        let work = self.shared.depth.load(Ordering::SeqCst) > 0
            || self.shared.overflow.load(Ordering::SeqCst) != self.missing.overflow_seen
            || self.shared.closing.load(Ordering::SeqCst);
        if !work {
            std::thread::park_timeout(self.until_due());
        }
        self.shared.asleep.store(false, Ordering::SeqCst);
    }

    fn until_due(&self) -> Duration {
        if let Some(trouble) = &self.trouble {
            return trouble.again.saturating_duration_since(Instant::now()).max(TICK);
        }
        match self.sync {
            _ if self.syncer.is_busy() => TICK,
            SyncEvery::Every(lapse) if self.unsynced > 0 => {
                lapse.duration().saturating_sub(self.last_sync.elapsed()).max(Duration::from_millis(1))
            }
            _ => Duration::from_secs(60),
        }
    }

    /// The end: a few more tries for a disk that refuses, then the truth.
    fn last_words(&mut self) -> Result<(), RecordError> {
        for _ in 0..3 {
            if !self.batch.bytes.is_empty() {
                self.write();
            }
            if self.trouble.is_none() {
                self.own_up();
            }
            if self.batch.bytes.is_empty() {
                break;
            }
            std::thread::park_timeout(RETRY_FIRST);
        }
        self.force();
        self.confirm(true);
        let lines = self.batch.lines.saturating_add(self.missing.unsure).saturating_add(self.missing.gap);
        if lines == 0 {
            return Ok(());
        }
        let error = self.trouble.take().map_or_else(|| io::Error::other("the disk did not confirm them"), |t| t.error);
        Err(RecordError::Unfinished { lines, error })
    }
}
