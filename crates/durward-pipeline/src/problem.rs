//! The one place where a refusal becomes an answer (RFC 9457): type, title, status, request id, and what the caller may
//! know of its own mistake. Nothing of ours, and never a value.

use bytes::Bytes;
use durward_core::{Denial, Fault, Reason, RequestId};
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::admitted::X_REQUEST_ID;

/// The answer to a denied request.
#[must_use]
pub fn refusal(denial: &Denial, id: RequestId) -> Response<Bytes> {
    let errors: Vec<Value> = denial
        .public_errors()
        .iter()
        .map(|(place, expected)| json!({ "place": place, "expected": expected }))
        .collect();
    let mut answer = problem(denial.reason(), denial.status(), errors, id);
    let headers = answer.headers_mut();
    for challenge in denial.challenges() {
        if let Ok(value) = HeaderValue::from_str(challenge) {
            headers.append(header::WWW_AUTHENTICATE, value);
        }
    }
    if let Some(seconds) = denial.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in denial.fields() {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if denial.reason() == Reason::MethodUnknown
        && let Some(allowed) = denial.public_errors().iter().find_map(|(_, expected)| expected.strip_prefix("one of "))
        && let Ok(value) = HeaderValue::from_str(allowed)
    {
        headers.insert(header::ALLOW, value);
    }
    answer
}

/// The answer when the way to the upstream failed.
#[must_use]
pub fn fault_answer(fault: &Fault, id: RequestId) -> Response<Bytes> {
    let reason = fault.kind().reason();
    let mut answer = problem(reason, reason.status(), Vec::new(), id);
    if reason == Reason::Overloaded {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// The reason's title; a masked answer keeps the words of the status that the upstream gave.
fn title(reason: Reason, status: u16) -> &'static str {
    let own = || StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    if reason == Reason::UpstreamErrorMasked { own().unwrap_or(reason.title()) } else { reason.title() }
}

/// A problem document.
pub(crate) fn problem(reason: Reason, status: u16, errors: Vec<Value>, id: RequestId) -> Response<Bytes> {
    let mut document = json!({
        "type": format!("urn:durward:{}", reason.code()),
        "title": title(reason, status),
        "status": status,
        "request_id": id.to_string(),
    });
    if let (false, Some(members)) = (errors.is_empty(), document.as_object_mut()) {
        members.insert("errors".to_owned(), Value::Array(errors));
    }
    let mut answer = Response::new(Bytes::from(document.to_string()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_bytes(&id.text()) {
        headers.insert(X_REQUEST_ID, value);
    }
    answer
}
