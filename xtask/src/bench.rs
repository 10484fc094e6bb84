//! `cargo xtask bench proxy`: what a request costs, beside nginx, HAProxy and Envoy doing the same in the same run.
//! `cargo xtask bench firewall`: what rules cost ([`firewall`]).
//!
//! The figure that counts is CPU time of the proxy's processes per request, as a ratio to nginx: it hardly depends on what
//! else the machine does. Answers are checked before and after, so that a fast refusal is never reported as a fast proxy.

mod answer;
mod contestants;
mod cost;
mod durward;
mod firewall;
mod load;
mod memory;
mod payload;
mod report;

use crate::shell::{self, Words};
use anyhow::{Context, Result, bail};
use contestants::Contestant;
use load::Load;
use report::Report;
use std::path::PathBuf;
use std::time::Duration;

pub const HELP: &str = "\
usage: cargo xtask bench proxy [--short] [--seconds N] [--rounds N] [--without-durward | --binary FILE] [--write FILE]

CPU per request of nginx, HAProxy, Envoy and Durward on loopback, 2 workers each, wrk with 64 keep-alive connections, 1 KiB
JSON back, GET and a 1 KiB POST. Rounds are interleaved, their order turned round each time; medians are reported.
Durward runs twice: `bare` (every control that can be off is off) and `full` (API key, routing, parameter and JSON
validation, rate limit, audit record). The long form also measures memory: idle, and with 10,000 idle TLS connections.
  --short             2 rounds of 2 seconds, no memory; checks only that nothing is absurdly slow (CI)
  --seconds N         length of one measurement (default 5)
  --rounds N          how many rounds (default 5)
  --without-durward   only the others
  --binary FILE       measure this Durward instead of building the release
  --write FILE        put the tables between the markers `<!-- bench -->` and `<!-- /bench -->` of FILE

usage: cargo xtask bench firewall [--short] [--seconds N] [--rounds N] [--crs4 FOLDER] [--without-durward | --binary FILE]
                                  [--write FILE]

CPU per request of the OWASP Core Rule Set at paranoia level 1, blocking: nginx with libmodsecurity beside Durward, 1 worker
each, on a GET, JSON of 1 KiB and of 16 KiB, and an SQL injection that must be refused. Rule sets: 3.3.4 of Debian, and
version 4 where there is a folder of it (`--crs4`, or `crs4` in the folder that DURWARD_CORPORA names).
Durward is measured as a gateway, and its engine alone by the example `cost`; for libmodsecurity alone, what nginx costs
without it is taken off.
  --short             1 round of 2 seconds
  --seconds N         length of one measurement (default 5)
  --rounds N          how many rounds (default 3)
  --without-durward   without the gateway: its engine alone
  --binary FILE       measure this Durward instead of building the release
  --write FILE        put the table between `<!-- bench firewall -->` and `<!-- /bench firewall -->` of FILE
";

/// In CI only the absurd is an error: machines there are shared and the rounds are few.
const SANITY_RATIO: f64 = 8.0;

/// What was asked for.
struct Options {
    short: bool,
    time: Duration,
    rounds: u64,
    durward: bool,
    binary: Option<PathBuf>,
    write: Option<PathBuf>,
}

pub fn run(words: &[String]) -> Result<()> {
    match words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("proxy", rest)) => proxy(&options(rest)?),
        Some(("firewall", rest)) => firewall::run(rest),
        _ => bail!("say what to measure: `cargo xtask bench proxy` or `cargo xtask bench firewall`"),
    }
}

fn options(words: &[String]) -> Result<Options> {
    let mut words = Words::new(words);
    let short = words.flag("--short");
    let options = Options {
        short,
        time: Duration::from_secs(words.number("--seconds")?.unwrap_or(if short { 2 } else { 5 })),
        rounds: words.number("--rounds")?.unwrap_or(if short { 2 } else { 5 }),
        durward: !words.flag("--without-durward"),
        binary: words.option("--binary")?.map(PathBuf::from),
        write: words.option("--write")?.map(PathBuf::from),
    };
    words.end()?;
    Ok(options)
}

fn proxy(options: &Options) -> Result<()> {
    let place = shell::target().join("bench");
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    std::fs::create_dir_all(&place)?;
    for needed in ["nginx", "wrk"] {
        shell::which(needed).with_context(|| format!("`{needed}` is missing: run `cargo xtask peers`"))?;
    }
    let binary = if options.durward { Some(durward::binary(options.binary.as_deref())?) } else { None };
    let upstream = contestants::upstream(&place)?;
    let mut field = contestants::others(&place, upstream.port)?;
    if let Some(binary) = &binary {
        field.push(durward::start(durward::Variant::Bare, binary, &place, upstream.port)?);
        field.push(durward::start(durward::Variant::Full, binary, &place, upstream.port)?);
    }
    for contestant in &field {
        contestant.check().with_context(|| format!("{} does not answer as it must", contestant.name))?;
    }
    let mut report = Report::new(field.iter().map(|contestant| contestant.name).collect());
    for load in Load::ALL {
        for round in 0..options.rounds {
            measure_round(&field, load, round, options, &mut report)?;
        }
    }
    for contestant in &field {
        contestant.check().with_context(|| format!("{} no longer answers as it must", contestant.name))?;
        contestant
            .prove(report.requests(contestant.name))
            .with_context(|| format!("{} did not do the work", contestant.name))?;
        report.idle(contestant.name, contestant.memory()?);
    }
    drop(field);
    if let (Some(binary), false) = (&binary, options.short) {
        report.connections(memory::ten_thousand(binary, &place, upstream.port)?);
    }
    let text = report.text();
    println!("{text}");
    if let Some(file) = &options.write {
        report::write(&shell::root().join(file), "bench", &text)?;
    }
    report.sanity(SANITY_RATIO)
}

fn measure_round(field: &[Contestant], load: Load, round: u64, options: &Options, report: &mut Report) -> Result<()> {
    let mut order: Vec<&Contestant> = field.iter().collect();
    if round % 2 == 1 {
        order.reverse();
    }
    for contestant in order {
        let warm = Duration::from_secs(1);
        load::run(contestant, load, warm)?;
        let before = contestant.cpu()?;
        let run = load::run(contestant, load, options.time)?;
        let spent = contestant.cpu()?.saturating_sub(before);
        run.must_be_good(contestant.name, 100)?;
        report.add(contestant.name, load, &run, spent);
    }
    Ok(())
}
