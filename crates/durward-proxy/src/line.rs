//! One client connection: what its requests share, and the bytes' way in and out with an eye on silence.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Buf, Bytes};
use durward_http::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::core::Core;
use crate::transport::Transport;
use crate::upgrade::Tunnel;

/// A client connection.
pub(crate) struct Line {
    pub(crate) core: Rc<Core>,
    pub(crate) facts: Arc<Connection>,
    pub(crate) http: &'static str,
    /// Requests whose answer is not complete.
    pub(crate) live: Cell<u32>,
    /// Requests that wait for the gateway or the upstream, not for the client.
    pub(crate) waiting: Cell<u32>,
    /// Counts whatever moves in answers; compared, never read as a number.
    pub(crate) progress: Cell<u32>,
    /// Since when there is no request.
    pub(crate) idle_since: Cell<Instant>,
    /// Whether a request was ever made.
    pub(crate) used: Cell<bool>,
    /// Bytes of a head that is not complete have come.
    pub(crate) head_begun: Cell<bool>,
    /// The client takes no bytes.
    pub(crate) stalled: Cell<bool>,
    /// After the present answers the connection closes.
    pub(crate) closing: Cell<bool>,
    /// What the connection becomes after a 101.
    pub(crate) tunnel: RefCell<Option<Box<Tunnel>>>,
}

impl Line {
    pub(crate) fn new(core: Rc<Core>, facts: Arc<Connection>, http: &'static str, now: Instant) -> Rc<Self> {
        Rc::new(Self {
            core,
            facts,
            http,
            live: Cell::new(0),
            waiting: Cell::new(0),
            progress: Cell::new(0),
            idle_since: Cell::new(now),
            used: Cell::new(false),
            head_begun: Cell::new(false),
            stalled: Cell::new(false),
            closing: Cell::new(false),
            tunnel: RefCell::new(None),
        })
    }

    pub(crate) fn begin(&self) {
        self.live.set(self.live.get() + 1);
        self.used.set(true);
        self.head_begun.set(false);
    }

    pub(crate) fn end(&self, now: Instant) {
        let live = self.live.get().saturating_sub(1);
        self.live.set(live);
        if live == 0 {
            self.idle_since.set(now);
        }
    }

    pub(crate) fn moved(&self) {
        self.progress.set(self.progress.get().wrapping_add(1));
    }

    pub(crate) fn wait(&self) {
        self.waiting.set(self.waiting.get() + 1);
    }

    pub(crate) fn resume(&self) {
        self.waiting.set(self.waiting.get().saturating_sub(1));
    }
}

/// The bytes of a client connection.
pub(crate) struct Wire {
    pub(crate) io: Transport,
    /// Bytes that were read to find out the protocol.
    pub(crate) prefix: Bytes,
    pub(crate) line: Rc<Line>,
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.prefix.has_remaining() {
            let take = this.prefix.len().min(buf.remaining());
            buf.put_slice(&this.prefix.split_to(take));
            this.line.head_begun.set(true);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(cx, buf);
        if this.line.live.get() == 0 && buf.filled().len() > before {
            this.line.head_begun.set(true);
        }
        polled
    }
}

impl Wire {
    fn took<T>(&self, polled: Poll<T>) -> Poll<T> {
        self.line.stalled.set(polled.is_pending());
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(cx, buf);
        this.took(polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write_vectored(cx, bufs);
        this.took(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_flush(cx);
        this.took(polled)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_shutdown(cx);
        this.took(polled)
    }
}
