//! What a stage's source never names. A stage is handed clocks, files and sockets as seams; one that reaches for them itself
//! can no longer be explained offline or replayed.

use super::{Violation, walls::STAGES};
use crate::shell;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

const NEVER: [(&str, &str); 9] = [
    ("std::fs", "a stage reads no files: take the content in `compile`"),
    ("std::net::Tcp", "a stage opens no sockets: take a seam of durward-core"),
    ("std::net::Udp", "a stage opens no sockets: take a seam of durward-core"),
    ("std::env", "a stage reads no environment: take the value in `compile`"),
    ("std::process", "a stage starts nothing"),
    ("SystemTime::now", "a stage has no clock: take the `Moment` it is handed"),
    ("Instant::now", "a stage has no clock: take the `Moment` it is handed"),
    ("std::thread::", "a stage starts no threads"),
    ("tokio", "a stage knows no runtime"),
];

/// Looks through the sources of every stage.
pub fn check(files: &[PathBuf], found: &mut Vec<Violation>) -> Result<()> {
    for file in files.iter().filter(|file| is_stage_source(file)) {
        let text = std::fs::read_to_string(shell::root().join(file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        scan(&file.display().to_string(), &text, found);
    }
    Ok(())
}

fn is_stage_source(file: &Path) -> bool {
    let is_test = file.file_stem().is_some_and(|stem| stem == "tests");
    !is_test
        && file.extension().is_some_and(|extension| extension == "rs")
        && STAGES.iter().any(|stage| file.starts_with(format!("crates/{stage}/src")))
}

/// Code only: comments are cut off, and so is the test module, which house order puts last.
fn scan(place: &str, text: &str, found: &mut Vec<Violation>) {
    let mut in_attribute = false;
    for (number, line) in text.lines().enumerate() {
        if in_attribute && line.trim_start().starts_with("mod ") && line.trim_end().ends_with('{') {
            return;
        }
        in_attribute = line.trim() == "#[cfg(test)]" || (in_attribute && line.trim_start().starts_with("#["));
        let code = spelled_out(line.split("//").next().unwrap_or_default());
        for (word, fix) in NEVER.iter().filter(|(word, _)| code.contains(word)) {
            found.push(Violation {
                place: format!("{place}:{}", number + 1),
                fault: format!("a stage names `{word}`"),
                fix: (*fix).into(),
            });
        }
    }
}

/// `use std::{fs, net::TcpStream}` with `std::fs` and `std::net::TcpStream` written out behind it.
fn spelled_out(code: &str) -> String {
    let mut text = code.to_owned();
    if let Some((_, list)) = code.split_once("std::{") {
        list.split([',', '{', '}']).for_each(|part| text += &format!(" std::{}", part.trim()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_scanned_and_comments_and_tests_are_not() {
        let cases = [
            ("let now = Instant::now();", 1),
            ("// never Instant::now()", 0),
            ("use std::fs;\nuse tokio::net;", 2),
            ("use std::{fmt, fs, net::TcpStream};", 2),
            ("std::thread_local! {}", 0),
            ("fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}", 0),
            ("#[cfg(test)]\n#[expect(x)]\nmod tests {\n    use std::fs;\n}", 0),
            ("#[cfg(test)]\nmod tests;\nuse std::fs;", 1),
        ];
        for (text, expected) in cases {
            let mut found = Vec::new();
            scan("x.rs", text, &mut found);
            assert_eq!(found.len(), expected, "{text}");
        }
    }

    #[test]
    fn only_stages_are_scanned() {
        assert!(is_stage_source(Path::new("crates/durward-edge/src/lists.rs")));
        assert!(!is_stage_source(Path::new("crates/durward-edge/tests/it/main.rs")));
        assert!(!is_stage_source(Path::new("crates/durward-edge/src/lists/tests.rs")));
        assert!(!is_stage_source(Path::new("crates/durward-proxy/src/serve.rs")));
    }
}
