//! The text of a key, from the outside.

use std::collections::HashSet;

use durward_keys::{ApiKeys, KEY_PATTERN, KeyProblem};
use durward_store::Store;
use proptest::prelude::*;
use proptest::string::string_regex;

use crate::keys::{at, new_key, pepper, text};

#[test]
fn texts_are_unique_and_split_one_way() {
    let keys = ApiKeys::open(Store::memory(), pepper()).unwrap();
    let mut seen = HashSet::new();
    for _ in 0..200 {
        let (view, secret) = keys.create(new_key(), at(1)).unwrap();
        let text = text(&secret).to_owned();
        let lengths: Vec<usize> = text.split('_').map(str::len).collect();
        assert_eq!(lengths, [3, 4, 10, 43, 6], "{text}");
        assert!(text.starts_with(&format!("dwk_live_{}_", view.kid)));
        assert!(seen.insert(text));
    }
}

proptest! {
    /// Whatever the published pattern matches is read as a key, down to its checksum.
    #[test]
    fn the_pattern_is_the_form(text in string_regex(KEY_PATTERN.trim_start_matches("\\b").trim_end_matches("\\b")).unwrap()) {
        let keys = ApiKeys::open(Store::memory(), pepper()).unwrap();
        prop_assert_eq!(keys.verify(&text, at(1)), Err(KeyProblem::Checksum));
    }

    /// Nothing panics, and nothing that was not issued passes.
    #[test]
    fn other_texts_are_refused(text in "(dwk_)?[a-z0-9_]{0,80}|\\PC{0,120}") {
        let keys = ApiKeys::open(Store::memory(), pepper()).unwrap();
        prop_assert!(keys.verify(&text, at(1)).is_err());
    }

    /// One changed character is noticed without a look at the store.
    #[test]
    fn one_wrong_character_is_a_wrong_checksum(position in 20usize..62, letter in "[0-9A-Za-z]") {
        let keys = ApiKeys::open(Store::memory(), pepper()).unwrap();
        let (_, secret) = keys.create(new_key(), at(1)).unwrap();
        let mut changed = text(&secret).to_owned();
        changed.replace_range(position..=position, &letter);
        let expected = if changed == text(&secret) { None } else { Some(KeyProblem::Checksum) };
        prop_assert_eq!(keys.verify(&changed, at(1)).err(), expected);
    }
}
