//! The body of an answer: counted, watched, and recorded when it ends.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::account::Account;
use crate::body::settle_trailers;
use crate::pool::Link;
use crate::watch::Watch;

/// Where the bytes of an answer come from.
pub(crate) enum Source {
    /// They are here.
    Whole(Bytes),
    /// From an HTTP/1.1 upstream, whose connection is driven here.
    Http1(Box<Link>),
    /// From an HTTP/2 upstream.
    Http2 {
        /// The body.
        incoming: Incoming,
        /// The end of patience.
        watch: Watch,
        /// How long the upstream may be silent.
        idle: Duration,
    },
    /// What was held back, before the rest.
    Held {
        /// What was held back.
        frames: VecDeque<Frame<Bytes>>,
        /// What was not.
        rest: Box<Source>,
    },
    /// All said.
    Done,
}

impl Source {
    /// Drops an answer that is not shown. What has come already is read, so that the connection may serve again.
    pub(crate) fn discard(self) {
        let mut link = match self {
            Self::Http1(link) => link,
            Self::Held { rest, .. } => return rest.discard(),
            Self::Whole(_) | Self::Http2 { .. } | Self::Done => return,
        };
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..MOST_DISCARDED {
            match link.poll_body(&mut cx) {
                _ if link.is_done() => return link.give_back(),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None | Some(Err(_))) | Poll::Pending => return,
            }
        }
    }
}

impl Source {
    /// Waits for so many bytes, or the end, and keeps them: they come again when the body is polled.
    pub(crate) async fn hold(&mut self, most: usize) -> Result<Vec<u8>, CutShort> {
        let (mut held, mut frames) = (Vec::new(), VecDeque::new());
        while held.len() < most && !self.is_end() {
            let Some(frame) = poll_fn(|cx| self.poll(cx)).await else { break };
            let frame = frame?;
            if let Some(bytes) = frame.data_ref() {
                held.extend_from_slice(bytes.get(..most.saturating_sub(held.len())).unwrap_or(bytes));
            }
            frames.push_back(frame);
        }
        *self = Self::Held { frames, rest: Box::new(std::mem::replace(self, Self::Done)) };
        Ok(held)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        match self {
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Http1(link) => link.poll_body(cx),
            Self::Http2 { incoming, watch, idle } => {
                let Poll::Ready(polled) = Pin::new(incoming).poll_frame(cx) else {
                    if !watch.is_set() {
                        watch.set(Instant::now() + *idle);
                    }
                    return watch.poll(cx).map(|()| Some(Err(CutShort)));
                };
                watch.clear();
                Poll::Ready(polled.map(|frame| frame.map_err(|_| CutShort)))
            }
            Self::Held { frames, rest } => match frames.pop_front() {
                Some(frame) => Poll::Ready(Some(Ok(frame))),
                None => rest.poll(cx),
            },
            Self::Done => Poll::Ready(None),
        }
    }

    fn is_end(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Http1(link) => link.is_done(),
            Self::Http2 { incoming, .. } => incoming.is_end_stream(),
            Self::Held { frames, rest } => frames.is_empty() && rest.is_end(),
            Self::Done => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Http1(link) => link.size_hint(),
            Self::Http2 { incoming, .. } => incoming.size_hint(),
            Self::Held { frames, rest } => {
                let held = frames.iter().filter_map(Frame::data_ref).map(|bytes| bytes.len() as u64).sum::<u64>();
                rest.size_hint().exact().map_or_else(SizeHint::default, |rest| SizeHint::with_exact(held + rest))
            }
            Self::Done => SizeHint::with_exact(0),
        }
    }

    /// The connection to the upstream may serve again.
    fn give_back(self) {
        match self {
            Self::Http1(link) => link.give_back(),
            Self::Held { rest, .. } => rest.give_back(),
            Self::Whole(_) | Self::Http2 { .. } | Self::Done => {}
        }
    }
}

/// The body of an answer. Its end, or its being dropped, ends the request's record.
pub(crate) struct ResponseBody {
    source: Source,
    account: Option<Account>,
}

impl ResponseBody {
    /// Takes the account with it, or closes it at once when nothing is left to send.
    pub(crate) fn new(source: Source, account: Account) -> Self {
        let mut body = Self { source, account: Some(account) };
        if body.is_end_stream() {
            body.finish();
        }
        body
    }

    /// An answer without a body whose record is kept elsewhere.
    pub(crate) const fn none() -> Self {
        Self { source: Source::Done, account: None }
    }

    fn finish(&mut self) {
        std::mem::replace(&mut self.source, Source::Done).give_back();
        if let Some(account) = self.account.take() {
            account.complete();
        }
    }

    fn passed(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        if let Some(account) = &mut self.account {
            account.answered(frame.data_ref().map_or(0, Bytes::len) as u64);
        }
        match frame.into_trailers() {
            Ok(mut trailers) => {
                settle_trailers(&mut trailers);
                self.finish();
                Frame::trailers(trailers)
            }
            Err(frame) => {
                if self.is_end_stream() {
                    self.finish();
                }
                frame
            }
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = CutShort;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        let this = self.get_mut();
        let polled = this.source.poll(cx);
        if let Some(account) = &mut this.account {
            account.waits(polled.is_pending());
        }
        Poll::Ready(match ready!(polled) {
            Some(Ok(frame)) => Some(Ok(this.passed(frame))),
            Some(Err(error)) => {
                this.source = Source::Done;
                this.account = None;
                Some(Err(error))
            }
            None => {
                this.finish();
                None
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end()
    }

    fn size_hint(&self) -> SizeHint {
        self.source.size_hint()
    }
}

/// The upstream broke off in the middle of an answer: the client must not take it for complete.
#[derive(Debug)]
pub(crate) struct CutShort;

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the upstream broke off")
    }
}

impl std::error::Error for CutShort {}

const MOST_DISCARDED: usize = 16;
