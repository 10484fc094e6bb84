//! Texts of three bytes and more.
//!
//! Of each text, three neighbouring bytes are its mark in a table of 262,144 bits: small enough for the nearest cache, and
//! empty enough that ordinary values seldom hit it. One pass over the value looks up each three neighbours; only where the
//! bit is set, the texts behind it are compared, eight bytes at a time. An Aho-Corasick automaton for the same texts takes
//! three times as much memory, most of it far from the processor, and several times as long.

use std::collections::BTreeMap;

use super::{EffectsOf, Search};
use crate::operator::needs::commonness;

/// How many bytes a mark has.
pub(super) const LENGTH: usize = 3;
/// How many bits the class of a byte has.
const CLASS_BITS: u32 = 6;
/// How many marks there are.
const MARKS: usize = 1 << (3 * CLASS_BITS);
const WORDS: usize = MARKS / 64;

/// All texts and their marks.
#[derive(Debug, Default)]
pub(super) struct Marks {
    filter: Option<Box<Filter>>,
    /// The texts of each mark that is set, in the order of the marks.
    texts: Box<[Text]>,
    /// The bytes of the texts that are longer than eight.
    pool: Box<[u8]>,
}

#[derive(Debug)]
struct Filter {
    bits: [u64; WORDS],
    /// How many marks are set before each word.
    before: [u16; WORDS],
    /// Where the texts of each mark that is set begin; one more than there are marks.
    starts: Box<[u32]>,
}

/// A text behind a mark.
#[derive(Debug, Clone, Copy)]
struct Text {
    /// Its first eight bytes, lower case.
    head: u64,
    /// Which of them are letters: the bit that makes them lower case.
    letters: u64,
    /// Where the rest is in the pool.
    rest: u32,
    length: u16,
    /// Where in the text the mark is.
    offset: u16,
    effects: EffectsOf,
}

impl Marks {
    /// Arranges texts that have at least [`LENGTH`] bytes.
    pub(super) fn build(mut texts: Vec<(&[u8], EffectsOf)>) -> Self {
        let mut marked: BTreeMap<usize, Vec<Text>> = BTreeMap::new();
        let mut pool = Vec::new();
        // Short texts first: they have the least choice.
        texts.sort_by_key(|(text, _)| text.len());
        for (text, effects) in texts {
            let Some((offset, mark)) = choose(text, &marked) else {
                continue;
            };
            let (head, rest) = text.split_at_checked(8).unwrap_or((text, &[]));
            let behind = Text {
                head: eight(head),
                letters: eight(
                    &head.iter().map(|byte| if byte.is_ascii_lowercase() { 0x20 } else { 0 }).collect::<Vec<u8>>(),
                ),
                rest: u32::try_from(pool.len()).unwrap_or(u32::MAX),
                length: u16::try_from(text.len()).unwrap_or(u16::MAX),
                offset: u16::try_from(offset).unwrap_or(0),
                effects,
            };
            pool.extend_from_slice(rest);
            marked.entry(mark).or_default().push(behind);
        }
        Self::pack(&marked, pool)
    }

    fn pack(marked: &BTreeMap<usize, Vec<Text>>, pool: Vec<u8>) -> Self {
        let mut filter = Box::new(Filter { bits: [0; WORDS], before: [0; WORDS], starts: Box::default() });
        let (mut starts, mut texts) = (Vec::new(), Vec::new());
        for (index, (word, before)) in filter.bits.iter_mut().zip(&mut filter.before).enumerate() {
            *before = u16::try_from(starts.len()).unwrap_or(u16::MAX);
            for (mark, list) in marked.range(index * 64..(index + 1) * 64) {
                *word |= 1 << (mark % 64);
                starts.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
                texts.extend_from_slice(list);
            }
        }
        starts.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        filter.starts = starts.into();
        Self { filter: (!texts.is_empty()).then_some(filter), texts: texts.into(), pool: pool.into() }
    }

    #[inline(never)]
    pub(super) fn find(&self, value: &[u8], search: &mut Search<'_>) {
        let Some(filter) = &self.filter else {
            return;
        };
        let [first, second, rest @ ..] = value else {
            return;
        };
        let mut mark = class(*first) << CLASS_BITS | class(*second);
        for (at, byte) in rest.iter().enumerate() {
            mark = (mark << CLASS_BITS | class(*byte)) % MARKS;
            let word = filter.bits.get(mark / 64).copied().unwrap_or(0);
            if word >> (mark % 64) & 1 == 1 {
                self.compare(filter.rank(mark, word), value, at, search);
            }
        }
    }

