//! The arguments of a directive: words, or text in quotes.

use std::borrow::Cow;

use super::{Fault, find_unescaped, shown, unescape};

/// An argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'l> {
    /// As written, without the quotes around it.
    pub raw: &'l [u8],
    /// Where `raw` begins in the line.
    pub at: usize,
    /// The quote around it.
    pub quote: Option<u8>,
}

impl<'l> Word<'l> {
    /// What was meant: without the backslashes before quotes.
    pub(crate) fn text(&self) -> Cow<'l, [u8]> {
        match self.quote {
            Some(quote) if self.raw.contains(&quote) => Cow::Owned(unescape(self.raw, quote)),
            _ => Cow::Borrowed(self.raw),
        }
    }

    /// Where in the line a byte of [`Self::text`] stands.
    pub(crate) fn origin(&self, at: usize) -> usize {
        let Some(quote) = self.quote.filter(|quote| self.raw.contains(quote)) else {
            return self.at + at.min(self.raw.len());
        };
        let mut seen = 0;
        let mut raw = 0;
        while let Some(byte) = self.raw.get(raw) {
            let skipped = usize::from(*byte == b'\\' && self.raw.get(raw + 1) == Some(&quote));
            if seen >= at {
                break;
            }
            // An escaped backslash is two bytes of the text; nothing after it may be taken for its quote.
            let pair = usize::from(*byte == b'\\' && skipped == 0 && self.raw.len() > raw + 1);
            seen += 1 + pair;
            raw += 1 + pair + skipped;
        }
        self.at + raw.min(self.raw.len())
    }
}

/// Splits a line into the name of its directive and the arguments.
pub(crate) fn words(line: &[u8]) -> Result<Vec<Word<'_>>, Fault> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(first) = line.get(at) {
        if first.is_ascii_whitespace() {
            at += 1;
        } else if matches!(first, b'"' | b'\'') {
            let end = find_unescaped(line, at + 1, *first)
                .ok_or_else(|| Fault::new(at, format!("the text that {} begins does not end", char::from(*first))))?;
            words.push(Word { raw: line.get(at + 1..end).unwrap_or_default(), at: at + 1, quote: Some(*first) });
            at = end + 1;
            let rest = line.get(at..).unwrap_or_default();
            if rest.first().is_some_and(|next| !next.is_ascii_whitespace()) {
                let message =
                    format!("`{}` after the end of a quoted text: write `\\\"` for a quote inside", shown(rest));
                return Err(Fault::new(at, message));
            }
        } else {
            let end = bare_end(line, at);
            words.push(Word { raw: line.get(at..end).unwrap_or_default(), at, quote: None });
            at = end;
        }
    }
    Ok(words)
}

/// Where a word without quotes ends: at white space, unless that stands in a quoted key (`TX:'/a b/'`).
fn bare_end(line: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut before = 0;
    while let Some(byte) = line.get(at) {
        if byte.is_ascii_whitespace() {
            break;
        }
        let closing = (*byte == b'\'' && before == b':').then(|| find_unescaped(line, at + 1, b'\'')).flatten();
        at = closing.unwrap_or(at) + 1;
        before = *byte;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split() {
        let cases: [(&str, &[&str]); 10] = [
            ("", &[]),
            ("SecRuleEngine  On ", &["SecRuleEngine", "On"]),
            (r#"SecRule ARGS "@rx a\"b" "id:1""#, &["SecRule", "ARGS", r#"@rx a"b"#, "id:1"]),
            (r#"X "a\\" "b""#, &["X", r"a\\", "b"]),
            (r#"X "" ''"#, &["X", "", ""]),
            (r#"X 'a"b' "it's""#, &["X", r#"a"b"#, "it's"]),
            (r"X &TX:'/LEAKAGE\\\/ERRORS/' y", &["X", r"&TX:'/LEAKAGE\\\/ERRORS/'", "y"]),
            (r"X TX:'/a b/'|ARGS y", &["X", "TX:'/a b/'|ARGS", "y"]),
            (r"X TX:'a b", &["X", "TX:'a", "b"]),
            (r"X don't y", &["X", "don't", "y"]),
        ];
        for (line, expected) in cases {
            let found: Vec<_> = words(line.as_bytes())
                .unwrap()
                .iter()
                .map(|w| String::from_utf8(w.text().into_owned()).unwrap())
                .collect();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn a_byte_of_the_text_is_found_in_the_line() {
        let word = Word { raw: br#"a\"b\\\"c"#, at: 10, quote: Some(b'"') };
        assert_eq!(&*word.text(), br#"a"b\\"c"#);
        assert_eq!([0, 1, 2, 3, 5, 6, 9].map(|at| word.origin(at)), [10, 11, 13, 14, 16, 18, 19]);
        let word = Word { raw: br"a\\b", at: 10, quote: None };
        assert_eq!([0, 3, 9].map(|at| word.origin(at)), [10, 13, 14]);
    }

    #[test]
    fn open_quotes_are_errors() {
        let cases = [
            (r#"X "a"#, 2, "the text that \" begins does not end"),
            (r#"X "a\""#, 2, "the text that \" begins does not end"),
            (r#"X "a"b" c"#, 5, "`b\" c` after the end of a quoted text: write `\\\"` for a quote inside"),
        ];
        for (line, at, message) in cases {
            assert_eq!(words(line.as_bytes()), Err(Fault::new(at, message)), "{line}");
        }
    }
}
