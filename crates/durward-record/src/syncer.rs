//! Forces files to the disk on a thread of its own: a slow disk must not keep the writer from emptying the queue.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use crate::RecordError;

/// Lines that are to be on the disk.
#[derive(Debug)]
pub(crate) struct Job {
    /// The file they are in.
    pub(crate) file: Arc<File>,
    /// One past the number of the last of them.
    pub(crate) upto: u64,
    /// How many.
    pub(crate) lines: u64,
}

/// The thread, seen from the writer. Jobs are done in order.
#[derive(Debug)]
pub(crate) struct Syncer {
    jobs: Option<SyncSender<Job>>,
    done: Receiver<(Job, io::Result<()>)>,
    under_way: usize,
    thread: Option<JoinHandle<()>>,
}

/// Files that may wait for the disk; with more of them the writer waits too.
const WAITING: usize = 4;

impl Syncer {
    pub(crate) fn start() -> Result<Self, RecordError> {
        let (jobs, inbox) = sync_channel::<Job>(WAITING);
        let (outbox, done) = channel();
        let thread = std::thread::Builder::new()
            .name("durward-sync".to_owned())
            .spawn(move || {
                for job in inbox {
                    let result = job.file.sync_data();
                    if outbox.send((job, result)).is_err() {
                        break;
                    }
                }
            })
            .map_err(RecordError::Thread)?;
        Ok(Self { jobs: Some(jobs), done, under_way: 0, thread: Some(thread) })
    }

    /// Whether a job is under way.
    pub(crate) const fn is_busy(&self) -> bool {
        self.under_way > 0
    }

    /// Hands over a job; gives it back if the thread is gone.
    pub(crate) fn hand(&mut self, job: Job) -> Result<(), Job> {
        let Some(jobs) = &self.jobs else { return Err(job) };
        jobs.send(job).map_err(|refused| refused.0)?;
        self.under_way = self.under_way.saturating_add(1);
        Ok(())
    }

    /// A job that is done; waits for one if told to and any is under way.
    pub(crate) fn done(&mut self, wait: bool) -> Option<(Job, io::Result<()>)> {
        if self.under_way == 0 {
            return None;
        }
        let done = if wait { self.done.recv().ok() } else { self.done.try_recv().ok() };
        if done.is_some() {
            self.under_way = self.under_way.saturating_sub(1);
        } else if wait {
            // The thread is gone, and with it every job.
            self.under_way = 0;
        }
        done
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
