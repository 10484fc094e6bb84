//! One client connection, from the accepted socket to its close.
//!
//! hyper's builders are used directly, never `auto`: a client that says nothing must not stay for ever. No timer of hyper's
//! is used for HTTP/1.1 either; [`drive`] looks after silence, slow heads, clients that take no bytes, and the drain.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use durward_http::Connection;
use hyper::body::Incoming;
use hyper::rt::bounds::Http2ServerConnExec;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::admission::Seat;
use crate::body::ResponseBody;
use crate::config::Limits;
use crate::core::{Core, Presence};
use crate::line::{Line, Wire};
use crate::listen::{Listening, Scheme};
use crate::proxy_protocol::{self, Announced};
use crate::request::{HTTP1, HTTP2, handle, record_unreadable};
use crate::tls;
use crate::transport::Transport;
use crate::watch::Watch;

/// Serves a connection until it closes.
pub(crate) async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    mut seat: Seat,
    listening: Rc<Listening>,
    core: Rc<Core>,
) {
    let presence = Presence::enter(&core);
    let opening = Box::pin(open(stream, peer, &mut seat, &listening));
    let opened = tokio::time::timeout(core.limits.handshake, opening).await;
    let Ok(Ok(Opened { io, prefix, facts, http2 })) = opened else {
        seat.handshake_failed();
        return;
    };
    let version = if http2 { HTTP2 } else { HTTP1 };
    let line = Line::new(core, Arc::new(facts), version, Instant::now());
    let wire = Wire { io, prefix, line: Rc::clone(&line) };
    if http2 { serve_http2(wire, line, presence).await } else { serve_http1(wire, line, presence).await }
}

struct Opened {
    io: Transport,
    prefix: Bytes,
    facts: Connection,
    http2: bool,
}

async fn open(mut stream: TcpStream, peer: SocketAddr, seat: &mut Seat, listening: &Listening) -> io::Result<Opened> {
    // Answers are whole messages here; waiting to join them only delays.
    let _ = stream.set_nodelay(true);
    let mut facts = Connection { peer, local: stream.local_addr()?, tls: None };
    if listening.trusts(peer.ip())
        && let Announced::Client { source, destination } = proxy_protocol::read(&mut stream).await?
    {
        facts.peer = source;
        facts.local = destination;
    }
    seat.of(facts.peer.ip()).map_err(|_| io::Error::other("too many connections from one address"))?;
    match &listening.scheme {
        Scheme::Http => {
            let (prefix, http2) = sniff(&mut stream).await?;
            Ok(Opened { io: Transport::Tcp(stream), prefix, facts, http2 })
        }
        Scheme::Https(certificates) => {
            let tls::Accepted { stream, facts: session, http2 } = tls::accept(stream, certificates.config()).await?;
            facts.tls = Some(session);
            Ok(Opened { io: Transport::Tls(stream), prefix: Bytes::new(), facts, http2 })
        }
    }
}

/// Whether a cleartext client begins with the HTTP/2 preface (RFC 9113 section 3.4). Almost always the first look, which
/// takes nothing from the socket, is enough.
async fn sniff(stream: &mut TcpStream) -> io::Result<(Bytes, bool)> {
    let mut seen = [0u8; PREFACE.len()];
    let count = stream.peek(&mut seen).await?;
    let begins = |seen: &[u8]| !seen.is_empty() && PREFACE.starts_with(seen);
    if !seen.get(..count).is_some_and(begins) {
        return Ok((Bytes::new(), false));
    }
    let mut taken = 0;
    while let Some(room) = seen.get_mut(taken..).filter(|room| !room.is_empty()) {
        let count = stream.read(room).await?;
        taken += count;
        if count == 0 || !seen.get(..taken).is_some_and(begins) {
            break;
        }
    }
    let seen = seen.get(..taken).unwrap_or_default();
    Ok((Bytes::copy_from_slice(seen), seen == PREFACE))
}

async fn serve_http1(wire: Wire, line: Rc<Line>, presence: Presence) {
    let limits = line.core.limits;
    let service = service_fn({
        let line = Rc::clone(&line);
        move |request| handle(Rc::clone(&line), request)
    });
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None).max_header_size(limits.head_bytes);
    builder.max_buf_size(limits.head_bytes.saturating_mul(2).max(LEAST_BUFFER));
    if limits.header_fields != HYPERS_HEADER_FIELDS {
        builder.max_headers(limits.header_fields);
    }
    let mut conn = builder.serve_connection(TokioIo::new(wire), service);
    if let Err(error) = drive(Pin::new(&mut conn), &line, &presence).await
        && error.is_parse()
        && line.live.get() == 0
    {
        record_unreadable(&line, &error);
    }
    let tunnel = line.tunnel.take();
    if let Some(tunnel) = tunnel {
        let parts = conn.into_parts();
        let client = parts.io.into_inner().io;
        tunnel.run(client, parts.read_buf, limits.tunnel_idle).await;
    }
}

async fn serve_http2(wire: Wire, line: Rc<Line>, presence: Presence) {
    let limits = line.core.limits;
    let service = service_fn({
        let line = Rc::clone(&line);
        move |request| handle(Rc::clone(&line), request)
    });
    let conn = http2::Builder::new(LocalExecutor)
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(LARGEST_HEADER_LIST).min(LARGEST_HEADER_LIST))
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(128)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .serve_connection(TokioIo::new(wire), service);
    let mut conn = Box::pin(conn);
    // What went wrong with the connection is the client's to know; its requests are recorded by themselves.
    let _ = drive(conn.as_mut(), &line, &presence).await;
}

