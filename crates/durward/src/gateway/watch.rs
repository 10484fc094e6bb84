//! Has any of the files changed? Asked once a second: that works for every file system and for the symbolic links by
//! which Kubernetes swaps mounted files.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// The files of a plan, as they were when it was compiled.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    files: Vec<(PathBuf, Option<Mark>)>,
}

/// What tells one version of a file from another.
type Mark = (i64, i64, u64, u64);

impl Watch {
    /// Remembers how these files are now.
    pub(crate) fn these(files: Vec<PathBuf>) -> Self {
        Self { files: files.into_iter().map(|path| (path.clone(), mark(&path))).collect() }
    }

    /// Whether any of them changed since it was last asked.
    pub(crate) fn changed(&mut self) -> bool {
        let mut changed = false;
        for (path, before) in &mut self.files {
            let now = mark(path);
            if now != *before {
                *before = now;
                changed = true;
            }
        }
        changed
    }
}

fn mark(path: &PathBuf) -> Option<Mark> {
    let of = |data: Metadata| (data.mtime(), data.mtime_nsec(), data.size(), data.ino());
    std::fs::metadata(path).ok().map(of)
}
