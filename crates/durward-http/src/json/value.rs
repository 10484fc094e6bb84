//! Values on the tape.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use super::read::Node;
use super::{Document, Number, string};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// `null`.
    Null = 0,
    /// `true` or `false`.
    Bool = 1,
    /// A number.
    Number = 2,
    /// A string.
    String = 3,
    /// An array.
    Array = 4,
    /// An object.
    Object = 5,
}

/// A value in a [`Document`]. A copy costs nothing.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    document: &'a Document,
    index: u32,
}

impl<'a> Value<'a> {
    pub(super) const fn root(document: &'a Document) -> Self {
        Self { document, index: 0 }
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.node().kind()
    }

    /// The document it is part of.
    #[must_use]
    pub const fn document(self) -> &'a Document {
        self.document
    }

    /// Its place on the tape: tells the values of one document apart.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.source().first() == Some(&b't'))
    }

    /// The unescaped text, if it is a string. Borrowed where there is nothing to unescape.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::String).then(|| self.text())
    }

    /// Compares with a string without allocating where there is nothing to unescape.
    #[must_use]
    pub fn is_str(self, text: &str) -> bool {
        self.kind() == Kind::String && self.text_is(text)
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(self) -> Option<Number<'a>> {
        (self.kind() == Kind::Number).then(|| Number::new(self.source_str()))
    }

    /// The value, if it is a number written as an integer that fits.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        self.number()?.as_i64()
    }

    /// The value, if it is a number written as an integer that fits.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        self.number()?.as_u64()
    }

    /// The nearest finite value, if it is a number.
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        self.number()?.as_f64()
    }

    /// How many elements or members it has; none for what is neither array nor object.
    #[must_use]
    pub fn len(self) -> usize {
        self.node().count()
    }

    /// Whether it has no elements and no members.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements in order; none for what is not an array.
    #[must_use]
    pub fn elements(self) -> Elements<'a> {
        let left = if self.kind() == Kind::Array { self.len() } else { 0 };
        Elements { next: self.at(self.index + 1), left }
    }

    /// The members in order; none for what is not an object.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        let left = if self.kind() == Kind::Object { self.len() } else { 0 };
        Members { next: self.at(self.index + 1), left }
    }

    /// The member of this name. Takes time in proportion to the number of members, comparing lengths first.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        let mut members = self.members();
        while let Some((key, value)) = members.step() {
            if key.text_is(name) {
                return Some(value);
            }
        }
        None
    }

    /// Where it stands in the text: with the quotes of a string and the brackets of a container.
    #[must_use]
    pub fn source_range(self) -> Range<usize> {
        self.node().range()
    }

    /// Its bytes as they came.
    #[must_use]
    pub fn source(self) -> &'a [u8] {
        self.document.text.get(self.source_range()).unwrap_or_default()
    }

    fn node(self) -> Node {
        self.document.nodes.get(self.index as usize).copied().unwrap_or(Node::NOTHING)
    }

    const fn at(self, index: u32) -> Self {
        Self { document: self.document, index }
    }

    fn after(self) -> Self {
        self.at(self.node().next)
    }

    fn source_str(self) -> &'a str {
        // The whole text was checked to be UTF-8, and a value starts and ends at characters.
        std::str::from_utf8(self.source()).unwrap_or_default()
    }

    fn raw_text(self) -> &'a str {
        let source = self.source_str();
        source.get(1..source.len().saturating_sub(1)).unwrap_or_default()
    }

    fn text(self) -> Cow<'a, str> {
        if self.node().is_escaped() { string::unescape(self.raw_text()) } else { Cow::Borrowed(self.raw_text()) }
    }

    fn text_is(self, text: &str) -> bool {
        let source = self.source();
        if self.node().is_escaped() {
            // Unescaping only shortens.
            return source.len() > text.len() + 2 && string::unescape(self.raw_text()) == text;
        }
        source.len() == text.len() + 2 && source.get(1..=text.len()) == Some(text.as_bytes())
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.kind(), self.source_range())
    }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    next: Value<'a>,
    left: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.left = self.left.checked_sub(1)?;
        let element = self.next;
        self.next = element.after();
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Elements<'_> {}

/// The members of an object.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    next: Value<'a>,
    left: usize,
}

impl<'a> Members<'a> {
    /// The next name, as a string value of its own, and its value.
    pub fn step(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        self.left = self.left.checked_sub(1)?;
        let name = self.next;
        let value = name.after();
        self.next = value.after();
        Some((name, value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.step()?;
        Some((name.text(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Members<'_> {}
