//! WebSockets: two connections joined after the upstream agreed, and not before.
//!
//! A 101 counts only when it proves by `Sec-WebSocket-Accept` that the upstream read the handshake (RFC 6455 section
//! 4.2.2): an upstream that can be made to answer 101 by other means never gets the client's bytes as requests.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};
use durward_core::Fault;
use http::{HeaderValue, StatusCode, header, response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::account::Account;
use crate::body::Source;
use crate::pool::{Joined, Link};
use crate::request::unasked;
use crate::watch::Watch;

/// A connection that becomes a WebSocket once its 101 is sent.
pub(crate) struct Tunnel {
    pub(crate) upstream: Joined,
    pub(crate) account: Account,
}

/// Whether an informational answer is the proven end of a handshake that was asked for.
pub(crate) fn judge(head: &response::Parts, source: Source, key: Option<HeaderValue>) -> Result<Box<Link>, Fault> {
    let (StatusCode::SWITCHING_PROTOCOLS, Some(key), Source::Http1(link)) = (head.status, key, source) else {
        return Err(unasked());
    };
    let websocket =
        head.headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let accept =
        head.headers.get(header::SEC_WEBSOCKET_ACCEPT).is_some_and(|value| value.as_bytes() == accept(&key).as_bytes());
    if websocket && accept { Ok(link) } else { Err(unasked()) }
}

fn accept(key: &HeaderValue) -> String {
    let text = [key.as_bytes(), b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &text))
}

impl Tunnel {
    /// Copies both ways until both sides are done, one breaks, or nothing moves for `idle`.
    pub(crate) async fn run<C: AsyncRead + AsyncWrite + Unpin>(
        self: Box<Self>,
        mut client: C,
        early: Bytes,
        idle: Duration,
    ) {
        let Self { upstream: mut joined, mut account } = *self;
        let mut up = Way::new(early);
        let mut down = Way::new(std::mem::take(&mut joined.early));
        let mut watch = Watch::default();
        watch.set(Instant::now() + idle);
        let mut moved = 0;
        let clean = poll_fn(|cx| {
            let sent = up.poll(&mut client, &mut joined.io, cx);
            let back = down.poll(&mut joined.io, &mut client, cx);
            match (sent, back) {
                (Poll::Ready(Err(())), _) | (_, Poll::Ready(Err(()))) => return Poll::Ready(false),
                (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => return Poll::Ready(true),
                _ => {}
            }
            if up.bytes + down.bytes != moved {
                moved = up.bytes + down.bytes;
                watch.set(Instant::now() + idle);
            }
            watch.poll(cx).map(|()| false)
        })
        .await;
        account.tunnelled(up.bytes, down.bytes);
        if clean {
            account.complete();
        }
    }
}

/// One direction.
struct Way {
    buffer: Box<[u8]>,
    filled: usize,
    sent: usize,
    early: Bytes,
    bytes: u64,
    stage: Stage,
    unflushed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Closing,
    Closed,
}

impl Way {
    fn new(early: Bytes) -> Self {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        Self { buffer, filled: 0, sent: 0, early, bytes: 0, stage: Stage::Open, unflushed: false }
    }

    fn poll<R, W>(&mut self, from: &mut R, to: &mut W, cx: &mut Context<'_>) -> Poll<Result<(), ()>>
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        // A turn is bounded, so that one direction cannot starve the other.
        for _ in 0..TURN {
            ready!(self.poll_write_out(to, cx))?;
            match self.stage {
                Stage::Closed => return Poll::Ready(Ok(())),
                Stage::Closing => {
                    ready!(Pin::new(&mut *to).poll_shutdown(cx)).map_err(drop)?;
                    self.stage = Stage::Closed;
                    return Poll::Ready(Ok(()));
                }
                Stage::Open => {}
            }
            let mut buf = ReadBuf::new(&mut self.buffer);
            match Pin::new(&mut *from).poll_read(cx, &mut buf) {
                Poll::Ready(read) => read.map_err(drop)?,
                Poll::Pending => {
                    if self.unflushed {
                        ready!(Pin::new(&mut *to).poll_flush(cx)).map_err(drop)?;
                        self.unflushed = false;
                    }
                    return Poll::Pending;
                }
            }
            (self.filled, self.sent) = (buf.filled().len(), 0);
            if self.filled == 0 {
                self.stage = Stage::Closing;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn poll_write_out<W: AsyncWrite + Unpin>(&mut self, to: &mut W, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        while self.early.has_remaining() {
            let sent = ready!(Pin::new(&mut *to).poll_write(cx, &self.early)).map_err(drop)?;
            if sent == 0 {
                return Poll::Ready(Err(()));
            }
            self.early.advance(sent);
            self.count(sent);
        }
        while let Some(rest) = self.buffer.get(self.sent..self.filled).filter(|rest| !rest.is_empty()) {
            let sent = ready!(Pin::new(&mut *to).poll_write(cx, rest)).map_err(drop)?;
            if sent == 0 {
                return Poll::Ready(Err(()));
            }
            self.sent += sent;
            self.count(sent);
        }
        Poll::Ready(Ok(()))
    }

    fn count(&mut self, sent: usize) {
        self.bytes += sent as u64;
        self.unflushed = true;
    }
}

const BUFFER: usize = 8 * 1024;
const TURN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_one_of_the_rfc() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept(&key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
