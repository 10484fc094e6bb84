//! Finds the line of one request without an index: ids and files are ordered by time, and a file is read from its end.

use std::fs::File;
use std::path::Path;

use durward_core::{Moment, RequestId, RequestIds};

use crate::error::doing;
use crate::tail::{WINDOW, read_range};
use crate::{RecordError, RecordLine, segment};

/// How far the clock that names files may be behind the clock that made an id.
const CLOCK_SLACK_NANOS: u64 = 300_000_000_000;

/// The line of a request, if the log still has it. May run while the log is written.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn find(dir: &Path, id: RequestId) -> Result<Option<RecordLine>, RecordError> {
    let segments = segment::list(dir)?;
    // A line is written when its request is done, so it stands in the file of its own time or in a later one (a
    // WebSocket lives for hours): files that ended before the id was made cannot hold it.
    let ended_before = |end: u64| end != 0 && first_id_at(end.saturating_add(CLOCK_SLACK_NANOS)) < id;
    let mut end_of_older = 0_u64;
    let mut candidates = Vec::new();
    for segment in segments.iter().rev() {
        if ended_before(end_of_older) {
            break;
        }
        candidates.push(segment);
        end_of_older = segment.begun;
    }
    let text = id.to_string();
    // The file of the id's own time first: nearly every request is done within seconds.
    for segment in candidates.into_iter().rev() {
        match File::open(&segment.path) {
            Ok(file) => {
                if let Some(line) = find_in(&file, &text).map_err(doing("read", &segment.path))? {
                    return Ok(Some(line));
                }
            }
            // Retention may remove a file between the listing and the reading.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(doing("open", &segment.path)(error)),
        }
    }
    Ok(None)
}

/// A bound below every id made at or after a time.
fn first_id_at(unix_nanos: u64) -> RequestId {
    RequestIds::new(0).next(Moment::new(unix_nanos, 0))
}

/// Searches windows from the end; each reaches so far into the next that no line is split between both.
fn find_in(file: &File, id: &str) -> std::io::Result<Option<RecordLine>> {
    const OVERLAP: u64 = 256 << 10;
    let needle = format!("\"id\":\"{id}\"");
    let finder = memchr::memmem::FinderRev::new(&needle);
    let mut buffer = Vec::new();
    let mut end = file.metadata()?.len();
    loop {
        let start = end.saturating_sub(WINDOW);
        read_range(file, start, end, &mut buffer)?;
        let mut rest = buffer.as_slice();
        while let Some(at) = finder.rfind(rest) {
            if let Some(line) = line_at(&buffer, at).filter(|line| line.id == id) {
                return Ok(Some(line));
            }
            rest = rest.get(..at).unwrap_or_default();
        }
        if start == 0 {
            return Ok(None);
        }
        end = start.saturating_add(OVERLAP);
    }
}

/// Reads the whole line around a place; none if it is torn or not a request's line.
fn line_at(buffer: &[u8], at: usize) -> Option<RecordLine> {
    let (before, after) = buffer.split_at_checked(at)?;
    let from = memchr::memrchr(b'\n', before).map_or(0, |newline| newline.saturating_add(1));
    let to = at.saturating_add(memchr::memchr(b'\n', after)?);
    serde_json::from_slice(buffer.get(from..to)?).ok()
}
