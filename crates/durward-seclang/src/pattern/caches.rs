//! The working memory of patterns.

use std::fmt;
use std::sync::Arc;

use regex_automata::meta;

use super::Pattern;

/// The working memory of patterns, one for each worker and rule set.
#[derive(Default)]
pub struct Caches {
    slots: Vec<Option<Box<meta::Cache>>>,
    spare: Option<Box<meta::Cache>>,
    limit_exceeded: bool,
    dynamic: Option<Box<Dynamic>>,
}

impl Caches {
    /// That of one pattern.
    pub(super) fn of(&mut self, slot: usize, engine: &meta::Regex) -> &mut meta::Cache {
        if slot >= self.slots.len() {
            self.slots.resize_with(slot + 1, || None);
        }
        match self.slots.get_mut(slot) {
            Some(place) => place.get_or_insert_with(|| Box::new(engine.create_cache())),
            None => self.spare.insert(Box::new(engine.create_cache())),
        }
    }

    /// Notes that a search was given up, and that therefore nothing was found.
    pub(super) fn exceed(&mut self) -> bool {
        self.limit_exceeded = true;
        false
    }

    /// Whether a search was given up since this was last asked: `MSC_PCRE_LIMITS_EXCEEDED`.
    pub fn take_limit_exceeded(&mut self) -> bool {
        std::mem::take(&mut self.limit_exceeded)
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.slots.iter().flatten().map(|cache| cache.memory_usage()).sum()
    }

    /// Forgets what was built if it takes more than `limit` bytes; it is built again when it is needed.
    pub fn trim(&mut self, limit: usize) {
        if self.memory_usage() > limit {
            self.slots.clear();
        }
    }
}

/// The patterns that macros made last, and their working memory.
#[derive(Default)]
pub(crate) struct Dynamic {
    patterns: Vec<Arc<Pattern>>,
    next: usize,
    pub(crate) caches: Caches,
}

impl Dynamic {
    /// How many patterns are kept.
    const MOST: usize = 16;
    /// How long the text of one may be: it may come from a request.
    const LONGEST: usize = 8 << 10;
    /// How large its automaton may be.
    const MOST_STATES: u64 = 20_000;
    /// How much backtracking it may cause.
    const BACKTRACK_LIMIT: usize = 10_000;

    /// The pattern of a text; `None` when it is no pattern, or too large.
    pub(crate) fn pattern(&mut self, text: &[u8]) -> Option<Arc<Pattern>> {
        if let Some(known) = self.patterns.iter().find(|pattern| pattern.source() == text) {
            return Some(Arc::clone(known));
        }
        if text.len() > Self::LONGEST {
            return None;
        }
        let slot = self.next % Self::MOST;
        let pattern = Arc::new(Pattern::new(text, slot, Self::MOST_STATES, Self::BACKTRACK_LIMIT).ok()?);
        self.next = slot + 1;
        self.caches.forget(slot);
        match self.patterns.get_mut(slot) {
            Some(place) => *place = Arc::clone(&pattern),
            None => self.patterns.push(Arc::clone(&pattern)),
        }
        Some(pattern)
    }
}

impl Caches {
    pub(crate) fn take_dynamic(&mut self) -> Box<Dynamic> {
        self.dynamic.take().unwrap_or_default()
    }

    pub(crate) fn return_dynamic(&mut self, mut dynamic: Box<Dynamic>) {
        self.limit_exceeded |= dynamic.caches.take_limit_exceeded();
        self.dynamic = Some(dynamic);
    }

    fn forget(&mut self, slot: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = None;
        }
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caches").field("limit_exceeded", &self.limit_exceeded).finish_non_exhaustive()
    }
}
