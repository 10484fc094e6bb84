//! From files to a contract.
//!
//! Everything is read once, here: what is invalid is an error with its place, what cannot be enforced a warning.

mod body;
mod files;
mod locate;
mod operations;
mod parameters;
mod read;
mod report;
mod security;
mod servers;

use std::path::Path;
use std::sync::Arc;

use durward_core::Diagnostics;
use serde_json::Value;

use crate::schema::Builder;
use crate::{Contract, Loaded, SecurityScheme};

pub(crate) use files::{Files, Place, RECURSIVE, escape};
pub(crate) use report::Report;

/// What is at hand while a document is read.
pub(crate) struct Loader<'d> {
    files: &'d Files,
    report: Report<'d>,
    schemas: Builder<'d>,
    /// `OpenAPI` 3.0, not 3.1.
    is_old: bool,
    schemes: Vec<SecurityScheme>,
}

/// Loads a document.
pub(crate) fn load(path: &Path, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Loaded, Diagnostics> {
    let mut files = Files::open(path, read)?;
    let is_old = {
        let mut report = Report::new(&files);
        let Some(is_old) = is_old(&files.root(), &mut report) else {
            return Err(report.finish().err().unwrap_or_default());
        };
        is_old
    };
    files.follow_all(read)?;
    let files = files;
    let report = Report::new(&files);
    let schemas = Builder::new(&files, is_old);
    let mut loader = Loader { files: &files, report, schemas, is_old, schemes: Vec::new() };
    let root = files.root();
    let (title, version) = loader.info(&root, path);
    loader.read_schemes(&root);
    let (mut router, base_paths) = loader.operations(&root);
    let Loader { mut report, schemas, schemes, .. } = loader;
    if !report.has_errors() {
        let forest = Arc::new(schemas.finish(&mut report));
        router.operations_mut().iter_mut().for_each(|operation| operation.prove(&forest));
    }
    let warnings = report.finish()?;
    Ok(Loaded { contract: Contract { title, version, base_paths, schemes, router }, warnings })
}

/// Whether the document is of version 3.0, or nothing if it is of a version that cannot be read.
fn is_old(root: &Place<'_>, report: &mut Report<'_>) -> Option<bool> {
    if !root.value.is_object() {
        report.error(
            root,
            "this is not an OpenAPI document: it is not an object",
            "name a file that starts with `openapi: 3.1.0`",
        );
        return None;
    }
    if let Some(swagger) = root.get("swagger") {
        report.error(
            &swagger,
            "Swagger 2.0 documents are not supported by this version",
            "convert it to OpenAPI 3.0 first, for example with `npx swagger2openapi swagger.json -o openapi.json` or the \
             converter at converter.swagger.io",
        );
        return None;
    }
    let Some(written) = root.get("openapi") else {
        report.error(root, "this is not an OpenAPI document: it has no `openapi`", "write `openapi: 3.1.0` at its top");
        return None;
    };
    let version = match written.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match version.split('.').collect::<Vec<_>>().as_slice() {
        ["3", "0", ..] => Some(true),
        ["3", "1", ..] => Some(false),
        _ => {
            report.error(
                &written,
                format!("OpenAPI {version} is not supported by this version: 3.0 and 3.1 are"),
                "write the document as OpenAPI 3.1: what 3.2 adds (`querystring`, `additionalOperations`, `itemSchema`) is not enforced yet",
            );
            None
        }
    }
}

impl<'d> Loader<'d> {
    fn info(&mut self, root: &Place<'d>, path: &Path) -> (String, String) {
        let info = root.get("info");
        let text = |key: &str| {
            info.as_ref().and_then(|info| info.value.get(key)).and_then(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
        };
        let (title, version) = (text("title"), text("version"));
        if title.is_none() {
            self.report
                .warn(info.as_ref().unwrap_or(root), "the document has no `info.title`: it is called by its file");
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        (title.unwrap_or(stem), version.unwrap_or_default())
    }

    /// What a reference leads to; tells where it leads nowhere.
    fn deref(&mut self, place: &Place<'d>) -> Option<Place<'d>> {
        match self.files.deref(place) {
            Ok(target) => Some(target),
            Err(problem) => {
                self.report.error(place, problem, "name something that is there");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
