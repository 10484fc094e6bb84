//! `durward run`: the gateway.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::cli::Global;
use crate::gateway::{Gateway, run_until_stopped};
use crate::terminal::Terminal;

/// Run the gateway. SIGTERM drains and ends it, SIGHUP reloads its policy; a change of the files does so too.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {}

pub(crate) fn run(_args: &RunArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let mut gateway = Gateway::start(&global.policy, runtime.handle(), terminal)?;
    for url in gateway.urls() {
        terminal.note(&format!("listening on {url}"));
    }
    terminal.note("ready");
    runtime.block_on(run_until_stopped(&mut gateway, *terminal))?;
    terminal.note("draining");
    // Key sets may still be needed while requests finish, so the runtime goes on meanwhile.
    let stopping = runtime.handle().spawn_blocking(move || gateway.stop());
    let unfinished = runtime.block_on(stopping).context("drain")??;
    if unfinished > 0 {
        terminal.note(&format!("{unfinished} connections were cut off"));
    }
    Ok(ExitCode::SUCCESS)
}
