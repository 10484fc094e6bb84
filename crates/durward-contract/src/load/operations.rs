//! Paths and their operations.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use http::Method;

use super::{Loader, Place};
use crate::router::{Endpoint, Template, TemplateProblem, Trie};
use crate::{Operation, Response, Router};

/// The methods that a path can have.
const METHODS: [(&str, Method); 8] = [
    ("get", Method::GET),
    ("put", Method::PUT),
    ("post", Method::POST),
    ("delete", Method::DELETE),
    ("options", Method::OPTIONS),
    ("head", Method::HEAD),
    ("patch", Method::PATCH),
    ("trace", Method::TRACE),
];

/// Operations, and where requests find them.
struct Collected {
    operations: Vec<Operation>,
    trie: Trie,
    base_paths: Vec<String>,
    ids: HashSet<Arc<str>>,
    /// Operations whose path goes on after `#` or `?`, by what stands before.
    partial: HashMap<String, Vec<Partial>>,
}

struct Partial {
    operation: usize,
    template: Template,
    bases: Vec<String>,
}

impl<'d> Loader<'d> {
    /// Reads all operations. Gives them with their router, and the base paths of their servers.
    pub(super) fn operations(&mut self, root: &Place<'d>) -> (Router, Vec<String>) {
        let mut collected = Collected {
            operations: Vec::new(),
            trie: Trie::new(),
            base_paths: Vec::new(),
            ids: HashSet::new(),
            partial: HashMap::new(),
        };
        let bases = self.base_paths(root, &[String::new()]);
        match root.get("paths") {
            Some(paths) if paths.value.is_object() => {
                for (template, item) in paths.members().filter(|(template, _)| !template.starts_with("x-")) {
                    self.path(root, template, &item, &bases, &mut collected);
                }
            }
            Some(paths) => {
                self.report.error(&paths, "`paths` is not an object", "write paths such as `/orders: { get: ... }`")
            }
            None if self.is_old => {
                self.report.error(root, "the document has no `paths`", "describe the API's paths under `paths`")
            }
            None => self.report.warn(root, "the document has no `paths`: nothing is let through"),
        }
        self.add_partial(root, &mut collected);
        if collected.base_paths.is_empty() {
            collected.base_paths = bases;
        }
        (Router::new(collected.operations, collected.trie), collected.base_paths)
    }

    fn path(&mut self, root: &Place<'d>, template: &str, written: &Place<'d>, bases: &[String], all: &mut Collected) {
        let Some(item) = self.deref(written) else { return };
        if !item.value.is_object() {
            return self.report.error(
                written,
                format!("the path `{template}` is not an object"),
                "write its methods: `get: ...`",
            );
        }
        // Quotes in YAML and AWS's own way of naming operations end up here; what is after cannot be routed on.
        let before = template.split(['#', '?']).next().unwrap_or_default();
        let parsed = match Template::parse(before) {
            Ok(parsed) => Some(parsed),
            Err(TemplateProblem::Unreachable(why)) => {
                self.report.warn(written, format!("`{template}` can never be reached: {why}"));
                None
            }
            Err(problem) => {
                let help = "write paths such as `/orders/{id}`";
                return self.report.error(written, format!("`{template}` is not a path: {}", problem.text()), help);
            }
        };
        self.warn_of_template(written, template, parsed.as_ref());
        let bases = self.base_paths(&item, bases);
        for (key, operation) in item.members() {
            let Some((_, method)) = METHODS.iter().find(|(word, _)| *word == key) else {
                self.warn_of_key(key, &operation);
                continue;
            };
            if !operation.value.is_object() {
                self.report.error(
                    &operation,
                    format!("`{key}` of `{template}` is not an operation"),
                    "write `responses: ...` at least",
                );
                continue;
            }
            let bases = self.base_paths(&operation, &bases);
            let names = parsed.as_ref().map(Template::names).unwrap_or_default();
            let index = self.operation(root, template, method, &item, &operation, &names, all);
            let Some(parsed) = &parsed else { continue };
            for base in &bases {
                if !all.base_paths.contains(base) {
                    all.base_paths.push(base.clone());
                }
            }
            if before.len() < template.len() {
                let partial = Partial { operation: index, template: parsed.clone(), bases };
                all.partial.entry(format!("{method} {before}")).or_default().push(partial);
                continue;
            }
            self.add(&operation, parsed, &bases, index, all);
        }
    }

