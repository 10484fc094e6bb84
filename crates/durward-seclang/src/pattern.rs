//! Patterns: PCRE text in, a regex over bytes out.
//!
//! A pattern is read when the rules are loaded, so that every fault is found then; its automaton is built when it is first
//! needed, because most rules never get as far as their pattern. Searching takes time linear in the value. The few patterns
//! with look-around or back-references are searched for in two steps: a linear pattern that matches wherever the real one
//! does, and only where it matches a backtracker with a limit.

mod analysis;
mod caches;
mod translate;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

pub use self::caches::Caches;
use crate::operator::Needs;

/// How deep the groups of a pattern may be nested.
const DEEPEST: u32 = 200;
/// How many states the automaton of a pattern may have.
const MOST_STATES: u64 = 400_000;
/// How much memory the lazily built tables of one pattern may take, for each worker. Ordinary values need a few KiB. Where it
/// is too little, the search goes on without tables, which is several times slower: the large patterns of the Core Rule
/// Set need 3 MiB for text written against them. [`Caches::trim`] takes it back.
const TABLES: usize = 4 << 20;

/// A pattern. Equal texts are one pattern.
pub struct Pattern {
    source: Box<[u8]>,
    /// What the linear engine reads.
    linear: Box<str>,
    engine: OnceLock<Option<meta::Regex>>,
    /// For patterns that need more than the linear engine has.
    exact: Option<Box<fancy_regex::Regex>>,
    needs: Needs,
    groups: usize,
    /// Where its cache stands in [`Caches`].
    slot: usize,
}

/// Where the groups of a match stand; the first is the match itself.
pub type Groups = Vec<Option<Range<usize>>>;

impl Pattern {
    /// Reads a PCRE text. The error says what is wrong with it.
    fn new(source: &[u8], slot: usize, most_states: u64, backtrack_limit: usize) -> Result<Self, String> {
        let translated = translate::translate(source)?;
        let hir = parse(&translated.linear)?;
        if analysis::states(&hir) > most_states {
            return Err("the pattern is too large".to_owned());
        }
        let mut needs = analysis::needs(&hir);
        needs.ignores_case &= translated.exact.is_none();
        let exact = translated.exact.map(|text| backtracker(&text, backtrack_limit)).transpose()?;
        Ok(Self {
            source: source.into(),
            linear: translated.linear.into(),
            engine: OnceLock::new(),
            exact: exact.map(Box::new),
            needs,
            groups: translated.groups,
            slot,
        })
    }

    /// The PCRE text.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// The pattern as the linear engine reads it, in the syntax of `regex-syntax`. With [`Pattern::is_backtracking`] it matches
    /// more than the pattern.
    #[must_use]
    pub fn linear(&self) -> &str {
        &self.linear
    }

    /// What every value has in which it is found.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// How many groups capture, the match itself not counted.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether it needs the backtracker.
    #[must_use]
    pub fn is_backtracking(&self) -> bool {
        self.exact.is_some()
    }

    /// Builds the automaton now instead of at the first search.
    pub fn prepare(&self) {
        let _ = self.engine();
    }

    fn engine(&self) -> Option<&meta::Regex> {
        self.engine.get_or_init(|| build(&self.linear).ok()).as_ref()
    }

    /// Whether it is found in the value.
    pub fn is_match(&self, value: &[u8], caches: &mut Caches) -> bool {
        let Some(engine) = self.engine() else {
            return false;
        };
        let cache = caches.of(self.slot, engine);
        let found = engine.search_half_with(cache, &Input::new(value).earliest(true)).is_some();
        match &self.exact {
            Some(exact) if found => exact.is_match(value).unwrap_or_else(|_| caches.exceed()),
            _ => found,
        }
    }

