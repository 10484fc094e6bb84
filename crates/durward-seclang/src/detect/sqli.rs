//! `@detectSQLi`: would this value, put into a query, change what the query says?
//!
//! The value is read as a database would read it, in up to eight ways: as it stands or as if a quote were open, by the
//! rules of the standard or by those of `MySQL`. The first five tokens that are left after folding what changes nothing
//! (`1 + 1` is `1`) make a fingerprint; a list knows which fingerprints only injections have. The algorithm and the list
//! are libinjection's (Nick Galbreath); the code is new. Time is linear in the value, and nothing is allocated.
//!
//! # Where this differs from libinjection
//! Verdicts and fingerprints are those of libinjection (commit 85e252a), and one thing more is found. `MySQL` reads over a
//! number whose exponent is missing, so that `1.e(1)` is `(1)`; libinjection 3 takes it for a word, and finds nothing in an
//! injection that has enough of them. Version 4 reads over them as well, but then misses what the other reading finds. Here
//! both are tried ([`Dialect::MySqlNumbers`]).

mod fold;
mod lexer;
mod literal;
mod shapes;
#[cfg(test)]
mod tests;
mod token;
mod verdict;
mod words;

use std::fmt;

use crate::byteset::ByteSet;

pub use fold::{Folded, fold};
pub use lexer::{Dialect, Lexer, Quote, Reading};
pub use shapes::is_known;
pub use token::{Kind, Token};
pub use words::look_up;

/// A value without any of these bytes is a name or a number, whatever quote is open, and no injection.
pub const NEEDED: ByteSet = ByteSet::range(b'0', b'9')
    .union(ByteSet::range(b'A', b'Z'))
    .union(ByteSet::range(b'a', b'z'))
    .with(b'_')
    .complement();

/// The shape of an injection: the kinds of its first tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    symbols: [u8; shapes::LONGEST],
    length: u8,
}

impl Fingerprint {
    fn of(kinds: impl IntoIterator<Item = Kind>) -> Self {
        let mut fingerprint = Self { symbols: [0; shapes::LONGEST], length: 0 };
        for (symbol, kind) in fingerprint.symbols.iter_mut().zip(kinds) {
            *symbol = kind.symbol();
            fingerprint.length += 1;
        }
        fingerprint
    }

    /// One letter for each token, at most five.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.symbols.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|symbol| fmt::Write::write_char(f, char::from(*symbol)))
    }
}

/// Whether a value, put into a query, would change what the query says; and by what shape.
#[must_use]
pub fn sqli(value: &[u8]) -> Option<Fingerprint> {
    if value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        return None;
    }
    let has = |quote| memchr::memchr(quote, value).is_some();
    try_as(value, None)
        .or_else(|| has(b'\'').then(|| try_as(value, Some(Quote::Single))).flatten())
        .or_else(|| has(b'"').then(|| try_as(value, Some(Quote::Double))).flatten())
}

fn try_as(value: &[u8], quote: Option<Quote>) -> Option<Fingerprint> {
    let read = |dialect| fold(value, Reading { quote, dialect });
    // Only MySQL takes `"` for the quote of a string.
    let is_mysql = quote == Some(Quote::Double);
    let first = read(if is_mysql { Dialect::MySql } else { Dialect::Ansi });
    let again = |dialect| verdict::judge(value, &read(dialect));
    verdict::judge(value, &first)
        .or_else(|| (first.dialects_differ() && !is_mysql).then(|| again(Dialect::MySql)).flatten())
        .or_else(|| first.numbers_differ().then(|| again(Dialect::MySqlNumbers)).flatten())
}
