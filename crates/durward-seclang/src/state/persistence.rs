//! Where `IP`, `GLOBAL`, `SESSION`, `USER` and `RESOURCE` are kept between transactions.

use super::Moment;
use crate::ast::Variable;

/// Where records are kept. A transaction loads a record at `initcol` and stores what it changed when it ends.
///
/// A store applies changes to what it holds, not to what the transaction loaded: counters that many transactions raise at
/// the same time stay right.
pub trait Persistence: Send + Sync {
    /// The record of a key, if there is one that has not timed out.
    fn load(&self, collection: Variable, key: &[u8], now: Moment) -> Option<Record>;

    /// Applies changes to the record of a key, or to a new one.
    fn store(&self, collection: Variable, key: &[u8], update: &Update);
}

/// What one key of a collection holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The members.
    pub fields: Vec<Field>,
    /// When it was made, in seconds since 1970 (`CREATE_TIME`).
    pub created: u64,
    /// When it was last stored, in seconds since 1970 (`LAST_UPDATE_TIME`).
    pub updated: u64,
    /// How often it was stored (`UPDATE_COUNTER`).
    pub updates: u64,
    /// How many seconds after the last update it ends (`TIMEOUT`).
    pub timeout: u64,
}

/// A member of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    /// The name, in lower case.
    pub name: Box<[u8]>,
    /// The value.
    pub value: Box<[u8]>,
    /// When it ends, in seconds since 1970.
    pub expires: Option<u64>,
}

/// What one transaction changed in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The changes, in order.
    pub changes: Vec<FieldChange>,
    /// When.
    pub now: Moment,
    /// How many seconds after this a record that is new ends, or the timeout that a rule has set.
    pub timeout: u64,
}

/// What one transaction changed in a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldChange {
    /// It has this value now.
    Set(Box<[u8]>, Box<[u8]>),
    /// This was added to its number.
    Add(Box<[u8]>, i64),
    /// It is gone.
    Remove(Box<[u8]>),
    /// It ends then, in seconds since 1970.
    Expire(Box<[u8]>, u64),
}

/// Keeps nothing: each transaction sees new records.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgetful;

impl Persistence for Forgetful {
    fn load(&self, _: Variable, _: &[u8], _: Moment) -> Option<Record> {
        None
    }

    fn store(&self, _: Variable, _: &[u8], _: &Update) {}
}
