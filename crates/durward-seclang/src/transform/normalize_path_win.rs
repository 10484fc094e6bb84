//! `normalizePathWin`: [`normalizePath`](super::normalize_path) in which a backslash is a slash. Source: ModSecurity
//! reference, `normalise_path_win.cc`.

use super::Triggers;
use super::normalize_path::normalize;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"/.\\"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    if memchr::memchr2(b'/', b'\\', input).is_none() && input.last() != Some(&b'.') {
        return false;
    }
    normalize(input, true, out);
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::NormalizePathWin;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            NormalizePathWin,
            &[
                (b"", b""),
                (b"x", b"x"),
                (b"\\foo\\bar\\baz", b"/foo/bar/baz"),
                (b".", b""),
                (b".\\", b""),
                (b".\\..", b".."),
                (b".\\..\\", b"../"),
                (b"..", b".."),
                (b"..\\", b"../"),
                (b"..\\.", b".."),
                (b"..\\.\\", b"../"),
                (b"..\\..", b"../.."),
                (b"..\\..\\", b"../../"),
                (b"\\", b"/"),
                (b"\\\\", b"/"),
                (b"\\.", b""),
                (b"\\.\\", b"/"),
                (b"\\..", b""),
                (b"\\..\\", b"/"),
                (b"\\a\\..", b""),
                (b"\\dir\\foo\\\\bar", b"/dir/foo/bar"),
                (b"dir\\foo\\\\bar\\", b"dir/foo/bar/"),
                (b"dir\\..\\foo", b"foo"),
                (b"dir\\..\\..\\foo", b"../foo"),
                (b"dir\\.\\..\\.\\..\\..\\foo\\bar", b"../../foo/bar"),
                (b"dir\\.\\..\\.\\..\\..\\foo\\bar\\.", b"../../foo/bar"),
                (b"dir\\.\\..\\.\\..\\..\\foo\\bar\\.\\", b"../../foo/bar/"),
                (b"dir\\.\\..\\.\\..\\..\\foo\\bar\\..", b"../../foo"),
                (b"dir\\.\\..\\.\\..\\..\\foo\\bar\\..\\", b"../../foo/"),
                (b"dir\\\\.\\\\..\\\\.\\\\..\\\\..\\\\foo\\\\bar", b"../../foo/bar"),
                (b"dir\\\\.\\\\..\\\\.\\\\..\\\\..\\\\foo\\\\bar\\\\", b"../../foo/bar/"),
                (b"dir\\subdir\\subsubdir\\subsubsubdir\\..\\..\\..", b"dir"),
                (b"dir\\.\\subdir\\..\\subsubdir\\..\\subsubsubdir\\..", b"dir"),
                (b"\\dir\\.\\subdir\\..\\subsubdir\\..\\subsubsubdir\\..\\", b"/dir/"),
                (b"\\.\\..\\.\\..\\..\\..\\..\\..\\..\\..\\\0\\..\\etc\\.\\passwd", b"/etc/passwd"),
                (b"\\.hidden\\...", b"/.hidden"),
                // Both kinds, and a run of which the reference keeps the last backslash.,
                (b"/a\\./b//..\\c", b"/a/c"),
                (b"a\\/b\\\\\\c", b"a/b\\c"),
                (b"C:\\..\\x", b"x"),
            ],
        );
    }
}
