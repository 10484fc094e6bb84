//! sqlmap finds the flaws of the sample API, and finds nothing behind the firewall.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use durward_testkit::Gateway;

use super::{core_rule_set, gateway};
use crate::demo::Demo;
use crate::peer::need_program;

/// Where the flaw can be reached: what sqlmap is told of a request.
struct Door {
    name: &'static str,
    path: &'static str,
    more: &'static [&'static str],
}

const DOORS: [Door; 2] = [
    Door { name: "query", path: "/v1/reviews?author=Ana%20Alder", more: &["-p", "author"] },
    Door {
        name: "JSON",
        path: "/v1/reviews/search",
        more: &["--data", r#"{"author":"Ana Alder*"}"#, "-H", "Content-Type: application/json"],
    },
];

/// Payloads as they are, and rewritten so that filters on their look miss them.
const DISGUISES: [&[&str]; 2] = [&[], &["--tamper=space2comment,randomcase"]];

/// What sqlmap came to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It found the flaw, and read the names of the tables through it.
    Tables,
    /// It says that nothing can be injected.
    Nothing,
    /// It suspects something, or could not tell.
    Unclear,
}

/// Runs sqlmap on a door, and gives its verdict and what it said.
fn attack(base: &str, door: &Door, disguise: &[&str]) -> Option<(Verdict, String)> {
    let program = need_program("sqlmap")?;
    let home = tempfile::TempDir::with_prefix("durward-sqlmap-").unwrap();
    let said = home.path().join("said");
    let mut command = Command::new(program);
    command.args(["-u", &format!("{base}{}", door.path)]).args(door.more).args(disguise);
    command.args(["--batch", "--level=1", "--risk=1", "--technique=BEU", "--threads=1", "--timeout=5", "--retries=0"]);
    // A scanner that says its name is refused for that alone: this one pretends to be a browser.
    command.args(["--flush-session", "--disable-coloring", "--random-agent", "--tables", "--output-dir"]);
    command.arg(home.path().join("out")).env("HOME", home.path()).env("XDG_DATA_HOME", home.path());
    let output = std::fs::File::create(&said).unwrap();
    command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + LONGEST;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            panic!("sqlmap goes on:\n{}", std::fs::read_to_string(&said).unwrap_or_default());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let said = String::from_utf8_lossy(&std::fs::read(said).unwrap()).into_owned();
    let found = said.contains("identified the following injection point");
    let verdict = match (found, said.contains("users") && said.contains("products")) {
        (true, true) => Verdict::Tables,
        (false, false) if said.contains("do not appear to be injectable") => Verdict::Nothing,
        _ => Verdict::Unclear,
    };
    Some((verdict, said))
}

/// How many requests the gateway refused for this reason.
fn refused(gateway: &Gateway, reason: &str) -> usize {
    let folder = gateway.folder().join("data/audit");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let needle = format!("\"reason\":\"{reason}\"");
    texts.map(|path| std::fs::read_to_string(path).unwrap().matches(&needle).count()).sum()
}

fn url(gateway: &Gateway) -> String {
    format!("http://{}", gateway.address("http"))
}

#[test]
fn without_a_firewall_it_reads_the_tables() {
    if need_program("sqlmap").is_none() {
        return;
    }
    let demo = Demo::start();
    // A gateway without its firewall: what stops the tool below is not the contract and not the way there.
    let open = gateway(&demo, "[firewall]\nmode = \"off\"");
    let watching = gateway(&demo, "[firewall]\nmode = \"observe\"");
    for (name, base) in [("alone", demo.direct.clone()), ("off", url(&open)), ("observe", url(&watching))] {
        for door in &DOORS {
            let Some((verdict, said)) = attack(&base, door, &[]) else { return };
            assert_eq!(verdict, Verdict::Tables, "{name}, {}:\n{said}", door.name);
        }
    }
    assert_eq!(refused(&open, "request-hostile"), 0);
    // All that it did is written down.
    assert!(refused(&watching, "request-hostile") > 40);
}

#[test]
fn behind_the_builtin_rules_it_finds_nothing() {
    finds_nothing("");
}

#[test]
fn behind_the_core_rule_set_it_finds_nothing() {
    if let Some(folder) = core_rule_set() {
        finds_nothing(&format!("[firewall]\nrules = [\"{folder}\"]"));
    }
}

fn finds_nothing(firewall: &str) {
    if need_program("sqlmap").is_none() {
        return;
    }
    let demo = Demo::start();
    for door in &DOORS {
        for disguise in DISGUISES {
            let gateway = gateway(&demo, firewall);
            let Some((verdict, said)) = attack(&url(&gateway), door, disguise) else { return };
            let refused = refused(&gateway, "request-hostile");
            println!("{} {disguise:?}: {refused} requests refused", door.name);
            assert_eq!(verdict, Verdict::Nothing, "{firewall} {} {disguise:?}:\n{said}", door.name);
            assert!(refused > 20, "{firewall} {} {disguise:?}: only {refused} were refused:\n{said}", door.name);
        }
    }
}

const LONGEST: Duration = Duration::from_secs(120);
