//! The files of the log: their names, their order, and how lines are appended, forced to the disk and rotated.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use durward_core::Moment;

use crate::error::doing;
use crate::tail::{self, Torn};
use crate::{RecordConfig, RecordError};

/// A file of the log, by what its name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The number of its first line.
    pub(crate) seq: u64,
    /// When it was begun, in Unix nanoseconds; zero if the name does not say.
    pub(crate) begun: u64,
    /// The file.
    pub(crate) path: PathBuf,
}

/// The files of the log in `dir`, oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<Segment>, RecordError> {
    let mut all = Vec::new();
    for entry in dir.read_dir().map_err(doing("list", dir))? {
        let path = entry.map_err(doing("list", dir))?.path();
        if let Some(segment) = path.file_name().and_then(|name| name.to_str()).and_then(parse_name) {
            all.push(Segment { seq: segment.0, begun: segment.1, path });
        }
    }
    all.sort_by_key(|segment| (segment.seq, segment.begun));
    Ok(all)
}

/// `audit-20261125T012833.123456Z-00000000000000000042.jsonl`: sorted by name is sorted by number within a clock.
fn name(seq: u64, now: Moment) -> String {
    let second = i64::try_from(now.unix_seconds()).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
    let stamp = second.unwrap_or(jiff::Timestamp::UNIX_EPOCH).strftime("%Y%m%dT%H%M%S");
    let micros = now.unix_nanos() / 1_000 % 1_000_000;
    format!("audit-{stamp}.{micros:06}Z-{seq:020}.jsonl")
}

fn parse_name(name: &str) -> Option<(u64, u64)> {
    let (stamp, seq) = name.strip_prefix("audit-")?.strip_suffix(".jsonl")?.split_once('-')?;
    let seq = seq.parse().ok()?;
    let begun = jiff::Timestamp::strptime("%Y%m%dT%H%M%S%.f%z", stamp.replace('Z', "+0000")).ok();
    let nanos = begun.and_then(|begun| u64::try_from(begun.as_nanosecond()).ok());
    Some((seq, nanos.unwrap_or(0)))
}

/// The log open for appending.
#[derive(Debug)]
pub(crate) struct Log {
    dir: PathBuf,
    rotate: u64,
    keep: usize,
    current: Option<(Arc<File>, u64)>,
    /// Held for the life of the log; the system lets go of it when the process dies.
    _lock: File,
}

/// What was found when the log was opened.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) log: Log,
    pub(crate) next_seq: u64,
    pub(crate) torn: Option<Torn>,
}

impl Log {
    /// Takes the lock of the folder, mends the last file and goes on in it.
    pub(crate) fn open(config: &RecordConfig, dir: &Path) -> Result<Found, RecordError> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(doing("make the folder", dir))?;
        let lock_path = dir.join("audit.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(doing("make", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(RecordError::InUse(dir.to_path_buf())),
            Err(std::fs::TryLockError::Error(error)) => return Err(doing("lock", &lock_path)(error)),
        }
        let mut log = Self {
            dir: dir.to_path_buf(),
            rotate: config.rotate.as_u64(),
            keep: config.keep,
            current: None,
            _lock: lock,
        };
        let Some(last) = list(dir)?.pop() else { return Ok(Found { log, next_seq: 1, torn: None }) };
        let mended = tail::mend(&last.path)?;
        let file = OpenOptions::new().append(true).open(&last.path).map_err(doing("open", &last.path))?;
        // What the last process wrote and did not sync counts as synced from here on, so it has to be.
        file.sync_data().map_err(doing("sync", &last.path))?;
        log.current = Some((Arc::new(file), mended.length));
        let next_seq = mended.last_seq.map_or(last.seq, |seq| seq.saturating_add(1));
        Ok(Found { log, next_seq, torn: mended.torn })
    }

    /// Whether `bytes` more go to the current file; an empty file takes any number.
    pub(crate) fn fits(&self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.current.as_ref().is_some_and(|(_, length)| *length == 0 || length.saturating_add(bytes) <= self.rotate)
    }

    /// Begins a new file, named for its first line. What the one before still owes the disk is synced by the caller.
    pub(crate) fn begin(&mut self, seq: u64, now: Moment) -> io::Result<()> {
        let path = self.dir.join(name(seq, now));
        let file = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path)?;
        // A file whose name is not on the disk is not on the disk.
        File::open(&self.dir)?.sync_all()?;
        self.current = Some((Arc::new(file), 0));
        self.forget_oldest();
        Ok(())
    }

    /// Appends a part of `bytes`, as far as the system takes them in one call.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some((file, length)) = self.current.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
        let taken = (&**file).write(bytes)?;
        *length = length.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        Ok(taken)
    }

    /// The current file, for the one who syncs it.
    pub(crate) fn file(&self) -> Option<Arc<File>> {
        self.current.as_ref().map(|(file, _)| Arc::clone(file))
    }

    fn forget_oldest(&self) {
        // Retention is a wish, not a promise to the reader of a line: a file that cannot be removed is tried again at
        // the next rotation.
        let Ok(all) = list(&self.dir) else { return };
        let surplus = all.len().saturating_sub(self.keep);
        for segment in all.iter().take(surplus) {
            let _ = std::fs::remove_file(&segment.path);
            let _ = std::fs::remove_file(tail::torn_path(&segment.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_number_and_time() {
        let now = Moment::new(1_795_570_113_123_456_000, 0);
        let name = name(42, now);
        assert_eq!(name, "audit-20261125T012833.123456Z-00000000000000000042.jsonl");
        assert_eq!(parse_name(&name), Some((42, 1_795_570_113_123_456_000)));
        for other in ["audit.lock", "audit-x.jsonl", "audit-20261125T012833.123456Z-42.jsonl.torn", "x"] {
            assert_eq!(parse_name(other), None, "{other}");
        }
    }
}
