//! Durward as it is measured: once with every control off that can be off, once with the usual ones on.

use super::answer::{self, Answer};
use super::contestants::{Contestant, free_port, own_folder};
use super::payload;
use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is switched on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Cleartext; public operations, no rates, contract without schemas: what is left is the proxy.
    Bare,
    /// Cleartext; API key, routing, parameters, JSON body, a rate that is never reached, audit record. The firewall has its own benchmark.
    Full,
    /// As `Full`, over TLS, and for many connections from one address.
    Tls,
}

/// The program to measure: the one that was named, or the release build of now.
pub fn binary(named: Option<&Path>) -> Result<PathBuf> {
    match named {
        Some(file) => std::path::absolute(file).context("no such file"),
        None => {
            shell::must(shell::cargo().args(["build", "--release", "--quiet", "--package", "durward"]))?;
            Ok(shell::target().join("release/durward"))
        }
    }
}

/// Writes contract and policy, makes a key where one is needed, and starts the gateway.
pub fn start(variant: Variant, binary: &Path, place: &Path, upstream: u16) -> Result<Contestant> {
    let name = match variant {
        Variant::Bare => "durward bare",
        Variant::Full => "durward full",
        Variant::Tls => "durward tls",
    };
    let folder = own_folder(place, name)?;
    let port = free_port()?;
    let secured = variant != Variant::Bare;
    std::fs::write(folder.join("orders.json"), payload::contract(secured))?;
    std::fs::write(folder.join("durward.toml"), policy(variant, port, upstream))?;
    let key = if secured { Some(new_key(binary, &folder)?) } else { None };
    let mut command = Command::new(binary);
    command.current_dir(&folder).args(["run", "--policy", "durward.toml"]);
    let mut contestant = Contestant::start(name, port, folder, command)?;
    if let Some(key) = key {
        contestant.headers.push(("X-API-Key", key));
    }
    if variant == Variant::Full {
        contestant.proof = Some(prove);
    }
    Ok(contestant)
}

fn policy(variant: Variant, port: u16, upstream: u16) -> String {
    let listen = match variant {
        Variant::Bare | Variant::Full => format!("http = \"127.0.0.1:{port}\""),
        Variant::Tls => {
            format!(
                "https = \"127.0.0.1:{port}\"\ncertificate = {{ self_signed = [\"127.0.0.1\", \"localhost\"] }}\n\
                 # Ten thousand clients come at once, and two cores shake all their hands.\n\
                 timeouts = {{ handshake = \"60s\", head = \"60s\" }}"
            )
        }
    };
    let api = format!("[api.orders]\nspec = \"orders.json\"\nupstream = {{ url = \"http://127.0.0.1:{upstream}\" }}\n");
    let controls = if variant == Variant::Bare {
        format!(
            "{api}public = [\"readOrder\", \"placeOrder\"]\n\n[api.orders.modes]\nvalidate = \"off\"\n\n[flood]\nmode = \"off\"\n\n[firewall]\nmode = \"off\"\n"
        )
    } else {
        format!(
            "{api}\n[auth.app]\napi_key = {{}}\n\n[flood]\nrate = \"1000000/s\"\nburst = 1000000\n\n[limits.caller]\nrate = \"1000000/s\"\nburst = 1000000\n\n[firewall]\nmode = \"off\"\n"
        )
    };
    format!(
        "version = 1\n\n[listen]\n{listen}\nworkers = 2\nconnections = 20000\nconnections_per_address = 20000\n\n{controls}"
    )
}

fn new_key(binary: &Path, folder: &Path) -> Result<String> {
    let mut command = Command::new(binary);
    command.current_dir(folder).args(["keys", "new", "--policy", "durward.toml", "--output", "json", "bench"]);
    let text = shell::output(&mut command)?;
    let json: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("`keys new` printed no JSON: {text}"))?;
    let key = json.get("text").and_then(serde_json::Value::as_str);
    Ok(key.with_context(|| format!("`keys new` printed no key: {text}"))?.to_owned())
}

/// The controls of the full variant have worked: each refuses what it must, rates are announced, and every request is recorded.
fn prove(contestant: &Contestant, requests: u64) -> Result<()> {
    let key = contestant.header_lines();
    let ask = |method, path, headers: &str, body: &str| answer::ask(contestant.port, method, path, headers, body);
    let good = ask("POST", payload::POST, &key, &payload::order())?;
    if !(good.status == 200 && good.has("RateLimit")) {
        bail!("an answer without RateLimit header: {}", good.head);
    }
    let refused: [(&str, Answer); 4] = [
        ("no API key", ask("GET", payload::GET, "", "")?),
        ("a body against the schema", ask("POST", payload::POST, &key, &payload::bad_order())?),
        ("a parameter against the schema", ask("GET", "/orders/x?limit=10", &key, "")?),
        ("a path that is not in the contract", ask("GET", "/admin", &key, "")?),
    ];
    for (what, answer) in refused {
        if !(400..500).contains(&answer.status) {
            bail!("{what} was not refused: {}", answer.head);
        }
    }
    recorded(&contestant.place.join("data/audit"), requests)
}

/// A bounded queue may shed under overload, counted; a log that lacks a tenth of the requests was no audit log.
fn recorded(log: &Path, requests: u64) -> Result<()> {
    let mut lines = 0;
    for file in std::fs::read_dir(log).with_context(|| format!("no audit log in {}", log.display()))? {
        lines += std::fs::read(file?.path())?.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    if lines < requests / 10 * 9 {
        bail!("{lines} lines in the audit log after {requests} requests");
    }
    println!("durward full: {lines} audit lines for {requests} measured requests and their warm-up");
    Ok(())
}
