//! `durward check`: mistakes in the policy and its contracts.

use std::process::ExitCode;

use clap::Args;
use durward_core::Diagnostics;
use serde_json::json;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::{Detail, Terminal, as_json, count};

/// Find mistakes in the policy and in every file that it names. Exits with 1 when there is one.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Show each finding, also the hundredth of its kind.
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(args: &CheckArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let detail = if args.all { Detail::All } else { Detail::Grouped };
    let compiled = match gateway::inspect(&global.policy) {
        Ok(compiled) => compiled,
        Err(error) => match error.downcast_ref::<Diagnostics>() {
            Some(found) => {
                terminal.refuse(found, detail);
                return Ok(ExitCode::FAILURE);
            }
            None => return Err(error),
        },
    };
    let (apis, operations) =
        (compiled.plan.apis.len(), compiled.plan.apis.iter().map(|api| api.sites.len()).sum::<usize>());
    if terminal.is_json() {
        let warnings: Vec<_> = compiled.warnings.as_slice().iter().map(as_json).collect();
        terminal.json(&json!({ "ok": true, "apis": apis, "operations": operations, "diagnostics": warnings }));
        return Ok(ExitCode::SUCCESS);
    }
    terminal.diagnose(&compiled.warnings, detail);
    let verdict = match compiled.warnings.as_slice().len() {
        0 => "right".to_owned(),
        warnings => {
            terminal.note("");
            format!("no mistakes, {}", count(warnings, "warning"))
        }
    };
    terminal.say(&format!(
        "{}: {verdict}; {} in {}",
        global.policy.display(),
        count(operations, "operation"),
        count(apis, "API")
    ));
    Ok(ExitCode::SUCCESS)
}
