//! The conditions of a rule set, apart from the rules that they stand in.

use std::sync::Arc;

use durward_seclang::ast::{Item, RuleSet};
use durward_seclang::load::Loader;
use durward_seclang::operator::Operator;
use durward_seclang::pattern::{Interner, Pattern};
use durward_seclang::transform::Transformation;

use crate::disk::Disk;

/// A condition without its targets.
#[allow(dead_code, reason = "the example `cost` shares this file and looks at operators only")]
pub(crate) struct Condition {
    pub(crate) rule: u64,
    pub(crate) operator: Arc<Operator>,
    pub(crate) pipeline: Vec<Transformation>,
    pub(crate) multi_match: bool,
}

/// Reads rules; an error ends the test.
pub(crate) fn read(read: impl FnOnce(Loader<'_>) -> Loader<'_>) -> RuleSet {
    read(Loader::new(&Disk)).finish().unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// All conditions, also those of the later links of chains.
pub(crate) fn conditions(rules: &RuleSet) -> Vec<Condition> {
    let mut patterns = Interner::new(rules.settings.backtrack_limit);
    let mut conditions = Vec::new();
    for item in &rules.items {
        let Item::Rule(rule) = item else { continue };
        for link in &rule.links {
            let Some(condition) = &link.condition else { continue };
            let operator = Operator::compile(&condition.operator, &mut patterns, &rules.settings);
            conditions.push(Condition {
                rule: rule.id.0,
                operator: Arc::new(operator.unwrap_or_else(|error| panic!("{}: {error}", rule.id.0))),
                pipeline: link.transformations.clone(),
                multi_match: link.multi_match,
            });
        }
    }
    conditions
}

/// The patterns of a rule set, each with a rule that has it.
#[allow(dead_code, reason = "the example `cost` shares this file and does without")]
pub(crate) fn patterns(conditions: &[Condition]) -> Vec<(u64, Arc<Pattern>)> {
    let mut patterns: Vec<(u64, Arc<Pattern>)> = Vec::new();
    for condition in conditions {
        if let Some(pattern) = condition.operator.pattern()
            && !patterns.iter().any(|(_, known)| known.source() == pattern.source())
        {
            patterns.push((condition.rule, Arc::clone(pattern)));
        }
    }
    patterns
}
