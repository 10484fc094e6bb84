//! The one path of a request.
//!
//! Gateways fall when the rule looks at one spelling of a path and the upstream acts on another. So there is one
//! spelling here: [`CanonicalPath`] is what routing matches, what policy judges, and, byte for byte, what is forwarded.
//! Text that two parsers could read differently is refused, never repaired; only spellings that RFC 3986 section 6.2.2
//! calls equivalent (case of hexadecimal digits, escapes of unreserved characters) are folded, and characters that have
//! no place in a path unescaped (`"<>[]^{|}` and the back-quote) are escaped.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;

use crate::escape::{self, EscapeProblem};

/// What a path may contain beyond the safe grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PathRules {
    /// Lets `;` (raw or as `%3B`) stand in a path: for APIs with matrix parameters. Refused by default.
    pub allow_semicolon: bool,
}

/// Why a path has more than one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// It does not start with `/`. gRPC-Go routed such paths but its deny rules did not match them (CVE-2026-33186).
    #[error("the path does not start with `/`")]
    NoLeadingSlash,
    /// A raw control character, space, non-ASCII byte, `?` or `#`. oauth2-proxy let `#` hide a suffix from its skip rules
    /// (CVE-2026-41059); raw controls split requests and logs.
    #[error("the path holds a character that must be escaped")]
    RawCharacter,
    /// `\` or `%5C`: a separator for some servers and data for others (Envoy CVE-2021-29492 and its kin).
    #[error("the path holds a backslash")]
    Backslash,
    /// An escape that is broken, or is not UTF-8: over-long forms hid `../` from IIS and Tomcat (CVE-2000-0884,
    /// CVE-2008-2938).
    #[error("the path holds an invalid escape: {0}")]
    Escape(EscapeProblem),
    /// An escaped NUL or other control character: it truncates names and forges log lines.
    #[error("the path holds an escaped control character")]
    Control,
    /// `//`: merged by some servers, kept by others, an authority for a third (Istio CVE-2021-31920).
    #[error("the path holds an empty segment")]
    EmptySegment,
    /// `.` or `..`, raw or escaped in any mix: `/public/../admin` (Envoy CVE-2019-9901, Oathkeeper GHSA-p224-6x5r-fjpm);
    /// also `..;`, which Java servers read as `..` (Keycloak CVE-2026-3872).
    #[error("the path holds a dot segment")]
    DotSegment,
    /// `%2F`: one segment for the rule, two for the upstream (Envoy CVE-2021-29492).
    #[error("the path holds an encoded slash")]
    EncodedSlash,
    /// A `%25` that two hexadecimal digits follow: whoever decodes twice sees another path (Envoy CVE-2021-29492, IIS
    /// CVE-2001-0333).
    #[error("the path is escaped twice")]
    DoubleEncoding,
    /// `;`: path parameters that Java servers cut off before they route (Spring Security CVE-2016-9879).
    #[error("the path holds a semicolon")]
    Semicolon,
}

/// A path with exactly one meaning and one spelling.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CanonicalPath(
    // INVARIANT: starts with `/`, ASCII only, every escape has upper-case digits and stands for a character that is not
    // unreserved.
    Box<str>,
);

