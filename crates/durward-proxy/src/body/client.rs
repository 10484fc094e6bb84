//! A request body from the client, watched for silence and trickling.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use durward_http::{BodyFault, BodySource};
use http_body::{Body, Frame};
use hyper::body::Incoming;

use crate::line::Line;
use crate::watch::Watch;

/// What became of a request body; shared with the record.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Bytes read.
    pub(crate) bytes: Cell<u64>,
    /// It was read to its end.
    pub(crate) complete: Cell<bool>,
}

/// A request body. It ends with an error when the client is silent for longer than the idle time-out, slower on average
/// than the minimum rate, breaks the framing, or ends short of the length it declared.
pub(crate) struct ClientBody {
    incoming: Incoming,
    line: Rc<Line>,
    tally: Rc<Tally>,
    watch: Watch,
    /// Time spent waiting for the client before the present wait.
    waited: Duration,
    waits_since: Option<Instant>,
    /// Bytes that are kept because the body is read whole.
    held: u64,
}

impl ClientBody {
    pub(crate) fn new(incoming: Incoming, line: Rc<Line>, tally: Rc<Tally>) -> Self {
        if incoming.is_end_stream() {
            tally.complete.set(true);
        }
        Self { incoming, line, tally, watch: Watch::default(), waited: Duration::ZERO, waits_since: None, held: 0 }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.tally.complete.get()
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        if self.tally.complete.get() {
            return Poll::Ready(None);
        }
        let Poll::Ready(polled) = Pin::new(&mut self.incoming).poll_frame(cx) else { return self.poll_wait(cx) };
        if let Some(since) = self.waits_since.take() {
            self.waited += since.elapsed();
            self.watch.clear();
        }
        Poll::Ready(match polled {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.tally.bytes.set(self.tally.bytes.get() + data.len() as u64);
                }
                if frame.is_trailers() || self.incoming.is_end_stream() {
                    self.tally.complete.set(true);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(BodyFault::Broken(describe(&error)))),
            None if self.incoming.size_hint().lower() > 0 => {
                Some(Err(BodyFault::Broken("the body is shorter than its declared length".to_owned())))
            }
            None => {
                self.tally.complete.set(true);
                None
            }
        })
    }

    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let limits = &self.line.core.limits;
        if self.waits_since.is_none() {
            let now = Instant::now();
            self.waits_since = Some(now);
            let earned =
                self.tally.bytes.get().checked_div(limits.body_rate).map_or(Duration::MAX, Duration::from_secs);
            let patience = limits.body_idle.saturating_add(earned).saturating_sub(self.waited);
            self.watch.set(now + patience.min(limits.body_idle));
        }
        self.watch.poll(cx).map(|()| Some(Err(BodyFault::Timeout)))
    }
}

impl ClientBody {
    fn hold(&mut self, data: Bytes) -> Result<Bytes, BodyFault> {
        let core = &self.line.core;
        let reading = core.reading.get().saturating_add(data.len() as u64);
        if reading > core.limits.body_memory {
            return Err(BodyFault::Crowded);
        }
        core.reading.set(reading);
        self.held = self.held.saturating_add(data.len() as u64);
        Ok(data)
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        let reading = &self.line.core.reading;
        reading.set(reading.get().saturating_sub(self.held));
    }
}

impl BodySource for ClientBody {
    async fn next(&mut self) -> Option<Result<Bytes, BodyFault>> {
        loop {
            match poll_fn(|cx| self.poll_frame(cx)).await? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => return Some(self.hold(data)),
                    Err(_trailers) => continue,
                },
                Err(fault) => return Some(Err(fault)),
            }
        }
    }
}

/// The error with its causes: hyper's own text leaves them out.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
