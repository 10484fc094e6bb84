//! What loading has to say.

use std::collections::HashSet;

use durward_core::{Diagnostic, Diagnostics};

use super::files::{Files, Place};
use super::locate::locate;

/// More warnings than this are counted, not told.
const MOST_WARNINGS: usize = 200;
/// Finding a place reads the text from its start; so many bytes are spent on that.
const SEARCH_BYTES: usize = 96 << 20;

/// Collects errors and warnings with their places.
#[derive(Debug)]
pub(crate) struct Report<'d> {
    files: &'d Files,
    errors: Diagnostics,
    warnings: Vec<Diagnostic>,
    left_out: usize,
    told: HashSet<String>,
    budget: usize,
}

impl<'d> Report<'d> {
    pub(crate) fn new(files: &'d Files) -> Self {
        Self {
            files,
            errors: Diagnostics::new(),
            warnings: Vec::new(),
            left_out: 0,
            told: HashSet::new(),
            budget: SEARCH_BYTES,
        }
    }

    /// The document is wrong here.
    pub(crate) fn error(&mut self, place: &Place<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.error_at(place.file, &place.pointer, message.into(), help.into());
    }

    /// The document is wrong here.
    pub(crate) fn error_at(&mut self, file: usize, pointer: &str, message: String, help: String) {
        if self.errors.as_slice().len() < MOST_WARNINGS && self.told.insert(format!("{pointer} {message}")) {
            let diagnostic = self.placed(Diagnostic::error(message).help(help), file, pointer);
            self.errors.push(diagnostic);
        }
    }

    /// Something here is not as it seems. The same words are said once.
    pub(crate) fn warn(&mut self, place: &Place<'_>, message: impl Into<String>) {
        self.warn_at(place.file, &place.pointer, message.into());
    }

    /// Something here is not as it seems. The same words are said once.
    pub(crate) fn warn_at(&mut self, file: usize, pointer: &str, message: String) {
        if !self.told.insert(message.clone()) {
            return;
        }
        if self.warnings.len() >= MOST_WARNINGS {
            self.left_out += 1;
            return;
        }
        let diagnostic = self.placed(Diagnostic::warning(message), file, pointer);
        self.warnings.push(diagnostic);
    }

    fn placed(&mut self, diagnostic: Diagnostic, file: usize, pointer: &str) -> Diagnostic {
        let Some(source) = self.files.source(file) else { return diagnostic };
        let span = self.budget.checked_sub(source.text().len()).and_then(|left| {
            self.budget = left;
            locate(source.text(), pointer)
        });
        match span {
            Some(span) => diagnostic.at(source, span),
            None if pointer.is_empty() => diagnostic.in_file(source),
            None => diagnostic.in_file(source).help(format!("at `{pointer}`")),
        }
    }

    /// The warnings, or the errors if there are any.
    pub(crate) fn finish(mut self) -> Result<Diagnostics, Diagnostics> {
        if self.errors.has_errors() {
            return Err(self.errors);
        }
        if self.left_out > 0 {
            self.warnings.push(Diagnostic::warning(format!("{} more warnings are not shown", self.left_out)));
        }
        Ok(self.warnings.into_iter().collect())
    }

    /// Whether anything is wrong so far.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors.has_errors()
    }
}
