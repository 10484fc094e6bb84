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
    /// The position among all rules, by position in the scanner; ascending.
    rules: Vec<u32>,
}

impl Sweep {
    pub(super) fn new(rules: &[Rule], phases: [Phase; 2], map: Option<&Arc<UnicodeMap>>) -> Self {
        let mut numbers = Vec::new();
        let mut scanned = Vec::new();
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| phases.contains(&rule.info.phase)) {
            let response = rule.info.phase > Phase::RequestBody;
            if let Some(rule) = rule.links.first().and_then(|link| scan_rule(link, response, map.map(|map| &**map))) {
                numbers.push(index as u32);
                scanned.push(rule);
            }
        }
        Self { scanner: Scanner::build(scanned, map.cloned()), rules: numbers }
    }

    /// Whether the scan looks for a rule.
    pub(crate) fn contains(&self, rule: u32) -> bool {
        self.rules.binary_search(&rule).is_ok()
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
    let mut value = Vec::new();
    let mut next = Vec::new();
    let mut found = test.operator.evaluate(&value, b"", &mut seen);
    for transformation in &link.pipeline {
        if Transformation::apply(*transformation, &value, map, &mut next) {
            std::mem::swap(&mut value, &mut next);
            found |= test.operator.evaluate(&value, b"", &mut seen);
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
