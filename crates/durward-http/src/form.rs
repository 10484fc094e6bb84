//! `application/x-www-form-urlencoded` bodies: the grammar of a query, decoded.

use crate::escape::{self, EscapeProblem};
use crate::query::{self, Escapes, QueryLimits, QueryProblem};

/// The size a form may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    /// The most fields, counting empty ones (`a&&b` has three).
    pub fields: usize,
    /// The most bytes of one name, as written.
    pub name_bytes: usize,
    /// The most bytes of one value, as written.
    pub value_bytes: usize,
}

impl Default for FormLimits {
    fn default() -> Self {
        Self { fields: 256, name_bytes: 256, value_bytes: 256 * 1024 }
    }
}

/// Why a form is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormProblem {
    /// A raw control character, space, non-ASCII byte or `#`.
    #[error("the form holds a character that must be escaped")]
    RawCharacter,
    /// An escape that is broken, is not UTF-8, or is NUL.
    #[error("the form holds an invalid escape: {0}")]
    Escape(#[from] EscapeProblem),
    /// More fields than the limit.
    #[error("the form has more than {0} fields")]
    TooManyFields(usize),
    /// A name longer than the limit.
    #[error("a form field name is longer than {0} bytes")]
    NameTooLong(usize),
    /// A value longer than the limit.
    #[error("a form field value is longer than {0} bytes")]
    ValueTooLong(usize),
    /// A raw `;`, which some servers take for a separator and others do not (CVE-2021-23336).
    #[error("a `;` must be escaped: servers read it in two ways")]
    Semicolon,
}

impl From<QueryProblem> for FormProblem {
    fn from(problem: QueryProblem) -> Self {
        match problem {
            QueryProblem::RawCharacter => Self::RawCharacter,
            QueryProblem::Escape(problem) => Self::Escape(problem),
            QueryProblem::TooManyPairs(most) => Self::TooManyFields(most),
            QueryProblem::NameTooLong(most) => Self::NameTooLong(most),
            QueryProblem::ValueTooLong(most) => Self::ValueTooLong(most),
        }
    }
}

/// The fields in order, decoded; `+` is a space.
///
/// # Errors
/// Text that is not a form, or is larger than the limits; see [`FormProblem`].
pub fn parse(body: &[u8], limits: FormLimits) -> Result<Vec<(String, String)>, FormProblem> {
    let raw = std::str::from_utf8(body).map_err(|_| FormProblem::RawCharacter)?;
    if raw.contains(';') {
        return Err(FormProblem::Semicolon);
    }
    let FormLimits { fields, name_bytes, value_bytes } = limits;
    query::check_pairs(raw, QueryLimits { pairs: fields, name_bytes, value_bytes, escapes: Escapes::Utf8 })?;
    let decode = |text| escape::decode_component(text, true).map(std::borrow::Cow::into_owned);
    query::pieces(raw).map(|pair| Ok((decode(pair.name)?, decode(pair.value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{EscapeProblem, FormLimits, FormProblem, parse};

    #[test]
    fn reads() {
        for (body, expected) in [
            ("", vec![]),
            ("a=1", vec![("a", "1")]),
            ("a=1&b=x+y%20z", vec![("a", "1"), ("b", "x y z")]),
            ("a+b=%2B", vec![("a b", "+")]),
            ("a&b=", vec![("a", ""), ("b", "")]),
            ("a=1&a=2", vec![("a", "1"), ("a", "2")]),
            ("a=1%3Bb=2", vec![("a", "1;b=2")]),
            ("%C3%A9=%E2%82%AC", vec![("é", "€")]),
            ("a=%26b%3D1", vec![("a", "&b=1")]),
            ("t=line%0D%0Atwo", vec![("t", "line\r\ntwo")]),
        ] {
            let expected = expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(parse(body.as_bytes(), FormLimits::default()), Ok(expected), "{body}");
        }
    }

    #[test]
    fn refuses() {
        use FormProblem::*;
        let limits = FormLimits { fields: 2, name_bytes: 4, value_bytes: 9 };
        for (body, expected) in [
            (&b"a=b c"[..], RawCharacter),
            (b"a=1\r\n", RawCharacter),
            (b"a=\xff", RawCharacter),
            ("a=é".as_bytes(), RawCharacter),
            (b"\xef\xbb\xbfa=1", RawCharacter),
            (b"a=%", Escape(EscapeProblem::Malformed)),
            (b"a=%00", Escape(EscapeProblem::Nul)),
            (b"a=%FF", Escape(EscapeProblem::NotUtf8)),
            (b"a&b&c", TooManyFields(2)),
            (b"abcde=", NameTooLong(4)),
            (b"a=1234567890", ValueTooLong(9)),
            (b"a=1;b=2", Semicolon),
        ] {
            assert_eq!(parse(body, limits), Err(expected), "{body:?}");
        }
    }
}
