//! `@containsWord`: the text stands in the value with no ASCII letter before or behind it. Digits and underscores may stand
//! there: version 3 of the reference implementation looks at letters only. The empty text is in every value.

use memchr::memmem;

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    if text.is_empty() {
        return true;
    }
    let letter = |at: Option<usize>| at.and_then(|at| value.get(at)).is_some_and(u8::is_ascii_alphabetic);
    // A text that overlaps with itself must be found at every place, so the places are not those of `find_iter`.
    let finder = memmem::Finder::new(text);
    let mut start = 0;
    while let Some(at) = value.get(start..).and_then(|rest| finder.find(rest)) {
        let at = start + at;
        let end = at + text.len();
        if !letter(at.checked_sub(1)) && !letter(Some(end)) {
            seen.found_at(at..end);
            return true;
        }
        start = at + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::ContainsWord;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            ContainsWord,
            &[
                (b"", b"", true),
                (b"", b"x", true),
                (b"abc", b"", false),
                (b"abc", b"abc", true),
                (b"abc", b"xyz abc", true),
                (b"abc", b"abc def", true),
                (b"abc", b"x abc y", true),
                (b"abc", b"xabc", false),
                (b"abc", b"abcx", false),
                (b"abc", b"abc1", true),
                (b"abc", b"_abc_", true),
                (b"abc", b"abcabc abc!", true),
                (b"a-a", b"xa-a-a", true),
            ],
        );
        assert_eq!(where_found(ContainsWord, b"abc", b"abcx abc"), Some(5..8));
    }
}
