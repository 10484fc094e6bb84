//! What a match does to the state: `setvar`, `expirevar`, `deprecatevar`, `initcol`, `setenv`.

use super::persistence::Persistence;
use super::template::{RuleFields, Template};
use super::tx::{Member, TxKey, TxKeys};
use super::{Buffer, State, number};
use crate::ast;
use crate::ast::Variable;

/// A change of the state, compiled.
#[derive(Debug, Clone)]
pub enum StateEffect {
    /// `setvar`.
    Set(SetVar),
    /// `expirevar`.
    Expire {
        /// The collection.
        collection: Variable,
        /// The key.
        key: Key,
        /// After how many seconds.
        seconds: Template,
    },
    /// `deprecatevar`.
    Deprecate {
        /// The collection.
        collection: Variable,
        /// The key.
        key: Key,
        /// By how much.
        amount: u64,
        /// In how many seconds.
        seconds: u64,
    },
    /// `initcol`, `setsid`, `setuid`, `setrsc`.
    Init {
        /// The collection.
        collection: Variable,
        /// Which record of it.
        key: Template,
    },
    /// `setenv`.
    SetEnv {
        /// The name.
        name: Template,
        /// The value.
        value: Template,
    },
}

/// `setvar`, compiled.
#[derive(Debug, Clone)]
pub struct SetVar {
    /// TX, IP, GLOBAL, SESSION, USER or RESOURCE.
    pub collection: Variable,
    /// Which member.
    pub key: Key,
    /// What becomes of it.
    pub change: Change,
}

/// Which member of a collection.
#[derive(Debug, Clone)]
pub enum Key {
    /// A numbered member of `TX`.
    Slot(TxKey),
    /// This name, in lower case.
    Fixed(Box<[u8]>),
    /// A name that is put together when the rule runs.
    Computed(Template),
}

/// What `setvar` does.
#[derive(Debug, Clone)]
pub enum Change {
    /// `=value`.
    Assign(Template),
    /// `=number`.
    AssignNumber(i64),
    /// `=+value`.
    Add(Amount),
    /// `=-value`.
    Subtract(Amount),
    /// `!key`.
    Remove,
}

/// How much is added.
#[derive(Debug, Clone)]
pub enum Amount {
    /// A number.
    Number(i64),
    /// What a member of `TX` says.
    Tx(TxKey),
    /// What a text says.
    Text(Template),
}

/// What `setvar` does, once its text is known.
#[derive(Clone, Copy)]
enum Deed<'a> {
    Text(&'a [u8]),
    Number(i64),
    Add(i64),
    Remove,
}

impl StateEffect {
    /// Compiles an effect; `None` for those that do not change the state (`ctl`, `sanitise*`).
    ///
    /// # Errors
    ///
    /// When a macro has a key and its variable has no members.
    pub fn compile(effect: &ast::Effect, keys: &mut TxKeys) -> Result<Option<Self>, String> {
        Ok(Some(match effect {
            ast::Effect::Set { collection, key, change } => Self::Set(SetVar {
                collection: *collection,
                key: Key::compile(*collection, key, keys)?,
                change: Change::compile(change, keys)?,
            }),
            ast::Effect::Expire { collection, key, seconds } => Self::Expire {
                collection: *collection,
                key: Key::compile(*collection, key, keys)?,
                seconds: Template::compile(seconds, keys)?,
            },
            ast::Effect::Deprecate { collection, key, amount, seconds } => Self::Deprecate {
                collection: *collection,
                key: Key::compile(*collection, key, keys)?,
                amount: *amount,
                seconds: *seconds,
            },
            ast::Effect::Init { collection, key } => {
                Self::Init { collection: *collection, key: Template::compile(key, keys)? }
            }
            ast::Effect::SetEnv { name, value } => {
                Self::SetEnv { name: Template::compile(name, keys)?, value: Template::compile(value, keys)? }
            }
            ast::Effect::Control(_) | ast::Effect::Sanitise(_) => return Ok(None),
        }))
    }
}

impl Key {
    fn compile(collection: Variable, text: &ast::Text, keys: &mut TxKeys) -> Result<Self, String> {
        let template = Template::compile(text, keys)?;
        Ok(match template.as_literal() {
            Some(literal) if collection == Variable::Tx => Self::Slot(keys.intern(literal)),
            Some(literal) => Self::Fixed(literal.to_ascii_lowercase().into()),
            None => Self::Computed(template),
        })
    }
}

impl Change {
    fn compile(change: &ast::Change, keys: &mut TxKeys) -> Result<Self, String> {
        Ok(match change {
            ast::Change::Assign(text) => {
                let template = Template::compile(text, keys)?;
                match template.as_literal().and_then(number::canonical) {
                    Some(number) => Self::AssignNumber(number),
                    None => Self::Assign(template),
                }
            }
            ast::Change::Add(text) => Self::Add(Amount::compile(text, keys)?),
            ast::Change::Subtract(text) => Self::Subtract(Amount::compile(text, keys)?),
            ast::Change::Remove => Self::Remove,
        })
    }
}

