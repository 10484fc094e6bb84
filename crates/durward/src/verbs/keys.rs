//! `durward keys`: API keys, through the running gateway or, when none runs, in the store itself.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::Global;
use crate::gateway::KeyDesk;
use crate::terminal::Terminal;

/// Make, list and revoke API keys.
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    verb: KeysVerb,
}

#[derive(Debug, Subcommand)]
enum KeysVerb {
    /// Make a key; it is shown once.
    New {
        /// A name for people.
        name: String,
        /// Who answers for it.
        #[arg(long, default_value = "")]
        owner: String,
        /// A scope it carries; may be given several times.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// The environment in its text: `live`, `test`, ...
        #[arg(long, default_value = "live", value_name = "NAME")]
        environment: String,
        /// Days after which it ends.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// List the keys; never their secrets.
    List,
    /// Revoke a key, at once and for good.
    Revoke {
        /// The key id: the part of the key after the environment.
        kid: String,
        /// Why, for the record.
        #[arg(long, default_value = "no reason given")]
        reason: String,
    },
}

pub(crate) fn run(args: &KeysArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let desk = KeyDesk::open(&global.policy)?;
    match &args.verb {
        KeysVerb::New { name, owner, scopes, environment, days } => {
            let made = desk.create(name, owner, scopes, environment, *days)?;
            if terminal.is_json() {
                terminal.json(&made.as_json());
            } else {
                terminal.note("this key is shown once; keep it where secrets are kept:");
                terminal.say(made.text());
            }
        }
        KeysVerb::List => {
            let list = desk.list()?;
            if terminal.is_json() { terminal.json(&list) } else { terminal.say(&table(&list)) }
        }
        KeysVerb::Revoke { kid, reason } => {
            desk.revoke(kid, reason)?;
            terminal.say(&format!("revoked {kid}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(list: &serde_json::Value) -> String {
    let text = |row: &serde_json::Value, key: &str| match row.get(key) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Array(items)) => {
            items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(" ")
        }
        Some(serde_json::Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    let rows = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "no keys; make one with `durward keys new NAME`".to_owned();
    }
    let mut lines = vec![format!("{:<12} {:<9} {:<20} {:<16} {}", "KEY", "STATE", "NAME", "OWNER", "SCOPES")];
    lines.extend(rows.iter().map(|row| {
        let cell = |key| text(row, key);
        format!(
            "{:<12} {:<9} {:<20} {:<16} {}",
            cell("kid"),
            cell("state"),
            cell("name"),
            cell("owner"),
            cell("scopes")
        )
    }));
    lines.join("\n")
}
