//! The `Authorization` header with a bearer token (RFC 6750 section 2.1), read exactly.
//!
//! Tokens in the body and in the query (sections 2.2 and 2.3) are never read: they end up in logs and caches.

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What the `Authorization` header holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer<'h> {
    /// No header, or one of another scheme.
    Absent,
    /// A token with the syntax of one.
    Token(&'h str),
    /// A header that cannot be read, or more than one. The text is for the record.
    Malformed(&'static str),
}

/// Finds the bearer token.
#[must_use]
pub fn read(headers: &HeaderMap) -> Bearer<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Bearer::Absent;
    };
    if values.next().is_some() {
        return Bearer::Malformed("more than one `authorization` header");
    }
    let Ok(text) = value.to_str() else {
        return Bearer::Malformed("`authorization` is not ascii");
    };
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Bearer::Absent;
    }
    // RFC 9110 section 11.4 allows several spaces after the scheme.
    let token = rest.trim_start_matches(' ');
    if is_token68(token) { Bearer::Token(token) } else { Bearer::Malformed("bearer token has invalid syntax") }
}

/// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::{Bearer, read};
    use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

    #[test]
    fn headers() {
        const SYNTAX: Bearer<'_> = Bearer::Malformed("bearer token has invalid syntax");
        for (value, expected) in [
            ("Bearer abc.def-_~+/=", Bearer::Token("abc.def-_~+/=")),
            ("bearer abc", Bearer::Token("abc")),
            ("BEARER   abc", Bearer::Token("abc")),
            ("Bearer", SYNTAX),
            ("Bearer ", SYNTAX),
            ("Bearer a b", SYNTAX),
            ("Bearer a,b", SYNTAX),
            ("Bearer a=b", SYNTAX),
            ("Bearer ==", SYNTAX),
            ("Bearer abc ", SYNTAX),
            ("Bearer \tabc", SYNTAX),
            ("Bearer \"abc\"", SYNTAX),
            ("Bearer a, Basic b", SYNTAX),
            ("Bearer\tabc", Bearer::Absent),
            ("Bearerabc", Bearer::Absent),
            ("Basic dTpw", Bearer::Absent),
            ("DPoP abc", Bearer::Absent),
            (" Bearer abc", Bearer::Absent),
            ("", Bearer::Absent),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            assert_eq!(read(&headers), expected, "{value:?}");
        }
    }

    #[test]
    fn one_header_only() {
        let mut headers = HeaderMap::new();
        assert_eq!(read(&headers), Bearer::Absent);
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic b"));
        assert!(matches!(read(&headers), Bearer::Malformed(_)));
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert!(matches!(read(&headers), Bearer::Malformed(_)));
    }
}
