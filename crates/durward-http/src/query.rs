//! The query of a request: checked once, split on demand.
//!
//! Pairs are split on `&` only: servers that also split on `;` see other parameters than those that do not
//! (CVE-2021-23336), and this reader must see what the contract's parameters are checked against. So `;` is escaped, which
//! all servers read alike; the text is kept and forwarded byte for byte otherwise. In a form, which cannot be changed on
//! its way, it is refused.

use memchr::memmem;

use crate::escape::{self, EscapeProblem};

/// The size a query may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryLimits {
    /// The most pairs, counting empty ones (`a&&b` has three).
    pub pairs: usize,
    /// The most bytes of one name, as written.
    pub name_bytes: usize,
    /// The most bytes of one value, as written.
    pub value_bytes: usize,
    /// Which escapes it may have.
    pub escapes: Escapes,
}

/// Which escapes a query may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escapes {
    /// Those that decode to UTF-8, without NUL.
    Utf8,
    /// All, without NUL: also broken ones and those of another charset. Their names and values do not decode.
    Any,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self { pairs: 128, name_bytes: 256, value_bytes: 8 * 1024, escapes: Escapes::Utf8 }
    }
}

/// Why a query is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryProblem {
    /// A raw control character, space, non-ASCII byte or `#`.
    #[error("the query holds a character that must be escaped")]
    RawCharacter,
    /// An escape that is broken, is not UTF-8, or is NUL.
    #[error("the query holds an invalid escape: {0}")]
    Escape(EscapeProblem),
    /// More pairs than the limit.
    #[error("the query has more than {0} parameters")]
    TooManyPairs(usize),
    /// A name longer than the limit.
    #[error("a query parameter name is longer than {0} bytes")]
    NameTooLong(usize),
    /// A value longer than the limit.
    #[error("a query parameter value is longer than {0} bytes")]
    ValueTooLong(usize),
}

/// One parameter, still escaped; decode it with [`decode_component`](crate::decode_component).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The text before the first `=`.
    pub name: &'a str,
    /// The text after it; empty where there is none.
    pub value: &'a str,
}

/// A well-formed query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    raw: Option<Box<str>>,
}

impl Query {
    /// No query at all.
    #[must_use]
    pub const fn empty() -> Self {
        Self { raw: None }
    }

    /// Reads the text after the `?`; `None` where the target has no `?`.
    ///
    /// # Errors
    /// Text that is not a query, or is larger than the limits; see [`QueryProblem`].
    pub fn parse(raw: Option<&str>, limits: QueryLimits) -> Result<Self, QueryProblem> {
        let Some(raw) = raw else { return Ok(Self::empty()) };
        check_pairs(raw, limits)?;
        let raw = if raw.contains(';') { raw.replace(';', "%3B").into() } else { raw.into() };
        Ok(Self { raw: Some(raw) })
    }

    /// The text, which is also what is forwarded: as written, but for `;`. `Some("")` for a target that ends with `?`.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        self.raw.as_deref()
    }

    /// The parameters in order. Empty pieces (`a&&b`) are not parameters.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> + Clone {
        pieces(self.raw.as_deref().unwrap_or_default())
    }

    /// Whether there are no parameters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs().next().is_none()
    }
}

/// The pairs of text that [`check_pairs`] accepts.
pub(crate) fn pieces(raw: &str) -> impl Iterator<Item = Pair<'_>> + Clone {
    raw.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        Pair { name, value }
    })
}

