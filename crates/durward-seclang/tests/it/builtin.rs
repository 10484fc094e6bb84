//! The built-in rules: they load, they find attacks of each class, and they let ordinary requests pass.

use std::collections::BTreeSet;

use durward_seclang::builtin;
use durward_seclang::load::Loader;
use durward_seclang::program::Program;

use crate::disk::Disk;

/// Every rule loads without an error and a note, has a number of its own range, and what scores says what it is.
#[test]
fn they_load() {
    let set = builtin::rules(Loader::new(&Disk)).finish().unwrap();
    assert!(set.notes.is_empty(), "{:?}", set.notes);
    let program = Program::compile(set).unwrap();
    let mut classes = BTreeSet::new();
    for rule in program.rules() {
        let id = rule.id.0;
        assert!((builtin::FIRST_ID..=builtin::LAST_ID).contains(&id), "{id}");
        if rule.message.is_empty() {
            continue;
        }
        let has = |start: &str| rule.tags.iter().find(|tag| tag.starts_with(start));
        assert!(has(builtin::TAG).is_some(), "{id}");
        assert!(rule.severity.is_some(), "{id}");
        if let Some(class) = has("attack-") {
            assert!(has("CWE-").is_some(), "{id}");
            classes.insert(class.clone());
        }
    }
    assert_eq!(classes.len(), 16, "{classes:?}");
}
