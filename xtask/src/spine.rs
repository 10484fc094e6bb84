//! `cargo xtask spine`: a stage removed from `admit` does not compile.
//!
//! The claim is about code that is not there, so it is tested by taking it away: in a copy of the workspace, each stage's
//! line is removed from `admit.rs` in turn, and the compiler must refuse what is left.

use crate::shell;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

pub const HELP: &str = "\
usage: cargo xtask spine

Copies the workspace to target/spine, removes each stage from admit() in turn, and expects the compiler to refuse.
";

/// The function whose lines are taken away.
const ADMIT: &str = "crates/durward-pipeline/src/admit.rs";
/// Stages that `admit` had when this was written: fewer found means that this check lost its grip.
const AT_LEAST: usize = 8;

pub fn run(words: &[String]) -> Result<()> {
    shell::Words::new(words).end()?;
    let copy = shell::target().join("spine");
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    for name in ["Cargo.toml", "Cargo.lock", "crates", "xtask", ".cargo"] {
        duplicate(&shell::root().join(name), &copy.join(name))?;
    }
    let file = copy.join(ADMIT);
    let whole = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    ensure!(compiles(&copy)?, "the copy does not compile as it is");
    let stages: Vec<&str> = whole.lines().filter(|line| is_stage(line)).collect();
    ensure!(stages.len() >= AT_LEAST, "only {} stages found in {ADMIT}", stages.len());
    let mut kept = Vec::new();
    for stage in &stages {
        let rest: Vec<&str> = whole.lines().filter(|line| line != stage).collect();
        fs::write(&file, rest.join("\n"))?;
        if compiles(&copy)? {
            kept.push(stage.trim());
        } else {
            println!("refused without: {}", stage.trim());
        }
    }
    fs::remove_dir_all(&copy)?;
    if !kept.is_empty() {
        bail!("compiles although a stage is missing:\n  {}", kept.join("\n  "));
    }
    println!("{} stages, none can be left out", stages.len());
    Ok(())
}

fn is_stage(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("let ") && (line.contains("trail.require(") || line.contains("trail.settle("))
}

/// With the ordinary target folder, so that the libraries of others are not built again.
fn compiles(copy: &Path) -> Result<bool> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["check", "--quiet", "--package", "durward-pipeline"]).current_dir(copy);
    command.env("CARGO_TARGET_DIR", shell::target());
    let output = command.output().context("cargo check")?;
    let said = String::from_utf8_lossy(&output.stderr);
    // A machine without the crates would refuse everything: only the compiler's own word counts.
    ensure!(
        output.status.success() || said.contains("durward-pipeline"),
        "cargo check failed for another reason:\n{said}"
    );
    Ok(output.status.success())
}

fn duplicate(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            duplicate(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        fs::copy(from, to).with_context(|| from.display().to_string())?;
    }
    Ok(())
}
