//! `durward reload`: the running gateway reads its policy again.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::Terminal;

/// Have the running gateway read its policy again. A bad document changes nothing.
#[derive(Debug, Args)]
pub(crate) struct ReloadArgs {}

pub(crate) fn run(_args: &ReloadArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let client = gateway::admin_client(&global.policy)?;
    let answer = gateway::block_on(client.reload())??;
    if terminal.is_json() {
        terminal.json(&json!({ "ok": true, "outcome": answer }));
    } else {
        terminal.say(&answer);
    }
    Ok(ExitCode::SUCCESS)
}
