//! The same decision, offline: a request from a file, a trail out, no server.

use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use durward_core::{Denial, Moment, RequestIds, Trail};
use durward_http::{Connection, Facts, Framing, Head, TlsFacts, WholeBody};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, header};

use crate::{Outbound, Plan, admit};

/// A request as text that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainError(String);

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExplainError {}

/// What the gateway would do.
#[derive(Debug)]
pub struct Explained {
    /// When it would have been received.
    pub received: Moment,
    /// The trail.
    pub trail: Trail,
    /// The refusal, or the request as the upstream would get it.
    pub result: Result<Outbound<WholeBody>, Denial>,
}

/// Reads one request in HTTP/1.1 form; bare LF line ends are accepted, and the body is all that follows the empty line.
///
/// # Errors
/// The text is not a request.
pub fn read_request(text: &[u8]) -> Result<(Head, Bytes), ExplainError> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut fields);
    let parsed = request.parse(text).map_err(|error| ExplainError(format!("not an HTTP request: {error}")))?;
    let httparse::Status::Complete(length) = parsed else {
        return Err(ExplainError(
            "the request head has no end: put an empty line after the last header field".to_owned(),
        ));
    };
    let wrong = |what: &str| ExplainError(format!("the request has no valid {what}"));
    let method = Method::from_bytes(request.method.unwrap_or_default().as_bytes()).map_err(|_| wrong("method"))?;
    let uri = request.path.unwrap_or_default().parse::<Uri>().map_err(|_| wrong("target"))?;
    let mut headers = HeaderMap::new();
    for field in request.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| wrong("header name"))?;
        headers.append(name, HeaderValue::from_bytes(field.value).map_err(|_| wrong("header value"))?);
    }
    let version = if request.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let body = Bytes::copy_from_slice(text.get(length..).unwrap_or_default());
    Ok((Head { method, uri, version, headers }, body))
}

/// Runs a request through the plan as if it came from `peer` over TLS at `now`.
///
/// # Errors
/// The decision needs something that is not at hand offline, such as a key set that was never fetched.
pub fn explain(plan: &Plan, head: Head, body: Bytes, peer: SocketAddr, now: Moment) -> Result<Explained, ExplainError> {
    let connection = Connection {
        peer,
        local: SocketAddr::from(([127, 0, 0, 1], 443)),
        tls: Some(TlsFacts { version: "TLSv1.3", server_name: None }),
    };
    let framing = framing(&head.headers, body.len());
    let id = RequestIds::new(0).next(now);
    let facts = Facts::new(id, now, Arc::new(connection), head, framing);
    let mut trail = Trail::new(id);
    let decided = {
        let mut deciding = pin!(admit(plan, facts, WholeBody::new(body), &mut trail));
        match deciding.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(decided) => decided.map(|admitted| admitted.into_outbound().0),
            Poll::Pending => return Err(ExplainError("the decision needs the network".to_owned())),
        }
    };
    Ok(Explained { received: now, trail, result: decided })
}

fn framing(headers: &HeaderMap, length: usize) -> Framing {
    match length {
        0 => Framing::Empty,
        _ if headers.contains_key(header::TRANSFER_ENCODING) => Framing::Streamed,
        length => Framing::Length(length as u64),
    }
}
