//! How strictly a control is applied.

use serde::{Deserialize, Serialize};

/// The three modes every control has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A denial ends the request. The default.
    #[default]
    Enforce,
    /// A denial is recorded as "would have denied" and the request goes on.
    Observe,
    /// The control is not run. Must be written in the policy; never a default.
    Off,
}
