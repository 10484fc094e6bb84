//! One test body over every backend.

use std::sync::Barrier;
use std::thread;

use durward_store::{Expect, Space, Store, StoreError};
use tempfile::TempDir;

fn backends() -> Vec<(&'static str, Store, Option<TempDir>)> {
    let dir = TempDir::new().unwrap();
    let embedded = Store::open(dir.path()).unwrap();
    vec![("memory", Store::memory(), None), ("embedded", embedded, Some(dir))]
}

#[test]
fn records_are_put_got_scanned_and_deleted() {
    for (name, store, _dir) in backends() {
        let space = Space::ApiKeys;
        assert_eq!(store.get(space, b"a").unwrap(), None, "{name}");
        assert_eq!(store.generation(space), 0, "{name}");
        let first = store.put(space, b"b", b"1", Expect::Any).unwrap();
        store.put(space, b"a", b"", Expect::Absent).unwrap();
        let found = store.get(space, b"b").unwrap().unwrap();
        assert_eq!((found.value.as_slice(), found.version), (b"1".as_slice(), first), "{name}");
        let keys: Vec<_> = store.scan(space).unwrap().into_iter().map(|(key, found)| (key, found.value)).collect();
        assert_eq!(keys, [(b"a".to_vec(), b"".to_vec()), (b"b".to_vec(), b"1".to_vec())], "{name}");
        assert!(store.delete(space, b"a", Expect::Any).unwrap(), "{name}");
        assert!(!store.delete(space, b"a", Expect::Any).unwrap(), "{name}");
        assert_eq!(store.scan(space).unwrap().len(), 1, "{name}");
        assert_eq!(store.scan(Space::Meta).unwrap(), [], "{name}: spaces are apart");
        assert_eq!((store.generation(space), store.generation(Space::Meta)), (3, 0), "{name}");
    }
}

#[test]
fn a_change_that_expects_something_else_is_a_conflict_and_changes_nothing() {
    for (name, store, _dir) in backends() {
        let space = Space::Meta;
        let old = store.put(space, b"k", b"1", Expect::Absent).unwrap();
        let new = store.put(space, b"k", b"2", Expect::Version(old)).unwrap();
        assert!(new > old, "{name}");
        for expect in [Expect::Absent, Expect::Version(old)] {
            for result in [store.put(space, b"k", b"3", expect).map(drop), store.delete(space, b"k", expect).map(drop)]
            {
                assert!(
                    matches!(result, Err(StoreError::Conflict { found: Some(found), .. }) if found == new),
                    "{name} {expect:?} {result:?}"
                );
            }
        }
        let nothing_there = store.put(space, b"other", b"", Expect::Version(new));
        assert!(matches!(nothing_there, Err(StoreError::Conflict { found: None, .. })), "{name}");
        assert_eq!(store.get(space, b"k").unwrap().unwrap().value, b"2", "{name}");
        assert_eq!(store.generation(space), 2, "{name}");
    }
}

#[test]
fn no_version_comes_twice() {
    for (name, store, _dir) in backends() {
        let space = Space::ApiKeys;
        let first = store.put(space, b"k", b"1", Expect::Absent).unwrap();
        store.delete(space, b"k", Expect::Version(first)).unwrap();
        let second = store.put(space, b"k", b"1", Expect::Absent).unwrap();
        assert!(second > first, "{name}");
        assert!(store.put(space, b"k", b"2", Expect::Version(first)).is_err(), "{name}");
    }
}

#[test]
fn what_is_too_large_or_has_no_key_is_refused() {
    for (name, store, _dir) in backends() {
        let put = |key: &[u8], value: &[u8]| store.put(Space::Meta, key, value, Expect::Any);
        assert!(matches!(put(b"", b""), Err(StoreError::EmptyKey)), "{name}");
        assert!(matches!(put(&[1; 1025], b""), Err(StoreError::TooLarge { what: "key", .. })), "{name}");
        assert!(
            matches!(put(b"k", &vec![1; (1 << 20) + 1]), Err(StoreError::TooLarge { what: "value", .. })),
            "{name}"
        );
        assert!(put(&[1; 1024], &vec![1; 1 << 20]).is_ok(), "{name}");
    }
}

#[test]
fn of_many_at_once_each_version_has_one_winner() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 25;
    for (name, store, _dir) in backends() {
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    (0..ROUNDS).for_each(|_| increment(&store));
                });
            }
        });
        let count = store.get(Space::Meta, b"count").unwrap().unwrap().value;
        assert_eq!(String::from_utf8(count).unwrap(), (THREADS * ROUNDS).to_string(), "{name}");
        assert_eq!(store.generation(Space::Meta), (THREADS * ROUNDS) as u64, "{name}");
    }
}

fn increment(store: &Store) {
    loop {
        let generation = store.generation(Space::Meta);
        let found = store.get(Space::Meta, b"count").unwrap();
        assert!(
            found.as_ref().is_none_or(|found| found.version.generation() >= generation),
            "a generation came too early"
        );
        let expect = found.as_ref().map_or(Expect::Absent, |found| Expect::Version(found.version));
        let count: u64 = found.map_or(0, |found| String::from_utf8(found.value).unwrap().parse().unwrap());
        match store.put(Space::Meta, b"count", (count + 1).to_string().as_bytes(), expect) {
            Ok(_) => return,
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}
