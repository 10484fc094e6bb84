//! `@verifyCC`, `@verifyCPF`, `@verifySSN` and `@verifySVNR`: the pattern of the argument finds a number, and the number's
//! check digits are right. Group 0 is the number.
//!
//! Where a number is wrong, the search goes on one byte behind its beginning, so that a right one within a longer run of
//! digits is found.

mod card;
mod cpf;
mod ssn;
mod svnr;

pub(super) use self::card::is_card;
pub(super) use self::cpf::is_cpf;
pub(super) use self::ssn::is_ssn;
pub(super) use self::svnr::is_svnr;

use super::Seen;
use crate::pattern::Pattern;

/// How often the search of one value goes on within a number that was wrong; then it goes on behind it.
const TRIES: usize = 1000;

pub(super) fn evaluate(value: &[u8], pattern: &Pattern, is_right: fn(&[u8]) -> bool, seen: &mut Seen) -> bool {
    let mut groups = std::mem::take(&mut seen.found);
    let mut start = 0;
    let mut tries = 0;
    let mut right = None;
    while start <= value.len() && pattern.find(value, start, &mut seen.caches, &mut groups) {
        let Some(range) = groups.first().cloned().flatten() else {
            break;
        };
        if value.get(range.clone()).is_some_and(is_right) {
            right = Some(range);
            break;
        }
        tries += 1;
        start = if tries < TRIES { range.start + 1 } else { range.end.max(range.start + 1) };
    }
    seen.found = groups;
    if let Some(range) = right.clone() {
        seen.push_range(Some(range.clone()));
        seen.found_at(range);
    }
    right.is_some()
}

/// The values of the digits in a text; everything else is left out.
fn digits(text: &[u8]) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    text.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'))
}

/// The digits of a number that has exactly `N`.
fn exactly<const N: usize>(text: &[u8]) -> Option<[u32; N]> {
    let mut all = [0; N];
    let mut rest = digits(text);
    for place in &mut all {
        *place = rest.next()?;
    }
    rest.next().is_none().then_some(all)
}

/// The first `N` digits of a number that has as many or more.
fn first<const N: usize>(text: &[u8]) -> Option<[u32; N]> {
    let mut all = [0; N];
    for (place, digit) in all.iter_mut().zip(digits(text).map(Some).chain(std::iter::repeat(None))) {
        *place = digit?;
    }
    Some(all)
}

/// Whether all digits are the same, or each is one more than the one before: what people type to fill a field.
fn is_filler(digits: &[u32]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
        || digits.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b))
}

/// The sum of the digits times their weights.
fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}
