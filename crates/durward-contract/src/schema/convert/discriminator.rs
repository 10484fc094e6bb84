//! `discriminator`: a member whose value chooses one alternative.
//!
//! Trying all alternatives finds the same in the end, but what is wrong with the one that was meant cannot be told then.

use serde_json::{Map, Value, json};

use super::{At, Builder, Key, reference_to};
use crate::load::{Place, Report};

/// Compositions are looked through so deep for the values of the member.
const MOST_LEVELS: usize = 6;

/// One alternative and the values that choose it.
struct Branch {
    key: Key,
    names: Vec<Value>,
}

impl<'d> Builder<'d> {
    /// Replaces `oneOf` or `anyOf` by a choice; gives false, and changes nothing, where that would not mean the same.
    pub(super) fn discriminate(
        &mut self,
        map: &'d Map<String, Value>,
        at: &At<'_>,
        out: &mut Map<String, Value>,
        report: &mut Report<'d>,
    ) -> bool {
        let Some(discriminator) = map.get("discriminator") else { return false };
        let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else {
            report.warn_at(at.file, &at.pointer(), "not enforced: `discriminator` has no `propertyName`".to_owned());
            return false;
        };
        let alternatives = match (map.get("oneOf"), map.get("anyOf"), map.contains_key("allOf")) {
            (Some(Value::Array(alternatives)), None, false) | (None, Some(Value::Array(alternatives)), false) => {
                alternatives
            }
            (None, None, _) => {
                let message = "not enforced: `discriminator` without `oneOf` or `anyOf` chooses nothing";
                report.warn_at(at.file, &at.pointer(), message.to_owned());
                return false;
            }
            _ => return false,
        };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let Some(branches) = self.branches(alternatives, property, mapping, at, report) else { return false };
        let names: Vec<Value> = branches.iter().flat_map(|branch| branch.names.clone()).collect();
        let mut choice = vec![json!({
            "type": "object",
            "required": [property],
            "properties": { property: { "enum": names } },
        })];
        for branch in branches {
            choice.push(json!({
                "if": { "required": [property], "properties": { property: { "enum": branch.names } } },
                "then": reference_to(branch.key),
            }));
        }
        out.insert("allOf".to_owned(), Value::Array(choice));
        true
    }

    fn branches(
        &mut self,
        alternatives: &'d [Value],
        property: &str,
        mapping: Option<&'d Map<String, Value>>,
        at: &At<'_>,
        report: &mut Report<'d>,
    ) -> Option<Vec<Branch>> {
        let mut branches: Vec<Branch> = Vec::new();
        for alternative in alternatives {
            let reference = alternative.get("$ref")?.as_str()?;
            let target = self.files.resolve(at.file, reference).ok()?;
            let mut read_only = Vec::new();
            let resolved = self.files.deref(&target).ok()?;
            self.read_only_names(resolved.value.as_object()?, resolved.file, MOST_LEVELS, &mut read_only);
            if read_only.contains(&property) {
                return None;
            }
            let mut names = self.mapped(mapping, &target, at.file);
            for value in self.fixed(&resolved, property, MOST_LEVELS) {
                if !names.contains(&value) {
                    names.push(value);
                }
            }
            if names.is_empty() {
                names.push(reference.rsplit(['/', '#']).next()?.into());
            }
            let key = self.reference(reference, at, report)?;
            branches.push(Branch { key, names });
        }
        let all: Vec<&Value> = branches.iter().flat_map(|branch| &branch.names).collect();
        let repeated = all.iter().enumerate().any(|(at, name)| all.iter().take(at).any(|earlier| earlier == name));
        (!repeated && !branches.is_empty()).then_some(branches)
    }

    /// The names that `mapping` has for a schema. Its values are references, or names of components.
    fn mapped(&self, mapping: Option<&Map<String, Value>>, target: &Place<'d>, file: usize) -> Vec<Value> {
        let is_target = |value: &Value| {
            let Some(written) = value.as_str() else { return false };
            let found = self.files.resolve(file, written);
            let found = found.or_else(|_| self.files.resolve(file, &format!("#/components/schemas/{written}")));
            found.is_ok_and(|found| found.file == target.file && found.pointer == target.pointer)
        };
        let entries = mapping.into_iter().flatten();
        entries.filter(|(_, value)| is_target(value)).map(|(name, _)| name.as_str().into()).collect()
    }

    /// The values that a schema itself allows for the member.
    fn fixed(&self, schema: &Place<'d>, property: &str, level: usize) -> Vec<Value> {
        let Some(level) = level.checked_sub(1) else { return Vec::new() };
        let own = schema.get("properties").and_then(|properties| properties.get(property));
        if let Some(own) = own.and_then(|own| self.files.deref(&own).ok()) {
            if let Some(Value::Array(values)) = own.value.get("enum") {
                return values.clone();
            }
            if let Some(value) = own.value.get("const") {
                return vec![value.clone()];
            }
        }
        let branches: Vec<_> = schema.get("allOf").iter().flat_map(Place::elements).collect();
        let resolved = branches.iter().rev().filter_map(|branch| self.files.deref(branch).ok());
        resolved
            .map(|branch| self.fixed(&branch, property, level))
            .find(|values| !values.is_empty())
            .unwrap_or_default()
    }
}
