//! Real documents: the JSON files of the corpora mean the same to `serde_json`.

use std::path::PathBuf;

use durward_http::json::{Document, Kind, Limits, Value};

#[test]
fn corpora() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let folder = std::env::var_os("DURWARD_CORPORA").map_or_else(beside, PathBuf::from).join("openapi");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there is no folder `openapi` of corpora; set DURWARD_CORPORA");
        return;
    };
    let roomy = Limits { bytes: 1 << 30, nodes: 1 << 26, members: 1 << 20, elements: 1 << 20, ..Limits::default() };
    let mut read = 0;
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read(&path).unwrap();
        let ours = Document::parse(text.clone(), &roomy);
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert!(same(ours.root(), &theirs), "{}", path.display());
                read += 1;
            }
            (Err(ours), theirs) => panic!("{}: {ours}; serde_json accepts: {}", path.display(), theirs.is_ok()),
            (Ok(_), Err(theirs)) => panic!("{}: {theirs}", path.display()),
        }
    }
    println!("{read} documents read alike");
}

fn same(ours: Value<'_>, theirs: &serde_json::Value) -> bool {
    match theirs {
        serde_json::Value::Null => ours.is_null(),
        serde_json::Value::Bool(value) => ours.as_bool() == Some(*value),
        serde_json::Value::Number(value) => ours.number().is_some_and(|number| {
            value.as_i64() == number.as_i64() && (value.is_f64() || value.as_u64() == number.as_u64())
        }),
        serde_json::Value::String(value) => ours.as_str().as_deref() == Some(value),
        serde_json::Value::Array(values) => {
            ours.kind() == Kind::Array
                && ours.len() == values.len()
                && ours.elements().zip(values).all(|(ours, theirs)| same(ours, theirs))
        }
        serde_json::Value::Object(members) => {
            ours.kind() == Kind::Object
                && ours.len() == members.len()
                && ours
                    .members()
                    .zip(members)
                    .all(|((name, ours), (other, theirs))| name == *other && same(ours, theirs))
        }
    }
}
