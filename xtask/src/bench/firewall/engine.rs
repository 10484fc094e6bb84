//! Durward's engine alone: the example `cost` of the crate, which checks every verdict before it measures.

use super::request::requests;
use crate::shell;
use anyhow::{Context, Result};
use std::path::Path;
use std::time::Duration;

/// CPU microseconds for each request.
pub fn costs(rules: &Path, time: Duration) -> Result<Vec<(&'static str, f64)>> {
    let mut example = shell::cargo();
    example.args(["run", "--release", "--quiet", "--package", "durward-seclang", "--example", "cost", "--"]);
    let text = shell::output(example.arg(rules).args(["--milliseconds", &time.as_millis().to_string()]))?;
    println!("{text}");
    requests()
        .map(|request| {
            let micros = read(&text, request.name);
            Ok((request.name, micros.with_context(|| format!("no figure for {} in:\n{text}", request.name))?))
        })
        .collect()
}

fn read(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let figure = (words.next()? == name).then(|| words.next())??;
        (words.next()? == "us").then(|| figure.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found() {
        let text = "get          matched by []\nget               61.07 us CPU for each transaction\nload 0.2 s CPU\n";
        assert_eq!(read(text, "get"), Some(61.07));
        assert_eq!(read(text, "load"), None);
    }
}
