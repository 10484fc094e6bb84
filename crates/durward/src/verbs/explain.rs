//! `durward explain`: the decision for a request from a file, without a server.

use std::io::Read;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use durward_core::{Clock, Reason, SystemClock};
use durward_pipeline::{Explained, explain, read_request};
use durward_record::{Entry, Exchange, RecordLine};
use serde_json::json;

use crate::cli::Global;
use crate::gateway;
use crate::terminal::Terminal;

/// Decide a request from a file, without a server: the same code as for live requests. Exits with 1 when refused.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The request in HTTP/1.1 form, `-` for standard input.
    request: PathBuf,
    /// The address the request comes from.
    #[arg(long, default_value = "192.0.2.1", value_name = "ADDRESS")]
    from: IpAddr,
}

pub(crate) fn run(args: &ExplainArgs, global: &Global, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let text = read(&args.request)?;
    let (head, body) = read_request(&text).with_context(|| format!("`{}`", args.request.display()))?;
    let compiled = gateway::compile_offline(&global.policy)?;
    let now = SystemClock::new().now();
    let explained = explain(&compiled.plan, head, body, (args.from, 40_000).into(), now)?;
    let admitted = explained.result.is_ok();
    let line = line(&explained);
    if terminal.is_json() {
        let forwarded = explained.result.ok().map(|outbound| {
            let headers: Vec<_> = outbound
                .fields()
                .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
                .collect();
            json!({ "method": outbound.method.as_str(), "target": outbound.target, "headers": headers })
        });
        terminal.json(&json!({ "admitted": admitted, "record": serde_json::to_value(&line)?, "forwarded": forwarded }));
    } else {
        terminal.say(durward_record::render(&line, terminal.color()).trim_end());
        if line.reason.as_deref() == Some(Reason::CredentialInvalid.code()) {
            terminal.note(
                "\nnote: `explain` opens no store, so it knows no API key and refuses them all; what a key may do\n      is \
                 seen with a live request and `durward why`",
            );
        }
    }
    Ok(if admitted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MAX_REQUEST).read_to_end(&mut text)?;
    } else {
        let file = std::fs::File::open(path).and_then(|file| file.take(MAX_REQUEST).read_to_end(&mut text));
        file.with_context(|| format!("cannot read `{}`", path.display()))?;
    }
    Ok(text)
}

/// The record that the live request would have left, with nothing forwarded.
fn line(explained: &Explained) -> RecordLine {
    let status = explained.result.as_ref().err().map_or(0, |denial| denial.reason().status());
    let exchange = Exchange { status, ..Exchange::begun(explained.received, "HTTP/1.1") };
    RecordLine::of(&Entry { trail: explained.trail.clone(), exchange })
}

const MAX_REQUEST: u64 = 64 << 20;
