//! Rule files on a disk, as the gateway reads them.

use std::io;
use std::path::{Path, PathBuf};

use durward_seclang::load::Files;

/// The disk.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    /// `*` and `?` are understood in the last part of the path, which is all that the rule sets here use.
    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else { return Ok(Vec::new()) };
        let name = name.to_string_lossy();
        if !name.contains(['*', '?']) {
            return Ok(if pattern.exists() { vec![pattern.to_owned()] } else { Vec::new() });
        }
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|file| fits(name.as_bytes(), file.as_encoded_bytes())) {
                found.push(path);
            }
        }
        Ok(found)
    }
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|skipped| fits(rest, &name[skipped..])),
        (Some((b'?', pattern)), Some((_, name))) => fits(pattern, name),
        (Some((wanted, pattern)), Some((byte, name))) => wanted == byte && fits(pattern, name),
        _ => false,
    }
}

#[test]
fn patterns_of_names() {
    for (pattern, name, right) in [
        ("*.conf", "a.conf", true),
        ("*.conf", "a.conf.example", false),
        ("REQUEST-9?1-*.conf", "REQUEST-901-INITIALIZATION.conf", true),
        ("REQUEST-9?1-*.conf", "REQUEST-912-DOS-PROTECTION.conf", false),
        ("*", "", true),
    ] {
        assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), right, "{pattern} {name}");
    }
}
