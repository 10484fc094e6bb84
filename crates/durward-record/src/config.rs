//! The `[record]` section of the policy.

use std::time::Duration;

use durward_core::{ByteSize, Lapse};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::RecordError;

/// How the audit log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordConfig {
    /// How often lines are forced to the disk.
    pub sync: SyncEvery,
    /// The size at which a file is closed and the next one begun.
    pub rotate: ByteSize,
    /// How many files are kept; the oldest goes first.
    pub keep: usize,
    /// How many requests may wait for the writer before the next ones leave a gap.
    pub queue: usize,
}

impl Default for RecordConfig {
    fn default() -> Self {
        Self { sync: SyncEvery::Every(Lapse::seconds(1)), rotate: ByteSize::mib(128), keep: 16, queue: 8192 }
    }
}

impl RecordConfig {
    /// Checks the values against what can work.
    ///
    /// # Errors
    /// [`RecordError::Config`] names the key, the value and what may be written.
    pub fn check(&self) -> Result<(), RecordError> {
        let wrong = |text: String| Err(RecordError::Config(text));
        if let SyncEvery::Every(lapse) = self.sync
            && !(Duration::from_millis(10)..=Duration::from_secs(60)).contains(&lapse.duration())
        {
            return wrong(format!(
                "`sync = \"{lapse}\"` is out of range; write `always` or a time from `10ms` to `1min`"
            ));
        }
        if self.rotate < ByteSize::kib(4) {
            return wrong(format!(
                "`rotate = \"{}\"` is too small; write `4KiB` or more, such as `128MiB`",
                self.rotate
            ));
        }
        if !(1..=100_000).contains(&self.keep) {
            return wrong(format!("`keep = {}` is out of range; write a number of files from 1 to 100000", self.keep));
        }
        if !(1..=1_048_576).contains(&self.queue) {
            return wrong(format!("`queue = {}` is out of range; write a number from 1 to 1048576", self.queue));
        }
        Ok(())
    }
}

/// How often the log is forced to the disk (fdatasync).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncEvery {
    /// After each batch: `sync = "always"`.
    Always,
    /// At this interval: `sync = "1s"`.
    Every(Lapse),
}

impl<'de> Deserialize<'de> for SyncEvery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "always" {
            return Ok(Self::Always);
        }
        text.parse().map(Self::Every).map_err(|_| {
            serde::de::Error::custom(format!("`{text}` is not a way to sync; write `always` or a time such as `1s`"))
        })
    }
}

impl Serialize for SyncEvery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Always => serializer.serialize_str("always"),
            Self::Every(lapse) => serializer.collect_str(lapse),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written() {
        for (text, ok) in [
            (r#"{}"#, true),
            (r#"{"sync":"always","rotate":"1MiB","keep":2,"queue":64}"#, true),
            (r#"{"sync":"250ms"}"#, true),
            (r#"{"sync":"1ms"}"#, false),
            (r#"{"sync":"1h"}"#, false),
            (r#"{"sync":"never"}"#, false),
            (r#"{"keep":0}"#, false),
            (r#"{"queue":0}"#, false),
            (r#"{"rotate":"1KiB"}"#, false),
            (r#"{"rotat":"1MiB"}"#, false),
        ] {
            let read = serde_json::from_str::<RecordConfig>(text).map_err(|error| error.to_string());
            let checked = read.and_then(|config| config.check().map_err(|error| error.to_string()));
            assert_eq!(checked.is_ok(), ok, "{text}: {checked:?}");
        }
    }
}
