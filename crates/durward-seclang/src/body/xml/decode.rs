//! References and line ends in text.

use memchr::memmem;

/// Where text stands: what is markup in it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Between tags.
    Text,
    /// In a CDATA section: nothing is markup.
    Data,
    /// In an attribute: white space is a space.
    Attribute,
}

/// Decodes, and keeps the first error of the document.
pub(super) struct Decoder {
    pub(super) fault: Option<(&'static str, usize)>,
    /// Where the document ends: what stands there may be cut.
    end: usize,
}

impl Decoder {
    pub(super) const fn new(end: usize) -> Self {
        Self { fault: None, end }
    }

    pub(super) fn note(&mut self, message: &'static str, at: usize) {
        self.fault.get_or_insert((message, at));
    }

    /// Appends what `raw` means; `start` is where it stands in the document.
    pub(super) fn decode(&mut self, raw: &[u8], start: usize, place: Place, out: &mut Vec<u8>) {
        match place {
            Place::Text => {
                // A bracket is rare, and looked for faster.
                if let Some(first) = memchr::memchr(b']', raw)
                    && let Some(at) = raw.get(first..).and_then(|rest| memmem::find(rest, b"]]>"))
                {
                    self.note("`]]>` outside of a CDATA section", start + first + at);
                }
            }
            Place::Attribute => {
                if let Some(at) = memchr::memchr(b'<', raw) {
                    self.note("`<` in an attribute value", start + at);
                }
            }
            Place::Data => {}
        }
        let first = out.len();
        let mut rest = raw;
        loop {
            let length = memchr::memchr2(b'&', b'\r', rest).unwrap_or(rest.len());
            let (before, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            // References to white space stay what they are, so this cannot wait until the end.
            extend(before, place, out);
            rest = match after {
                [] => break,
                [b'\r', b'\n', after @ ..] | [b'\r', after @ ..] => {
                    out.push(if place == Place::Attribute { b' ' } else { b'\n' });
                    after
                }
                [_, after @ ..] if place == Place::Data => {
                    out.push(b'&');
                    after
                }
                [_, after @ ..] => {
                    let at = start + (raw.len() - after.len() - 1);
                    let taken = self.reference(after, at, out);
                    after.get(taken..).unwrap_or_default()
                }
            };
        }
        debug_assert!(out.len() - first <= raw.len());
    }

    /// Appends what the reference stands for; how many bytes it has after `&`. One that is none stays as it is.
    fn reference(&mut self, after: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
        let length = after.iter().take_while(|byte| **byte == b'#' || super::is_name(**byte)).count();
        let name = after.get(..length).unwrap_or_default();
        if after.get(length) != Some(&b';') {
            if at + 1 + length < self.end {
                self.note("`&` that begins no reference", at);
            }
            out.push(b'&');
            return 0;
        }
        let character = match name {
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"amp" => Some('&'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            [b'#', number @ ..] => self.character(number, at),
            _ => {
                self.note("reference to an entity that is not one of the five", at);
                None
            }
        };
        match character {
            Some(character) => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                length + 1
            }
            None => {
                out.push(b'&');
                0
            }
        }
    }

    /// `#60` or `#x3c`. Characters that XML does not allow are noted, and given: some readers take them.
    fn character(&mut self, number: &[u8], at: usize) -> Option<char> {
        let (digits, base) = match number {
            [b'x', digits @ ..] => (digits, 16),
            digits => (digits, 10),
        };
        let add = |code: u32, digit: &u8| {
            let digit = char::from(*digit).to_digit(base)?;
            Some(code.saturating_mul(base).saturating_add(digit))
        };
        let code = digits.iter().try_fold(0, add).filter(|_| !digits.is_empty());
        let character = code.and_then(char::from_u32);
        let allowed = match character {
            Some(character) => {
                !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
            }
            None => false,
        };
        if !allowed {
            self.note("reference to a character that is none", at);
        }
        character
    }
}

fn extend(run: &[u8], place: Place, out: &mut Vec<u8>) {
    if place == Place::Attribute {
        out.extend(run.iter().map(|byte| if matches!(byte, b'\t' | b'\n') { b' ' } else { *byte }));
    } else {
        out.extend_from_slice(run);
    }
}
