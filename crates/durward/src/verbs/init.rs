//! `durward init`: a secure policy for an API.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use durward_contract::{Contract, Loaded};
use durward_core::Diagnostics;
use durward_policy::{Disk, Files};
use serde_json::json;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::{Detail, Terminal, as_json, count};

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
    let folder = global.policy.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    let spec = seen_from(folder, &args.spec)?;
    let text = durward_policy::init(&loaded.contract, &spec.display().to_string(), &args.upstream)?;
    write(&global.policy, &text, args.force)?;
    let found = match gateway::inspect(&global.policy) {
        Ok(compiled) => compiled.warnings,
        Err(error) => error.downcast::<Diagnostics>()?,
    };
    if terminal.is_json() {
        let diagnostics: Vec<_> = found.as_slice().iter().map(as_json).collect();
        terminal.json(&json!({
            "ok": !found.has_errors(),
            "policy": global.policy,
            "operations": loaded.contract.operations().len(),
            "diagnostics": diagnostics,
        }));
    } else {
        tell(&found, &loaded, global, terminal);
    }
    Ok(ExitCode::SUCCESS)
}

/// What was written, what is left to decide, and how to go on.
fn tell(found: &Diagnostics, loaded: &Loaded, global: &Global, terminal: &Terminal) {
    terminal.diagnose(found, Detail::Grouped);
    if !found.as_slice().is_empty() {
        terminal.note("");
    }
    let operations = count(loaded.contract.operations().len(), "operation");
    terminal.say(&format!("wrote {}: {operations} of \"{}\"", global.policy.display(), loaded.contract.title()));
    let named = if global.policy == Path::new("durward.toml") {
        String::new()
    } else {
        format!(" --policy {}", global.policy.display())
    };
    if found.has_errors() {
        terminal.say(&format!(
            "\nthe contract leaves something for you to decide first: see above, edit {}, then\n  \
             durward check{named}    is everything in place?",
            global.policy.display()
        ));
    } else {
        terminal.say(&format!(
            "\nnext:\n  durward check{named}    is everything in place?\n  durward run{named}      start the gateway"
        ));
    }
}

/// The path of a file as a policy in this folder names it.
fn seen_from(folder: Option<&Path>, file: &Path) -> anyhow::Result<PathBuf> {
    let Some(folder) = folder.filter(|_| file.is_relative()) else { return Ok(file.to_owned()) };
    let whole = |path: &Path| path.canonicalize().with_context(|| format!("cannot find where `{}` is", path.display()));
    let (folder, file) = (whole(folder)?, whole(file)?);
    let same = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| Component::ParentDir);
    Ok(up.chain(file.components().skip(same)).collect())
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