impl CanonicalPath {
    /// Reads the path of a request target, without its query.
    ///
    /// # Errors
    /// Any text that two parsers could read differently; see [`PathProblem`].
    pub fn parse(raw: &str, rules: PathRules) -> Result<Self, PathProblem> {
        if !raw.starts_with('/') {
            return Err(PathProblem::NoLeadingSlash);
        }
        // Nearly every path is plain: looked at without a branch per byte, and nothing that needs an escape can be in it.
        if raw.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            check_segments(raw, rules)?;
            return Ok(Self(raw.into()));
        }
        let text = normalise(raw)?;
        check_segments(&text, rules)?;
        check_double_encoding(&text)?;
        Ok(Self(text.into()))
    }

    /// The text to route on and to forward.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The other spelling that servers may take for the same path: with the characters unescaped that may stand in a
    /// path as they are, such as `:` and `@`. RFC 3986 section 2.2 calls the two different, most frameworks do not, so
    /// what is decided for one must hold for the other. `None` where there is no such escape.
    #[must_use]
    pub fn unescaped(&self) -> Option<Self> {
        if !self.0.contains('%') {
            return None;
        }
        let is_optional = |digits: &str| matches!(decode_hex(digits), Some(byte) if is_optional_escape(byte));
        let mut pieces = self.0.split('%');
        let mut text = String::from(pieces.next()?);
        let mut differs = false;
        for piece in pieces {
            match piece.split_at_checked(2) {
                Some((digits, rest)) if is_optional(digits) => {
                    text.extend(decode_hex(digits).map(char::from));
                    text.push_str(rest);
                    differs = true;
                }
                _ => {
                    text.push('%');
                    text.push_str(piece);
                }
            }
        }
        differs.then(|| Self(text.into()))
    }

    /// The segments after the leading slash, still escaped. `/` has one empty segment, a trailing slash gives a last
    /// empty one.
    pub fn segments(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.strip_prefix('/').unwrap_or_default().split('/')
    }
}

impl AsRef<str> for CanonicalPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CanonicalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Decodes one segment of a [`CanonicalPath`]. Those always decode; other text that does not is given back as it is.
#[must_use]
pub fn decode_segment(segment: &str) -> Cow<'_, str> {
    escape::decode_component(segment, false).unwrap_or(Cow::Borrowed(segment))
}

/// A byte that is in canonical form already: RFC 3986 `pchar` without escapes, and the separator.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@')
}

const fn is_unreserved(character: char) -> bool {
    matches!(character, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~')
}

/// The reserved characters of `pchar`, without `;`, which has rules of its own.
const fn is_optional_escape(byte: u8) -> bool {
    matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

fn decode_hex(digits: &str) -> Option<u8> {
    u8::from_str_radix(digits, 16).ok()
}

fn normalise(raw: &str) -> Result<String, PathProblem> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            byte if is_plain(*byte) => text.push(char::from(*byte)),
            b'%' => {
                let escapes = raw.as_bytes().get(raw.len() - tail.len() - 1..).unwrap_or_default();
                let (decoded, width) = escape::escaped_char(escapes).map_err(PathProblem::Escape)?;
                rest = escapes.get(width..).unwrap_or_default();
                push_decoded(&mut text, decoded)?;
            }
            b'\\' => return Err(PathProblem::Backslash),
            b'"' | b'<' | b'>' | b'[' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                escape::push_escaped(&mut text, char::from(*first));
            }
            _ => return Err(PathProblem::RawCharacter),
        }
    }
    Ok(text)
}

fn push_decoded(text: &mut String, decoded: char) -> Result<(), PathProblem> {
    match decoded {
        '/' => return Err(PathProblem::EncodedSlash),
        '\\' => return Err(PathProblem::Backslash),
        control if control.is_control() => return Err(PathProblem::Control),
        plain if is_unreserved(plain) => text.push(plain),
        other => escape::push_escaped(text, other),
    }
    Ok(())
}

fn check_segments(text: &str, rules: PathRules) -> Result<(), PathProblem> {
    let mut segments = text.strip_prefix('/').unwrap_or_default().split('/').peekable();
    let may_have_semicolons = text.bytes().fold(false, |found, byte| found | matches!(byte, b';' | b'%'));
    while let Some(segment) = segments.next() {
        let (name, has_semicolon) = if may_have_semicolons { before_semicolon(segment) } else { (segment, false) };
        if has_semicolon && !rules.allow_semicolon {
            return Err(PathProblem::Semicolon);
        }
        match name {
            // Judged by the part before `;`, because that is all a Java server keeps: `/..;/` and `/;/`.
            "." | ".." => return Err(PathProblem::DotSegment),
            "" if segments.peek().is_some() => return Err(PathProblem::EmptySegment),
            _ => {}
        }
    }
    Ok(())
}

fn before_semicolon(segment: &str) -> (&str, bool) {
    let raw = segment.split_once(';').map(|(name, _)| name);
    let name = raw.unwrap_or(segment);
    match name.split_once("%3B") {
        Some((name, _)) => (name, true),
        None => (name, raw.is_some()),
    }
}

