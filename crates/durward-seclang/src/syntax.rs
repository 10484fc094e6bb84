//! The shape of rule files, before any word has a meaning: lines, arguments, and what stands inside an argument.
//!
//! Everything here works on bytes, in one pass, and knows where it stands, so that an error can name the line even in the
//! middle of a rule that spans many. What a directive or an action means is said in [`crate::load`].

mod action;
mod line;
mod macros;
mod operator;
mod target;
mod word;

pub(crate) use self::action::{RawAction, actions};
pub(crate) use self::line::{Line, Lines};
pub(crate) use self::macros::{Unknown, is_written_by_rules, text};
pub(crate) use self::operator::operator;
pub(crate) use self::target::target_list;
pub(crate) use self::word::{Word, words};

use crate::ast::Target;

/// What is wrong with a piece of text, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The offset.
    pub at: usize,
    /// What is wrong, in lower case.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The same, seen from a text in which this one begins at `offset`.
    pub(crate) fn shifted(mut self, offset: usize) -> Self {
        self.at = self.at.saturating_add(offset);
        self
    }
}

/// Reads targets as rules name them: `ARGS|!ARGS:token|REQUEST_HEADERS:/^x-/`.
///
/// # Errors
/// What is wrong, in lower case, with the nearest known word.
pub fn targets(text: &[u8]) -> Result<Vec<Target>, String> {
    target_list(text).map_err(|fault| fault.message)
}

/// At most so much of what somebody wrote stands in a message.
const SHOWN_BYTES: usize = 60;

/// What was written, fit for a message: on one line, and not too long.
pub(crate) fn shown(text: &[u8]) -> String {
    let (head, cut) = text.split_at_checked(SHOWN_BYTES).map_or((text, false), |(head, tail)| (head, !tail.is_empty()));
    let mut shown = String::from_utf8_lossy(head).replace(|c: char| c.is_control(), " ");
    if cut {
        shown.push_str("..");
    }
    shown
}

/// The known word that is nearest to one that is not known, if one is near.
pub(crate) fn did_you_mean(word: &str, known: impl IntoIterator<Item = &'static str>) -> String {
    let word = word.to_ascii_lowercase();
    if !(2..=SHOWN_BYTES).contains(&word.len()) {
        return String::new();
    }
    known
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_ascii_lowercase();
            (strsim::osa_distance(&word, &lower), !lower.starts_with(&word), candidate)
        })
        .min_by_key(|(distance, other, _)| (*distance, *other))
        .filter(|(distance, _, candidate)| *distance <= (word.len().min(candidate.len()) / 3).max(1))
        .map(|(_, _, candidate)| format!(", did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// The offset of the first `wanted` at or after `from` that is not escaped by a backslash.
pub(crate) fn find_unescaped(text: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(from) {
        if escaped {
            escaped = false;
        } else if *byte == b'\\' {
            escaped = true;
        } else if *byte == wanted {
            return Some(at);
        }
    }
    None
}

/// The offset of the first byte at or after `from` that is not white space.
pub(crate) fn skip_blank(text: &[u8], from: usize) -> usize {
    let blank = text.iter().skip(from).position(|byte| !byte.is_ascii_whitespace());
    blank.map_or(text.len().max(from), |blank| from + blank)
}

/// Takes the backslash from every `\` + `quote`. All other backslashes stay: what they mean is for the operator to say.
pub(crate) fn unescape(text: &[u8], quote: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut escaped = false;
    for byte in text {
        if escaped && *byte == quote {
            out.pop();
        }
        out.push(*byte);
        escaped = !escaped && *byte == b'\\';
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_quote_is_unescaped() {
        let cases: [(&[u8], &[u8]); 7] = [
            (br#"a\"b"#, br#"a"b"#),
            (br"a\\b", br"a\\b"),
            (br#"a\\\"b"#, br#"a\\"b"#),
            (br"\x5c\'", br"\x5c\'"),
            (br#"\"\""#, br#""""#),
            (br"a\", br"a\"),
            (b"", b""),
        ];
        for (input, expected) in cases {
            assert_eq!(unescape(input, b'"'), expected, "{}", shown(input));
        }
    }

    #[test]
    fn near_words_are_named() {
        let known = ["SecRule", "SecRuleEngine", "SecAction"];
        assert_eq!(did_you_mean("SecRul", known), ", did you mean `SecRule`?");
        assert_eq!(did_you_mean("secaktion", known), ", did you mean `SecAction`?");
        assert_eq!(did_you_mean("LoadModule", known), "");
    }
}
