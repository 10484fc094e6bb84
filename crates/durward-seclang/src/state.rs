//! What a transaction knows: the request and its answer, taken apart into values, and the variables that rules set.
//!
//! # Values
//! What arrived and does not change is *stored*: each value has a position ([`ValueIndex`]), in order of arrival, and those
//! that a phase brings are a range of positions ([`State::scannable`]). A value is stored once, under its home:
//! `ARGS` has none of its own, it is those of `ARGS_GET` and `ARGS_POST` ([`homes`]).
//! Everything else (`TX`, persistent collections, `MATCHED_VAR`, clocks, sizes) is looked at when a rule asks.
//!
//! # As `ModSecurity` v3
//! Keys are compared without regard to case, and names are given as they came. A variable that is no collection always has
//! one value, perhaps an empty one. Where v3 gives values in the order of its hash table, here it is the order of arrival.
//! Differences on purpose: arguments of a JSON document are in `ARGS_POST` too (v3 has them in `ARGS` alone);
//! clock variables are in UTC; a persistent collection that no `initcol` has opened takes no values (v3 has one record for
//! all such).
//!
//! The state does no I/O and reads no clock.

mod collection;
mod computed;
mod content;
mod cursor;
mod effect;
mod matched;
mod memory;
mod moment;
mod number;
mod persistence;
mod request;
mod response;
mod selection;
mod template;
mod tx;
mod uri;
mod value;

use std::net::SocketAddr;
use std::sync::Arc;

use crate::arena::{Arena, Kind, Pair};
use crate::ast::{Phase, Settings, Variable};
use crate::body::Limits;

use value::{Source, Values};

pub use collection::Opened;
pub use content::Content;
pub use cursor::{Cursor, is_stored};
pub use effect::{Amount, Change, Key, SetVar, StateEffect};
pub use memory::{InMemory, InMemoryLimits};
pub use moment::{Civil, Moment};
pub use number::parse as parse_number;
pub use persistence::{Field, FieldChange, Forgetful, Persistence, Record, Update};
pub use selection::{Selected, homes};
pub use template::{RuleField, RuleFields, Template};
pub use tx::{TxKey, TxKeys, TxStore};
pub use value::{Handle, ValueIndex, ValueRef, write_name};

/// A small buffer that a computed value is written into.
pub type Buffer = smallvec::SmallVec<[u8; 40]>;

/// Where a request comes from, and when.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// `REMOTE_ADDR` and `REMOTE_PORT`.
    pub client: SocketAddr,
    /// `SERVER_ADDR` and `SERVER_PORT`.
    pub server: SocketAddr,
    /// When it began.
    pub now: Moment,
    /// `UNIQUE_ID`.
    pub unique_id: &'a [u8],
}

/// What the state has to know of the settings.
#[derive(Debug, Clone)]
pub struct StateSettings {
    /// How content is read. Its number of arguments is that of query string and content together.
    pub limits: crate::body::Limits,
    /// `SecCollectionTimeout`, in seconds.
    pub collection_timeout: u64,
    /// `SecWebAppId`: its records are its own.
    pub web_app_id: Box<[u8]>,
}

impl From<&Settings> for StateSettings {
    fn from(settings: &Settings) -> Self {
        Self {
            limits: Limits {
                arguments: settings.arguments_limit as usize,
                no_files: settings.request_body_no_files_limit,
                json_depth: settings.json_depth_limit as usize,
                files: settings.upload_file_limit as usize,
                separator: settings.argument_separator,
                ..Limits::default()
            },
            collection_timeout: settings.collection_timeout,
            web_app_id: settings.web_app_id.as_deref().unwrap_or_default().as_bytes().into(),
        }
    }
}