impl Amount {
    fn compile(text: &ast::Text, keys: &mut TxKeys) -> Result<Self, String> {
        let template = Template::compile(text, keys)?;
        Ok(match (template.as_literal(), template.as_tx()) {
            (Some(literal), _) => Self::Number(number::parse(literal)),
            (None, Some(key)) => Self::Tx(key),
            (None, None) => Self::Text(template),
        })
    }
}

impl State {
    /// Does what a match does to the state. `rule` is the rule that matched; `initcol` loads from `persistence`.
    pub fn perform(&mut self, effect: &StateEffect, rule: &RuleFields, persistence: &dyn Persistence) {
        match effect {
            StateEffect::Set(set) => self.perform_set(set, rule),
            StateEffect::Expire { collection, key, seconds } => {
                let seconds = self.expanded(seconds, rule, number::parse);
                let seconds = u64::try_from(seconds).unwrap_or(0);
                self.with_key(key, rule, |state, key| state.expire(*collection, key, seconds));
            }
            StateEffect::Deprecate { collection, key, amount, seconds } => {
                self.with_key(key, rule, |state, key| state.deprecate(*collection, key, *amount, *seconds));
            }
            StateEffect::Init { collection, key } => {
                let mut text = std::mem::take(&mut self.text);
                text.clear();
                self.expand(key, rule, &mut text);
                self.init(*collection, &text, persistence);
                self.text = text;
            }
            StateEffect::SetEnv { name, value } => {
                let (mut name_text, mut value_text) = (Vec::new(), Vec::new());
                self.expand(name, rule, &mut name_text);
                self.expand(value, rule, &mut value_text);
                self.set_member(Variable::Env, &name_text, &value_text);
            }
        }
    }

    fn perform_set(&mut self, set: &SetVar, rule: &RuleFields) {
        let deed = match &set.change {
            Change::Remove => Deed::Remove,
            Change::AssignNumber(number) => Deed::Number(*number),
            Change::Add(amount) => Deed::Add(self.amount(amount, rule)),
            Change::Subtract(amount) => Deed::Add(self.amount(amount, rule).saturating_neg()),
            Change::Assign(template) => {
                let mut text = std::mem::take(&mut self.text);
                text.clear();
                self.expand(template, rule, &mut text);
                self.do_to(set, rule, Deed::Text(&text));
                self.text = text;
                return;
            }
        };
        self.do_to(set, rule, deed);
    }

    fn amount(&mut self, amount: &Amount, rule: &RuleFields) -> i64 {
        match amount {
            Amount::Number(number) => *number,
            Amount::Tx(key) => self.tx.number(*key),
            Amount::Text(template) => self.expanded(template, rule, number::parse),
        }
    }

    fn do_to(&mut self, set: &SetVar, rule: &RuleFields, deed: Deed<'_>) {
        match &set.key {
            Key::Slot(key) => self.do_to_tx(Member::Key(*key), deed),
            Key::Fixed(name) => self.do_to_named(set.collection, name, deed),
            Key::Computed(template) => {
                let mut name = std::mem::take(&mut self.key);
                name.clear();
                self.expand(template, rule, &mut name);
                name.make_ascii_lowercase();
                self.do_to_named(set.collection, &name, deed);
                self.key = name;
            }
        }
    }

    fn do_to_named(&mut self, collection: Variable, name: &[u8], deed: Deed<'_>) {
        if collection == Variable::Tx {
            let member = match deed {
                Deed::Remove => self.tx.member(&self.keys, name),
                _ => self.tx.make(&self.keys, name),
            };
            if let Some(member) = member {
                self.do_to_tx(member, deed);
            }
            return;
        }
        match deed {
            Deed::Remove => self.remove_field(collection, name),
            Deed::Text(text) => self.set_field(collection, name, text),
            Deed::Add(amount) => self.add_field(collection, name, amount),
            Deed::Number(number) => {
                let mut digits = Buffer::new();
                number::write(number, &mut digits);
                self.set_field(collection, name, &digits);
            }
        }
    }

    fn do_to_tx(&mut self, member: Member, deed: Deed<'_>) {
        if self.tx.is_fixed(member) {
            return;
        }
        match deed {
            Deed::Remove => self.tx.erase(member),
            Deed::Text(text) => self.tx.write(member, text),
            Deed::Number(number) => self.tx.write_number(member, number),
            Deed::Add(amount) => {
                let sum = self.tx.number_of(member).saturating_add(amount);
                self.tx.write_number(member, sum);
            }
        }
    }

    /// Expands a template into the state's own buffer and hands the text on.
    fn expanded<T>(&mut self, template: &Template, rule: &RuleFields, read: impl FnOnce(&[u8]) -> T) -> T {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        self.expand(template, rule, &mut text);
        let result = read(&text);
        self.text = text;
        result
    }

    fn with_key(&mut self, key: &Key, rule: &RuleFields, act: impl FnOnce(&mut Self, &[u8])) {
        match key {
            // Members of TX are not expired nor deprecated.
            Key::Slot(_) => {}
            Key::Fixed(name) => act(self, name),
            Key::Computed(template) => {
                let mut name = std::mem::take(&mut self.key);
                name.clear();
                self.expand(template, rule, &mut name);
                name.make_ascii_lowercase();
                act(self, &name);
                self.key = name;
            }
        }
    }
}
