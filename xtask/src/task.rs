//! The tasks: one row each.

use crate::{bench, docs, fuzz_smoke, layers, peers, spine, suite};

/// One task: its name, one line for the list, its own help, and what runs it with the words after its name.
pub struct Task {
    pub name: &'static str,
    pub summary: &'static str,
    pub help: &'static str,
    pub run: fn(&[String]) -> anyhow::Result<()>,
}

pub const TASKS: [Task; 7] = [
    Task { name: "test", summary: "everything CI runs, with a summary at the end", help: suite::HELP, run: suite::run },
    Task {
        name: "layers",
        summary: "the walls between crates, and house tidiness",
        help: layers::HELP,
        run: layers::run,
    },
    Task {
        name: "peers",
        summary: "install what the tests talk to, into target/peers",
        help: peers::HELP,
        run: peers::run,
    },
    Task {
        name: "spine",
        summary: "a stage removed from admit() does not compile",
        help: spine::HELP,
        run: spine::run,
    },
    Task { name: "docs", summary: "the reference, generated from the code", help: docs::HELP, run: docs::run },
    Task {
        name: "bench",
        summary: "measure against nginx, libmodsecurity, HAProxy and Envoy",
        help: bench::HELP,
        run: bench::run,
    },
    Task {
        name: "fuzz-smoke",
        summary: "run every fuzz target for a while",
        help: fuzz_smoke::HELP,
        run: fuzz_smoke::run,
    },
];

/// Prints the list.
pub fn list() {
    println!("usage: cargo xtask TASK [OPTIONS]     (`cargo xtask TASK --help` for one task)\n");
    TASKS.iter().for_each(|task| println!("  {:<12}{}", task.name, task.summary));
}
