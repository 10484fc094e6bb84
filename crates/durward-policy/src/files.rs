//! Where documents come from.

use std::path::Path;

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
}

/// The disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn text(&self, path: &Path) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|_| format!("`{}` is not UTF-8 text", path.display()))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        let metadata = std::fs::metadata(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        if metadata.len() > MAX_FILE {
            return Err(format!("`{}` is larger than {} MiB", path.display(), MAX_FILE >> 20));
        }
        std::fs::read(path).map_err(|error| format!("`{}`: {error}", path.display()))
    }
}

const MAX_FILE: u64 = 64 << 20;
