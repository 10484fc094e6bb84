//! What a value must have so that an operator can find anything in it.
//!
//! All of it is one-sided: a value that lacks something certainly does not match; a value that has everything may match.

use crate::byteset::ByteSet;

/// What every matching value has: if a value lacks any of it, the operator certainly finds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// Of each clause at least one text stands in the value, in any ASCII case.
    pub clauses: Vec<Clause>,
    /// Of each set at least one byte occurs.
    pub classes: Vec<ByteSet>,
    /// How many bytes the value has at least.
    pub minimum: usize,
    /// How many bytes the value has at most.
    pub maximum: Option<usize>,
    /// Which of the [`ALPHABETS`] are enough to write a value that matches, one bit each.
    pub alphabets: u8,
    /// Whether a value that holds a text of the only clause matches for certain.
    pub is_sufficient: bool,
    /// Whether the case of ASCII letters makes no difference to the verdict.
    pub ignores_case: bool,
}

/// Texts of which at least one stands in every matching value; lower case, none empty.
pub type Clause = Vec<Box<[u8]>>;

/// How many clauses are looked at.
pub const CLAUSES: usize = 3;

/// How many classes are looked at.
pub const CLASSES: usize = 4;

const DIGITS: ByteSet = ByteSet::range(b'0', b'9');
const NUMBERS: ByteSet = DIGITS.union(ByteSet::of(b"+-."));
const LETTERS: ByteSet = ByteSet::range(b'a', b'z').union(ByteSet::range(b'A', b'Z'));
const LOWER_WORDS: ByteSet = ByteSet::range(b'a', b'z').union(DIGITS).union(ByteSet::of(b"._"));
const IDENTIFIERS: ByteSet = LETTERS.union(DIGITS).with(b'_');
const DOTTED: ByteSet = IDENTIFIERS.union(ByteSet::of(b".-"));
const WORDS: ByteSet = DOTTED.union(ByteSet::of(b" ,"));
const LOCATORS: ByteSet = DOTTED.union(ByteSet::of(b":/~"));
const PLAIN: ByteSet = WORDS.union(ByteSet::of(b":/?!+@'"));

/// Sets that most values fit into: numbers, identifiers, words. Which rules can match at all over one of them is known
/// beforehand. Ordered so that a value is best described by the first that it fits into.
pub const ALPHABETS: [ByteSet; 8] = [DIGITS, NUMBERS, LOWER_WORDS, IDENTIFIERS, DOTTED, LOCATORS, WORDS, PLAIN];

impl Default for Needs {
    /// Nothing is needed: anything may match.
    fn default() -> Self {
        Self {
            clauses: Vec::new(),
            classes: Vec::new(),
            minimum: 0,
            maximum: None,
            alphabets: u8::MAX,
            is_sufficient: false,
            ignores_case: false,
        }
    }
}

impl Needs {
    /// Those of a text that must stand in the value.
    #[must_use]
    pub fn text(text: &[u8]) -> Self {
        let mut needs = Self {
            minimum: text.len(),
            alphabets: alphabets(|set| text.iter().all(|byte| set.contains(*byte))),
            ..Self::default()
        };
        if !text.is_empty() {
            needs.clauses = vec![vec![text.to_ascii_lowercase().into()]];
            let mut bytes: Vec<u8> = ByteSet::from_value(text).iter().collect();
            bytes.sort_by(|a, b| commonness(*a).total_cmp(&commonness(*b)));
            needs.classes = bytes.into_iter().take(CLASSES).map(|byte| ByteSet::EMPTY.with(byte)).collect();
        }
        needs
    }

    /// Whether a value has all of it. What [`crate::scan`] does for many rules at once.
    #[must_use]
    pub fn hold(&self, value: &[u8]) -> bool {
        let bytes = ByteSet::from_value(value);
        let lower = value.to_ascii_lowercase();
        let stands = |text: &[u8]| memchr::memmem::find(&lower, text).is_some();
        value.len() >= self.minimum
            && self.maximum.is_none_or(|maximum| value.len() <= maximum)
            && self.classes.iter().all(|class| class.intersects(&bytes))
            && self.clauses.iter().all(|clause| clause.iter().any(|text| stands(text)))
            && (self.alphabets | !alphabets(|set| bytes.is_subset(set))) == u8::MAX
    }
}

/// The bits of the alphabets that fit.
pub(crate) fn alphabets(mut fits: impl FnMut(&ByteSet) -> bool) -> u8 {
    ALPHABETS.iter().enumerate().fold(0, |bits, (index, set)| bits | (u8::from(fits(set)) << index))
}

/// Roughly how often a byte occurs in what clients send, in any case: only the order matters, and only for speed.
pub(crate) fn commonness(byte: u8) -> f32 {
    COMMONNESS.get(usize::from(byte)).copied().unwrap_or_default()
}

static COMMONNESS: [f32; 256] = {
    let groups: [(&[u8], f32); 8] = [
        (b"eE", 0.09),
        (b"ainorstAINORST", 0.06),
        (b"cdlmpuCDLMPU 012._", 0.03),
        (b"bfghvwyBFGHVWY3456789-/,:", 0.017),
        (b"=;()+\"'&%?*", 0.006),
        (b"jkqxzJKQXZ", 0.004),
        (b"!#$<>@[\\]^`{|}~\t\r\n", 0.002),
        (b"\0", 0.001),
    ];
    let mut table = [0.001; 256];
    let mut rest: &[(&[u8], f32)] = &groups;
    while let [(bytes, share), others @ ..] = rest {
        let mut bytes: &[u8] = bytes;
        while let [byte, more @ ..] = bytes {
            let Some((_, tail)) = table.split_at_mut_checked(*byte as usize) else { break };
            if let [first, ..] = tail {
                *first = *share;
            }
            bytes = more;
        }
        rest = others;
    }
    table
};
