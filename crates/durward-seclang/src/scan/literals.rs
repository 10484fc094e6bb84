//! The texts that rules need, looked for all at once.
//!
//! Rules are numbered; of each, up to [`CLAUSES`] clauses are looked at. What was found is one set of rules for each rank:
//! in the set of rank `k` are the rules whose clause number `k` holds, and those that have no such clause.

mod marks;
mod short;

use std::collections::BTreeMap;

use self::marks::Marks;
use self::short::Short;
use crate::byteset::ByteSet;
use crate::operator::needs::{CLAUSES, Needs};

/// All texts of all rules.
#[derive(Debug, Default)]
pub(super) struct Literals {
    short: Short,
    marks: Marks,
    effects: Effects,
    /// What holds before anything was found: the clauses that rules do not have.
    absent: Box<[u64]>,
    /// The rules that look for short texts, and those that look for long ones.
    with_short: Box<[u64]>,
    with_long: Box<[u64]>,
}

/// What the texts set when they are found.
#[derive(Debug, Default)]
struct Effects(Vec<Effect>);

/// A text sets bits of one word of the sets; those that set more have several effects, one after the other.
#[derive(Debug, Clone, Copy)]
struct Effect {
    word: u16,
    /// Which word of a set of rules it is.
    rules: u16,
    bits: u64,
}

/// Which effects a text has.
#[derive(Debug, Clone, Copy, Default)]
struct EffectsOf {
    start: u32,
    count: u16,
}

/// The sets of rules for one value while it is looked at.
struct Search<'s> {
    effects: &'s Effects,
    /// The rules that matter.
    wanted: &'s [u64],
    found: &'s mut [u64],
}

impl Literals {
    /// Arranges the texts of the rules; `width` is how many words a set of rules has.
    pub(super) fn build<'n>(needs: impl Iterator<Item = &'n Needs>, width: usize) -> Self {
        let mut texts: BTreeMap<&[u8], BTreeMap<(u16, u16), u64>> = BTreeMap::new();
        let mut absent = vec![0_u64; width * CLAUSES];
        let (mut with_short, mut with_long) = (vec![0_u64; width], vec![0_u64; width]);
        let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        for (rule, needs) in needs.enumerate() {
            let bit = 1_u64 << (rule % 64);
            for rank in 0..CLAUSES {
                let word = rank * width + rule / 64;
                for text in needs.clauses.get(rank).into_iter().flatten() {
                    super::put(if text.len() < marks::LENGTH { &mut with_short } else { &mut with_long }, rule);
                    *texts.entry(text).or_default().entry((small(word), small(rule / 64))).or_default() |= bit;
                }
                if let (None, Some(word)) = (needs.clauses.get(rank), absent.get_mut(word)) {
                    *word |= bit;
                }
            }
        }
        let mut effects = Effects::default();
        let texts: Vec<(&[u8], EffectsOf)> = texts.iter().map(|(text, sets)| (*text, effects.push(sets))).collect();
        let (short, long): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(text, _)| text.len() < marks::LENGTH);
        Self {
            short: Short::build(&short),
            marks: Marks::build(long),
            effects,
            absent: absent.into(),
            with_short: with_short.into(),
            with_long: with_long.into(),
        }
    }

    /// Writes the sets of rules for a value, without having looked at it: the clauses that rules do not have.
    pub(super) fn reset(&self, found: &mut Vec<u64>) {
        found.clear();
        found.extend_from_slice(&self.absent);
    }

    /// Adds the rules whose clauses hold in a value that has these bytes. Only the rules in `wanted` matter.
    pub(super) fn find(&self, value: &[u8], bytes: &ByteSet, wanted: &[u64], found: &mut [u64]) {
        let mut search = Search { effects: &self.effects, wanted, found };
        if wanted.iter().zip(&self.with_short).any(|(wanted, with)| wanted & with != 0) {
            self.short.find(value, bytes, &mut search);
        }
        if wanted.iter().zip(&self.with_long).any(|(wanted, with)| wanted & with != 0) {
            self.marks.find(value, &mut search);
        }
    }

    /// How many bytes it takes.
    pub(super) fn memory_usage(&self) -> usize {
        size_of_val(&*self.effects.0)
            + size_of_val(&*self.absent)
            + self.short.memory_usage()
            + self.marks.memory_usage()
    }
}

impl Effects {
    fn push(&mut self, sets: &BTreeMap<(u16, u16), u64>) -> EffectsOf {
        let start = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.extend(sets.iter().map(|((word, rules), bits)| Effect { word: *word, rules: *rules, bits: *bits }));
        EffectsOf { start, count: u16::try_from(sets.len()).unwrap_or(u16::MAX) }
    }

    fn of(&self, which: EffectsOf) -> &[Effect] {
        let start = which.start as usize;
        self.0.get(start..start + usize::from(which.count)).unwrap_or_default()
    }
}

impl Search<'_> {
    /// Whether a text would tell anything new about a rule that matters.
    fn wants(&self, text: EffectsOf) -> bool {
        self.effects.of(text).iter().any(|effect| {
            let wanted = self.wanted.get(usize::from(effect.rules)).copied().unwrap_or(0);
            let found = self.found.get(usize::from(effect.word)).copied().unwrap_or(0);
            effect.bits & wanted & !found != 0
        })
    }

    /// Notes that a text is there.
    fn found(&mut self, text: EffectsOf) {
        for effect in self.effects.of(text) {
            if let Some(word) = self.found.get_mut(usize::from(effect.word)) {
                *word |= effect.bits;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needs(clauses: &[Vec<Vec<u8>>]) -> Needs {
        let clauses = clauses.iter().map(|clause| clause.iter().map(|text| text.to_ascii_lowercase().into()).collect());
        Needs { clauses: clauses.collect(), ..Needs::default() }
    }

    fn texts() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec("[aAbB./\\x00-]{1,12}".prop_map(String::into_bytes), 1..4)
    }

    proptest! {
        /// The clauses that are found are those that hold.
        #[test]
        fn finds_what_is_there(
            rules in prop::collection::vec(prop::collection::vec(texts(), 0..=CLAUSES), 1..100),
            value in "[aAbBcC./ \\x00-]{0,24}",
        ) {
            let rules: Vec<Needs> = rules.iter().map(|clauses| needs(clauses)).collect();
            let value = value.as_bytes();
            let width = rules.len().div_ceil(64);
            let literals = Literals::build(rules.iter(), width);
            let mut found = Vec::new();
            literals.reset(&mut found);
            literals.find(value, &ByteSet::from_value(value), &vec![u64::MAX; width], &mut found);
            for (number, rule) in rules.iter().enumerate() {
                let all = (0..CLAUSES).all(|rank| found[rank * width + number / 64] >> (number % 64) & 1 == 1);
                prop_assert_eq!(all, rule.hold(value), "{:?}", rule);
            }
        }
    }
}
