//! `cmdLine`: what a shell would make of escaped commands. Source: ModSecurity reference, `cmd_line.cc`.
//!
//! Quotes, backslashes and carets vanish; commas, semicolons and white space (but the vertical tab and the form feed)
//! become one space; spaces before `/` and `(` vanish; letters become lower case.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers =
    Triggers::Bytes(ByteSet::of(b"\"'\\^ ,;\t\r\n").union(ByteSet::range(b'A', b'Z')));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    out.reserve(input.len());
    let mut spaced = false;
    for &byte in input {
        match byte {
            b'"' | b'\'' | b'\\' | b'^' => {}
            b' ' | b',' | b';' | b'\t' | b'\r' | b'\n' => {
                if !spaced {
                    out.push(b' ');
                }
                spaced = true;
            }
            b'/' | b'(' => {
                if spaced {
                    out.pop();
                }
                out.push(byte);
                spaced = false;
            }
            _ => {
                out.push(byte.to_ascii_lowercase());
                spaced = false;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::CmdLine;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            CmdLine,
            &[
                (b"", b""),
                (b"test", b"test"),
                (b"C^OMMAND /C DIR", b"command/c dir"),
                (b"C^oMMaNd /C DiR", b"command/c dir"),
                (b"cmd,/c DiR", b"cmd/c dir"),
                (b"\"command\" /c DiR", b"command/c dir"),
                (b"c\\a't ;, \t\r\n/etc", b"cat/etc"),
                (b" (x) ,y", b"(x) y"),
                (b"a\x0b\x0cb\0\xc0", b"a\x0b\x0cb\0\xc0"),
                (b" ;", b" "),
                (b"\\", b""),
            ],
        );
    }
}
