//! What a person or a machine reads.

mod findings;

use std::io::{self, IsTerminal, Write};

use durward_core::{Diagnostic, Diagnostics, Severity};
use serde_json::{Value, json};

use crate::cli::{Color, Output};

pub(crate) use findings::{Detail, count, render};

/// Standard output and error, with colours where they help.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    color_out: bool,
    color_err: bool,
    output: Output,
}

impl Terminal {
    pub(crate) fn new(color: Color, output: Output) -> Self {
        let wanted = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
        };
        Self { color_out: wanted(io::stdout().is_terminal()), color_err: wanted(io::stderr().is_terminal()), output }
    }

    /// Whether standard output shows colours.
    pub(crate) const fn color(&self) -> bool {
        self.color_out
    }

    /// Whether machines read.
    pub(crate) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Writes to standard output. A reader that went away (`| head`) is not our mistake.
    pub(crate) fn say(&self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// Writes a JSON document to standard output.
    pub(crate) fn json(&self, value: &Value) {
        self.say(&format!("{value:#}"));
    }

    /// Writes to standard error.
    pub(crate) fn note(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Shows why the verb failed.
    pub(crate) fn complain(&self, error: &anyhow::Error) {
        if let Some(found) = error.downcast_ref::<Diagnostics>() {
            self.refuse(found, Detail::Grouped);
            return;
        }
        if self.is_json() {
            self.json(&json!({ "ok": false, "error": format!("{error:#}") }));
        } else if self.color_err {
            self.note(&format!("\u{1b}[1;31merror\u{1b}[0m: {error:#}"));
        } else {
            self.note(&format!("error: {error:#}"));
        }
    }

    /// Shows findings because of which the verb failed.
    pub(crate) fn refuse(&self, found: &Diagnostics, detail: Detail) {
        if self.is_json() {
            let diagnostics: Vec<_> = found.as_slice().iter().map(as_json).collect();
            self.json(&json!({ "ok": false, "diagnostics": diagnostics }));
            return;
        }
        self.diagnose(found, detail);
        let errors = found.as_slice().iter().filter(|one| one.severity() == Severity::Error).count();
        if errors > 1 {
            self.note(&format!("\n{}", count(errors, "error")));
        }
    }

    /// Shows findings to a person; what a machine reads of them is part of the verb's own document.
    pub(crate) fn diagnose(&self, found: &Diagnostics, detail: Detail) {
        if !self.is_json() && !found.as_slice().is_empty() {
            self.note(&render(found.as_slice(), self.color_err, detail));
        }
    }
}

/// One finding for machines.
pub(crate) fn as_json(diagnostic: &Diagnostic) -> Value {
    let (file, line) = diagnostic.place().map_or((None, None), |(file, line)| (Some(file), line));
    json!({
        "severity": match diagnostic.severity() { Severity::Error => "error", Severity::Warning => "warning" },
        "message": diagnostic.message(),
        "file": file,
        "line": line,
        "label": diagnostic.labelled(),
        "help": diagnostic.helps(),
    })
}
