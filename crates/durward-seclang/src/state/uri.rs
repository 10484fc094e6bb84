//! The request target, taken apart as `ModSecurity` v3 does.
//!
//! The fragment is left in `REQUEST_URI_RAW` and `REQUEST_LINE` only. `REQUEST_URI` and `REQUEST_FILENAME` are
//! percent-decoded, without `+`. Scheme and authority of an absolute target are left out of `REQUEST_URI`, and of nothing
//! else.

/// Where the parts of a target are, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    /// Where the fragment begins, or the end.
    pub(super) end: usize,
    /// Where the path ends: at the question mark, or where the target does.
    pub(super) path_end: usize,
    /// Where the query string begins, after the question mark.
    pub(super) query: Option<usize>,
}

/// Takes a target apart.
pub(super) fn split(target: &[u8]) -> Target {
    let end = memchr::memchr(b'#', target).unwrap_or(target.len());
    let question = target.get(..end).and_then(|target| memchr::memchr(b'?', target));
    Target { end, path_end: question.unwrap_or(end), query: question.map(|at| at + 1) }
}

/// Appends the text with each `%` and two hexadecimal digits replaced by the byte they stand for.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'%', rest) {
        let Some((before, escape)) = rest.split_at_checked(at) else { break };
        out.extend_from_slice(before);
        rest = match escape {
            [_, high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                rest
            }
            [percent, rest @ ..] => {
                out.push(*percent);
                rest
            }
            [] => break,
        };
    }
    out.extend_from_slice(rest);
}

const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Where `REQUEST_URI` begins in the decoded target: after scheme and authority of an absolute one that has a path.
pub(super) fn origin_form(decoded: &[u8]) -> usize {
    if decoded.first().is_none_or(|first| *first == b'/') {
        return 0;
    }
    let path = || {
        let authority = memchr::memchr(b':', decoded)? + 1;
        let rest = decoded.get(authority..)?.strip_prefix(b"//")?;
        Some(decoded.len() - rest.len() + memchr::memchr(b'/', rest)?)
    };
    path().unwrap_or(0)
}

/// Where `REQUEST_BASENAME` begins in the decoded path: after the last slash or backslash. Without one there is none.
pub(super) fn basename(path: &[u8]) -> Option<usize> {
    memchr::memrchr2(b'/', b'\\', path).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_escapes_only() {
        for (text, expected) in [
            ("", ""),
            ("/a%20b", "/a b"),
            ("/a+b", "/a+b"),
            ("%2F%2f", "//"),
            ("%", "%"),
            ("%4", "%4"),
            ("%41", "A"),
            ("%%41", "%A"),
            ("%zz%4g%41", "%zz%4gA"),
            ("%2541", "%41"),
            ("%00", "\0"),
            ("a%u0041", "a%u0041"),
        ] {
            let mut out = Vec::new();
            decode(text.as_bytes(), &mut out);
            assert_eq!(out, expected.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn finds_the_path_of_an_absolute_target() {
        for (text, expected) in [
            ("/a/b", "/a/b"),
            ("http://host/a?b", "/a?b"),
            ("http://host", "http://host"),
            ("http://host?x=/etc", "/etc"),
            ("HTTP://h:80/", "/"),
            ("host:80", "host:80"),
            ("*", "*"),
            ("a/b://c", "a/b://c"),
            ("", ""),
            ("x:/a//b/", "x:/a//b/"),
        ] {
            let begin = origin_form(text.as_bytes());
            assert_eq!(text.get(begin..), Some(expected), "{text:?}");
        }
    }
}
