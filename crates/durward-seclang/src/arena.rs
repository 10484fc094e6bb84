//! The bytes of one transaction: everything that rules look at is a span of one buffer.

/// A range of bytes in an [`Arena`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// Whether it has no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.length == 0
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn len(self) -> usize {
        self.length as usize
    }

    /// A part of it, from and up to bytes counted from its beginning; less if it has fewer.
    #[must_use]
    pub fn part(self, from: usize, to: usize) -> Self {
        let (from, to) = (from.min(self.len()), to.min(self.len()));
        // Both are below `length`, which is a `u32`.
        let (from, to) = (u32::try_from(from).unwrap_or_default(), u32::try_from(to).unwrap_or_default());
        Self { start: self.start.saturating_add(from), length: to.saturating_sub(from) }
    }
}

/// A named value: a field, an argument, a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pair {
    /// The name.
    pub name: Span,
    /// The value.
    pub value: Span,
    /// What the document said the value is.
    pub kind: Kind,
    /// Whether rules need not look at the value; see [`crate::exempt`].
    pub exempt: bool,
}

impl Pair {
    /// A named text.
    #[must_use]
    pub const fn new(name: Span, value: Span) -> Self {
        Self { name, value, kind: Kind::Text, exempt: false }
    }
}

/// What a document said a value is. All but [`Kind::Text`] have an alphabet of their own, so few rules can match them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Any bytes.
    #[default]
    Text,
    /// A number of JSON: a subset of `0-9+-.eE`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null` of JSON; the value is empty.
    Null,
}

/// One growing buffer; what was pushed is found again by its [`Span`].
#[derive(Debug, Default)]
pub struct Arena {
    bytes: Vec<u8>,
}

impl Arena {
    /// Keeps a copy. Beyond 4 GiB nothing is kept, and the span is empty.
    pub fn push(&mut self, bytes: &[u8]) -> Span {
        self.write(|buffer| buffer.extend_from_slice(bytes))
    }

    /// Keeps what `write` appends. `write` must not remove what stood there before.
    pub fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Span {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len().saturating_sub(start);
        match (u32::try_from(start), u32::try_from(length), u32::try_from(self.bytes.len())) {
            (Ok(start), Ok(length), Ok(_)) => Span { start, length },
            _ => {
                self.bytes.truncate(start);
                Span::default()
            }
        }
    }

    /// The bytes of a span.
    #[must_use]
    pub fn get(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.bytes.get(start..start.saturating_add(span.len())).unwrap_or_default()
    }

    /// Forgets everything and keeps the room.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}
