//! The scan: all rules of a phase over all values, before any rule is interpreted.
//!
//! Interpreting each rule on each of its values, as the language describes it, is what makes other engines slow: on ordinary
//! requests nearly all of that work finds nothing. The scan turns the loops round. For each value:
//!
//! 1. Which bytes occur in it decides which transformations can change it; the transformations of all rules together make a
//!    few distinct strings ([`pipelines`]).
//! 2. A string that is a number or a name leaves only the few rules that can match such a thing ([`gates`]).
//! 3. One pass over the string finds the texts that rules need, for all rules at once ([`literals`]).
//! 4. Of the rules that are left, the length and four classes of bytes are looked at.
//! 5. Only then is the operator asked.
//!
//! Each step leaves out only what [`Needs`](crate::operator::Needs) proves to be without a match, so the hits are exactly
//! those of asking everything; a property test holds it to that.

mod bits;
mod gates;
mod literals;
mod pipelines;

use std::sync::Arc;

pub use self::bits::BitSet;

use self::bits::ones;
use self::gates::Gates;
use self::literals::Literals;
use self::pipelines::{Pipelines, Strings};
use crate::ast::Variable;
use crate::byteset::ByteSet;
use crate::operator::{Needs, Operator, Seen};
use crate::transform::{Transformation, UnicodeMap};

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

    /// How much is left.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }
}

/// The working memory of one worker: the scan's buffers and what operators saw.
#[derive(Debug, Default)]
pub struct Scratch {
    /// What operators saw, and their working memory.
    pub seen: Seen,
    strings: Strings,
    /// The rules that look at the value.
    rules: Vec<u64>,
    /// The rules that are left of those that look at a string.
    left: Vec<u64>,
    /// What [`Literals`] found.
    found: Vec<u64>,
    tally: Tally,
}

/// What scans did so far, for benchmarks and metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Values looked at.
    pub values: u64,
    /// Distinct strings that they became.
    pub strings: u64,
    /// Operators asked.
    pub asked: u64,
    /// Pairs of a rule and a value that match.
    pub hits: u64,
}

impl Scratch {
    /// Gives memory back that unusual values took: patterns keep at most `limit` bytes.
    pub fn trim(&mut self, limit: usize) {
        self.seen.trim(limit);
        self.strings.trim(LARGEST_KEPT);
    }

    /// How many bytes the working memory of patterns takes.
    #[must_use]
    pub fn seen_memory(&self) -> usize {
        self.seen.memory_usage()
    }

    /// What scans did so far.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }
}

/// How much room for a transformed string is kept from one transaction to the next.
const LARGEST_KEPT: usize = 64 << 10;

/// All rules of a phase, arranged for the scan.
#[derive(Debug, Default)]
pub struct Scanner {
    rules: Vec<Arc<Operator>>,
    /// How many words a set of rules has.
    width: usize,
    looks: Vec<Looks>,
    pipelines: Pipelines,
    literals: Literals,
    gates: Gates,
    /// The rules that look for a text at all.
    with_texts: Box<[u64]>,
    /// The rules that match as soon as their text is there.
    sufficient: Box<[u64]>,
}

/// The rules that look at a variable.
#[derive(Debug, Clone, Default)]
struct Looks {
    /// At all of its members.
    all: Box<[u64]>,
    /// At one member.
    keyed: Vec<(Box<[u8]>, Box<[u64]>)>,
}

impl Scanner {
    /// Arranges the rules. `map` is what `urlDecodeUni` needs.
    #[must_use]
    pub fn build(rules: Vec<ScanRule>, map: Option<Arc<UnicodeMap>>) -> Self {
        let width = rules.len().div_ceil(64);
        let anything = Needs::default();
        let needs = || rules.iter().map(|rule| rule.operator.needs().unwrap_or(&anything));
        let set = |holds: fn(&Needs) -> bool| {
            let mut set = vec![0_u64; width];
            for (number, needs) in needs().enumerate() {
                if holds(needs) {
                    put(&mut set, number);
                }
            }
            set.into_boxed_slice()
        };
        Self {
            width,
            looks: looks(&rules, width),
            pipelines: Pipelines::build(&rules, width, map),
            literals: Literals::build(needs(), width),
            gates: Gates::build(&rules, width),
            sufficient: set(|needs| needs.is_sufficient && needs.clauses.len() == 1),
            with_texts: set(|needs| !needs.clauses.is_empty()),
            rules: rules.into_iter().map(|rule| rule.operator).collect(),
        }
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
        let before = hits.len();
        scratch.seen.record(false);
        let mut complete = true;
        for (number, value) in values.enumerate() {
            if !self.select(&value, live, &mut scratch.rules) {
                continue;
            }
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            scratch.tally.values += 1;
            if !self.scan_value(value.value, number, scratch, budget, hits) {
                complete = false;
                break;
            }
        }
        if let Some(new) = hits.get_mut(before..) {
            new.sort_unstable();
        }
        hits.dedup();
        scratch.tally.hits += hits.len().saturating_sub(before) as u64;
        complete
    }

