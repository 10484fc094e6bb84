//! The Durward binary: one file per verb under `verbs`, and nothing decided here.

mod cli;
mod demo;
mod gateway;
mod terminal;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Verb};
use crate::terminal::Terminal;

/// Records are freed by another thread than the one that made them, which the system's allocator does slowly: measured
/// with this one, a proxied request costs about a tenth less CPU (`docs/adr/0004-allocator.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.global.color, cli.global.output);
    let global = &cli.global;
    let done = match cli.verb {
        Verb::Init(args) => verbs::init::run(&args, global, &terminal),
        Verb::Check(args) => verbs::check::run(&args, global, &terminal),
        Verb::Run(args) => verbs::run::run(&args, global, &terminal),
        Verb::Print(args) => verbs::print::run(&args, global, &terminal),
        Verb::Explain(args) => verbs::explain::run(&args, global, &terminal),
        Verb::Why(args) => verbs::why::run(&args, global, &terminal),
        Verb::Reload(args) => verbs::reload::run(&args, global, &terminal),
        Verb::Keys(args) => verbs::keys::run(&args, global, &terminal),
        Verb::Demo(args) => verbs::demo::run(&args, &terminal),
        Verb::Completion(args) => verbs::completion::run(&args, &terminal),
    };
    done.unwrap_or_else(|error| {
        terminal.complain(&error);
        ExitCode::FAILURE
    })
}
