//! Patterns: PCRE text in, a linear-time regex over bytes out.

use std::sync::Arc;

/// A pattern. Equal texts are one pattern.
#[derive(Debug)]
pub struct Pattern {
    source: Box<[u8]>,
    /// Where its cache stands in [`Caches`].
    slot: usize,
}

/// The working memory of patterns, one for each worker.
#[derive(Debug, Default)]
pub struct Caches {
    slots: Vec<Option<()>>,
}

/// Keeps patterns, so that equal texts are compiled once. One for each rule set.
#[derive(Debug, Default)]
pub struct Interner {
    patterns: Vec<Arc<Pattern>>,
}

impl Interner {
    /// The pattern of a PCRE text. The error says what is wrong with it.
    ///
    /// # Errors
    /// When it is no pattern, when it uses what cannot be had in linear time or within the limits.
    pub fn pattern(&mut self, source: &[u8]) -> Result<Arc<Pattern>, String> {
        let pattern = Arc::new(Pattern { source: source.into(), slot: self.patterns.len() });
        self.patterns.push(Arc::clone(&pattern));
        Ok(pattern)
    }
}

impl Pattern {
    /// The PCRE text.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// Whether it is found in the value.
    pub fn is_match(&self, value: &[u8], caches: &mut Caches) -> bool {
        let _ = (value, self.slot, &caches.slots);
        false
    }
}
