//! Which members of `TX` rules that run look at or set.

use crate::ast::Variable;
use crate::program::rule::{Effect, Link, Rule, Tags};
use crate::scan::BitSet;
use crate::state::{Amount, Change, Key, Selected, SetVar, StateEffect, Template, TxKey, TxKeys};

/// Members of `TX` that rules which run look at or set.
#[derive(Debug, Default)]
pub(super) struct Touched {
    keys: BitSet,
}

impl Touched {
    pub(super) fn contains(&self, key: TxKey) -> bool {
        self.keys.contains(key.index())
    }

    /// Everything that a rule looks at or sets.
    pub(super) fn by(&mut self, rule: &Rule, keys: &TxKeys) {
        self.template(&rule.message, keys);
        self.template(&rule.log_data, keys);
        if let Tags::Computed(tags) = &rule.tags {
            tags.iter().for_each(|tag| self.template(tag, keys));
        }
        if let super::Disruptive::Redirect(place) = &rule.disruptive {
            self.template(place, keys);
        }
        rule.links.iter().for_each(|link| self.by_link(link, keys));
    }

    fn by_link(&mut self, link: &Link, keys: &TxKeys) {
        if let Some(test) = &link.test {
            test.looks.iter().for_each(|look| self.selected(&look.selected, keys));
            test.argument.iter().for_each(|argument| self.template(argument, keys));
        }
        if link.capture {
            (0..=9).filter_map(TxKey::capture).for_each(|key| self.keys.insert(key.index()));
        }
        link.message.iter().chain(&link.log_data).for_each(|text| self.template(text, keys));
        link.at_once.iter().for_each(|effect| self.effect(effect, keys));
        for effect in &link.at_end {
            match effect {
                Effect::State(effect) => self.effect(effect, keys),
                Effect::Control(_) | Effect::Sanitise(_) => {}
            }
        }
    }

    fn effect(&mut self, effect: &StateEffect, keys: &TxKeys) {
        match effect {
            StateEffect::Set(set) => {
                if set.collection == Variable::Tx {
                    written(set, keys, |key| self.keys.insert(key.index()));
                }
                self.key(&set.key, keys);
                match &set.change {
                    Change::Assign(template)
                    | Change::Add(Amount::Text(template))
                    | Change::Subtract(Amount::Text(template)) => self.template(template, keys),
                    Change::Add(Amount::Tx(key)) | Change::Subtract(Amount::Tx(key)) => self.keys.insert(key.index()),
                    Change::AssignNumber(_)
                    | Change::Add(Amount::Number(_))
                    | Change::Subtract(Amount::Number(_))
                    | Change::Remove => {}
                }
            }
            StateEffect::Expire { key, seconds, .. } => {
                self.key(key, keys);
                self.template(seconds, keys);
            }
            StateEffect::Deprecate { key, .. } => self.key(key, keys),
            StateEffect::Init { key, .. } => self.template(key, keys),
            StateEffect::SetEnv { name, value } => {
                self.template(name, keys);
                self.template(value, keys);
            }
        }
    }

    fn key(&mut self, key: &Key, keys: &TxKeys) {
        match key {
            Key::Computed(template) => self.template(template, keys),
            Key::Slot(_) | Key::Fixed(_) => {}
        }
    }

    fn template(&mut self, template: &Template, keys: &TxKeys) {
        template.tx_keys().for_each(|key| self.keys.insert(key.index()));
        template.variables().for_each(|selected| self.selected(selected, keys));
    }

    fn selected(&mut self, selected: &Selected, keys: &TxKeys) {
        if selected.variable != Variable::Tx {
            return;
        }
        match selected.tx_key() {
            Some(key) => self.keys.insert(key.index()),
            None => keys
                .iter()
                .filter(|(_, name)| selected.takes(Variable::Tx, name))
                .for_each(|(key, _)| self.keys.insert(key.index())),
        }
    }
}

/// The numbered members of `TX` that a `setvar` may set.
pub(super) fn written(set: &SetVar, keys: &TxKeys, mut each: impl FnMut(TxKey)) {
    match &set.key {
        Key::Slot(key) => each(*key),
        Key::Fixed(_) => {}
        Key::Computed(template) => {
            let prefix = template.prefix().to_ascii_lowercase();
            keys.iter().filter(|(_, name)| name.starts_with(&prefix)).for_each(|(key, _)| each(key));
        }
    }
}
