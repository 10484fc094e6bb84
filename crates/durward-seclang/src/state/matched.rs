//! `MATCHED_VAR`, `MATCHED_VAR_NAME`, `MATCHED_VARS` and `MATCHED_VARS_NAMES`: what the rule that runs has matched.

use std::ops::Range;

use crate::ast::Variable;

/// What was matched, in order. One buffer holds everything and is reused.
#[derive(Debug, Default)]
pub(super) struct Matched {
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    /// Whether there was no room for a match among the many; the last one is always kept.
    overflowed: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    /// `ARGS:foo`.
    name: Range<usize>,
    value: Range<usize>,
}

/// How many bytes names and values may have together, beyond the last match.
const MOST_BYTES: usize = 16 << 20;

impl Matched {
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    pub(super) const fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Keeps a match; `write` appends its name and then its value, and says where the value begins.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>) -> usize) {
        if self.bytes.len() > MOST_BYTES {
            self.overflowed = true;
            self.clear();
        }
        let start = self.bytes.len();
        let value = write(&mut self.bytes);
        self.entries.push(Entry { name: start..value, value: value..self.bytes.len() });
    }

    /// Name and value of a match.
    pub(super) fn get(&self, index: u32) -> Option<(&[u8], &[u8])> {
        self.entries.get(index as usize).map(|entry| self.both(entry))
    }

    /// Name and value of the last match.
    pub(super) fn last(&self) -> Option<(&[u8], &[u8])> {
        self.entries.last().map(|entry| self.both(entry))
    }

    /// What a rule sees of a match: its name is the key of both collections.
    pub(super) fn value(&self, variable: Variable, index: u32) -> Option<(&[u8], &[u8])> {
        let (name, value) = self.get(index)?;
        Some((name, if variable == Variable::MatchedVarsNames { name } else { value }))
    }

    fn both(&self, entry: &Entry) -> (&[u8], &[u8]) {
        let bytes = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        (bytes(&entry.name), bytes(&entry.value))
    }
}
