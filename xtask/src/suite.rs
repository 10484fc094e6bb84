//! `cargo xtask test`: everything CI runs, in one place, so that a developer sees the same.
//!
//! Every step runs even after another failed. What could not run because something is missing is named as skipped; it is never
//! counted as passed.

use crate::shell::{self, Words};
use crate::{bench, docs, fuzz_smoke, layers, peers, spine};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::{Duration, Instant};

pub const HELP: &str = "\
usage: cargo xtask test [--quick]

Runs everything CI runs: format, clippy, peers, walls, generated docs, the spine, all tests (nextest where it is installed), doc tests, the release
build, the demo's proofs, every fuzz target for 5 seconds, a short benchmark. Ends with a table and a line of counts.
  --quick   leave out the release build and what needs it (demo, bench), and the fuzz targets
";

struct Step {
    name: &'static str,
    quick: bool,
    run: fn() -> Result<()>,
}

const STEPS: [Step; 12] = [
    Step { name: "fmt", quick: true, run: || cargo(&["fmt", "--all", "--check"]) },
    Step { name: "clippy", quick: true, run: clippy },
    Step { name: "peers", quick: true, run: || peers::run(&[]) },
    Step { name: "layers", quick: true, run: || layers::run(&[]) },
    Step { name: "docs", quick: true, run: || docs::run(&["--check".into()]) },
    Step { name: "spine", quick: true, run: || spine::run(&[]) },
    Step { name: "tests", quick: true, run: tests },
    Step { name: "doc tests", quick: true, run: || cargo(&["test", "--workspace", "--doc", "--quiet"]) },
    Step { name: "release build", quick: false, run: || cargo(&["build", "--release", "--package", "durward"]) },
    Step { name: "demo", quick: false, run: demo },
    Step { name: "fuzz-smoke", quick: false, run: || fuzz_smoke::run(&["--seconds".into(), "5".into()]) },
    Step { name: "bench", quick: false, run: || bench::run(&["proxy".into(), "--short".into()]) },
];

/// How a step ended, and how long it took.
struct Ended {
    name: &'static str,
    time: Duration,
    error: Option<String>,
}

/// Runs the steps, prints the table, and fails when a step failed.
pub fn run(words: &[String]) -> Result<()> {
    let mut words = Words::new(words);
    let quick = words.flag("--quick");
    words.end()?;
    let ended: Vec<Ended> = STEPS.iter().filter(|step| step.quick || !quick).map(perform).collect();
    println!("\n===== summary =====");
    for step in &ended {
        let outcome = step.error.as_ref().map_or_else(|| "passed".into(), |error| format!("FAILED  {error}"));
        println!("{:<14} {:>6.1} s  {outcome}", step.name, step.time.as_secs_f64());
    }
    let mut skipped: Vec<String> = peers::missing().iter().map(|peer| format!("peer missing: {peer}")).collect();
    if quick {
        skipped.extend(STEPS.iter().filter(|step| !step.quick).map(|step| format!("{}: --quick", step.name)));
    }
    skipped.iter().for_each(|what| println!("SKIPPED ({what})"));
    let failed = ended.iter().filter(|step| step.error.is_some()).count();
    println!("steps: {} passed, {failed} failed, {} skipped", ended.len() - failed, skipped.len());
    // Last, and alone on its line: what CI reads.
    println!("{} passed, {failed} failed", ended.len() - failed);
    if failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn perform(step: &Step) -> Ended {
    println!("\n===== {} =====", step.name);
    let start = Instant::now();
    let error = (step.run)().err().map(|error| format!("{error:#}"));
    if let Some(error) = &error {
        println!("FAILED: {error}");
    }
    Ended { name: step.name, time: start.elapsed(), error }
}

fn cargo(words: &[&str]) -> Result<()> {
    shell::must(shell::cargo().args(words))
}

fn clippy() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])
}

fn tests() -> Result<()> {
    let mut command = shell::cargo();
    if shell::which("cargo-nextest").is_some() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        println!("cargo-nextest is not installed: using `cargo test`");
        command.args(["test", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    if peers::missing().is_empty() {
        command.env("DURWARD_REQUIRE_PEERS", "1");
    }
    shell::must(command.env("DURWARD_PEERS", peers::folder()))
}

/// The demo proves itself with real requests and ends with an error when a proof does not hold.
fn demo() -> Result<()> {
    let binary = shell::target().join("release/durward");
    if !binary.exists() {
        bail!("there is no release build");
    }
    shell::must(Command::new(binary).current_dir(shell::root()).args(["demo", "--once"]))
}
