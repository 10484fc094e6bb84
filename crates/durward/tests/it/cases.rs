//! Case files: a policy, a contract and a request in; a decision trail out. No socket, no server.
//!
//! A file in `tests/cases` has sections that begin with `--- NAME`: `durward.toml`, `openapi.yaml`, `keys` (optional:
//! lines `NAME SCOPE..`; `{key:NAME}` in the request becomes the key), `request`, and `trail`: a line per stage, as
//! `STAGE OUTCOME [REASON [@ PLACE]]`. A case without keys is also run through `durward explain`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use durward_core::{Fetch, FetchError, Fetched, Inline, Moment, Secret, Source, Trail};
use durward_keys::{ApiKeys, NewKey};
use durward_limits::Limiter;
use durward_pipeline::{Explained, explain, read_request};
use durward_policy::{Environment, Files, compile};
use durward_store::Store;
use durward_testkit::GatewayBuilder;

struct Case {
    sections: BTreeMap<String, String>,
}

impl Case {
    fn read(text: &str) -> Self {
        let mut sections = BTreeMap::new();
        for part in text.split("\n--- ").skip(1) {
            let (name, body) = part.split_once('\n').unwrap();
            sections.insert(name.trim().to_owned(), body.to_owned());
        }
        Self { sections }
    }

    fn section(&self, name: &str) -> &str {
        self.sections.get(name).map(String::as_str).unwrap_or_default()
    }
}

struct Memory<'a>(&'a Case);

impl Files for Memory<'_> {
    fn text(&self, path: &Path) -> Result<String, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.0.sections.get(&*name).cloned().ok_or_else(|| format!("`{name}` is not in the case"))
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.text(path).map(String::into_bytes)
    }
}

struct Offline;

impl Fetch for Offline {
    fn fetch(
        &self,
        _: &str,
        _: usize,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>> {
        Box::pin(async { Err(FetchError("no network in a case".to_owned())) })
    }
}

const NOW: Moment = Moment::new(1_790_000_000_000_000_000, 1_000_000_000_000);

fn decide(case: &Case) -> Explained {
    let keys = ApiKeys::open(Store::memory(), Secret::new(vec![7; 32])).unwrap();
    let mut request = case.section("request").trim_end_matches('\n').to_owned();
    if !request.contains("\n\n") {
        request.push_str("\n\n");
    }
    for line in case.section("keys").lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace().map(str::to_owned);
        let name = words.next().unwrap();
        let new = NewKey {
            name: name.clone(),
            owner: "case".to_owned(),
            scopes: words.collect(),
            environment: "test".to_owned(),
            expires: None,
        };
        let (_, text) = keys.create(new, NOW).unwrap();
        request = request.replace(&format!("{{key:{name}}}"), std::str::from_utf8(text.expose()).unwrap());
    }
    let files = Memory(case);
    let environment = Environment {
        base: Path::new("."),
        files: &files,
        keys,
        limiter: Arc::new(Limiter::new(1024)),
        fetch: Arc::new(Offline),
        workers: Arc::new(Inline),
        previous: None,
        generation: 1,
    };
    let policy = durward_policy::read(&Source::new("durward.toml", case.section("durward.toml")))
        .unwrap_or_else(|found| panic!("{found}"));
    let compiled = compile(&policy, &environment).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let mut last = None;
    // `repeat` sends the request so many times; the last decision counts.
    let times: usize = case.section("repeat").trim().parse().unwrap_or(1);
    for _ in 0..times {
        let (head, body) = read_request(request.as_bytes()).unwrap();
        last = Some(explain(&compiled.plan, head, body, SocketAddr::from(([192, 0, 2, 1], 40_000)), NOW).unwrap());
    }
    last.unwrap()
}

fn text(trail: &Trail) -> String {
    let mut out = String::new();
    for step in trail.steps() {
        let _ = write!(out, "{} {}", step.stage, step.outcome.name());
        if let Some(reason) = step.outcome.reason() {
            let place = trail.place(step).map(|place| format!(" @ {place}")).unwrap_or_default();
            let _ = write!(out, " {reason}{place}");
        }
        out.push('\n');
    }
    out
}

#[test]
fn case_files_give_the_trails_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20, "{} case files", files.len());
    let mut faults = Vec::new();
    for file in files {
        let case = Case::read(&std::fs::read_to_string(&file).unwrap());
        let explained = decide(&case);
        let (got, wanted) = (text(&explained.trail), case.section("trail").trim());
        if got.trim() != wanted {
            faults.push(format!("{}\nwanted:\n{wanted}\ngot:\n{got}{:?}", file.display(), explained.result.err()));
        }
        if case.section("keys").is_empty() && case.section("repeat").is_empty() {
            faults.extend(explained_alike(&case, wanted).map(|fault| format!("{}: {fault}", file.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// `durward explain` on a file says the same.
fn explained_alike(case: &Case, wanted: &str) -> Option<String> {
    let mut builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
    for (name, text) in &case.sections {
        builder = builder.file(name, text).unwrap();
    }
    let output = builder.verb(&["explain", "request", "--output", "json"]).unwrap();
    let said: serde_json::Value = match serde_json::from_slice(&output.stdout) {
        Ok(said) => said,
        Err(_) => return Some(format!("explain said {}", String::from_utf8_lossy(&output.stderr))),
    };
    let steps = said["record"]["trail"].as_array()?;
    let line = |step: &serde_json::Value| {
        let text = |key: &str| step[key].as_str().unwrap_or_default().to_owned();
        let reason =
            if text("reason").is_empty() { String::new() } else { format!(" {} @ {}", text("reason"), text("rule")) };
        format!("{} {}{reason}", text("stage"), text("outcome"))
    };
    let got = steps.iter().map(line).collect::<Vec<_>>().join("\n");
    (got != wanted).then(|| format!("explain gave\n{got}"))
}
