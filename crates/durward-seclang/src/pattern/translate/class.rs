//! Bracket expressions: read to the end, and written again as a set of bytes.

use std::fmt::Write as _;

use super::escape::{self, is_octal, octal};
use super::{Cursor, Translator};
use crate::byteset::ByteSet;

/// What one element of a class stands for.
enum Element {
    Byte(u8),
    Set(ByteSet),
}

impl Translator<'_> {
    /// A class, once its `[` has been read.
    pub(super) fn class(&mut self) -> Result<(), String> {
        let negated = self.input.eat(b"^");
        let mut set = ByteSet::EMPTY;
        let mut first = true;
        loop {
            let byte = self.input.next().ok_or("a class is not closed")?;
            if byte == b']' && !first {
                break;
            }
            first = false;
            match element(byte, &mut self.input)? {
                Element::Set(bytes) => set = set.union(bytes),
                Element::Byte(start) => match range_end(&mut self.input)? {
                    None => set = set.with(start),
                    Some(end) if start <= end => set = set.union(ByteSet::range(start, end)),
                    Some(_) => return Err("a range in a class is out of order".to_owned()),
                },
            }
        }
        self.set(negated, set);
        Ok(())
    }

    /// Writes a set of bytes as a class. The negation stays outside: with `(?i)` it applies after the case was folded.
    pub(super) fn set(&mut self, negated: bool, set: ByteSet) {
        let text = write_class(negated, set);
        self.emit(&text);
    }
}

/// The end of a range, when `-` and a byte follow. A `-` before `]` or before a set stands for itself.
fn range_end(input: &mut Cursor<'_>) -> Result<Option<u8>, String> {
    let mut ahead = *input;
    if !ahead.eat(b"-") {
        return Ok(None);
    }
    match ahead.next() {
        None | Some(b']') => Ok(None),
        Some(byte) => match element(byte, &mut ahead)? {
            Element::Set(_) => Ok(None),
            Element::Byte(end) => {
                *input = ahead;
                Ok(Some(end))
            }
        },
    }
}

fn element(byte: u8, input: &mut Cursor<'_>) -> Result<Element, String> {
    match byte {
        b'[' => named(input),
        b'\\' => {
            let letter = input.next().ok_or("a class is not closed")?;
            match letter {
                b'1'..=b'7' => Ok(Element::Byte(octal(u32::from(letter - b'0'), input.take_while(2, is_octal))?)),
                b'8' | b'9' => Ok(Element::Byte(letter)),
                b'b' => Ok(Element::Byte(0x08)),
                _ => match (escape::byte(letter, input)?, escape::set(letter)) {
                    (Some(byte), _) => Ok(Element::Byte(byte)),
                    (None, Some(set)) => Ok(Element::Set(set)),
                    (None, None) => Err(format!("`\\{}` is no escape in a class", char::from(letter))),
                },
            }
        }
        byte => Ok(Element::Byte(byte)),
    }
}

/// `[:name:]` and `[:^name:]`; any other `[` stands for itself.
fn named(input: &mut Cursor<'_>) -> Result<Element, String> {
    let mut ahead = *input;
    if !ahead.eat(b":") {
        return Ok(Element::Byte(b'['));
    }
    let negated = ahead.eat(b"^");
    let name = ahead.take_while(8, |byte| byte.is_ascii_alphabetic());
    if !ahead.eat(b":]") {
        return Ok(Element::Byte(b'['));
    }
    let belongs: fn(u8) -> bool = match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"ascii" => |byte| byte.is_ascii(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"word" => |byte| byte.is_ascii_alphanumeric() || byte == b'_',
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return Err(format!("`[:{}:]` is no class", name.escape_ascii())),
    };
    *input = ahead;
    let set: ByteSet = (0..=u8::MAX).filter(|byte| belongs(*byte)).collect();
    Ok(Element::Set(if negated { set.complement() } else { set }))
}

fn write_class(negated: bool, set: ByteSet) -> String {
    if set.is_empty() {
        // `regex-syntax` has no way to write an empty class.
        return write_class(!negated, ByteSet::ALL);
    }
    let mut text = String::from(if negated { "[^" } else { "[" });
    let mut bytes = set.iter().peekable();
    while let Some(start) = bytes.next() {
        let mut end = start;
        while let Some(next) = bytes.next_if(|next| end.checked_add(1) == Some(*next)) {
            end = next;
        }
        push_member(&mut text, start);
        if end > start {
            if end - start > 1 {
                text.push('-');
            }
            push_member(&mut text, end);
        }
    }
    text.push(']');
    text
}

fn push_member(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        text.push(char::from(byte));
    } else {
        let _ = write!(text, "\\x{byte:02X}");
    }
}
