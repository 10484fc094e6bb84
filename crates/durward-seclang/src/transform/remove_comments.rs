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
