//! Every document of the corpora either loads, or is refused for a reason that is written down here.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use durward_contract::{Contract, Loaded};
use durward_core::Diagnostics;

/// Loading one document takes no longer, unoptimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("DURWARD_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let folder = root.join("openapi");
    folder.is_dir().then_some(folder)
}

fn load(path: &Path) -> Result<Loaded, Diagnostics> {
    Contract::load(path, &|path| std::fs::read_to_string(path).map_err(|error| error.to_string()))
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for part in [folder.to_owned(), folder.join("oai-examples"), folder.join("features")] {
        let entries = std::fs::read_dir(part).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
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
