//! `normalizePathWin`: [`normalizePath`](super::normalize_path) in which a backslash is a slash. Source: ModSecurity
//! reference, `normalise_path_win.cc`.

use super::Triggers;
use super::normalize_path::normalize;
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"/.\\"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    normalize(input, true, out);
    true
}