fn check_double_encoding(text: &str) -> Result<(), PathProblem> {
    // On the canonical text, where escaped digits are plain again, so `%25%32%65` is seen as `%252e` too.
    for at in memmem::find_iter(text.as_bytes(), b"%25") {
        if let Some([high, low]) = text.as_bytes().get(at + 3..at + 5)
            && high.is_ascii_hexdigit()
            && low.is_ascii_hexdigit()
        {
            return Err(PathProblem::DoubleEncoding);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{CanonicalPath, EscapeProblem, PathProblem, PathRules, decode_segment};

    fn parse(raw: &str) -> Result<String, PathProblem> {
        CanonicalPath::parse(raw, PathRules::default()).map(|path| path.as_str().to_owned())
    }

    #[test]
    fn one_spelling() {
        for (raw, expected) in [
            ("/", "/"),
            ("/a", "/a"),
            ("/a/b/", "/a/b/"),
            ("/a/...", "/a/..."),
            ("/a/.b/c.", "/a/.b/c."),
            ("/a%2db", "/a-b"),
            ("/%7Euser", "/~user"),
            ("/%41%7a", "/Az"),
            ("/a%2E%2Eb", "/a..b"),
            ("/caf%c3%a9", "/caf%C3%A9"),
            ("/a%20b", "/a%20b"),
            ("/a%3ab", "/a%3Ab"),
            ("/a:b@c", "/a:b@c"),
            ("/a%25", "/a%25"),
            ("/100%25/x", "/100%25/x"),
            ("/100%25zz", "/100%25zz"),
            ("/a%25%2B", "/a%25%2B"),
            ("/compare/a...b", "/compare/a...b"),
            ("/x(1)*'!$&+,=", "/x(1)*'!$&+,="),
            ("/a%3Fb%23c", "/a%3Fb%23c"),
            ("/a[0]", "/a%5B0%5D"),
            ("/{a}|\"<>^`", "/%7Ba%7D%7C%22%3C%3E%5E%60"),
            ("/%f0%9f%98%80", "/%F0%9F%98%80"),
        ] {
            assert_eq!(parse(raw).as_deref(), Ok(expected), "{raw}");
        }
    }

    #[test]
    fn ambiguous() {
        use PathProblem::*;
        for (raw, expected) in [
            ("", NoLeadingSlash),
            ("*", NoLeadingSlash),
            ("a/b", NoLeadingSlash),
            ("http://a/b", NoLeadingSlash),
            ("%2Fa", NoLeadingSlash),
            ("/a b", RawCharacter),
            ("/a\tb", RawCharacter),
            ("/a\0", RawCharacter),
            ("/a\r\n", RawCharacter),
            ("/a\x7f", RawCharacter),
            ("/café", RawCharacter),
            ("/a?b", RawCharacter),
            ("/a#b", RawCharacter),
            ("/a\\b", Backslash),
            ("/a%5cb", Backslash),
            ("/a%5Cb", Backslash),
            ("/..\\admin", Backslash),
            ("/%", Escape(EscapeProblem::Malformed)),
            ("/%4", Escape(EscapeProblem::Malformed)),
            ("/%zz", Escape(EscapeProblem::Malformed)),
            ("/%u002e", Escape(EscapeProblem::Malformed)),
            ("/%c0%af", Escape(EscapeProblem::NotUtf8)),
            ("/%c0%ae%c0%ae/", Escape(EscapeProblem::NotUtf8)),
            ("/%e0%80%ae", Escape(EscapeProblem::NotUtf8)),
            ("/%ff", Escape(EscapeProblem::NotUtf8)),
            ("/%ed%a0%80", Escape(EscapeProblem::NotUtf8)),
            ("/a%00", Control),
            ("/a%0d%0aSet-Cookie", Control),
            ("/a%1f", Control),
            ("/a%7F", Control),
            ("/a%c2%85", Control),
            ("//", EmptySegment),
            ("//a", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a//", EmptySegment),
            ("/.", DotSegment),
            ("/..", DotSegment),
            ("/./a", DotSegment),
            ("/a/./b", DotSegment),
            ("/a/../b", DotSegment),
            ("/a/..", DotSegment),
            ("/a/%2e%2e/b", DotSegment),
            ("/a/%2E./b", DotSegment),
            ("/a/.%2e/b", DotSegment),
            ("/a/.%2E", DotSegment),
            ("/%2e/a", DotSegment),
            ("/a%2fb", EncodedSlash),
            ("/a%2Fb", EncodedSlash),
            ("/..%2fadmin", EncodedSlash),
            ("/a%252fb", DoubleEncoding),
            ("/%252e%252e/a", DoubleEncoding),
            ("/%25%32%65", DoubleEncoding),
            ("/%25%32e", DoubleEncoding),
            ("/%2541", DoubleEncoding),
            ("/%25252e", DoubleEncoding),
            ("/a;b", Semicolon),
            ("/a;jsessionid=1", Semicolon),
            ("/..;/admin", Semicolon),
            ("/a%3bb", Semicolon),
        ] {
            assert_eq!(parse(raw), Err(expected), "{raw}");
        }
    }

    #[test]
    fn semicolons_where_allowed() {
        let rules = PathRules { allow_semicolon: true };
        let parse = |raw| CanonicalPath::parse(raw, rules).map(|path| path.as_str().to_owned());
        assert_eq!(parse("/a;color=red/b%3bc").as_deref(), Ok("/a;color=red/b%3Bc"));
        assert_eq!(parse("/;x=1").as_deref(), Ok("/;x=1"));
        for raw in ["/..;/admin", "/.;x/a", "/%2e%2e;/a", "/a/..;x", "/..%3B/a", "/..%3b;/a"] {
            assert_eq!(parse(raw), Err(PathProblem::DotSegment), "{raw}");
        }
        assert_eq!(parse("/;/admin"), Err(PathProblem::EmptySegment));
    }

    #[test]
    fn the_other_spelling() {
        for (raw, expected) in [
            ("/a", None),
            ("/a%20b", None),
            ("/caf%C3%A9", None),
            ("/a%3Fb%23c", None),
            ("/100%25/x", None),
            ("/me%3asecret", Some("/me:secret")),
            ("/a%40b/%28x%29", Some("/a@b/(x)")),
            ("/a%2Cb%20c%3D", Some("/a,b%20c=")),
            ("/%25%3A", Some("/%25:")),
            ("/%2B%21%24%26%27%2A", Some("/+!$&'*")),
        ] {
            let path = CanonicalPath::parse(raw, PathRules::default()).unwrap();
            assert_eq!(path.unescaped().as_ref().map(CanonicalPath::as_str), expected, "{raw}");
        }
    }

    #[test]
    fn segments() {
        for (raw, expected) in
            [("/", vec![""]), ("/a", vec!["a"]), ("/a/", vec!["a", ""]), ("/a/b%20c", vec!["a", "b%20c"])]
        {
            let path = CanonicalPath::parse(raw, PathRules::default()).unwrap();
            assert_eq!(path.segments().collect::<Vec<_>>(), expected);
        }
        assert_eq!(decode_segment("b%20c%C3%A9+"), "b cé+");
        assert_eq!(decode_segment("broken%"), "broken%");
    }

    proptest! {
        #[test]
        fn idempotent(raw in "/?([a-c./;%\\\\{ ]|%[0-9a-fA-F]{2}|%2[eE5fF]|\\PC){0,24}", allow_semicolon: bool) {
            let rules = PathRules { allow_semicolon };
            if let Ok(path) = CanonicalPath::parse(&raw, rules) {
                let again = CanonicalPath::parse(path.as_str(), rules);
                prop_assert_eq!(again.as_ref(), Ok(&path));
                for segment in path.segments() {
                    let decoded = decode_segment(segment);
                    prop_assert!(decoded != "." && decoded != ".." && !decoded.contains(['/', '\\', '\0']));
                }
            }
        }
    }
}
