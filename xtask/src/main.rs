//! Development tasks, started as `cargo xtask TASK`.
//!
//! Everything that builds, checks, measures or installs something for Durward's developers is here, in Rust, one file per task
//! and one line per task in [`task::TASKS`]. It is never part of the product and depends on little, so that it builds in seconds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a development tool talks to its terminal")]

mod bench;
mod docs;
mod fuzz_smoke;
mod layers;
mod peers;
mod shell;
mod spine;
mod suite;
mod task;

use std::process::ExitCode;
use task::{TASKS, list};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = words.split_first().filter(|(name, _)| !matches!(name.as_str(), "-h" | "--help")) else {
        list();
        return ExitCode::SUCCESS;
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        eprintln!("error: no task is named `{name}`\n");
        list();
        return ExitCode::from(2);
    };
    if rest.iter().any(|word| word == "-h" || word == "--help") {
        print!("{}", task.help);
        return ExitCode::SUCCESS;
    }
    match (task.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
