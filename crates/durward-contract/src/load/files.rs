//! The files of a document, and what references lead to.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use durward_core::{Diagnostic, Diagnostics, Source};
use durward_http::decode_component;
use serde_json::Value;

use super::locate::locate;
use super::read;

/// More files than this are not read for one document.
const MOST_FILES: usize = 1_000;
/// A reference to a reference to a reference.
const MOST_HOPS: usize = 32;

/// All files, read.
#[derive(Debug)]
pub(crate) struct Files {
    files: Vec<File>,
    by_path: HashMap<PathBuf, usize>,
    /// Where schemas give themselves a name: `$id`, and `$anchor` within a file.
    names: HashMap<String, (usize, String)>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    source: Arc<Source>,
    root: Value,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Place<'d> {
    pub(crate) file: usize,
    pub(crate) pointer: String,
    pub(crate) value: &'d Value,
}

impl<'d> Place<'d> {
    /// A member of this value.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { file: self.file, pointer: format!("{}/{}", self.pointer, escape(key)), value })
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d, '_> {
        self.value.as_object().into_iter().flatten().map(|(key, value)| {
            let pointer = format!("{}/{}", self.pointer, escape(key));
            (key.as_str(), Self { file: self.file, pointer, value })
        })
    }

    /// The elements of an array.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Self> + use<'d, '_> {
        self.value.as_array().into_iter().flatten().enumerate().map(|(at, value)| {
            let pointer = format!("{}/{at}", self.pointer);
            Self { file: self.file, pointer, value }
        })
    }

    /// A text member.
    pub(crate) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Whether a member is `true`.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The reference, if this is one.
    pub(crate) fn reference(&self) -> Option<&'d str> {
        self.text("$ref")
    }
}

/// A segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Files {
    /// Reads the document, not yet what it refers to.
    pub(crate) fn open(path: &Path, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Self, Diagnostics> {
        let mut files = Self { files: Vec::new(), by_path: HashMap::new(), names: HashMap::new() };
        let root = normal(path);
        let text = read(path).map_err(|problem| Diagnostic::error(format!("cannot read the document {problem}")))?;
        files.add(root, text)?;
        Ok(files)
    }

    /// Reads all files that are referred to.
    pub(crate) fn follow_all(&mut self, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::new();
        let mut next = 0;
        while next < self.files.len() {
            self.follow(next, read, &mut problems);
            next += 1;
        }
        if problems.has_errors() { Err(problems) } else { Ok(()) }
    }

    fn add(&mut self, path: PathBuf, text: String) -> Result<(), Diagnostic> {
        let source = Source::new(path.display().to_string(), text);
        let root = read::read(&path, &source)?;
        let at = self.files.len();
        let mut pointer = String::new();
        name_schemas(&root, at, &mut pointer, &mut self.names);
        self.by_path.insert(path.clone(), at);
        self.files.push(File { path, source, root });
        Ok(())
    }

    /// Reads what a file refers to.
    fn follow(&mut self, at: usize, read: &dyn Fn(&Path) -> Result<String, String>, problems: &mut Diagnostics) {
        let Some(file) = self.files.get(at) else { return };
        let mut references = Vec::new();
        collect(&file.root, &mut String::new(), &mut references);
        let (base, source) = (file.path.clone(), Arc::clone(&file.source));
        for (reference, pointer) in references {
            if self.names.contains_key(&reference) || self.names.contains_key(without_fragment(&reference)) {
                continue;
            }
            let wrong = |message: String, help: &str| {
                let diagnostic = Diagnostic::error(message).help(help);
                match locate(source.text(), &pointer) {
                    Some(span) => diagnostic.at(&source, span),
                    None => diagnostic.in_file(&source),
                }
            };
            let path = match target_path(&base, &reference) {
                Ok(None) => continue,
                Ok(Some(path)) => path,
                Err(problem) => {
                    problems.push(wrong(problem.0, problem.1));
                    continue;
                }
            };
            if self.by_path.contains_key(&path) {
                continue;
            }
            if self.files.len() >= MOST_FILES {
                problems.push(wrong(format!("the document refers to more than {MOST_FILES} files"), "bundle it first"));
                return;
            }
            match read(&path) {
                Ok(text) => {
                    if let Err(problem) = self.add(path, text) {
                        problems.push(problem);
                    }
                }
                Err(problem) => problems.push(wrong(
                    format!("`$ref: {reference}` names a file that cannot be read: {problem}"),
                    "references are relative to the file they stand in",
                )),
            }
        }
    }

    /// The document itself.
    pub(crate) fn root(&self) -> Place<'_> {
        let value = self.files.first().map_or(&Value::Null, |file| &file.root);
        Place { file: 0, pointer: String::new(), value }
    }

    /// The text of a file.
    pub(crate) fn source(&self, file: usize) -> Option<&Arc<Source>> {
        self.files.get(file).map(|file| &file.source)
    }

    /// What a reference leads to, through further references where it leads to one.
    pub(crate) fn deref<'d>(&'d self, place: &Place<'d>) -> Result<Place<'d>, String> {
        let mut place = place.clone();
        for _ in 0..MOST_HOPS {
            let Some(reference) = place.reference() else { return Ok(place) };
            place = self.resolve(place.file, reference)?;
        }
        Err("the reference leads back to itself".to_owned())
    }

    /// What a reference leads to.
    pub(crate) fn resolve<'d>(&'d self, from: usize, reference: &str) -> Result<Place<'d>, String> {
        let missing = || format!("`$ref: {reference}` leads to nothing");
        if let Some((file, pointer)) = self.names.get(reference) {
            return self.at(*file, pointer).ok_or_else(missing);
        }
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let (file, base) = if path.is_empty() {
            (from, "")
        } else if let Some((file, pointer)) = self.names.get(path) {
            (*file, pointer.as_str())
        } else {
            let base = self.files.get(from).map(|file| file.path.clone()).unwrap_or_default();
            let path = target_path(&base, reference).map_err(|problem| problem.0)?.ok_or_else(missing)?;
            (*self.by_path.get(&path).ok_or_else(missing)?, "")
        };
        let fragment = decode_component(fragment, false).map_err(|_| missing())?;
        if fragment.is_empty() {
            return self.at(file, base).ok_or_else(missing);
        }
        if !fragment.starts_with('/') {
            let (file, pointer) = self.names.get(&anchor(file, &fragment)).ok_or_else(missing)?;
            return self.at(*file, pointer).ok_or_else(missing);
        }
        self.at(file, &format!("{base}{fragment}")).ok_or_else(missing)
    }

    fn at(&self, file: usize, pointer: &str) -> Option<Place<'_>> {
        let value = self.files.get(file)?.root.pointer(pointer)?;
        Some(Place { file, pointer: pointer.to_owned(), value })
    }
}

