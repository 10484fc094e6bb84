//! What the decoders share: the loop around them, and digits.

/// Copies `input`, except where `find` points: there `step` writes what stands for the first bytes of the rest, and says
/// what is left of it. `false`: `find` pointed nowhere, and nothing was written.
pub(super) fn rewrite<'a>(
    input: &'a [u8],
    out: &mut Vec<u8>,
    find: impl Fn(&[u8]) -> Option<usize>,
    step: impl Fn(&'a [u8], &mut Vec<u8>) -> &'a [u8],
) -> bool {
    let mut rest = input;
    let mut found = false;
    while let Some((plain, special)) = find(rest).and_then(|at| rest.split_at_checked(at)) {
        if !found {
            out.reserve(input.len());
            found = true;
        }
        out.extend_from_slice(plain);
        rest = step(special, out);
        debug_assert!(rest.len() < special.len(), "each step takes at least a byte");
    }
    if found {
        out.extend_from_slice(rest);
    }
    found
}

/// Copies one byte: the step where nothing special stands.
pub(super) fn plain<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match rest {
        [byte, tail @ ..] => {
            out.push(*byte);
            tail
        }
        [] => rest,
    }
}

/// The value of a hexadecimal digit.
pub(super) const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The value of two hexadecimal digits.
pub(super) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    Some(hex(high)? << 4 | hex(low)?)
}

/// The byte that a code point of four hexadecimal digits comes down to: the lower half, and the ASCII character where it
/// is a full-width one (U+FF01 to U+FF5E).
pub(super) fn hex_code_point([a, b, c, d]: [u8; 4]) -> Option<u8> {
    let (high, low) = (hex_pair(a, b)?, hex_pair(c, d)?);
    Some(if high == 0xff { full_width(low) } else { low })
}

/// The ASCII character of U+FF00 and a lower half.
pub(super) const fn full_width(low: u8) -> u8 {
    if 0 < low && low < 0x5f { low + 0x20 } else { low }
}

/// What a letter after a backslash stands for in C, where it is a control character.
pub(super) const fn c_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        _ => return None,
    })
}

/// The value of the one to three octal digits at the start, and what follows them.
pub(super) fn octal(text: &[u8]) -> Option<(u16, &[u8])> {
    let digits = text.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    let value = digits.iter().fold(0, |value, digit| value << 3 | u16::from(digit & 7));
    (!digits.is_empty()).then_some((value, rest))
}

/// White space of the C locale; unlike Rust's it has the vertical tab.
pub(super) const SPACES: &[u8] = b"\t\n\x0b\x0c\r ";

/// Whether a byte is one of [`SPACES`].
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}
