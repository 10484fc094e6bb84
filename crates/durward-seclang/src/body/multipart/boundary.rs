//! The boundary that a `Content-Type` names, and what is odd about it.

use super::super::MultipartFlags;
use super::is_space;

/// What the field says.
pub(super) struct Boundary<'a> {
    /// The boundary. It is also there with an error when other readers would find one: the parts are then looked at.
    pub(super) value: Option<&'a [u8]>,
    pub(super) error: Option<&'static str>,
}

/// Reads the value of the field.
pub(super) fn read<'a>(content_type: &'a [u8], flags: &mut MultipartFlags) -> Boundary<'a> {
    match strict(content_type, flags) {
        Ok(value) => Boundary { value: Some(value), error: None },
        Err(error) => Boundary { value: guess(content_type), error: Some(error) },
    }
}

fn strict<'a>(content_type: &'a [u8], flags: &mut MultipartFlags) -> Result<&'a [u8], &'static str> {
    if content_type.is_empty() {
        return Err("Multipart: Content-Type header not available.");
    }
    if content_type.len() > LONGEST {
        return Err("Multipart: Invalid boundary in C-T (length).");
    }
    let Some((essence, parameters)) =
        content_type.split_at_checked(ESSENCE.len()).filter(|(essence, _)| essence.eq_ignore_ascii_case(ESSENCE))
    else {
        return Err("Multipart: Invalid MIME type.");
    };
    debug_assert_eq!(essence.len(), ESSENCE.len());
    let mentions = mentions(content_type);
    if mentions > 1 {
        return Err("Multipart: Multiple boundary parameters in C-T.");
    }
    let Some((before, after)) = split(parameters, b"boundary") else {
        return Err(if mentions > 0 {
            "Multipart: Invalid boundary in C-T (case sensitivity)."
        } else {
            "Multipart: Boundary not found in C-T."
        });
    };
    let mut semicolons = before.iter().filter(|byte| !is_space(**byte));
    match (semicolons.next(), semicolons.next()) {
        (None, _) => flags.missing_semicolon = true,
        (Some(b';'), None) => {}
        _ => return Err("Multipart: Invalid boundary in C-T (malformed)."),
    }
    let (between, value) = split(after, b"=").ok_or("Multipart: Invalid boundary in C-T (malformed).")?;
    if !between.iter().copied().all(is_space) {
        return Err("Multipart: Invalid boundary in C-T (parameter name).");
    }
    let trimmed = trim_start(value);
    flags.boundary_whitespace |= !between.is_empty() || trimmed.len() < value.len();
    let boundary = match trimmed {
        [b'"', inner @ .., b'"'] => {
            flags.boundary_quoted = true;
            inner
        }
        [b'"', ..] | [.., b'"'] => return Err("Multipart: Invalid boundary in C-T (quote)."),
        plain => plain,
    };
    if self::mentions(boundary) > 0 {
        return Err("Multipart: Invalid boundary in C-T (content).");
    }
    // Some clients put a charset after the boundary.
    let boundary =
        if is_valid(boundary) { boundary } else { split(boundary, b";").map_or(boundary, |(first, _)| first) };
    match boundary {
        [] => Err("Multipart: Invalid boundary in C-T (empty)."),
        _ if !is_valid(boundary) => Err("Multipart: Invalid boundary in C-T (characters)."),
        _ => Ok(boundary),
    }
}

/// What a reader takes that looks for the parameter and does not care for the rest.
fn guess(content_type: &[u8]) -> Option<&[u8]> {
    let content_type = content_type.get(..LONGEST).unwrap_or(content_type);
    let at = content_type.windows(8).position(|window| window.eq_ignore_ascii_case(b"boundary"))?;
    let (between, value) = split(content_type.get(at + 8..)?, b"=")?;
    if !between.iter().copied().all(is_space) {
        return None;
    }
    let boundary = match trim_start(value) {
        [b'"', quoted @ ..] => split(quoted, b"\"").map_or(quoted, |(inner, _)| inner),
        plain => plain.split(|byte| *byte == b';' || is_space(*byte)).next().unwrap_or_default(),
    };
    // Of a line end or a NUL in it no line could be one.
    (!boundary.is_empty() && !boundary.iter().any(|byte| matches!(byte, b'\n' | b'\0'))).then_some(boundary)
}

/// How often the word stands there, an equals sign somewhere after it.
fn mentions(value: &[u8]) -> usize {
    let last_equals = memchr::memrchr(b'=', value).unwrap_or(0);
    let before = value.get(..last_equals).unwrap_or_default();
    before.windows(8).filter(|window| window.eq_ignore_ascii_case(b"boundary")).count()
}

/// RFC 2046 section 5.1.1.
fn is_valid(boundary: &[u8]) -> bool {
    boundary.last() != Some(&b' ')
        && boundary.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b' ' | b'\'' | b'(' | b')' | b'+' | b'_' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?'
                )
        })
}

