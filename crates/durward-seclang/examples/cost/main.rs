//! What the Core Rule Set costs in this engine: CPU time of four whole transactions, of loading, and memory.
//!
//! ```text
//! cargo run --release -p durward-seclang --example cost -- FOLDER [--milliseconds N] [--once NAME] [--worst]
//! ```
//!
//! `FOLDER` holds a Core Rule Set: a release of version 4 (with `crs-setup.conf.example` and `rules/`), or that of the Debian
//! package modsecurity-crs. Rules run at paranoia level 1 and block, all five phases run, response content is not looked at:
//! what `cargo xtask bench firewall` sets nginx up to do. Verdicts are checked before anything is timed, so that rules which
//! find nothing are not reported as fast ones.
//!
//! `--once NAME` runs one request 200 times in `profiled` and measures nothing, for a profiler; `--worst` says which pattern takes longest on
//! 128 KiB of text written against it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an example of one's own machine: it fails by panicking and prints what it measured"
)]

#[path = "../../tests/it/base.rs"]
mod base;
#[path = "../../tests/it/disk.rs"]
mod disk;
#[path = "../../tests/it/hostile.rs"]
mod hostile;
mod meter;
mod request;
#[path = "../../tests/it/rules.rs"]
mod rules;
#[path = "../../tests/it/sample.rs"]
mod sample;
mod worst;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use durward_seclang::ast::RuleSet;
use durward_seclang::overlay::{Overlay, OverlaySpec, RuleSelector};
use durward_seclang::program::Program;
use durward_seclang::transaction::{Origin, Scratch, Transaction};

use crate::request::{REQUESTS, Request};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let folder = words.first().filter(|word| !word.starts_with("--")).expect("the folder of a Core Rule Set");
    let after = |flag: &str| words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1));
    let time = Duration::from_millis(after("--milliseconds").map_or(1000, |text| text.parse().unwrap()));
    if words.iter().any(|word| word == "--worst") {
        worst::report(&rule_set(Path::new(folder)));
        return;
    }
    let requests = REQUESTS.map(Request::read);
    let mut scratch = Scratch::new();
    if let Some(name) = after("--once") {
        let request = requests.iter().find(|request| request.name == name).expect("the name of a request");
        let overlay = Arc::new(Overlay::new(&Arc::new(program(Path::new(folder))), &OverlaySpec::default()).unwrap());
        drop(transact(&overlay, request, &mut scratch));
        profiled(&overlay, request, &mut scratch);
        return;
    }
    let (memory, start) = (meter::memory(), meter::cpu());
    let program = Arc::new(program(Path::new(folder)));
    let overlay = Arc::new(Overlay::new(&program, &OverlaySpec::default()).unwrap());
    let (load, loaded) = (meter::cpu() - start, meter::memory());
    println!("{} rules, {} of them asked", program.rules().len(), overlay.live_rules().count());
    for request in &requests {
        check(&overlay, request, &mut scratch);
    }
    for request in &requests {
        let micros = cost(&overlay, request, time, &mut scratch);
        println!("{:<12} {micros:>10.2} us CPU for each transaction", request.name);
    }
    println!("{:<12} {:>10.2} s CPU", "load", load.as_secs_f64());
    println!("{:<12} {:>10.2} MiB resident, more than before", "rules", mib(loaded - memory));
    println!("{:<12} {:>10.2} MiB resident, more than before", "warm", mib(meter::memory() - memory));
    println!("{:<12} {:>10.2} KiB for each further route", "route", routes(&program));
}

