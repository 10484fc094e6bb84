//! JSON Schema, as one validator for a whole document.
//!
//! Separate validators for each schema repeat whatever their references lead to: Stripe's document took 4 GB so. One
//! schema that has all others as definitions, and one property for each that is checked, took 38 MB and gives the same
//! verdicts. A value is checked as the only member of an object, under the name of its definition.

mod convert;
mod explain;
mod format;
mod fuel;
mod hints;
mod pattern;
mod proof;
mod tape;

use std::sync::{Arc, OnceLock};

use jsonschema::Validator;

use crate::{MOST_VIOLATIONS, Violation};

pub(crate) use convert::{Builder, Key};
pub(crate) use explain::describe_format;
pub(crate) use hints::{Additional, Shape, Types};
pub(crate) use proof::Forest;
pub(crate) use tape::Instance;

use tape::{Tape, Wrapper};

/// The validator of a document, shared by all that check with it. Set once, when loading is done.
#[derive(Debug, Default)]
pub(crate) struct Validators {
    compiled: OnceLock<Validator<Tape>>,
    /// What it was compiled from, for tests that compile it differently.
    #[cfg(test)]
    source: OnceLock<serde_json::Value>,
}

/// One schema of the document.
#[derive(Clone)]
pub(crate) struct Check {
    validators: Arc<Validators>,
    key: Box<str>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Check").field(&self.key).finish()
    }
}

impl Validators {
    pub(crate) fn set(&self, validator: Validator<Tape>) {
        // Only loading sets it, once.
        drop(self.compiled.set(validator));
    }
}

impl Check {
    pub(crate) fn new(validators: &Arc<Validators>, key: &str) -> Self {
        Self { validators: Arc::clone(validators), key: key.into() }
    }

    /// A validator of this schema alone.
    #[cfg(test)]
    pub(crate) fn separate(&self) -> Validator<Tape> {
        let mut schema = self.validators.source.get().cloned().unwrap_or_default();
        schema["properties"] = serde_json::json!({});
        schema["$ref"] = format!("#/$defs/{}", self.key).into();
        convert::build(&schema).unwrap()
    }

    /// Whether a value is what the schema says.
    pub(crate) fn is_valid(&self, value: Instance<'_>) -> bool {
        let wrapper = Wrapper { key: &self.key, value };
        let check =
            |validator: &Validator<Tape>| fuel::metered(value, || validator.is_valid(Instance::Wrapped(&wrapper)));
        self.validators.compiled.get().and_then(check).unwrap_or(false)
    }

    /// What is not as the schema says. `place` is the place of the value itself.
    pub(crate) fn violations(&self, value: Instance<'_>, place: &str) -> Vec<Violation> {
        let wrapper = Wrapper { key: &self.key, value };
        let Some(validator) = self.validators.compiled.get() else {
            return vec![Violation::invalid(place, "a value that can be checked")];
        };
        match fuel::metered(value, || validator.is_valid(Instance::Wrapped(&wrapper))) {
            Some(true) => return Vec::new(),
            Some(false) => {}
            None => return vec![Violation::invalid(place, "a value with fewer alternatives to try")],
        }
        let mut found = Vec::new();
        let explained = fuel::metered(value, || {
            for error in validator.iter_errors(Instance::Wrapped(&wrapper)) {
                explain::explain(&error, place, &mut found);
                if found.len() >= MOST_VIOLATIONS {
                    break;
                }
            }
        });
        if explained.is_none() {
            // What was found after the work was cut off is not so.
            found.clear();
        }
        found.truncate(MOST_VIOLATIONS);
        if found.is_empty() {
            // INVARIANT: an invalid value never passes, whatever the explanation lacks.
            found.push(Violation::invalid(place, "a value as the contract describes it"));
        }
        found
    }
}
