//! `@detectSQLi`.

use std::fmt;

/// The shape of an injection: the types of its first tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    bytes: [u8; 5],
    length: u8,
}

impl Fingerprint {
    /// One byte a token, at most five.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

/// Whether a value, put into a query, would change what the query says; and by what shape.
#[must_use]
pub fn sqli(_value: &[u8]) -> Option<Fingerprint> {
    None
}
