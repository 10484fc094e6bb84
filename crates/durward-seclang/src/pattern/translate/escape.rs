//! What stands behind a backslash, outside and inside of classes.

use super::{Cursor, Translator};
use crate::byteset::ByteSet;

const DIGITS: ByteSet = ByteSet::range(b'0', b'9');
const WORD: ByteSet = DIGITS.union(ByteSet::range(b'a', b'z')).union(ByteSet::range(b'A', b'Z')).with(b'_');
const SPACE: ByteSet = ByteSet::of(b" \t\n\x0b\x0c\r");
const HORIZONTAL: ByteSet = ByteSet::of(b" \t\xa0");
const VERTICAL: ByteSet = ByteSet::of(b"\n\x0b\x0c\r\x85");

/// The bytes of `\d`, `\w`, `\s`, `\h`, `\v`, `\N` and of their opposites.
pub(super) const fn set(letter: u8) -> Option<ByteSet> {
    Some(match letter {
        b'd' => DIGITS,
        b'D' => DIGITS.complement(),
        b'w' => WORD,
        b'W' => WORD.complement(),
        b's' => SPACE,
        b'S' => SPACE.complement(),
        b'h' => HORIZONTAL,
        b'H' => HORIZONTAL.complement(),
        b'v' => VERTICAL,
        b'V' => VERTICAL.complement(),
        b'N' => ByteSet::of(b"\n").complement(),
        b'C' => ByteSet::ALL,
        _ => return None,
    })
}

/// The byte that an escape stands for, once its letter has been read; `None` when it does not stand for one byte.
pub(super) fn byte(letter: u8, input: &mut Cursor<'_>) -> Result<Option<u8>, String> {
    Ok(Some(match letter {
        b'a' => 0x07,
        b'e' => 0x1b,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'c' => input.next().ok_or("`\\c` needs a letter")?.to_ascii_uppercase() ^ 0x40,
        b'x' => hexadecimal(input)?,
        b'0' => octal(0, input.take_while(2, is_octal))?,
        b'o' if input.eat(b"{") => octal(0, input.until(b'}').ok_or("`\\o{` is not closed")?)?,
        letter if letter.is_ascii_alphanumeric() => return Ok(None),
        literal => literal,
    }))
}

pub(super) const fn is_octal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'7')
}

/// The byte of octal digits behind a first part.
pub(super) fn octal(first: u32, digits: &[u8]) -> Result<u8, String> {
    let mut value = first;
    for digit in digits {
        let digit = char::from(*digit).to_digit(8).ok_or("`\\o{..}` takes octal digits")?;
        value = value.saturating_mul(8).saturating_add(digit);
    }
    u8::try_from(value).map_err(|_| format!("the octal escape of {value} is not a byte"))
}

fn hexadecimal(input: &mut Cursor<'_>) -> Result<u8, String> {
    let digits = if input.eat(b"{") {
        input.until(b'}').ok_or("`\\x{` is not closed")?
    } else {
        input.take_while(2, |byte| byte.is_ascii_hexdigit())
    };
    let mut value = 0_u32;
    for digit in digits {
        let digit = char::from(*digit).to_digit(16).ok_or("`\\x{..}` takes hexadecimal digits")?;
        value = value.saturating_mul(16).saturating_add(digit);
    }
    u8::try_from(value).map_err(|_| format!("`\\x{{{value:x}}}` is not a byte"))
}

impl Translator<'_> {
    /// An escape outside of a class.
    pub(super) fn escape(&mut self) -> Result<(), String> {
        let letter = self.input.next().ok_or("the pattern ends in a backslash")?;
        if letter.is_ascii_digit() && letter != b'0' {
            return self.numbered(letter);
        }
        if let Some(byte) = byte(letter, &mut self.input)? {
            self.literal(byte);
            return Ok(());
        }
        if let Some(set) = set(letter) {
            self.set(false, set);
            return Ok(());
        }
        match letter {
            b'b' | b'B' | b'A' | b'z' => self.emit(&format!("\\{}", char::from(letter))),
            b'G' => self.emit("\\A"),
            b'Z' => self.before_last_newline(),
            b'R' => self.emit("(?:\\r\\n|[\\n\\x0B\\f\\r\\x85])"),
            b'K' => self.emit_exact("\\K", ""),
            b'E' => {}
            b'Q' => self.quoted(),
            b'g' => return self.group_escape(),
            b'k' => {
                let end = match self.input.next() {
                    Some(b'<') => b'>',
                    Some(b'{') => b'}',
                    Some(b'\'') => b'\'',
                    _ => return Err("`\\k` needs a name".to_owned()),
                };
                let name = self.input.until(end).ok_or("the name behind `\\k` is not closed")?;
                return self.refer_to_name(name);
            }
            b'p' | b'P' | b'X' => {
                return Err(format!("`\\{}` needs Unicode, and patterns see bytes", char::from(letter)));
            }
            _ => return Err(format!("`\\{}` is not an escape", char::from(letter))),
        }
        Ok(())
    }

    /// `\1`: a back-reference when it can be one, else octal.
    fn numbered(&mut self, first: u8) -> Result<(), String> {
        let mut ahead = self.input;
        let more = ahead.take_while(3, |byte| byte.is_ascii_digit());
        let number =
            more.iter().fold(usize::from(first - b'0'), |number, digit| number * 10 + usize::from(digit - b'0'));
        if number < 10 || number <= self.groups {
            self.input = ahead;
            return self.refer_to(number);
        }
        if !is_octal(first) {
            return Err(format!("there is no group {number}"));
        }
        let digits = self.input.take_while(2, is_octal);
        let byte = octal(u32::from(first - b'0'), digits)?;
        self.literal(byte);
        Ok(())
    }

    /// `\g1`, `\g{1}`, `\g{-1}`, `\g{name}`.
    fn group_escape(&mut self) -> Result<(), String> {
        let braced = self.input.eat(b"{");
        let text = if braced {
            self.input.until(b'}').ok_or("`\\g{` is not closed")?
        } else {
            self.input.take_while(4, |byte| byte.is_ascii_digit() || byte == b'-')
        };
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<usize>().ok();
        if let Some(back) = text.strip_prefix(b"-").and_then(number) {
            return self.refer_to((self.groups + 1).saturating_sub(back));
        }
        match number(text) {
            Some(group) => self.refer_to(group),
            None if braced => self.refer_to_name(text),
            None => Err("subroutine calls cannot be had in linear time".to_owned()),
        }
    }

    /// `\Z`: the end, or before the newline that ends the value.
    fn before_last_newline(&mut self) {
        if self.input.rest.iter().all(|byte| *byte == b')') && self.hidden == 0 {
            self.emit("(?:\\n?\\z)");
        } else {
            self.emit_exact("(?=\\n?\\z)", "");
        }
    }

    /// `\Q..\E`.
    fn quoted(&mut self) {
        let end = memchr::memmem::find(self.input.rest, b"\\E");
        let (text, rest) = end.and_then(|at| self.input.rest.split_at_checked(at)).unwrap_or((self.input.rest, &[]));
        for byte in text {
            self.literal(*byte);
        }
        self.input.rest = rest.strip_prefix(b"\\E").unwrap_or(rest);
    }
}