    /// Puts an operation into the router.
    fn add(&mut self, place: &Place<'d>, template: &Template, bases: &[String], index: usize, all: &mut Collected) {
        let Some(method) = all.operations.get(index).map(|operation| operation.method.clone()) else { return };
        for base in bases {
            let full = match template.below(base) {
                Ok(full) => full,
                Err(problem) => {
                    self.report
                        .warn(place, format!("the server path `{base}` can never be reached: {}", problem.text()));
                    continue;
                }
            };
            let endpoint = Endpoint { method: method.clone(), operation: index };
            match all.trie.insert(&full, &endpoint) {
                Some(other) if other != index => {
                    let name = |index: usize| all.operations.get(index).map(Operation::full_name).unwrap_or_default();
                    let message =
                        format!("`{}` can never be reached: `{}` takes the same paths", name(index), name(other));
                    self.report.warn(place, message);
                }
                Some(_) => {}
                None => {
                    if let Some(operation) = all.operations.get_mut(index) {
                        operation.routed = true;
                    }
                }
            }
        }
    }

    /// Operations that differ only after `#` or `?`: one alone is routed, several cannot be told apart.
    fn add_partial(&mut self, root: &Place<'d>, all: &mut Collected) {
        let mut groups: Vec<_> = std::mem::take(&mut all.partial).into_iter().collect();
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        for (before, group) in groups {
            match group.as_slice() {
                [one] => {
                    self.add(root, &one.template, &one.bases, one.operation, all);
                    if all.operations.get(one.operation).is_some_and(Operation::is_routed) {
                        let message = format!("not enforced: what follows `#` or `?` in the path of `{before}`");
                        self.report.warn(root, message);
                    }
                }
                several => self.report.warn(
                    root,
                    format!(
                        "{} operations can never be reached: their paths differ from `{before}` only after `#` or `?`",
                        several.len()
                    ),
                ),
            }
        }
    }

    fn warn_of_template(&mut self, written: &Place<'d>, template: &str, parsed: Option<&Template>) {
        if parsed.is_some_and(Template::is_ambiguous) {
            let message = format!("where the parameters of `{template}` end is a guess: put text between them");
            self.report.warn(written, message);
        }
        let names = parsed.map(Template::names).unwrap_or_default();
        if names.iter().any(|name| name.starts_with(['+', '/', ';', '.', '*']) || name.ends_with(['*', '+'])) {
            self.report
                .warn(written, format!("a parameter of `{template}` is meant for several segments: it takes one"));
        }
    }

    fn warn_of_key(&mut self, key: &str, place: &Place<'d>) {
        let known =
            matches!(key, "$ref" | "summary" | "description" | "servers" | "parameters") || key.starts_with("x-");
        if !known {
            self.report.warn(place, format!("not enforced: `{key}` is no method of a path"));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the document that one operation is made of")]
    fn operation(
        &mut self,
        root: &Place<'d>,
        template: &str,
        method: &Method,
        item: &Place<'d>,
        place: &Place<'d>,
        names: &[Arc<str>],
        all: &mut Collected,
    ) -> usize {
        let index = all.operations.len();
        let fallback = || Arc::from(format!("{method} {template}"));
        let id: Arc<str> = match place.text("operationId").filter(|id| !id.trim().is_empty()) {
            Some(id) if all.ids.contains(id) => {
                self.report
                    .warn(place, format!("the operationId `{id}` is given twice: here it is `{method} {template}`"));
                fallback()
            }
            Some(id) => Arc::from(id),
            None => fallback(),
        };
        all.ids.insert(Arc::clone(&id));
        let operation = Operation {
            index,
            id,
            method: method.clone(),
            template: Arc::from(template),
            summary: place.text("summary").map(Into::into),
            security: self.security(root, place),
            parameters: self.parameters(item, place, names),
            body: self.body(place),
            responses: self.responses(place),
            routed: false,
            proven: Arc::default(),
        };
        all.operations.push(operation);
        index
    }

    fn responses(&mut self, operation: &Place<'d>) -> Vec<Response> {
        let mut responses = Vec::new();
        let Some(written) = operation.get("responses") else { return responses };
        for (status, response) in written.members().filter(|(status, _)| !status.starts_with("x-")) {
            let Some(response) = self.deref(&response) else { continue };
            let content = response.get("content");
            let media =
                content.iter().flat_map(|content| content.members().map(|(name, _)| name.into()).collect::<Vec<_>>());
            responses.push(Response { status: status.into(), media_types: media.collect() });
        }
        responses
    }
}
