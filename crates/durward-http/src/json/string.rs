//! Unescaping of strings that the reader accepted.

use std::borrow::Cow;

/// Four hexadecimal digits as a code unit.
pub(super) fn code_unit(digits: &[u8]) -> Option<u16> {
    let [a, b, c, d, ..] = digits else { return None };
    [a, b, c, d].into_iter().try_fold(0_u16, |unit, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some((unit << 4) | u16::try_from(value).ok()?)
    })
}

/// Joins a surrogate pair.
pub(super) fn join(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next()?.ok()
}

/// What stands between the quotes, unescaped. Borrowed where there is nothing to unescape.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, tail)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, width) = escape(tail.as_bytes());
        text.push(character);
        rest = tail.get(width..).unwrap_or_default();
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// One escape after its backslash, and how many bytes it takes.
fn escape(tail: &[u8]) -> (char, usize) {
    let short = match tail.first() {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode_escape(tail),
        Some(other) => char::from(*other),
        None => char::REPLACEMENT_CHARACTER,
    };
    (short, 1)
}

fn unicode_escape(tail: &[u8]) -> (char, usize) {
    // The reader refused whatever would end in a replacement character here.
    let high = tail.get(1..).and_then(code_unit).unwrap_or(0xfffd);
    match char::from_u32(u32::from(high)) {
        Some(character) => (character, 5),
        None => {
            let low = tail.get(7..).and_then(code_unit).unwrap_or(0xfffd);
            (join(high, low).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
    }
}
