//! What every match of a pattern contains, read from its syntax tree.
//!
//! For each part of the tree: the texts that it can match, as long as they are few ([`Facts::exact`]), and what all of its
//! matches contain whatever else is in them. Case is dropped (everything is lower case), and look-around assertions are
//! taken to hold, so the outcome is weaker than the pattern and never stronger: a property test holds it to that.

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use smallvec::{SmallVec, smallvec};

use crate::byteset::ByteSet;
use crate::operator::needs::{CLASSES, CLAUSES, Clause, Needs, alphabets, commonness};

/// How many texts a set may have.
const MOST_TEXTS: usize = 64;
/// How long the texts of a set may be altogether.
const MOST_BYTES: usize = 1024;
/// How long a text may be: more costs memory and tells nothing new.
const LONGEST_TEXT: usize = 24;
/// How often a clause may hold by chance at a place of an ordinary value: more, and looking for it is not worth it.
const COMMONEST: f32 = 0.002;
/// How many byte values of a class are written out as texts.
const MOST_OF_CLASS: u32 = 16;

/// A text that a part can match; most are short.
type Text = SmallVec<[u8; 24]>;

/// What every value has in which the pattern is found.
pub(super) fn needs(hir: &Hir) -> Needs {
    let mut facts = facts(hir);
    facts.settle();
    facts.clauses.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
    facts.clauses.dedup();
    facts.clauses.retain(|clause| cost(clause) < COMMONEST);
    facts.clauses.truncate(CLAUSES);
    keep_rarest(&mut facts.classes, CLASSES);
    let classes = facts.classes.iter().map(|class| class.set).collect();
    let properties = hir.properties();
    let whole = properties.look_set_prefix().contains(Look::Start) && properties.look_set_suffix().contains(Look::End);
    Needs {
        clauses: facts.clauses,
        classes,
        minimum: properties.minimum_len().unwrap_or(0),
        maximum: properties.maximum_len().filter(|_| whole),
        alphabets: alphabets(|set| can_match_over(hir, set)),
        is_sufficient: false,
        ignores_case: ignores_case(hir),
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

/// Whether every part takes letters in both cases.
fn ignores_case(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => !literal.0.iter().any(u8::is_ascii_alphabetic),
        HirKind::Class(class) => bytes_of(class)
            .is_some_and(|set| (b'a'..=b'z').all(|byte| set.contains(byte) == set.contains(byte.to_ascii_uppercase()))),
        HirKind::Capture(capture) => ignores_case(&capture.sub),
        HirKind::Repetition(repetition) => ignores_case(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(ignores_case),
    }
}

/// Whether a value that has only bytes of `set` can match.
fn can_match_over(hir: &Hir, set: &ByteSet) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| set.contains(*byte)),
        HirKind::Class(class) => bytes_of(class).is_none_or(|bytes| bytes.intersects(set)),
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
    exact: Option<Vec<Text>>,
    /// Each holds for every match.
    clauses: Vec<Clause>,
    /// Of each at least one byte is in every match.
    classes: Vec<Weighted>,
}

/// A set, and how common its bytes are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Weighted {
    weight: f32,
    set: ByteSet,
}

impl Weighted {
    const EMPTY: Self = Self { weight: 0.0, set: ByteSet::EMPTY };

    fn with(self, first: u8, last: u8) -> Self {
        let weight = (first..=last).map(commonness).sum::<f32>();
        Self { weight: self.weight + weight, set: self.set.union(ByteSet::range(first, last)) }
    }
}

impl Facts {
    /// Those of a part that matches nothing but the empty text.
    fn empty() -> Self {
        Self { exact: Some(vec![Text::new()]), ..Self::default() }
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
            exact: (literal.0.len() <= MOST_BYTES)
                .then(|| vec![literal.0.iter().map(u8::to_ascii_lowercase).collect()]),
            clauses: Vec::new(),
            classes: literal.0.iter().map(|byte| Weighted::EMPTY.with(*byte, *byte)).collect(),
        },
        HirKind::Class(class) => of_class(class),
        HirKind::Capture(capture) => facts(&capture.sub),
        HirKind::Repetition(repetition) => of_repetition(&repetition.sub, repetition.min, repetition.max),
        HirKind::Concat(parts) => of_sequence(parts.iter().map(facts)),
        HirKind::Alternation(parts) => of_alternation(parts.iter().map(facts).collect()),
    }
}

/// The bytes of a class; `None` if it is more than bytes.
fn bytes_of(class: &Class) -> Option<ByteSet> {
    Some(ranges_of(class)?.iter().fold(ByteSet::EMPTY, |all, (first, last)| all.union(ByteSet::range(*first, *last))))
}

