//! `cargo xtask fuzz-smoke`: every parser of hostile input, under libFuzzer, for a while.
//!
//! The fuzz crate stands outside the workspace, with a target folder of its own, because everything it links is built with
//! coverage counters. Stable rustc has the flags for them; what nightly would add, address checks, matters little where
//! `unsafe` is forbidden.

use crate::shell::{self, Words};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const HELP: &str = "\
usage: cargo xtask fuzz-smoke [--seconds N] [--target NAME]

Builds the fuzz targets (fuzz/targets) with coverage on stable Rust and runs each for N seconds (default 30), starting from
fuzz/seeds/NAME and what earlier runs found (fuzz/corpus/NAME). A crash is kept in fuzz/artifacts/NAME; replay it with
  fuzz/target/TRIPLE/release/NAME FILE
  --target NAME   only this one
";

const COVERAGE: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Largest input libFuzzer makes: enough for every limit that the parsers have in their fuzz targets.
const MAX_LEN: u32 = 8192;

pub fn run(words: &[String]) -> Result<()> {
    let mut words = Words::new(words);
    let seconds = words.number("--seconds")?.unwrap_or(30);
    let only = words.option("--target")?;
    words.end()?;
    let home = shell::root().join("fuzz");
    let mut targets = targets(&home)?;
    targets.retain(|target| only.is_none_or(|only| only == target));
    if targets.is_empty() {
        bail!("no such target in fuzz/targets");
    }
    let binaries = build(&home)?;
    let mut crashed = Vec::new();
    for target in &targets {
        if let Err(error) = smoke(&home, &binaries, target, seconds) {
            println!("{target}: {error:#}");
            crashed.push(target.as_str());
        }
    }
    if !crashed.is_empty() {
        bail!("{} of {} targets failed: {}", crashed.len(), targets.len(), crashed.join(", "));
    }
    println!("{} targets, {seconds} s each, no crash", targets.len());
    Ok(())
}

/// A target is a file in `fuzz/targets`.
fn targets(home: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(home.join("targets")).context("there is no fuzz/targets")? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Naming the target triple keeps the flags away from build scripts and macros, which run on their own.
fn build(home: &Path) -> Result<PathBuf> {
    let triple = shell::output(Command::new("rustc").args(["--print", "host-tuple"]))?.trim().to_owned();
    let mut cargo = shell::cargo();
    cargo.current_dir(home).env("RUSTFLAGS", COVERAGE.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.args(["build", "--release", "--bins", "--quiet", "--target", &triple, "--target-dir", "target"]);
    shell::must(&mut cargo)?;
    Ok(home.join("target").join(triple).join("release"))
}

fn smoke(home: &Path, binaries: &Path, target: &str, seconds: u64) -> Result<()> {
    let folder = |kind: &str| -> Result<PathBuf> {
        let path = home.join(kind).join(target);
        fs::create_dir_all(&path)?;
        Ok(path)
    };
    let (corpus, artifacts) = (folder("corpus")?, folder("artifacts")?);
    let seeds = home.join("seeds").join(target);
    if fs::read_dir(&seeds).map_or(0, Iterator::count) == 0 {
        bail!("fuzz/seeds/{target} has no seed");
    }
    let binary = binaries.join(target);
    let mut fuzzer = Command::new(&binary);
    fuzzer.current_dir(home).arg(&corpus).arg(&seeds);
    fuzzer.args([format!("-max_total_time={seconds}"), format!("-max_len={MAX_LEN}")]);
    fuzzer.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0"]);
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let out = fuzzer.output().with_context(|| format!("cannot start {}", binary.display()))?;
    let text = String::from_utf8_lossy(&out.stderr);
    if !out.status.success() {
        println!("{text}");
        bail!("{}", replay(&text, &binary));
    }
    let runs = stat(&text, "stat::number_of_executed_units:");
    if runs == 0 {
        bail!("not one input was run:\n{text}");
    }
    println!("{target:<10} {runs:>10} inputs, {} in the corpus", fs::read_dir(&corpus)?.count());
    Ok(())
}

fn stat(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or_default()
}

/// libFuzzer says `Test unit written to PATH`.
fn replay(text: &str, binary: &Path) -> String {
    match text.lines().find_map(|line| line.split_once("Test unit written to ")) {
        Some((_, input)) => format!("crash kept in {input}; replay: {} {input}", binary.display()),
        None => "ended with an error and left no input".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libfuzzer_is_understood() {
        let text = "artifact_prefix='a/'; Test unit written to a/crash-1\nstat::number_of_executed_units: 42\n";
        assert_eq!(replay(text, Path::new("t")), "crash kept in a/crash-1; replay: t a/crash-1");
        assert_eq!(stat(text, "stat::number_of_executed_units:"), 42);
    }

    #[test]
    fn every_target_has_seeds_and_a_binary() {
        let home = shell::root().join("fuzz");
        let manifest = fs::read_to_string(home.join("Cargo.toml")).unwrap();
        for target in targets(&home).unwrap() {
            assert!(
                manifest.contains(&format!("path = \"targets/{target}.rs\"")),
                "{target} is not in fuzz/Cargo.toml"
            );
            assert!(fs::read_dir(home.join("seeds").join(&target)).unwrap().count() > 0, "{target} has no seeds");
        }
    }
}
