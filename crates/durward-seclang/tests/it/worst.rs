//! No pattern of the rule sets takes long on text written against it: the time is linear in the text, and the factor is
//! bounded. Release builds are held to the goal itself, 50 ms for 128 KiB; others, on shorter text, to what tells a bounded
//! pattern from one that is not. `cargo run --release --example cost -- FOLDER --worst` shows the slowest.

use std::time::Duration;

use durward_seclang::load::Loader;
use durward_seclang::operator::Seen;

use crate::rules::{Condition, conditions, read};
use crate::{base, hostile, meter, suites};

const LENGTH: usize = if cfg!(debug_assertions) { 8 << 10 } else { 128 << 10 };

const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 50 });

/// Rules whose patterns take longer, and how many milliseconds they may take. In all of them a list of several hundred
/// commands stands behind nested loops of blanks, quotes and assignments, so that nearly every byte of random text makes a
/// new state with hundreds of positions.
const SLOW: &[(u64, u64)] = &[(932_100, 200), (932_105, 200), (932_106, 200), (932_150, 200)];

fn slow(condition: &Condition) -> Option<String> {
    let pattern = condition.operator.pattern()?;
    let slow = SLOW.iter().find(|(rule, _)| *rule == condition.rule && !cfg!(debug_assertions));
    let most = slow.map_or(MOST, |(_, millis)| Duration::from_millis(*millis));
    let time = |text: &[u8]| {
        let mut seen = Seen::new();
        // The automaton is there already when requests come.
        condition.operator.evaluate(b"", b"", &mut seen);
        let start = meter::cpu();
        condition.operator.evaluate(text, b"", &mut seen);
        meter::cpu() - start
    };
    hostile::texts(pattern, LENGTH).iter().find_map(|text| {
        // Something else may have been in the way once.
        let best = (0..3).map(|_| time(text)).find(|time| *time <= most);
        best.is_none().then(|| format!("{}: `{}..`", condition.rule, text[..60].escape_ascii()))
    })
}

fn no_pattern_is_slow(load: impl FnOnce(Loader<'_>) -> Loader<'_>) {
    let conditions = conditions(&read(load));
    assert!(conditions.iter().filter(|condition| condition.operator.pattern().is_some()).count() > 200);
    let slow: Vec<String> = conditions.iter().filter_map(slow).collect();
    assert!(slow.is_empty(), "more than {MOST:?} for {LENGTH} bytes:\n{}", slow.join("\n"));
}

#[test]
fn of_crs4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    no_pattern_is_slow(|loader| base::crs4(loader, &corpus, ""));
}

#[test]
fn of_crs3() {
    let Some(package) = suites::debian() else { return };
    no_pattern_is_slow(|loader| base::crs3(loader, &package, ""));
}
