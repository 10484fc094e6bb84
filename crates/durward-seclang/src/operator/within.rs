//! `@within`: the value stands somewhere in the text. The empty value stands in every text.

use memchr::memmem;

use super::Seen;

pub(super) fn evaluate(value: &[u8], text: &[u8], seen: &mut Seen) -> bool {
    let found = value.is_empty() || memmem::find(text, value).is_some();
    if found {
        seen.found_at(0..value.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::Within;
    use crate::operator::testing::verdicts;

    #[test]
    fn vectors() {
        verdicts(
            Within,
            &[
                (b"", b"", true),
                (b"", b"x", false),
                (b"GET HEAD POST", b"", true),
                (b"GET HEAD POST", b"GET", true),
                (b"GET HEAD POST", b"HEAD", true),
                (b"GET HEAD POST", b"T HEAD P", true),
                (b"GET HEAD POST", b"get", false),
                (b"GET HEAD POST", b"PUT", false),
                (b"GET HEAD POST", b"GET HEAD POST ", false),
            ],
        );
    }
}