/// What `$recursiveRef` leads to: the schema of the file that has `$recursiveAnchor`.
pub(crate) const RECURSIVE: &str = "$recursive";

fn anchor(file: usize, name: &str) -> String {
    format!("{file}#{name}")
}

fn without_fragment(reference: &str) -> &str {
    reference.split_once('#').map_or(reference, |(path, _)| path)
}

type Refused = (String, &'static str);

/// The file that a reference names; `None` for the same file.
fn target_path(base: &Path, reference: &str) -> Result<Option<PathBuf>, Refused> {
    let path = without_fragment(reference);
    if path.is_empty() {
        return Ok(None);
    }
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| {
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
    }) {
        return Err((
            format!("`$ref: {reference}` is remote: documents are never fetched from elsewhere"),
            "download the file beside this one and refer to it by its relative path, or bundle the document",
        ));
    }
    let path = decode_component(path, false)
        .map_err(|problem| (format!("`$ref: {reference}`: {problem}"), "mend the escape"))?;
    if path.starts_with('/') || path.starts_with('\\') {
        return Err((format!("`$ref: {reference}` is an absolute path"), "write it relative to this file"));
    }
    let folder = base.parent().unwrap_or(Path::new(""));
    Ok(Some(normal(&folder.join(&*path))))
}

/// A path without `.` and without `..` where that can be.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Members that hold data, not parts of the document.
fn is_data(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-")
}

/// Depth is bounded by the reader, here and below.
fn collect(value: &Value, pointer: &mut String, references: &mut Vec<(String, String)>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref")
                && !reference.starts_with('#')
            {
                references.push((reference.clone(), format!("{pointer}/$ref")));
            }
            for (key, value) in
                map.iter().filter(|(key, value)| !is_data(key) && (value.is_object() || value.is_array()))
            {
                pointer.push('/');
                pointer.push_str(&escape(key));
                collect(value, pointer, references);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                pointer.push_str(&format!("/{at}"));
                collect(value, pointer, references);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn name_schemas(value: &Value, file: usize, pointer: &mut String, names: &mut HashMap<String, (usize, String)>) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            if let Some(Value::String(id)) = map.get("$id") {
                names.entry(id.trim_end_matches('#').to_owned()).or_insert_with(|| (file, pointer.clone()));
            }
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(Value::String(name)) = map.get(key) {
                    names.entry(anchor(file, name)).or_insert_with(|| (file, pointer.clone()));
                }
            }
            if map.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
                names.entry(anchor(file, RECURSIVE)).or_insert_with(|| (file, pointer.clone()));
            }
            for (key, value) in
                map.iter().filter(|(key, value)| !is_data(key) && (value.is_object() || value.is_array()))
            {
                pointer.push('/');
                pointer.push_str(&escape(key));
                name_schemas(value, file, pointer, names);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                pointer.push_str(&format!("/{at}"));
                name_schemas(value, file, pointer, names);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}
