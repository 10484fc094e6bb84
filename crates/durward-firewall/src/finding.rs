//! What the rules found, as the record keeps it.

use durward_core::{Finding, Sighting};
use durward_seclang::report::{Evidence, Interruption, Match, Part, Reason};

use crate::secret;

/// The matches from `first` on, with what each of them added to the score, if that refused the request.
pub(crate) fn findings(matches: &[Match], first: usize, interruption: Option<&Interruption>) -> Vec<Finding> {
    let sum: &[Part] = match interruption.map(|interruption| &interruption.reason) {
        Some(Reason::Rule { sum, .. }) => sum,
        _ => &[],
    };
    let told = matches.iter().enumerate().skip(first).take(MOST);
    told.map(|(index, found)| finding(found, sum.iter().find(|part| part.index == Some(index)))).collect()
}

fn finding(found: &Match, part: Option<&Part>) -> Finding {
    let mut seen: Vec<Sighting> = Vec::new();
    let mut links = Vec::new();
    for evidence in &found.evidence {
        if seen.len() < MOST_SEEN && !links.contains(&evidence.link) {
            links.push(evidence.link);
            seen.push(sighting(evidence));
        }
    }
    Finding {
        rule: found.id().0,
        message: text(&found.message, LONGEST_MESSAGE),
        place: found.rule.place.to_string().into(),
        score: part.map(|part| part.amount),
        seen,
    }
}

fn sighting(evidence: &Evidence) -> Sighting {
    let name = evidence.variable.name();
    let at = if evidence.key.is_empty() {
        name.into()
    } else {
        format!("{name}:{}", text(&evidence.key, LONGEST_NAME)).into()
    };
    if evidence.masked || secret::may_be_secret(evidence.variable, &evidence.key) {
        return Sighting { at, matched: None, decoded: None };
    }
    let matched = if evidence.matched.is_empty() { &evidence.value } else { &evidence.matched };
    let decoded = (!evidence.transformed.is_empty()).then(|| text(&evidence.transformed, LONGEST_VALUE));
    Sighting { at, matched: Some(text(matched, LONGEST_VALUE)), decoded }
}

/// Bytes as text, cut.
fn text(bytes: &[u8], most: usize) -> Box<str> {
    let kept = bytes.get(..most).unwrap_or(bytes);
    String::from_utf8_lossy(kept).into()
}

/// How many matches of one phase are kept in the record.
const MOST: usize = 32;
/// How many links of a chain.
const MOST_SEEN: usize = 4;
const LONGEST_MESSAGE: usize = 200;
const LONGEST_NAME: usize = 120;
const LONGEST_VALUE: usize = 96;
