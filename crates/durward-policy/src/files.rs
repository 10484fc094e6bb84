//! Where documents come from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads files that the policy names. A seam, so that tests and fuzz targets need no disk.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// A message that says why it cannot be read.
    fn text(&self, path: &Path) -> Result<String, String>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// A message that says why it cannot be read.
    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// The files of a folder.
    ///
    /// # Errors
    /// A message that says why it cannot be listed; also where there are no folders.
    fn list(&self, path: &Path) -> Result<Vec<PathBuf>, String> {
        Err(format!("{}: it is not a folder", shown(path)))
    }
}

/// The disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn text(&self, path: &Path) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|error| {
            let line =
                1 + error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count();
            format!("{}: it is not UTF-8 text (line {line})", shown(path))
        })
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", shown(path));
        // Opening a pipe waits for a writer, and a device may have no end: neither is a document.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(format!("{}: it is not a regular file", shown(path)));
        }
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!("{}: it is larger than {} MiB", shown(path), MAX_FILE >> 20));
        }
        Ok(bytes)
    }

    fn list(&self, path: &Path) -> Result<Vec<PathBuf>, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", shown(path));
        let entries = std::fs::read_dir(path).map_err(failed)?;
        entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
    }
}

/// A path as its author would write it, in backticks.
fn shown(path: &Path) -> String {
    format!("`{}`", path.strip_prefix(".").unwrap_or(path).display())
}

const MAX_FILE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_text_are_documents() {
        for (path, part) in [
            ("/dev/zero", "not a regular file"),
            ("src", "not a regular file"),
            ("./src/nothing.rs", "`src/nothing.rs`: No such file"),
        ] {
            let problem = Disk.text(Path::new(path)).unwrap_err();
            assert!(problem.contains(part), "{path}: {problem}");
        }
        let garbage = std::env::temp_dir().join(format!("durward-policy-garbage-{}", std::process::id()));
        std::fs::write(&garbage, b"a: 1\nb: \xff\n").unwrap();
        let problem = Disk.text(&garbage).unwrap_err();
        std::fs::remove_file(&garbage).unwrap();
        assert!(problem.ends_with("it is not UTF-8 text (line 2)"), "{problem}");
        assert!(Disk.text(Path::new("./src/files.rs")).is_ok());
    }
}
