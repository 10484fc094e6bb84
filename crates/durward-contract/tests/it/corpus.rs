//! Every document of the corpora either loads, or is refused for a reason that is written down here.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use durward_contract::{Contract, In, Loaded};
use durward_core::Diagnostics;
use durward_http::{CanonicalPath, PathRules};

/// Loading one document takes no longer, unoptimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("DURWARD_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"), PathBuf::from);
    let folder = root.join("openapi");
    folder.is_dir().then_some(folder)
}

fn load(path: &Path) -> Result<Loaded, Diagnostics> {
    Contract::load(path, &|path| std::fs::read_to_string(path).map_err(|error| error.to_string()))
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for part in [folder.to_owned(), folder.join("oai-examples"), folder.join("features")] {
        let entries = std::fs::read_dir(part).into_iter().flatten();
        let paths = entries.flatten().map(|entry| entry.path());
        found.extend(paths.filter(|path| matches!(path.extension().and_then(|e| e.to_str()), Some("json" | "yaml"))));
    }
    found.sort();
    found
}

#[test]
fn every_document_loads_or_says_why() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no corpora (set DURWARD_CORPORA to their folder)");
        return;
    };
    let mut wrong = Vec::new();
    for path in documents(&folder) {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let start = Instant::now();
        let result = load(&path);
        let took = start.elapsed();
        let line = match &result {
            Ok(loaded) => {
                let unrouted = loaded.contract.operations().iter().filter(|operation| !operation.is_routed()).count();
                format!("ok, {} warnings, {unrouted} not routed", loaded.warnings.as_slice().len())
            }
            Err(problems) => problems.as_slice()[0].message().to_owned(),
        };
        let operations = result.as_ref().map_or(0, |loaded| loaded.contract.operations().len());
        println!("{name:64} {operations:5} ops {:6} ms  {line}", took.as_millis());
        if std::env::var_os("SHOW").is_some_and(|show| name.contains(show.to_str().unwrap())) {
            match &result {
                Ok(loaded) => println!("{}", loaded.warnings),
                Err(problems) => println!("{}", problems.render(false)),
            }
        }
        assert!(took < LONGEST, "{name} took {took:?}");
        let expected = EXPECTED.iter().find(|(known, _)| name.contains(known)).map(|(_, why)| *why);
        match (&result, expected) {
            (Ok(_), None) => {}
            (Ok(_), Some(_)) => wrong.push(format!("{name}: loads, and is on the list of those that do not")),
            (Err(_), Some(why)) if line.contains(why) => {}
            (Err(problems), _) => wrong.push(format!("{name}: {problems}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The budget of the notes is 1 s and 200 MB optimised; this is what a debug build must keep. It rests on one validator
/// for the whole document: separate ones took 4 GB.
#[test]
fn stripe_is_cheap() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no corpora (set DURWARD_CORPORA to their folder)");
        return;
    };
    let start = Instant::now();
    let loaded = load(&folder.join("stripe.com.json")).unwrap();
    let took = start.elapsed();
    assert!(loaded.contract.operations().len() > 400);
    assert!(took < Duration::from_secs(20), "{took:?}");
    // Nextest runs each test in a process of its own.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<u64>().ok());
    println!("stripe: {took:?}, peak {peak:?} KiB");
    if std::env::var_os("NEXTEST").is_some() {
        assert!(peak.is_none_or(|peak| peak < 400 << 10), "{peak:?} KiB");
    }
}

/// Every template of a document is found by a path that is made of it.
#[test]
fn every_template_is_found() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no corpora (set DURWARD_CORPORA to their folder)");
        return;
    };
    for name in [
        "github-api.github.com.json",
        "stripe.com.json",
        "kubernetes.io.json",
        "digitalocean.com.json",
        "box-openapi.json",
    ] {
        let contract = load(&folder.join(name)).unwrap().contract;
        let mut requests = Vec::new();
        for operation in contract.operations().iter().filter(|operation| operation.is_routed()) {
            let template = operation.template().split('#').next().unwrap();
            let mut path = String::new();
            for (at, piece) in template.split('{').enumerate() {
                match piece.split_once('}') {
                    Some((_, rest)) if at > 0 => path.push_str(&format!("v{at}{rest}")),
                    _ => path.push_str(piece),
                }
            }
            // Servers may be those of the document or of the operation.
            let paths = contract.base_paths().iter().map(|base| format!("{base}{path}"));
            let path = paths
                .map(|path| CanonicalPath::parse(&path, PathRules { allow_semicolon: true }).unwrap())
                .find(|path| {
                    let found = contract.router().find(operation.method(), path);
                    found.is_ok_and(|found| found.operation().index() == operation.index())
                })
                .unwrap_or_else(|| panic!("{name} {path}"));
            requests.push((operation.method().clone(), path));
        }
        let start = Instant::now();
        for _ in 0..20 {
            for (method, path) in &requests {
                std::hint::black_box(contract.router().find(method, path)).unwrap();
            }
        }
        let each = start.elapsed() / u32::try_from(requests.len() * 20).unwrap();
        println!("{name}: {} lookups, {each:?} each in this build", requests.len());
    }
}

/// What the documents prove of the values in requests: here is seen that it is much, and that it stays small in memory.
#[test]
fn much_is_proven() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no corpora (set DURWARD_CORPORA to their folder)");
        return;
    };
    for name in ["github-api.github.com.json", "stripe.com.json", "kubernetes.io.json", "digitalocean.com.json"] {
        let contract = load(&folder.join(name)).unwrap().contract;
        let (mut query, mut proven_query) = (0, 0);
        let (mut contents, mut with_proof, mut places) = (0, 0, HashSet::new());
        for operation in contract.operations() {
            let names: Vec<_> = operation.parameters().names(In::Query).collect();
            query += names.len();
            proven_query += names.iter().filter(|name| operation.proven().query(name.as_bytes())).count();
            for media in operation.body().into_iter().flat_map(|body| body.media()) {
                contents += 1;
                with_proof += usize::from(!media.proven().is_empty());
                places.extend(media.proven().root());
            }
        }
        println!(
            "{name}: {proven_query} of {query} query parameters, something in {with_proof} of {contents} contents, {} roots",
            places.len()
        );
        assert!(proven_query * 5 > query, "{name}");
    }
}

/// What does not load, and why: each is of a version that is not supported, a fragment, or invalid.
const EXPECTED: &[(&str, &str)] = &[
    ("features/readme-2.0-", "Swagger 2.0 documents are not supported"),
    ("slack_web_openapi_v2.json", "Swagger 2.0 documents are not supported"),
    // Fragments of a document that is cut into several files: no document by themselves.
    ("v2.0_json_petstore-separate_common_Error", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_json_petstore-separate_spec_NewPet", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_json_petstore-separate_spec_Pet", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_json_petstore-separate_spec_parameters", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_yaml_petstore-separate_common_Error", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_yaml_petstore-separate_spec_NewPet", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_yaml_petstore-separate_spec_Pet", "this is not an OpenAPI document: it has no `openapi`"),
    ("v2.0_yaml_petstore-separate_spec_parameters", "this is not an OpenAPI document: it has no `openapi`"),
    ("oai-examples/v2.0_", "Swagger 2.0 documents are not supported"),
    ("oai-examples/v3.2_", "OpenAPI 3.2.0 is not supported"),
    // A template may have each parameter once (OpenAPI 3.0.4, section 4.8.8.2).
    ("features/readme-3.0-parameters-common", "it has the parameter `id` twice"),
    // Names a scheme that its components do not have: who may call it cannot be known.
    ("features/readme-3.0-response-http-behavior", "there is no security scheme `api_key`"),
];
