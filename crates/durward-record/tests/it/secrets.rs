//! Canaries: what must never be in a record, and hostile text that must not break one.

use durward_core::{Denial, Reason};
use durward_record::{RecordLine, render};
use proptest::prelude::*;

use crate::entries::{Seen, refused};

#[test]
fn values_of_a_query_never_reach_the_log() {
    let seen = Seen { path: "/orders?token=CANARY-1#CANARY-2".into(), query: vec!["token".into()], ..Seen::default() };
    let line = RecordLine::of(&refused(&seen, Denial::new(Reason::AccessDenied).challenge("CANARY-3")));
    let text = serde_json::to_string(&line).unwrap() + &render(&line, true);
    assert!(!text.contains("CANARY"), "{text}");
    assert_eq!((line.path.as_deref(), line.query.as_slice()), (Some("/orders"), &["token".to_owned()][..]));
}

#[test]
fn long_texts_are_cut_between_characters_and_say_so() {
    let seen = Seen { path: format!("/{}", "漢".repeat(5_000)), query: vec!["q".repeat(999); 999], ..Seen::default() };
    let line = RecordLine::of(&refused(&seen, Denial::new(Reason::AccessDenied).detail("d".repeat(1 << 20))));
    assert_eq!(line.path.as_ref().map(String::len), Some(1 + 682 * 3));
    assert_eq!((line.query.len(), line.query[0].len()), (64, 128));
    assert!(line.flags.contains(&"cut".to_owned()));
    assert!(serde_json::to_string(&line).unwrap().len() < 32 << 10);
}

proptest! {
    #[test]
    fn any_text_makes_a_line_that_reads_back(method in any::<String>(), path in "/[^?]*", names in any::<Vec<String>>(),
                                             subject in any::<String>(), detail in any::<String>()) {
        let seen = Seen { method, path, query: names, subject };
        let entry = refused(&seen, Denial::new(Reason::AccessDenied).detail(detail.clone()).tell(&detail, &seen.path));
        let line = RecordLine::of(&entry);
        prop_assert_eq!(&line.id, &entry.trail.id().to_string());
        let cap = |text: &str, cap: usize| text.len() <= cap;
        if cap(&seen.path, 2048) { prop_assert_eq!(line.path.as_deref(), Some(seen.path.as_str())); }
        if cap(&seen.method, 128) { prop_assert_eq!(line.method.as_deref(), Some(seen.method.as_str())); }
        if cap(&detail, 1024) { prop_assert_eq!(line.trail[4].detail.as_deref(), Some(detail.as_str())); }
        let caller = line.caller.clone().unwrap();
        if cap(&seen.subject, 1024) { prop_assert_eq!(&caller.subject, &seen.subject); }
        let page = render(&line, false);
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n'), "{}", page);
    }
}
