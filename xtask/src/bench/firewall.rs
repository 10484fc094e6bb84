//! `cargo xtask bench firewall`: what the Core Rule Set costs per request, in nginx with libmodsecurity and in Durward.
//!
//! Four requests, each let through or refused as it must be before and after it is timed: a firewall that finds nothing is
//! not a fast one. CPU time of the processes is what is compared; what is in between (a proxy to the same upstream) is
//! measured without rules too, so that the engines can be compared alone.

mod engine;
mod gateway;
mod modsecurity;
mod request;
mod table;

use super::contestants::{self, Contestant};
use super::{answer, durward, load, report};
use crate::shell::{self, Words};
use anyhow::{Context, Result, bail};
use request::{Request, requests};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use table::{Column, Table};

/// By how much less CPU Durward must use, the whole gateway where it is measured; a short run on a shared machine proves less.
const GOAL: f64 = 20.0;
const SHORT_GOAL: f64 = 8.0;

/// What was asked for.
struct Options {
    short: bool,
    time: Duration,
    rounds: u64,
    crs4: Option<PathBuf>,
    gateway: bool,
    binary: Option<PathBuf>,
    write: Option<PathBuf>,
}

/// A rule set, and where it is.
#[derive(Clone)]
struct Rules {
    name: &'static str,
    folder: PathBuf,
}

pub fn run(words: &[String]) -> Result<()> {
    let options = options(words)?;
    for (needed, package) in [
        ("nginx", "nginx-light"),
        ("wrk", "wrk"),
        (modsecurity::MODULE, "libnginx-mod-http-modsecurity"),
        (CRS3, "modsecurity-crs"),
    ] {
        if crate::peers::find(needed).is_none() {
            println!("SKIPPED (peer missing: {package}); run `cargo xtask peers`");
            return Ok(());
        }
    }
    let place = shell::target().join("bench-firewall");
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    std::fs::create_dir_all(&place)?;
    let upstream = contestants::upstream(&place)?;
    let binary = if options.gateway { Some(durward::binary(options.binary.as_deref())?) } else { None };
    let mut table = Table::default();
    let bare = modsecurity::start("nginx", None, &place, upstream.port)?;
    for rules in rule_sets(options.crs4.as_deref()) {
        println!("rules: {} in {}", rules.name, rules.folder.display());
        let mut field =
            vec![(Column::Peer, modsecurity::start("nginx + libmodsecurity", Some(&rules), &place, upstream.port)?)];
        if let Some(binary) = &binary {
            field.extend(gateway::start(&rules, binary, &place, upstream.port)?.map(|it| (Column::Gateway, it)));
        }
        measure(&rules, &bare, &field, &options, &mut table)?;
        for (request, micros) in engine::costs(&rules.folder, options.time)? {
            table.add(rules.name, request, Column::Engine, micros);
        }
    }
    let text = table.text();
    println!("{text}");
    if let Some(file) = &options.write {
        report::write(&shell::root().join(file), "bench firewall", &text)?;
    }
    table.must_reach(if options.short { SHORT_GOAL } else { GOAL })
}

fn options(words: &[String]) -> Result<Options> {
    let mut words = Words::new(words);
    let short = words.flag("--short");
    let options = Options {
        short,
        time: Duration::from_secs(words.number("--seconds")?.unwrap_or(if short { 2 } else { 5 })),
        rounds: words.number("--rounds")?.unwrap_or(if short { 1 } else { 3 }),
        crs4: words.option("--crs4")?.map(PathBuf::from),
        gateway: !words.flag("--without-durward"),
        binary: words.option("--binary")?.map(PathBuf::from),
        write: words.option("--write")?.map(PathBuf::from),
    };
    words.end()?;
    Ok(options)
}

/// What shows that Debian's rules are there.
const CRS3: &str = "/usr/share/modsecurity-crs/rules";

