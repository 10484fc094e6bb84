//! Kill -9 in the middle of writing: no line that was synced is lost, and the log opens whole.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use durward_core::ByteSize;
use durward_record::{RecordConfig, Recorder, SyncEvery};

use crate::entries::{allowed, lines, metrics};

const CHILD: &str = "DURWARD_RECORD_CHILD";

fn config() -> RecordConfig {
    RecordConfig { sync: SyncEvery::Always, rotate: ByteSize::kib(256), keep: 1000, queue: 4096 }
}

/// The child: records without end and says which number is on the disk. Without the variable it is no test.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let (recorder, writer) = Recorder::open(&config(), Path::new(&dir)).unwrap();
    let _running = writer.start(metrics(), |text| panic!("{text}")).unwrap();
    let mut said = 0;
    for n in 0.. {
        recorder.record(allowed(n));
        let synced = recorder.synced();
        if synced != said {
            said = synced;
            let mut out = std::io::stdout().lock();
            // The line break before it keeps it apart from what the test harness prints.
            write!(out, "\nsynced {synced}\n").unwrap();
            out.flush().unwrap();
        }
    }
}

#[test]
fn nothing_synced_is_lost() {
    let rounds = if std::env::var_os("DURWARD_LONG").is_some() { 50 } else { 5 };
    let dir = tempfile::tempdir().unwrap();
    let mut torn = 0;
    let mut before = 1;
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        let mut acks = 0;
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed after a different number of acknowledgements each time; what it says until it is dead counts too.
        while let Some(Ok(line)) = out.next() {
            if let Some(seq) = line.strip_prefix("synced ").and_then(|seq| seq.parse::<u64>().ok()) {
                acknowledged = seq;
                acks += 1;
                if acks == 5 + round % 7 {
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        assert!(acks >= 5, "the child ended by itself");

        let (recorder, writer) = Recorder::open(&config(), dir.path()).unwrap();
        torn += u32::from(writer.opened().torn.is_some());
        let next = writer.opened().next_seq;
        drop((recorder, writer));
        assert!(next >= acknowledged && acknowledged > before, "{before} < {acknowledged} <= {next}");
        let seqs: Vec<u64> = lines(dir.path()).iter().map(|line| line["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..next).collect::<Vec<_>>());
        before = next;
    }
    println!("{rounds} rounds, {before} lines, {torn} torn ends");
}
