//! SIGKILL in the middle of writing loses nothing that was acknowledged, and leaves a store that opens.
//!
//! The writer is this test binary, started again with an environment variable; it says each acknowledged change on its
//! standard output.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use durward_store::{Expect, Space, Store};
use tempfile::TempDir;

const PATH: &str = "DURWARD_TEST_STORE";
const ROUND: &str = "DURWARD_TEST_ROUND";

#[test]
fn nothing_acknowledged_is_lost() {
    let rounds = if std::env::var_os("DURWARD_LONG").is_some() { 50 } else { 5 };
    let dir = TempDir::new().unwrap();
    let mut acknowledged = BTreeMap::new();
    let mut generation = 0;
    for round in 0..rounds {
        let mut writer = start("crash::writer", dir.path(), round);
        let mut acks = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
        let seen = acks.by_ref().filter(|line| line.starts_with("ack ")).take(15 + round % 7 * 3);
        seen.for_each(|line| remember(&line, &mut acknowledged, &mut generation));
        writer.kill().unwrap();
        // What the writer had said before the signal reached it was acknowledged as well.
        acks.filter(|line| line.starts_with("ack "))
            .for_each(|line| remember(&line, &mut acknowledged, &mut generation));
        writer.wait().unwrap();

        let store = Store::open(dir.path()).unwrap();
        let found: BTreeMap<_, _> = store.scan(Space::ApiKeys).unwrap().into_iter().collect();
        assert!(!acknowledged.is_empty(), "round {round}: the writer wrote nothing");
        for (key, expected) in &acknowledged {
            match (found.get(key.as_bytes()), expected) {
                (Some(found), Some(value)) => {
                    let found = String::from_utf8_lossy(&found.value);
                    // One change may have been written and not yet acknowledged when the signal came.
                    assert!(found == *value || is_next(&found, value), "round {round}: {key} is {found}, not {value}");
                }
                (None, None) => {}
                (found, expected) => {
                    let last = store.generation(Space::ApiKeys);
                    assert_eq!(last, generation + 1, "round {round}: {key} {found:?} {expected:?}");
                }
            }
        }
        assert!((generation..=generation + 1).contains(&store.generation(Space::ApiKeys)), "round {round}");
        // The next round starts from what is really there.
        generation = store.generation(Space::ApiKeys);
        acknowledged = found
            .into_iter()
            .map(|(key, found)| (String::from_utf8(key).unwrap(), Some(String::from_utf8(found.value).unwrap())))
            .collect();
    }
}

#[test]
fn another_process_is_told_that_the_store_is_in_use() {
    let dir = TempDir::new().unwrap();
    let _store = Store::open(dir.path()).unwrap();
    let opener = start("crash::opener", dir.path(), 0).wait_with_output().unwrap();
    let said = String::from_utf8(opener.stdout).unwrap();
    assert!(said.contains("is in use by another process; use the admin socket"), "{said}");
}

/// Puts, overwrites and deletes until it is killed.
#[test]
fn writer() {
    let (Some(path), Ok(round)) = (std::env::var_os(PATH), std::env::var(ROUND)) else { return };
    let store = Store::open(Path::new(&path)).unwrap();
    let mut out = std::io::stdout();
    for step in 0.. {
        let key = format!("key-{}", step % 10);
        let said = if step % 10 == 7 && store.delete(Space::ApiKeys, key.as_bytes(), Expect::Any).unwrap() {
            format!("ack {} {key}", store.generation(Space::ApiKeys))
        } else {
            let value = format!("{round}-{step}");
            let version = store.put(Space::ApiKeys, key.as_bytes(), value.as_bytes(), Expect::Any).unwrap();
            format!("ack {version} {key} {value}")
        };
        writeln!(out, "\n{said}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn opener() {
    let Some(path) = std::env::var_os(PATH) else { return };
    if let Err(error) = Store::open(Path::new(&path)) {
        writeln!(std::io::stdout(), "\n{error}").unwrap();
    }
}

fn start(test: &str, path: &Path, round: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .env(ROUND, round.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn remember(line: &str, acknowledged: &mut BTreeMap<String, Option<String>>, generation: &mut u64) {
    let mut words = line.split(' ').skip(1);
    let (Some(version), Some(key)) = (words.next(), words.next()) else { panic!("{line}") };
    *generation = version.parse().unwrap();
    acknowledged.insert(key.to_owned(), words.next().map(str::to_owned));
}

/// Whether a value is the one that the writer puts ten steps later.
fn is_next(found: &str, acknowledged: &str) -> bool {
    let parts = |text: &str| {
        let (round, step) = text.split_once('-')?;
        Some((round.parse::<usize>().ok()?, step.parse::<usize>().ok()?))
    };
    let (Some((round, step)), Some((last_round, last_step))) = (parts(found), parts(acknowledged)) else {
        return false;
    };
    round == last_round && step == last_step + 10 || round > last_round && step < 10
}
