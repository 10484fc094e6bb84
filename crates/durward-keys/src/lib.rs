//! Secret sources and API keys.
//!
//! [`SecretRef`] is how a document names a secret without containing it. [`ApiKeys`] issues, verifies, lists and revokes
//! API keys: the store holds a keyed MAC of each key and never the key, and every request is judged from the record as
//! it is at that moment, so a revocation counts at the next request.
//!
//! This crate never prints, logs or serialises a secret, never sees a request, and reads a file or the environment only
//! when told to resolve a reference.

mod error;
mod keys;
mod pem;
mod pepper;
mod record;
mod secret_ref;
mod snapshot;
mod text;

pub use error::{KeyError, KeyProblem};
pub use keys::ApiKeys;
pub use pem::certificates_from_pem;
pub use pepper::{PEPPER_FILE, pepper_from};
pub use record::{KeyState, KeyView, NewKey, Revocation};
pub use secret_ref::{Resolved, SecretError, SecretRef};
pub use snapshot::Verified;
pub use text::{KEY_PATTERN, kid_in};
