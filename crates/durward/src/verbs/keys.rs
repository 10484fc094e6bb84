//! `durward keys`: API keys, through the running gateway or, when none runs, in the store itself.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use durward_core::{Clock, SystemClock};
use serde_json::{Value, json};

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
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: Option<u32>,
    },
    /// List the keys; never their secrets.
    List,
    /// Revoke a key, at once and for good.
    Revoke {
        /// The key id as `keys list` shows it, or the whole text of a key that leaked.
        key: String,
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
            if terminal.is_json() {
                terminal.json(&list);
            } else {
                terminal.say(&table(&list, SystemClock::new().now().unix_seconds()));
            }
        }
        KeysVerb::Revoke { key, reason } => {
            let kid = durward_keys::kid_in(key).unwrap_or(key);
            desk.revoke(kid, reason)?;
            if terminal.is_json() {
                terminal.json(&json!({ "ok": true, "kid": kid, "state": "revoked" }));
            } else {
                terminal.say(&format!("revoked {kid}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn table(list: &Value, now: u64) -> String {
    let rows = list.as_array().map(Vec::as_slice).unwrap_or_default();
    if rows.is_empty() {
        return "no keys; make one with `durward keys new NAME`".to_owned();
    }
    let head = ["KEY", "STATE", "MADE", "ENDS", "NAME", "OWNER", "SCOPES"].map(str::to_owned);
    let lines: Vec<[String; 7]> = std::iter::once(head).chain(rows.iter().map(|row| cells(row, now))).collect();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let padded = |line: &[String; 7]| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(padded).collect::<Vec<_>>().join("\n")
}

fn cells(row: &Value, now: u64) -> [String; 7] {
    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
    let number = |key: &str| row.get(key).and_then(Value::as_u64);
    let (made, ends) = (number("created").unwrap_or(now), number("expires"));
    let expired = ends.is_some_and(|ends| ends <= now) && text("state") == "active";
    let ago = |days: u64| if days == 0 { "today".to_owned() } else { format!("{days}d ago") };
    let ends = match ends {
        None => "never".to_owned(),
        Some(ends) if ends <= now => ago((now - ends) / DAY),
        Some(ends) => format!("in {}d", (ends - now).div_ceil(DAY)),
    };
    let scopes = row.get("scopes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let scopes = scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let state = if expired { "expired".to_owned() } else { text("state") };
    [text("kid"), state, ago(now.saturating_sub(made) / DAY), ends, text("name"), text("owner"), scopes]
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_counts_and_until_when() {
        let now = 1_790_000_000;
        let key = |kid: &str, state: &str, expires: Option<u64>| {
            json!({ "kid": kid, "state": state, "created": now - 3 * DAY, "expires": expires, "name": "shop",
                    "owner": "ana", "scopes": ["orders:read", "orders:write"] })
        };
        let list =
            json!([key("a", "active", None), key("b", "active", Some(now + DAY)), key("c", "active", Some(now))]);
        let text = table(&list, now);
        let expected = "KEY  STATE    MADE    ENDS   NAME  OWNER  SCOPES\n\
                        a    active   3d ago  never  shop  ana    orders:read orders:write\n\
                        b    active   3d ago  in 1d  shop  ana    orders:read orders:write\n\
                        c    expired  3d ago  today  shop  ana    orders:read orders:write";
        assert_eq!(text, expected);
        assert!(table(&json!([]), now).contains("durward keys new"));
    }
}
