//! The end of a log file after a crash: what is not a whole line is cut off into a file beside it, never thrown away.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::RecordError;
use crate::error::doing;

/// A torn end that was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The log file it was cut from.
    pub log: PathBuf,
    /// Where the bytes are now.
    pub saved: PathBuf,
    /// How many.
    pub bytes: u64,
}

/// A file whose end is whole.
#[derive(Debug)]
pub(crate) struct Mended {
    pub(crate) length: u64,
    pub(crate) last_seq: Option<u64>,
    pub(crate) torn: Option<Torn>,
}

#[derive(Deserialize)]
struct Numbered {
    seq: u64,
}

/// How much of a file is looked at in one step; several times the longest line.
pub(crate) const WINDOW: u64 = 1 << 20;

/// Where the torn end of a log file is kept.
pub(crate) fn torn_path(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".torn");
    name.into()
}

/// Finds the last whole line and cuts off what follows it.
pub(crate) fn mend(path: &Path) -> Result<Mended, RecordError> {
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(doing("open", path))?;
    let length = file.metadata().map_err(doing("look at", path))?.len();
    let (good, last_seq) = last_whole_line(&file, length).map_err(doing("read", path))?;
    if good == length {
        return Ok(Mended { length, last_seq, torn: None });
    }
    let saved = torn_path(path);
    let mut out =
        OpenOptions::new().create(true).append(true).mode(0o600).open(&saved).map_err(doing("open", &saved))?;
    file.seek(SeekFrom::Start(good)).map_err(doing("read", path))?;
    std::io::copy(&mut (&file).take(length.saturating_sub(good)), &mut out).map_err(doing("write", &saved))?;
    // The copy is on the disk before the original is cut.
    out.sync_all().map_err(doing("sync", &saved))?;
    file.set_len(good).map_err(doing("shorten", path))?;
    file.sync_all().map_err(doing("sync", path))?;
    let torn = Torn { log: path.to_path_buf(), saved, bytes: length.saturating_sub(good) };
    Ok(Mended { length: good, last_seq, torn: Some(torn) })
}

/// The end of the last line that is JSON with a number, and that number.
fn last_whole_line(file: &File, length: u64) -> std::io::Result<(u64, Option<u64>)> {
    let mut buffer = Vec::new();
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(WINDOW);
        read_range(file, start, end, &mut buffer)?;
        // `high` is one past a newline; the line before it is whole when its own start is in the window.
        let mut search = buffer.as_slice();
        let mut first_newline = None;
        while let Some(newline) = memchr::memrchr(b'\n', search) {
            first_newline = Some(newline);
            let (before, _) = search.split_at(newline);
            let from = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
            if from > 0 || start == 0 {
                let line = before.get(from..).unwrap_or_default();
                if let Ok(numbered) = serde_json::from_slice::<Numbered>(line) {
                    let whole = u64::try_from(newline).unwrap_or(u64::MAX).saturating_add(1);
                    return Ok((start.saturating_add(whole), Some(numbered.seq)));
                }
            }
            search = before;
        }
        if start == 0 {
            return Ok((0, None));
        }
        // The line that ends at the first newline of this window begins before it: the next window ends there.
        end = match first_newline.and_then(|at| u64::try_from(at).ok()) {
            Some(at) if start.saturating_add(at).saturating_add(1) < end => start.saturating_add(at).saturating_add(1),
            _ => start,
        };
    }
    Ok((0, None))
}

/// Reads `start..end` of a file; shorter if the file is.
pub(crate) fn read_range(file: &File, start: u64, end: u64, buffer: &mut Vec<u8>) -> std::io::Result<()> {
    buffer.clear();
    buffer.resize(usize::try_from(end.saturating_sub(start)).unwrap_or(0), 0);
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, start.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX))) {
            Ok(0) => break,
            Ok(n) => filled = filled.saturating_add(n),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"{\"seq\":1}\n{\"seq\":2}\n";

    fn mended(content: &[u8]) -> (Mended, Vec<u8>, Option<Vec<u8>>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, content).unwrap();
        let mended = mend(&path).unwrap();
        (mended, std::fs::read(&path).unwrap(), std::fs::read(torn_path(&path)).ok())
    }

    #[test]
    fn every_cut_of_a_line_is_saved_beside_the_log() {
        let third = b"{\"seq\":3,\"path\":\"/a\"}\n";
        for cut in 1..third.len() {
            let torn = &third[..cut];
            let (mended, kept, saved) = mended(&[WHOLE, torn].concat());
            assert_eq!((mended.last_seq, kept.as_slice(), saved.as_deref()), (Some(2), WHOLE, Some(torn)), "{cut}");
        }
    }

    #[test]
    fn whole_files_are_left_alone() {
        for (content, seq) in [(&b""[..], None), (WHOLE, Some(2))] {
            let (mended, kept, saved) = mended(content);
            assert_eq!((mended.last_seq, kept.as_slice(), saved), (seq, content, None));
        }
    }

    #[test]
    fn blocks_that_never_reached_the_disk_are_cut_even_when_long() {
        for hole in [vec![0; 100], vec![0; 3 << 20], [vec![0; 2 << 20], b"\n".to_vec()].concat(), b"\n\n".to_vec()] {
            let (mended, kept, saved) = mended(&[WHOLE, &hole].concat());
            assert_eq!((mended.last_seq, kept.as_slice()), (Some(2), WHOLE));
            assert_eq!(saved, Some(hole));
        }
    }
}
