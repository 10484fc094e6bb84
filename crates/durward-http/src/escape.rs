//! Percent escapes (RFC 3986 section 2.1), read one character at a time.
//!
//! Path, query and form share this reader, so that they cannot disagree on what an escape means. It never guesses: an
//! escape that is not two hexadecimal digits, or escapes that do not add up to UTF-8, are errors.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Why escapes cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EscapeProblem {
    /// A `%` that two hexadecimal digits do not follow. Decoders disagree: some keep it, some drop it, some read it as
    /// `%uXXXX`.
    #[error("a `%` is not followed by two hexadecimal digits")]
    Malformed,
    /// The decoded bytes are not UTF-8. Over-long forms hide `/` and `.` from filters (CVE-2000-0884, CVE-2008-2938).
    #[error("the escapes do not decode to UTF-8")]
    NotUtf8,
    /// `%00`. It ends the text for whatever is written in C further on.
    #[error("an escaped NUL byte")]
    Nul,
}

/// Decodes one component: a name, a value or a path segment. With `plus_is_space`, `+` is a space (queries and forms).
///
/// # Errors
/// Malformed escapes, text that is not UTF-8, and NUL.
pub fn decode_component(raw: &str, plus_is_space: bool) -> Result<Cow<'_, str>, EscapeProblem> {
    let Some(mut at) = find(raw, plus_is_space) else { return Ok(Cow::Borrowed(raw)) };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let (plain, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        text.push_str(plain);
        rest = if let Some(after) = tail.strip_prefix('+') {
            text.push(' ');
            after
        } else {
            let (decoded, width) = escaped_char(tail.as_bytes())?;
            if decoded == '\0' {
                return Err(EscapeProblem::Nul);
            }
            text.push(decoded);
            tail.get(width..).unwrap_or_default()
        };
        match find(rest, plus_is_space) {
            Some(next) => at = next,
            None => break,
        }
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

/// Checks what [`decode_component`] would find, without decoding.
pub(crate) fn check(raw: &str) -> Result<(), EscapeProblem> {
    let mut rest = raw.as_bytes();
    while let Some(tail) = memchr(b'%', rest).and_then(|at| rest.get(at..)) {
        let (decoded, width) = escaped_char(tail)?;
        if decoded == '\0' {
            return Err(EscapeProblem::Nul);
        }
        rest = tail.get(width..).unwrap_or_default();
    }
    Ok(())
}

/// Reads the character whose escapes start `text`; gives it and how many bytes of text it took.
pub(crate) fn escaped_char(text: &[u8]) -> Result<(char, usize), EscapeProblem> {
    let first = escaped_byte(text).ok_or(EscapeProblem::Malformed)?;
    let width = match first {
        0..=0x7f => return Ok((char::from(first), 3)),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Err(EscapeProblem::NotUtf8),
    };
    let mut bytes = [0_u8; 4];
    for (index, slot) in bytes.iter_mut().enumerate().take(width) {
        let escape = text.get(index * 3..).unwrap_or_default();
        let problem = if escape.first() == Some(&b'%') { EscapeProblem::Malformed } else { EscapeProblem::NotUtf8 };
        *slot = escaped_byte(escape).ok_or(problem)?;
    }
    let decoded = bytes.get(..width).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let decoded = decoded.and_then(|text| text.chars().next()).ok_or(EscapeProblem::NotUtf8)?;
    Ok((decoded, width * 3))
}

/// Writes the escapes of one character, with upper-case digits.
pub(crate) fn push_escaped(text: &mut String, character: char) {
    let mut buffer = [0_u8; 4];
    for byte in character.encode_utf8(&mut buffer).bytes() {
        text.push('%');
        text.push(upper_hex(byte >> 4));
        text.push(upper_hex(byte & 0x0f));
    }
}

fn find(text: &str, plus_is_space: bool) -> Option<usize> {
    if plus_is_space { memchr2(b'%', b'+', text.as_bytes()) } else { memchr(b'%', text.as_bytes()) }
}

fn escaped_byte(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', high, low, ..] => Some((hex_value(*high)? << 4) | hex_value(*low)?),
        _ => None,
    }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn upper_hex(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{EscapeProblem, check, decode_component};

    #[test]
    fn decodes() {
        for (raw, plus, expected) in [
            ("", false, ""),
            ("abc", true, "abc"),
            ("a+b", false, "a+b"),
            ("a+b", true, "a b"),
            ("a%2Bb", true, "a+b"),
            ("%41%62", false, "Ab"),
            ("caf%C3%A9", false, "café"),
            ("%e2%82%ac1", false, "€1"),
            ("%F0%9F%98%80", false, "😀"),
            ("%252e", false, "%2e"),
            ("é%20é", false, "é é"),
            ("+%20+", true, "   "),
        ] {
            assert_eq!(decode_component(raw, plus).as_deref(), Ok(expected), "{raw}");
            assert_eq!(check(raw), Ok(()), "{raw}");
        }
        assert!(matches!(decode_component("plain", true), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn refuses() {
        use EscapeProblem::{Malformed, NotUtf8, Nul};
        for (raw, expected) in [
            ("%", Malformed),
            ("%2", Malformed),
            ("%zz", Malformed),
            ("%u0041", Malformed),
            ("%+1", Malformed),
            ("a%", Malformed),
            ("%é1", Malformed),
            ("%C3%", Malformed),
            ("%C3", NotUtf8),
            ("%C3x%A9", NotUtf8),
            ("%A9", NotUtf8),
            ("%C0%AF", NotUtf8),
            ("%E0%80%AF", NotUtf8),
            ("%ED%A0%80", NotUtf8),
            ("%F4%90%80%80", NotUtf8),
            ("%FF", NotUtf8),
            ("a%00b", Nul),
        ] {
            assert_eq!(decode_component(raw, false), Err(expected), "{raw}");
            assert_eq!(check(raw), Err(expected), "{raw}");
        }
    }
}
