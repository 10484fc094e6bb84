//! `@rx` and `@rxGlobal`: the pattern is found. The groups of the match are groups 0 to 9; `@rxGlobal` goes on behind each
//! match and numbers the groups of all matches one after the other.

use super::Seen;
use crate::pattern::Pattern;

pub(super) fn evaluate(value: &[u8], pattern: &Pattern, seen: &mut Seen) -> bool {
    if !seen.record {
        return pattern.is_match(value, &mut seen.caches);
    }
    let mut groups = std::mem::take(&mut seen.found);
    let found = pattern.find(value, 0, &mut seen.caches, &mut groups);
    if found {
        take(&groups, seen);
    }
    seen.found = groups;
    found
}

pub(super) fn evaluate_global(value: &[u8], pattern: &Pattern, seen: &mut Seen) -> bool {
    if !seen.record {
        return pattern.is_match(value, &mut seen.caches);
    }
    let mut groups = std::mem::take(&mut seen.found);
    let mut start = 0;
    let mut any = false;
    while start <= value.len()
        && seen.group_count() < Seen::GROUPS
        && pattern.find(value, start, &mut seen.caches, &mut groups)
    {
        any = true;
        take(&groups, seen);
        let end = groups.first().cloned().flatten().map_or(value.len(), |range| range.end.max(start));
        let empty = groups.first().cloned().flatten().is_none_or(|range| range.is_empty());
        start = end + usize::from(empty);
    }
    seen.found = groups;
    any
}

/// For an argument with macros: the pattern is the expanded text. A text that is no pattern finds nothing.
pub(super) fn evaluate_dynamic(value: &[u8], text: &[u8], global: bool, seen: &mut Seen) -> bool {
    let mut dynamic = seen.caches.take_dynamic();
    let found = dynamic.pattern(text).is_some_and(|pattern| {
        // The automaton of such a pattern is not one of the rule set, and neither is its memory.
        std::mem::swap(&mut seen.caches, &mut dynamic.caches);
        let found = if global { evaluate_global(value, &pattern, seen) } else { evaluate(value, &pattern, seen) };
        std::mem::swap(&mut seen.caches, &mut dynamic.caches);
        found
    });
    seen.caches.return_dynamic(dynamic);
    found
}

fn take(groups: &[Option<std::ops::Range<usize>>], seen: &mut Seen) {
    for range in groups {
        seen.push_range(range.clone());
    }
    if let (None, Some(Some(range))) = (seen.matched(), groups.first()) {
        seen.found_at(range.clone());
    }
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::{Rx, RxGlobal};
    use crate::operator::testing::{group, refused, verdicts, where_found};

    #[test]
    fn vectors() {
        for name in [Rx, RxGlobal] {
            verdicts(
                name,
                &[
                    (b"", b"", true),
                    (b"", b"x", true),
                    (b"abc", b"xxabcxx", true),
                    (b"abc", b"ABC", false),
                    (b"(?i)abc", b"ABC", true),
                    (b"^abc$", b"abc", true),
                    (b"^abc$", b"abc\n", false),
                    (b"^abc$", b"x\nabc\ny", false),
                    (b"(?m)^abc$", b"x\nabc\ny", true),
                    (b"a.c", b"a\nc", true),
                    (b"a.c", b"a\xffc", true),
                    (b"[^a]", b"\xff", true),
                    (b"(?i)\xe4", b"\xc4", false),
                ],
            );
        }
        refused(Rx, &[b"(", b"a)", b"[a", b"*a", b"\\"]);
    }

    #[test]
    fn groups() {
        let pattern = b"(a)(x)?(c+)";
        assert_eq!(where_found(Rx, pattern, b"..accb"), Some(2..5));
        assert_eq!(group(Rx, pattern, b"..accb", 0).as_deref(), Some(&b"acc"[..]));
        assert_eq!(group(Rx, pattern, b"..accb", 1).as_deref(), Some(&b"a"[..]));
        assert_eq!(group(Rx, pattern, b"..accb", 2), None);
        assert_eq!(group(Rx, pattern, b"..accb", 3).as_deref(), Some(&b"cc"[..]));
        let many = b"(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)";
        assert_eq!(group(Rx, many, b"abcdefghijk", 9).as_deref(), Some(&b"i"[..]));
        assert_eq!(group(Rx, many, b"abcdefghijk", 10), None);
    }

    #[test]
    fn all_places() {
        assert_eq!(group(RxGlobal, b"\\d(\\w)", b"1a 2b 3c", 0).as_deref(), Some(&b"1a"[..]));
        assert_eq!(group(RxGlobal, b"\\d(\\w)", b"1a 2b 3c", 3).as_deref(), Some(&b"b"[..]));
        assert_eq!(group(RxGlobal, b"\\d(\\w)", b"1a 2b 3c", 5).as_deref(), Some(&b"c"[..]));
        assert_eq!(group(RxGlobal, b"x*", b"axb", 1).as_deref(), Some(&b"x"[..]));
        assert_eq!(group(RxGlobal, b"x*", b"axb", 2).as_deref(), Some(&b""[..]));
    }
}
