//! Schemas of the document, rewritten as JSON Schema 2020-12 for requests, and gathered into one.
//!
//! What `OpenAPI` 3.0 writes differently (`nullable`, boolean `exclusiveMinimum`, `$ref` that hides its siblings) is
//! translated; `readOnly` members may not be sent and are not asked for; `discriminator` chooses one alternative instead
//! of trying all. References to anywhere, in any file, become references to flat definitions, so that cycles need no
//! care. What is garbled is left out with a warning.

mod discriminator;
mod keywords;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::pattern::{BACKTRACK_LIMIT, Patterns, SIZE_LIMIT};
use super::tape::Tape;
use super::{Check, Forest, Validators, format};
use crate::load::{Files, Place, Report, escape};

/// A definition.
pub(crate) type Key = usize;

/// Gathers schemas.
pub(crate) struct Builder<'d> {
    files: &'d Files,
    /// `OpenAPI` 3.0, not 3.1.
    is_old: bool,
    keys: HashMap<(usize, String), Key>,
    pending: Vec<(Key, Place<'d>)>,
    definitions: Vec<Definition>,
    checked: HashSet<Key>,
    /// Whose values may have something proven of them.
    proven: HashSet<Key>,
    patterns: Patterns,
    validators: Arc<Validators>,
}

#[derive(Debug, Default)]
struct Definition {
    file: usize,
    pointer: String,
    schema: Value,
    refers: Vec<Key>,
    /// A pattern in it may give up.
    backtracks: bool,
    /// Stands below `not` or `if` somewhere.
    is_negated: bool,
}

/// Where in the document a conversion is; the pointer is only made when it is told.
#[derive(Clone, Copy)]
struct At<'t> {
    file: usize,
    base: &'t str,
    parent: Option<&'t At<'t>>,
    key: &'t str,
    /// The definition that is being converted.
    definition: Key,
    /// Below `not` or `if`, where a failed match lets values through.
    negated: bool,
}

impl<'t> At<'t> {
    fn child(&'t self, key: &'t str) -> Self {
        At { parent: Some(self), key, ..*self }
    }

    fn pointer(&self) -> String {
        match self.parent {
            None => self.base.to_owned(),
            Some(parent) => format!("{}/{}", parent.pointer(), escape(self.key)),
        }
    }
}

impl<'d> Builder<'d> {
    pub(crate) fn new(files: &'d Files, is_old: bool) -> Self {
        Self {
            files,
            is_old,
            keys: HashMap::new(),
            pending: Vec::new(),
            definitions: Vec::new(),
            checked: HashSet::new(),
            proven: HashSet::new(),
            patterns: Patterns::default(),
            validators: Arc::default(),
        }
    }

    /// A schema that requests will be held to.
    pub(crate) fn check(&mut self, schema: &Place<'d>) -> Check {
        let key = self.intern(schema);
        self.checked.insert(key);
        Check::new(&self.validators, &name(key))
    }

    /// The name of a schema in the [`Forest`] that comes of all, for values that are held to it.
    pub(crate) fn prove(&mut self, schema: &Place<'d>) -> Key {
        let key = self.intern(schema);
        self.proven.insert(key);
        key
    }

    /// The schema itself, converted; references lead to definitions.
    pub(crate) fn converted(&mut self, schema: &Place<'d>, report: &mut Report<'d>) -> Value {
        let key = self.intern(schema);
        self.drain(report);
        self.definitions.get(key).map_or(Value::Bool(false), |definition| definition.schema.clone())
    }

    fn intern(&mut self, schema: &Place<'d>) -> Key {
        let next = self.definitions.len();
        let key = *self.keys.entry((schema.file, schema.pointer.clone())).or_insert(next);
        if key == next {
            let (file, pointer) = (schema.file, schema.pointer.clone());
            self.definitions.push(Definition { file, pointer, ..Definition::default() });
            self.pending.push((key, schema.clone()));
        }
        key
    }

    fn drain(&mut self, report: &mut Report<'d>) {
        while let Some((key, place)) = self.pending.pop() {
            let at =
                At { file: place.file, base: &place.pointer, parent: None, key: "", definition: key, negated: false };
            let schema = self.schema(place.value, &at, &[], report);
            if let Some(definition) = self.definitions.get_mut(key) {
                definition.schema = schema;
            }
        }
    }

