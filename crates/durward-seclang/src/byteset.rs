//! Sets of byte values: what occurs in a value, and what a transformation or an operator reacts to.

/// A set of byte values, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// The set of nothing.
    pub const EMPTY: Self = Self([0; 4]);
    /// The set of every byte.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// The bytes of a list; meant for constants.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        let mut set = Self::EMPTY;
        let mut rest = bytes;
        while let Some((&byte, tail)) = rest.split_first() {
            set = set.with(byte);
            rest = tail;
        }
        set
    }

    /// The bytes from `first` to `last`, both included.
    #[must_use]
    pub const fn range(first: u8, last: u8) -> Self {
        let mut set = Self::EMPTY;
        let mut byte = first;
        while byte <= last {
            set = set.with(byte);
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        set
    }

    /// This set and one byte more.
    #[must_use]
    pub const fn with(self, byte: u8) -> Self {
        let [a, b, c, d] = self.0;
        let bit = 1_u64 << (byte & 63);
        Self(match byte >> 6 {
            0 => [a | bit, b, c, d],
            1 => [a, b | bit, c, d],
            2 => [a, b, c | bit, d],
            _ => [a, b, c, d | bit],
        })
    }

    /// The bytes that occur in a value.
    ///
    /// Every value of every request comes through here: 0.5 ns a byte. Four sets are filled in turn, because a store that
    /// the next load waits for would be slower.
    #[must_use]
    pub fn from_value(value: &[u8]) -> Self {
        let (quads, rest) = value.as_chunks();
        if quads.len() < 4 {
            let mut set = Self::EMPTY;
            value.iter().for_each(|&byte| set.insert(byte));
            return set;
        }
        let [mut first, mut second, mut third, mut fourth] = [Self::EMPTY; 4];
        for &[a, b, c, d] in quads {
            first.insert(a);
            second.insert(b);
            third.insert(c);
            fourth.insert(d);
        }
        rest.iter().for_each(|&byte| first.insert(byte));
        first.union(second).union(third.union(fourth))
    }

    /// Adds a byte, in memory: for loops.
    fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    /// Whether a byte is in the set.
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        let [a, b, c, d] = self.0;
        let word = match byte >> 6 {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
        word >> (byte & 63) & 1 == 1
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a & e, b & f, c & g, d & h])
    }

    /// What is not in the set.
    #[must_use]
    pub const fn complement(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([!a, !b, !c, !d])
    }

    /// Whether any byte is in both.
    #[must_use]
    pub const fn intersects(&self, other: &Self) -> bool {
        !self.intersection(*other).is_empty()
    }

    /// Whether every byte of this set is in the other.
    #[must_use]
    pub const fn is_subset(&self, other: &Self) -> bool {
        self.intersection(other.complement()).is_empty()
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    /// How many bytes are in the set.
    #[must_use]
    pub const fn len(&self) -> u32 {
        let [a, b, c, d] = self.0;
        a.count_ones() + b.count_ones() + c.count_ones() + d.count_ones()
    }

    /// The bytes of the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u8> + use<> {
        let mut rest = *self;
        std::iter::from_fn(move || {
            let word = rest.0.iter_mut().enumerate().find(|(_, word)| **word != 0);
            let (index, word) = word?;
            let bit = word.trailing_zeros();
            *word &= *word - 1;
            u8::try_from(index * 64 + bit as usize).ok()
        })
    }
}

impl FromIterator<u8> for ByteSet {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        bytes.into_iter().fold(Self::EMPTY, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_its_bytes() {
        const SET: ByteSet = ByteSet::of(b"\x00?@\xff");
        assert_eq!(SET.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!((SET.len(), ByteSet::ALL.len(), ByteSet::EMPTY.len()), (4, 256, 0));
        assert_eq!(ByteSet::range(0x80, 0xff).len(), 128);
        assert_eq!(ByteSet::range(2, 1), ByteSet::EMPTY);
        assert!(ByteSet::EMPTY.is_empty() && !SET.is_empty());
        assert_eq!(SET.complement().complement(), SET);
        assert!(!SET.intersects(&SET.complement()));
        assert!(SET.is_subset(&ByteSet::ALL) && !ByteSet::ALL.is_subset(&SET));
    }

    proptest! {
        #[test]
        fn a_value_contains_what_occurs(value: Vec<u8>, byte: u8) {
            let set = ByteSet::from_value(&value);
            prop_assert_eq!(set.contains(byte), value.contains(&byte));
            prop_assert_eq!(set, ByteSet::of(&value));
            prop_assert_eq!(set, value.iter().copied().collect());
        }
    }
}
