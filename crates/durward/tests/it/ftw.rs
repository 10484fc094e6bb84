//! The regression tests of the Core Rule Set through the running gateway: each request goes as the bytes that go-ftw would
//! send over a socket of its own, the rules are folders named in the policy, and what they found is read in the audit log.
//!
//! The gateway refuses some of these requests before any rule sees them: they are ambiguous, or no API's contract would
//! name them. A test that expects a rule to find an attack has passed when the attack was refused and nothing of it
//! reached the upstream; how many passed so, and by which stage, is printed. A test that expects that nothing is found does
//! not pass that way, although go-ftw would let it: it is listed, as unseen, beside the tests that fail.

mod client;
mod contract;
mod record;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use durward_testkit::ftw::{self, Backend, Case, Expected, Output};
use durward_testkit::{AnsweringUpstream, Gateway, GatewayBuilder, Recorded, corpora};

use self::client::Heard;
use self::record::{Line, Log};

#[test]
fn crs4() {
    let Some(corpus) = need(corpora().map(|folder| folder.join("crs4")), "CRS 4.28 in the folder of corpora") else {
        return;
    };
    let suite = Suite {
        name: "CRS 4.28",
        cases: corpus.join("tests/cases"),
        rules: vec![corpus],
        backend: Backend::Albedo,
        total: 4966,
        expected: include_str!("ftw/crs4_expected.txt"),
        overrides: 10,
    };
    suite.run();
}

#[test]
fn crs3() {
    let Some(corpus) = need(corpora().map(|folder| folder.join("crs3")), "CRS 3.3.4 in the folder of corpora") else {
        return;
    };
    let package = PathBuf::from("/usr/share/modsecurity-crs");
    let Some(package) = need(Some(package), "the Debian package modsecurity-crs") else { return };
    let suite = Suite {
        name: "CRS 3.3.4",
        cases: corpus.join("cases"),
        rules: vec![package],
        backend: Backend::Site,
        total: 2403,
        expected: include_str!("ftw/crs3_expected.txt"),
        overrides: 20,
    };
    suite.run();
}

fn need(folder: Option<PathBuf>, what: &str) -> Option<PathBuf> {
    let found = folder.filter(|folder| folder.is_dir());
    if found.is_none() {
        assert!(std::env::var_os("DURWARD_REQUIRE_PEERS").is_none(), "{what} is missing");
        println!("SKIPPED (missing: {what})");
    }
    found
}

/// One generation of the tests.
struct Suite {
    name: &'static str,
    cases: PathBuf,
    /// What the policy names as rules, behind the settings of the suite.
    rules: Vec<PathBuf>,
    backend: Backend,
    /// How many tests the files `*.yaml` hold.
    total: usize,
    expected: &'static str,
    /// The most tests that may fail, beside those that no rule has seen.
    overrides: usize,
}

/// How a test passed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Passed {
    /// What it expects was logged or answered.
    AsExpected,
    /// The attack was refused before the rule could see it: stage and reason.
    Refused(String),
}

impl Suite {
    /// Runs everything. `DURWARD_FTW=942100-1` runs only the tests whose title begins so, and tells what it sees.
    fn run(&self) {
        let began = Instant::now();
        let only = std::env::var("DURWARD_FTW").ok();
        let cases: Vec<Case> = ftw::files(&self.cases)
            .iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "yaml"))
            .flat_map(|file| ftw::read(file))
            .filter(|case| only.as_ref().is_none_or(|only| case.title.starts_with(only)))
            .collect();
        let read = began.elapsed();
        let gateway = self.gateway();
        let started = began.elapsed();
        let heard = send(&cases, &gateway);
        let sent = began.elapsed();
        let log = record::read(gateway);

        let (mut passed, mut failures) = (BTreeMap::<Passed, usize>::new(), BTreeMap::new());
        for (case, heard) in cases.iter().zip(&heard) {
            match judge(case, heard, &log, only.is_some()) {
                Ok(how) => *passed.entry(how).or_default() += 1,
                Err(why) => drop(failures.insert(case.title.clone(), why)),
            }
        }
        println!(
            "{}: {} of {} tests pass; read in {read:.1?}, gateway up at {started:.1?}, all sent at {sent:.1?}",
            self.name,
            cases.len() - failures.len(),
            cases.len(),
        );
        for (how, count) in &passed {
            println!("{count:6} {how}");
        }
        let unseen = failures.values().filter(|why| why.starts_with(UNSEEN)).count();
        println!("{unseen:6} expect that nothing is found, and were refused before a rule saw them");
        println!("{:6} fail", failures.len() - unseen);
        if only.is_none() {
            self.compare(cases.len(), &failures);
        } else {
            println!("{failures:#?}");
        }
    }

    fn compare(&self, tests: usize, failures: &BTreeMap<String, String>) {
        let differences = Expected::parse(self.expected).differences(failures);
        assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
        assert_eq!(tests, self.total, "the corpus has changed");
        let wrong = failures.values().filter(|why| !why.starts_with(UNSEEN)).count();
        assert!(wrong <= self.overrides, "{wrong} tests fail");
    }

    fn gateway(&self) -> Gateway {
        let backend = self.backend;
        let upstream = AnsweringUpstream::start(move |request| answer(backend, &request)).unwrap();
        let (contract, operations) = contract::catch_all();
        let rules: Vec<String> = self.rules.iter().map(|path| format!(", {:?}", path.display().to_string())).collect();
        let policy = format!(
            "{POLICY}\n[firewall]\nmode = \"observe\"\nrules = [\"setup.conf\"{}]\nparanoia = 4\nresponses = true\n\
             [api.suite]\nspec = \"openapi.yaml\"\nupstream = {{ url = \"http://{}\" }}\npublic = {operations:?}\n\
             body = {{ max = \"4MiB\" }}\nrelease = {{ mask_errors = false }}\n\
             modes = {{ authn = \"off\", authz = \"off\", validate = \"off\" }}\n",
            rules.concat(),
            upstream.address(),
        );
        let builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
        let builder = builder.file("durward.toml", policy).unwrap().file("openapi.yaml", contract).unwrap();
        builder.file("setup.conf", ftw::SETUP).unwrap().start().unwrap()
    }
}