    /// Compares the texts behind a mark that begins at `at`.
    #[inline(never)]
    fn compare(&self, rank: usize, value: &[u8], at: usize, search: &mut Search<'_>) {
        let range = match self.filter.as_ref().and_then(|filter| filter.starts.get(rank..rank + 2)) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => return,
        };
        for text in self.texts.get(range).unwrap_or_default() {
            let Some(there) = at.checked_sub(usize::from(text.offset)).and_then(|start| value.get(start..)) else {
                continue;
            };
            let head = there.first_chunk().map_or_else(|| eight(there), |head| u64::from_le_bytes(*head));
            if text.begins(head) && search.wants(text.effects) && self.stands(text, there) {
                search.found(text.effects);
            }
        }
    }

    /// Whether a text stands at the beginning of `there`.
    fn stands(&self, text: &Text, there: &[u8]) -> bool {
        let length = usize::from(text.length);
        let Some(there) = there.get(..length) else {
            return false;
        };
        let (start, length) = (text.rest as usize, length.saturating_sub(8));
        let rest = self.pool.get(start..start + length).unwrap_or_default();
        there.get(8..).unwrap_or_default().eq_ignore_ascii_case(rest)
    }

    pub(super) fn memory_usage(&self) -> usize {
        let filter = self.filter.as_ref().map_or(0, |filter| size_of::<Filter>() + size_of_val(&*filter.starts));
        filter + size_of_val(&*self.texts) + self.pool.len()
    }
}

impl Text {
    /// Whether the first eight bytes are these.
    const fn begins(&self, head: u64) -> bool {
        let unused = if self.length < 8 { u64::MAX << (8 * self.length) } else { 0 };
        ((head | self.letters) ^ self.head) & !unused == 0
    }
}

impl Filter {
    /// How many marks are set before this one.
    fn rank(&self, mark: usize, word: u64) -> usize {
        let below = word & ((1_u64 << (mark % 64)) - 1);
        usize::from(self.before.get(mark / 64).copied().unwrap_or(0)) + below.count_ones() as usize
    }
}

/// Up to eight bytes as a number, the first lowest.
fn eight(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Which three neighbours of a text are the best mark: rare ones, and not those of many others. Where they stand, and the mark.
fn choose(text: &[u8], marked: &BTreeMap<usize, Vec<Text>>) -> Option<(usize, usize)> {
    let marks =
        text.windows(LENGTH).map(|window| window.iter().fold(0, |mark, byte| mark << CLASS_BITS | class(*byte)));
    let cost = |window: &[u8], mark: usize| {
        #[expect(clippy::cast_precision_loss, reason = "a few texts")]
        let crowd = 1.0 + marked.get(&mark).map_or(0, Vec::len) as f32;
        let common = if COMMON.contains(&window) { 20.0 } else { 1.0 };
        window.iter().map(|byte| commonness(*byte)).product::<f32>() * common * crowd
    };
    let candidates = text.windows(LENGTH).zip(marks).enumerate().take(usize::from(u16::MAX));
    let rated = candidates.map(|(offset, (window, mark))| (offset, mark, cost(window, mark)));
    rated.min_by(|(.., a), (.., b)| a.total_cmp(b)).map(|(offset, mark, _)| (offset, mark))
}

/// Three neighbours that are everywhere.
const COMMON: &[&[u8]] = &[
    b"the", b"and", b"ing", b"ion", b"tio", b"ent", b"ati", b"for", b"her", b"ter", b"ere", b"ate", b"con", b"res",
    b"ver", b"all", b"ons", b"nce", b"men", b"ted", b"ers", b"pro", b"are", b"ess", b"com", b"per", b"int", b"est",
    b"sta", b"ist", b"htt", b"ttp", b"tps", b"www", b"app", b"lic", b"son", b"jso", b"tex", b"ext", b"htm", b"tml",
    b"arr", b"ray", b"ite", b"tem", b"nam", b"ame", b"use", b"ser", b"dat", b"ata", b"typ", b"ype", b"val", b"key",
    b"ema", b"ail", b"err", b"ror",
];

/// The class of a byte: letters for themselves, in any case, and digits and most punctuation for themselves.
fn class(byte: u8) -> usize {
    usize::from(CLASSES.get(usize::from(byte)).copied().unwrap_or(0))
}

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    let mut rest: &mut [u8] = &mut classes;
    while let [first, others @ ..] = rest {
        *first = match byte {
            b'a'..=b'z' => byte - b'a' + 1,
            b'A'..=b'Z' => byte - b'A' + 1,
            b'0'..=b'9' => byte - b'0' + 27,
            b' ' => 37,
            b'!'..=b'/' => byte - b'!' + 38,
            b':' => 53,
            b';' => 54,
            b'<' => 55,
            b'=' => 56,
            b'>' => 57,
            b'?' | b'@' => 58,
            b'[' | b']' | b'{' | b'}' => 59,
            b'\\' => 60,
            b'_' => 61,
            b'^' | b'`' | b'|' | b'~' => 62,
            b'\t'..=b'\r' => 63,
            _ => 0,
        };
        rest = others;
        byte = byte.wrapping_add(1);
    }
    classes
};
