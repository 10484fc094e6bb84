//! `durward check`: mistakes in the policy and its contracts.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::{Terminal, as_json};

/// Find mistakes in the policy and its contracts. Exits with 1 when there is one.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {}

pub(crate) fn run(_args: &CheckArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let compiled = gateway::compile_offline(&global.policy)?;
    let (apis, operations) =
        (compiled.plan.apis.len(), compiled.plan.apis.iter().map(|api| api.sites.len()).sum::<usize>());
    if terminal.is_json() {
        let warnings: Vec<_> = compiled.warnings.as_slice().iter().map(as_json).collect();
        terminal.json(&json!({ "ok": true, "apis": apis, "operations": operations, "diagnostics": warnings }));
    } else {
        terminal.diagnose(&compiled.warnings);
        terminal.say(&format!("{}: right; {operations} operations in {apis} APIs", global.policy.display()));
    }
    Ok(ExitCode::SUCCESS)
}
