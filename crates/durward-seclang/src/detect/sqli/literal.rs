//! Strings and numbers, in all the ways databases write them.

use super::lexer::{Lexeme, find_pair, is_blank, symbol};
use super::token::{Kind, Token};

/// A string whose content begins `skip` bytes on, up to a quote that is neither doubled nor behind a backslash. With
/// nothing to skip, the quote that opens it stands before the value.
pub(super) fn string(rest: &[u8], quote: u8, skip: usize) -> Lexeme<'_> {
    let open = (skip > 0).then_some(quote);
    let content = rest.get(skip..).unwrap_or_default();
    match closing(content, quote) {
        Some(end) => quoted(content, end, open, Some(quote), skip + end + 1),
        None => quoted(content, content.len(), open, None, rest.len()),
    }
}

fn closing(content: &[u8], quote: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr(quote, content.get(from..)?)?;
        let (before, after) = content.split_at_checked(at)?;
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 1 {
            from = at + 1;
        } else if after.get(1) == Some(&quote) {
            from = at + 2;
        } else {
            return Some(at);
        }
    }
}

fn quoted(content: &[u8], end: usize, open: Option<u8>, close: Option<u8>, length: usize) -> Lexeme<'_> {
    let text = content.get(..end).unwrap_or(content);
    Lexeme { token: Token::new(Kind::String, text).quoted(open, close), length }
}

/// A string or number that a letter announces; `None` if the letter only begins a word.
pub(super) fn prefixed(rest: &[u8]) -> Option<Lexeme<'_>> {
    match rest {
        [b'E' | b'e' | b'N' | b'n', b'\'', _, ..] => Some(string(rest, b'\'', 2)),
        [b'N' | b'n', ..] => oracle(rest, 1),
        [b'Q' | b'q', ..] => oracle(rest, 0),
        [b'B' | b'b', b'\'', _, ..] => digits_in_quotes(rest, |byte| matches!(byte, b'0' | b'1')),
        [b'X' | b'x', b'\'', _, ..] => digits_in_quotes(rest, |byte| byte.is_ascii_hexdigit()),
        [b'U' | b'u', b'&', b'\'', ..] => {
            let Lexeme { token, length } = string(rest, b'\'', 3);
            Some(Lexeme { token: token.quoted(Some(b'u'), token.close().map(|_| b'u')), length })
        }
        _ => None,
    }
}

/// `q'(..)'` of Oracle, with any byte for the parentheses.
fn oracle(rest: &[u8], skip: usize) -> Option<Lexeme<'_>> {
    let (b'Q' | b'q', b'\'', &delimiter @ b'!'..=127) = (rest.get(skip)?, rest.get(skip + 1)?, rest.get(skip + 2)?)
    else {
        return None;
    };
    let close = match delimiter {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        other => other,
    };
    let content = rest.get(skip + 3..)?;
    Some(match find_pair(content, [close, b'\'']) {
        Some(end) => quoted(content, end, Some(b'q'), Some(b'q'), skip + 3 + end + 2),
        None => quoted(content, content.len(), Some(b'q'), None, rest.len()),
    })
}

fn digits_in_quotes(rest: &[u8], is_digit: impl Fn(u8) -> bool) -> Option<Lexeme<'_>> {
    let content = rest.get(2..)?;
    let end = 2 + span(content, is_digit);
    (rest.get(end) == Some(&b'\'')).then(|| Lexeme::of(rest, Kind::Number, end + 1))
}

/// How many bytes are digits. NUL passes for one in libinjection, which asks strchr.
fn span(text: &[u8], is_digit: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| *byte != 0 && !is_digit(*byte)).unwrap_or(text.len())
}

/// `$1,000.00`, `$$..$$` and `$tag$..$tag$`; `None` if it begins a word.
pub(super) fn dollar(rest: &[u8]) -> Option<Lexeme<'_>> {
    let after = rest.get(1..).unwrap_or_default();
    let lone = || symbol(rest, Kind::Bareword);
    let digits = span(after, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    if digits == 1 && after.first() == Some(&b'.') {
        return None;
    }
    if digits > 0 {
        return Some(Lexeme::of(rest, Kind::Number, 1 + digits));
    }
    let tag = span(after, |byte| byte.is_ascii_alphabetic());
    if after.get(tag) != Some(&b'$') {
        return Some(lone());
    }
    let Some((mark, content)) = rest.split_at_checked(tag + 2) else { return Some(lone()) };
    Some(match memchr::memmem::find(content, mark) {
        Some(end) => quoted(content, end, Some(b'$'), Some(b'$'), end + 2 * mark.len()),
        None => quoted(content, content.len(), Some(b'$'), None, rest.len()),
    })
}

/// `12`, `1.5e3`, `0x1F`, `0b01`, `1.5f`; and what only begins like one: `.`, `0x`, `1e`.
pub(super) fn number(rest: &[u8]) -> Lexeme<'_> {
    if let [b'0', radix @ (b'X' | b'x' | b'B' | b'b'), digits @ ..] = rest {
        let binary = matches!(radix, b'B' | b'b');
        let count = span(digits, |byte| if binary { matches!(byte, b'0' | b'1') } else { byte.is_ascii_hexdigit() });
        return Lexeme::of(rest, if count == 0 { Kind::Bareword } else { Kind::Number }, 2 + count);
    }
    let mut end = decimals(rest, 0);
    if rest.get(end) == Some(&b'.') {
        end = decimals(rest, end + 1);
        if end == 1 {
            return symbol(rest, Kind::Dot);
        }
    }
    let mut kind = Kind::Number;
    if let Some(b'E' | b'e') = rest.get(end) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        end = decimals(rest, exponent);
        // 1e or 1e+ is a word.
        if end == exponent {
            kind = Kind::Bareword;
        }
    }
    Lexeme::of(rest, kind, end + usize::from(has_suffix(rest.get(end..).unwrap_or_default())))
}

/// Whether it is what [`number`] makes of `1e`: a word, though it begins like a number.
pub(super) fn lacks_exponent(token: &Token<'_>) -> bool {
    token.kind() == Kind::Bareword
        && token.open().is_none()
        && match *token.text() {
            [b'0', b'X' | b'x' | b'B' | b'b'] => false,
            [first, ..] => first.is_ascii_digit() || first == b'.',
            [] => false,
        }
}

/// Where the digits from a place on end.
fn decimals(rest: &[u8], from: usize) -> usize {
    let digits = rest.get(from..).unwrap_or_default();
    from + digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len())
}

/// Whether the type of an Oracle number follows. In `1fUNION` it does, in `1FROM` not.
fn has_suffix(rest: &[u8]) -> bool {
    match rest {
        [b'D' | b'd' | b'F' | b'f'] => true,
        [b'D' | b'd' | b'F' | b'f', next, ..] => is_blank(*next) || matches!(next, b';' | b'U' | b'u'),
        _ => false,
    }
}
