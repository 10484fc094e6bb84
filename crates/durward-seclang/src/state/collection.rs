//! The persistent collections as one transaction sees them, and `ENV` and `GEO`.
//!
//! `initcol` opens a record: it is loaded, and from then on the transaction sees its own copy. What it changes is stored
//! when it ends, as changes. A collection is opened once; a further `initcol` for it does nothing (as in `ModSecurity` v2).

use super::persistence::{Field, FieldChange, Persistence, Record, Update};
use super::{Buffer, Moment, State, number};
use crate::ast::Variable;

/// What is open.
#[derive(Debug, Default)]
pub(super) struct Collections {
    open: Vec<Opened>,
    env: Vec<Field>,
    geo: Vec<Field>,
    overflowed: bool,
}

/// A record that is open.
#[derive(Debug)]
pub struct Opened {
    collection: Variable,
    key: Box<[u8]>,
    record: Record,
    changes: Vec<FieldChange>,
}

/// How many members a record may have, those that are gone in this transaction included, and how long a name and a value
/// may be together.
const MOST_FIELDS: usize = 1000;
const MOST_FIELD_BYTES: usize = 1 << 20;

/// When a member ended that a rule took away.
const GONE: u64 = 0;

impl Collections {
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.env.clear();
        self.geo.clear();
        self.overflowed = false;
    }

    pub(super) const fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The key of the record that is open in a collection.
    pub(super) fn key(&self, collection: Variable) -> Option<&[u8]> {
        self.opened(collection).map(|opened| &*opened.key)
    }

    pub(super) fn positions(&self, variable: Variable) -> u32 {
        u32::try_from(self.fields(variable).len()).unwrap_or(u32::MAX)
    }

    pub(super) fn member(&self, variable: Variable, position: u32) -> Option<(&[u8], &[u8])> {
        self.fields(variable).get(position as usize).map(|field| (&*field.name, &*field.value))
    }

    pub(super) fn expired(&self, variable: Variable, position: u32, now: Moment) -> bool {
        self.fields(variable).get(position as usize).is_none_or(|field| field.has_expired(now))
    }

    fn opened(&self, collection: Variable) -> Option<&Opened> {
        self.open.iter().find(|opened| opened.collection == collection)
    }

    fn opened_mut(&mut self, collection: Variable) -> Option<&mut Opened> {
        self.open.iter_mut().find(|opened| opened.collection == collection)
    }

    fn fields(&self, variable: Variable) -> &[Field] {
        match variable {
            Variable::Env => &self.env,
            Variable::Geo => &self.geo,
            other => self.opened(other).map_or(&[], |opened| &opened.record.fields),
        }
    }

    fn fields_mut(&mut self, variable: Variable) -> Option<&mut Vec<Field>> {
        match variable {
            Variable::Env => Some(&mut self.env),
            Variable::Geo => Some(&mut self.geo),
            other => self.opened_mut(other).map(|opened| &mut opened.record.fields),
        }
    }

    /// Gives a member a value. False if there is no such collection or no room.
    fn set(&mut self, variable: Variable, name: &[u8], value: &[u8], now: Moment) -> bool {
        let Some(fields) = self.fields_mut(variable) else { return false };
        let fits = name.len() + value.len() <= MOST_FIELD_BYTES;
        let room = fields.len() < MOST_FIELDS;
        match fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(name)) {
            Some(field) if fits => {
                if field.has_expired(now) {
                    field.expires = None;
                }
                field.value = value.into();
            }
            None if fits && room => {
                fields.push(Field { name: name.into(), value: value.into(), expires: None });
            }
            _ => {
                self.overflowed = true;
                return false;
            }
        }
        true
    }

    fn field(&self, variable: Variable, name: &[u8], now: Moment) -> Option<&Field> {
        self.fields(variable).iter().find(|field| *field.name == *name && !field.has_expired(now))
    }
}

impl Field {
    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|at| at <= now.seconds())
    }
}

impl Record {
    /// Whether its time is over.
    #[must_use]
    pub const fn has_expired(&self, now: Moment) -> bool {
        self.updated.saturating_add(self.timeout) <= now.seconds()
    }

