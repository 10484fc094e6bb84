//! A request on its way to an HTTP/1.1 upstream.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use tokio::io::AsyncWrite;

use crate::body::{RequestBody, Streamed};
use crate::transport::Transport;

use super::head::Framing;

/// What is still to be sent.
#[derive(Default)]
pub(super) struct Outgoing {
    head: BytesMut,
    body: Bytes,
    /// The line end behind a chunk.
    tail: &'static [u8],
    stream: Option<Stream>,
    unflushed: bool,
}

/// A body that comes while it is sent.
struct Stream {
    body: Box<Streamed>,
    /// What is left of the announced length; `None` for chunks.
    left: Option<u64>,
    over: bool,
}

/// Why sending stopped.
pub(super) enum Stopped {
    /// The connection takes nothing more.
    Closed(io::Error),
    /// The caller's body cannot be completed; the reason is kept with it.
    GivenUp,
}

impl Outgoing {
    /// How a body is framed.
    pub(super) fn framing(body: &RequestBody) -> Framing {
        match body {
            RequestBody::Empty => Framing::Empty,
            RequestBody::Whole(bytes) => Framing::Length(bytes.len() as u64),
            RequestBody::Stream(streamed) => streamed.left().map_or(Framing::Chunked, Framing::Length),
        }
    }

    /// A head, and what follows it. A small body goes with the head, so that both are one write and one segment.
    pub(super) fn new(mut head: BytesMut, body: &mut RequestBody) -> Self {
        let framing = Self::framing(body);
        let (body, stream) = match std::mem::replace(body, RequestBody::Empty) {
            RequestBody::Empty => (Bytes::new(), None),
            RequestBody::Whole(bytes) => {
                *body = RequestBody::Whole(bytes.clone());
                if bytes.len() <= SMALL {
                    head.extend_from_slice(&bytes);
                    (Bytes::new(), None)
                } else {
                    (bytes, None)
                }
            }
            RequestBody::Stream(body) => {
                let left = if let Framing::Length(bytes) = framing { Some(bytes) } else { None };
                (Bytes::new(), Some(Stream { body, left, over: false }))
            }
        };
        Self { head, body, tail: b"", stream, unflushed: true }
    }

    /// Sends what can be sent; ready when all of it is.
    pub(super) fn poll(&mut self, io: &mut Transport, cx: &mut Context<'_>) -> Poll<Result<(), Stopped>> {
        loop {
            ready!(self.poll_write(io, cx)).map_err(Stopped::Closed)?;
            let Some(stream) = self.stream.as_mut().filter(|stream| !stream.over) else {
                return self.poll_flush(io, cx).map_err(Stopped::Closed);
            };
            let Poll::Ready(frame) = stream.body.poll(cx) else {
                ready!(self.poll_flush(io, cx)).map_err(Stopped::Closed)?;
                return Poll::Pending;
            };
            match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.data(data)?,
                    Err(frame) => self.end(frame.into_trailers().ok())?,
                },
                Some(Err(_)) => return Poll::Ready(Err(Stopped::GivenUp)),
                None => self.end(None)?,
            }
        }
    }

    fn data(&mut self, data: Bytes) -> Result<(), Stopped> {
        let Some(stream) = self.stream.as_mut().filter(|_| !data.is_empty()) else { return Ok(()) };
        if let Some(left) = &mut stream.left {
            *left = left.checked_sub(data.len() as u64).ok_or(Stopped::GivenUp)?;
        } else {
            self.head.put_slice(format!("{:x}\r\n", data.len()).as_bytes());
            self.tail = b"\r\n";
        }
        self.body = data;
        Ok(())
    }

    fn end(&mut self, trailers: Option<HeaderMap>) -> Result<(), Stopped> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        stream.over = true;
        match stream.left {
            Some(0) => return Ok(()),
            // Less came than was announced: the upstream must not take it for whole.
            Some(_) => return Err(Stopped::GivenUp),
            None => self.head.put_slice(b"0\r\n"),
        }
        for (name, value) in trailers.iter().flatten() {
            self.head.put_slice(name.as_str().as_bytes());
            self.head.put_slice(b": ");
            self.head.put_slice(value.as_bytes());
            self.head.put_slice(b"\r\n");
        }
        self.head.put_slice(b"\r\n");
        Ok(())
    }

    fn poll_write(&mut self, io: &mut Transport, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.head.has_remaining() || self.body.has_remaining() || self.tail.has_remaining() {
            let sent = if self.body.has_remaining() {
                let slices = [IoSlice::new(&self.head), IoSlice::new(&self.body), IoSlice::new(self.tail)];
                ready!(Pin::new(&mut *io).poll_write_vectored(cx, &slices))?
            } else {
                let rest = if self.head.has_remaining() { &*self.head } else { self.tail };
                ready!(Pin::new(&mut *io).poll_write(cx, rest))?
            };
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            self.advance(sent);
        }
        Poll::Ready(Ok(()))
    }

    fn advance(&mut self, mut sent: usize) {
        let of_head = sent.min(self.head.len());
        self.head.advance(of_head);
        sent -= of_head;
        let of_body = sent.min(self.body.len());
        self.body.advance(of_body);
        sent -= of_body;
        self.tail.advance(sent.min(self.tail.len()));
    }

    fn poll_flush(&mut self, io: &mut Transport, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!(Pin::new(io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// Up to here copying costs less than a second buffer in the system call.
const SMALL: usize = 4 * 1024;
