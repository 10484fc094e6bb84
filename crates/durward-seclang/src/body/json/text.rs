//! The words of JSON: white space, strings, numbers.

use super::super::urlencoded::hex;

/// Why reading ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends.
    Cut,
    /// What stands here is no JSON, or over a limit.
    Fault(&'static str),
}

/// A text and a place in it.
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
    fault: Option<(&'static str, usize)>,
}

impl<'a> Text<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, fault: None }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// The first error that was read over.
    pub(super) const fn fault(&self) -> Option<(&'static str, usize)> {
        self.fault
    }

    pub(super) fn note(&mut self, message: &'static str, at: usize) {
        self.fault.get_or_insert((message, at));
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes over one byte.
    pub(super) const fn skip(&mut self) {
        self.at += 1;
    }

    /// Goes over the expected bytes, if they stand here.
    pub(super) fn take(&mut self, expected: &[u8]) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// The next byte that is no white space, not taken.
    pub(super) fn visible(&mut self) -> Result<u8, Stop> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Stop::Cut)
    }

    /// Appends the content of the string that begins here, as far as it goes.
    pub(super) fn string(&mut self, out: &mut Vec<u8>) -> Result<(), Stop> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let length = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
            let run = rest.get(..length).unwrap_or(rest);
            if run.iter().fold(false, |odd, byte| odd | !(0x20..0x80).contains(byte)) {
                self.check(run);
            }
            out.extend_from_slice(run);
            self.at += length;
            match rest.get(length..).unwrap_or_default() {
                [] => return Err(Stop::Cut),
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(());
                }
                escape => self.at += self.escape(escape, out).ok_or(Stop::Cut)?,
            }
        }
    }

    /// Notes what must not stand in a string, from this place on.
    fn check(&mut self, run: &[u8]) {
        if let Some(offset) = run.iter().position(|byte| *byte < 0x20) {
            self.note("control character in a string", self.at + offset);
        }
        if let Err(error) = std::str::from_utf8(run) {
            // A character may be cut where the text is.
            let cut = error.error_len().is_none() && self.at + run.len() == self.bytes.len();
            if !cut {
                self.note("string is not UTF-8", self.at + error.valid_up_to());
            }
        }
    }

    /// Appends what an escape stands for and tells its length; `None` if it is cut.
    fn escape(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let byte = match input.get(1)? {
            b'u' => return self.code_unit(input, out),
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            byte @ (b'"' | b'\\' | b'/') => *byte,
            _ => {
                self.note("invalid escape in a string", self.at);
                out.push(b'\\');
                return Some(1);
            }
        };
        out.push(byte);
        Some(2)
    }

    /// `\uXXXX`, or two of them for one character.
    fn code_unit(&mut self, input: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let first = match unit(input) {
            Unit::Of(unit) => unit,
            Unit::Cut => return None,
            Unit::None => {
                self.note("invalid escape in a string", self.at);
                out.push(b'\\');
                return Some(1);
            }
        };
        let mut length = 6;
        let mut code = u32::from(first);
        if let (0xd800..0xdc00, Unit::Of(second @ 0xdc00..0xe000)) = (code, unit(input.get(6..).unwrap_or_default())) {
            length = 12;
            code = 0x1_0000 + ((code - 0xd800) << 10) + (u32::from(second) - 0xdc00);
        }
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Some(length)
    }

    /// The number that begins here, as far as it is one.
    pub(super) fn number(&mut self) -> (&'a [u8], Result<(), Stop>) {
        let start = self.at;
        let end = self.number_end();
        (self.bytes.get(start..self.at).unwrap_or_default(), end)
    }

    fn number_end(&mut self) -> Result<(), Stop> {
        self.take(b"-");
        // What follows a leading zero is no part of the number, and so an error of the structure.
        if !self.take(b"0") {
            self.digits()?;
        }
        if self.take(b".") {
            self.digits()?;
        }
        if self.take(b"e") || self.take(b"E") {
            _ = self.take(b"+") || self.take(b"-");
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'0'..=b'9') => {}
            Some(_) => return Err(Stop::Fault("a digit is missing in a number")),
            None => return Err(Stop::Cut),
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }
}

/// What `\uXXXX` says.
enum Unit {
    Of(u16),
    None,
    Cut,
}

fn unit(input: &[u8]) -> Unit {
    let digits = match input {
        [b'\\', b'u', rest @ ..] => rest,
        [] | [b'\\'] => return Unit::Cut,
        _ => return Unit::None,
    };
    match digits.split_first_chunk::<4>() {
        Some((digits, _)) if digits.iter().all(u8::is_ascii_hexdigit) => {
            Unit::Of(digits.iter().fold(0, |unit, digit| unit << 4 | u16::from(hex(*digit))))
        }
        Some(_) => Unit::None,
        None if digits.iter().all(u8::is_ascii_hexdigit) => Unit::Cut,
        None => Unit::None,
    }
}
