//! Heads of HTTP/1.1 messages: the request's written, the answer's read.
//!
//! A request's framing is ours alone: whatever the fields say of it is left out and said again from the body. An answer
//! whose end is told in two ways is no answer (RFC 9112 section 6.3).

use std::mem::MaybeUninit;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};
use httparse::{Header, ParserConfig, Status};
use smallvec::SmallVec;

use super::content::Content;

/// How the body of a request is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    Empty,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
}

/// Writes the head of a request.
///
/// # Errors
/// A target with bytes that would end it.
pub(super) fn write<'f>(
    out: &mut BytesMut,
    method: &Method,
    target: &str,
    fields: impl Iterator<Item = (&'f HeaderName, &'f HeaderValue)>,
    framing: Framing,
) -> Result<(), &'static str> {
    if target.is_empty() || target.bytes().fold(false, |found, byte| found | (byte <= b' ') | (byte == 0x7f)) {
        return Err("the target cannot be sent");
    }
    out.reserve(USUAL_HEAD + target.len());
    out.put_slice(method.as_str().as_bytes());
    out.put_u8(b' ');
    out.put_slice(target.as_bytes());
    out.put_slice(b" HTTP/1.1\r\n");
    for (name, value) in fields {
        if *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING {
            continue;
        }
        out.put_slice(name.as_str().as_bytes());
        out.put_slice(b": ");
        out.put_slice(value.as_bytes());
        out.put_slice(b"\r\n");
    }
    match framing {
        // Where content is usual its absence is said (RFC 9110 section 8.6).
        Framing::Empty if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => length(out, 0),
        Framing::Empty => {}
        Framing::Length(bytes) => length(out, bytes),
        Framing::Chunked => out.put_slice(b"transfer-encoding: chunked\r\n"),
    }
    out.put_slice(b"\r\n");
    Ok(())
}

fn length(out: &mut BytesMut, bytes: u64) {
    out.put_slice(b"content-length: ");
    out.put_slice(HeaderValue::from(bytes).as_bytes());
    out.put_slice(b"\r\n");
}

/// The head of an answer, and what follows it.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) parts: response::Parts,
    pub(super) content: Content,
    /// The connection may serve again after the content.
    pub(super) keep: bool,
}

/// Takes the head of an answer off the front of `input`; `None` while it is not complete.
pub(super) fn read(input: &mut BytesMut, method: &Method) -> Result<Option<Head>, String> {
    let mut room = [const { MaybeUninit::uninit() }; MOST_FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let status = ParserConfig::default()
        .parse_response_with_uninit_headers(&mut parsed, input, &mut room)
        .map_err(|error| format!("the head of the answer cannot be read: {error}"))?;
    let Status::Complete(length) = status else {
        return if input.len() >= MOST_HEAD { Err("the head of the answer is too large".to_owned()) } else { Ok(None) };
    };
    let code = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or("the answer has no status")?;
    let version = if parsed.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let places = places(input, parsed.headers);
    let bytes = input.split_to(length).freeze();
    let mut parts = Response::new(()).into_parts().0;
    parts.status = code;
    parts.version = version;
    parts.headers = fields(&bytes, &places)?;
    let content = content(method, &parts)?;
    let keep = version == Version::HTTP_11 && content != Content::UntilClose && !says_close(&parts.headers);
    // What framed it here says nothing of how it is framed from here on.
    if content.is_chunked() {
        parts.headers.remove(header::TRANSFER_ENCODING);
    }
    Ok(Some(Head { parts, content, keep }))
}

/// Where a field stands in the buffer.
struct Place {
    name: (usize, usize),
    value: (usize, usize),
}

fn places(input: &[u8], headers: &[Header<'_>]) -> SmallVec<[Place; 32]> {
    let base = input.as_ptr().addr();
    let place = |bytes: &[u8]| {
        let start = bytes.as_ptr().addr().saturating_sub(base);
        (start, start + bytes.len())
    };
    headers.iter().map(|field| Place { name: place(field.name.as_bytes()), value: place(field.value) }).collect()
}

fn fields(bytes: &Bytes, places: &[Place]) -> Result<HeaderMap, String> {
    // Room for what the release adds, so that the map is not built twice.
    let mut headers = HeaderMap::with_capacity(places.len() + FIELDS_OF_OURS);
    for Place { name, value } in places {
        let name = bytes.get(name.0..name.1).unwrap_or_default();
        let name = HeaderName::from_bytes(name).map_err(|_| "a field of the answer has no good name")?;
        let value = HeaderValue::from_maybe_shared(bytes.slice(value.0..value.1));
        headers.append(name, value.map_err(|_| "a field of the answer has no good value")?);
    }
    Ok(headers)
}

fn content(method: &Method, parts: &response::Parts) -> Result<Content, String> {
    let bodiless = parts.status.is_informational()
        || matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
        || *method == Method::HEAD;
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter();
    let coding = codings.next();
    let length = content_length(&parts.headers)?;
    if let Some(coding) = coding {
        if parts.version == Version::HTTP_10 {
            return Err("an HTTP/1.0 answer has a transfer coding".to_owned());
        }
        if length.is_some() {
            return Err("the answer has both a length and a transfer coding".to_owned());
        }
        if codings.next().is_some() || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err("the answer has another transfer coding than `chunked`".to_owned());
        }
    }
    Ok(match (bodiless, coding, length) {
        (true, _, _) => Content::DONE,
        (false, Some(_), _) => Content::chunked(),
        (false, None, Some(length)) => Content::length(length),
        (false, None, None) => Content::UntilClose,
    })
}

fn content_length(headers: &HeaderMap) -> Result<Option<u64>, String> {
    let mut values = headers.get_all(header::CONTENT_LENGTH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err("the answer has two lengths".to_owned());
    }
    // Digits alone: the parser of the standard library takes a sign.
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|text| text.parse::<u64>().ok());
    length.map(Some).ok_or_else(|| "the length of the answer is no number".to_owned())
}

