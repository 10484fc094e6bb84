//! `@detectXSS`: the value is a cross-site scripting attack, see [`crate::detect::xss`]. Group 0 is the value.

use super::Seen;

use crate::byteset::ByteSet;

/// Of these, at least one is in every attack: without a tag, a quote or something that separates attributes, a page has text.
pub(super) const NEEDED: ByteSet = ByteSet::of(b"<>\"'`=/ \t\n\x0b\x0c\r\0");

pub(super) fn evaluate(value: &[u8], seen: &mut Seen) -> bool {
    let found = crate::detect::xss(value);
    if found {
        seen.push_range(Some(0..value.len()));
    }
    found
}
