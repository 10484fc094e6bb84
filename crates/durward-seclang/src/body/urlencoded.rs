//! `application/x-www-form-urlencoded`: forms and query strings.
//!
//! As `ModSecurity` v3 does it: an empty piece between two separators is an argument with neither name nor value, a piece
//! without an equals sign is a name, a percent sign without two hexadecimal digits stays as it is.

use super::{Limits, Parsed};
use crate::arena::{Arena, Pair};

/// Takes a form apart. In cut content half an escape at the end is left out.
#[must_use]
pub fn parse(body: &[u8], complete: bool, limits: &Limits, arena: &mut Arena) -> Parsed {
    let body = match body {
        [rest @ .., b'%'] | [rest @ .., b'%', b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f'] if !complete => rest,
        _ => body,
    };
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
    let mut read = Read::default();
    if input.is_empty() {
        return read;
    }
    // A separator at the very end ends the last piece and begins none.
    let input = input.strip_suffix(&[separator]).unwrap_or(input);
    for (count, piece) in pieces(input, separator).enumerate() {
        if count >= most {
            read.exceeded = true;
            break;
        }
        let (name, value) = match memchr::memchr(b'=', piece).and_then(|at| piece.split_at_checked(at)) {
            Some((name, value)) => (name, value.get(1..).unwrap_or_default()),
            None => (piece, &[][..]),
        };
        let name = arena.write(|out| read.invalid_escape |= !decode(name, out));
        let value = arena.write(|out| read.invalid_escape |= !decode(value, out));
        out.push(Pair::new(name, value));
    }
    read
}

fn pieces(input: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(input);
    std::iter::from_fn(move || {
        let input = rest?;
        let (piece, after) = match memchr::memchr(separator, input).and_then(|at| input.split_at_checked(at)) {
            Some((piece, after)) => (piece, after.get(1..)),
            None => (input, None),
        };
        rest = after;
        Some(piece)
    })
}

/// Appends the decoded bytes; false if an escape is invalid.
fn decode(mut input: &[u8], out: &mut Vec<u8>) -> bool {
    let mut valid = true;
    loop {
        let plain = memchr::memchr2(b'%', b'+', input).unwrap_or(input.len());
        let (before, after) = input.split_at_checked(plain).unwrap_or((input, &[]));
        out.extend_from_slice(before);
        input = match after {
            [] => return valid,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                rest
            }
            [b'%', rest @ ..] => {
                valid = false;
                out.push(b'%');
                rest
            }
            [_, rest @ ..] => {
                out.push(b' ');
                rest
            }
        };
    }
}

/// What a hexadecimal digit stands for.
pub(super) const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Limits;
    use super::{pairs, parse};
    use crate::arena::Arena;

    fn read(input: &[u8]) -> (Vec<(String, String)>, bool) {
        let mut arena = Arena::default();
        let parsed = parse(input, true, &Limits::default(), &mut arena);
        let text = |span| String::from_utf8_lossy(arena.get(span)).into_owned();
        (parsed.args.iter().map(|pair| (text(pair.name), text(pair.value))).collect(), parsed.url_encoding_invalid)
    }

    #[test]
    fn reads() {
        let table: &[(&str, &[(&str, &str)], bool)] = &[
            ("", &[], false),
            ("a", &[("a", "")], false),
            ("a=", &[("a", "")], false),
            ("=b", &[("", "b")], false),
            ("=", &[("", "")], false),
            ("a=b=c", &[("a", "b=c")], false),
            ("a=1&a=2", &[("a", "1"), ("a", "2")], false),
            ("a=1&", &[("a", "1")], false),
            ("&", &[("", "")], false),
            ("&&", &[("", ""), ("", "")], false),
            ("a&&b", &[("a", ""), ("", ""), ("b", "")], false),
            ("a+b=c+d%2B", &[("a b", "c d+")], false),
            ("%61%3d=%26", &[("a=", "&")], false),
            ("a=%00%e2%82%ac", &[("a", "\0€")], false),
            ("a=%", &[("a", "%")], true),
            ("a=%4", &[("a", "%4")], true),
            ("a=%4g%41", &[("a", "%4gA")], true),
            ("a=%%41", &[("a", "%A")], true),
            ("%zz=%41", &[("%zz", "A")], true),
            ("a;b", &[("a;b", "")], false),
        ];
        for (input, expected, invalid) in table {
            let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(read(input.as_bytes()), (expected, *invalid), "{input:?}");
        }
    }

    #[test]
    fn keeps_limits_and_separator() {
        let mut arena = Arena::default();
        for (input, most, count, exceeded) in [
            ("a;b;c", 3, 3, false),
            ("a;b;c;", 3, 3, false),
            ("a;b;c", 2, 2, true),
            ("a", 0, 0, true),
            ("", 0, 0, false),
        ] {
            let mut out = Vec::new();
            let read = pairs(input.as_bytes(), b';', most, &mut arena, &mut out);
            assert_eq!((out.len(), read.exceeded), (count, exceeded), "{input}");
        }
    }

    #[test]
    fn forgives_the_cut() {
        for (input, complete, value, invalid) in [
            ("a=b%", false, "b", false),
            ("a=b%4", false, "b", false),
            ("a=b%z", false, "b%z", true),
            ("a=b%41", false, "bA", false),
            ("a=b%4", true, "b%4", true),
        ] {
            let mut arena = Arena::default();
            let parsed = parse(input.as_bytes(), complete, &Limits::default(), &mut arena);
            assert_eq!(arena.get(parsed.args[0].value), value.as_bytes(), "{input}");
            assert_eq!(parsed.url_encoding_invalid, invalid, "{input}");
        }
    }

    proptest! {
        #[test]
        fn reads_back(fields in prop::collection::vec((any::<Vec<u8>>(), any::<Vec<u8>>()), 0..8)) {
            let escape = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let form: Vec<_> = fields.iter().map(|(name, value)| escape(name) + "=" + &escape(value)).collect();
            let mut arena = Arena::default();
            let parsed = parse(form.join("&").as_bytes(), true, &Limits::default(), &mut arena);
            let seen: Vec<_> =
                parsed.args.iter().map(|pair| (arena.get(pair.name).to_vec(), arena.get(pair.value).to_vec())).collect();
            prop_assert!(!parsed.url_encoding_invalid);
            prop_assert_eq!(seen, fields);
        }

        #[test]
        fn takes_anything(input in any::<Vec<u8>>(), complete: bool) {
            let mut arena = Arena::default();
            let parsed = parse(&input, complete, &Limits::default(), &mut arena);
            let kept: usize = parsed.args.iter().map(|pair| pair.name.len() + pair.value.len()).sum();
            prop_assert!(kept <= input.len());
        }
    }
}
