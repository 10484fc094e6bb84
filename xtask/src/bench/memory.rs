//! What ten thousand idle TLS connections cost. wrk opens them, asks on each a few times, and then holds them.

use super::contestants::Contestant;
use super::durward::{self, Variant};
use super::report::Connections;
use super::{cost, load, payload};
use crate::shell::{self, Running};
use anyhow::{Context, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const COUNT: usize = 10_000;

/// How long the connections are busy before they idle, and how long wrk stays in all: seconds.
const BUSY: u64 = 20;
const STAY: u64 = 45;

/// Starts a gateway of its own and measures it before and while the connections are held.
pub fn ten_thousand(binary: &Path, place: &Path, upstream: u16) -> Result<Connections> {
    allow_files(COUNT as u64 + 500)?;
    let durward = durward::start(Variant::Tls, binary, place, upstream)?;
    let fresh = durward.memory()?;
    let script = durward.place.join("hold.lua");
    std::fs::write(&script, hold(&durward))?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", &format!("-c{COUNT}"), "-d", &format!("{STAY}s"), "--timeout", "60s", "-s"]).arg(&script);
    let log = durward.place.join("wrk.log");
    let mut holder = Running::start(wrk.arg(format!("https://127.0.0.1:{}{}", durward.port, payload::GET)), &log)?;
    let quiet = || shell::until(Duration::from_secs(1), || false);
    quiet();
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_secs(BUSY + 8) && !holder.ended() {
        quiet();
    }
    let held = cost::connections(durward.port)?;
    let loaded = durward.memory()?;
    if held < COUNT {
        bail!("only {held} of {COUNT} connections are open: {}", std::fs::read_to_string(&log).unwrap_or_default());
    }
    shell::until(Duration::from_secs(STAY), || holder.ended());
    let text = std::fs::read_to_string(&log)?;
    let run = load::read(&text).with_context(|| format!("wrk did not finish:\n{text}"))?;
    run.must_be_good(durward.name, COUNT as u64)?;
    Ok(Connections { held, fresh, loaded })
}

/// Each connection asks every few seconds while others are still being opened, and then no more.
fn hold(durward: &Contestant) -> String {
    let quiet = format!(
        "local start = os.time()\nfunction delay()\n  if os.time() - start < {BUSY} then return math.random(1000, 10000) end\n  return 3600000\nend\n"
    );
    load::lua(load::Load::Get, &durward.headers) + &quiet
}

/// Raises the number of files that this process and its children may open, as far as the machine lets it.
fn allow_files(wanted: u64) -> Result<()> {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let mut attempts = [now.maximum.map(|maximum| maximum.max(wanted)), now.maximum].into_iter();
    let raised = attempts
        .any(|maximum| setrlimit(Resource::Nofile, Rlimit { current: maximum.or(Some(wanted)), maximum }).is_ok());
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if !raised || allowed < wanted {
        bail!("{wanted} open files are needed and {allowed} are allowed: raise `ulimit -n`");
    }
    Ok(())
}
