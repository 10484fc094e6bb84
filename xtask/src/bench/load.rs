//! The load: wrk, one thread, 64 keep-alive connections.

use super::contestants::Contestant;
use super::payload;
use crate::shell;
use anyhow::{Context, Result, bail};
use std::process::Command;
use std::time::Duration;

/// What is asked for, over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Load {
    Get,
    Post,
}

impl Load {
    pub const ALL: [Self; 2] = [Self::Get, Self::Post];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST 1 KiB JSON",
        }
    }
}

/// What wrk saw.
#[derive(Debug, Default, PartialEq)]
pub struct Run {
    pub requests: u64,
    /// Answers other than 2xx and 3xx.
    pub refused: u64,
    /// Failed connects, reads and writes, and time-outs.
    pub broken: u64,
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

/// Loads one contestant for a while.
pub fn run(contestant: &Contestant, load: Load, time: Duration) -> Result<Run> {
    let script = contestant.place.join(format!("{load:?}.lua"));
    std::fs::write(&script, lua(load, &contestant.headers))?;
    let path = if load == Load::Get { payload::GET } else { payload::POST };
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c64", "-d", &format!("{}s", time.as_secs()), "-s"]).arg(&script);
    let text = shell::output(wrk.arg(format!("http://127.0.0.1:{}{path}", contestant.port)))?;
    read(&text).with_context(|| format!("wrk did not finish:\n{text}"))
}

/// The request, and [`FIGURES`].
pub fn lua(load: Load, headers: &[(&str, String)]) -> String {
    let mut script = String::new();
    for (name, value) in headers {
        script += &format!("wrk.headers[\"{name}\"] = \"{value}\"\n");
    }
    if load == Load::Post {
        script += &format!(
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = [=[{}]=]\n",
            payload::order()
        );
    }
    script + FIGURES
}

/// Makes wrk print one line of figures that needs no guessing at units.
pub const FIGURES: &str = r#"function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
    e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"#;

pub fn read(text: &str) -> Option<Run> {
    let line = text.lines().find_map(|line| line.strip_prefix("figures "))?;
    let mut figures = line.split(' ').map(|figure| figure.parse::<u64>().ok());
    let mut next = || figures.next().flatten();
    let (requests, micros, refused, broken, p50, p99) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let per_second = real(requests) / Duration::from_micros(micros).as_secs_f64();
    Some(Run { requests, refused, broken, per_second, p50: real(p50), p99: real(p99) })
}

impl Run {
    /// Fails when too little was asked, or anything was not answered as it must be.
    pub fn must_be_good(&self, name: &str, least: u64) -> Result<()> {
        if self.requests < least || self.refused + self.broken > 0 {
            bail!(
                "{name}: {} answers, of them {} refused; {} broken connections or time-outs",
                self.requests,
                self.refused,
                self.broken
            );
        }
        Ok(())
    }
}

/// Counts here are far below 2^53.
pub fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_read() {
        let run = read("Running 1s test\nfigures 1000 2000000 0 0 950 4670\n").unwrap();
        assert_eq!(run, Run { requests: 1000, refused: 0, broken: 0, per_second: 500.0, p50: 950.0, p99: 4670.0 });
        assert!(read("unable to connect").is_none());
    }

    #[test]
    fn the_script_carries_key_and_body() {
        let script = lua(Load::Post, &[("X-API-Key", "k".into())]);
        assert!(script.contains(r#"wrk.headers["X-API-Key"] = "k""#) && script.contains(&payload::order()));
        assert!(!lua(Load::Get, &[]).contains("POST"));
    }
}
