//! What others wrote and the tests read: the corpora beside the project, and the rules of a Debian package.

use std::path::{Path, PathBuf};

/// A folder of the corpora, or a loud word that the test cannot run: they are no peer that could be installed.
pub(crate) fn corpus(folder: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let path = std::env::var_os("DURWARD_CORPORA").map_or_else(beside, PathBuf::from).join(folder);
    let here = path.is_dir();
    if !here {
        println!("SKIPPED (missing: {}); set DURWARD_CORPORA to the folder of the corpora", path.display());
    }
    here.then_some(path)
}

/// The rules of the Core Rule Set 3.3 as Debian ships them, or a loud word.
pub(crate) fn debian() -> Option<PathBuf> {
    present(PathBuf::from("/usr/share/modsecurity-crs"), "install the Debian package modsecurity-crs")
}

/// A file that `cargo xtask peers` installs, or a loud word.
pub(crate) fn peer(file: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    let path = std::env::var_os("DURWARD_PEERS").map_or_else(beside, PathBuf::from).join(file);
    present(path, "run `cargo xtask peers`")
}

fn present(path: PathBuf, advice: &str) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("DURWARD_REQUIRE_PEERS").is_none(), "`{}` is missing; {advice}", path.display());
    println!("SKIPPED (missing: {}); {advice}", path.display());
    None
}
