//! `removeComments`: comments of C, HTML and SQL vanish. Source: ModSecurity reference, `remove_comments.cc`.
//!
//! As there: either end closes either comment, the byte after a comment is copied unseen (a NUL where nothing follows), an
//! open comment leaves a space, and `--` and `#` cut the rest off.

use memchr::memchr2;

use super::Triggers;
use super::rewrite::{plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"*-#"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| rest.iter().position(|byte| matches!(byte, b'/' | b'<' | b'-' | b'#')), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    match rest {
        [b'/', b'*', tail @ ..] | [b'<', b'!', b'-', b'-', tail @ ..] => after_comment(tail, out),
        [b'-', b'-', ..] | [b'#', ..] => &[],
        _ => plain(rest, out),
    }
}

fn after_comment<'a>(mut comment: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    while let Some(rest) = memchr2(b'*', b'-', comment).and_then(|at| comment.get(at..)) {
        match rest {
            [b'*', b'/', tail @ ..] | [b'-', b'-', b'>', tail @ ..] => {
                let (next, tail) = tail.split_first().unwrap_or((&0, &[]));
                out.push(*next);
                return tail;
            }
            _ => comment = rest.get(1..).unwrap_or_default(),
        }
    }
    out.push(b' ');
    &[]
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::RemoveComments;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            RemoveComments,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"/* TestCase */", b"\0"),
                (b"Before/* TestCase */After", b"BeforeAfter"),
                (b"Before TestCase */ After", b"Before TestCase */ After"),
                (b"/* Test\r\nCase */", b"\0"),
                (b"/*Before/* Test\r\nCase ", b" "),
                (b"Before /* Test\nCase ", b"Before  "),
                (b"Before/* T*/ /* e */ /* s */ /* t */\r\nCase ", b"Before   \r\nCase "),
                (b"Before /* */ ops */ Test\nCase ", b"Before  ops */ Test\nCase "),
                (b"Test\nCase /**/ After", b"Test\nCase  After"),
                (b"Before<!-- Test -->, After", b"Before, After"),
                (b"a<!--b*/c/*d-->e/*/", b"ace "),
                (b"select 1 -- rest", b"select 1 "),
                (b"select 1 # rest", b"select 1 "),
                // The byte after a comment is copied unseen.,
                (b"/**/#a/**/--b/**/--", b"#a--b--"),
                (b"<!-/ - -> <!", b"<!-/ - -> <!"),
                (b"#", b""),
                (b"/*", b" "),
                (b"<!--", b" "),
                (b"<!-", b"<!-"),
            ],
        );
    }
}