    /// How many bytes it takes, without the operators.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        self.literals.memory_usage() + self.rules.len() * 160
    }

    /// Which live rules look at a value; false when none does.
    fn select(&self, value: &ScanValue<'_>, live: &BitSet, rules: &mut Vec<u64>) -> bool {
        rules.clear();
        let Some(looks) = self.looks.get(value.variable as usize) else {
            return false;
        };
        rules.extend(looks.all.iter().zip(live.words()).map(|(look, live)| look & live));
        rules.resize(self.width, 0);
        for (key, keyed) in &looks.keyed {
            if key.eq_ignore_ascii_case(value.name) {
                for ((word, look), live) in rules.iter_mut().zip(keyed).zip(live.words()) {
                    *word |= look & live;
                }
            }
        }
        shorten(rules)
    }

    fn scan_value(
        &self,
        value: &[u8],
        number: u32,
        scratch: &mut Scratch,
        budget: &mut Budget,
        hits: &mut Vec<Hit>,
    ) -> bool {
        let bytes = ByteSet::from_value(value);
        let Scratch { seen, strings, rules, left, found, tally } = scratch;
        let alphabet = gates::alphabet(&bytes);
        if let Some(alphabet) = alphabet {
            self.gates.early(alphabet, rules);
            if !shorten(rules) {
                return true;
            }
        }
        let mut work = Work { scanner: self, seen, left, found, tally, budget, hits, number };
        if self.pipelines.leave(value.len(), &bytes) {
            return work.ask(value, &bytes, alphabet, rules);
        }
        self.pipelines.run(value, bytes, rules, strings);
        (0..strings.count()).all(|index| {
            let (text, bytes, rules) = strings.string(value, index, rules.len());
            let alphabet = if index == 0 { alphabet } else { gates::alphabet(&bytes) };
            work.ask(text, &bytes, alphabet, rules)
        })
    }
}

/// What is needed while the strings of one value are looked at.
struct Work<'w> {
    scanner: &'w Scanner,
    seen: &'w mut Seen,
    left: &'w mut Vec<u64>,
    found: &'w mut Vec<u64>,
    tally: &'w mut Tally,
    budget: &'w mut Budget,
    hits: &'w mut Vec<Hit>,
    number: u32,
}

impl Work<'_> {
    /// Asks rules about a string, as few as possible. False when the budget is used up.
    fn ask(&mut self, text: &[u8], bytes: &ByteSet, alphabet: Option<usize>, rules: &[u64]) -> bool {
        let scanner = self.scanner;
        self.tally.strings += 1;
        self.left.clear();
        self.left.extend_from_slice(rules);
        if let Some(alphabet) = alphabet {
            scanner.gates.by_alphabet(alphabet, self.left);
            if !shorten(self.left) {
                return true;
            }
        }
        if self.left.iter().zip(&scanner.with_texts).any(|(left, texts)| left & texts != 0) {
            if !self.budget.spend(text.len() as u64) {
                return false;
            }
            scanner.literals.reset(self.found);
            scanner.literals.find(text, bytes, self.left, self.found);
            for found in self.found.chunks_exact(scanner.width.max(1)) {
                for (left, found) in self.left.iter_mut().zip(found) {
                    *left &= found;
                }
            }
        }
        for index in 0..self.left.len() {
            let word = self.left.get(index).copied().unwrap_or(0);
            for rule in ones(word).map(|bit| index * 64 + bit) {
                if !self.ask_rule(rule, text, bytes) {
                    return false;
                }
            }
        }
        true
    }

    fn ask_rule(&mut self, rule: usize, text: &[u8], bytes: &ByteSet) -> bool {
        if !self.scanner.gates.lets_through(rule, text.len(), bytes) {
            return true;
        }
        let is_sufficient = self.scanner.sufficient.get(rule / 64).is_some_and(|word| word >> (rule % 64) & 1 == 1);
        if !is_sufficient {
            if !self.budget.spend(text.len() as u64) {
                return false;
            }
            self.tally.asked += 1;
            let operator = self.scanner.rules.get(rule);
            if !operator.is_some_and(|operator| operator.evaluate(text, b"", self.seen)) {
                return true;
            }
        }
        self.hits.push(Hit { rule: u32::try_from(rule).unwrap_or(u32::MAX), value: self.number });
        true
    }
}

fn looks(rules: &[ScanRule], width: usize) -> Vec<Looks> {
    let none = || vec![0_u64; width].into_boxed_slice();
    let mut all = vec![Looks { all: none(), keyed: Vec::new() }; Variable::ALL.len()];
    for (number, rule) in rules.iter().enumerate() {
        for target in &rule.targets {
            let Some(looks) = all.get_mut(target.variable as usize) else {
                continue;
            };
            let Some(key) = &target.key else {
                put(&mut looks.all, number);
                continue;
            };
            let known = looks.keyed.iter().position(|(known, _)| known.eq_ignore_ascii_case(key));
            let known = known.unwrap_or_else(|| {
                looks.keyed.push((key.clone(), none()));
                looks.keyed.len() - 1
            });
            if let Some((_, set)) = looks.keyed.get_mut(known) {
                put(set, number);
            }
        }
    }
    all
}

/// Cuts off the end of a set of rules where there are none, so that loops over sets end there; false when nothing is left.
fn shorten(rules: &mut Vec<u64>) -> bool {
    let length = rules.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    rules.truncate(length);
    length > 0
}

fn put(set: &mut [u64], number: usize) {
    if let Some(word) = set.get_mut(number / 64) {
        *word |= 1 << (number % 64);
    }
}
