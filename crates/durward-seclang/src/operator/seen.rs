//! What an operator saw beside its verdict.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::pattern::{Caches, Groups};

/// What lies outside of the engine. Whoever runs it gives the answers; without them nothing is known, so that
/// `@geoLookup`, `@rbl` and their like are false.
pub trait Outside: Send + Sync {
    /// Whether the block list of this zone has the address or name.
    fn is_block_listed(&self, zone: &[u8], address: &[u8]) -> bool {
        let _ = (zone, address);
        false
    }

    /// Whether the place of the address is known (`GEO` is filled by whoever knows it).
    fn is_located(&self, address: &[u8]) -> bool {
        let _ = address;
        false
    }
}

/// What an operator saw, and the memory that it works in. One for each worker; it is used over and over.
#[derive(Default)]
pub struct Seen {
    pub(crate) caches: Caches,
    pub(crate) outside: Option<Arc<dyn Outside>>,
    pub(crate) record: bool,
    /// Room for what a pattern found.
    pub(super) found: Groups,
    /// Bytes that do not stand in the value, like the fingerprint of `@detectSQLi`.
    text: Vec<u8>,
    groups: Vec<Option<Group>>,
    matched: Option<Range<usize>>,
}

#[derive(Debug, Clone)]
enum Group {
    OfValue(Range<usize>),
    OfText(Range<usize>),
}

impl Seen {
    /// How many groups the language keeps: `TX:0` to `TX:9`.
    pub const GROUPS: usize = 10;

    /// One without anything outside.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whom to ask about what lies outside.
    pub fn set_outside(&mut self, outside: Option<Arc<dyn Outside>>) {
        self.outside = outside;
    }

    /// Says whether what was seen will be asked for; without it operators stop at their verdict, which is faster.
    pub fn record(&mut self, record: bool) {
        self.record = record;
    }

    /// Forgets what was seen.
    pub fn clear(&mut self) {
        self.text.clear();
        self.groups.clear();
        self.matched = None;
    }

    /// The bytes of a group of the last match, `0` to `9`: what `capture` puts into `TX`. `value` is the value that was looked at.
    #[must_use]
    pub fn group<'a>(&'a self, number: usize, value: &'a [u8]) -> Option<&'a [u8]> {
        match self.groups.get(number)?.as_ref()? {
            Group::OfValue(range) => value.get(range.clone()),
            Group::OfText(range) => self.text.get(range.clone()),
        }
    }

    /// How many groups there are (some may have taken no part in the match).
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// Where the match stands in the value; `None` when it is not one place.
    #[must_use]
    pub fn matched(&self) -> Option<Range<usize>> {
        self.matched.clone()
    }

    /// Whether a search was given up since this was last asked (`MSC_PCRE_LIMITS_EXCEEDED`): only patterns with look-around or
    /// back-references can come to that.
    pub fn take_limit_exceeded(&mut self) -> bool {
        self.caches.take_limit_exceeded()
    }

    /// How many bytes the working memory of patterns takes.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.caches.memory_usage()
    }

    /// Gives memory back if patterns took more than `limit` bytes of it.
    pub fn trim(&mut self, limit: usize) {
        self.caches.trim(limit);
    }

    pub(crate) fn found_at(&mut self, range: Range<usize>) {
        self.matched = Some(range);
    }

    pub(crate) fn push_range(&mut self, range: Option<Range<usize>>) {
        if self.groups.len() < Self::GROUPS {
            self.groups.push(range.map(Group::OfValue));
        }
    }

    pub(crate) fn push_text(&mut self, bytes: &[u8]) {
        if self.groups.len() < Self::GROUPS {
            let start = self.text.len();
            self.text.extend_from_slice(bytes);
            self.groups.push(Some(Group::OfText(start..self.text.len())));
        }
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").field("groups", &self.groups).field("matched", &self.matched).finish_non_exhaustive()
    }
}
