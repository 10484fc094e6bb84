//! The conditions that cost a few instructions: how long a value is, and which bytes are in it.

use super::ScanRule;
use crate::byteset::ByteSet;
use crate::operator::needs::{ALPHABETS, CLASSES, Needs};
use crate::transform::Transformation;

/// What one rule needs of a value beside its texts.
#[derive(Debug)]
struct Gate {
    minimum: u32,
    maximum: u32,
    /// Unused places hold everything that a value of at least one byte has.
    classes: [ByteSet; CLASSES],
}

/// The conditions of all rules.
#[derive(Debug, Default)]
pub(super) struct Gates {
    gates: Vec<Gate>,
    /// How many words a set of rules has.
    width: usize,
    /// For each alphabet, the rules that can match a string written in it, one after the other.
    over: Box<[u64]>,
    /// The same before any transformation: also the rules whose transformations make something else of it.
    early: Box<[u64]>,
}

impl Gates {
    pub(super) fn build(rules: &[ScanRule], width: usize) -> Self {
        let anything = Needs::default();
        let mut over = vec![0_u64; width * ALPHABETS.len()];
        let mut early = over.clone();
        let mut gates = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let needs = rule.operator.needs().unwrap_or(&anything);
            for (index, alphabet) in ALPHABETS.iter().enumerate() {
                let can_match = needs.alphabets >> index & 1 == 1;
                let stays = rule.pipeline.iter().all(|it| stays_within(*it, alphabet));
                for (sets, holds) in [(&mut over, can_match), (&mut early, can_match || !stays)] {
                    if let (true, Some(word)) = (holds, sets.get_mut(index * width + number / 64)) {
                        *word |= 1 << (number % 64);
                    }
                }
            }
            let mut classes = [ByteSet::ALL; CLASSES];
            for (place, class) in classes.iter_mut().zip(&needs.classes) {
                *place = *class;
            }
            let minimum = needs.minimum.max(usize::from(!needs.classes.is_empty()));
            let maximum = needs.maximum.and_then(|maximum| u32::try_from(maximum).ok()).unwrap_or(u32::MAX);
            gates.push(Gate { minimum: u32::try_from(minimum).unwrap_or(u32::MAX), maximum, classes });
        }
        Self { gates, width, over: over.into(), early: early.into() }
    }

    /// Takes the rules out that cannot match a string written in an alphabet.
    pub(super) fn by_alphabet(&self, alphabet: usize, rules: &mut [u64]) {
        narrow(&self.over, self.width, alphabet, rules);
    }

    /// Takes the rules out that cannot match a value written in an alphabet, whatever their transformations make of it.
    pub(super) fn early(&self, alphabet: usize, rules: &mut [u64]) {
        narrow(&self.early, self.width, alphabet, rules);
    }

    /// Whether a value of this length and with these bytes has what a rule needs.
    #[inline(never)]
    pub(super) fn lets_through(&self, rule: usize, length: usize, bytes: &ByteSet) -> bool {
        let Some(gate) = self.gates.get(rule) else {
            return true;
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        length >= gate.minimum
            && length <= gate.maximum
            && (length == 0 || gate.classes.iter().all(|class| class.intersects(bytes)))
    }
}

/// The first alphabet that a string with these bytes is written in. The others that it fits into hardly leave fewer rules.
pub(super) fn alphabet(bytes: &ByteSet) -> Option<usize> {
    ALPHABETS.iter().position(|alphabet| bytes.is_subset(alphabet))
}

fn narrow(sets: &[u64], width: usize, alphabet: usize, rules: &mut [u64]) {
    for (word, set) in rules.iter_mut().zip(sets.iter().skip(alphabet * width)) {
        *word &= set;
    }
}

/// Whether what a transformation makes of any string written in an alphabet is written in it too.
fn stays_within(transformation: Transformation, alphabet: &ByteSet) -> bool {
    if !transformation.triggers().fire(alphabet) {
        return true;
    }
    let both_cases =
        || (b'a'..=b'z').all(|byte| alphabet.contains(byte) == alphabet.contains(byte.to_ascii_uppercase()));
    match transformation {
        Transformation::Lowercase | Transformation::Uppercase => both_cases(),
        // These only take bytes away.
        Transformation::NormalizePath
        | Transformation::RemoveCommentsChar
        | Transformation::RemoveNulls
        | Transformation::RemoveWhitespace
        | Transformation::Trim
        | Transformation::TrimLeft
        | Transformation::TrimRight => true,
        // These put spaces in the place of others.
        Transformation::CmdLine => alphabet.contains(b' ') && both_cases(),
        Transformation::CompressWhitespace | Transformation::ReplaceComments => alphabet.contains(b' '),
        Transformation::UrlDecode | Transformation::UrlDecodeUni => !alphabet.contains(b'%') && alphabet.contains(b' '),
        _ => false,
    }
}
