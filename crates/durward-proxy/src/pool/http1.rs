//! HTTP/1.1 to upstreams. The connection is driven inside the task of the request that uses it: no task of its own, no
//! hop between tasks, no waking oneself.
//!
//! Whatever the connection hands over, it hands over while it is polled from here. So only the connection is polled with
//! the task's waker; the ends of hyper's channels are looked at with a waker that does nothing.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use durward_core::{Fault, FaultKind};
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::body::{CutShort, RequestBody, Source, Upload, describe};
use crate::pool::{Pool, Reply, Sent, copy};
use crate::transport::Transport;
use crate::watch::Watch;

/// A connection with both ends of hyper's client.
pub(crate) struct Pair {
    send: SendRequest<RequestBody>,
    conn: Connection<TokioIo<Heard>, RequestBody>,
    /// The connection has ended and must not be polled again.
    over: bool,
    /// A byte of the present answer came.
    heard: Rc<Cell<bool>>,
    upload: Option<Rc<Upload>>,
    watch: Watch,
    slot: Slot,
}

/// A connection without a request, and the round in which it came.
pub(crate) struct Idle {
    pair: Box<Pair>,
    round: u64,
}

/// Counts a connection as open.
struct Slot(Rc<Pool>);

impl Slot {
    fn take(pool: &Rc<Pool>) -> Result<Self, Fault> {
        if pool.open.get() >= pool.limits.connections {
            let detail =
                format!("all {} connections to `{}` are in use", pool.limits.connections, pool.upstream.authority);
            return Err(Fault::new(FaultKind::Overloaded, detail));
        }
        pool.open.set(pool.open.get() + 1);
        Ok(Self(Rc::clone(pool)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get().saturating_sub(1));
    }
}

/// Sends a request; once more on a fresh connection when a kept one turns out dead before any byte of the answer and the
/// request may be sent twice, or was never sent.
pub(super) async fn send(pool: &Rc<Pool>, request: Request<RequestBody>, sent: Sent) -> Result<Reply, Fault> {
    let Some(mut pair) = checkout(pool) else { return fresh(pool, request, &sent).await };
    let spare = if sent.replayable { copy(&request) } else { None };
    match pair.exchange(request, &sent, sent.now).await {
        Ok(response) => Ok(reply(response, pair)),
        Err(Failed::Lost(_, message)) if !pair.heard.get() => match message.map(|message| *message).or(spare) {
            Some(again) => {
                drop(pair);
                fresh(pool, again, &sent).await
            }
            None => Err(sent.fault(FaultKind::Broken, "the upstream closed a kept connection")),
        },
        Err(failed) => Err(failed.fault(&sent)),
    }
}

async fn fresh(pool: &Rc<Pool>, request: Request<RequestBody>, sent: &Sent) -> Result<Reply, Fault> {
    let mut pair = Box::pin(Pair::open(pool)).await?;
    match pair.exchange(request, sent, Instant::now()).await {
        Ok(response) => Ok(reply(response, pair)),
        Err(failed) => Err(failed.fault(sent)),
    }
}

fn reply(response: Response<Incoming>, pair: Box<Pair>) -> Reply {
    let (head, incoming) = response.into_parts();
    Reply { head, source: Source::Http1 { incoming, pair } }
}

/// The most recently used connection that is still good.
fn checkout(pool: &Pool) -> Option<Box<Pair>> {
    loop {
        let Idle { mut pair, .. } = pool.idle.borrow_mut().pop()?;
        if pair.is_good() {
            return Some(pair);
        }
    }
}

impl Idle {
    /// Keeps the connection if it is young and good enough.
    pub(crate) fn keep(mut self, oldest: u64) -> Option<Self> {
        (self.round >= oldest && self.pair.is_good()).then_some(self)
    }
}

/// Why there is no answer.
enum Failed {
    /// The connection broke; the request comes back if none of it was sent.
    Lost(String, Option<Box<Request<RequestBody>>>),
    /// Patience ended.
    Late(&'static str),
}

impl Failed {
    fn fault(self, sent: &Sent) -> Fault {
        match self {
            Self::Lost(detail, _) => sent.fault(FaultKind::Broken, detail),
            Self::Late(detail) => sent.fault(FaultKind::Timeout, detail),
        }
    }
}

impl Pair {
    async fn open(pool: &Rc<Pool>) -> Result<Box<Self>, Fault> {
        let slot = Slot::take(pool)?;
        let io = pool.connector.connect().await?;
        let heard = Rc::new(Cell::new(false));
        let io = TokioIo::new(Heard { io, heard: Rc::clone(&heard) });
        let (send, conn) = http1::Builder::new()
            .max_header_size(MOST_HEAD)
            .max_buf_size(BUFFER)
            .handshake(io)
            .await
            .map_err(|error| Fault::new(FaultKind::Broken, describe(&error)))?;
        Ok(Box::new(Self { send, conn, over: false, heard, upload: None, watch: Watch::default(), slot }))
    }

