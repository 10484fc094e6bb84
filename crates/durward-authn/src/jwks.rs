//! The keys of an issuer: a JWKS document read strictly, and a cache that keeps it fresh without ever being made to
//! fetch more than it wants.

mod cache;
mod flight;
mod set;
mod source;

pub use cache::{KeyCache, KeyStatus, Lookup, RefreshError, Refreshed, Snapshot};
pub use set::{Found, JwksError, KeyProblemReport, KeySet, MAX_JWKS_BYTES, MAX_KEYS};
pub use source::KeySource;

pub(crate) use source::is_fetchable;
