//! The words and phrases that queries are made of.
//!
//! One look-up decides what a word is: a filter by first letter and length, then a hash table with open addressing. Both
//! are made by the compiler from the list in `table`.

mod table;

use super::token::Kind;
use table::WORDS;

/// What a word or phrase is, in any case, and how the table spells it.
#[must_use]
pub fn look_up(word: &[u8]) -> Option<(Kind, &'static [u8])> {
    let (&first, &last) = (word.first()?, word.last()?);
    let lengths = LENGTHS.get(usize::from(first & 31)).copied().unwrap_or_default();
    if word.len() > LONGEST || lengths >> word.len() & 1 == 0 {
        return None;
    }
    let middle = word.get(word.len() / 2).copied().unwrap_or_default();
    let second = word.get(1).copied().unwrap_or_default();
    let mut slot = hash([first, second, middle, last], word.len());
    loop {
        let index = SLOTS.get(slot % SLOTS.len())?.checked_sub(1)?;
        let found = FLAT.get(usize::from(index))?;
        if found.spelling.eq_ignore_ascii_case(word) {
            return Some((found.kind, found.spelling));
        }
        slot += 1;
    }
}

/// What two words are if they are a phrase together.
pub(super) fn look_up_phrase(left: &[u8], right: &[u8]) -> Option<(Kind, &'static [u8])> {
    let (&first, &second) = (left.first()?, right.first()?);
    let letters = PHRASES.get(usize::from(first & 31)).copied().unwrap_or_default();
    if letters >> (second & 31) & 1 == 0 {
        return None;
    }
    let mut phrase = [0; LONGEST];
    let length = left.len() + 1 + right.len();
    let (head, tail) = phrase.get_mut(..length)?.split_at_mut_checked(left.len())?;
    head.copy_from_slice(left);
    let (space, tail) = tail.split_first_mut()?;
    *space = b' ';
    tail.copy_from_slice(right);
    look_up(phrase.get(..length)?)
}

#[derive(Clone, Copy)]
struct Word {
    spelling: &'static [u8],
    kind: Kind,
}

/// The words in one row.
static FLAT: [Word; COUNT] = flat();

/// Where a word stands in [`FLAT`], from 1, at the place of its hash or at the next one that is free.
static SLOTS: [u16; 4096] = slots();

/// For each first letter, the lengths of the words that begin with it.
static LENGTHS: [u32; 32] = filters().0;

/// For each first letter of a phrase, the letters that a later word of it begins with.
static PHRASES: [u32; 32] = filters().1;

const COUNT: usize = count();

const LONGEST: usize = longest();

const fn hash(bytes: [u8; 4], length: usize) -> usize {
    // Clears the case of letters. Other bytes may fall together too; only equality decides.
    let key = u32::from_le_bytes(bytes) & 0xDFDF_DFDF;
    ((key ^ (length as u32).wrapping_mul(0x85EB_CA6B)).wrapping_mul(0x9E37_79B1) >> 20) as usize
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn count() -> usize {
    let mut count = 0;
    let mut group = 0;
    while group < WORDS.len() {
        count += WORDS[group].1.len();
        group += 1;
    }
    count
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn longest() -> usize {
    let words = flat();
    let mut longest = 0;
    let mut index = 0;
    while index < COUNT {
        if words[index].spelling.len() > longest {
            longest = words[index].spelling.len();
        }
        index += 1;
    }
    longest
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn flat() -> [Word; COUNT] {
    let mut flat = [Word { spelling: b"", kind: Kind::Bareword }; COUNT];
    let mut count = 0;
    let mut group = 0;
    while group < WORDS.len() {
        let (kind, words) = WORDS[group];
        let mut index = 0;
        while index < words.len() {
            flat[count] = Word { spelling: words[index].as_bytes(), kind };
            count += 1;
            index += 1;
        }
        group += 1;
    }
    flat
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn slots() -> [u16; 4096] {
    let words = flat();
    let mut slots = [0; 4096];
    let mut index = 0;
    while index < COUNT {
        let word = words[index].spelling;
        let mut slot = hash([word[0], word[1], word[word.len() / 2], word[word.len() - 1]], word.len());
        while slots[slot % slots.len()] != 0 {
            slot += 1;
        }
        index += 1;
        slots[slot % slots.len()] = index as u16;
    }
    slots
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn filters() -> ([u32; 32], [u32; 32]) {
    let words = flat();
    let (mut lengths, mut phrases) = ([0; 32], [0; 32]);
    let mut index = 0;
    while index < COUNT {
        let word = words[index].spelling;
        let first = (word[0] & 31) as usize;
        lengths[first] |= 1 << word.len();
        let mut at = 1;
        while at < word.len() {
            if word[at - 1] == b' ' {
                phrases[first] |= 1 << (word[at] & 31);
            }
            at += 1;
        }
        index += 1;
    }
    (lengths, phrases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        let cases: &[(&[u8], Option<Kind>)] = &[
            (b"SELECT", Some(Kind::Expression)),
            (b"select", Some(Kind::Expression)),
            (b"SeLeCt", Some(Kind::Expression)),
            (b"union all distinct", Some(Kind::Union)),
            (b"_utf8", Some(Kind::SqlType)),
            (b"and", Some(Kind::Logic)),
            (b"in", Some(Kind::Keyword)),
            (b"", None),
            (b"s", None),
            (b"selec", None),
            (b"select ", None),
            (b"selec\0", None),
            (b"selec\xf4", None),
            (b"_utf\x18", None),
            (b"a word that is longer than any", None),
        ];
        for (word, kind) in cases {
            assert_eq!(look_up(word).map(|found| found.0), *kind, "{}", word.escape_ascii());
        }
    }

    #[test]
    fn every_word_of_the_table_is_found_by_its_spelling() {
        for (kind, words) in WORDS {
            for word in *words {
                let lower = word.to_ascii_lowercase();
                assert_eq!(look_up(lower.as_bytes()), Some((*kind, word.as_bytes())), "{word}");
                for (at, _) in word.match_indices(' ') {
                    let found = look_up_phrase(&lower.as_bytes()[..at], &lower.as_bytes()[at + 1..]);
                    assert_eq!(found, Some((*kind, word.as_bytes())), "{word}");
                }
            }
        }
    }

    #[test]
    fn two_words_that_are_no_phrase_stay_two() {
        let none: &[(&[u8], &[u8])] = &[(b"union", b"alls"), (b"", b""), (b"union", b""), (b"", b"by"), (b"x", b"y")];
        for (left, right) in none {
            assert_eq!(look_up_phrase(left, right), None);
        }
        let long = [b'n'; 31];
        assert_eq!(look_up_phrase(&long, &long), None);
    }
}
