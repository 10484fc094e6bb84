//! The regression tests of the Core Rule Set: what their YAML says, the bytes that go-ftw would send for it, what stands
//! behind, and whether what was logged is what a test expects. Who runs them sends the bytes and says what was logged.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite that cannot be read ends the test"
)]

mod backend;
mod base64;
mod case;
mod expected;
mod render;

use std::path::{Path, PathBuf};

use regex_automata::meta::Regex;

pub use backend::{Backend, Response};
pub use case::{Case, Data, Fields, Input, Log, Output, Stage, Statuses, read};
pub use expected::Expected;
pub use render::render;

/// What the tests of both generations ask of the configuration, by the README beside them. The last word for both is the
/// paranoia level, which they call differently.
pub const SETUP: &str = r#"
SecAction "id:900005,phase:1,nolog,pass,ctl:ruleEngine=DetectionOnly,ctl:ruleRemoveById=910000,\
  setvar:tx.paranoia_level=4,setvar:tx.blocking_paranoia_level=4,setvar:tx.crs_validate_utf8_encoding=1,\
  setvar:tx.arg_name_length=100,setvar:tx.arg_length=400,setvar:tx.total_arg_length=64000,setvar:tx.max_num_args=255,\
  setvar:tx.max_file_size=64100,setvar:tx.combined_file_sizes=65535"
"#;

/// The files of a suite, in order: `*.yaml`, and `*.yml`, which go-ftw passes over.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("an entry of the folder").path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
}

/// Compares what was logged with what a test expects: the rules, and the lines that a web server would write of them.
///
/// # Errors
/// What is missing, or there and not wanted.
pub fn said(output: &Output, logged: &[u64], lines: &[String]) -> Result<(), String> {
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
