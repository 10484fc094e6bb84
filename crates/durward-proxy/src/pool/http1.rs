//! HTTP/1.1 to upstreams. The connection is driven inside the task of the request that uses it: no task of its own, no
//! hop between tasks, no channel between two halves. Why this is ours and not a library's: `docs/adr/0005`.

mod content;
mod head;
mod outgoing;

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use durward_core::{Fault, FaultKind};
use durward_pipeline::{Outbound, OwnFields};
use http::{HeaderMap, Method, StatusCode};
use http_body::{Frame, SizeHint};
use tokio::io::AsyncReadExt;

use crate::body::{ClientBody, CutShort, RequestBody, Source, Upload};
use crate::pool::{Pool, Reply, Sent};
use crate::transport::Transport;
use crate::watch::Watch;
use content::{Content, Step};
use head::Head;
use outgoing::{Outgoing, Stopped};

/// A connection, and where in an exchange it is.
pub(crate) struct Link {
    io: Transport,
    input: BytesMut,
    /// How much is asked for at once; grows while reads fill it.
    room: usize,
    outgoing: Outgoing,
    /// The request was sent to its end.
    sent: bool,
    /// What is left of the present answer.
    content: Content,
    /// A byte of the present answer came.
    heard: bool,
    /// The connection may serve again after this answer.
    keep: bool,
    upload: Option<Rc<Upload>>,
    watch: Watch,
    slot: Slot,
}

/// A connection without a request, and the round in which it came.
pub(crate) struct Idle {
    link: Box<Link>,
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

/// A request that may be written more than once.
struct Message {
    method: Method,
    target: Box<str>,
    headers: HeaderMap,
    own: OwnFields,
    body: RequestBody,
    upgrade: bool,
}

/// Sends a request; once more on a fresh connection when a kept one turns out dead before any byte of the answer and the
/// request may be sent twice.
pub(super) async fn send(
    pool: &Rc<Pool>,
    outbound: Outbound<ClientBody>,
    replayable: bool,
    now: Instant,
) -> Result<Reply, Fault> {
    let Outbound { method, target, headers, own, payload, upgrade } = outbound;
    let (body, upload) = RequestBody::new(payload, &headers);
    let mut message = Message { method, target, headers, own, body, upgrade };
    let sent = Sent { replayable, upload };
    let Some(mut link) = checkout(pool) else { return fresh(pool, &mut message, &sent).await };
    match link.exchange(&mut message, &sent, now).await {
        Ok(head) => Ok(link.reply(head)),
        Err(Failed::Lost(_)) if !link.heard && sent.replayable => {
            drop(link);
            fresh(pool, &mut message, &sent).await
        }
        Err(failed) => Err(failed.fault(&sent)),
    }
}

async fn fresh(pool: &Rc<Pool>, message: &mut Message, sent: &Sent) -> Result<Reply, Fault> {
    let mut link = Box::pin(Link::open(pool)).await?;
    match link.exchange(message, sent, Instant::now()).await {
        Ok(head) => Ok(link.reply(head)),
        Err(failed) => Err(failed.fault(sent)),
    }
}

/// The most recently used connection that is still good.
fn checkout(pool: &Pool) -> Option<Box<Link>> {
    loop {
        let Idle { mut link, .. } = pool.idle.borrow_mut().pop()?;
        if link.is_quiet() {
            return Some(link);
        }
    }
}

impl Idle {
    /// Keeps the connection if it is young and good enough.
    pub(crate) fn keep(mut self, oldest: u64) -> Option<Self> {
        (self.round >= oldest && self.link.is_quiet()).then_some(self)
    }
}

/// Why there is no answer.
enum Failed {
    /// The connection broke.
    Lost(String),
    /// What came is no answer.
    Malformed(String),
    /// Patience ended.
    Late(&'static str),
}

impl Failed {
    fn fault(self, sent: &Sent) -> Fault {
        match self {
            Self::Lost(detail) | Self::Malformed(detail) => sent.fault(FaultKind::Broken, detail),
            Self::Late(detail) => sent.fault(FaultKind::Timeout, detail),
        }
    }
}

impl Link {
    async fn open(pool: &Rc<Pool>) -> Result<Box<Self>, Fault> {
        let slot = Slot::take(pool)?;
        let io = pool.connector.connect().await?;
        Ok(Box::new(Self {
            io,
            input: BytesMut::new(),
            room: LEAST_ROOM,
            outgoing: Outgoing::default(),
            sent: true,
            content: Content::DONE,
            heard: false,
            keep: true,
            upload: None,
            watch: Watch::default(),
            slot,
        }))
    }

