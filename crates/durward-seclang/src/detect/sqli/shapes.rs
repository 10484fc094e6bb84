//! The fingerprints that injections have.
//!
//! A fingerprint is split after its third token. The head says which set of tails may follow; there are fewer than two
//! hundred such sets, so the eight thousand fingerprints take 25 KiB and are looked up with two loads.

mod table;

use super::token::Kind;
use table::SHAPES;

/// The most tokens of a fingerprint.
pub(super) const LONGEST: usize = 5;

/// Whether these kinds, of which the first five count, are the fingerprint of an injection.
#[must_use]
pub fn is_known(kinds: impl IntoIterator<Item = Kind>) -> bool {
    let mut digits = [0_u8; LONGEST];
    for (digit, kind) in digits.iter_mut().zip(kinds) {
        let value = DIGITS.get(kind as usize).copied().unwrap_or_default();
        if value == 0 {
            return false;
        }
        *digit = value;
    }
    let [first, second, third, fourth, fifth] = digits.map(usize::from);
    let set = HEADS.get((first * BASE + second) * BASE + third).copied().unwrap_or_default();
    let tails = TAILS.get(usize::from(set)).and_then(|tails| tails.get(fourth)).copied().unwrap_or_default();
    tails >> fifth & 1 == 1
}

/// The symbols that occur, in the order of their digits; the digit 0 stands for the end.
const SYMBOLS: &[u8] = b"_&(),1:;ABCEFKNOSTUVX";

const BASE: usize = SYMBOLS.len();

/// The digit of each kind; 0 if it occurs in no fingerprint.
static DIGITS: [u8; Kind::ALL.len()] = digits();

/// For each head, which set of tails it has; the set 0 is empty.
static HEADS: [u8; BASE * BASE * BASE] = heads();

/// For each set of tails and each fourth token, which fifth tokens make an injection.
static TAILS: [[u32; BASE]; SHAPES.len() + 1] = tails();

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn digits() -> [u8; Kind::ALL.len()] {
    let mut digits = [0; Kind::ALL.len()];
    let mut index = 0;
    while index < digits.len() {
        let kind = Kind::ALL[index];
        // The case of a symbol does not count: a type and the start of a Transact-SQL statement are the same here.
        digits[kind as usize] = digit(kind.symbol().to_ascii_uppercase()) as u8;
        index += 1;
    }
    digits
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn digit(symbol: u8) -> usize {
    let mut digit = BASE - 1;
    while digit > 0 && SYMBOLS[digit] != symbol {
        digit -= 1;
    }
    digit
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn heads() -> [u8; BASE * BASE * BASE] {
    let mut heads = [0; BASE * BASE * BASE];
    let mut set = 0;
    while set < SHAPES.len() {
        let list = SHAPES[set].0.as_bytes();
        let mut at = 0;
        while at < list.len() {
            let head = (digit(list[at]) * BASE + digit(list[at + 1])) * BASE + digit(list[at + 2]);
            heads[head] = set as u8 + 1;
            at += 4;
        }
        set += 1;
    }
    heads
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn tails() -> [[u32; BASE]; SHAPES.len() + 1] {
    let mut tails = [[0; BASE]; SHAPES.len() + 1];
    let mut set = 0;
    while set < SHAPES.len() {
        let list = SHAPES[set].1.as_bytes();
        let mut at = 0;
        while at < list.len() {
            tails[set + 1][digit(list[at])] |= 1 << digit(list[at + 1]);
            at += 3;
        }
        set += 1;
    }
    tails
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All fingerprints, in capital letters.
    fn all() -> impl Iterator<Item = String> {
        SHAPES.iter().flat_map(|(heads, tails)| {
            heads.split(' ').flat_map(|head| tails.split(' ').map(move |tail| format!("{head}{tail}").replace('_', "")))
        })
    }

    fn kinds(shape: &str) -> Option<Vec<Kind>> {
        let of = |symbol: u8| Kind::ALL.iter().copied().find(|kind| kind.symbol().eq_ignore_ascii_case(&symbol));
        shape.bytes().map(of).collect()
    }

    #[test]
    fn every_fingerprint_of_the_table_is_known() {
        assert_eq!(all().count(), 8367);
        for shape in all() {
            assert!(is_known(kinds(&shape).unwrap()), "{shape}");
        }
    }

    #[test]
    fn nothing_else_is_known() {
        let known: std::collections::HashSet<String> = all().collect();
        let mut count = 0;
        for first in Kind::ALL {
            for second in Kind::ALL {
                for third in Kind::ALL {
                    for rest in [&[][..], &[Kind::Comment], &[Kind::Number, Kind::Operator], &[Kind::Dot, Kind::Number]]
                    {
                        let shape: Vec<Kind> =
                            [*first, *second, *third].into_iter().chain(rest.iter().copied()).collect();
                        let text: String =
                            shape.iter().map(|kind| char::from(kind.symbol()).to_ascii_uppercase()).collect();
                        assert_eq!(is_known(shape), known.contains(&text), "{text}");
                        count += 1;
                    }
                }
            }
        }
        assert_eq!(count, 26 * 26 * 26 * 4);
        assert!(!is_known([]));
    }
}