fn says_close(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONNECTION).iter().any(|value| {
        value.as_bytes().split(|byte| *byte == b',').any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"))
    })
}

/// Reads the trailer section of a chunked body off the front of `input`; `None` while it is not complete.
pub(super) fn read_trailers(input: &mut BytesMut) -> Result<Option<HeaderMap>, &'static str> {
    if input.starts_with(b"\r\n") {
        input.advance(2);
        return Ok(Some(HeaderMap::new()));
    }
    let mut room = [httparse::EMPTY_HEADER; MOST_TRAILERS];
    match httparse::parse_headers(input, &mut room) {
        Ok(Status::Complete((length, found))) => {
            let places = places(input, found);
            let bytes = input.split_to(length).freeze();
            fields(&bytes, &places).map(Some).map_err(|_| "a trailer field cannot be read")
        }
        Ok(Status::Partial) if input.len() < MOST_TRAILER_BYTES => Ok(None),
        Ok(Status::Partial) => Err("the trailer section is too large"),
        Err(_) => Err("the trailer section cannot be read"),
    }
}

/// Bytes of an answer's head.
const MOST_HEAD: usize = 64 * 1024;
const MOST_FIELDS: usize = 128;
const MOST_TRAILERS: usize = 32;
const MOST_TRAILER_BYTES: usize = 16 * 1024;
/// Room for most heads.
const USUAL_HEAD: usize = 1024;
const FIELDS_OF_OURS: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(method: Method, text: &str) -> Result<Option<(u16, Content, bool)>, String> {
        let mut input = BytesMut::from(text);
        let head = read(&mut input, &method)?;
        Ok(head.map(|head| (head.parts.status.as_u16(), head.content, head.keep)))
    }

    #[test]
    fn the_end_of_an_answer_is_told_in_one_way() {
        let chunked = Content::chunked();
        for (fields, expected) in [
            ("", Some((Content::UntilClose, false))),
            ("Content-Length: 5\r\n", Some((Content::length(5), true))),
            ("Content-Length: 5\r\nContent-Length: 5\r\n", None),
            ("Content-Length: 5\r\nConnection: x, Close\r\n", Some((Content::length(5), false))),
            ("Transfer-Encoding: chunked\r\n", Some((chunked, true))),
            ("Transfer-Encoding: Chunked \r\n", Some((chunked, true))),
            ("Content-Length: 0\r\n", Some((Content::DONE, true))),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", None),
            ("Content-Length: 5, 5\r\n", None),
            ("Content-Length: +5\r\n", None),
            ("Content-Length: \r\n", None),
            ("Content-Length: 18446744073709551616\r\n", None),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", None),
            ("Transfer-Encoding: gzip, chunked\r\n", None),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", None),
            ("Transfer-Encoding: identity\r\n", None),
            (" Content-Length: 5\r\n", None),
            ("Content-Length : 5\r\n", None),
            ("X: a\r\n b\r\n", None),
        ] {
            let read = read_as(Method::GET, &format!("HTTP/1.1 200 OK\r\n{fields}\r\n"));
            let read = read.ok().map(|head| head.map(|(_, content, keep)| (content, keep)).unwrap());
            assert_eq!(read, expected, "{fields:?}");
        }
    }

    #[test]
    fn what_has_no_content() {
        for (method, status, expected) in [
            (Method::HEAD, "200 OK", Content::DONE),
            (Method::GET, "204 No Content", Content::DONE),
            (Method::GET, "304 Not Modified", Content::DONE),
            (Method::GET, "100 Continue", Content::DONE),
            (Method::GET, "200", Content::length(7)),
        ] {
            let read = read_as(method, &format!("HTTP/1.1 {status}\r\nContent-Length: 7\r\n\r\n")).unwrap().unwrap();
            assert_eq!(read.1, expected, "{status}");
        }
        assert!(!read_as(Method::GET, "HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\n").unwrap().unwrap().2);
        assert!(read_as(Method::GET, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(read_as(Method::GET, "HTTP/1.1 200 OK\r\nContent-Le").unwrap().is_none());
        assert!(read_as(Method::GET, "SSH-2.0-OpenSSH\r\n\r\n").is_err());
        assert!(read_as(Method::GET, &format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(MOST_HEAD))).is_err());
    }

    #[test]
    fn a_request_says_its_framing_once() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("up.test"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("99"));
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("gzip"));
        for (method, framing, expected) in [
            (Method::GET, Framing::Empty, "GET /a?b=c HTTP/1.1\r\nhost: up.test\r\n\r\n"),
            (Method::POST, Framing::Empty, "POST /a?b=c HTTP/1.1\r\nhost: up.test\r\ncontent-length: 0\r\n\r\n"),
            (Method::PUT, Framing::Length(12), "PUT /a?b=c HTTP/1.1\r\nhost: up.test\r\ncontent-length: 12\r\n\r\n"),
            (
                Method::POST,
                Framing::Chunked,
                "POST /a?b=c HTTP/1.1\r\nhost: up.test\r\ntransfer-encoding: chunked\r\n\r\n",
            ),
        ] {
            let mut out = BytesMut::new();
            write(&mut out, &method, "/a?b=c", headers.iter(), framing).unwrap();
            assert_eq!(out, expected.as_bytes());
        }
        for target in ["", "/a b", "/a\r\nx: y", "/\u{7f}"] {
            assert!(
                write(&mut BytesMut::new(), &Method::GET, target, headers.iter(), Framing::Empty).is_err(),
                "{target:?}"
            );
        }
    }
}