/// The rules of a folder, ready to run.
fn program(folder: &Path) -> Program {
    Program::compile(rule_set(folder)).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn rule_set(folder: &Path) -> RuleSet {
    let setup = "SecResponseBodyAccess Off\n";
    rules::read(|loader| {
        if folder.join("crs-setup.conf.example").exists() {
            base::crs4(loader, folder, setup)
        } else {
            base::crs3(loader, folder, setup)
        }
    })
}

/// What a profiler is told to look at: automata have been built by then.
#[inline(never)]
fn profiled(overlay: &Arc<Overlay>, request: &Request, scratch: &mut Scratch) {
    (0..200).for_each(|_| drop(black_box(transact(overlay, request, scratch))));
}

/// Runs a request and its answer through all phases, as a gateway would.
#[inline(never)]
fn transact(overlay: &Arc<Overlay>, request: &Request, scratch: &mut Scratch) -> Transaction {
    let origin = Origin {
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        client_port: 40_000,
        server: IpAddr::V4(Ipv4Addr::LOCALHOST),
        server_port: 80,
        unix_micros: 1_795_521_600_000_000,
        unique_id: b"01JDGXAMPLE",
    };
    let mut transaction = Transaction::new(Arc::clone(overlay), &origin);
    answer(&mut transaction, request, scratch);
    transaction.finish(scratch);
    transaction
}

fn answer(transaction: &mut Transaction, request: &Request, scratch: &mut Scratch) {
    transaction.request_line(request.method, request.target, b"HTTP/1.1");
    for (name, value) in &request.fields {
        transaction.request_header(name, value);
    }
    if transaction.run_request_headers(scratch).is_some()
        || (transaction.wants_request_body() && transaction.request_body(request.content).is_some())
        || transaction.run_request_body(scratch).is_some()
    {
        return;
    }
    transaction.response_line(200, b"HTTP/1.1");
    transaction.response_header(b"Content-Type", b"application/json");
    transaction.response_header(b"Content-Length", b"11");
    if transaction.run_response_headers(scratch).is_some()
        || (transaction.wants_response_body() && transaction.response_body(br#"{"ok":true}"#).is_some())
    {
        return;
    }
    let _ = transaction.run_response_body(scratch);
}

/// Sees that the request is let through or stopped, as it must be, and that the rules have seen all of it.
fn check(overlay: &Arc<Overlay>, request: &Request, scratch: &mut Scratch) {
    let transaction = transact(overlay, request, scratch);
    let status = transaction.interruption().map(|interruption| interruption.status);
    let matched: Vec<u64> = transaction.matches().iter().map(|found| found.id().0).collect();
    assert_eq!(status, request.refused.then_some(403), "{}: {matched:?}", request.name);
    assert!(!request.refused || matched.contains(&942_100), "{}: {matched:?}", request.name);
    assert!(!transaction.is_incomplete(), "{}", request.name);
    println!("{:<12} matched by {matched:?}", request.name);
}

/// CPU microseconds for one transaction: the best of ten parts of the time, since noise only ever adds.
fn cost(overlay: &Arc<Overlay>, request: &Request, time: Duration, scratch: &mut Scratch) -> f64 {
    let part = || {
        let (start, mut count) = (meter::cpu(), 0_u32);
        loop {
            black_box(transact(overlay, request, scratch));
            count += 1;
            let spent = meter::cpu() - start;
            if spent >= time / 10 {
                return spent.as_secs_f64() * 1e6 / f64::from(count);
            }
        }
    };
    std::iter::repeat_with(part).take(10).fold(f64::INFINITY, f64::min)
}

/// KiB for each of 200 routes that differ from each other.
fn routes(program: &Arc<Program>) -> f64 {
    let before = meter::memory();
    let route = |number: usize| {
        let rule = &program.rules()[number % program.rules().len()];
        let ids = durward_seclang::ast::IdRange { first: rule.id, last: rule.id };
        let removed = vec![RuleSelector::Ids(ids)];
        Overlay::new(program, &OverlaySpec { paranoia_level: Some(2), removed, ..OverlaySpec::default() }).unwrap()
    };
    let routes: Vec<Overlay> = (0..200).map(route).collect();
    let named = routes.iter().map(Overlay::size).max().unwrap_or_default();
    let resident = (meter::memory() - before) / 200;
    mib(named.max(usize::try_from(resident).unwrap_or(0)) as i64) * 1024.0
}

fn mib(bytes: i64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
