//! The body of an answer: counted, watched, and recorded when it ends.

use std::fmt;
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
    /// All said.
    Done,
}

impl Source {
    /// Drops an answer that is not shown. What has come already is read, so that the connection may serve again.
    pub(crate) fn discard(self) {
        let Self::Http1(mut link) = self else { return };
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
        if let Source::Http1(link) = std::mem::replace(&mut self.source, Source::Done) {
            link.give_back();
        }
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

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        match &mut self.source {
            Source::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Source::Http1(link) => link.poll_body(cx),
            Source::Http2 { incoming, watch, idle } => {
                let Poll::Ready(polled) = Pin::new(incoming).poll_frame(cx) else {
                    if !watch.is_set() {
                        watch.set(Instant::now() + *idle);
                    }
                    return watch.poll(cx).map(|()| Some(Err(CutShort)));
                };
                watch.clear();
                Poll::Ready(polled.map(|frame| frame.map_err(|_| CutShort)))
            }
            Source::Done => Poll::Ready(None),
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = CutShort;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        let this = self.get_mut();
        let polled = this.poll_source(cx);
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
        match &self.source {
            Source::Whole(bytes) => bytes.is_empty(),
            Source::Http1(link) => link.is_done(),
            Source::Http2 { incoming, .. } => incoming.is_end_stream(),
            Source::Done => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Source::Http1(link) => link.size_hint(),
            Source::Http2 { incoming, .. } => incoming.size_hint(),
            Source::Done => SizeHint::with_exact(0),
        }
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
