//! Which rules a number, a tag or a message names.

use crate::overlay::RuleSelector;
use crate::report::RuleInfo;
use crate::scan::BitSet;
use std::sync::Arc;

/// The rules that a selector names, as a set of positions.
pub(crate) fn select(rules: &[Arc<RuleInfo>], selector: &RuleSelector) -> BitSet {
    let mut set = BitSet::new(rules.len());
    for (index, rule) in rules.iter().enumerate() {
        if names(selector, rule) {
            set.insert(index);
        }
    }
    set
}

fn names(selector: &RuleSelector, rule: &RuleInfo) -> bool {
    match selector {
        RuleSelector::Ids(range) => (range.first..=range.last).contains(&rule.id),
        RuleSelector::Tag(tag) => rule.tags.contains(tag),
        RuleSelector::Message(message) => rule.message == *message,
    }
}
