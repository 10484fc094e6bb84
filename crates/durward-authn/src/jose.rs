//! A strict reader and verifier of JWS compact serialisations (RFC 7515, RFC 8725).
//!
//! Existing crates accept `crit`, type confusion and tokens of other kinds, so this is our own: small enough to read
//! in one sitting, on aws-lc-rs alone. It decides whether bytes were signed by a key; what the bytes claim is the
//! concern of [`crate::jwt`]. It never fetches a key, never follows `jku`, `x5u`, `jwk` or `x5c`, and never lets the
//! token choose how it is verified: the algorithm must be on the issuer's list and be the key's own.

mod algorithm;
mod base64url;
mod compact;
mod jwk;
mod rsa;
mod verifier;

pub use algorithm::{Algorithm, KeyFamily};
pub use compact::{Compact, JoseError, MAX_TOKEN_BYTES};
pub use jwk::{KeyFault, PublicKey};
pub use verifier::{MacKey, Verifier};

pub(crate) use jwk::read as read_jwk;
