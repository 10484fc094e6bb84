//! Answers and problem documents, and reading bodies under a cap.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;
use serde::Serialize;

pub(crate) type Answer = Response<Full<Bytes>>;

/// A body over its cap, or one that broke off.
#[derive(Debug)]
pub(crate) enum ReadError {
    TooLarge,
    Broken(String),
}

/// Reads a whole body of at most `cap` bytes.
pub(crate) async fn read<B>(mut body: B, cap: usize) -> Result<Vec<u8>, ReadError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ReadError::Broken(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len().saturating_add(data.len()) > cap {
            return Err(ReadError::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

pub(crate) fn text(media_type: &'static str, text: String) -> Answer {
    answer(StatusCode::OK, media_type, text.into())
}

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Answer {
    match serde_json::to_vec(value) {
        Ok(bytes) => answer(status, "application/json", bytes.into()),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, "The answer cannot be written", &error.to_string()),
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Answer {
    let document = Problem { status: status.as_u16(), title, detail };
    // Two texts and a number always serialise.
    let bytes = serde_json::to_vec(&document).unwrap_or_default();
    answer(status, "application/problem+json", bytes.into())
}

fn answer(status: StatusCode, media_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    // The text of a new key must not stay anywhere on its way.
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
