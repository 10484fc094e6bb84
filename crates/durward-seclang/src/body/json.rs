//! JSON (RFC 8259), flattened: each string, number, boolean and null is an argument whose name is its path.
//!
//! Names are as libmodsecurity makes them (`json.items.array_0.sku`, nothing escaped, an empty member name is
//! `empty-key`) or as Coraza does (`json.items.0.sku`, and `json.items` holds the number of elements). Empty arrays and
//! objects give nothing. `null` has an empty value. Unlike in Coraza, of repeated members all are kept: which of them
//! the application takes nobody knows.
//!
//! # Errors
//! The grammar is strict. After an error in the structure nothing more is read. Errors inside strings (a control
//! character, an escape that is none, bytes that are no UTF-8) and a byte order mark are reported and read over. Half of a
//! surrogate pair is no error of the grammar; it becomes U+FFFD.
//!
//! # Limits
//! Depth, number of arguments, and the bytes of all names together: a name holds the whole path, so that a long member name
//! around many values would otherwise make much of little.
//!
//! # Exempt values
//! The places of what is exempt are followed alongside, member by member and never by the names that are made here: those
//! do not tell `{"a.b": 1}` from `{"a": {"b": 1}}`, nor an array from an object with a member `array_0`.

mod text;

use self::text::{Stop, Text};
use super::{BodyError, Dialect, Limits, Parsed};
use crate::arena::{Arena, Kind, Pair, Span};
use crate::exempt::{Exempt, Place, is_plain};

/// Takes a document apart.
#[must_use]
pub fn parse(body: &[u8], complete: bool, limits: &Limits, arena: &mut Arena) -> Parsed {
    let mut reader = Reader {
        text: Text::new(body),
        limits,
        arena,
        exempt: limits.exempt.as_deref(),
        place: limits.exempt.as_deref().and_then(Exempt::document),
        path: b"json".to_vec(),
        open: Vec::new(),
        names_left: body.len().saturating_mul(4).saturating_add(NAMES_FLOOR),
        parsed: Parsed::default(),
    };
    // No content at all is no document, and no broken one.
    let end = if body.is_empty() { Ok(()) } else { reader.document() };
    let fatal = match end {
        Ok(()) => None,
        Err(Stop::Cut) => complete.then_some(("text ends too early", body.len())),
        Err(Stop::Fault(message)) => Some((message, reader.text.at())),
    };
    let fault = reader.text.fault().or(fatal);
    let error = fault.map(|(message, offset)| BodyError { processor: "JSON", message, offset });
    let mut parsed = Parsed { error, ..reader.parsed };
    if parsed.error.is_some() {
        // Nobody has proven anything of a document that is none.
        parsed.args.iter_mut().for_each(|pair| pair.exempt = false);
    }
    parsed
}

/// Names may have four times the bytes of the document, and this.
const NAMES_FLOOR: usize = 1 << 20;

/// An open array or object.
struct Frame {
    /// How long the path to it is.
    path: usize,
    holds: Holds,
    /// Where it stands, or where its elements do; `None` when nothing in it is exempt.
    place: Option<Place>,
}

enum Holds {
    Members,
    /// How many elements have begun.
    Elements(u64),
}