fn trim_start(value: &[u8]) -> &[u8] {
    let spaces = value.iter().take_while(|byte| is_space(**byte)).count();
    value.get(spaces..).unwrap_or_default()
}

/// What stands before and after the first of these words.
fn split<'a>(value: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(value, word)?;
    Some((value.get(..at)?, value.get(at + word.len()..)?))
}

const ESSENCE: &[u8] = b"multipart/form-data";
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::super::super::MultipartFlags;
    use super::read;

    /// The boundary, the letters of the flags, the error in its brackets.
    fn seen(content_type: &str) -> (Option<String>, String, Option<&'static str>) {
        let mut flags = MultipartFlags::default();
        let boundary = read(content_type.as_bytes(), &mut flags);
        let letters = [(flags.boundary_quoted, 'q'), (flags.boundary_whitespace, 'w'), (flags.missing_semicolon, 's')];
        let value = boundary.value.map(|value| String::from_utf8_lossy(value).into_owned());
        (value, letters.iter().filter(|(set, _)| *set).map(|(_, letter)| *letter).collect(), boundary.error)
    }

    #[test]
    fn reads() {
        let fault = |what| Some(what);
        let long = format!("multipart/form-data; boundary={}", "x".repeat(1000));
        for (content_type, value, flags, error) in [
            ("multipart/form-data; boundary=abc", Some("abc"), "", None),
            ("Multipart/Form-Data;boundary=a'()+_,-./:=?b", Some("a'()+_,-./:=?b"), "", None),
            ("multipart/form-data; boundary=\"abc\"", Some("abc"), "q", None),
            ("multipart/form-data; boundary=\"a b\"", Some("a b"), "q", None),
            ("multipart/form-data; boundary=a b", Some("a b"), "", None),
            ("multipart/form-data boundary=abc", Some("abc"), "s", None),
            ("multipart/form-data; boundary =abc", Some("abc"), "w", None),
            ("multipart/form-data; boundary= abc", Some("abc"), "w", None),
            ("multipart/form-data; boundary= \"abc\"", Some("abc"), "qw", None),
            ("multipart/form-data; boundary=abc; charset=utf-8", Some("abc"), "", None),
            ("", None, "", fault("Multipart: Content-Type header not available.")),
            (&long, Some(&*"x".repeat(994)), "", fault("Multipart: Invalid boundary in C-T (length).")),
            ("multipart/mixed; boundary=abc", Some("abc"), "", fault("Multipart: Invalid MIME type.")),
            ("application/json", None, "", fault("Multipart: Invalid MIME type.")),
            ("multipart/form-data", None, "", fault("Multipart: Boundary not found in C-T.")),
            (
                "multipart/form-data; Boundary=abc",
                Some("abc"),
                "",
                fault("Multipart: Invalid boundary in C-T (case sensitivity)."),
            ),
            (
                "multipart/form-data; boundary=a; boundary=b",
                Some("a"),
                "",
                fault("Multipart: Multiple boundary parameters in C-T."),
            ),
            (
                "multipart/form-data; charset=x; boundary=abc",
                Some("abc"),
                "",
                fault("Multipart: Invalid boundary in C-T (malformed)."),
            ),
            (
                "multipart/form-data;; boundary=abc",
                Some("abc"),
                "",
                fault("Multipart: Invalid boundary in C-T (malformed)."),
            ),
            ("multipart/form-data; boundary", None, "", fault("Multipart: Invalid boundary in C-T (malformed).")),
            (
                "multipart/form-data; boundaryx=abc",
                None,
                "",
                fault("Multipart: Invalid boundary in C-T (parameter name)."),
            ),
            (
                "multipart/form-data; boundary=\"abc",
                Some("abc"),
                "",
                fault("Multipart: Invalid boundary in C-T (quote)."),
            ),
            (
                "multipart/form-data; boundary=abc\"",
                Some("abc\""),
                "",
                fault("Multipart: Invalid boundary in C-T (quote)."),
            ),
            (
                "multipart/form-data; boundary=\"abc\"; x=y",
                Some("abc"),
                "",
                fault("Multipart: Invalid boundary in C-T (quote)."),
            ),
            ("multipart/form-data; boundary=", None, "", fault("Multipart: Invalid boundary in C-T (empty).")),
            ("multipart/form-data; boundary=\"\"", None, "q", fault("Multipart: Invalid boundary in C-T (empty).")),
            ("multipart/form-data; boundary=;", None, "", fault("Multipart: Invalid boundary in C-T (empty).")),
            (
                "multipart/form-data; boundary=a&b",
                Some("a&b"),
                "",
                fault("Multipart: Invalid boundary in C-T (characters)."),
            ),
            (
                "multipart/form-data; boundary=ab ",
                Some("ab"),
                "",
                fault("Multipart: Invalid boundary in C-T (characters)."),
            ),
        ] {
            assert_eq!(seen(content_type), (value.map(str::to_owned), flags.to_owned(), error), "{content_type}");
        }
    }
}
