//! `durward print`: the whole policy with its defaults.

use std::process::ExitCode;

use clap::Args;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::Terminal;

/// Show the whole policy with its defaults.
#[derive(Debug, Args)]
pub(crate) struct PrintArgs {}

pub(crate) fn run(_args: &PrintArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let policy = gateway::read_policy(&global.policy)?;
    if terminal.is_json() {
        terminal.json(&serde_json::to_value(&policy.document)?);
    } else {
        terminal.say(durward_policy::print(&policy).map_err(anyhow::Error::msg)?.trim_end());
    }
    Ok(ExitCode::SUCCESS)
}