/// What one transaction knows. It is made once and used for any number of transactions, one after the other: its buffers
/// keep their room.
#[derive(Debug)]
pub struct State {
    keys: Arc<TxKeys>,
    settings: Arc<StateSettings>,
    arena: Arena,
    values: Values,
    phases: Phases,
    request: request::Request,
    content: Content,
    response: response::Response,
    tx: TxStore,
    collections: collection::Collections,
    matched: matched::Matched,
    started: Moment,
    now: Moment,
    highest_severity: u8,
    backtrack_limit_hit: bool,
    /// Buffers for names and texts that are put together.
    key: Vec<u8>,
    text: Vec<u8>,
    pairs: Vec<Pair>,
}

/// Which positions each phase brought.
#[derive(Debug, Clone, Copy)]
struct Phases {
    intake: Phase,
    /// Where the values of phases 1 to 4 end; only of those before `intake` yet.
    ends: [u32; 4],
}

impl State {
    /// A state for the transactions of one program.
    #[must_use]
    pub fn new(keys: Arc<TxKeys>, settings: Arc<StateSettings>) -> Self {
        Self {
            keys,
            settings,
            arena: Arena::default(),
            values: Values::default(),
            phases: Phases::START,
            request: request::Request::default(),
            content: Content::default(),
            response: response::Response::default(),
            tx: TxStore::default(),
            collections: collection::Collections::default(),
            matched: matched::Matched::default(),
            started: Moment::default(),
            now: Moment::default(),
            highest_severity: NO_SEVERITY,
            backtrack_limit_hit: false,
            key: Vec::new(),
            text: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Forgets the transaction and keeps the room of its buffers, unless it was unusually large.
    pub fn clear(&mut self) {
        self.arena.clear();
        self.values.clear();
        self.phases = Phases::START;
        self.request = request::Request::default();
        self.content.clear();
        self.response.clear();
        self.collections.clear();
        self.matched.clear();
        self.highest_severity = NO_SEVERITY;
        self.backtrack_limit_hit = false;
    }

    /// Begins a transaction. `initial` is what `TX` holds before the first rule.
    pub fn begin(&mut self, initial: &TxStore, origin: &Origin<'_>) {
        self.clear();
        self.tx.clone_from(initial);
        self.tx.make_room(self.keys.len());
        self.started = origin.now;
        self.now = origin.now;
        self.take_origin(origin);
    }

    /// Time goes on: what the clock variables, `DURATION` and expiry see.
    pub fn set_now(&mut self, now: Moment) {
        self.now = now;
    }

    /// What the clock variables see.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// `TX`.
    #[must_use]
    pub const fn tx(&self) -> &TxStore {
        &self.tx
    }

    /// `TX`.
    pub const fn tx_mut(&mut self) -> &mut TxStore {
        &mut self.tx
    }

    /// The numbered keys of `TX`.
    #[must_use]
    pub fn tx_keys(&self) -> &TxKeys {
        &self.keys
    }

    /// The values that a phase brought, in order: what is looked at is what has arrived when it is called. Variables are
    /// homes: `ARGS_GET`, never `ARGS`.
    pub fn scannable(&self, phase: Phase) -> impl Iterator<Item = (Variable, ValueIndex, &[u8])> {
        let (from, to) = self.phases.range(phase, self.values.len());
        let stored = self.values.range(from, to);
        (from..).zip(stored).map(|(index, stored)| (stored.home, ValueIndex(index), self.bytes(stored.value)))
    }

    /// How many values are stored.
    #[must_use]
    pub fn stored_len(&self) -> u32 {
        self.values.len()
    }

    /// A stored value, named after its home.
    #[must_use]
    pub fn stored(&self, index: ValueIndex) -> Option<ValueRef<'_>> {
        self.values.get(index.0).map(|stored| self.see(stored, stored.home, index.0))
    }

    /// What the document said a stored value is.
    #[must_use]
    pub fn kind(&self, index: ValueIndex) -> Kind {
        self.values.get(index.0).map(|stored| stored.kind).unwrap_or_default()
    }

    /// A rule with this severity matched (`HIGHEST_SEVERITY`: 0 is the highest, 255 stands for none).
    pub fn raise_severity(&mut self, severity: u8) {
        self.highest_severity = self.highest_severity.min(severity);
    }

    /// A pattern hit its limit (`MSC_PCRE_LIMITS_EXCEEDED`, and the member of `TX` of this name).
    pub fn set_backtrack_limit_hit(&mut self) {
        self.backtrack_limit_hit = true;
        if let Some(key) = self.keys.find(BACKTRACK_LIMIT_HIT) {
            self.tx.assign_number(key, 1);
        }
    }

    /// Keeps what `capture` caught, as `TX:0` to `TX:9`. Those not given stay.
    pub fn capture(&mut self, number: u8, value: &[u8]) {
        if let Some(key) = TxKey::capture(number) {
            self.tx.assign(key, value);
        }
    }

    /// A value matched: it becomes `MATCHED_VAR` and one of `MATCHED_VARS`. `transformed` is what the operator saw, if
    /// transformations changed the value.
    pub fn matched(&mut self, variable: Variable, handle: Handle, transformed: Option<&[u8]>) {
        let mut name = std::mem::take(&mut self.key);
        let mut value = std::mem::take(&mut self.text);
        name.clear();
        value.clear();
        self.describe(variable, handle, &mut name, &mut value);
        self.matched_text(&name, transformed.unwrap_or(&value));
        self.key = name;
        self.text = value;
    }

    /// Like [`Self::matched`], for what is no value, as `&ARGS`: a full name and a value.
    pub fn matched_text(&mut self, name: &[u8], value: &[u8]) {
        self.matched.push(|bytes| {
            bytes.extend_from_slice(name);
            let middle = bytes.len();
            bytes.extend_from_slice(value);
            middle
        });
    }

    /// `MATCHED_VAR` and its like are empty again.
    pub fn clear_matched(&mut self) {
        self.matched.clear();
    }

    /// Whether something is missing: rules asked for more than a transaction may keep, or the request has more arguments
    /// than `SecArgumentsLimit`.
    #[must_use]
    pub const fn overflowed(&self) -> bool {
        self.request.arguments_exceeded
            || self.tx.overflowed()
            || self.matched.overflowed()
            || self.collections.overflowed()
    }

    /// The bytes of a stored value.
    fn bytes(&self, source: Source) -> &[u8] {
        match source {
            Source::Arena(span) => self.arena.get(span),
            Source::Request { start, length } => self.content.part(start, length),
            Source::Response => self.response.content(),
        }
    }

    /// A stored value as a rule sees it that asks for `variable`.
    fn see(&self, stored: &value::Stored, variable: Variable, index: u32) -> ValueRef<'_> {
        ValueRef {
            variable,
            name: self.arena.get(stored.name),
            value: self.bytes(stored.value),
            handle: Handle::Stored(ValueIndex(index)),
        }
    }

    /// Values from now on belong to a phase, or to a later one if that has begun.
    fn enter(&mut self, phase: Phase) {
        if phase > self.phases.intake {
            let end = self.values.len();
            for earlier in self.phases.ends.iter_mut().take(phase as usize - 1).skip(self.phases.intake as usize - 1) {
                *earlier = end;
            }
            self.phases.intake = phase;
        }
    }
}

impl Phases {
    const START: Self = Self { intake: Phase::RequestHeaders, ends: [0; 4] };

    /// The positions that a phase brought, if there are `length` values.
    fn range(&self, phase: Phase, length: u32) -> (u32, u32) {
        let end = |phase: usize| match phase.checked_sub(1) {
            None => 0,
            Some(index) if phase < self.intake as usize => self.ends.get(index).copied().unwrap_or(length),
            Some(_) => length,
        };
        (end(phase as usize - 1), end(phase as usize))
    }
}

/// The member of `TX` that says that a pattern hit its limit: the engine sets it, no rule has to.
pub(crate) const BACKTRACK_LIMIT_HIT: &[u8] = b"msc_pcre_limits_exceeded";

/// `HIGHEST_SEVERITY` before any rule with a severity matched.
const NO_SEVERITY: u8 = 255;