    /// Lets the connection notice what happened to it while nobody looked.
    fn is_good(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.over && self.send.is_ready()
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.over {
            self.over = Pin::new(&mut self.conn).poll(cx).is_ready();
        }
    }

    async fn exchange(
        &mut self,
        request: Request<RequestBody>,
        sent: &Sent,
        now: Instant,
    ) -> Result<Response<Incoming>, Failed> {
        self.heard.set(false);
        self.upload.clone_from(&sent.upload);
        self.watch.clear();
        if self.is_uploading() {
            self.watch.set(now + self.upload_patience());
        } else {
            self.watch.set(now + self.slot.0.upstream.timeouts.response);
        }
        let mut passed = 0;
        let mut uploading = self.is_uploading();
        let mut answer = pin!(self.send.try_send_request(request));
        poll_fn(|cx| {
            self.drive(cx);
            if let Poll::Ready(answer) = answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                self.watch.clear();
                return Poll::Ready(answer.map_err(|mut error| {
                    let message = error.take_message().map(Box::new);
                    Failed::Lost(describe(error.error()), message)
                }));
            }
            if self.over {
                return Poll::Ready(Err(Failed::Lost("the upstream closed the connection".to_owned(), None)));
            }
            if let (true, Some(upload)) = (uploading, &self.upload) {
                if upload.done.get() {
                    uploading = false;
                    self.watch.set(Instant::now() + self.slot.0.upstream.timeouts.response);
                } else if upload.passed.get() != passed {
                    passed = upload.passed.get();
                    self.watch.set(Instant::now() + self.upload_patience());
                }
            }
            self.watch.poll(cx).map(|()| {
                Err(Failed::Late(if uploading {
                    "the upstream takes no more of the body"
                } else {
                    "no answer in time"
                }))
            })
        })
        .await
    }

    fn is_uploading(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| !upload.done.get())
    }

    fn upload_patience(&self) -> Duration {
        self.slot.0.upstream.timeouts.idle + SLOW_CALLER
    }

    /// The next piece of an answer.
    pub(crate) fn poll_body(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        let mut look = || Pin::new(&mut *incoming).poll_frame(&mut Context::from_waker(Waker::noop()));
        let mut polled = look();
        if polled.is_pending() {
            self.drive(cx);
            polled = look();
        }
        if let Poll::Ready(frame) = polled {
            self.watch.clear();
            return Poll::Ready(frame.map(|frame| frame.map_err(|_| CutShort)));
        }
        if self.over {
            return Poll::Ready(Some(Err(CutShort)));
        }
        if !self.watch.is_set() {
            self.watch.set(Instant::now() + self.slot.0.upstream.timeouts.idle);
        }
        self.watch.poll(cx).map(|()| Some(Err(CutShort)))
    }

    /// The answer was read to its end: the connection may serve again.
    pub(crate) fn give_back(mut self: Box<Self>) {
        if self.over || self.is_uploading() {
            return;
        }
        self.upload = None;
        self.watch.clear();
        let pool = Rc::clone(&self.slot.0);
        let mut idle = pool.idle.borrow_mut();
        if idle.len() < pool.limits.idle_connections {
            let round = pool.round.get();
            idle.push(Idle { pair: self, round });
        }
    }

    /// After a 101: the bytes beneath, and those that came early.
    pub(crate) async fn into_bytes(mut self: Box<Self>) -> Result<Joined, Fault> {
        poll_fn(|cx| {
            self.drive(cx);
            if self.over { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let Self { conn, slot, .. } = *self;
        let parts = conn.into_parts();
        Ok(Joined { io: parts.io.into_inner().io, early: parts.read_buf, _slot: OpenSlot(slot) })
    }
}

/// An upstream connection that speaks HTTP no more.
pub(crate) struct Joined {
    pub(crate) io: Transport,
    pub(crate) early: Bytes,
    _slot: OpenSlot,
}

/// Keeps the connection counted while it is a tunnel.
struct OpenSlot(#[expect(dead_code, reason = "held for its drop")] Slot);

/// The upstream's bytes, and whether any came.
struct Heard {
    io: Transport,
    heard: Rc<Cell<bool>>,
}

impl AsyncRead for Heard {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            this.heard.set(true);
        }
        polled
    }
}

impl AsyncWrite for Heard {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// Bytes of an answer's head; its fields are bounded by hyper's own 100, for which it needs no memory of the heap.
const MOST_HEAD: usize = 64 * 1024;
const BUFFER: usize = 128 * 1024;
/// While a body streams, a slow caller has its own deadline; the upstream is only blamed after that.
const SLOW_CALLER: Duration = Duration::from_secs(30);
