//! What `durward demo` shows: a small order API with real flaws, its contract, a policy for it, and proofs made with
//! real requests, once to the API alone and once through the gateway.
//!
//! Nothing here is used by the gateway itself. The sample API listens on loopback only, keeps its data in memory, and
//! must never be put in front of anything that matters: its flaws are meant.

pub mod client;
pub mod identity;
pub mod policy;
pub mod proofs;
pub mod sample_api;
#[cfg(test)]
mod tests;

/// The contract of the sample API, as its careful author would have written it (OpenAPI 3.1).
pub const CONTRACT: &str = include_str!("demo/openapi.yaml");
