//! Patterns of the document, tried once each before the validator of the whole document is built.

use std::collections::HashMap;

use jsonschema::PatternOptions;
use serde_json::json;

use super::tape::Tape;

/// How far a pattern with look-around or back-references may backtrack.
pub(super) const BACKTRACK_LIMIT: usize = 10_000;
/// The compiled size that a pattern may have: `(a{1,100}){1,100}` is beyond it, whatever engine runs it.
pub(super) const SIZE_LIMIT: usize = 256 << 10;

/// What a pattern is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Use {
    /// Matched in linear time.
    Plain,
    /// May backtrack; gives up after a while, and the value is refused then.
    Backtracking,
    /// Not a pattern, or too large.
    Refused(&'static str),
}

/// The patterns seen so far.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    known: HashMap<String, Use>,
}

impl Patterns {
    pub(super) fn judge(&mut self, pattern: &str) -> Use {
        if let Some(known) = self.known.get(pattern) {
            return known.clone();
        }
        let judged = judge(pattern);
        self.known.insert(pattern.to_owned(), judged.clone());
        judged
    }
}

fn judge(pattern: &str) -> Use {
    let schema = json!({ "pattern": pattern });
    let plain = jsonschema::options_for::<Tape>()
        .offline()
        .with_pattern_options(PatternOptions::regex().size_limit(SIZE_LIMIT))
        .build(&schema);
    if plain.is_ok() {
        return Use::Plain;
    }
    let build = |limit: usize| {
        jsonschema::options_for::<Tape>()
            .offline()
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT).size_limit(limit))
            .build(&schema)
            .is_ok()
    };
    if build(SIZE_LIMIT) {
        Use::Backtracking
    } else if build(SIZE_LIMIT * 64) {
        Use::Refused("is too large to be matched safely")
    } else {
        Use::Refused("is not a regular expression that can be read")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judged() {
        let mut patterns = Patterns::default();
        for (pattern, expected) in [
            ("^[a-z]+$", Use::Plain),
            ("^\\d{4}-\\d{2}$", Use::Plain),
            ("^\\p{L}+$", Use::Plain),
            ("^(?!foo)bar$", Use::Backtracking),
            ("(a+)\\1b", Use::Backtracking),
            ("^(a{1,100}){1,100}$", Use::Refused("is too large to be matched safely")),
            ("[", Use::Refused("is not a regular expression that can be read")),
            ("(?P<x", Use::Refused("is not a regular expression that can be read")),
        ] {
            assert_eq!(patterns.judge(pattern), expected, "{pattern}");
        }
    }
}
