//! What governs one operation: the mode of each stage and the policy line it came from.

use std::fmt;
use std::sync::Arc;

use crate::{Mode, StageId};

/// A place in the policy or contract: file, line and the key written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace(Arc<str>);

impl PolicyPlace {
    /// Names a place, such as `durward.toml:12 limits.caller`.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The place of a rule that nobody wrote because it is the default.
    #[must_use]
    pub fn default_of(key: &str) -> Self {
        Self(format!("default {key}").into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The modes and places that govern one operation, shared by all of its requests.
#[derive(Debug, Clone, Default)]
pub struct Charter {
    modes: [Mode; StageId::ALL.len()],
    places: [Option<PolicyPlace>; StageId::ALL.len()],
}

impl Charter {
    /// Sets the mode of a stage and the place where it is written.
    pub fn set(&mut self, stage: StageId, mode: Mode, place: PolicyPlace) {
        if let Some(slot) = self.modes.get_mut(stage.index()) {
            *slot = mode;
        }
        if let Some(slot) = self.places.get_mut(stage.index()) {
            *slot = Some(place);
        }
    }

    /// The mode of a stage; `Enforce` when nothing else is written.
    #[must_use]
    pub fn mode(&self, stage: StageId) -> Mode {
        self.modes.get(stage.index()).copied().unwrap_or_default()
    }

    /// Where the stage's control is written.
    #[must_use]
    pub fn place(&self, stage: StageId) -> Option<&PolicyPlace> {
        self.places.get(stage.index()).and_then(Option::as_ref)
    }
}
