//! Why the log cannot be kept or read.

use std::io;
use std::path::PathBuf;

/// What went wrong with the audit log.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A value in the policy cannot work.
    #[error("{0}")]
    Config(String),
    /// Another process writes into the same folder.
    #[error("another gateway keeps its audit log in `{}`; stop it or choose another `store.path`", .0.display())]
    InUse(PathBuf),
    /// The file system refused.
    #[error("cannot {action} `{}`: {error}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The writer's thread could not be started.
    #[error("cannot start the thread that writes the audit log: {0}")]
    Thread(io::Error),
    /// At the end, some requests could not be written.
    #[error("the audit log could not be finished: {lines} lines are missing at its end: {error}")]
    Unfinished {
        /// How many.
        lines: u64,
        /// What the system said last.
        error: io::Error,
    },
}

/// Puts the action and the path to an error of the file system.
pub(crate) fn doing<'a>(action: &'static str, path: &'a std::path::Path) -> impl FnOnce(io::Error) -> RecordError + 'a {
    move |error| RecordError::Io { action, path: path.to_path_buf(), error }
}
