//! Threads for work that would hold up everything else on a core.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use durward_core::{Job, Workers};

/// A few threads and a short queue. When the queue is full the work is done where it came from: that is slower for whoever
/// is there, and loses nothing.
#[derive(Debug)]
pub struct WorkerPool {
    queue: SyncSender<Job>,
}

impl WorkerPool {
    /// Starts so many threads; they end when the pool is dropped.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(threads: usize) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads.max(1) {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().name(format!("work-{number}")).spawn(move || work(&jobs))?;
        }
        Ok(Self { queue })
    }
}

impl Workers for WorkerPool {
    fn run(&self, job: Job) {
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => job(),
        }
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // Whoever waits for a job that panics is told so; the thread lives on for the others.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

const QUEUE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use durward_core::hand_over;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Wake, Waker};
    use std::time::Duration;

    struct Unpark(thread::Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(value) => return value,
                Poll::Pending => thread::park_timeout(Duration::from_secs(5)),
            }
        }
    }

    #[test]
    fn work_comes_back_from_another_thread() {
        let pool = WorkerPool::start(2).unwrap();
        let here = thread::current().id();
        let there = wait(hand_over(&pool, || thread::current().id()));
        assert!(there.is_some_and(|there| there != here));
    }

    #[test]
    fn work_that_panics_is_none_and_the_pool_lives_on() {
        let pool = WorkerPool::start(1).unwrap();
        assert_eq!(wait(hand_over(&pool, || -> u8 { panic!("meant") })), None);
        assert_eq!(wait(hand_over(&pool, || 7)), Some(7));
    }

    #[test]
    fn what_finds_no_room_is_done_here() {
        let pool = WorkerPool::start(1).unwrap();
        let gate = Arc::new(Mutex::new(()));
        let held = gate.lock().unwrap();
        let here = thread::current().id();
        let mut done_here = 0;
        // One job waits at the gate in the thread, as many as there is room for wait in the queue.
        for _ in 0..QUEUE + 3 {
            let (gate, done) = (Arc::clone(&gate), Arc::new(Mutex::new(false)));
            let told = Arc::clone(&done);
            pool.run(Box::new(move || {
                if thread::current().id() == here {
                    *told.lock().unwrap() = true;
                } else {
                    drop(gate.lock());
                }
            }));
            done_here += usize::from(*done.lock().unwrap());
        }
        assert!((2..=3).contains(&done_here), "{done_here}");
        drop(held);
    }
}
