//! `@detectXSS`: would this value, put into a page, run as script there?
//!
//! The value is read as a browser would read it, in five places of a page: between elements, inside a tag, and inside an
//! attribute with each of the three quotes. In each it is looked for elements, attributes and addresses that run script.
//! The algorithm and the lists are libinjection's (Nick Galbreath); the code is new. Time is linear in the value, and
//! nothing is allocated.
//!
//! # Where this differs from libinjection
//! Whatever libinjection (commit 85e252a) finds is found, and three things more:
//! * The element behind `</>` or `</a >`: libinjection remembers the slash, and takes the next tag for one that closes.
//! * What stands behind a byte 0xFF in front of an attribute or a value: libinjection compares signed bytes, and takes it
//!   for the end.
//! * Attributes for events that browsers have got since (`onbeforetoggle`, `oncommand`).

mod html;
mod names;
#[cfg(test)]
mod tests;
mod url;

use crate::byteset::ByteSet;

pub use html::{Lexer, Place, Token, TokenKind};
use names::Danger;

/// A value without any of these bytes has neither a tag nor the value of an attribute, and so nothing that runs.
pub const NEEDED: ByteSet = ByteSet::of(b"<=");

/// Whether a value, put into a page, would run as script there.
#[must_use]
pub fn xss(value: &[u8]) -> bool {
    let has = |byte| memchr::memchr(byte, value).is_some();
    let has_tag = has(b'<');
    if !has_tag && !has(b'=') {
        return false;
    }
    let quoted = |quote| has(quote) && is_dangerous(value, Place::Quoted(quote));
    (has_tag && is_dangerous(value, Place::Text))
        || is_dangerous(value, Place::Tag)
        || quoted(b'\'')
        || quoted(b'"')
        || quoted(b'`')
}

fn is_dangerous(value: &[u8], place: Place) -> bool {
    let mut attribute = None;
    Lexer::new(value, place).any(|token| {
        let before = attribute.take();
        match token.kind {
            TokenKind::Doctype => true,
            TokenKind::TagName => names::is_dangerous_element(token.text),
            TokenKind::AttributeName => {
                attribute = names::attribute(token.text);
                false
            }
            TokenKind::AttributeValue => match before {
                None => false,
                Some(Danger::Always) => true,
                Some(Danger::Address) => url::runs_script(token.text),
                Some(Danger::NamesAttribute) => names::attribute(token.text).is_some(),
            },
            TokenKind::Comment => is_dangerous_comment(token.text),
            TokenKind::Text | TokenKind::TagEnd | TokenKind::SelfClosingEnd | TokenKind::EndTag => false,
        }
    })
}

/// What Internet Explorer makes of comments: a backtick ends them, and some are conditions or declarations.
fn is_dangerous_comment(text: &[u8]) -> bool {
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    memchr::memchr(b'`', text).is_some()
        || (text.len() > 3 && (begins(b"[IF") || begins(b"XML")))
        || begins(b"IMPORT")
        || begins(b"ENTITY")
}
