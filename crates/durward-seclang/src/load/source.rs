//! The files that are read, and places in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Files;
use crate::ast::Place;
use crate::syntax::{Line, Lines};

/// A file that is being read.
pub(super) struct Source {
    /// Its name in messages.
    pub file: Arc<str>,
    /// The folder that it names files in.
    pub folder: Arc<Path>,
    /// How many files include it.
    pub depth: usize,
    /// What is left of it.
    pub lines: Lines,
}

impl Source {
    pub(super) fn new(path: &Path, text: Vec<u8>) -> Self {
        Self {
            file: path.to_string_lossy().into(),
            folder: path.parent().unwrap_or_else(|| Path::new("")).into(),
            depth: 0,
            lines: Lines::new(text),
        }
    }

    /// The same, included by a file of this depth.
    pub(super) fn below(mut self, depth: usize) -> Self {
        self.depth = depth.saturating_add(1);
        self
    }
}

/// The directive that is being read.
#[derive(Clone, Copy)]
pub(super) struct Site<'s> {
    pub file: &'s Arc<str>,
    pub folder: &'s Path,
    pub line: &'s Line,
    pub depth: usize,
}

impl Site<'_> {
    /// The place of a byte of the line.
    pub(super) fn place(&self, at: usize) -> Place {
        Place { file: Arc::clone(self.file), line: self.line.number_at(at) }
    }
}

/// The file of a path, or the files of a pattern, sorted.
pub(super) fn find(files: &dyn Files, path: &Path) -> Result<Vec<Source>, String> {
    let cannot_read = |path: &Path, error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    let paths: Vec<PathBuf> = if is_pattern(path) {
        let mut paths = files.glob(path).map_err(|error| cannot_read(path, error))?;
        paths.sort();
        paths
    } else {
        vec![path.to_path_buf()]
    };
    if paths.is_empty() {
        return Err(format!("no file fits `{}`", path.display()));
    }
    let read = |path: PathBuf| match files.read(&path) {
        Ok(text) => Ok(Source::new(&path, text)),
        Err(error) => Err(cannot_read(&path, error)),
    };
    paths.into_iter().map(read).collect()
}

fn is_pattern(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}
