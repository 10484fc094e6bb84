//! What this process has used so far.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Resident memory in bytes. It holds what the allocator keeps for later too, so it is more than what is in use.
#[allow(dead_code, reason = "the tests share this file and ask for time only")]
pub(crate) fn memory() -> i64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).expect("a line of resident memory");
    line.trim().trim_end_matches(" kB").parse::<i64>().expect("a number of KiB") * 1024
}
