//! Texts of one or two bytes: mostly punctuation, and most values have none of the bytes that they begin with.

use super::{EffectsOf, Search};
use crate::byteset::ByteSet;

/// The texts of one or two bytes.
#[derive(Debug, Default)]
pub(super) struct Short {
    /// The bytes that are a text, and those bytes in the same case.
    single_bytes: ByteSet,
    singles: Vec<(u8, EffectsOf)>,
    /// The bytes that a text of two begins with.
    first_bytes: ByteSet,
    /// For each of these, the texts: the second byte, and what it sets.
    pairs: Vec<(u8, ByteSet, Vec<(u8, EffectsOf)>)>,
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
                    let known = short.pairs.iter().position(|(known, ..)| known == first);
                    let known = known.unwrap_or_else(|| {
                        short.pairs.push((*first, ByteSet::EMPTY, Vec::new()));
                        short.pairs.len() - 1
                    });
                    if let Some((_, seconds, texts)) = short.pairs.get_mut(known) {
                        *seconds = seconds.union(both_cases(*second));
                        texts.push((*second, *effects));
                    }
                }
                _ => {}
            }
        }
        short
    }

    #[inline(never)]
    pub(super) fn find(&self, value: &[u8], bytes: &ByteSet, search: &mut Search<'_>) {
        if bytes.intersects(&self.single_bytes) {
            for (byte, effects) in &self.singles {
                if bytes.intersects(&both_cases(*byte)) {
                    search.found(*effects);
                }
            }
        }
        if !bytes.intersects(&self.first_bytes) {
            return;
        }
        for (first, seconds, texts) in &self.pairs {
            let upper = first.to_ascii_uppercase();
            let is_there = (bytes.contains(*first) || bytes.contains(upper)) && bytes.intersects(seconds);
            if is_there && texts.iter().any(|(_, effects)| search.wants(*effects)) {
                for at in memchr::memchr2_iter(*first, upper, value) {
                    let Some(next) = value.get(at + 1).filter(|next| seconds.contains(**next)) else {
                        continue;
                    };
                    let next = next.to_ascii_lowercase();
                    for (_, effects) in texts.iter().filter(|(second, _)| *second == next) {
                        search.found(*effects);
                    }
                }
            }
        }
    }

    pub(super) fn memory_usage(&self) -> usize {
        let pairs: usize = self.pairs.iter().map(|(.., texts)| size_of_val(&**texts)).sum();
        size_of_val(&*self.singles) + size_of_val(&*self.pairs) + pairs
    }
}

const fn both_cases(byte: u8) -> ByteSet {
    ByteSet::EMPTY.with(byte.to_ascii_lowercase()).with(byte.to_ascii_uppercase())
}
