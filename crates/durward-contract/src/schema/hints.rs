//! What a schema says of types, for values that come as text.
//!
//! Text in a query has no type of its own: `1` is a number where the schema wants one. So the schema is asked first what
//! its values can be. It is only a hint for reading; the schema itself decides.

use serde_json::Value;

use super::Forest;
use crate::load::{Files, Place};

/// How deep a value that comes as text may be nested.
const MOST_DEPTH: usize = 6;

/// A set of JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(8 | 4);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const ANY: Self = Self(127);
    pub(super) const NONE: Self = Self(0);
    const SCALAR: Self = Self(31);

    /// Whether all of these types are in the set.
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether anything but arrays and objects is in the set.
    pub(crate) const fn has_scalar(self) -> bool {
        self.0 & Self::SCALAR.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The type that a word names.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => return None,
        })
    }

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() => Self::NUMBER,
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }
}

/// What the values of a schema can look like.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) types: Types,
    pub(crate) items: Option<Box<Shape>>,
    pub(crate) properties: Vec<(String, Shape)>,
    pub(crate) additional: Additional,
    /// Strings that are content of files.
    pub(crate) binary: bool,
}

/// What is said of members that are not named.
#[derive(Debug, Clone)]
pub(crate) enum Additional {
    /// Nothing, or that there are none.
    Unsaid,
    /// There may be others, of this shape.
    Allowed(Box<Shape>),
}

impl Shape {
    /// Anything at all.
    pub(crate) const fn any() -> Self {
        Self { types: Types::ANY, items: None, properties: Vec::new(), additional: Additional::Unsaid, binary: false }
    }

    /// The shape of a schema.
    pub(crate) fn of(files: &Files, schema: &Place<'_>) -> Self {
        read(files, schema, MOST_DEPTH)
    }

    /// The shape of a member.
    pub(crate) fn property(&self, name: &str) -> Option<&Self> {
        self.properties.iter().find(|(known, _)| known == name).map(|(_, shape)| shape).or(match &self.additional {
            Additional::Allowed(shape) => Some(shape),
            Additional::Unsaid => None,
        })
    }

    /// Whether a text that is read by this shape, alone or as a list, is harmless if what is read passed at this place.
    pub(crate) fn is_proven(&self, forest: &Forest, place: u32) -> bool {
        let is_list = self.types.has(Types::ARRAY) && self.types != Types::ANY;
        (forest.is_proven(place) || !self.types.has_scalar())
            && (!is_list || forest.elements(place).is_some_and(|elements| forest.is_proven(elements)))
    }

    /// Takes over what another schema that holds as well, or instead, says of members and items.
    fn merge(&mut self, other: Self) {
        if self.items.is_none() {
            self.items = other.items;
        }
        for (name, shape) in other.properties {
            match self.properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => {
                    known.types = known.types.with(shape.types);
                    known.merge(shape);
                }
                None => self.properties.push((name, shape)),
            }
        }
        if matches!(self.additional, Additional::Unsaid) {
            self.additional = other.additional;
        }
        self.binary |= other.binary;
    }
}

fn read(files: &Files, schema: &Place<'_>, depth: usize) -> Shape {
    let mut shape = Shape::any();
    let Some(depth) = depth.checked_sub(1) else { return shape };
    if schema.reference().is_some()
        && let Ok(target) = files.deref(schema)
    {
        shape = read(files, &target, depth);
    }
    if let Some(types) = written_types(schema) {
        shape.types = shape.types.and(types);
    }
    members(files, schema, depth, &mut shape);
    for branch in schema.get("allOf").iter().flat_map(Place::elements) {
        let branch = read(files, &branch, depth);
        shape.types = shape.types.and(branch.types);
        shape.merge(branch);
    }
    for key in ["oneOf", "anyOf"] {
        let branches: Vec<_> =
            schema.get(key).iter().flat_map(Place::elements).map(|at| read(files, &at, depth)).collect();
        if branches.is_empty() {
            continue;
        }
        let types = branches.iter().fold(Types::NONE, |types, branch| types.with(branch.types));
        shape.types = shape.types.and(types);
        branches.into_iter().for_each(|branch| shape.merge(branch));
    }
    if shape.types == Types::ANY {
        let (object, array) = (!shape.properties.is_empty(), shape.items.is_some());
        match (object, array) {
            (true, false) => shape.types = Types::OBJECT,
            (false, true) => shape.types = Types::ARRAY,
            _ => {}
        }
    }
    if schema.flag("nullable") {
        shape.types = shape.types.with(Types::NULL);
    }
    shape
}

fn members(files: &Files, schema: &Place<'_>, depth: usize, shape: &mut Shape) {
    shape.binary |= schema.text("format") == Some("binary") || schema.text("contentMediaType").is_some();
    if let Some(items) = schema.get("items") {
        shape.items = Some(Box::new(read(files, &items, depth)));
    }
    for (name, property) in schema.get("properties").iter().flat_map(Place::members) {
        shape.properties.push((name.to_owned(), read(files, &property, depth)));
    }
    match schema.get("additionalProperties") {
        Some(additional) if *additional.value != Value::Bool(false) => {
            shape.additional = Additional::Allowed(Box::new(read(files, &additional, depth)));
        }
        _ => {}
    }
}

fn written_types(schema: &Place<'_>) -> Option<Types> {
    let written = match schema.value.get("type") {
        Some(Value::String(word)) => Types::named(word),
        Some(Value::Array(words)) => {
            Some(words.iter().filter_map(Value::as_str).filter_map(Types::named).fold(Types::NONE, Types::with))
        }
        _ => None,
    };
    let listed = match (schema.value.get("enum"), schema.value.get("const")) {
        (Some(Value::Array(values)), _) => Some(values.iter().map(Types::of).fold(Types::NONE, Types::with)),
        (_, Some(value)) => Some(Types::of(value)),
        _ => None,
    };
    written.or(listed)
}