    /// Applies what a transaction changed.
    pub fn apply(&mut self, update: &Update) {
        self.fields.retain(|field| !field.has_expired(update.now));
        for change in &update.changes {
            let name = change.name();
            let at = self.fields.iter().position(|field| *field.name == *name);
            match (change, at.and_then(|at| self.fields.get_mut(at))) {
                (FieldChange::Set(_, value), Some(field)) => field.value.clone_from(value),
                (FieldChange::Set(name, value), None) => {
                    self.fields.push(Field { name: name.clone(), value: value.clone(), expires: None });
                }
                (FieldChange::Add(_, amount), Some(field)) => {
                    field.value = decimal(number::parse(&field.value).saturating_add(*amount));
                }
                (FieldChange::Add(name, amount), None) => {
                    self.fields.push(Field { name: name.clone(), value: decimal(*amount), expires: None });
                }
                (FieldChange::Remove(_), _) => self.fields.retain(|field| *field.name != *name),
                (FieldChange::Expire(_, at), Some(field)) => field.expires = Some(*at),
                (FieldChange::Expire(..), None) => {}
            }
        }
        self.updated = update.now.seconds();
        self.updates = self.updates.saturating_add(1);
        self.timeout = update.timeout;
    }
}

impl FieldChange {
    /// The name of the member, in lower case.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        match self {
            Self::Set(name, _) | Self::Add(name, _) | Self::Remove(name) | Self::Expire(name, _) => name,
        }
    }
}

impl Opened {
    /// Notes a change, merged with those of the same member: at most one of its value, and one of its expiry.
    fn note(&mut self, change: FieldChange) {
        if let FieldChange::Expire(name, _) = &change {
            self.changes.retain(|it| !matches!(it, FieldChange::Expire(of, _) if of == name));
            return self.changes.push(change);
        }
        let name = change.name();
        let before = self.changes.iter_mut().find(|it| it.name() == name && !matches!(it, FieldChange::Expire(..)));
        match (before, &change) {
            (None, _) => self.changes.push(change),
            (Some(FieldChange::Add(_, sum)), FieldChange::Add(_, amount)) => *sum = sum.saturating_add(*amount),
            (Some(FieldChange::Set(_, value)), FieldChange::Add(_, amount)) => {
                *value = decimal(number::parse(value).saturating_add(*amount));
            }
            (Some(before @ FieldChange::Remove(_)), FieldChange::Add(name, amount)) => {
                *before = FieldChange::Set(name.clone(), decimal(*amount));
            }
            (Some(before), _) => *before = change,
        }
    }
}

impl State {
    /// `initcol`: opens a record, unless one of the collection is open.
    pub fn init(&mut self, collection: Variable, key: &[u8], persistence: &dyn Persistence) {
        if self.collections.opened(collection).is_some() {
            return;
        }
        let loaded = persistence.load(collection, &self.storage_key(key), self.now);
        let is_new = loaded.is_none();
        let now = self.now.seconds();
        let mut record = loaded.unwrap_or_else(|| Record {
            created: now,
            updated: now,
            timeout: self.settings.collection_timeout,
            ..Record::default()
        });
        record.fields.retain(|field| !field.has_expired(self.now) && !BUILT_IN.contains(&&*field.name));
        let minutes = now.saturating_sub(record.created) / 60;
        let rate = record.updates.checked_div(minutes).unwrap_or(record.updates);
        for (name, number) in [
            (CREATE_TIME, record.created),
            (IS_NEW, u64::from(is_new)),
            (LAST_UPDATE_TIME, record.updated),
            (TIMEOUT, record.timeout),
            (UPDATE_COUNTER, record.updates),
            (UPDATE_RATE, rate),
        ] {
            let value = decimal(i64::try_from(number).unwrap_or(i64::MAX));
            record.fields.push(Field { name: name.into(), value, expires: None });
        }
        record.fields.push(Field { name: KEY.into(), value: key.into(), expires: None });
        self.collections.open.push(Opened { collection, key: key.into(), record, changes: Vec::new() });
    }

    /// Stores what rules changed in the open records. For the end of the transaction.
    pub fn save(&mut self, persistence: &dyn Persistence) {
        let now = self.now;
        for mut opened in std::mem::take(&mut self.collections.open) {
            if !opened.changes.is_empty() {
                let changes = std::mem::take(&mut opened.changes);
                let update = Update { changes, now, timeout: opened.record.timeout };
                persistence.store(opened.collection, &self.storage_key(&opened.key), &update);
            }
            self.collections.open.push(opened);
        }
    }

    /// Gives a member of a persistent collection a value; its name in lower case. Without an open record nothing happens.
    pub fn set_field(&mut self, collection: Variable, name: &[u8], value: &[u8]) {
        if name == TIMEOUT {
            self.set_timeout(collection, value);
        }
        if (name == TIMEOUT || !BUILT_IN.contains(&name)) && self.collections.set(collection, name, value, self.now) {
            self.note(collection, FieldChange::Set(name.into(), value.into()));
        }
    }