/// Debian's rules, and version 4 where it is.
fn rule_sets(crs4: Option<&Path>) -> Vec<Rules> {
    let mut sets = vec![Rules { name: "CRS 3.3.4", folder: "/usr/share/modsecurity-crs".into() }];
    let corpora =
        std::env::var_os("DURWARD_CORPORA").map_or_else(|| shell::root().join("../shared/corpora"), PathBuf::from);
    let folder = crs4.map_or_else(|| corpora.join("crs4"), Path::to_path_buf);
    if folder.join("crs-setup.conf.example").is_file() {
        sets.push(Rules { name: "CRS 4", folder: folder.canonicalize().unwrap_or(folder) });
    } else {
        println!("SKIPPED (CRS 4 missing in {}); give its folder with --crs4", folder.display());
    }
    sets
}

fn measure(
    rules: &Rules,
    bare: &Contestant,
    field: &[(Column, Contestant)],
    options: &Options,
    table: &mut Table,
) -> Result<()> {
    check(rules, bare, field)?;
    for request in requests() {
        for _ in 0..options.rounds {
            let without = std::iter::once((Column::Nginx, bare));
            for (column, contestant) in without.chain(field.iter().map(|(column, it)| (*column, it))) {
                let refused = request.refused && column != Column::Nginx;
                let micros = cost(contestant, &request, refused, options.time)
                    .with_context(|| format!("{} with {}, {}", contestant.name, rules.name, request.name))?;
                table.add(rules.name, request.name, column, micros);
            }
        }
    }
    check(rules, bare, field)
}

/// Sees that every request is let through or refused as it must be, and that content is read to its end: an attack in the
/// last text of it is refused.
fn check(rules: &Rules, bare: &Contestant, field: &[(Column, Contestant)]) -> Result<()> {
    for request in requests() {
        let without = std::iter::once((bare, false));
        for (contestant, guarded) in without.chain(field.iter().map(|(_, contestant)| (contestant, true))) {
            let attack = request.attack().map(|content| (content, true));
            for (content, hostile) in std::iter::once((request.content.to_owned(), request.refused)).chain(attack) {
                let expected = if guarded && hostile { 403 } else { 200 };
                let fields = request.fields_but_framing();
                let answer = answer::ask(contestant.port, request.method, request.target, &fields, &content)?;
                if answer.status != expected {
                    let kind = if hostile { "the attack in" } else { "the harmless" };
                    bail!(
                        "{} with {}: {kind} {} is answered with {}, not {expected}\n{}",
                        contestant.name,
                        rules.name,
                        request.name,
                        answer.status,
                        answer.head
                    );
                }
            }
        }
    }
    Ok(())
}

/// CPU microseconds for each request.
fn cost(contestant: &Contestant, request: &Request, refused: bool, time: Duration) -> Result<f64> {
    let script = contestant.place.join(format!("{}.lua", request.name));
    std::fs::write(&script, request.lua())?;
    let run = |time: Duration| {
        let mut wrk = Command::new("wrk");
        // Few connections: 16 KiB of JSON take libmodsecurity a tenth of a second.
        wrk.args(["-t1", "-c2", "--timeout", "30s", "-d", &format!("{}s", time.as_secs()), "-s"]).arg(&script);
        let text = shell::output(wrk.arg(format!("http://127.0.0.1:{}", contestant.port)))?;
        load::read(&text).with_context(|| format!("wrk did not finish:\n{text}"))
    };
    run(Duration::from_secs(1))?;
    let before = contestant.cpu()?;
    let run = run(time)?;
    let spent = contestant.cpu()?.saturating_sub(before);
    let expected = if refused { run.requests } else { 0 };
    if run.requests < 5 || run.refused != expected || run.broken > 0 {
        bail!("{} answers, {} of them refused; {} broken connections", run.requests, run.refused, run.broken);
    }
    Ok(spent.as_secs_f64() * 1e6 / load::real(run.requests))
}
