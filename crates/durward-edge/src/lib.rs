//! The first stage: refuse what is ambiguous, oversized or listed, before anything is spent on it.
//!
//! This crate never does I/O and never looks at a credential or a body.

mod client;
mod fields;
mod stage;

pub use stage::{EdgeConfig, EdgeStage, ForwardedField, QueryEscapes};
