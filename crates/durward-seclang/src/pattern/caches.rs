//! The working memory of patterns.

use std::fmt;

use regex_automata::meta;

/// The working memory of patterns, one for each worker and rule set.
#[derive(Default)]
pub struct Caches {
    slots: Vec<Option<Box<meta::Cache>>>,
    spare: Option<Box<meta::Cache>>,
    limit_exceeded: bool,
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

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caches").field("limit_exceeded", &self.limit_exceeded).finish_non_exhaustive()
    }
}