/// Everything is as wide as it goes, so that as much as possible reaches the rules.
const POLICY: &str = r#"
version = 1
[listen]
http = "127.0.0.1:0"
head = "256KiB"
timeouts = { head = "2s", body = "2s" }
[edge]
target = "128KiB"
query_pairs = 2000
semicolons = true
escapes = "any"
http_1_0 = true
[flood]
mode = "off"
[record]
queue = 65536
"#;

/// The bytes of an answer.
fn answer(backend: Backend, request: &Recorded) -> Vec<u8> {
    let method = request.line.split(' ').next().unwrap_or_default();
    let response = backend.answer(method.as_bytes(), request.target().as_bytes(), &request.body);
    let mut bytes = format!("HTTP/1.1 {} Status\r\n", response.status).into_bytes();
    for (name, value) in &response.fields {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    if method != "HEAD" && !matches!(response.status, 100..=199 | 204 | 304) {
        bytes.extend_from_slice(&response.body);
    }
    bytes
}

/// Sends every request of every case; what was heard of each, in order.
fn send(cases: &[Case], gateway: &Gateway) -> Vec<Vec<Heard>> {
    let (address, next) = (gateway.address("http"), AtomicUsize::new(0));
    let work = || {
        let mut all = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(at) else { return all };
            let heard = |stage: &ftw::Stage| client::ask(address, &ftw::render(&stage.input), PATIENCE);
            all.push((at, case.stages.iter().map(heard).collect::<Vec<_>>()));
        }
    };
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, heard)| heard).collect()
}

const CLIENTS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(10);

fn judge(case: &Case, heard: &[Heard], log: &Log, tell: bool) -> Result<Passed, String> {
    let mut passed = Passed::AsExpected;
    for (stage, heard) in case.stages.iter().zip(heard) {
        if tell {
            println!("{}", String::from_utf8_lossy(&ftw::render(&stage.input)));
            println!("{:?}\n{heard:?}", stage.output);
        }
        passed = passed.max(judge_stage(&stage.output, heard, log, tell)?);
    }
    Ok(passed)
}

fn judge_stage(output: &Output, heard: &Heard, log: &Log, tell: bool) -> Result<Passed, String> {
    let (status, line) = match heard {
        Heard::Nothing(_) if output.expect_error => return Ok(Passed::AsExpected),
        Heard::Nothing(why) => return Err(format!("no answer: {why}")),
        Heard::Answer { status, id: None } => (*status, Line::unreadable(*status)),
        Heard::Answer { status, id: Some(id) } => {
            let line = log.get(id).ok_or_else(|| format!("the record has no line of {id}"))?;
            (*status, line.clone())
        }
    };
    if tell {
        println!("{line:#?}");
    }
    let expected = as_expected(output, status, &line);
    let Some(refused) = line.refused() else { return expected.map(|()| Passed::AsExpected) };
    let expects_a_find = !output.log.expect_ids.is_empty() || output.log.match_regex.is_some();
    let expects_an_answer = output.expect_error || !output.status.0.is_empty();
    match expected {
        Ok(()) if expects_a_find || expects_an_answer => Ok(Passed::AsExpected),
        // What must not be found may still not be found.
        Err(_) if expects_a_find && line.lacks(&output.log.no_expect_ids) => Ok(Passed::Refused(refused)),
        // That nothing is found in what no rule has seen says nothing of the rules.
        Ok(()) if output.log.forbids() => Err(format!("{UNSEEN}: {refused}: {}", line.detail())),
        Ok(()) => Ok(Passed::AsExpected),
        Err(why) => Err(format!("{why} (refused: {refused})")),
    }
}

/// How the entry of a test begins that expects nothing to be found, in a request that no rule has seen.
const UNSEEN: &str = "unseen";

/// What a test expects, as go-ftw judges it.
fn as_expected(output: &Output, status: u16, line: &Line) -> Result<(), String> {
    if output.expect_error {
        return Err(format!("status {status} instead of a failure"));
    }
    if !output.status.0.is_empty() && !output.status.0.contains(&status) {
        return Err(format!("status {status} instead of {:?}", output.status.0));
    }
    ftw::said(output, &line.logged(), &line.entries())
}

impl std::fmt::Display for Passed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AsExpected => f.write_str("as expected"),
            Self::Refused(why) => write!(f, "refused earlier: {why}"),
        }
    }
}
