//! The conditions that cost a few instructions: how long a value is, and which bytes are in it.

use crate::byteset::ByteSet;
use crate::operator::needs::{ALPHABETS, CLASSES, Needs};

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
    /// For each alphabet, the rules that can match a value written in it, one after the other.
    over: Box<[u64]>,
}

impl Gates {
    pub(super) fn build<'n>(needs: impl Iterator<Item = &'n Needs>, width: usize) -> Self {
        let mut over = vec![0_u64; width * ALPHABETS.len()];
        let mut gates = Vec::new();
        for (number, needs) in needs.enumerate() {
            for alphabet in 0..ALPHABETS.len() {
                if needs.alphabets >> alphabet & 1 == 1
                    && let Some(word) = over.get_mut(alphabet * width + number / 64)
                {
                    *word |= 1 << (number % 64);
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
        Self { gates, over: over.into() }
    }

    /// Takes the rules out that cannot match a value with these bytes, by the alphabets that it fits into.
    #[inline(never)]
    pub(super) fn by_alphabet(&self, bytes: &ByteSet, rules: &mut [u64]) {
        for (alphabet, over) in ALPHABETS.iter().zip(self.over.chunks_exact(rules.len().max(1))) {
            if bytes.is_subset(alphabet) {
                for (word, over) in rules.iter_mut().zip(over) {
                    *word &= over;
                }
            }
        }
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