    /// Whether nothing happened to the connection while nobody looked: it was not closed, and no byte came unasked.
    fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        pin!(self.io.read(&mut byte)).poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// Reads once; an end is nothing read.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.capacity() - self.input.len() < LEAST_READ {
            self.input.reserve(self.room);
        }
        let before = self.input.capacity() - self.input.len();
        let polled = pin!(self.io.read_buf(&mut self.input)).poll(cx);
        if let Poll::Ready(Ok(read)) = polled {
            self.heard |= read > 0;
            if read == before {
                self.room = (self.room * 2).min(MOST_ROOM);
            }
        }
        polled
    }

    async fn exchange(&mut self, message: &mut Message, sent: &Sent, now: Instant) -> Result<Head, Failed> {
        let mut head = BytesMut::new();
        let framing = Outgoing::framing(&message.body);
        let own = message.own.iter().map(|(name, value)| (name, value));
        let fields = message.headers.iter().chain(own);
        head::write(&mut head, &message.method, &message.target, fields, framing)
            .map_err(|detail| Failed::Malformed(detail.to_owned()))?;
        self.outgoing = Outgoing::new(head, &mut message.body);
        self.sent = false;
        self.heard = false;
        self.keep = true;
        self.upload.clone_from(&sent.upload);
        let timeouts = self.slot.0.upstream.timeouts;
        let mut uploading = self.is_uploading();
        self.watch.set(now + if uploading { self.upload_patience() } else { timeouts.response });
        let mut passed = 0;
        let mut broken = None;
        let mut interim = 0;
        poll_fn(|cx| {
            if let Some(failed) = self.poll_send(cx) {
                // The upstream may have answered before it closed; what it said goes first.
                broken.get_or_insert(failed);
            }
            loop {
                match self.next_head(message, &mut interim) {
                    Ok(Some(head)) => {
                        self.watch.clear();
                        return Poll::Ready(Ok(head));
                    }
                    Ok(None) => {}
                    Err(detail) => return Poll::Ready(Err(Failed::Malformed(detail))),
                }
                match self.poll_fill(cx) {
                    Poll::Ready(Ok(0)) => {
                        let closed = || Failed::Lost("the upstream closed the connection".to_owned());
                        return Poll::Ready(Err(broken.take().unwrap_or_else(closed)));
                    }
                    Poll::Ready(Ok(_)) => {}
                    Poll::Ready(Err(error)) => {
                        let lost = || Failed::Lost(format!("the connection to the upstream broke: {error}"));
                        return Poll::Ready(Err(broken.take().unwrap_or_else(lost)));
                    }
                    Poll::Pending => break,
                }
            }
            if let Some(failed) = broken.take() {
                return Poll::Ready(Err(failed));
            }
            if let (true, Some(upload)) = (uploading, &self.upload) {
                if upload.done.get() {
                    uploading = false;
                    self.watch.set(Instant::now() + timeouts.response);
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

    /// Sends what can be sent of the request.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Option<Failed> {
        if self.sent {
            return None;
        }
        match self.outgoing.poll(&mut self.io, cx) {
            Poll::Pending => None,
            Poll::Ready(Ok(())) => {
                self.sent = true;
                self.outgoing = Outgoing::default();
                None
            }
            Poll::Ready(Err(stopped)) => {
                self.sent = true;
                self.keep = false;
                Some(Failed::Lost(match stopped {
                    Stopped::Closed(error) => format!("the upstream took no more of the request: {error}"),
                    Stopped::GivenUp => "the caller's body was given up".to_owned(),
                }))
            }
        }
    }

    /// The head of the final answer, once it is here. Interim answers are for this hop and end here (RFC 9110 section
    /// 15.2).
    fn next_head(&mut self, message: &Message, interim: &mut u32) -> Result<Option<Head>, String> {
        while !self.input.is_empty() {
            let Some(head) = head::read(&mut self.input, &message.method)? else { return Ok(None) };
            let switches = head.parts.status == StatusCode::SWITCHING_PROTOCOLS;
            if head.parts.status.is_informational() && !(switches && message.upgrade) {
                *interim += 1;
                if switches || *interim > MOST_INTERIM {
                    return Err("the upstream answered what nobody asked for".to_owned());
                }
                continue;
            }
            self.content = head.content;
            // INVARIANT: once lost it stays lost. Behind a request that was cut short the next would be read as its rest.
            self.keep &= head.keep && !switches;
            return Ok(Some(head));
        }
        Ok(None)
    }

    /// The answer. What has come whole needs no connection any more.
    fn reply(mut self: Box<Self>, head: Head) -> Reply {
        let head = head.parts;
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Reply { head, source: Source::Http1(self) };
        }
        let source = match self.content {
            Content::Length(length) if self.sent && length <= self.input.len() as u64 => {
                let bytes = match self.content.read(&mut self.input) {
                    Step::Piece(bytes) => bytes,
                    _ => Bytes::new(),
                };
                self.give_back();
                Source::Whole(bytes)
            }
            _ => Source::Http1(self),
        };
        Reply { head, source }
    }

    fn is_uploading(&self) -> bool {
        self.upload.as_ref().is_some_and(|upload| !upload.done.get())
    }

    fn upload_patience(&self) -> Duration {
        self.slot.0.upstream.timeouts.idle + SLOW_CALLER
    }

    /// The next piece of an answer.
    pub(crate) fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutShort>>> {
        // An answer may come before the request is sent to its end; one that cannot be is not the answer's fault.
        let _ = self.poll_send(cx);
        loop {
            let step = self.content.read(&mut self.input);
            if step != Step::More {
                self.watch.clear();
            }
            match step {
                Step::Piece(bytes) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Step::Trailers(trailers) => return Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Step::Done => return Poll::Ready(None),
                Step::Malformed => return Poll::Ready(Some(Err(CutShort))),
                Step::More => {}
            }
            match self.poll_fill(cx) {
                Poll::Ready(Ok(0)) if self.content == Content::UntilClose => {
                    self.content = Content::DONE;
                    self.watch.clear();
                    return Poll::Ready(None);
                }
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Some(Err(CutShort))),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => break,
            }
        }
        if !self.watch.is_set() {
            self.watch.set(Instant::now() + self.slot.0.upstream.timeouts.idle);
        }
        self.watch.poll(cx).map(|()| Some(Err(CutShort)))
    }

    /// Whether nothing of the answer follows.
    pub(crate) const fn is_done(&self) -> bool {
        self.content.is_done()
    }

    /// How much of the answer follows.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.content.size_hint()
    }

    /// The answer was read to its end: the connection may serve again, unless more came than was asked for.
    pub(crate) fn give_back(mut self: Box<Self>) {
        if !self.keep || !self.sent || !self.content.is_done() || !self.input.is_empty() || self.is_uploading() {
            return;
        }
        self.upload = None;
        self.watch.clear();
        // An idle connection holds no buffer.
        self.input = BytesMut::new();
        let pool = Rc::clone(&self.slot.0);
        let mut idle = pool.idle.borrow_mut();
        if idle.len() < pool.limits.idle_connections {
            let round = pool.round.get();
            idle.push(Idle { link: self, round });
        }
    }

    /// After a 101: the bytes beneath, and those that came early.
    pub(crate) fn into_bytes(self: Box<Self>) -> Joined {
        let Self { io, input, slot, .. } = *self;
        Joined { io, early: input.freeze(), _slot: OpenSlot(slot) }
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

const LEAST_READ: usize = 1024;
const LEAST_ROOM: usize = 8 * 1024;
const MOST_ROOM: usize = 64 * 1024;
/// 100, 102, 103: more than a few are a game.
const MOST_INTERIM: u32 = 8;
/// While a body streams, a slow caller has its own deadline; the upstream is only blamed after that.
const SLOW_CALLER: Duration = Duration::from_secs(30);
