//! The regression tests of the Core Rule Set, in process: every request is rendered to the bytes that go-ftw would send, read
//! as a server reads it, and run through the engine; what is logged is compared with what the test expects.

pub(crate) mod backend;
mod base64;
mod case;
mod expected;
mod log;
mod render;
pub(crate) mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use durward_seclang::load::Loader;
use regex_automata::meta::Regex;

use self::backend::Backend;
use self::case::{Case, Output, Stage};
use self::expected::Expected;
use self::server::{Arrival, Request};
use crate::drive::{Engine, Worker};
use crate::{base, suites};

/// What the tests of both generations ask of the configuration, by the README beside them. The last word for both is the
/// paranoia level, which they call differently.
const SETUP: &str = r#"
SecAction "id:900005,phase:1,nolog,pass,ctl:ruleEngine=DetectionOnly,ctl:ruleRemoveById=910000,\
  setvar:tx.paranoia_level=4,setvar:tx.blocking_paranoia_level=4,setvar:tx.crs_validate_utf8_encoding=1,\
  setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000,setvar:tx.max_num_args=255,\
  setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535"
"#;

#[test]
fn crs4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    let suite = Suite {
        name: "CRS 4.28",
        cases: corpus.join("tests/cases"),
        total: 4966,
        share: 0.995,
        backend: Backend::Albedo,
        expected: include_str!("ftw/crs4_expected.txt"),
    };
    suite.run(|loader| base::crs4(loader, &corpus, SETUP));
}

#[test]
fn crs3() {
    let Some(corpus) = suites::corpus("crs3") else { return };
    let Some(rules) = suites::debian() else { return };
    let suite = Suite {
        name: "CRS 3.3.4",
        cases: corpus.join("cases"),
        total: 2403,
        share: 0.99,
        backend: Backend::Site,
        expected: include_str!("ftw/crs3_expected.txt"),
    };
    suite.run(|loader| base::crs3(loader, &rules, SETUP));
}

/// One generation of the tests.
struct Suite {
    name: &'static str,
    cases: PathBuf,
    /// How many tests the files `*.yaml` hold.
    total: usize,
    /// The part of them that must pass.
    share: f64,
    backend: Backend,
    expected: &'static str,
}

/// What a thread found.
#[derive(Default)]
struct Found {
    tests: usize,
    /// Tests in files that go-ftw passes over by their name, `*.yml`.
    beside: usize,
    failures: BTreeMap<String, String>,
}

impl Suite {
    /// Runs everything. `DURWARD_FTW=942100-1` runs only the tests whose title begins so, and tells what it sees.
    fn run(&self, rules: impl FnOnce(Loader<'_>) -> Loader<'_>) {
        let began = Instant::now();
        let engine = Engine::load(rules);
        let loaded = began.elapsed();
        let only = std::env::var("DURWARD_FTW").ok();
        let mut files = Vec::new();
        collect(&self.cases, &mut files);
        files.sort();

        let next = AtomicUsize::new(0);
        let work = || {
            let (mut worker, mut found) = (Worker::default(), Found::default());
            while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let beside = file.extension().is_some_and(|extension| extension == "yml");
                for case in case::read(file) {
                    if only.as_ref().is_some_and(|only| !case.title.starts_with(only)) {
                        continue;
                    }
                    *(if beside { &mut found.beside } else { &mut found.tests }) += 1;
                    if let Err(why) = self.judge(&case, &engine, &mut worker, only.is_some()) {
                        found.failures.insert(case.title, why);
                    }
                }
            }
            found
        };
        let found = std::thread::scope(|scope| {
            let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running
                .into_iter()
                .map(|thread| thread.join().expect("a thread of the runner"))
                .reduce(Found::with)
                .unwrap()
        });
        println!(
            "{}: {} of {} tests pass, and {} beside them ran; rules loaded in {loaded:.2?}, all in {:.2?}",
            self.name,
            found.tests - found.failures.len(),
            found.tests,
            found.beside,
            began.elapsed()
        );
        if only.is_none() {
            self.compare(&found);
        }
    }

