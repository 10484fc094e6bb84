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
    let part = |index| sum.iter().find(|part| part.index == Some(index));
    let told = matches.iter().enumerate().skip(first).take(MOST);
    // Those that made the score are the ones that are asked about.
    let scoring = told.clone().filter(|(index, _)| part(*index).is_some()).count();
    let mut left = MOST_IN_FULL.saturating_sub(scoring);
    told.map(|(index, found)| {
        let part = part(index);
        let in_full = part.is_some() || left > 0;
        if part.is_none() {
            left = left.saturating_sub(1);
        }
        Finding {
            rule: found.id().0,
            message: text(&found.message, LONGEST_MESSAGE),
            place: found.rule.place.to_string().into(),
            score: part.map(|part| part.amount),
            seen: if in_full { sightings(found) } else { found.evidence.first().map(place).into_iter().collect() },
        }
    })
    .collect()
}

/// What each link of the chain saw first.
fn sightings(found: &Match) -> Vec<Sighting> {
    let mut seen: Vec<Sighting> = Vec::new();
    let mut links = Vec::new();
    for evidence in &found.evidence {
        if seen.len() < MOST_SEEN && !links.contains(&evidence.link) {
            links.push(evidence.link);
            seen.push(sighting(evidence));
        }
    }
    seen
}

/// Where a value stands, without the value.
fn place(evidence: &Evidence) -> Sighting {
    let name = evidence.variable.name();
    let at = if evidence.key.is_empty() {
        name.into()
    } else {
        format!("{name}:{}", text(&evidence.key, LONGEST_NAME)).into()
    };
    Sighting { at, matched: None, decoded: None }
}

fn sighting(evidence: &Evidence) -> Sighting {
    let place = place(evidence);
    if evidence.masked || secret::may_be_secret(evidence.variable, &evidence.key) {
        return place;
    }
    let matched = if evidence.matched.is_empty() { &evidence.value } else { &evidence.matched };
    let decoded = (!evidence.transformed.is_empty()).then(|| text(&evidence.transformed, LONGEST_VALUE));
    Sighting { matched: Some(text(matched, LONGEST_VALUE)), decoded, ..place }
}

/// Bytes as text, cut.
fn text(bytes: &[u8], most: usize) -> Box<str> {
    let kept = bytes.get(..most).unwrap_or(bytes);
    String::from_utf8_lossy(kept).into()
}

/// How many matches of one call are kept in the record. Nearly all rules of a set can match a request that was made for
/// it, which must not fill the log.
const MOST: usize = 256;
/// How many of them with the values that they saw, beside those that made the score.
const MOST_IN_FULL: usize = 32;
/// How many links of a chain.
const MOST_SEEN: usize = 4;
const LONGEST_MESSAGE: usize = 200;
const LONGEST_NAME: usize = 120;
const LONGEST_VALUE: usize = 96;
