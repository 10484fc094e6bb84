//! Addresses that run script.

/// The schemes, without what stands before `:` for certain.
const SCHEMES: &[&[u8]] = &[b"DATA", b"VIEW-SOURCE", b"JAVA", b"VBSCRIPT"];

const LONGEST: usize = 11;

/// Whether an attribute's value is an address that runs script, as browsers read it: character references are replaced,
/// blanks and controls before it are left out, line feeds and NUL everywhere.
pub(super) fn runs_script(value: &[u8]) -> bool {
    let blanks = value.iter().take_while(|byte| matches!(byte, 0..=32 | 127..)).count();
    let characters = References { rest: value.get(blanks..).unwrap_or_default() }
        .skip_while(|character| *character <= 32)
        .filter(|character| !matches!(character, 0 | 10));
    let mut start = [0; LONGEST];
    for (place, character) in start.iter_mut().zip(characters) {
        let upper = if (97..=122).contains(&character) { character - 32 } else { character };
        // As libinjection has it: a character beyond 255 is compared by its low byte.
        *place = upper.to_le_bytes()[0];
    }
    SCHEMES.iter().any(|scheme| start.starts_with(scheme))
}

/// The characters of a value; `&#..;` is one.
struct References<'a> {
    rest: &'a [u8],
}

impl Iterator for References<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&first, after) = self.rest.split_first()?;
        let Some((character, length)) = reference(self.rest) else {
            self.rest = after;
            return Some(first.into());
        };
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(character)
    }
}

/// The character that a numeric reference stands for, and how many bytes it takes. The semicolon may be missing.
fn reference(rest: &[u8]) -> Option<(u32, usize)> {
    let digits = rest.strip_prefix(b"&#")?;
    let (radix, digits) = match digits {
        [b'X' | b'x', digits @ ..] => (16, digits),
        digits => (10, digits),
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let mut character = digit(digits.first()?)?;
    let mut count = 1;
    while let Some(value) = digits.get(count).and_then(digit) {
        character = character * radix + value;
        if character > 0x10_00FF {
            return None;
        }
        count += 1;
    }
    let semicolon = usize::from(digits.get(count) == Some(&b';'));
    Some((character, rest.len() - digits.len() + count + semicolon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let cases: &[(&[u8], Option<(u32, usize)>)] = &[
            (b"&#106;", Some((106, 6))),
            (b"&#106", Some((106, 5))),
            (b"&#106x", Some((106, 5))),
            (b"&#x6A;", Some((106, 6))),
            (b"&#X6a", Some((106, 5))),
            (b"&#0000000000106;", Some((106, 16))),
            (b"&#1048831;", Some((0x10_00FF, 10))),
            (b"&#1048832;", None),
            (b"&#99999999999999999999;", None),
            (b"&#", None),
            (b"&#x", None),
            (b"&#;", None),
            (b"&#xg", None),
            (b"&amp;", None),
            (b"&", None),
            (b"a", None),
            (b"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(reference(text), *expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn addresses_run_script_or_not() {
        let yes: &[&[u8]] = &[
            b"javascript:alert(1)",
            b" \x01\xff\x7fJaVaScRiPt:",
            b"java",
            b"data:text/html,x",
            b"view-source:x",
            b"vbscript:",
            b"j\nav\0a:",
            b"&#106;ava",
            b"&#x6a&#97va",
            b"&#9;java",
            b"&#330;AVA",
        ];
        let no: &[&[u8]] =
            &[b"", b"jav", b"https://java", b"j ava", b"j\tava", b"&lt;java", b"\xffjav\xff", b"&#1048832;java"];
        for value in yes {
            assert!(runs_script(value), "{}", value.escape_ascii());
        }
        for value in no {
            assert!(!runs_script(value), "{}", value.escape_ascii());
        }
    }
}
