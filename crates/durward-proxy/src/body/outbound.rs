//! The body of a request to the upstream.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use durward_core::{Fault, FaultKind};
use durward_http::BodyFault;
use durward_pipeline::Payload;
use http::{HeaderMap, HeaderName, header};
use http_body::{Body, Frame, SizeHint};

use crate::body::{ClientBody, settle_trailers};

/// What the upstream is sent.
pub(crate) enum RequestBody {
    /// Nothing.
    Empty,
    /// These bytes.
    Whole(Bytes),
    /// The client's bytes as they come.
    Stream(Box<Streamed>),
}

/// How a streamed body fares; shared with the one who waits for the answer.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// Why it was given up.
    trouble: RefCell<Option<Fault>>,
    /// Bytes that passed.
    pub(crate) passed: Cell<u64>,
    /// All of it passed.
    pub(crate) done: Cell<bool>,
}

impl Upload {
    /// The caller's fault, if there was one.
    pub(crate) fn trouble(&self) -> Option<Fault> {
        self.trouble.borrow().clone()
    }
}

/// A body that passes through under a cap.
pub(crate) struct Streamed {
    body: ClientBody,
    left: Option<u64>,
    cap: u64,
    announced: Vec<HeaderName>,
    upload: Rc<Upload>,
}

impl RequestBody {
    /// The body for the upstream, and where its progress is told when it streams.
    ///
    /// Trailer fields pass only when `Trailer` announces them in the settled header fields: a field that nobody looked
    /// at could name a caller.
    pub(crate) fn new(payload: Payload<ClientBody>, headers: &HeaderMap) -> (Self, Option<Rc<Upload>>) {
        match payload {
            Payload::Empty => (Self::Empty, None),
            Payload::Whole(bytes) if bytes.is_empty() => (Self::Empty, None),
            Payload::Whole(bytes) => (Self::Whole(bytes), None),
            Payload::Stream { body, length, cap } => {
                let upload = Rc::new(Upload::default());
                upload.done.set(body.is_complete());
                let announced = announced(headers);
                let streamed = Streamed { body, left: length, cap, announced, upload: Rc::clone(&upload) };
                (Self::Stream(Box::new(streamed)), Some(upload))
            }
        }
    }

    /// A second copy, for bodies that are at hand.
    pub(crate) fn again(&self) -> Option<Self> {
        match self {
            Self::Empty => Some(Self::Empty),
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Stream(_) => None,
        }
    }
}

fn announced(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(header::TRAILER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .filter(|name| !headers.contains_key(name))
        .take(MOST_TRAILERS)
        .collect()
}

impl Streamed {
    /// How much follows, where that was announced.
    pub(crate) const fn left(&self) -> Option<u64> {
        self.left
    }

    /// The next piece.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        let frame = match ready!(self.body.poll_frame(cx)) {
            None => {
                self.upload.done.set(true);
                return Poll::Ready(None);
            }
            Some(Ok(frame)) => frame,
            Some(Err(BodyFault::Timeout)) => {
                return self.give_up(FaultKind::CallerBodyTimeout, "the caller's body was too slow".to_owned());
            }
            Some(Err(fault @ BodyFault::Crowded)) => return self.give_up(FaultKind::Overloaded, fault.to_string()),
            Some(Err(BodyFault::Broken(detail))) => return self.give_up(FaultKind::CallerBody, detail),
        };
        self.upload.done.set(self.body.is_complete());
        match frame.into_data() {
            Ok(data) => {
                let size = data.len() as u64;
                let passed = self.upload.passed.get().saturating_add(size);
                self.upload.passed.set(passed);
                if passed > self.cap {
                    let detail = format!("the streamed body went over {} bytes", self.cap);
                    return self.give_up(FaultKind::CallerBodyTooLarge, detail);
                }
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(size);
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Err(frame) => Poll::Ready(frame.into_trailers().ok().and_then(|trailers| self.trailers(trailers))),
        }
    }

    fn trailers(&self, mut trailers: HeaderMap) -> Option<Result<Frame<Bytes>, GivenUp>> {
        settle_trailers(&mut trailers);
        let mut kept = HeaderMap::new();
        for name in &self.announced {
            for value in trailers.get_all(name) {
                kept.append(name, value.clone());
            }
        }
        (!kept.is_empty()).then(|| Ok(Frame::trailers(kept)))
    }

    fn give_up(&self, kind: FaultKind, detail: String) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        self.upload.trouble.replace(Some(Fault::new(kind, detail)));
        Poll::Ready(Some(Err(GivenUp)))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = GivenUp;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, GivenUp>>> {
        let this = self.get_mut();
        match this {
            Self::Empty => Poll::Ready(None),
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                *this = Self::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Stream(streamed) => streamed.poll(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Whole(_) => false,
            Self::Stream(streamed) => streamed.body.is_complete(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(streamed) => streamed.left().map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

/// The body cannot be completed; the reason is kept elsewhere.
#[derive(Debug)]
pub(crate) struct GivenUp;

impl fmt::Display for GivenUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the caller's body was given up")
    }
}

impl std::error::Error for GivenUp {}

const MOST_TRAILERS: usize = 16;