    /// Adds to the number of a member of a persistent collection.
    pub fn add_field(&mut self, collection: Variable, name: &[u8], amount: i64) {
        let before = self.collections.field(collection, name, self.now).map_or(0, |field| number::parse(&field.value));
        let after = decimal(before.saturating_add(amount));
        if name == TIMEOUT {
            return self.set_field(collection, name, &after);
        }
        if !BUILT_IN.contains(&name) && self.collections.set(collection, name, &after, self.now) {
            self.note(collection, FieldChange::Add(name.into(), amount));
        }
    }

    /// Takes a member of a persistent collection away.
    pub fn remove_field(&mut self, collection: Variable, name: &[u8]) {
        if BUILT_IN.contains(&name) {
            return;
        }
        if let Some(fields) = self.collections.fields_mut(collection)
            && let Some(field) = fields.iter_mut().find(|field| *field.name == *name)
        {
            // It stays in its place, for those who go through the members by position.
            field.expires = Some(GONE);
            self.note(collection, FieldChange::Remove(name.into()));
        }
    }

    /// `expirevar`: a member ends after so many seconds.
    pub fn expire(&mut self, collection: Variable, name: &[u8], seconds: u64) {
        let at = self.now.seconds().saturating_add(seconds);
        if let Some(fields) = self.collections.fields_mut(collection)
            && let Some(field) = fields.iter_mut().find(|field| *field.name == *name)
            && !BUILT_IN.contains(&name)
            && !field.has_expired(self.now)
        {
            field.expires = Some(at);
            self.note(collection, FieldChange::Expire(name.into(), at));
        }
    }

    /// `deprecatevar`: the number of a member falls by an amount for each full span of seconds since the record was last
    /// stored, not below zero.
    pub fn deprecate(&mut self, collection: Variable, name: &[u8], amount: u64, seconds: u64) {
        let Some(opened) = self.collections.opened(collection) else { return };
        let elapsed = self.now.seconds().saturating_sub(opened.record.updated);
        let spans = elapsed.checked_div(seconds).unwrap_or_default();
        let Some(field) = self.collections.field(collection, name, self.now) else { return };
        let number = number::parse(&field.value);
        let fall = i64::try_from(amount.saturating_mul(spans)).unwrap_or(i64::MAX).min(number.max(0));
        if fall > 0 {
            self.add_field(collection, name, -fall);
        }
    }

    /// Gives a member of `ENV` or `GEO` a value, its name as it is.
    pub fn set_member(&mut self, variable: Variable, name: &[u8], value: &[u8]) {
        self.collections.set(variable, name, value, self.now);
    }

    fn set_timeout(&mut self, collection: Variable, value: &[u8]) {
        if let Some(opened) = self.collections.opened_mut(collection) {
            opened.record.timeout = u64::try_from(number::parse(value)).unwrap_or(0);
        }
    }

    fn note(&mut self, collection: Variable, change: FieldChange) {
        if let Some(opened) = self.collections.opened_mut(collection) {
            opened.note(change);
        }
    }

    /// The key under which a record is kept: `SecWebAppId` keeps applications apart.
    fn storage_key(&self, key: &[u8]) -> Vec<u8> {
        let mut text = key.to_vec();
        if !self.settings.web_app_id.is_empty() {
            text.extend_from_slice(b"::");
            text.extend_from_slice(&self.settings.web_app_id);
        }
        text
    }
}

fn decimal(number: i64) -> Box<[u8]> {
    let mut digits = Buffer::new();
    number::write(number, &mut digits);
    digits.as_slice().into()
}

const CREATE_TIME: &[u8] = b"create_time";
const IS_NEW: &[u8] = b"is_new";
const KEY: &[u8] = b"key";
const LAST_UPDATE_TIME: &[u8] = b"last_update_time";
const TIMEOUT: &[u8] = b"timeout";
const UPDATE_COUNTER: &[u8] = b"update_counter";
const UPDATE_RATE: &[u8] = b"update_rate";

/// Members that every record has; only `timeout` can be set.
const BUILT_IN: [&[u8]; 7] = [CREATE_TIME, IS_NEW, KEY, LAST_UPDATE_TIME, TIMEOUT, UPDATE_COUNTER, UPDATE_RATE];
