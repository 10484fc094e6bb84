//! House tidiness that a compiler does not see.

use super::Violation;
use crate::shell;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const MAIN_LINES: usize = 60;

/// Paths that exist on one machine only. This file and the tests of the tools that look for them are the exception.
const MACHINE_PATHS: [&str; 4] = [concat!("/", "work/"), concat!("/", "root/"), "/home/", "/Users/"];

/// Hosts of package registries, written so that this file does not name one either: a lock file or a document that names one ties the project to it.
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("registry.npmjs", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi", ".org"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("deb.debian", ".org"),
    concat!("registry.yarnpkg", ".com"),
];

/// Files of the project as git sees them: tracked, or new and not ignored.
pub fn project_files() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(shell::root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listing = shell::output(&mut git).context("the files of the project are listed by git")?;
    let mut files: Vec<PathBuf> = listing.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
    files.retain(|file| shell::root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// Looks at every file of the project.
pub fn check(files: &[PathBuf], found: &mut Vec<Violation>) -> Result<()> {
    for file in files {
        let bytes =
            std::fs::read(shell::root().join(file)).with_context(|| format!("cannot read {}", file.display()))?;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            look(file, text, found);
        }
    }
    Ok(())
}

fn look(file: &Path, text: &str, found: &mut Vec<Violation>) {
    let place = file.display().to_string();
    let mut report = |fault: String, fix: &str| found.push(Violation { place: place.clone(), fault, fix: fix.into() });
    let name = file.file_name().unwrap_or_default();
    if name == "mod.rs" {
        report("`mod.rs` is not used here".into(), "name it after its module, beside the folder: `foo.rs` and `foo/`");
    }
    if name == "main.rs"
        && file.components().any(|part| part.as_os_str() == "src")
        && text.lines().count() >= MAIN_LINES
    {
        report(
            format!("main.rs has {} lines", text.lines().count()),
            "keep it under 60: it starts things, others do them",
        );
    }
    if name == "Cargo.toml" && file.components().count() > 1 && !file.starts_with("fuzz") && !inherits_lints(text) {
        report("the workspace's lints are not on".into(), "add `[lints]` with `workspace = true`");
    }
    if file == Path::new("xtask/src/layers/tidy.rs") {
        return;
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(word) = MACHINE_PATHS.iter().find(|word| has_path(line, word)) {
            report(
                format!("line {}: `{word}` is a path of one machine", number + 1),
                "use a relative path, or an option",
            );
        }
        if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(**host)) {
            report(
                format!("line {}: names the registry host `{host}`", number + 1),
                "leave it to the client's own settings",
            );
        }
    }
}

fn inherits_lints(text: &str) -> bool {
    text.parse::<toml::Table>()
        .ok()
        .and_then(|table| table.get("lints")?.get("workspace")?.as_bool())
        .unwrap_or_default()
}

/// Whether the line holds the path at its start, and not as the middle of a longer one such as `/api/home/x`.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | ')' | '*' | '/' | '$'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(file: &str, text: &str) -> usize {
        let mut found = Vec::new();
        look(Path::new(file), text, &mut found);
        found.len()
    }

    #[test]
    fn each_rule_is_seen() {
        let long = "\n".repeat(MAIN_LINES);
        let cases = [
            ("crates/a/src/mod.rs", "", 1),
            ("crates/a/src/b.rs", "", 0),
            ("crates/a/src/main.rs", long.as_str(), 1),
            ("crates/a/tests/it/main.rs", long.as_str(), 0),
            ("crates/a/Cargo.toml", "[package]", 1),
            ("crates/a/Cargo.toml", "[lints]\nworkspace = true", 0),
            ("Cargo.toml", "[workspace]", 0),
            ("README.md", concat!("see /", "work/main/x"), 1),
            ("README.md", "see `/home/me`", 1),
            ("README.md", "GET /api/home/me", 0),
            ("README.md", concat!("..", "/work/x"), 0),
            ("README.md", concat!("https://pypi", ".org/x"), 1),
        ];
        for (file, text, expected) in cases {
            assert_eq!(faults(file, text), expected, "{file}: {text:?}");
        }
    }
}
