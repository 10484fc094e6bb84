//! Values: what rules look at.

use crate::arena::Span;
use crate::ast::Variable;

/// Where a stored value stands. Positions are dense, from 0, in order of arrival, and hold for the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueIndex(pub u32);

/// A value as a rule sees it.
#[derive(Debug, Clone, Copy)]
pub struct ValueRef<'a> {
    /// The variable that was asked for: `ARGS`, although the value is stored as `ARGS_GET`.
    pub variable: Variable,
    /// The key, as it came; empty for a variable that is no collection.
    pub name: &'a [u8],
    /// The bytes.
    pub value: &'a [u8],
    /// How to find it again.
    pub handle: Handle,
}

impl ValueRef<'_> {
    /// Appends the full name: `ARGS:foo`, `REQUEST_URI`.
    pub fn write_name(&self, out: &mut Vec<u8>) {
        write_name(self.variable, self.name, out);
    }
}

/// Appends the full name of a value: `ARGS:foo`, `REQUEST_URI`.
pub fn write_name(variable: Variable, key: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(variable.name().as_bytes());
    if variable.is_collection() {
        out.push(b':');
        out.extend_from_slice(key);
    }
}

/// How a value is found again after the transaction has changed. Holds until the collection it names changes its members;
/// a handle that no longer holds finds an empty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handle {
    /// A stored value.
    Stored(ValueIndex),
    /// A member of `TX`.
    Tx(u32),
    /// A member of a persistent collection, of `ENV` or of `GEO`.
    Member(u32),
    /// A member of `MATCHED_VARS` or `MATCHED_VARS_NAMES`.
    Matched(u32),
    /// A member of `RULE`.
    Rule(super::RuleField),
    /// A value that is computed when it is looked at.
    Computed,
}

/// Where the bytes of a stored value are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// In the arena.
    Arena(Span),
    /// In the request content.
    Request { start: u32, length: u32 },
    /// All of the response content.
    Response,
}

/// A stored value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub(super) home: Variable,
    pub(super) kind: crate::arena::Kind,
    /// Whether rules do not look at it.
    pub(super) exempt: bool,
    /// The next of the same home, or [`NONE`].
    pub(super) next: u32,
    pub(super) name: Span,
    pub(super) value: Source,
}

/// No value.
pub(super) const NONE: u32 = u32::MAX;

/// All stored values in order of arrival, and a chain through those of each variable.
#[derive(Debug)]
pub(super) struct Values {
    stored: Vec<Stored>,
    first: [u32; VARIABLES],
    last: [u32; VARIABLES],
}

const VARIABLES: usize = Variable::ALL.len();

impl Default for Values {
    fn default() -> Self {
        Self { stored: Vec::new(), first: [NONE; VARIABLES], last: [NONE; VARIABLES] }
    }
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.stored.clear();
        self.first = [NONE; VARIABLES];
        self.last = [NONE; VARIABLES];
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.stored.len()).unwrap_or(NONE)
    }

    pub(super) fn get(&self, index: u32) -> Option<&Stored> {
        self.stored.get(index as usize)
    }

    pub(super) fn range(&self, from: u32, to: u32) -> &[Stored] {
        self.stored.get(from as usize..to as usize).unwrap_or_default()
    }

    pub(super) fn first(&self, home: Variable) -> u32 {
        self.first.get(home as usize).copied().unwrap_or(NONE)
    }

    pub(super) fn push(&mut self, home: Variable, kind: crate::arena::Kind, name: Span, value: Source) {
        let index = self.len();
        self.stored.push(Stored { home, kind, exempt: false, next: NONE, name, value });
        let last = self.last.get(home as usize).copied().unwrap_or(NONE);
        if let Some(before) = self.stored.get_mut(last as usize) {
            before.next = index;
        } else if let Some(first) = self.first.get_mut(home as usize) {
            *first = index;
        }
        if let Some(last) = self.last.get_mut(home as usize) {
            *last = index;
        }
    }

    /// Rules do not look at this one any more.
    pub(super) fn set_exempt(&mut self, index: u32) {
        if let Some(stored) = self.stored.get_mut(index as usize) {
            stored.exempt = true;
        }
    }

    /// Sets the value of a variable that is no collection; the position of one that was there stays.
    pub(super) fn set(&mut self, home: Variable, value: Source) {
        let first = self.first(home);
        match self.stored.get_mut(first as usize) {
            Some(stored) => stored.value = value,
            None => self.push(home, crate::arena::Kind::Text, Span::default(), value),
        }
    }
}
