//! `durward init`: a secure policy for an API.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use durward_contract::Contract;
use durward_policy::{Disk, Files};
use serde_json::json;

use crate::cli::Global;
use crate::terminal::Terminal;

/// Write a secure policy for an API.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The OpenAPI document, JSON or YAML.
    spec: PathBuf,
    /// Where the API runs.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    upstream: String,
    /// Replace a policy file that exists.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &InitArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let loaded = Contract::load(&args.spec, &|path: &Path| Disk.text(path))?;
    let folder = global.policy.parent().unwrap_or(Path::new(""));
    let spec = args.spec.strip_prefix(folder).unwrap_or(&args.spec);
    let text = durward_policy::init(&loaded.contract, &spec.display().to_string(), &args.upstream)?;
    write(&global.policy, &text, args.force)?;
    let operations = loaded.contract.operations().len();
    if terminal.is_json() {
        terminal.json(&json!({ "policy": global.policy, "operations": operations }));
        return Ok(ExitCode::SUCCESS);
    }
    terminal.diagnose(&loaded.warnings);
    terminal.say(&format!(
        "wrote {}: {} operations of \"{}\"\n\nnext:\n  durward check    is everything in place?\n  durward run      start the gateway",
        global.policy.display(),
        operations,
        loaded.contract.title(),
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    match options.open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("`{}` exists; use --force to replace it, or --policy to write another file", path.display())
        }
        Err(error) => Err(error).with_context(|| format!("cannot write `{}`", path.display())),
    }
}
