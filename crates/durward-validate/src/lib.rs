//! Is the request what the contract promises: the Body stage reads it once, the Validate stage judges it.
//!
//! This crate never looks at who is calling.

mod body;
mod payload;
mod validate;

pub use body::{BodyConfig, BodyStage, Received};
pub use payload::Payload;
pub use validate::{JsonLimits, Shaped, Unknown, ValidateConfig, ValidateStage};
