//! Patterns: the first line is a PCRE text, the rest a value. Any text is taken or refused; where a pattern is found, what
//! it is said to need is there.
#![no_main]

use durward_seclang::pattern::{Caches, Groups, Interner};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (source, rest) = input.split_at(end);
    let value = rest.get(1..).unwrap_or_default();
    let Ok(pattern) = Interner::new(1000).pattern(source) else { return };
    let (mut caches, mut groups) = (Caches::default(), Groups::default());
    let is_match = pattern.is_match(value, &mut caches);
    assert_eq!(pattern.find(value, 0, &mut caches, &mut groups), is_match);
    assert!(!is_match || pattern.needs().hold(value), "found without {:?}", pattern.needs());
});