/// hyper's two kinds of server connection.
trait Serving {
    fn poll_serve(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>>;
    /// Take no new requests, finish those that are here.
    fn leave(self: Pin<&mut Self>);
}

impl<S> Serving for http1::Connection<TokioIo<Wire>, S>
where
    S: HttpService<Incoming, ResBody = ResponseBody>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_serve(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        self.poll(cx)
    }

    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S> Serving for http2::Connection<TokioIo<Wire>, S, LocalExecutor>
where
    S: HttpService<Incoming, ResBody = ResponseBody>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: 'static,
    LocalExecutor: Http2ServerConnExec<S::Future, ResponseBody>,
{
    fn poll_serve(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        self.poll(cx)
    }

    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives a connection until it ends or its time is up.
async fn drive<C: Serving>(mut conn: Pin<&mut C>, line: &Line, presence: &Presence) -> hyper::Result<()> {
    let mut vigil = Vigil::new(line);
    let mut watch = Watch::default();
    let mut listening = false;
    poll_fn(|cx| {
        if !std::mem::replace(&mut listening, true) {
            presence.listen(cx.waker());
        }
        loop {
            if vigil.should_leave() {
                conn.as_mut().leave();
            }
            if let Poll::Ready(ended) = conn.as_mut().poll_serve(cx) {
                return Poll::Ready(ended);
            }
            let Some((at, then)) = vigil.deadline() else { return Poll::Pending };
            watch.set(at);
            ready!(watch.poll_at_home(cx));
            match then {
                Then::Close => return Poll::Ready(Ok(())),
                Then::Leave => vigil.leave(),
                Then::Look => vigil.look(),
            }
        }
    })
    .await
}

/// What happens at a deadline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The connection is dropped.
    Close,
    /// It takes no new requests.
    Leave,
    /// Whether anything moved is looked at.
    Look,
}

/// Who watches a connection, and since when of what.
struct Vigil<'a> {
    line: &'a Line,
    limits: Limits,
    born: Instant,
    http2: bool,
    head_since: Option<Instant>,
    stalled_since: Option<Instant>,
    /// The next look, and what had moved at the last one.
    look: Option<(Instant, u32)>,
    leaving: bool,
    left: Option<Instant>,
}

impl<'a> Vigil<'a> {
    fn new(line: &'a Line) -> Self {
        Self {
            line,
            limits: line.core.limits,
            born: line.idle_since.get(),
            http2: line.http == HTTP2,
            head_since: None,
            stalled_since: None,
            look: None,
            leaving: false,
            left: None,
        }
    }

    /// Whether the connection must be told now, once, to take no new requests. In a drain a quiet HTTP/1.1 connection is not
    /// told: its next request may be on its way, and is answered with `Connection: close`.
    fn should_leave(&mut self) -> bool {
        let drained = self.line.core.drain.since().is_some() && (self.http2 || self.line.live.get() > 0);
        if self.left.is_some() || !(self.leaving || drained) {
            return false;
        }
        self.left = Some(Instant::now());
        true
    }

    fn leave(&mut self) {
        self.leaving = true;
        self.line.closing.set(true);
    }

    fn look(&mut self) {
        if self.look.is_some_and(|(_, before)| before == self.line.progress.get()) {
            self.leave();
        }
        self.look = None;
    }

    fn deadline(&mut self) -> Option<(Instant, Then)> {
        let busy = self.line.live.get() > 0;
        let next = if busy { self.busy_deadline() } else { Some(self.quiet_deadline()) };
        match (self.limits.max_age, self.left) {
            (Some(age), None) => {
                let old = (self.born + age, Then::Leave);
                Some(next.filter(|(at, _)| *at <= old.0).unwrap_or(old))
            }
            _ => next,
        }
    }

    fn quiet_deadline(&mut self) -> (Instant, Then) {
        self.stalled_since = None;
        self.look = None;
        if let Some(left) = self.left {
            return (left + GRACE, Then::Close);
        }
        let (at, then) = if self.line.head_begun.get() && !self.http2 {
            (*self.head_since.get_or_insert_with(Instant::now) + self.limits.header, Then::Close)
        } else {
            self.head_since = None;
            let (patience, then) =
                if self.line.used.get() { (self.limits.idle, Then::Leave) } else { (self.limits.header, Then::Close) };
            (self.line.idle_since.get() + patience, then)
        };
        match self.line.core.drain.linger() {
            Some(linger) if linger < at => (linger, Then::Leave),
            _ => (at, then),
        }
    }

    fn busy_deadline(&mut self) -> Option<(Instant, Then)> {
        self.head_since = None;
        if self.line.stalled.get() {
            return Some((*self.stalled_since.get_or_insert_with(Instant::now) + self.limits.write, Then::Close));
        }
        self.stalled_since = None;
        if !self.http2 || self.line.waiting.get() > 0 {
            self.look = None;
            return None;
        }
        // Answers are ready and the client opens no window for any of them.
        let progress = self.line.progress.get();
        let (at, _) = *self.look.get_or_insert_with(|| (Instant::now() + self.limits.write, progress));
        if self.left.is_some() { Some((at, Then::Close)) } else { Some((at, Then::Look)) }
    }
}

/// Runs the parts of HTTP/2 connections on the core they belong to.
#[derive(Clone, Copy)]
pub(crate) struct LocalExecutor;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, future: F) {
        tokio::task::spawn_local(future);
    }
}

const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HYPERS_HEADER_FIELDS: usize = 100;
const LEAST_BUFFER: usize = 16 * 1024;
const LARGEST_HEADER_LIST: u32 = 64 * 1024;
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
const SEND_BUFFER: usize = 256 * 1024;
const PING: Duration = Duration::from_secs(20);
/// How long a connection that was told to leave may take to do so.
const GRACE: Duration = Duration::from_secs(5);
