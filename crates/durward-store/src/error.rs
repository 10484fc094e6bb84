//! What can go wrong with a store.

use std::path::PathBuf;

use crate::{Space, Version};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process has the store open.
    #[error("the store at `{}` is in use by another process; use the admin socket", path.display())]
    InUse {
        /// The store.
        path: PathBuf,
    },
    /// The store could not be created or opened.
    #[error("cannot open the store at `{}`: {detail}", path.display())]
    Open {
        /// The store.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The store was written by a version of Durward that this one does not know.
    #[error("the store at `{}` has format `{found}`, this version of durward reads format `{known}`", path.display())]
    Format {
        /// The store.
        path: PathBuf,
        /// The format written there.
        found: String,
        /// The format of this version.
        known: &'static str,
    },
    /// Somebody else changed the record in the meantime.
    #[error("the record in {} was changed in the meantime", space.name())]
    Conflict {
        /// The space of the record.
        space: Space,
        /// The version that is there now; `None` for no record.
        found: Option<Version>,
    },
    /// A key without a byte.
    #[error("a record needs a key")]
    EmptyKey,
    /// A key or a value over its limit.
    #[error("the {what} of a record is larger than {limit} bytes")]
    TooLarge {
        /// `key` or `value`.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// A record on disk that no version of this store wrote.
    #[error("a record in {} of the store is damaged", space.name())]
    Damaged {
        /// The space of the record.
        space: Space,
    },
    /// Reading or writing failed. After a failed write nothing is known of it: the store refuses further writes until it
    /// is opened again.
    #[error("the store failed: {0}")]
    Backend(String),
}
