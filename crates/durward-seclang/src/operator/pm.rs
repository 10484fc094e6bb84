//! `@pm` and `@pmFromFile`: one of the phrases stands in the value, in any ASCII case. Group 0 is what stands there.
//!
//! The phrases of `@pm` are separated by white space; within `|..|` bytes are written in hexadecimal, and `\` escapes `:`,
//! `;`, `"` and itself (Snort's notation; where it is broken, the text is taken as it stands). A phrase file has one a line;
//! lines that begin with `#` are comments, and white space counts.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use super::Seen;
use super::needs::{Needs, alphabets};

/// The phrases of one operator. The automaton is built at the first search: the scan has one for all operators together
/// and asks this one only where a phrase stands.
#[derive(Debug)]
pub(super) struct Phrases {
    phrases: Vec<Box<[u8]>>,
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Phrases {
    /// The phrases of an argument.
    pub(super) fn of_argument(text: &[u8]) -> Self {
        let decoded = decode(text);
        let bytes = decoded.as_deref().unwrap_or(text);
        Self::new(bytes.split(u8::is_ascii_whitespace))
    }

    /// The phrases of a file.
    pub(super) fn of_file(content: &[u8]) -> Self {
        let lines = content.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        Self::new(lines.filter(|line| !line.trim_ascii_start().starts_with(b"#")))
    }

    fn new<'p>(phrases: impl Iterator<Item = &'p [u8]>) -> Self {
        let mut phrases: Vec<Box<[u8]>> =
            phrases.filter(|phrase| !phrase.is_empty()).map(|phrase| phrase.to_ascii_lowercase().into()).collect();
        phrases.sort_unstable();
        phrases.dedup();
        Self { phrases, automaton: OnceLock::new() }
    }

    /// What every value has in which one of them stands: and more is not needed.
    pub(super) fn needs(&self) -> Needs {
        let fits = |set: &_| self.phrases.iter().any(|phrase| over(phrase, set));
        Needs {
            clauses: vec![self.phrases.clone()],
            minimum: self.phrases.iter().map(|phrase| phrase.len()).min().unwrap_or(usize::MAX),
            alphabets: alphabets(fits),
            is_sufficient: true,
            ignores_case: true,
            ..Needs::default()
        }
    }

    pub(super) fn evaluate(&self, value: &[u8], seen: &mut Seen) -> bool {
        let automaton = self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .match_kind(MatchKind::Standard)
                .build(&self.phrases)
                .ok()
        });
        let Some(found) = automaton.as_ref().and_then(|it| it.find(Input::new(value).earliest(true))) else {
            return false;
        };
        seen.push_range(Some(found.range()));
        seen.found_at(found.range());
        true
    }
}

/// Whether a phrase, in some case, has only bytes of the set.
fn over(phrase: &[u8], set: &crate::byteset::ByteSet) -> bool {
    phrase.iter().all(|byte| set.contains(*byte) || set.contains(byte.to_ascii_uppercase()))
}

/// Snort's notation; `None` where it is broken.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    let mut half: Option<u32> = None;
    let mut binary = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'|' => binary = !binary,
            _ if binary => {
                let digit = char::from(*byte).to_digit(16)?;
                match half.take() {
                    None => half = Some(digit),
                    Some(high) => out.push(u8::try_from(high * 16 + digit).ok()?),
                }
            }
            b'\\' => out.push(*bytes.next().filter(|byte| b":;\\\"".contains(byte))?),
            byte => out.push(*byte),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::{Pm, PmFromFile};
    use crate::operator::testing::{group, verdicts, verdicts_from_file, where_found};

    #[test]
    fn vectors() {
        verdicts(
            Pm,
            &[
                (b"abc def", b"xxabcxx", true),
                (b"abc def", b"DEF", true),
                (b"abc def", b"ab cde f", false),
                (b"abc def", b"", false),
                (b"ABC", b"xabcx", true),
                (b"", b"anything", false),
                (b"  ", b" ", false),
                (b"\"abc def\"", b"def", true),
                (b"a|20|b", b"xa bx", true),
                (b"a|62 63|d", b"abcd", false),
                (b"a|6263|d", b"abcd", true),
                (b"a|zz|", b"a|zz|", true),
                (b"a\\:b", b"a:b", true),
                (b"a\\x", b"a\\x", true),
                (b"\xe4", b"\xe4", true),
                (b"\xe4", b"\xc4", false),
            ],
        );
    }

    #[test]
    fn the_first_to_end_is_seen() {
        assert_eq!(where_found(Pm, b"abcd bc", b"xABCD"), Some(2..4));
        assert_eq!(group(Pm, b"abcd bc", b"xABCD", 0).as_deref(), Some(&b"BC"[..]));
        assert_eq!(group(Pm, b"abcd bc", b"xABCD", 1), None);
    }

    #[test]
    fn files() {
        let file = b"# comment\r\n  # too\n\n.ht access\r\nCall to \n#x";
        verdicts_from_file(
            PmFromFile,
            file,
            &[
                (b"/.HT access", true),
                (b"/.ht", false),
                (b"call to x", true),
                (b"call to", false),
                (b"comment", false),
                (b"x", false),
            ],
        );
    }
}