/// The ranges of a class. Patterns are over bytes, but the parser makes a class of code points of `a|b`: where they are
/// ASCII, they are bytes; of others nothing is known.
fn ranges_of(class: &Class) -> Option<SmallVec<[(u8, u8); 4]>> {
    match class {
        Class::Bytes(class) => Some(class.ranges().iter().map(|range| (range.start(), range.end())).collect()),
        Class::Unicode(class) => {
            let byte = |point: char| u8::try_from(point).ok().filter(u8::is_ascii);
            class.ranges().iter().map(|range| Some((byte(range.start())?, byte(range.end())?))).collect()
        }
    }
}

fn of_class(class: &Class) -> Facts {
    let Some(ranges) = ranges_of(class) else { return Facts::default() };
    let weighted = ranges.iter().fold(Weighted::EMPTY, |all, (first, last)| all.with(*first, *last));
    let texts = (weighted.set.len() <= 2 * MOST_OF_CLASS).then(|| {
        let bytes = ranges.iter().flat_map(|(first, last)| *first..=*last);
        let mut texts: Vec<Text> = bytes.map(|byte| smallvec![byte.to_ascii_lowercase()]).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    });
    Facts {
        exact: texts.filter(|texts| texts.len() <= MOST_OF_CLASS as usize),
        clauses: Vec::new(),
        classes: if weighted.set == ByteSet::ALL { Vec::new() } else { vec![weighted] },
    }
}

fn of_repetition(sub: &Hir, min: u32, max: Option<u32>) -> Facts {
    let mut inner = facts(sub);
    match (min, max) {
        (0, Some(0)) => Facts::empty(),
        (0, Some(1)) => {
            let exact = inner.exact.map(|mut texts| {
                texts.push(Text::new());
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
    let mut run: Vec<Text> = vec![Text::new()];
    let mut whole = true;
    for part in parts {
        all.clauses.extend(part.clauses);
        all.classes.extend(part.classes);
        keep_rarest(&mut all.classes, 4 * CLASSES);
        let Some(texts) = part.exact else {
            all.clauses.extend(clause_of(&run));
            run = vec![Text::new()];
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

fn product(left: &[Text], right: &[Text]) -> Option<Vec<Text>> {
    if left.len().saturating_mul(right.len()) > MOST_TEXTS * 4 {
        return None;
    }
    let both = |start: &Text, end: &Text| start.iter().chain(end).copied().collect();
    let mut texts: Vec<Text> = left.iter().flat_map(|start| right.iter().map(move |end| both(start, end))).collect();
    texts.sort_unstable();
    texts.dedup();
    let bytes: usize = texts.iter().map(SmallVec::len).sum();
    (texts.len() <= MOST_TEXTS && bytes <= MOST_BYTES).then_some(texts)
}

/// One of them: what every branch knows, each in its own words.
fn of_alternation(mut branches: Vec<Facts>) -> Facts {
    let texts: Option<Vec<Text>> = branches.iter().try_fold(Vec::new(), |mut all, branch| {
        all.extend(branch.exact.as_ref()?.iter().cloned());
        Some(all)
    });
    let exact = texts.and_then(|texts| product(&[Text::new()], &texts));
    for branch in &mut branches {
        branch.settle();
        branch.clauses.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
        branch.classes.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    }
    let clauses = if exact.is_some() { Vec::new() } else { unions(&branches, |branch| &branch.clauses, merge_clauses) };
    let classes = unions(
        &branches,
        |branch| &branch.classes,
        |sets| {
            let all = sets.fold(Weighted::EMPTY, |all, one| Weighted {
                weight: all.weight + one.weight,
                set: all.set.union(one.set),
            });
            (all.set != ByteSet::ALL).then_some(all)
        },
    );
    Facts { exact, clauses, classes }
}

/// The best facts of all branches together, then the second best, and so on; a branch that has no more gives its last.
fn unions<T, B>(
    branches: &[B],
    list: impl Fn(&B) -> &Vec<T>,
    merge: impl Fn(&mut dyn Iterator<Item = &T>) -> Option<T>,
) -> Vec<T> {
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
fn clause_of(texts: &[Text]) -> Option<Clause> {
    if texts.is_empty() || texts.iter().any(SmallVec::is_empty) {
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

fn keep_rarest(classes: &mut Vec<Weighted>, most: usize) {
    classes.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    // A class that holds a rarer one says nothing more.
    let mut kept: Vec<Weighted> = Vec::with_capacity(most);
    for class in classes.iter() {
        if kept.len() < most && !kept.iter().any(|rarer| rarer.set.is_subset(&class.set)) {
            kept.push(*class);
        }
    }
    *classes = kept;
}