    /// A reference to a definition, or nothing when it leads nowhere.
    fn reference(&mut self, reference: &str, at: &At<'_>, report: &mut Report<'d>) -> Option<Key> {
        let files = self.files;
        // Followed to its end, so that a circle of references is found.
        let place = files.resolve(at.file, reference).and_then(|place| files.deref(&place).map(|_| place));
        match place {
            Ok(place) => {
                let key = self.intern(&place);
                if let Some(definition) = self.definitions.get_mut(at.definition) {
                    definition.refers.push(key);
                }
                if let Some(definition) = self.definitions.get_mut(key) {
                    definition.is_negated |= at.negated;
                }
                Some(key)
            }
            Err(problem) => {
                report.error_at(
                    at.file,
                    &at.child("$ref").pointer(),
                    problem,
                    "name a schema that is there".to_owned(),
                );
                None
            }
        }
    }

    /// Builds the validator of all schemas that were asked for, and what it proves.
    pub(crate) fn finish(mut self, report: &mut Report<'d>) -> Forest {
        self.drain(report);
        self.refuse_negated_backtracking(report);
        let schemas: Vec<&Value> = self.definitions.iter().map(|definition| &definition.schema).collect();
        let mut roots: Vec<Key> = self.proven.iter().copied().collect();
        roots.sort_unstable();
        let forest = Forest::build(&schemas, roots);
        let mut definitions = Map::new();
        let mut properties = Map::new();
        for (key, definition) in self.definitions.iter_mut().enumerate() {
            definitions.insert(name(key), definition.schema.take());
            if self.checked.contains(&key) {
                properties.insert(name(key), reference_to(key));
            }
        }
        let wrapper = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": definitions,
            "properties": properties,
        });
        match build(&wrapper) {
            Ok(validator) => {
                #[cfg(test)]
                drop(self.validators.source.set(wrapper.clone()));
                self.validators.set(validator);
            }
            Err((path, problem)) => {
                let key = path.split('/').find_map(|segment| segment.strip_prefix('s')?.parse::<Key>().ok());
                let at = key.and_then(|key| self.definitions.get(key));
                let (file, pointer) = at.map_or((0, ""), |at| (at.file, at.pointer.as_str()));
                let message = format!("this schema cannot be used: {problem}");
                report.error_at(file, pointer, message, "mend the schema at this place".to_owned());
            }
        }
        forest
    }

    /// A pattern that gives up reads as "does not match", which below `not` and `if` would let values through.
    fn refuse_negated_backtracking(&self, report: &mut Report<'d>) {
        let mut open: Vec<Key> = self.keys.values().copied().filter(|key| self.is(*key, |at| at.is_negated)).collect();
        let mut seen = HashSet::new();
        while let Some(key) = open.pop() {
            let Some(definition) = self.definitions.get(key).filter(|_| seen.insert(key)) else { continue };
            open.extend(&definition.refers);
            if definition.backtracks {
                let message = "a pattern with look-around or back-references is used below `not` or `if`";
                report.error_at(definition.file, &definition.pointer, message.to_owned(), BACKTRACK_HELP.to_owned());
            }
        }
    }

    fn is(&self, key: Key, test: impl Fn(&Definition) -> bool) -> bool {
        self.definitions.get(key).is_some_and(test)
    }
}

const BACKTRACK_HELP: &str =
    "such a pattern may give up, and what it gives up on would be let through there; write it without look-around";

/// Builds a validator for requests.
pub(super) fn build(schema: &Value) -> Result<Validator<Tape>, (String, String)> {
    let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT).size_limit(SIZE_LIMIT);
    let options = jsonschema::options_for::<Tape>()
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_pattern_options(patterns);
    format::register(options)
        .build(schema)
        .map_err(|error| (format!("{}{}", error.instance_path(), error.schema_path()), error.to_string()))
}

/// The name of a definition: nothing of the document or of the user is in it.
fn name(key: Key) -> String {
    format!("s{key}")
}

fn reference_to(key: Key) -> Value {
    json!({ "$ref": format!("#/$defs/{}", name(key)) })
}

#[cfg(test)]
mod tests;
