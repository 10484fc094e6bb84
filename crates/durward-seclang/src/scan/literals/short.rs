//! Texts of one or two bytes: mostly punctuation, and most values have none of the bytes that they begin with.

use super::{EffectsOf, Search};
use crate::byteset::ByteSet;

/// The texts of one or two bytes.
#[derive(Debug, Default)]
pub(super) struct Short {
    /// The bytes that are a text, and those bytes in the same case.
    single_bytes: ByteSet,
    singles: Vec<(u8, EffectsOf)>,
    /// The bytes that a text of two begins with, in both cases.
    first_bytes: ByteSet,
    pairs: Vec<Pairs>,
}

/// The texts of two bytes that begin alike.
#[derive(Debug)]
struct Pairs {
    /// In lower case.
    first: u8,
    /// What comes second, in both cases.
    seconds: ByteSet,
    /// The second byte in lower case, and what the text sets.
    texts: Vec<(u8, EffectsOf)>,
}

impl Short {
    pub(super) fn build(texts: &[(&[u8], EffectsOf)]) -> Self {
        let mut short = Self::default();
        for (text, effects) in texts {
            match text {
                [byte] => {
                    short.single_bytes = short.single_bytes.union(both_cases(*byte));
                    short.singles.push((*byte, *effects));
                }
                [first, second] => {
                    short.first_bytes = short.first_bytes.union(both_cases(*first));
                    let known = short.pairs.iter().position(|pairs| pairs.first == *first);
                    let known = known.unwrap_or_else(|| {
                        short.pairs.push(Pairs { first: *first, seconds: ByteSet::EMPTY, texts: Vec::new() });
                        short.pairs.len() - 1
                    });
                    if let Some(pairs) = short.pairs.get_mut(known) {
                        pairs.seconds = pairs.seconds.union(both_cases(*second));
                        pairs.texts.push((*second, *effects));
                    }
                }
                _ => {}
            }
        }
        short
    }

    #[inline(never)]
    pub(super) fn find(&self, value: &[u8], bytes: &ByteSet, search: &mut Search<'_>) {
        for byte in bytes.intersection(self.single_bytes).iter().map(|byte| byte.to_ascii_lowercase()) {
            for (_, effects) in self.singles.iter().filter(|(single, _)| *single == byte) {
                search.found(*effects);
            }
        }
        for first in bytes.intersection(self.first_bytes).iter() {
            let lower = first.to_ascii_lowercase();
            let Some(pairs) = self.pairs.iter().find(|pairs| pairs.first == lower) else { continue };
            let is_there = bytes.intersects(&pairs.seconds);
            if is_there && pairs.texts.iter().any(|(_, effects)| search.wants(*effects)) {
                for at in memchr::memchr_iter(first, value) {
                    let Some(next) = value.get(at + 1).filter(|next| pairs.seconds.contains(**next)) else {
                        continue;
                    };
                    let next = next.to_ascii_lowercase();
                    for (_, effects) in pairs.texts.iter().filter(|(second, _)| *second == next) {
                        search.found(*effects);
                    }
                }
            }
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        let pairs: usize = self.pairs.iter().map(|pairs| size_of_val(&*pairs.texts)).sum();
        size_of_val(&*self.singles) + size_of_val(&*self.pairs) + pairs
    }
}

const fn both_cases(byte: u8) -> ByteSet {
    ByteSet::EMPTY.with(byte.to_ascii_lowercase()).with(byte.to_ascii_uppercase())
}
