//! `durward reload`: the running gateway reads its policy again.

use std::process::ExitCode;

use clap::Args;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::Terminal;

/// Have the running gateway read its policy again. A bad document changes nothing.
#[derive(Debug, Args)]
pub(crate) struct ReloadArgs {}

pub(crate) fn run(_args: &ReloadArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let client = gateway::admin_client(&global.policy)?;
    let answer = gateway::block_on(client.reload())??;
    terminal.say(&answer);
    Ok(ExitCode::SUCCESS)
}
