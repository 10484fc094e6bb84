//! One schema, keyword by keyword.

use serde_json::{Map, Value, json};

use super::{At, Builder, reference_to};
use crate::load::{Place, RECURSIVE, Report};
use crate::schema::format::{Known, known};
use crate::schema::hints::Types;
use crate::schema::pattern::Use;

/// Compositions within compositions are looked through so deep for `readOnly` members.
const MOST_LEVELS: usize = 8;

impl<'d> Builder<'d> {
    /// Converts a schema. `outer` are names that a composition around it makes read-only.
    pub(super) fn schema(
        &mut self,
        value: &'d Value,
        at: &At<'_>,
        outer: &[&'d str],
        report: &mut Report<'d>,
    ) -> Value {
        match value {
            Value::Bool(whole) => Value::Bool(*whole),
            Value::Object(map) => self.object(map, at, outer, report),
            _ => {
                warn(report, at, "not enforced: this is not a schema");
                Value::Bool(true)
            }
        }
    }

    fn object(
        &mut self,
        map: &'d Map<String, Value>,
        at: &At<'_>,
        outer: &[&'d str],
        report: &mut Report<'d>,
    ) -> Value {
        let nullable = map.get("nullable") == Some(&Value::Bool(true));
        let mut out = Map::new();
        if let Some(Value::String(reference)) = map.get("$ref") {
            let Some(key) = self.reference(reference, at, report) else { return Value::Bool(false) };
            if self.is_old {
                // 3.0: what stands beside a reference does not count, but `nullable` is meant to.
                return if nullable { or_null(reference_to(key)) } else { reference_to(key) };
            }
            out.insert("$ref".to_owned(), format!("#/$defs/{}", super::name(key)).into());
        }
        let mut read_only: Vec<&'d str> = outer.to_vec();
        if map.contains_key("required") || map.contains_key("allOf") {
            self.read_only_names(map, at.file, MOST_LEVELS, &mut read_only);
        }
        let chosen = self.discriminate(map, at, &mut out, report);
        for (key, value) in map {
            if chosen && matches!(key.as_str(), "oneOf" | "anyOf") {
                continue;
            }
            self.keyword(key, value, &at.child(key), &read_only, &mut out, report);
        }
        if map.get("minimum").is_some() || map.get("maximum").is_some() {
            exclusive_bounds(map, &mut out);
        }
        number_bounds(map, &mut out);
        if nullable { nullable_schema(out) } else { Value::Object(out) }
    }

    fn keyword(
        &mut self,
        key: &'d str,
        value: &'d Value,
        at: &At<'_>,
        read_only: &[&'d str],
        out: &mut Map<String, Value>,
        report: &mut Report<'d>,
    ) {
        let converted = match key {
            "type" => types(value, at, report),
            "minimum" | "maximum" => value.is_number().then(|| value.clone()),
            "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => return,
            "exclusiveMinimum" | "exclusiveMaximum" => value.is_number().then(|| value.clone()),
            "multipleOf" => value.as_f64().filter(|value| *value > 0.0).map(|_| value.clone()),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" | "minContains"
            | "maxContains" => count(value),
            "uniqueItems" => value.is_boolean().then(|| value.clone()),
            "enum" => value.is_array().then(|| value.clone()),
            "const" => Some(value.clone()),
            "pattern" => return self.pattern(value, at, out, report),
            "format" => return format(value, at, out, report),
            "required" => required(value, read_only),
            "properties" => self.properties(value, at, report),
            "patternProperties" => self.pattern_properties(value, at, report),
            "dependentSchemas" => self.map(value, at, report),
            "dependentRequired" => value.is_object().then(|| value.clone()),
            "allOf" => self.list(value, at, read_only, report),
            "anyOf" | "oneOf" | "prefixItems" => self.list(value, at, &[], report),
            "items" if value.is_array() => {
                if let Some(list) = self.list(value, at, &[], report) {
                    out.insert("prefixItems".to_owned(), list);
                }
                return;
            }
            "not" | "if" => Some(self.schema(value, &At { negated: true, ..*at }, &[], report)),
            "then" | "else" => Some(self.schema(value, at, read_only, report)),
            "items"
            | "additionalProperties"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => Some(self.schema(value, at, &[], report)),
            "$dynamicRef" | "$recursiveRef" => return self.dynamic(key, value, at, out, report),
            _ => return unknown(key, at, report),
        };
        match converted {
            Some(converted) => drop(out.insert(key.to_owned(), converted)),
            None => warn(report, at, &format!("not enforced: the value of `{key}` is not one it can have")),
        }
    }

    fn pattern(&mut self, value: &'d Value, at: &At<'_>, out: &mut Map<String, Value>, report: &mut Report<'d>) {
        let Some(pattern) = value.as_str() else {
            return warn(report, at, "not enforced: `pattern` is not text");
        };
        if self.is_usable(pattern, at, report) {
            out.insert("pattern".to_owned(), pattern.into());
        }
    }

    fn is_usable(&mut self, pattern: &str, at: &At<'_>, report: &mut Report<'d>) -> bool {
        match self.patterns.judge(pattern) {
            Use::Plain => true,
            Use::Backtracking => {
                if let Some(definition) = self.definitions.get_mut(at.definition) {
                    definition.backtracks = true;
                }
                if at.negated {
                    let message = "a pattern with look-around or back-references is used below `not` or `if`";
                    report.error_at(at.file, &at.pointer(), message.to_owned(), super::BACKTRACK_HELP.to_owned());
                }
                true
            }
            Use::Refused(why) => {
                warn(report, at, &format!("not enforced: the pattern `{pattern}` {why}"));
                false
            }
        }
    }

    fn properties(&mut self, value: &'d Value, at: &At<'_>, report: &mut Report<'d>) -> Option<Value> {
        let mut out = Map::new();
        for (name, property) in value.as_object()? {
            let converted = if self.is_read_only(property, at.file) {
                Value::Bool(false)
            } else {
                self.schema(property, &at.child(name), &[], report)
            };
            out.insert(name.clone(), converted);
        }
        Some(Value::Object(out))
    }

    fn pattern_properties(&mut self, value: &'d Value, at: &At<'_>, report: &mut Report<'d>) -> Option<Value> {
        let mut out = Map::new();
        for (pattern, property) in value.as_object()? {
            let at = at.child(pattern);
            if self.is_usable(pattern, &at, report) {
                out.insert(pattern.clone(), self.schema(property, &at, &[], report));
            }
        }
        Some(Value::Object(out))
    }

    fn map(&mut self, value: &'d Value, at: &At<'_>, report: &mut Report<'d>) -> Option<Value> {
        let schemas = value.as_object()?.iter();
        Some(schemas.map(|(name, schema)| (name.clone(), self.schema(schema, &at.child(name), &[], report))).collect())
    }

    fn list(&mut self, value: &'d Value, at: &At<'_>, outer: &[&'d str], report: &mut Report<'d>) -> Option<Value> {
        let schemas = value.as_array().filter(|schemas| !schemas.is_empty())?;
        let convert = |(index, schema): (usize, &'d Value)| {
            let index = index.to_string();
            self.schema(schema, &at.child(&index), outer, report)
        };
        Some(schemas.iter().enumerate().map(convert).collect())
    }

    fn dynamic(
        &mut self,
        key: &str,
        value: &'d Value,
        at: &At<'_>,
        out: &mut Map<String, Value>,
        report: &mut Report<'d>,
    ) {
        warn(report, at, &format!("not enforced: `{key}` is read as `$ref`"));
        let recursive = format!("#{RECURSIVE}");
        let reference = if key == "$recursiveRef" { recursive.as_str() } else { value.as_str().unwrap_or("#") };
        if let Some(parent) = at.parent
            && let Some(key) = self.reference(reference, parent, report)
        {
            out.insert("$ref".to_owned(), format!("#/$defs/{}", super::name(key)).into());
        }
    }

    /// Whether requests may not have a member of this schema.
    fn is_read_only(&self, schema: &'d Value, file: usize) -> bool {
        let place = Place { file, pointer: String::new(), value: schema };
        place.flag("readOnly") || self.files.deref(&place).is_ok_and(|place| place.flag("readOnly"))
    }

    /// The read-only members that a schema and its compositions name.
    pub(super) fn read_only_names(
        &self,
        map: &'d Map<String, Value>,
        file: usize,
        level: usize,
        names: &mut Vec<&'d str>,
    ) {
        let Some(level) = level.checked_sub(1) else { return };
        for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if self.is_read_only(property, file) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let branches = map.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for branch in branches {
            let place = Place { file, pointer: String::new(), value: branch };
            if let Ok(target) = self.files.deref(&place)
                && let Some(map) = target.value.as_object()
            {
                self.read_only_names(map, target.file, level, names);
            }
        }
    }
}

fn warn(report: &mut Report<'_>, at: &At<'_>, message: &str) {
    report.warn_at(at.file, &at.pointer(), message.to_owned());
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// 3.0 lets `null` in beside `type`. Documents also write it beside compositions, and mean the same.
fn nullable_schema(mut out: Map<String, Value>) -> Value {
    let composed = ["allOf", "anyOf", "oneOf", "$ref"].iter().any(|key| out.contains_key(*key));
    if composed {
        return or_null(Value::Object(out));
    }
    let types = match out.get("type") {
        Some(Value::String(one)) => json!([one, "null"]),
        Some(Value::Array(several)) if !several.contains(&"null".into()) => {
            several.iter().cloned().chain(["null".into()]).collect()
        }
        _ => return Value::Object(out),
    };
    out.insert("type".to_owned(), types);
    Value::Object(out)
}

fn types(value: &Value, at: &At<'_>, report: &mut Report<'_>) -> Option<Value> {
    match value {
        Value::String(word) if word == "file" => Some("string".into()),
        Value::String(word) => Types::named(word).map(|_| value.clone()),
        Value::Array(words) => {
            let mut known: Vec<Value> = Vec::new();
            for word in words {
                if word.as_str().and_then(Types::named).is_none() {
                    warn(report, at, &format!("not enforced: the type `{word}` does not exist"));
                    return Some(json!(["null", "boolean", "number", "string", "array", "object"]));
                }
                if !known.contains(word) {
                    known.push(word.clone());
                }
            }
            (!known.is_empty()).then_some(Value::Array(known))
        }
        _ => None,
    }
}

fn count(value: &Value) -> Option<Value> {
    let float = || value.as_f64().filter(|value| value.fract() == 0.0 && (0.0..1e15).contains(value));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 1e15")]
    value.as_u64().or_else(|| float().map(|value| value as u64)).map(Value::from)
}

fn required(value: &Value, read_only: &[&str]) -> Option<Value> {
    let names = value.as_array()?;
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        let name = name.as_str()?;
        if !read_only.contains(&name) && !kept.contains(&name) {
            kept.push(name);
        }
    }
    Some(kept.into_iter().collect())
}

fn format(value: &Value, at: &At<'_>, out: &mut Map<String, Value>, report: &mut Report<'_>) {
    let Some(name) = value.as_str() else { return warn(report, at, "not enforced: `format` is not text") };
    match known(name) {
        Known::Checked => drop(out.insert("format".to_owned(), value.clone())),
        // See `number_bounds`.
        Known::Bounds(..) | Known::Nothing => {}
        Known::Unknown => warn(report, at, &format!("not enforced: the format `{name}` is not known")),
    }
}

/// 3.0 writes `exclusiveMinimum: true` beside `minimum`.
fn exclusive_bounds(map: &Map<String, Value>, out: &mut Map<String, Value>) {
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if map.get(exclusive) == Some(&Value::Bool(true))
            && let Some(limit) = out.remove(bound)
        {
            out.insert(exclusive.to_owned(), limit);
        }
    }
}

/// Formats of numbers are bounds.
fn number_bounds(map: &Map<String, Value>, out: &mut Map<String, Value>) {
    let Some(Known::Bounds(least, most)) = map.get("format").and_then(Value::as_str).map(known) else { return };
    for (bound, exclusive, limit) in [("minimum", "exclusiveMinimum", least), ("maximum", "exclusiveMaximum", most)] {
        let Ok(limit) = serde_json::from_str::<Value>(limit) else { continue };
        let is_tighter = |written: &Value| match (written.as_f64(), limit.as_f64()) {
            (Some(written), Some(limit)) if bound == "minimum" => written >= limit,
            (Some(written), Some(limit)) => written <= limit,
            _ => false,
        };
        if !out.get(bound).is_some_and(is_tighter) && !out.get(exclusive).is_some_and(is_tighter) {
            out.insert(bound.to_owned(), limit);
        }
    }
}

/// Keywords that hold nobody to anything, and those that are read elsewhere.
fn unknown(key: &str, at: &At<'_>, report: &mut Report<'_>) {
    let silent = matches!(
        key,
        "$ref"
            | "$id"
            | "$schema"
            | "$anchor"
            | "$recursiveAnchor"
            | "$dynamicAnchor"
            | "$defs"
            | "definitions"
            | "$comment"
            | "title"
            | "description"
            | "default"
            | "example"
            | "examples"
            | "deprecated"
            | "xml"
            | "externalDocs"
            | "readOnly"
            | "writeOnly"
            | "nullable"
            | "discriminator"
            | "contentEncoding"
            | "contentMediaType"
            | "contentSchema"
            | "id"
            | "summary"
            | "name"
            | "$vocabulary"
    );
    if !silent && !key.starts_with("x-") {
        warn(report, at, &format!("not enforced: `{key}` is not a keyword of schemas"));
    }
}