    fn compare(&self, found: &Found) {
        let differences = Expected::parse(self.expected).differences(&found.failures);
        assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
        assert_eq!(found.tests, self.total, "the corpus has changed");
        let share = (found.tests - found.failures.len()) as f64 / found.tests as f64;
        assert!(share >= self.share, "only {share:.4} of the tests pass");
    }

    fn judge(&self, case: &Case, engine: &Engine, worker: &mut Worker, tell: bool) -> Result<(), String> {
        case.stages.iter().try_for_each(|stage| self.judge_stage(stage, engine, worker, tell))
    }

    fn judge_stage(&self, stage: &Stage, engine: &Engine, worker: &mut Worker, tell: bool) -> Result<(), String> {
        let wire = render::render(&stage.input);
        if tell {
            println!("{}\n{:?}", String::from_utf8_lossy(&wire), stage.output);
        }
        let output = &stage.output;
        let mut refusal = String::new();
        let (status, logged, lines) = match server::arrive(&wire) {
            Arrival::Broken(why) => {
                return if output.expect_error { Ok(()) } else { Err(format!("no answer: {why}")) };
            }
            Arrival::Refused(status, why) => {
                refusal = format!(" (refused by the server: {why})");
                (status, Default::default(), Vec::new())
            }
            Arrival::Request(request) => {
                let verdict = engine.exchange(&request, self.backend, worker);
                let lines: Vec<_> = verdict.matches.iter().filter(|found| found.rule.log).map(log::line).collect();
                if tell {
                    println!("{}\n{:#?}", lines.join("\n"), verdict.matches);
                }
                (verdict.status, verdict.logged(), lines)
            }
        };
        if output.expect_error {
            return Err(format!("status {status} instead of a failure{refusal}"));
        }
        if !output.status.0.is_empty() && !output.status.0.contains(&status) {
            return Err(format!("status {status} instead of {:?}{refusal}", output.status.0));
        }
        let logged: Vec<_> = logged.into_iter().collect();
        said(output, &logged, &lines).map_err(|why| why + &refusal)
    }
}

impl Found {
    fn with(mut self, other: Self) -> Self {
        self.tests += other.tests;
        self.beside += other.beside;
        self.failures.extend(other.failures);
        self
    }
}

/// All requests of the tests in a folder that a server takes, in order, each with the title of its test.
pub(crate) fn requests(cases: &Path) -> Vec<(String, Request)> {
    let mut files = Vec::new();
    collect(cases, &mut files);
    files.sort();
    let mut requests = Vec::new();
    for case in files.iter().flat_map(|file| case::read(file)) {
        for stage in &case.stages {
            if let Arrival::Request(request) = server::arrive(&render::render(&stage.input)) {
                requests.push((case.title.clone(), request));
            }
        }
    }
    requests
}

/// Compares what was logged with what the test expects.
fn said(output: &Output, logged: &[u64], lines: &[String]) -> Result<(), String> {
    let expected = &output.log;
    let missing: Vec<_> = expected.expect_ids.iter().filter(|id| !logged.contains(id)).collect();
    if !missing.is_empty() {
        return Err(format!("{missing:?} not logged, only {logged:?}"));
    }
    let unwanted: Vec<_> = expected.no_expect_ids.iter().filter(|id| logged.contains(id)).collect();
    if !unwanted.is_empty() {
        return Err(format!("{unwanted:?} logged"));
    }
    let fits = |pattern: &String| {
        let regex = Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        lines.iter().any(|line| regex.is_match(line))
    };
    if let Some(pattern) = expected.match_regex.as_ref().filter(|pattern| !fits(pattern)) {
        return Err(format!("no line has `{pattern}`, only {logged:?}"));
    }
    if let Some(pattern) = expected.no_match_regex.as_ref().filter(|pattern| fits(pattern)) {
        return Err(format!("a line has `{pattern}`: {logged:?}"));
    }
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
}
