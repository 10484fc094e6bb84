//! Header fields: read once, read whole, or not at all.
//!
//! A field that comes twice where one is meant is how `x-role: user` hides `x-role: admin` (Envoy CVE-2026-26308), so
//! nothing here picks the first or the last.

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue};
use smallvec::SmallVec;

/// Why a field cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// More than one line of a field that is single.
    #[error("the header field is given more than once")]
    Repeated,
    /// A byte outside of visible ASCII, space and tab.
    #[error("the header field is not ASCII text")]
    NotText,
    /// More list elements than the limit, counting empty ones.
    #[error("the header field has more than {0} elements")]
    TooMany(usize),
    /// A quoted string without its end.
    #[error("the header field has a quoted string without its end")]
    Quote,
}

/// The value of a field that may come once.
///
/// # Errors
/// [`FieldProblem::Repeated`] where it comes more often, even with equal values.
pub fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&HeaderValue>, FieldProblem> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(FieldProblem::Repeated) } else { Ok(first) }
}

/// The text of a field that may come once.
///
/// # Errors
/// As [`single`], and [`FieldProblem::NotText`].
pub fn single_text(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&str>, FieldProblem> {
    single(headers, name)?.map(text).transpose()
}

/// The value as ASCII text.
///
/// # Errors
/// [`FieldProblem::NotText`].
pub fn text(value: &HeaderValue) -> Result<&str, FieldProblem> {
    value.to_str().map_err(|_| FieldProblem::NotText)
}

/// The elements of a comma-separated list (RFC 9110 section 5.6.1), trimmed, without empty ones. Commas in quoted strings
/// do not separate. At most `most` elements, counting empty ones.
///
/// # Errors
/// [`FieldProblem::TooMany`] and [`FieldProblem::Quote`].
pub fn list(value: &str, most: usize) -> Result<SmallVec<[&str; 4]>, FieldProblem> {
    split(value, ',', most)
}

/// The elements of all lines of a field, as one list.
///
/// # Errors
/// As [`list`], and [`FieldProblem::NotText`].
pub fn list_all(headers: &HeaderMap, name: impl AsHeaderName, most: usize) -> Result<Vec<&str>, FieldProblem> {
    let mut elements = Vec::new();
    for line in headers.get_all(name) {
        let left = most.saturating_sub(elements.len());
        let line = split(text(line)?, ',', left).map_err(|problem| match problem {
            FieldProblem::TooMany(_) => FieldProblem::TooMany(most),
            other => other,
        })?;
        elements.extend(line);
    }
    Ok(elements)
}

/// Whether the text is a token (RFC 9110 section 5.6.2).
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

pub(crate) const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+')
        || matches!(byte, b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

/// Splits on a separator outside of quoted strings; trims; drops empty pieces.
pub(crate) fn split(value: &str, separator: char, most: usize) -> Result<SmallVec<[&str; 4]>, FieldProblem> {
    let (mut in_quotes, mut after_backslash, mut pieces) = (false, false, 0_usize);
    let mut elements = SmallVec::new();
    let splitter = |character: char| {
        match character {
            _ if after_backslash => after_backslash = false,
            '\\' if in_quotes => after_backslash = true,
            '"' => in_quotes = !in_quotes,
            other => return other == separator && !in_quotes,
        }
        false
    };
    for piece in value.split(splitter) {
        pieces += 1;
        if pieces > most && !value.is_empty() {
            return Err(FieldProblem::TooMany(most));
        }
        let piece = piece.trim_matches([' ', '\t']);
        if !piece.is_empty() {
            elements.push(piece);
        }
    }
    if in_quotes { Err(FieldProblem::Quote) } else { Ok(elements) }
}

/// Reads `token` or `"quoted string"` (RFC 9110 section 5.6.4) that takes up all of the text.
pub(crate) fn token_or_quoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return is_token(text).then(|| text.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    let mut value = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => value.push(characters.next().filter(|next| is_quotable(*next))?),
            other if is_quotable(other) => value.push(other),
            _ => return None,
        }
    }
    Some(value)
}

const fn is_quotable(character: char) -> bool {
    matches!(character, ' '..='~')
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{FieldProblem, is_token, list, list_all, single, single_text, token_or_quoted};

    #[test]
    fn lists() {
        for (value, most, expected) in [
            ("", 0, Ok(vec![])),
            ("a", 1, Ok(vec!["a"])),
            ("a, b\t,c", 3, Ok(vec!["a", "b", "c"])),
            (",a,,b,", 5, Ok(vec!["a", "b"])),
            (r#"a="x,y", b"#, 2, Ok(vec![r#"a="x,y""#, "b"])),
            (r#""a\",b",c"#, 2, Ok(vec![r#""a\",b""#, "c"])),
            (r#""a\\",c"#, 2, Ok(vec![r#""a\\""#, "c"])),
            (r"a\,b", 2, Ok(vec![r"a\", "b"])),
            ("a,b,c", 2, Err(FieldProblem::TooMany(2))),
            (",,,", 2, Err(FieldProblem::TooMany(2))),
            (r#"a="x,y"#, 9, Err(FieldProblem::Quote)),
        ] {
            assert_eq!(list(value, most).map(|elements| elements.to_vec()), expected, "{value}");
        }
    }

    #[test]
    fn maps() {
        let mut headers = HeaderMap::new();
        headers.append("one", HeaderValue::from_static("1"));
        headers.append("two", HeaderValue::from_static("a, b"));
        headers.append("two", HeaderValue::from_static("c"));
        headers.append("raw", HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(single(&headers, "none"), Ok(None));
        assert_eq!(single_text(&headers, "one"), Ok(Some("1")));
        assert_eq!(single_text(&headers, "raw"), Err(FieldProblem::NotText));
        assert_eq!(single(&headers, "two"), Err(FieldProblem::Repeated));
        assert_eq!(list_all(&headers, "two", 3), Ok(vec!["a", "b", "c"]));
        assert_eq!(list_all(&headers, "two", 2), Err(FieldProblem::TooMany(2)));
        assert_eq!(list_all(&headers, "raw", 2), Err(FieldProblem::NotText));
    }

    #[test]
    fn tokens() {
        for (text, expected) in [("", false), ("a", true), ("x-Y_1", true), ("a b", false), ("a:", false), ("é", false)]
        {
            assert_eq!(is_token(text), expected, "{text}");
        }
        for (text, expected) in [
            ("a", Some("a")),
            (r#""""#, Some("")),
            (r#""a b""#, Some("a b")),
            (r#""a\"b\\""#, Some(r#"a"b\"#)),
            ("", None),
            ("a b", None),
            (r#"""#, None),
            (r#""a"b""#, None),
            (r#""a\""#, None),
            ("\"\u{7f}\"", None),
            ("\"é\"", None),
        ] {
            assert_eq!(token_or_quoted(text).as_deref(), expected, "{text}");
        }
    }
}
