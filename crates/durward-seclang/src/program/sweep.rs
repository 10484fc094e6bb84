//! Which rules the scan looks for, and what it is told of them.

use std::sync::Arc;

use super::rule::{Link, Look, Rule, Test};
use crate::ast::{Phase, Variable};
use crate::operator::Seen;
use crate::scan::{BitSet, ScanRule, ScanTarget, Scanner};
use crate::state::is_stored;
use crate::transform::{Transformation, UnicodeMap};

/// The scan of two phases whose values do not change between them.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) scanner: Scanner,
    /// The position among all rules, by position in the scanner.
    rules: Vec<u32>,
    /// The rules that it looks for, by position among all rules.
    known: BitSet,
}

impl Sweep {
    pub(super) fn new(rules: &[Rule], phases: [Phase; 2], map: Option<&Arc<UnicodeMap>>) -> Self {
        let mut scanned = Vec::new();
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| phases.contains(&rule.info.phase)) {
            let response = rule.info.phase > Phase::RequestBody;
            if let Some(scan) = rule.links.first().and_then(|link| scan_rule(link, response, map.map(|map| &**map))) {
                scanned.push((paranoia_level(rule), index as u32, scan));
            }
        }
        // Rules that run together are neighbours, so that sets of those that run are short.
        scanned.sort_by_key(|(level, index, _)| (*level, *index));
        let mut known = BitSet::new(rules.len());
        scanned.iter().for_each(|(_, index, _)| known.insert(*index as usize));
        let (rules, scanned) = scanned.into_iter().map(|(_, index, scan)| (index, scan)).unzip();
        Self { scanner: Scanner::build(scanned, map.cloned()), rules, known }
    }

    /// Whether the scan looks for a rule.
    pub(crate) fn contains(&self, rule: u32) -> bool {
        self.known.contains(rule as usize)
    }

    /// The rule at a position in the scanner.
    pub(crate) fn rule(&self, position: u32) -> Option<u32> {
        self.rules.get(position as usize).copied()
    }

    /// The positions in the scanner of those rules that are in the set and belong to the phase.
    pub(crate) fn positions(&self, rules: &BitSet, phase: &BitSet) -> BitSet {
        let mut positions = BitSet::new(self.rules.len());
        for (position, rule) in self.rules.iter().enumerate() {
            if rules.contains(*rule as usize) && phase.contains(*rule as usize) {
                positions.insert(position);
            }
        }
        positions
    }
}

/// From which paranoia level of the Core Rule Set on a rule runs, as its tags say; only a guess at what runs together.
fn paranoia_level(rule: &Rule) -> u8 {
    let level = |tag: &str| tag.strip_prefix("paranoia-level/")?.parse().ok();
    rule.info.tags.iter().find_map(|tag| level(tag)).unwrap_or(0)
}

/// What the scanner is told of a rule; `None` if it cannot find everything that the rule would.
fn scan_rule(link: &Link, response: bool, map: Option<&UnicodeMap>) -> Option<ScanRule> {
    let test = link.test.as_ref()?;
    let plain = !test.negated && test.argument.is_none() && test.operator.is_scannable();
    // Values of the request are not scanned again for the response.
    let scanned = |look: &Look| {
        !look.counted && look.selected.homes().iter().all(|home| is_stored(*home) && is_of_response(*home) == response)
    };
    if !plain || !test.looks.iter().all(scanned) || finds_nothing_given(link, test, map) {
        return None;
    }
    let targets = test
        .looks
        .iter()
        .flat_map(|look| look.selected.homes().iter().map(|home| ScanTarget { variable: *home, key: look.key.clone() }))
        .collect();
    Some(ScanRule {
        operator: Arc::clone(&test.operator),
        pipeline: link.pipeline.clone(),
        multi_match: link.multi_match,
        targets,
    })
}

/// Whether the rule matches an empty value: variables that have not arrived have one, and it is not stored.
fn finds_nothing_given(link: &Link, test: &Test, map: Option<&UnicodeMap>) -> bool {
    let mut seen = Seen::new();
    // Most operators need more than there is: asking them would build automata that perhaps nothing ever needs.
    let mut finds = |value: &[u8]| {
        test.operator.needs().is_none_or(|needs| needs.hold(value)) && test.operator.evaluate(value, b"", &mut seen)
    };
    let mut value = Vec::new();
    let mut next = Vec::new();
    let mut found = finds(&value);
    for transformation in &link.pipeline {
        if Transformation::apply(*transformation, &value, map, &mut next) {
            std::mem::swap(&mut value, &mut next);
            found |= finds(&value);
        }
    }
    found
}

const fn is_of_response(variable: Variable) -> bool {
    matches!(
        variable,
        Variable::ResponseBody
            | Variable::ResponseContentLength
            | Variable::ResponseContentType
            | Variable::ResponseHeaders
            | Variable::ResponseHeadersNames
            | Variable::ResponseProtocol
            | Variable::ResponseStatus
            | Variable::StatusLine
    )
}
