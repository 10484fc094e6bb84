//! Strict JSON (RFC 8259, I-JSON RFC 7493) on a tape.
//!
//! A gateway that reads JSON more kindly than the upstream checks another document than the upstream gets. So whatever
//! parsers are known to disagree on is refused here: repeated members, lone surrogates, byte order marks, trailing data,
//! invalid UTF-8, extreme numbers. The reader is iterative and works in one pass; its memory is one 16-byte node for
//! each value and member name, within the limits. Nothing is unescaped or converted until it is asked for, and errors
//! name a place, never a value.

mod number;
mod read;
mod string;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;

use bytes::Bytes;

pub use number::Number;
pub use value::{Elements, Kind, Members, Value};

/// The size and shape a document may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of the whole text. Never more than 4 GiB, whatever is given.
    pub bytes: usize,
    /// The deepest nesting of arrays and objects.
    pub depth: usize,
    /// The most values and member names together.
    pub nodes: usize,
    /// The most members of one object.
    pub members: usize,
    /// The most elements of one array.
    pub elements: usize,
    /// The most bytes of one string, as written between its quotes.
    pub string_bytes: usize,
    /// The most bytes of one member name, as written between its quotes.
    pub name_bytes: usize,
    /// The most digits of one number, without those of its exponent.
    pub digits: usize,
    /// The largest exponent of ten, either way. Whatever it is, numbers beyond the largest double are refused (RFC 7493
    /// section 2.2): readers make infinity, zero or an error of them.
    pub exponent: u32,
    /// Whether strings may hold NUL (`\u0000`).
    pub allow_nul: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            depth: 64,
            nodes: 250_000,
            members: 4_096,
            elements: 100_000,
            string_bytes: 1 << 20,
            name_bytes: 1_024,
            digits: 100,
            exponent: 324,
            allow_nul: false,
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonFault {
    /// The text is longer than the limit.
    TooLong,
    /// It starts with a byte order mark.
    ByteOrderMark,
    /// It is not UTF-8.
    NotUtf8,
    /// It ends in the middle of a value, or is empty.
    Unfinished,
    /// A character that cannot stand here.
    Unexpected,
    /// Something follows the value.
    Trailing,
    /// Arrays and objects are nested deeper than the limit.
    TooDeep,
    /// More values than the limit.
    TooManyNodes,
    /// An object has more members than the limit.
    TooManyMembers,
    /// An array has more elements than the limit.
    TooManyElements,
    /// An object has the same member twice, possibly spelt differently.
    Repeated,
    /// A string is longer than the limit.
    StringTooLong,
    /// A member name is longer than the limit.
    NameTooLong,
    /// A raw control character in a string.
    Control,
    /// A backslash that does not start an escape.
    Escape,
    /// Half of a surrogate pair.
    Surrogate,
    /// NUL in a string.
    Nul,
    /// A number with more digits than the limit.
    TooManyDigits,
    /// A number with a larger exponent than the limit, or beyond the largest double.
    Exponent,
}

impl JsonFault {
    const fn text(self) -> &'static str {
        match self {
            Self::TooLong => "text longer than the limit",
            Self::ByteOrderMark => "byte order mark",
            Self::NotUtf8 => "text is not UTF-8",
            Self::Unfinished => "text ends too early",
            Self::Unexpected => "unexpected character",
            Self::Trailing => "text after the end of the value",
            Self::TooDeep => "nested deeper than the limit",
            Self::TooManyNodes => "more values than the limit",
            Self::TooManyMembers => "more members than the limit",
            Self::TooManyElements => "more elements than the limit",
            Self::Repeated => "member repeated",
            Self::StringTooLong => "string longer than the limit",
            Self::NameTooLong => "member name longer than the limit",
            Self::Control => "control character in a string",
            Self::Escape => "invalid escape in a string",
            Self::Surrogate => "lone surrogate in a string",
            Self::Nul => "NUL in a string",
            Self::TooManyDigits => "number with more digits than the limit",
            Self::Exponent => "number out of range",
        }
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What is wrong, and where. Holds nothing of the text, so it may be logged and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {at}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonFault,
    /// The offset of the byte, from 0.
    pub at: usize,
}

/// A checked JSON text.
#[derive(Clone)]
pub struct Document {
    // INVARIANT: UTF-8, and a JSON text whose values `nodes` describes in document order.
    text: Bytes,
    nodes: Vec<read::Node>,
}

impl Document {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// Text that is not JSON, means different things to different readers, or is larger than the limits.
    pub fn parse(text: impl Into<Bytes>, limits: &Limits) -> Result<Self, JsonError> {
        let text = text.into();
        let nodes = read::read(&text, limits)?;
        Ok(Self { text, nodes })
    }

    /// The outermost value.
    #[must_use]
    pub const fn root(&self) -> Value<'_> {
        Value::root(self)
    }

    /// The text as it came.
    #[must_use]
    pub const fn text(&self) -> &Bytes {
        &self.text
    }

    /// How many values and member names it has.
    #[must_use]
    pub const fn node_count(&self) -> usize {
        self.nodes.len()
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies are private: the shape is shown, the content is not.
        f.debug_struct("Document")
            .field("bytes", &self.text.len())
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}
