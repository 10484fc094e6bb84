//! What libinjection once took for an attack: collected by its author from real traffic.

use super::{Guard, Spot, request};
use crate::suites::corpus;

/// How many of the lines are refused, in a query and in JSON. A change that lowers it lowers this number.
const REFUSED: usize = 0;

#[test]
fn false_positives_of_libinjection() {
    let Some(folder) = corpus("libinjection") else { return };
    let text = std::fs::read(folder.join("false_positives.txt")).unwrap();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len() > 400, "{}", lines.len());
    let mut guard = Guard::new();
    let mut refused = Vec::new();
    for line in &lines {
        for spot in [Spot::Query, Spot::Json] {
            let verdict = guard.judge(&request(spot, line));
            if verdict.status != 200 {
                refused.push(format!("{spot:?} `{line}`\n{}", super::reasons(&verdict)));
            }
        }
    }
    println!("{} of {} requests are refused", refused.len(), lines.len() * 2);
    assert_eq!(refused.len(), REFUSED, "\n{}", refused.join("\n"));
}
