//! Which patterns take longest on text written against them.

use std::time::Duration;

use durward_seclang::operator::Seen;

use crate::{hostile, meter, rules};

/// How long the texts are.
const LENGTH: usize = 128 << 10;

/// The CPU time of each pattern on the worst of its texts, longest first. Each is timed twice, and the better time counts.
pub(crate) fn report(set: &durward_seclang::ast::RuleSet) {
    let mut worst: Vec<(Duration, Duration, u64, Vec<u8>)> = Vec::new();
    let mut known: Vec<&[u8]> = Vec::new();
    let conditions = rules::conditions(set);
    for condition in &conditions {
        let Some(pattern) = condition.operator.pattern() else { continue };
        if known.contains(&pattern.source()) {
            continue;
        }
        known.push(pattern.source());
        let timed = |text: &Vec<u8>| {
            let once = |record: bool| {
                let mut seen = Seen::new();
                seen.record(record);
                // The automaton is there already when requests come.
                condition.operator.evaluate(b"", b"", &mut seen);
                let start = meter::cpu();
                condition.operator.evaluate(text, b"", &mut seen);
                meter::cpu() - start
            };
            (once(false).min(once(false)), once(true).min(once(true)))
        };
        let slowest = hostile::texts(pattern, LENGTH).into_iter().map(|text| (timed(&text), text)).max();
        let ((verdict, groups), text) = slowest.expect("there are texts");
        worst.push((verdict, groups, condition.rule, text));
    }
    worst.sort_by(|a, b| b.cmp(a));
    println!(
        "{} patterns, each with its worst text of {LENGTH} bytes; ms CPU for the verdict, and with the groups",
        worst.len()
    );
    for (verdict, groups, rule, text) in worst.iter().take(12) {
        let millis = |time: &Duration| time.as_secs_f64() * 1e3;
        println!("{:>8.2} {:>8.2}  rule {rule}  {}..", millis(verdict), millis(groups), text[..40].escape_ascii());
    }
}
