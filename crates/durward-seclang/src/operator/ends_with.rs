//! `@endsWith`: the value ends with the text, bytes compared as they are. The empty text ends every value.

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    let found = value.ends_with(text);
    if found {
        seen.found_at(value.len() - text.len()..value.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::EndsWith;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        verdicts(
            EndsWith,
            &[
                (b"", b"", true),
                (b"", b"x", true),
                (b".php", b"/index.php", true),
                (b".php", b".php", true),
                (b".php", b"php", false),
                (b".php", b"/index.php5", false),
                (b".php", b"/index.PHP", false),
            ],
        );
        assert_eq!(where_found(EndsWith, b"def", b"abcdef"), Some(3..6));
    }
}
