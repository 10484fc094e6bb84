//! The life of a key.

use std::sync::Arc;

use durward_core::{Moment, Secret};
use durward_keys::{ApiKeys, KeyError, KeyProblem, KeyState, NewKey};
use durward_store::{Expect, Space, Store};
use tempfile::TempDir;

pub fn at(unix_seconds: u64) -> Moment {
    Moment::new(unix_seconds * 1_000_000_000, 0)
}

pub fn pepper() -> Secret {
    Secret::new(vec![7; 32])
}

pub fn new_key() -> NewKey {
    NewKey {
        name: "billing".to_owned(),
        owner: "team-a".to_owned(),
        scopes: vec!["orders:write".to_owned(), "orders:read".to_owned(), "orders:read".to_owned()],
        environment: "live".to_owned(),
        expires: None,
    }
}

pub fn text(secret: &Secret) -> &str {
    std::str::from_utf8(secret.expose()).unwrap()
}

fn keys() -> (Store, Arc<ApiKeys>) {
    let store = Store::memory();
    (store.clone(), ApiKeys::open(store, pepper()).unwrap())
}

const NOW: u64 = 1_790_000_000;

#[test]
fn a_new_key_verifies_with_its_name_owner_and_scopes() {
    let (_, keys) = keys();
    let (view, secret) = keys.create(new_key(), at(NOW)).unwrap();
    let verified = keys.verify(text(&secret), at(NOW)).unwrap();
    assert_eq!((&*verified.kid, &*verified.name, &*verified.owner), (&*view.kid, "billing", "team-a"));
    assert_eq!(verified.scopes.iter().map(|scope| &**scope).collect::<Vec<_>>(), ["orders:read", "orders:write"]);
    assert_eq!(keys.list().unwrap(), [view]);
}

#[test]
fn every_way_to_fail_has_its_name() {
    let (store, keys) = keys();
    let (view, secret) = keys.create(NewKey { expires: Some(NOW + 10), ..new_key() }, at(NOW)).unwrap();
    let (_, other) = keys.create(new_key(), at(NOW)).unwrap();
    let good = text(&secret).to_owned();
    let foreign = ApiKeys::open(Store::memory(), pepper()).unwrap().create(new_key(), at(NOW)).unwrap().1;
    let mut typo = good.clone();
    typo.replace_range(30..31, if typo.as_bytes()[30] == b'x' { "y" } else { "x" });
    assert_eq!(keys.verify(&good, at(NOW + 9)).map(|verified| verified.expires), Ok(Some(NOW + 10)));
    let table = [
        ("", KeyProblem::Malformed),
        ("hello", KeyProblem::Malformed),
        (&good.to_uppercase(), KeyProblem::Malformed),
        (&format!("{good} "), KeyProblem::Malformed),
        (&"dwk_".repeat(1000), KeyProblem::Malformed),
        (&typo, KeyProblem::Checksum),
        (text(&foreign), KeyProblem::Unknown),
    ];
    for (written, expected) in table {
        assert_eq!(keys.verify(written, at(NOW)), Err(expected), "{written}");
    }
    assert_eq!(keys.verify(&good, at(NOW + 10)), Err(KeyProblem::Expired), "deadlines need no reload");
    keys.disable(&view.kid).unwrap();
    assert_eq!(keys.verify(&good, at(NOW)), Err(KeyProblem::Disabled));
    keys.enable(&view.kid).unwrap();
    assert!(keys.verify(&good, at(NOW)).is_ok());

    // The secret of one key under the id of another, as somebody who can write to the store would try.
    let records = store.scan(Space::ApiKeys).unwrap();
    let record = |kid: &str| -> serde_json::Value {
        let (_, found) = records.iter().find(|(key, _)| key == kid.as_bytes()).unwrap();
        serde_json::from_slice(&found.value).unwrap()
    };
    let other_kid = text(&other).split('_').nth(2).unwrap();
    let mut forged = record(&view.kid);
    forged["mac"] = record(other_kid)["mac"].clone();
    store.put(Space::ApiKeys, view.kid.as_bytes(), forged.to_string().as_bytes(), Expect::Any).unwrap();
    assert_eq!(keys.verify(&good, at(NOW)), Err(KeyProblem::WrongSecret), "changes of others count at once");
    let mut early = record(&view.kid);
    early["not_before"] = (NOW + 5).into();
    store.put(Space::ApiKeys, view.kid.as_bytes(), early.to_string().as_bytes(), Expect::Any).unwrap();
    assert_eq!(keys.verify(&good, at(NOW)), Err(KeyProblem::NotYet));
    assert!(keys.verify(&good, at(NOW + 5)).is_ok());
}

#[test]
fn a_revocation_counts_at_once_everywhere_and_for_good() {
    let (store, keys) = keys();
    let elsewhere = ApiKeys::open(store.clone(), pepper()).unwrap();
    let (view, secret) = keys.create(new_key(), at(NOW)).unwrap();
    assert!(elsewhere.verify(text(&secret), at(NOW)).is_ok());
    let revoked = keys.revoke(&view.kid, "leaked in a log", at(NOW + 1)).unwrap();
    assert_eq!(revoked.state, KeyState::Revoked);
    for keys in [&keys, &elsewhere, &ApiKeys::open(store, pepper()).unwrap()] {
        assert_eq!(keys.verify(text(&secret), at(NOW + 1)), Err(KeyProblem::Revoked));
    }
    assert!(matches!(keys.enable(&view.kid), Err(KeyError::Revoked(_))));
    let again = elsewhere.revoke(&view.kid, "other words", at(NOW + 2)).unwrap();
    assert_eq!(
        again.revoked.map(|revoked| (revoked.at, revoked.reason)),
        Some((NOW + 1, "leaked in a log".to_owned()))
    );
    assert!(matches!(keys.revoke("0000000000", "x", at(NOW)), Err(KeyError::Unknown(_))));
}

