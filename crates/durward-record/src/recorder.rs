//! The request path's end of the queue: one try, never a wait.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use crate::{Entry, RecordConfig, RecordError, Writer};

/// Hands finished requests to the writer. Cheap to clone: one per core, one per connection, as it suits.
#[derive(Debug, Clone)]
pub struct Recorder {
    sender: SyncSender<Box<Entry>>,
    shared: Arc<Shared>,
}

/// What the recorders and the writer tell each other beside the queue.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Entries in the queue; briefly below zero when the writer is faster than the counting.
    pub(crate) depth: AtomicI64,
    /// The depth at which the writer is woken before its tick.
    pub(crate) high_water: i64,
    /// The writer sleeps until somebody wakes it.
    pub(crate) asleep: AtomicBool,
    /// The writer should drain the queue and end.
    pub(crate) closing: AtomicBool,
    /// Entries that found no room, ever.
    pub(crate) overflow: AtomicU64,
    /// Entries for which a refusing disk left no room, ever.
    pub(crate) refused: AtomicU64,
    /// Lines handed to the file system, ever in this process.
    pub(crate) written: AtomicU64,
    /// Every line with a number below this one is on the disk.
    pub(crate) synced: AtomicU64,
    /// Refused writes and syncs.
    pub(crate) errors: AtomicU64,
    /// The writer, once it runs.
    pub(crate) thread: OnceLock<Thread>,
}

impl Shared {
    pub(crate) fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Recorder {
    /// Opens the audit log in `dir`: makes the folder if needed, takes its lock, and mends what a crash left behind.
    ///
    /// Entries are queued from now on and written once the [`Writer`] is started.
    ///
    /// # Errors
    /// The configuration cannot work, the folder is in use by another gateway, or the file system refuses.
    pub fn open(config: &RecordConfig, dir: &Path) -> Result<(Self, Writer), RecordError> {
        config.check()?;
        let (sender, receiver) = sync_channel(config.queue);
        let high_water = i64::try_from(config.queue / 4).unwrap_or(i64::MAX).max(1);
        let shared = Arc::new(Shared { high_water, ..Shared::default() });
        let writer = Writer::open(config, dir, receiver, Arc::clone(&shared))?;
        Ok((Self { sender, shared }, writer))
    }

    /// Queues one finished request. Never waits: when the queue is full the entry is dropped, counted, and the writer
    /// marks the gap in the log.
    pub fn record(&self, entry: impl Into<Box<Entry>>) {
        if self.sender.try_send(entry.into()).is_err() {
            self.shared.overflow.fetch_add(1, Ordering::SeqCst);
            self.wake_sleeper();
            return;
        }
        let depth = self.shared.depth.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        self.wake_sleeper();
        if depth == self.shared.high_water {
            self.shared.wake();
        }
    }

    /// Every line whose `seq` is below this number is on the disk.
    #[must_use]
    pub fn synced(&self) -> u64 {
        self.shared.synced.load(Ordering::Acquire)
    }

    /// Requests that found the queue full since the start.
    #[must_use]
    pub fn overflow(&self) -> u64 {
        self.shared.overflow.load(Ordering::Acquire)
    }

    /// A busy writer looks at the queue every few milliseconds by itself; only a sleeping one costs a system call, and
    /// only the first request after a quiet time pays it.
    fn wake_sleeper(&self) {
        if self.shared.asleep.load(Ordering::SeqCst) && self.shared.asleep.swap(false, Ordering::SeqCst) {
            self.shared.wake();
        }
    }
}
