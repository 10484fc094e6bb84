//! What every match of a pattern contains, read from its syntax tree.
//!
//! For each part of the tree: the texts that it can match, as long as they are few ([`Facts::exact`]), and what all of its
//! matches contain whatever else is in them. Case is dropped (everything is lower case), and look-around assertions are
//! taken to hold, so the outcome is weaker than the pattern and never stronger: a property test holds it to that.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::byteset::ByteSet;
use crate::operator::needs::{CLASSES, CLAUSES, Clause, Needs, alphabets, commonness};

/// How many texts a set may have.
const MOST_TEXTS: usize = 64;
/// How long the texts of a set may be altogether.
const MOST_BYTES: usize = 1024;
/// How long a text may be: more costs memory and tells nothing new.
const LONGEST_TEXT: usize = 24;
/// How many byte values of a class are written out as texts.
const MOST_OF_CLASS: usize = 16;

/// What every value has in which the pattern is found.
pub(super) fn needs(hir: &Hir) -> Needs {
    let mut facts = facts(hir);
    facts.settle();
    facts.clauses.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
    facts.clauses.dedup();
    facts.clauses.truncate(CLAUSES);
    keep_rarest(&mut facts.classes, CLASSES);
    let properties = hir.properties();
    let whole = properties.look_set_prefix().contains(Look::Start) && properties.look_set_suffix().contains(Look::End);
    Needs {
        clauses: facts.clauses,
        classes: facts.classes,
        minimum: properties.minimum_len().unwrap_or(0),
        maximum: properties.maximum_len().filter(|_| whole),
        alphabets: alphabets(|set| can_match_over(hir, set)),
        is_sufficient: false,
    }
}

/// How large the automaton of a pattern will be, about: the states for its bytes, multiplied by its counted repetitions.
pub(super) fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 2,
        HirKind::Capture(capture) => states(&capture.sub).saturating_add(2),
        HirKind::Repetition(repetition) => {
            let copies = repetition.max.map_or_else(|| repetition.min.saturating_add(1), |max| max.max(1));
            states(&repetition.sub).saturating_add(1).saturating_mul(u64::from(copies))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(1, |sum: u64, part| sum.saturating_add(states(part)))
        }
    }
}

/// Whether a value that has only bytes of `set` can match.
fn can_match_over(hir: &Hir, set: &ByteSet) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| set.contains(*byte)),
        HirKind::Class(class) => bytes_of(class).intersects(set),
        HirKind::Capture(capture) => can_match_over(&capture.sub, set),
        HirKind::Repetition(repetition) => repetition.min == 0 || can_match_over(&repetition.sub, set),
        HirKind::Concat(parts) => parts.iter().all(|part| can_match_over(part, set)),
        HirKind::Alternation(parts) => parts.iter().any(|part| can_match_over(part, set)),
    }
}

/// What is known of all matches of a part.
#[derive(Debug, Clone, Default)]
struct Facts {
    /// All texts that it can match, when they are few.
    exact: Option<Vec<Vec<u8>>>,
    /// Each holds for every match.
    clauses: Vec<Clause>,
    /// Of each at least one byte is in every match.
    classes: Vec<ByteSet>,
}

impl Facts {
    /// Those of a part that matches nothing but the empty text.
    fn empty() -> Self {
        Self { exact: Some(vec![Vec::new()]), ..Self::default() }
    }

    /// Turns the exact texts into a clause.
    fn settle(&mut self) {
        if let Some(texts) = self.exact.take() {
            self.clauses.extend(clause_of(&texts));
        }
    }
}

fn facts(hir: &Hir) -> Facts {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Facts::empty(),
        HirKind::Literal(literal) => Facts {
            exact: (literal.0.len() <= MOST_BYTES).then(|| vec![literal.0.to_ascii_lowercase()]),
            clauses: Vec::new(),
            classes: literal.0.iter().map(|byte| ByteSet::EMPTY.with(*byte)).collect(),
        },
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => facts(&capture.sub),
        HirKind::Repetition(repetition) => of_repetition(&repetition.sub, repetition.min, repetition.max),
        HirKind::Concat(parts) => of_sequence(parts.iter().map(facts)),
        HirKind::Alternation(parts) => of_alternation(parts.iter().map(facts).collect()),
    }
}

fn bytes_of(class: &Class) -> ByteSet {
    match class {
        Class::Bytes(class) => class.ranges().iter().map(|range| ByteSet::range(range.start(), range.end())).fold(ByteSet::EMPTY, ByteSet::union),
        // Patterns are over bytes; if a class of code points came here, nothing would be known of it.
        Class::Unicode(_) => ByteSet::ALL,
    }
}

fn of_class(class: &Class) -> Facts {
    let set = bytes_of(class);
    let mut texts: Vec<Vec<u8>> = set.iter().map(|byte| vec![byte.to_ascii_lowercase()]).collect();
    texts.sort_unstable();
    texts.dedup();
    Facts {
        exact: (texts.len() <= MOST_OF_CLASS).then_some(texts),
        clauses: Vec::new(),
        classes: if set == ByteSet::ALL { Vec::new() } else { vec![set] },
    }
}