    /// Where it is found first, at or after `start`, and where its groups are. `groups` is cleared first.
    pub fn find(&self, value: &[u8], start: usize, caches: &mut Caches, groups: &mut Groups) -> bool {
        groups.clear();
        if let Some(exact) = &self.exact {
            return self.is_match(value, caches) && find_exact(exact, value, start, caches, groups);
        }
        let Some(engine) = self.engine() else {
            return false;
        };
        let mut slots: [Option<NonMaxUsize>; 2 * MOST_GROUPS] = [None; 2 * MOST_GROUPS];
        let wanted = 2 * self.groups.saturating_add(1).min(MOST_GROUPS);
        let Some(slots) = slots.get_mut(..wanted) else {
            return false;
        };
        let input = Input::new(value).anchored(Anchored::No).range(start.min(value.len())..);
        if engine.search_slots_with(caches.of(self.slot, engine), &input, slots).is_none() {
            return false;
        }
        groups.extend(slots.chunks_exact(2).map(|pair| match pair {
            [Some(start), Some(end)] => Some(start.get()..end.get()),
            _ => None,
        }));
        true
    }
}

/// How many groups are kept, with the match itself.
const MOST_GROUPS: usize = 10;

fn find_exact(
    exact: &fancy_regex::Regex,
    value: &[u8],
    start: usize,
    caches: &mut Caches,
    groups: &mut Groups,
) -> bool {
    match exact.captures_from_pos(value, start.min(value.len())) {
        Ok(Some(found)) => {
            let range = |index| found.get(index).map(|group| group.start()..group.end());
            groups.extend((0..found.len().min(MOST_GROUPS)).map(range));
            true
        }
        Ok(None) => false,
        Err(_) => caches.exceed(),
    }
}

fn parse(linear: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .nest_limit(DEEPEST)
        .build()
        .parse(linear)
        .map_err(|error| match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            error => error.to_string(),
        })
}

fn build(linear: &str) -> Result<meta::Regex, String> {
    let hir = parse(linear)?;
    let config = meta::Config::new()
        .utf8_empty(false)
        .which_captures(WhichCaptures::All)
        .nfa_size_limit(None)
        .hybrid_cache_capacity(TABLES)
        .pool_capacity(1);
    meta::Builder::new().configure(config).build_from_hir(&hir).map_err(|error| error.to_string())
}

fn backtracker(text: &str, limit: usize) -> Result<fancy_regex::Regex, String> {
    fancy_regex::RegexBuilder::new(text)
        .bytes_mode(fancy_regex::BytesMode::Ascii)
        .dot_matches_new_line(true)
        .backtrack_limit(limit)
        .build()
        .map_err(|error| error.to_string())
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern").field("source", &self.source.escape_ascii().to_string()).finish_non_exhaustive()
    }
}

/// Keeps patterns, so that equal texts are compiled once. One for each rule set.
#[derive(Debug)]
pub struct Interner {
    patterns: HashMap<Box<[u8]>, Arc<Pattern>>,
    backtrack_limit: usize,
}

impl Interner {
    /// One that knows no pattern. The limit (`SecPcreMatchLimit`) is for the patterns that need the backtracker.
    #[must_use]
    pub fn new(backtrack_limit: u32) -> Self {
        Self { patterns: HashMap::new(), backtrack_limit: usize::try_from(backtrack_limit).unwrap_or(usize::MAX) }
    }

    /// The pattern of a PCRE text. The error says what is wrong with it.
    ///
    /// # Errors
    /// When it is no pattern, when it uses what cannot be had in linear time or within the limits.
    pub fn pattern(&mut self, source: &[u8]) -> Result<Arc<Pattern>, String> {
        if let Some(known) = self.patterns.get(source) {
            return Ok(Arc::clone(known));
        }
        let pattern = Arc::new(Pattern::new(source, self.patterns.len(), MOST_STATES, self.backtrack_limit)?);
        self.patterns.insert(source.into(), Arc::clone(&pattern));
        Ok(pattern)
    }

    /// All patterns, in no order.
    pub fn patterns(&self) -> impl Iterator<Item = &Arc<Pattern>> {
        self.patterns.values()
    }
}

impl Default for Interner {
    fn default() -> Self {
        Self::new(crate::ast::Settings::default().backtrack_limit)
    }
}