#[test]
fn a_record_that_cannot_be_read_fails_closed() {
    let (store, keys) = keys();
    let (view, secret) = keys.create(new_key(), at(NOW)).unwrap();
    let (_, found) = store.scan(Space::ApiKeys).unwrap().remove(0);
    let mut record: serde_json::Value = serde_json::from_slice(&found.value).unwrap();
    record["only_from"] = "192.0.2.0/24".into();
    store.put(Space::ApiKeys, view.kid.as_bytes(), record.to_string().as_bytes(), Expect::Any).unwrap();
    assert_eq!(keys.verify(text(&secret), at(NOW)), Err(KeyProblem::Unavailable));
    assert!(matches!(keys.list(), Err(KeyError::Damaged { .. })));
    assert!(matches!(ApiKeys::open(store.clone(), pepper()), Err(KeyError::Damaged { .. })));
    store.put(Space::ApiKeys, view.kid.as_bytes(), &found.value, Expect::Any).unwrap();
    assert!(keys.verify(text(&secret), at(NOW)).is_ok());
}

#[test]
fn what_a_key_cannot_be_is_refused() {
    let (_, keys) = keys();
    let table = [
        (NewKey { name: String::new(), ..new_key() }, "name"),
        (NewKey { name: "a\nb".to_owned(), ..new_key() }, "name"),
        (NewKey { owner: "x".repeat(129), ..new_key() }, "owner"),
        (NewKey { environment: "Live".to_owned(), ..new_key() }, "environment"),
        (NewKey { environment: "a_b".to_owned(), ..new_key() }, "environment"),
        (NewKey { scopes: vec!["a b".to_owned()], ..new_key() }, "scope"),
        (NewKey { scopes: vec!["a".to_owned(); 65], ..new_key() }, "number of scopes"),
        (NewKey { expires: Some(NOW), ..new_key() }, "expiry"),
    ];
    for (new, expected) in table {
        match keys.create(new, at(NOW)) {
            Err(KeyError::Invalid { what, .. }) => assert_eq!(what, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert_eq!(keys.list().unwrap(), []);
}

#[test]
fn a_lost_pepper_is_noticed_at_the_start() {
    let store = Store::memory();
    assert!(matches!(
        ApiKeys::open(store.clone(), Secret::new(vec![1; 31])),
        Err(KeyError::PepperShort { length: 31, .. })
    ));
    ApiKeys::open(store.clone(), Secret::new(vec![1; 32])).unwrap();
    let keys = ApiKeys::open(store.clone(), pepper()).unwrap();
    keys.create(new_key(), at(NOW)).unwrap();
    let error = ApiKeys::open(store.clone(), Secret::new(vec![1; 32])).unwrap_err();
    assert!(matches!(error, KeyError::PepperChanged { keys: 1 }), "{error}");
    assert!(ApiKeys::open(store, pepper()).is_ok());
}

#[test]
fn keys_survive_a_restart_and_no_secret_is_on_the_disk() {
    let dir = TempDir::new().unwrap();
    let (kept, revoked) = {
        let keys = ApiKeys::open(Store::open(dir.path()).unwrap(), pepper()).unwrap();
        let (_, kept) = keys.create(new_key(), at(NOW)).unwrap();
        let (view, revoked) = keys.create(new_key(), at(NOW)).unwrap();
        keys.revoke(&view.kid, "test", at(NOW)).unwrap();
        assert!(!format!("{keys:?} {view:?} {kept:?}").contains(text(&kept)));
        (kept, revoked)
    };
    let keys = ApiKeys::open(Store::open(dir.path()).unwrap(), pepper()).unwrap();
    assert!(keys.verify(text(&kept), at(NOW)).is_ok());
    assert_eq!(keys.verify(text(&revoked), at(NOW)), Err(KeyProblem::Revoked));
    let secret = text(&kept).split('_').nth(3).unwrap().to_owned();
    let mut searched = 0;
    let mut folders = vec![dir.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            searched += usize::from(bytes.windows(7).any(|window| window == b"billing"));
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{:?}", entry.path());
        }
    }
    assert!(searched > 0, "the record was not found, so its secret would not have been either");
}

#[test]
fn many_keys_verify_while_others_are_made_and_revoked() {
    let (_, keys) = keys();
    let (_, steady) = keys.create(new_key(), at(NOW)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 {
                let (view, secret) = keys.create(new_key(), at(NOW)).unwrap();
                assert!(keys.verify(text(&secret), at(NOW)).is_ok());
                keys.revoke(&view.kid, "test", at(NOW)).unwrap();
                assert_eq!(keys.verify(text(&secret), at(NOW)), Err(KeyProblem::Revoked));
            }
        });
        scope.spawn(|| (0..2000).for_each(|_| assert!(keys.verify(text(&steady), at(NOW)).is_ok())));
    });
}

/// Prints what one verification costs; asserts only that the work happened.
#[test]
fn verification_is_measured() {
    let (_, keys) = keys();
    let made: Vec<_> = (0..1000).map(|_| keys.create(new_key(), at(NOW)).unwrap().1).collect();
    let rounds = 20;
    let start = std::time::Instant::now();
    let passed = (0..rounds).flat_map(|_| &made).filter(|secret| keys.verify(text(secret), at(NOW)).is_ok()).count();
    let each = start.elapsed() / (rounds * 1000);
    assert_eq!(passed, rounds as usize * 1000);
    println!("verify: {each:?} per key in this build");
}