/// Checks the text of a query or of a form, which have the same grammar.
pub(crate) fn check_pairs(raw: &str, limits: QueryLimits) -> Result<(), QueryProblem> {
    if !raw.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && byte != b'#') {
        return Err(QueryProblem::RawCharacter);
    }
    for (index, piece) in raw.split('&').enumerate() {
        if index >= limits.pairs && !raw.is_empty() {
            return Err(QueryProblem::TooManyPairs(limits.pairs));
        }
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        if name.len() > limits.name_bytes {
            return Err(QueryProblem::NameTooLong(limits.name_bytes));
        }
        if value.len() > limits.value_bytes {
            return Err(QueryProblem::ValueTooLong(limits.value_bytes));
        }
        // One by one, so that no character reaches over a separator.
        match limits.escapes {
            Escapes::Utf8 => {
                escape::check(name).and_then(|()| escape::check(value)).map_err(QueryProblem::Escape)?;
            }
            Escapes::Any if memmem::find(piece.as_bytes(), b"%00").is_some() => {
                return Err(QueryProblem::Escape(EscapeProblem::Nul));
            }
            Escapes::Any => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{EscapeProblem, Escapes, Query, QueryLimits, QueryProblem};

    #[test]
    fn pairs() {
        for (raw, expected) in [
            ("", vec![]),
            ("a", vec![("a", "")]),
            ("a=", vec![("a", "")]),
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("a=1&a=2", vec![("a", "1"), ("a", "2")]),
            ("a=b=c", vec![("a", "b=c")]),
            ("=x", vec![("", "x")]),
            ("&&a=1&", vec![("a", "1")]),
            ("page%5Blimit%5D=10", vec![("page%5Blimit%5D", "10")]),
            ("q=a+b%20c", vec![("q", "a+b%20c")]),
            ("a=/?:@-._~!$'()*,", vec![("a", "/?:@-._~!$'()*,")]),
            ("f[]=1|2", vec![("f[]", "1|2")]),
            ("x=%E2%82%AC", vec![("x", "%E2%82%AC")]),
            ("x=%0A", vec![("x", "%0A")]),
        ] {
            let query = Query::parse(Some(raw), QueryLimits::default()).unwrap();
            let pairs: Vec<_> = query.pairs().map(|pair| (pair.name, pair.value)).collect();
            assert_eq!(pairs, expected, "{raw}");
            assert_eq!(query.raw(), Some(raw));
            assert_eq!(query.is_empty(), expected.is_empty());
        }
        assert_eq!(Query::parse(None, QueryLimits::default()), Ok(Query::empty()));
    }

    #[test]
    fn semicolons_separate_nothing() {
        for (raw, expected) in
            [("a=1;b=2", "a=1%3Bb=2"), ("a=1;b=2&c=;", "a=1%3Bb=2&c=%3B"), (";", "%3B"), ("a=%3b", "a=%3b")]
        {
            let query = Query::parse(Some(raw), QueryLimits::default()).unwrap();
            assert_eq!(query.raw(), Some(expected), "{raw}");
        }
    }

    #[test]
    fn refuses() {
        use QueryProblem::*;
        let limits = QueryLimits { pairs: 3, name_bytes: 8, value_bytes: 12, escapes: Escapes::Utf8 };
        for (raw, expected) in [
            ("a=b c", RawCharacter),
            ("a=\t", RawCharacter),
            ("a=é", RawCharacter),
            ("a=\0", RawCharacter),
            ("a#b", RawCharacter),
            ("a=\x7f", RawCharacter),
            ("a=%", Escape(EscapeProblem::Malformed)),
            ("a=%1&b", Escape(EscapeProblem::Malformed)),
            ("%zz=1", Escape(EscapeProblem::Malformed)),
            ("a=%00", Escape(EscapeProblem::Nul)),
            ("%00=1", Escape(EscapeProblem::Nul)),
            ("a=%C3&%A9", Escape(EscapeProblem::NotUtf8)),
            ("a%C3=%A9", Escape(EscapeProblem::NotUtf8)),
            ("a=%c0%80", Escape(EscapeProblem::NotUtf8)),
            ("a&b&c&d", TooManyPairs(3)),
            ("&&&", TooManyPairs(3)),
            ("abcdefghi=1", NameTooLong(8)),
            ("a=1234567890123", ValueTooLong(12)),
        ] {
            assert_eq!(Query::parse(Some(raw), limits), Err(expected), "{raw}");
        }
        let none = QueryLimits { pairs: 0, ..limits };
        assert!(Query::parse(Some(""), none).is_ok());
        assert_eq!(Query::parse(Some("a"), none), Err(TooManyPairs(0)));
    }
}
