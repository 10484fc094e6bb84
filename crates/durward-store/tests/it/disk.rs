//! What only the backend on disk has: a path.

use std::fs;

use durward_store::{Expect, Space, Store, StoreError};
use tempfile::TempDir;

#[test]
fn everything_is_there_after_reopening() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let old = store.put(Space::ApiKeys, b"k", b"1", Expect::Any).unwrap();
    store.put(Space::ApiKeys, b"gone", b"1", Expect::Any).unwrap();
    store.delete(Space::ApiKeys, b"gone", Expect::Any).unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.get(Space::ApiKeys, b"k").unwrap().unwrap().version, old);
    assert_eq!(store.scan(Space::ApiKeys).unwrap().len(), 1);
    assert_eq!(store.generation(Space::ApiKeys), 3, "a deletion counts after a restart too");
    assert_eq!(store.put(Space::ApiKeys, b"gone", b"2", Expect::Absent).unwrap().generation(), 4);
}

#[test]
fn a_store_in_use_says_so() {
    let dir = TempDir::new().unwrap();
    let _store = Store::open(dir.path()).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    let expected =
        format!("the store at `{}` is in use by another process; use the admin socket", dir.path().display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_path_that_cannot_be_a_store_says_why() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file).unwrap_err().to_string();
    assert!(error.starts_with("cannot open the store at `"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_new_directory_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data/store");
    let _store = Store::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
}
