//! Identifiers.

use std::fmt;
use std::sync::Arc;

use crate::Moment;

/// The identity of one request: time-ordered, unique, 26 characters of Crockford base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(u128);

const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";

impl RequestId {
    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 26 {
            return None;
        }
        text.bytes()
            .try_fold(0u128, |value, byte| {
                let digit = ALPHABET.iter().position(|known| *known == byte.to_ascii_lowercase())?;
                let shifted = value.checked_mul(32)?;
                shifted.checked_add(digit as u128)
            })
            .map(Self)
    }

    /// The text form in a fixed buffer.
    #[must_use]
    pub fn text(self) -> [u8; 26] {
        let mut out = [b'0'; 26];
        let mut rest = self.0;
        for place in out.iter_mut().rev() {
            *place = ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        out
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

/// Makes request ids: 48 bits of milliseconds, 48 bits that belong to this maker, 32 bits of counter.
#[derive(Debug)]
pub struct RequestIds {
    maker: u64,
    counter: u32,
}

impl RequestIds {
    /// A maker with a random seed of its own; two makers with different seeds never give the same id.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { maker: seed & 0xffff_ffff_ffff, counter: 0 }
    }

    /// The next id.
    pub fn next(&mut self, now: Moment) -> RequestId {
        self.counter = self.counter.wrapping_add(1);
        let millis = u128::from(now.unix_millis() & 0xffff_ffff_ffff);
        RequestId(millis << 80 | u128::from(self.maker) << 32 | u128::from(self.counter))
    }
}

/// The name of an operation: API, `operationId` (or method and path), shared by all of its requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OperationName {
    /// The API's name in the policy.
    pub api: Arc<str>,
    /// `operationId`, or `METHOD /path/{template}` when the contract gives none.
    pub operation: Arc<str>,
}

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.api, self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_unique_and_readable() {
        let mut ids = RequestIds::new(7);
        let now = Moment::new(1_790_000_000_000_000_000, 0);
        let (a, b) = (ids.next(now), ids.next(now));
        assert!(a < b);
        assert_eq!(RequestId::parse(&a.to_string()), Some(a));
        assert_eq!(a.to_string().len(), 26);
        assert_eq!(RequestId::parse("zzzzzzzzzzzzzzzzzzzzzzzzzz"), None);
    }
}
