//! What a schema itself says of plain values.

use serde_json::Value;

use super::pattern;
use crate::schema::format;
use crate::schema::hints::Types;

/// What is known of values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// What they can be, at most.
    pub(super) types: Types,
    /// Whether each text among them is harmless. (Numbers, booleans and null are.)
    pub(super) is_harmless: bool,
}

impl Facts {
    /// Nothing is known.
    pub(super) const NONE: Self = Self { types: Types::ANY, is_harmless: false };

    /// What the schema says, without those that it refers to or is composed of.
    pub(super) fn of(schema: &Value) -> Self {
        let map = match schema {
            Value::Bool(false) => return Self::NONE.only(Types::NONE),
            Value::Object(map) => map,
            _ => return Self::NONE,
        };
        let mut facts = Self::NONE;
        match map.get("type") {
            Some(Value::String(word)) => facts = facts.only(Types::named(word).unwrap_or(Types::ANY)),
            Some(Value::Array(words)) => {
                let types = words.iter().map(|word| word.as_str().and_then(Types::named).unwrap_or(Types::ANY));
                facts = facts.only(types.fold(Types::NONE, Types::with));
            }
            _ => {}
        }
        if let Some(Value::Array(values)) = map.get("enum") {
            facts = facts.among(values);
        }
        if let Some(value) = map.get("const") {
            facts = facts.among(std::slice::from_ref(value));
        }
        let word = |key: &str| map.get(key).and_then(Value::as_str);
        facts.is_harmless |= word("format").is_some_and(format::is_closed);
        facts.is_harmless |= word("pattern").is_some_and(pattern::is_harmless);
        facts
    }

    /// Both hold.
    pub(super) fn and(self, other: Self) -> Self {
        let types = self.types.and(other.types);
        Self { types, is_harmless: self.is_harmless || other.is_harmless || !types.has(Types::STRING) }
    }

    /// One of both holds.
    pub(super) fn or(self, other: Self) -> Self {
        Self { types: self.types.with(other.types), is_harmless: self.is_harmless && other.is_harmless }
    }

    fn only(self, types: Types) -> Self {
        self.and(Self { types, is_harmless: false })
    }

    fn among(self, values: &[Value]) -> Self {
        let types = values.iter().map(Types::of).fold(Types::NONE, Types::with);
        self.and(Self { types, is_harmless: values.iter().filter_map(Value::as_str).all(is_harmless) })
    }
}

/// Whether a text that the document itself names is harmless: no rule could tell it from words and numbers.
fn is_harmless(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:- ".contains(&byte))
}
