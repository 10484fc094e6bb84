//! Who is calling: API keys and bearer JWTs, proven once per request.
//!
//! One file per authenticator ([`ApiKeyAuthenticator`], [`JwtAuthenticator`]) in one closed enum ([`Authenticator`]);
//! [`AuthnStage`] decides which of them an operation asks for. Nothing else in Durward reads an identity from a
//! request: what this stage proves travels on as a [`durward_core::Caller`].
//!
//! This crate never opens a socket or a file and never reads a clock: time is the request's own, keys are fetched
//! through [`durward_core::Fetch`], and the loop that keeps them fresh runs elsewhere ([`jwks::KeyCache::due`]).

mod api_key;
pub mod bearer;
mod error;
mod failure;
pub mod jose;
mod json;
pub mod jwks;
pub mod jwt;
mod place;
mod stage;

pub use api_key::ApiKeyAuthenticator;
pub use error::AuthnError;
pub use jwt::{JwtAuthenticator, JwtConfig, JwtMaterial};
pub use place::KeyPlace;
pub use stage::{Authenticator, Authenticators, AuthnStage};
