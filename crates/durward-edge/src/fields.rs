//! One pass over the header fields.

use std::collections::HashSet;

use durward_core::{Denial, Reason};
use durward_http::Facts;
use http::{HeaderMap, HeaderName, HeaderValue, Version, header};

/// What the pass found.
pub(crate) struct Survey<'f> {
    /// The `Host` field.
    pub(crate) host: Option<&'f str>,
}

/// Judges names, repetitions and the fields that decide how a message is framed.
pub(crate) fn survey<'f>(facts: &'f Facts, known: &HashSet<HeaderName>) -> Result<Survey<'f>, Denial> {
    let headers = facts.headers();
    // `keys` gives each name once, so a repeated field shows as fewer keys than values.
    if headers.len() != headers.keys_len() {
        check_repeated(headers)?;
    }
    for name in headers.keys() {
        if !name.as_str().bytes().all(is_plain) {
            check_odd_name(name, headers, known)?;
        }
    }
    check_framing(facts)?;
    check_connection(headers)?;
    if let Some(expect) = headers.get(header::EXPECT)
        && !expect.as_bytes().eq_ignore_ascii_case(b"100-continue")
    {
        return Err(Denial::new(Reason::ExpectationRefused).tell("expect", "`100-continue` or nothing"));
    }
    let host = headers.get(header::HOST).map(HeaderValue::to_str).transpose();
    let host = host.map_err(|_| Denial::new(Reason::AuthorityInvalid).tell("host", "exactly one valid host"))?;
    Ok(Survey { host })
}

/// What no server folds into something else.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// CGI and all that came of it write `X-User`, `X_User` and, in PHP, `X.User` as one variable. A name that is not plain is
/// let in only when a contract names it, and then not beside another that is read alike.
fn check_odd_name(name: &HeaderName, headers: &HeaderMap, known: &HashSet<HeaderName>) -> Result<(), Denial> {
    if !known.contains(name) {
        return Err(invalid(name, "a name of letters, digits and hyphens: servers read other characters as hyphens"));
    }
    let fold = |byte: u8| if is_plain(byte) { byte } else { b'-' };
    let is_alike =
        |other: &HeaderName| other != name && other.as_str().bytes().map(fold).eq(name.as_str().bytes().map(fold));
    if headers.keys().any(is_alike) {
        return Err(invalid(name, "one spelling of this name, not several"));
    }
    Ok(())
}

fn check_repeated(headers: &HeaderMap) -> Result<(), Denial> {
    for name in SINGLE {
        let mut values = headers.get_all(name).iter();
        if values.next().is_some() && values.next().is_some() {
            let reason = match *name {
                header::HOST => Reason::AuthorityInvalid,
                header::CONTENT_LENGTH | header::TRANSFER_ENCODING => Reason::FramingInvalid,
                _ => Reason::HeaderInvalid,
            };
            return Err(Denial::new(reason)
                .detail(format!("`{name}` is repeated"))
                .tell(name.as_str(), "at most one such field"));
        }
    }
    Ok(())
}

fn check_framing(facts: &Facts) -> Result<(), Denial> {
    let headers = facts.headers();
    let Some(coding) = headers.get(header::TRANSFER_ENCODING) else { return Ok(()) };
    let wrong = |expected| Err(Denial::new(Reason::FramingInvalid).tell("transfer-encoding", expected));
    if facts.version() >= Version::HTTP_2 {
        return wrong("nothing: HTTP/2 has its own framing");
    }
    if headers.contains_key(header::CONTENT_LENGTH) {
        return wrong("nothing beside content-length");
    }
    if coding.as_bytes().eq_ignore_ascii_case(b"chunked") { Ok(()) } else { wrong("exactly `chunked`") }
}

/// A `Connection` field may name what belongs to this hop only; naming a field that security relies on would have it
/// removed on the way (CWE-444).
fn check_connection(headers: &HeaderMap) -> Result<(), Denial> {
    for value in headers.get_all(header::CONNECTION) {
        let text = value.to_str().map_err(|_| invalid(&header::CONNECTION, "a list of names"))?;
        for option in text.split(',').map(str::trim) {
            if !HOP_OPTIONS.iter().any(|known| option.eq_ignore_ascii_case(known)) && !option.is_empty() {
                return Err(invalid(&header::CONNECTION, "only close, keep-alive, upgrade, te or http2-settings"));
            }
        }
    }
    Ok(())
}

fn invalid(name: &HeaderName, expected: &str) -> Denial {
    Denial::new(Reason::HeaderInvalid).detail(format!("header field `{name}`")).tell(name.as_str(), expected)
}

const HOP_OPTIONS: [&str; 7] =
    ["keep-alive", "close", "upgrade", "te", "http2-settings", "proxy-connection", "trailer"];

/// Fields that mean nothing, or two things, when repeated.
const SINGLE: &[HeaderName] = &[
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::EXPECT,
    header::ORIGIN,
    header::REFERER,
    header::USER_AGENT,
    header::RANGE,
    header::FROM,
    header::MAX_FORWARDS,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
];
