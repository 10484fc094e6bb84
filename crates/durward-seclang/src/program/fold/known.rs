//! What is known of `TX` at one place of the rules, and what follows from it.

use crate::ast::Variable;
use crate::operator::{OperatorName, Seen};
use crate::program::rule::{Link, Look, Rule, Test};
use crate::scan::BitSet;
use crate::state::{Amount, Buffer, Change, Key, SetVar, Template, TxKey, TxKeys, TxStore, parse_number};

/// Whether a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Never,
    Perhaps,
    Always,
}

/// What is known of `TX`.
#[derive(Debug)]
pub(super) struct Known {
    store: TxStore,
    /// Members of which nothing is known.
    unknown: BitSet,
    seen: Seen,
}

impl Known {
    pub(super) fn new(store: TxStore) -> Self {
        Self { store, unknown: BitSet::default(), seen: Seen::new() }
    }

    /// Whether a rule matches at this place.
    pub(super) fn verdict(&mut self, rule: &Rule) -> Verdict {
        let mut verdict = Verdict::Always;
        for link in &rule.links {
            match self.link(link) {
                Verdict::Always => {}
                Verdict::Perhaps => verdict = Verdict::Perhaps,
                Verdict::Never => return Verdict::Never,
            }
            // What a link of a chain changes is not followed, and a link that runs has consequences even if a later one
            // does not hold.
            let changes = !link.at_once.is_empty() || link.capture;
            if rule.links.len() > 1 && changes {
                return Verdict::Perhaps;
            }
        }
        verdict
    }

    fn link(&mut self, link: &Link) -> Verdict {
        let Some(test) = &link.test else { return Verdict::Always };
        if !is_decidable(test.operator.name()) || !link.pipeline.is_empty() || !test.exclusions.is_empty() {
            return Verdict::Perhaps;
        }
        let argument = match &test.argument {
            None => Vec::new(),
            Some(template) => match self.text(template) {
                Some(text) => text,
                None => return Verdict::Perhaps,
            },
        };
        let mut verdict = Verdict::Never;
        for look in &test.looks {
            match self.look(look, test, &argument) {
                Verdict::Always => return Verdict::Always,
                Verdict::Perhaps => verdict = Verdict::Perhaps,
                Verdict::Never => {}
            }
        }
        verdict
    }

    fn look(&mut self, look: &Look, test: &Test, argument: &[u8]) -> Verdict {
        let Some(key) = look.selected.tx_key() else { return Verdict::Perhaps };
        if self.unknown.contains(key.index()) {
            return Verdict::Perhaps;
        }
        let mut buffer = Buffer::new();
        let value = match self.store.get(key, &mut buffer) {
            Some(_) if look.counted => b"1",
            None if look.counted => b"0",
            Some(value) => value,
            None => return Verdict::Never,
        };
        if test.operator.evaluate(value, argument, &mut self.seen) == test.negated {
            Verdict::Never
        } else {
            Verdict::Always
        }
    }

    /// What a member is once this has been done; `None` if that is not known, `Some(None)` if it is gone.
    pub(super) fn outcome(&self, set: &SetVar) -> Option<Option<Vec<u8>>> {
        let Key::Slot(key) = set.key else { return None };
        let moved = |by: Option<i64>| {
            let by = by.filter(|_| !self.unknown.contains(key.index()))?;
            Some(Some(self.store.number(key).saturating_add(by).to_string().into_bytes()))
        };
        match &set.change {
            Change::Remove => Some(None),
            Change::AssignNumber(number) => Some(Some(number.to_string().into_bytes())),
            Change::Assign(template) => self.text(template).map(Some),
            Change::Add(amount) => moved(self.amount(amount)),
            Change::Subtract(amount) => moved(self.amount(amount).map(i64::saturating_neg)),
        }
    }

    fn amount(&self, amount: &Amount) -> Option<i64> {
        match amount {
            Amount::Number(number) => Some(*number),
            Amount::Tx(key) if self.unknown.contains(key.index()) => None,
            Amount::Tx(key) => Some(self.store.number(*key)),
            Amount::Text(template) => self.text(template).map(|text| parse_number(&text)),
        }
    }

    fn text(&self, template: &Template) -> Option<Vec<u8>> {
        template.known(|key, text| {
            if let Some(value) = self.store.get(key, &mut Buffer::new()) {
                text.extend_from_slice(value);
            }
            !self.unknown.contains(key.index())
        })
    }

    pub(super) fn assign(&mut self, key: TxKey, value: Option<&[u8]>) {
        self.unknown.remove(key.index());
        match value {
            Some(value) => self.store.assign(key, value),
            None => self.store.remove(key),
        }
    }

    pub(super) fn forget_key(&mut self, key: TxKey) {
        self.unknown.insert(key.index());
    }

    /// What this sets is unknown.
    pub(super) fn forget(&mut self, set: &SetVar, keys: &TxKeys) {
        if set.collection == Variable::Tx {
            super::touch::written(set, keys, |key| self.unknown.insert(key.index()));
        }
    }
}

/// Operators whose verdict depends on nothing but value and argument, and is cheap.
const fn is_decidable(name: OperatorName) -> bool {
    use OperatorName as O;
    matches!(
        name,
        O::BeginsWith
            | O::Contains
            | O::EndsWith
            | O::Eq
            | O::Ge
            | O::Gt
            | O::Le
            | O::Lt
            | O::NoMatch
            | O::Rx
            | O::StrEq
            | O::UnconditionalMatch
            | O::Within
    )
}
