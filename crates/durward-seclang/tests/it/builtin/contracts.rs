//! The examples that contracts of real APIs give: what their authors think of as ordinary requests.
//!
//! Every `example`, `examples` and `default` of a document is sent, a scalar as a parameter and within JSON, all else as a
//! JSON document.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Guard, Spot, get, percent, post, reasons, request};
use crate::suites::corpus;

/// Examples that are attacks, each with the reason.
const ATTACKS: [(&str, &str); 0] = [];

/// How many examples of one document are sent: evenly spread, so that a debug build is done in seconds. With
/// `DURWARD_ALL_EXAMPLES` set, all of them.
const MOST: usize = 150;

#[test]
fn no_example_of_a_contract_is_refused() {
    let Some(folder) = corpus("openapi") else { return };
    let all = std::env::var_os("DURWARD_ALL_EXAMPLES").is_some();
    let mut guard = Guard::new();
    let (mut sent, mut found, mut refused, mut seen) = (0, 0, Vec::new(), HashSet::new());
    for path in documents(&folder) {
        let examples: Vec<Example> = examples(&read(&path)).into_iter().filter(|it| seen.insert(it.key())).collect();
        found += examples.len();
        let step = if all { 1 } else { examples.len().div_ceil(MOST).max(1) };
        for example in examples.iter().step_by(step) {
            if ATTACKS.iter().any(|(place, _)| *place == example.place) {
                continue;
            }
            for request in example.requests() {
                sent += 1;
                let verdict = guard.judge(&request);
                if verdict.status != 200 {
                    refused.push(format!("{} {}\n{}", path.display(), example.place, reasons(&verdict)));
                }
            }
        }
    }
    println!("{found} examples, {sent} requests, {} refused", refused.len());
    assert!(sent > 2000, "{sent}");
    assert!(refused.is_empty(), "{} of {sent}\n{}", refused.len(), refused.join("\n"));
}

/// A value that a contract gives as an example, and where it does.
struct Example {
    place: String,
    value: Value,
}

impl Example {
    /// Equal for examples that make the same requests.
    fn key(&self) -> String {
        self.value.to_string()
    }

    fn requests(&self) -> Vec<crate::ftw::server::Request> {
        match &self.value {
            Value::Null => Vec::new(),
            Value::String(text) => [Spot::Query, Spot::Json].map(|spot| request(spot, text)).into(),
            Value::Bool(_) | Value::Number(_) => vec![get(&format!("/v1/items?n={}", percent(&self.key())))],
            Value::Array(_) | Value::Object(_) => vec![post("application/json", &self.key())],
        }
    }
}

/// The contracts, sorted.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "json" || it == "yaml" || it == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|it| it == "json") {
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    } else {
        serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// All examples of a document, in order.
fn examples(document: &Value) -> Vec<Example> {
    let (mut open, mut found) = (vec![(String::new(), document)], Vec::new());
    while let Some((place, node)) = open.pop() {
        match node {
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(index, item)| (format!("{place}/{index}"), item)));
            }
            // The names of the members of `properties` are those of an API.
            Value::Object(members) if !place.ends_with("/properties") => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("example" | "x-example" | "default", value) => add(&mut found, &place, name, value),
                        ("examples", Value::Object(named)) => {
                            let value = |it: &Value| it.get("value").unwrap_or(it).clone();
                            named.iter().for_each(|(key, it)| add(&mut found, &place, key, &value(it)));
                        }
                        ("examples", Value::Array(items)) => {
                            items.iter().for_each(|it| add(&mut found, &place, name, it));
                        }
                        _ => {}
                    }
                    open.push((format!("{place}/{name}"), member));
                }
            }
            Value::Object(members) => {
                open.extend(members.iter().map(|(name, member)| (format!("{place}/{name}"), member)));
            }
            _ => {}
        }
    }
    found
}

fn add(found: &mut Vec<Example>, place: &str, name: &str, value: &Value) {
    found.push(Example { place: format!("{place}/{name}"), value: value.clone() });
}
