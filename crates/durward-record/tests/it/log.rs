//! Queue, files, rotation, trouble with the disk, search.

use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use durward_core::{ByteSize, Denial, Lapse, Reason, RequestId};
use durward_record::{RecordConfig, RecordError, RecordLine, Recorder, SyncEvery, find};

use crate::entries::{Seen, allowed, files, lines, metrics, refused, until};

fn config() -> RecordConfig {
    RecordConfig { sync: SyncEvery::Every(Lapse::millis(20)), ..RecordConfig::default() }
}

#[test]
fn numbers_go_on_across_restarts_and_nobody_else_may_read() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3_u32 {
        let (recorder, writer) = Recorder::open(&config(), dir.path()).unwrap();
        assert_eq!(writer.opened().next_seq, u64::from(round) * 10 + 1);
        let running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
        (0..10).for_each(|n| recorder.record(allowed(round * 10 + n)));
        running.close().unwrap();
        assert_eq!(recorder.synced(), u64::from(round) * 10 + 11);
    }
    let seqs: Vec<u64> = lines(dir.path()).iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=30).collect::<Vec<_>>());
    for path in files(dir.path()) {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_log_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let first = Recorder::open(&config(), dir.path()).unwrap();
    assert!(matches!(Recorder::open(&config(), dir.path()), Err(RecordError::InUse(_))));
    drop(first);
    Recorder::open(&config(), dir.path()).unwrap();
}

#[test]
fn what_finds_no_room_leaves_a_marked_gap() {
    let dir = tempfile::tempdir().unwrap();
    let metrics = metrics();
    let (recorder, writer) = Recorder::open(&RecordConfig { queue: 8, ..config() }, dir.path()).unwrap();
    (0..20).for_each(|n| recorder.record(allowed(n)));
    assert_eq!(recorder.overflow(), 12);
    let running = writer.start(metrics.clone(), |text| panic!("{text}")).unwrap();
    until("the queue is written", || recorder.synced() == 10);
    recorder.record(allowed(99));
    running.close().unwrap();
    let lines = lines(dir.path());
    let gaps: Vec<u64> = lines.iter().filter_map(|line| line["gap"].as_u64()).collect();
    assert_eq!((gaps, lines.len()), (vec![12], 8 + 1 + 1));
    assert!(metrics.encode().contains("durward_audit_gap_requests_total{cause=\"queue\"} 12\n"));
}

#[test]
fn a_sleeping_writer_is_woken() {
    let dir = tempfile::tempdir().unwrap();
    let (recorder, writer) = Recorder::open(&config(), dir.path()).unwrap();
    let running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
    for n in 0..4 {
        recorder.record(allowed(n));
        until("the line is on the disk", || recorder.synced() == u64::from(n) + 2);
        // Longer than the writer needs to fall asleep.
        std::thread::park_timeout(std::time::Duration::from_millis(150));
    }
    running.close().unwrap();
}

#[test]
fn files_rotate_and_the_oldest_go() {
    let dir = tempfile::tempdir().unwrap();
    let small = RecordConfig { rotate: ByteSize::kib(8), keep: 3, ..config() };
    let (recorder, writer) = Recorder::open(&small, dir.path()).unwrap();
    let running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
    let entries: Vec<_> = (0..200).map(allowed).collect();
    for entry in &entries {
        recorder.record(entry.clone());
    }
    running.close().unwrap();
    let all = files(dir.path());
    assert_eq!(all.len(), 3);
    for path in &all {
        assert!(std::fs::metadata(path).unwrap().len() < 10 << 10);
    }
    let seqs: Vec<u64> = lines(dir.path()).iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]) && seqs.last() == Some(&200), "{seqs:?}");
    let found = |n: usize| find(dir.path(), entries[n].trail.id()).unwrap().map(|line| line.seq);
    assert_eq!((found(0), found(199)), (None, Some(200)));
}

