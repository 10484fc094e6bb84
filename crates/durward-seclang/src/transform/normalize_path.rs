//! `normalizePath`: multiple slashes, self-references and back-references vanish. Source: ModSecurity reference,
//! `normalise_path.cc`.
//!
//! A rooted path does not climb above its root, a relative one keeps leading `..`. A faithful rewriting, quirks included:
//! a segment that merely ends in `..` counts as a back-reference too.

use super::Triggers;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"/."));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    // Without a slash it is one segment, and only its last byte can make it special.
    if memchr::memchr(b'/', input).is_none() && input.last() != Some(&b'.') {
        return false;
    }
    normalize(input, false, out);
    true
}

/// With `windows`, a backslash is a slash.
pub(super) fn normalize(input: &[u8], windows: bool, out: &mut Vec<u8>) {
    let is_slash = |byte: u8| byte == b'/' || windows && byte == b'\\';
    let slashed = |byte: u8| if is_slash(byte) { b'/' } else { byte };
    let slash_at = |at: usize| input.get(at).copied().is_some_and(is_slash);
    let (relative, trailing) = (!slash_at(0), input.last().copied().is_some_and(is_slash));
    out.reserve(input.len());
    let mut above_root = false;
    let mut at = 0;
    while let Some(&byte) = input.get(at) {
        let here = at;
        let last = here + 1 == input.len();
        // Only the last byte of a segment decides about the segment.
        if last || slash_at(here + 1) {
            match slashed(byte) {
                b'/' if !last => {}
                b'.' => match out.last() {
                    Some(b'.') if relative && (above_root || out.len() <= 2) => above_root = true,
                    Some(b'.') => {
                        let parent = parent(out);
                        above_root |= parent == 0;
                        // The slash of the root stays where a rooted path ends here.
                        out.truncate(if parent == 0 && !relative && last { 1 } else { parent });
                        at += 1;
                    }
                    None => at += 1,
                    Some(b'/') => {
                        if !last {
                            out.pop();
                        }
                        at += 1;
                    }
                    Some(_) => {}
                },
                _ => above_root &= out.is_empty(),
            }
            if last && at != here {
                break;
            }
        }
        if slash_at(at) {
            while slash_at(at + 1) {
                at += 1;
            }
            if relative && out.is_empty() {
                at += 1;
                continue;
            }
        }
        // The reference turns a backslash into a slash as it goes, and goes past the third and later of a run.
        out.extend(input.get(at).map(|&byte| if at <= here + 1 { slashed(byte) } else { byte }));
        at += 1;
    }
    if !trailing && out.last() == Some(&b'/') {
        out.pop();
    }
}

/// How much of a path is left when the segment before `/.` is removed.
fn parent(path: &[u8]) -> usize {
    let from = path.len().saturating_sub(3);
    path.get(..=from).and_then(|path| path.iter().rposition(|&byte| byte == b'/')).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::NormalizePath;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            NormalizePath,
            &[
                (b"", b""),
                (b"x", b"x"),
                (b"/foo/bar/baz", b"/foo/bar/baz"),
                (b".", b""),
                (b"./", b""),
                (b"./..", b".."),
                (b"./../", b"../"),
                (b"..", b".."),
                (b"../", b"../"),
                (b"../.", b".."),
                (b".././", b"../"),
                (b"../..", b"../.."),
                (b"../../", b"../../"),
                (b"/", b"/"),
                (b"//", b"/"),
                (b"/.", b""),
                (b"/./", b"/"),
                (b"/..", b""),
                (b"/../", b"/"),
                (b"/a/..", b""),
                (b"/dir/foo//bar", b"/dir/foo/bar"),
                (b"dir/foo//bar/", b"dir/foo/bar/"),
                (b"dir/../foo", b"foo"),
                (b"dir/../../foo", b"../foo"),
                (b"dir/./.././../../foo/bar", b"../../foo/bar"),
                (b"dir/./.././../../foo/bar/.", b"../../foo/bar"),
                (b"dir/./.././../../foo/bar/./", b"../../foo/bar/"),
                (b"dir/./.././../../foo/bar/..", b"../../foo"),
                (b"dir/./.././../../foo/bar/../", b"../../foo/"),
                (b"dir//.//..//.//..//..//foo//bar", b"../../foo/bar"),
                (b"dir//.//..//.//..//..//foo//bar//", b"../../foo/bar/"),
                (b"dir/subdir/subsubdir/subsubsubdir/../../..", b"dir"),
                (b"dir/./subdir/../subsubdir/../subsubsubdir/..", b"dir"),
                (b"/dir/./subdir/../subsubdir/../subsubsubdir/../", b"/dir/"),
                (b"/./.././../../../../../../../\0/../etc/./passwd", b"/etc/passwd"),
                (b"/.hidden/...", b"/.hidden"),
                // What merely ends in two dots.,
                (b"foo..", b""),
                (b"/a/b..", b"/a"),
                (b"a../b", b"a../b"),
            ],
        );
    }
}
