//! The whole policy with its defaults.

use crate::Policy;

/// The document as it is understood, every key written. References to secrets are shown, secrets never.
///
/// # Errors
/// A value has no TOML form; the message says which.
pub fn print(policy: &Policy) -> Result<String, String> {
    toml::to_string_pretty(&policy.document).map_err(|error| error.to_string())
}