struct Reader<'a> {
    text: Text<'a>,
    limits: &'a Limits,
    arena: &'a mut Arena,
    exempt: Option<&'a dyn Exempt>,
    /// Where the value stands that is read.
    place: Option<Place>,
    /// The name of the value that is read.
    path: Vec<u8>,
    open: Vec<Frame>,
    names_left: usize,
    parsed: Parsed,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        if self.text.take(b"\xef\xbb\xbf") {
            self.text.note("byte order mark", 0);
        }
        loop {
            self.value()?;
            if !self.next_value()? {
                return Ok(());
            }
        }
    }

    /// Reads a scalar, or the opening brackets up to one.
    fn value(&mut self) -> Result<(), Stop> {
        loop {
            match self.text.visible()? {
                b'{' => {
                    self.open(Holds::Members)?;
                    if self.text.visible()? == b'}' {
                        return Ok(());
                    }
                    self.name()?;
                }
                b'[' => {
                    self.open(Holds::Elements(0))?;
                    if self.text.visible()? == b']' {
                        return Ok(());
                    }
                    self.element();
                }
                b'"' => return self.string(),
                b'-' | b'0'..=b'9' => {
                    let (number, end) = self.text.number();
                    let value = self.arena.push(number);
                    self.argument(value, Kind::Number)?;
                    return end;
                }
                b't' => return self.word(b"true", b"true", Kind::Boolean),
                b'f' => return self.word(b"false", b"false", Kind::Boolean),
                b'n' => return self.word(b"null", b"", Kind::Null),
                _ => return Err(Stop::Fault("unexpected character where a value begins")),
            }
        }
    }

    /// After a value: closes what is closed and goes to the next value, if there is one.
    fn next_value(&mut self) -> Result<bool, Stop> {
        while let Some(frame) = self.open.last() {
            let byte = self.text.visible()?;
            self.path.truncate(frame.path);
            match (byte, &frame.holds) {
                (b',', Holds::Members) => {
                    self.text.skip();
                    self.name()?;
                    return Ok(true);
                }
                (b',', Holds::Elements(_)) => {
                    self.text.skip();
                    self.element();
                    return Ok(true);
                }
                (b'}', Holds::Members) => self.close(0)?,
                (b']', Holds::Elements(count)) => {
                    let count = *count;
                    self.close(count)?;
                }
                (_, Holds::Members) => return Err(Stop::Fault("expected `,` or `}`")),
                (_, Holds::Elements(_)) => return Err(Stop::Fault("expected `,` or `]`")),
            }
        }
        match self.text.visible() {
            Err(_) => Ok(false),
            Ok(_) => Err(Stop::Fault("text after the end of the value")),
        }
    }

    fn open(&mut self, holds: Holds) -> Result<(), Stop> {
        if self.open.len() >= self.limits.json_depth {
            return Err(Stop::Fault("parsing depth limit exceeded"));
        }
        self.text.skip();
        let place = match holds {
            Holds::Members => self.place,
            Holds::Elements(_) => self.exempt.zip(self.place).and_then(|(exempt, array)| exempt.elements(array)),
        };
        self.open.push(Frame { path: self.path.len(), holds, place });
        Ok(())
    }

    fn close(&mut self, elements: u64) -> Result<(), Stop> {
        self.text.skip();
        self.open.pop();
        self.place = None;
        if elements == 0 || self.limits.dialect == Dialect::ModSecurity {
            return Ok(());
        }
        let value = self.arena.write(|out| decimal(elements, out));
        self.argument(value, Kind::Number)
    }

    /// A member name and its colon.
    fn name(&mut self) -> Result<(), Stop> {
        if self.text.visible()? != b'"' {
            return Err(Stop::Fault("expected a member name"));
        }
        self.path.push(b'.');
        let start = self.path.len();
        let end = self.text.string(&mut self.path);
        let object = self.open.last().and_then(|frame| frame.place);
        let name = self.path.get(start..).unwrap_or_default();
        // An error in the name leaves it without a place.
        self.place = self.exempt.zip(object).filter(|_| end.is_ok()).and_then(|(exempt, at)| exempt.member(at, name));
        if self.path.len() == start && self.limits.dialect == Dialect::ModSecurity {
            self.path.extend_from_slice(b"empty-key");
        }
        if end.is_err() {
            self.argument(Span::default(), Kind::Text)?;
        }
        end?;
        if self.text.visible()? != b':' {
            return Err(Stop::Fault("expected `:`"));
        }
        self.text.skip();
        Ok(())
    }

    /// Names the next element.
    fn element(&mut self) {
        self.path.extend_from_slice(match self.limits.dialect {
            Dialect::ModSecurity => b".array_",
            Dialect::Coraza => b".",
        });
        if let Some(Frame { holds: Holds::Elements(count), place, .. }) = self.open.last_mut() {
            self.place = *place;
            decimal(*count, &mut self.path);
            *count += 1;
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        let mut end = Ok(());
        let text = &mut self.text;
        let value = self.arena.write(|out| end = text.string(out));
        self.argument(value, Kind::Text)?;
        end
    }

    fn word(&mut self, word: &[u8], value: &[u8], kind: Kind) -> Result<(), Stop> {
        if !self.text.take(word) {
            let rest = self.text.rest();
            return Err(if word.starts_with(rest) { Stop::Cut } else { Stop::Fault("unexpected word") });
        }
        let value = self.arena.push(value);
        self.argument(value, kind)
    }

    fn argument(&mut self, value: Span, kind: Kind) -> Result<(), Stop> {
        if self.parsed.args.len() >= self.limits.arguments {
            self.parsed.arguments_exceeded = true;
            return Err(Stop::Fault("more arguments than the limit"));
        }
        self.names_left = match self.names_left.checked_sub(self.path.len()) {
            Some(left) => left,
            None => {
                self.parsed.arguments_exceeded = true;
                return Err(Stop::Fault("the names of the arguments are too long"));
            }
        };
        let name = self.arena.push(&self.path);
        let exempt = self.exempt.zip(self.place).is_some_and(|(exempt, place)| exempt.value(place));
        let exempt = exempt && is_plain(self.arena.get(value));
        self.parsed.args.push(Pair { name, value, kind, exempt });
        Ok(())
    }
}

fn decimal(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests;
