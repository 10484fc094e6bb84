//! What the sample API sends back.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, Sleep};

use super::data::DatabaseError;

/// A body: bytes at hand, or a few events over time.
#[derive(Debug)]
pub(super) enum ApiBody {
    /// All of it; taken when sent.
    Whole(Option<Bytes>),
    /// Server-sent events.
    Events(Events),
}

/// Order events, one each tenth of a second, and then the end.
#[derive(Debug)]
pub(super) struct Events {
    sent: usize,
    pause: Pin<Box<Sleep>>,
}

impl Body for ApiBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Events(events) => events.poll_next(cx).map(|event| event.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

impl Events {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some((order, status)) = EVENTS.get(self.sent) else { return Poll::Ready(None) };
        ready!(self.pause.as_mut().poll(cx));
        self.sent += 1;
        self.pause.as_mut().reset(Instant::now() + EVENT_PAUSE);
        let id = self.sent;
        let text = format!("id: {id}\nevent: order\ndata: {{\"orderId\":{order},\"status\":\"{status}\"}}\n\n");
        Poll::Ready(Some(Bytes::from(text)))
    }
}

/// A JSON answer.
pub(super) fn json_answer(status: StatusCode, value: &Value) -> Response<ApiBody> {
    with_type(status, HeaderValue::from_static("application/json"), ApiBody::Whole(Some(value.to_string().into())))
}

/// A page for a browser.
pub(super) fn page(text: String) -> Response<ApiBody> {
    with_type(StatusCode::OK, HeaderValue::from_static("text/html; charset=utf-8"), ApiBody::Whole(Some(text.into())))
}

/// An answer that says in one sentence what is wrong.
pub(super) fn refusal(status: StatusCode, message: &str) -> Response<ApiBody> {
    json_answer(status, &json!({ "error": message }))
}

/// The stream of order events.
pub(super) fn events() -> Response<ApiBody> {
    let body = ApiBody::Events(Events { sent: 0, pause: Box::pin(tokio::time::sleep(Duration::ZERO)) });
    let mut response = with_type(StatusCode::OK, HeaderValue::from_static("text/event-stream"), body);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What the caller sees when the database objects.
// FLAW (CWE-209): the answer carries the statement, the database's own words and a stack trace.
pub(super) fn database_failure(error: &DatabaseError) -> Response<ApiBody> {
    json_answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({
            "error": error.message,
            "sql": error.statement,
            "stack": [
                format!("DatabaseError: {}", error.message),
                "    at OrderRepository.query (orders/repository.js:88:17)",
                "    at OrderService.handle (orders/service.js:41:22)",
                "    at Layer.handle (orders/node_modules/router/layer.js:95:5)",
            ],
        }),
    )
}

// FLAW (CWE-497): every answer names the software and its version.
fn with_type(status: StatusCode, media: HeaderValue, body: ApiBody) -> Response<ApiBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media);
    headers.insert(SERVER, HeaderValue::from_static("orders/1.4.2 (sqlite)"));
    headers.insert(HeaderName::from_static("x-powered-by"), HeaderValue::from_static("OrderKit 0.9"));
    response
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in `{}`", self.message, self.statement)
    }
}

impl std::error::Error for DatabaseError {}

const EVENT_PAUSE: Duration = Duration::from_millis(100);
const EVENTS: [(i64, &str); 5] =
    [(1003, "paid"), (1005, "packed"), (1003, "packed"), (1005, "shipped"), (1003, "shipped")];
