//! Where each key of the document stands.

use std::sync::Arc;

use durward_core::{Diagnostic, PolicyPlace, Source, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// An index from key paths to the bytes of their keys and values.
#[derive(Debug, Clone)]
pub struct Places {
    source: Arc<Source>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    path: Vec<String>,
    key: Span,
    value: Span,
}

impl Places {
    /// Indexes a parsed document.
    pub(crate) fn index(source: &Arc<Source>, table: &DeTable<'_>) -> Self {
        let mut entries = Vec::new();
        walk(table, &mut Vec::new(), &mut entries);
        Self { source: Arc::clone(source), entries }
    }

    /// The document.
    #[must_use]
    pub const fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The name of the place for records: file, line and key.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> PolicyPlace {
        let name = path.join(".");
        match self.find(path) {
            Some(entry) => {
                PolicyPlace::new(format!("{}:{} {name}", self.source.name(), self.source.line(entry.key.start)))
            }
            None => PolicyPlace::default_of(&name),
        }
    }

    /// Puts a diagnostic at a key; at the nearest table above it when the key itself is not written.
    #[must_use]
    pub fn at_key(&self, path: &[&str], diagnostic: Diagnostic) -> Diagnostic {
        self.at(path, diagnostic, |entry| entry.key)
    }

    /// Puts a diagnostic at the value of a key.
    #[must_use]
    pub fn at_value(&self, path: &[&str], diagnostic: Diagnostic) -> Diagnostic {
        self.at(path, diagnostic, |entry| entry.value)
    }

    fn at(&self, path: &[&str], diagnostic: Diagnostic, span: impl Fn(&Entry) -> Span) -> Diagnostic {
        let mut rest = path;
        loop {
            if let Some(entry) = self.find(rest) {
                let span = if rest.len() == path.len() { span(entry) } else { entry.key };
                return diagnostic.at(&self.source, span);
            }
            match rest.split_last() {
                Some((_, shorter)) => rest = shorter,
                None => return diagnostic.in_file(&self.source),
            }
        }
    }

    fn find(&self, path: &[&str]) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path.iter().map(String::as_str).eq(path.iter().copied()))
    }
}

fn walk(table: &DeTable<'_>, path: &mut Vec<String>, entries: &mut Vec<Entry>) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        entries.push(Entry { path: path.clone(), key: key.span().into(), value: value.span().into() });
        match value.get_ref() {
            DeValue::Table(inner) => walk(inner, path, entries),
            DeValue::Array(items) => walk_items(items, path, entries),
            _ => {}
        }
        path.pop();
    }
}

/// The elements of an array are found by their text, so that a message can point at one of them; tables by their position,
/// from 0.
fn walk_items(items: &[Spanned<DeValue<'_>>], path: &mut Vec<String>, entries: &mut Vec<Entry>) {
    for (at, item) in items.iter().enumerate() {
        match item.get_ref() {
            DeValue::String(text) => path.push(text.to_string()),
            DeValue::Table(_) => path.push(at.to_string()),
            _ => continue,
        }
        entries.push(Entry { path: path.clone(), key: item.span().into(), value: item.span().into() });
        if let DeValue::Table(table) = item.get_ref() {
            walk(table, path, entries);
        }
        path.pop();
    }
}