fn of_repetition(sub: &Hir, min: u32, max: Option<u32>) -> Facts {
    let mut inner = facts(sub);
    match (min, max) {
        (0, Some(0)) => Facts::empty(),
        (0, Some(1)) => {
            let exact = inner.exact.map(|mut texts| {
                texts.push(Vec::new());
                texts
            });
            Facts { exact: exact.filter(|texts| texts.len() <= MOST_TEXTS), ..Facts::default() }
        }
        (0, _) => Facts::default(),
        (1, Some(1)) => inner,
        (min, max) if max == Some(min) && min <= 8 => of_sequence((0..min).map(|_| inner.clone())),
        (min, _) => {
            // At least `min` times: as many copies as say something, and then whatever follows.
            let copies = of_sequence((0..min.min(4)).map(|_| inner.clone()));
            inner = copies;
            inner.settle();
            inner
        }
    }
}

/// One after the other: the texts of neighbours are put together as long as they stay few.
fn of_sequence(parts: impl Iterator<Item = Facts>) -> Facts {
    let mut all = Facts::default();
    let mut run: Vec<Vec<u8>> = vec![Vec::new()];
    let mut whole = true;
    for part in parts {
        all.clauses.extend(part.clauses);
        all.classes.extend(part.classes);
        keep_rarest(&mut all.classes, 4 * CLASSES);
        let Some(texts) = part.exact else {
            all.clauses.extend(clause_of(&run));
            run = vec![Vec::new()];
            whole = false;
            continue;
        };
        match product(&run, &texts) {
            Some(longer) => run = longer,
            None => {
                all.clauses.extend(clause_of(&run));
                run = texts;
                whole = false;
            }
        }
    }
    if whole {
        all.exact = Some(run);
    } else {
        all.clauses.extend(clause_of(&run));
    }
    all
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len().saturating_mul(right.len()) > MOST_TEXTS * 4 {
        return None;
    }
    let mut texts: Vec<Vec<u8>> = left.iter().flat_map(|start| right.iter().map(|end| [&start[..], end].concat())).collect();
    texts.sort_unstable();
    texts.dedup();
    let bytes: usize = texts.iter().map(Vec::len).sum();
    (texts.len() <= MOST_TEXTS && bytes <= MOST_BYTES).then_some(texts)
}

/// One of them: what every branch knows, each in its own words.
fn of_alternation(mut branches: Vec<Facts>) -> Facts {
    let texts: Option<Vec<Vec<u8>>> = branches.iter().try_fold(Vec::new(), |mut all, branch| {
        all.extend(branch.exact.as_ref()?.iter().cloned());
        Some(all)
    });
    let exact = texts.and_then(|texts| product(&[Vec::new()], &texts));
    for branch in &mut branches {
        branch.settle();
        branch.clauses.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
        branch.classes.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
    }
    let clauses = if exact.is_some() { Vec::new() } else { unions(&branches, |branch| &branch.clauses, merge_clauses) };
    let classes = unions(&branches, |branch| &branch.classes, |sets| {
        let set = sets.fold(ByteSet::EMPTY, |all, set| all.union(*set));
        (set != ByteSet::ALL).then_some(set)
    });
    Facts { exact, clauses, classes }
}

/// The best facts of all branches together, then the second best, and so on; a branch that has no more gives its last.
fn unions<T, B>(branches: &[B], list: impl Fn(&B) -> &Vec<T>, merge: impl Fn(&mut dyn Iterator<Item = &T>) -> Option<T>) -> Vec<T> {
    if branches.iter().any(|branch| list(branch).is_empty()) {
        return Vec::new();
    }
    let most = branches.iter().map(|branch| list(branch).len()).max().unwrap_or(0).min(CLASSES);
    let nth = |rank: usize| {
        merge(&mut branches.iter().filter_map(|branch| {
            let facts = list(branch);
            facts.get(rank).or(facts.last())
        }))
    };
    (0..most).filter_map(nth).collect()
}

fn merge_clauses(clauses: &mut dyn Iterator<Item = &Clause>) -> Option<Clause> {
    let mut texts: Clause = clauses.flatten().cloned().collect();
    texts.sort_unstable();
    texts.dedup();
    (texts.len() <= MOST_TEXTS).then_some(texts)
}

/// A clause, unless one of the texts is empty. Texts that contain another one say nothing more than that.
fn clause_of(texts: &[Vec<u8>]) -> Option<Clause> {
    if texts.is_empty() || texts.iter().any(Vec::is_empty) {
        return None;
    }
    let mut short: Vec<&[u8]> = texts.iter().map(|text| text.get(..LONGEST_TEXT).unwrap_or(text)).collect();
    short.sort_unstable_by_key(|text| text.len());
    let mut clause: Clause = Vec::new();
    for text in short {
        if !clause.iter().any(|known| memchr::memmem::find(text, known).is_some()) {
            clause.push(text.into());
        }
    }
    // A set of single bytes is a class already.
    (!clause.iter().all(|text| text.len() == 1)).then_some(clause)
}

/// How often a clause will hold where nothing is wrong; the lower the better.
fn cost(clause: &Clause) -> f32 {
    clause.iter().map(|text| text.iter().map(|byte| commonness(*byte)).product::<f32>()).sum()
}

fn weight(set: &ByteSet) -> f32 {
    set.iter().map(commonness).sum()
}

fn keep_rarest(classes: &mut Vec<ByteSet>, most: usize) {
    classes.sort_by(|a, b| weight(a).total_cmp(&weight(b)));
    classes.dedup();
    // A class that holds a rarer one says nothing more.
    let mut kept: Vec<ByteSet> = Vec::new();
    for class in classes.iter() {
        if kept.len() < most && !kept.iter().any(|rarer| rarer.is_subset(class)) {
            kept.push(*class);
        }
    }
    *classes = kept;
}