#[test]
fn a_disk_that_refuses_is_owned_up_to() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let small = RecordConfig { rotate: ByteSize::kib(4), ..config() };
    let metrics = metrics();
    let said = Arc::new(Mutex::new(Vec::new()));
    let (recorder, writer) = Recorder::open(&small, &log).unwrap();
    let hear = Arc::clone(&said);
    let running = writer.start(metrics.clone(), move |text| hear.lock().unwrap().push(text.to_owned())).unwrap();
    // No folder, no next file.
    std::fs::remove_dir_all(&log).unwrap();
    let total = 16_000;
    for n in 0..total {
        recorder.record(allowed(n));
        until("the queue has room", || n % 1000 != 999 || metrics.encode().contains("audit_queue_depth 0\n"));
    }
    std::fs::create_dir(&log).unwrap();
    until("it is written again", || said.lock().unwrap().len() == 2);
    recorder.record(allowed(total));
    running.close().unwrap();
    let lines = lines(&log);
    let gap: u64 = lines.iter().filter_map(|line| line["gap"].as_u64()).sum();
    let whole = lines.iter().filter(|line| line.get("id").is_some()).count() as u64;
    assert!(gap > 0 && whole > 0);
    assert_eq!(gap + whole, u64::from(total) + 1);
    assert_eq!(recorder.overflow(), 0);
    let seqs: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    assert!(metrics.encode().contains(&format!("durward_audit_gap_requests_total{{cause=\"disk\"}} {gap}\n")));
    assert!(said.lock().unwrap()[0].starts_with("the audit log cannot be written: "));
}

#[test]
fn a_disk_that_refuses_to_the_end_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let (recorder, writer) = Recorder::open(&config(), &log).unwrap();
    let running = writer.start(metrics(), |_| {}).unwrap();
    std::fs::remove_dir_all(&log).unwrap();
    (0..5).for_each(|n| recorder.record(allowed(n)));
    assert!(matches!(running.close(), Err(RecordError::Unfinished { lines: 5, .. })));
}

#[test]
fn a_line_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (recorder, writer) = Recorder::open(&config(), dir.path()).unwrap();
    let running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
    let seen = Seen { path: "/a\u{1b}[31m\"\\\n\u{202e}é漢".into(), ..Seen::default() };
    let denial = Denial::new(Reason::ScopeMissing).detail("needs `orders:write`").tell("scope", "orders:write");
    let entry = refused(&seen, denial);
    recorder.record(entry.clone());
    running.close().unwrap();
    let found = find(dir.path(), entry.trail.id()).unwrap().unwrap();
    assert_eq!(found, RecordLine { seq: 1, ..RecordLine::of(&entry) });
    assert_eq!(found.path.as_deref(), Some(seen.path.as_str()));
    assert_eq!((found.reason.as_deref(), found.stage.as_deref()), (Some("scope-missing"), Some("authz")));
    assert_eq!(found.time, "2026-11-25T12:00:00.123456Z");
    assert_eq!(found.flags, ["observed"]);
    let outcomes: Vec<&str> = found.trail.iter().map(|step| step.outcome.as_str()).collect();
    assert_eq!(outcomes, ["passed", "passed", "would-deny", "off", "denied"]);
    assert_eq!(found.trail[4].rule.as_deref(), Some("durward.toml:31 api.orders"));
    let raw = std::fs::read_to_string(&files(dir.path())[0]).unwrap();
    assert!(!raw.trim_end().chars().any(char::is_control) && !raw.contains('\u{202e}'));
}

#[test]
fn search_reads_past_torn_ends_and_windows() {
    let dir = tempfile::tempdir().unwrap();
    let (recorder, writer) = Recorder::open(&config(), dir.path()).unwrap();
    let running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
    let entries: Vec<_> = (0..6000).map(allowed).collect();
    for entry in &entries {
        recorder.record(entry.clone());
    }
    running.close().unwrap();
    let path = files(dir.path()).pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 3 << 20, "{}", bytes.len());
    let torn = format!("{{\"seq\":6001,\"id\":\"{}\",\"pa", entries[7].trail.id());
    bytes.extend_from_slice(torn.as_bytes());
    std::fs::write(&path, bytes).unwrap();
    for n in (0..6000).step_by(61).chain([5999]) {
        let line = find(dir.path(), entries[n].trail.id()).unwrap().unwrap();
        assert_eq!(line.seq, n as u64 + 1);
    }
    let absent = RequestId::parse("01zzzzzzzzzzzzzzzzzzzzzzzz").unwrap();
    assert_eq!(find(dir.path(), absent).unwrap(), None);
    let (_, writer) = Recorder::open(&config(), dir.path()).unwrap();
    let torn_info = writer.opened().torn.clone().unwrap();
    assert_eq!((torn_info.bytes, writer.opened().next_seq), (torn.len() as u64, 6001));
    assert_eq!(std::fs::read_to_string(torn_info.saved).unwrap(), torn);
}
