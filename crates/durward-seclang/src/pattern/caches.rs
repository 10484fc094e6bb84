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

    /// Forgets what was built if it takes more than `limit` bytes, first what takes much by itself; it is built again when it
    /// is needed.
    pub fn trim(&mut self, limit: usize) {
        if self.memory_usage() > limit {
            self.slots.iter_mut().for_each(|slot| drop(slot.take_if(|cache| cache.memory_usage() > LARGE)));
        }
        if self.memory_usage() > limit {
            self.slots.clear();
        }
    }
}

/// What no ordinary value makes of one pattern.
const LARGE: usize = 256 << 10;

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

#[cfg(test)]
mod tests {
    use crate::pattern::Interner;

    use super::*;

    #[test]
    fn what_is_large_is_forgotten_first() {
        let mut patterns = Interner::default();
        let small = patterns.pattern(b"a+b").unwrap();
        // Every byte makes a new state.
        let large = patterns.pattern(b"[ab]*a[ab]{14}c").unwrap();
        let mut caches = Caches::default();
        let mut number = 1_u32;
        let value: Vec<u8> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if number >> 31 == 0 { b'a' } else { b'b' }
        })
        .take(20_000)
        .collect();
        assert!(small.is_match(b"aab", &mut caches) && !large.is_match(&value, &mut caches));
        let most = caches.memory_usage();
        assert!(most > 2 * LARGE, "{most}");
        caches.trim(most);
        assert_eq!(caches.memory_usage(), most);
        caches.trim(LARGE);
        let kept = caches.memory_usage();
        assert!(kept > 0 && kept < LARGE, "{kept}");
        caches.trim(0);
        assert_eq!(caches.memory_usage(), 0);
        assert!(small.is_match(b"aab", &mut caches));
    }
}
