//! Where small records live that must survive a restart: API keys, and what goes with them.
//!
//! [`Store`] is one closed set of backends with one behaviour: optimistic versions, changes that are on the disk before
//! they are acknowledged, and a generation per [`Space`] that lets readers keep their own snapshot and refresh it only
//! when something changed. One test body runs over every backend.
//!
//! This crate never interprets a value, never reads a clock, and never caches for its callers. It is no place for
//! counters or anything else that is written once per request: every write waits for the disk.

mod embedded;
mod error;
mod memory;
mod record;
mod store;

pub use embedded::Embedded;
pub use error::StoreError;
pub use memory::Memory;
pub use record::{Expect, Space, Version, Versioned};
pub use store::Store;
