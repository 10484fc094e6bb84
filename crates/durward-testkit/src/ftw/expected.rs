//! The list of tests that are known to fail, each with its reason. The list only shrinks.

use std::collections::BTreeMap;

/// A list: the title of a test and the reason.
pub struct Expected(BTreeMap<String, String>);

impl Expected {
    /// Reads a list: on each line a title and the reason; `#` begins a comment.
    pub fn parse(text: &str) -> Self {
        let mut list = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (title, reason) = line.split_once(' ').unwrap_or_else(|| panic!("no reason: {line}"));
            assert!(!reason.trim().is_empty(), "no reason: {line}");
            let before = list.insert(title.to_owned(), reason.trim().to_owned());
            assert!(before.is_none(), "twice in the list: {title}");
        }
        Self(list)
    }

    /// Compares with what happened: what failed and is not listed, and what is listed and did not fail.
    pub fn differences(&self, failures: &BTreeMap<String, String>) -> Vec<String> {
        let unlisted = failures.iter().filter(|(title, _)| !self.0.contains_key(*title));
        let passed = self.0.keys().filter(|title| !failures.contains_key(*title));
        unlisted
            .map(|(title, why)| format!("{title} fails: {why}"))
            .chain(passed.map(|title| format!("{title} is listed as failing, and passes")))
            .collect()
    }
}

#[test]
fn differences_go_both_ways() {
    let list = Expected::parse("# a comment\n1-1 a reason\n1-2 another\n");
    let failures = [("1-1", "a"), ("1-3", "b")].map(|(title, why)| (title.to_owned(), why.to_owned())).into();
    assert_eq!(list.differences(&failures), ["1-3 fails: b", "1-2 is listed as failing, and passes"]);
}
