//! `replaceComments`: each comment of C becomes a space, an open one too. Source: ModSecurity reference,
//! `replace_comments.cc`.

use memchr::{memchr, memmem};

use super::Triggers;
use super::rewrite::{plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"*"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'/', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let [b'/', b'*', comment @ ..] = rest else { return plain(rest, out) };
    out.push(b' ');
    memmem::find(comment, b"*/").and_then(|end| comment.get(end + 2..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::ReplaceComments;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            ReplaceComments,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (b"/* TestCase */", b" "),
                (b"Before/* TestCase */After", b"Before After"),
                (b"Before /* TestCase */ After", b"Before   After"),
                (b"Before/* Test\r\nCase ", b"Before "),
                (b"Test\r\nCase */After", b"Test\r\nCase */After"),
                (b"a/**/b/*/c*/d", b"a b d"),
                (b"a/*b/*c*/d*/e", b"a d*/e"),
                (b"/*/", b" "),
                (b"/ *", b"/ *"),
                (b"/", b"/"),
            ],
        );
    }
}
