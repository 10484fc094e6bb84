//! What a process and its children have used, from `/proc`.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// CPU time of the process and all its descendants: `/proc/PID/task/*/schedstat` is exact to the nanosecond, where
/// `utime` counts ticks.
pub fn cpu(root: u32) -> Result<Duration> {
    let mut nanos = 0;
    for pid in tree(root)? {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten() {
            // A thread may end between the listing and the look.
            let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            nanos += text.split(' ').next().and_then(|field| field.parse::<u64>().ok()).unwrap_or_default();
        }
    }
    if nanos == 0 {
        bail!("process {root} has used no time: is it gone, or does this kernel have no schedstat");
    }
    Ok(Duration::from_nanos(nanos))
}

/// Resident memory of the process and all its descendants in KiB. Pages that they share are counted for each.
pub fn memory(root: u32) -> Result<u64> {
    let mut total = 0;
    for pid in tree(root)? {
        let text =
            fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("cannot read the memory of a process")?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        total += line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(total)
}

/// Established connections to the loopback port, as the kernel counts them.
pub fn connections(port: u16) -> Result<usize> {
    let local = format!("0100007F:{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table
        .lines()
        .filter(|line| {
            let mut fields = line.split_whitespace().skip(1);
            fields.next() == Some(local.as_str()) && fields.nth(1) == Some("01")
        })
        .count())
}

/// The process and its descendants.
fn tree(root: u32) -> Result<Vec<u32>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = parent(&entry.path()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut all = vec![root];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        all.extend(children.get(&pid).into_iter().flatten());
        next += 1;
    }
    Ok(all)
}

/// The fourth field of `stat`; the second is the name in parentheses and may hold anything.
fn parent(process: &std::path::Path) -> Option<u32> {
    let stat = fs::read_to_string(PathBuf::from(process).join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_time_and_memory() {
        let pid = std::process::id();
        assert!(cpu(pid).unwrap() > Duration::ZERO);
        assert!(memory(pid).unwrap() > 100);
    }
}
