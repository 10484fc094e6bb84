//! Which patterns take longest on text written against them.

use std::time::Duration;

use durward_seclang::operator::Seen;

use crate::{hostile, meter, rules};

/// How long the texts are.
const LENGTH: usize = 128 << 10;

/// The CPU time of each pattern on the worst of its texts, longest first; each is timed twice and the better one counts.
pub(crate) fn report(set: &durward_seclang::ast::RuleSet) {
    let mut worst: Vec<(Duration, u64, Vec<u8>)> = Vec::new();
    let mut known: Vec<&[u8]> = Vec::new();
    let conditions = rules::conditions(set);
    for condition in &conditions {
        let Some(pattern) = condition.operator.pattern() else { continue };
        if known.contains(&pattern.source()) {
            continue;
        }
        known.push(pattern.source());
        let timed = |text: &Vec<u8>| {
            let once = || {
                let mut seen = Seen::new();
                // The automaton is there already when requests come.
                hostile::ask(&condition.operator, b"", &mut seen);
                let start = meter::cpu();
                hostile::ask(&condition.operator, text, &mut seen);
                meter::cpu() - start
            };
            once().min(once())
        };
        let slowest = hostile::texts(pattern, LENGTH).into_iter().map(|text| (timed(&text), text)).max();
        let (time, text) = slowest.expect("there are texts");
        worst.push((time, condition.rule, text));
    }
    if std::env::var_os("SPLIT").is_some() {
        let mut sorted = worst.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        for (_, rule, text) in sorted.iter().take(8) {
            let condition = conditions.iter().find(|c| c.rule == *rule && c.operator.pattern().is_some()).unwrap();
            for record in [false, true] {
                let mut seen = Seen::new();
                hostile::ask(&condition.operator, b"", &mut seen);
                seen.record(record);
                let start = meter::cpu();
                let found = condition.operator.evaluate(text, b"", &mut seen);
                println!("{rule} record {record} found {found} {:?} {:?} groups {} memory {}", meter::cpu() - start, seen.matched(), condition.operator.pattern().unwrap().groups(), seen.memory_usage());
            }
        }
    }
    worst.sort_by(|a, b| b.cmp(a));
    println!("{} patterns, each with its worst text of {LENGTH} bytes (verdict and groups):", worst.len());
    for (time, rule, text) in worst.iter().take(12) {
        println!("{:>8.2} ms CPU  rule {rule}  {}..", time.as_secs_f64() * 1e3, text[..40].escape_ascii());
    }
}
