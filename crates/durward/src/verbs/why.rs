//! `durward why`: the decision trail of one request.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Args;
use durward_core::RequestId;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::Terminal;

/// Show why a request was answered as it was: the trail of its decisions, down to the policy line.
#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// The request id, as in the answer's `x-request-id`.
    id: String,
    /// The folder of the audit log; default the policy's.
    #[arg(long, value_name = "FOLDER")]
    log: Option<PathBuf>,
}

pub(crate) fn run(args: &WhyArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let id = RequestId::parse(&args.id)
        .ok_or_else(|| anyhow!("`{}` is not a request id; it is the 26 characters in `x-request-id`", args.id))?;
    let folder = match &args.log {
        Some(folder) => folder.clone(),
        None => gateway::record_folder(&global.policy)?,
    };
    if !folder.exists() {
        bail!(
            "there is no audit log at `{}`: no gateway has run with this policy; `--policy` or `--log` names another",
            folder.display()
        );
    }
    let Some(line) = durward_record::find(&folder, id)? else {
        bail!(
            "no record of {id} in `{}`: the request was another gateway's, or its record is too old and was removed",
            folder.display()
        );
    };
    if terminal.is_json() {
        terminal.json(&serde_json::to_value(&line)?);
    } else {
        terminal.say(durward_record::render(&line, terminal.color()).trim_end());
    }
    Ok(ExitCode::SUCCESS)
}
