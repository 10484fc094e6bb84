//! The words of the store: spaces, versions, expectations.

use std::fmt;

use crate::StoreError;

/// A set of records with its own keys and its own generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// API key records, by key id.
    ApiKeys,
    /// Facts about the store itself, such as which pepper its keys were made with.
    Meta,
}

impl Space {
    /// Every space.
    pub const ALL: [Self; 2] = [Self::ApiKeys, Self::Meta];

    /// The name of the space on disk and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKeys => "api-keys",
            Self::Meta => "meta",
        }
    }
}

/// One value per space.
#[derive(Debug, Default)]
pub(crate) struct PerSpace<T> {
    api_keys: T,
    meta: T,
}

impl<T> PerSpace<T> {
    pub(crate) fn try_new<E>(mut make: impl FnMut(Space) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self { api_keys: make(Space::ApiKeys)?, meta: make(Space::Meta)? })
    }

    pub(crate) const fn at(&self, space: Space) -> &T {
        match space {
            Space::ApiKeys => &self.api_keys,
            Space::Meta => &self.meta,
        }
    }
}

/// The version of one record: the generation of its space at its last change, so that no version comes twice, not even
/// after a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    pub(crate) const fn new(generation: u64) -> Self {
        Self(generation)
    }

    /// The generation of the space that this change made.
    #[must_use]
    pub const fn generation(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A value and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The bytes that were put.
    pub value: Vec<u8>,
    /// The version to expect at the next change.
    pub version: Version,
}

/// What a change expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Anything.
    Any,
    /// No record.
    Absent,
    /// This version.
    Version(Version),
}

impl Expect {
    /// Compares with what is there.
    pub(crate) fn meet(self, space: Space, found: Option<Version>) -> Result<(), StoreError> {
        let met = match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Version(version) => found == Some(version),
        };
        if met { Ok(()) } else { Err(StoreError::Conflict { space, found }) }
    }
}

/// The longest key.
pub(crate) const MAX_KEY: usize = 1 << 10;
/// The largest value.
pub(crate) const MAX_VALUE: usize = 1 << 20;

/// Refuses what no record of ours is.
pub(crate) const fn check_size(key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    match (key.len(), value.len()) {
        (0, _) => Err(StoreError::EmptyKey),
        (key, _) if key > MAX_KEY => Err(StoreError::TooLarge { what: "key", limit: MAX_KEY }),
        (_, value) if value > MAX_VALUE => Err(StoreError::TooLarge { what: "value", limit: MAX_VALUE }),
        _ => Ok(()),
    }
}
