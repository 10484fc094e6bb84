//! The text of `durward why`.

use durward_core::{Denial, Reason};
use durward_record::{RecordLine, render};

use crate::entries::{Seen, allowed, refused};

#[test]
fn a_refused_request_explains_itself() {
    let denial = Denial::new(Reason::ScopeMissing).detail("has `orders:read`, needs `orders:write`");
    let line = RecordLine::of(&refused(&Seen::default(), denial));
    println!("{}", render(&line, true));
    assert_eq!(render(&line, false), include_str!("refused.txt"));
}

#[test]
fn an_allowed_request_too() {
    let line = RecordLine::of(&allowed(0));
    println!("{}", render(&line, true));
    assert_eq!(render(&line, false), include_str!("allowed.txt"));
}

#[test]
fn every_reason_has_a_next_step() {
    for reason in Reason::ALL {
        let line = RecordLine::of(&refused(&Seen::default(), Denial::new(*reason)));
        let page = render(&line, true);
        assert!(page.contains(reason.code()) && page.matches("next").count() == 2, "{page}");
    }
}
