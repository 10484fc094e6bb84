//! Lets the schema validator read our own JSON, without copies and without conversion.

use std::borrow::Cow;

use durward_http::json;
use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object, cmp, unique};
use serde_json::{Number, Value};

use super::fuel;

/// The representation.
#[derive(Debug)]
pub(crate) enum Tape {}

/// A value that is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Instance<'a> {
    /// The object around the value, whose one member names the schema.
    Wrapped(&'a Wrapper<'a>),
    /// A value of a JSON text.
    Json(json::Value<'a>),
    /// A value made of parameters or of a form.
    Built(&'a Value),
    /// A string on its own.
    Text(&'a str),
}

/// The object around a value.
#[derive(Debug)]
pub(crate) struct Wrapper<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: Instance<'a>,
}

impl Json for Tape {
    type Node<'a> = Instance<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();

    // Looking up is linear, so going through the members once is cheaper nearly always.
    const KEYS_PER_LOOKUP: usize = 4;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Instance<'_>) -> T) -> T {
        f(Instance::Text(string))
    }
}

impl<'a> Node<'a, Tape> for Instance<'a> {
    type Object = Members<'a>;
    type Array = Elements<'a>;
    type Number = Figure<'a>;

    fn as_object(&self) -> Option<Members<'a>> {
        if !fuel::take() {
            return None;
        }
        match *self {
            Self::Wrapped(wrapper) => Some(Members::Wrapped(wrapper)),
            Self::Json(value) => (value.kind() == json::Kind::Object).then_some(Members::Json(value)),
            Self::Built(value) => value.as_object().map(Members::Built),
            Self::Text(_) => None,
        }
    }

    fn as_array(&self) -> Option<Elements<'a>> {
        if !fuel::take() {
            return None;
        }
        match *self {
            Self::Json(value) => (value.kind() == json::Kind::Array).then_some(Elements::Json(value)),
            Self::Built(value) => value.as_array().map(|items| Elements::Built(items)),
            Self::Wrapped(_) | Self::Text(_) => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match *self {
            Self::Json(value) => value.as_str(),
            Self::Built(value) => value.as_str().map(Cow::Borrowed),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Wrapped(_) => None,
        }
    }

    fn as_number(&self) -> Option<Figure<'a>> {
        match *self {
            Self::Json(value) => value.number().map(Figure::Json),
            Self::Built(value) => value.as_number().map(Figure::Built),
            Self::Wrapped(_) | Self::Text(_) => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match *self {
            Self::Json(value) => value.as_bool(),
            Self::Built(value) => value.as_bool(),
            Self::Wrapped(_) | Self::Text(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        self.json_type() == JsonType::Null
    }

    fn json_type(&self) -> JsonType {
        match *self {
            Self::Wrapped(_) => JsonType::Object,
            Self::Text(_) => JsonType::String,
            Self::Built(value) => JsonType::from(value),
            Self::Json(value) => match value.kind() {
                json::Kind::Null => JsonType::Null,
                json::Kind::Bool => JsonType::Boolean,
                json::Kind::Number => JsonType::Number,
                json::Kind::String => JsonType::String,
                json::Kind::Array => JsonType::Array,
                json::Kind::Object => JsonType::Object,
            },
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match *self {
            Self::Built(value) => cmp::equal(value, expected),
            Self::Text(text) => expected.as_str() == Some(text),
            Self::Wrapped(_) => false,
            Self::Json(value) => match expected {
                Value::Null => value.is_null(),
                Value::Bool(expected) => value.as_bool() == Some(*expected),
                Value::String(expected) => value.is_str(expected),
                Value::Number(expected) => {
                    value.number().is_some_and(|number| cmp::equal_numbers(&Figure::Json(number), expected))
                }
                Value::Array(_) | Value::Object(_) => cmp::equal(&copy(value), expected),
            },
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        // Only the text of errors uses it, and what came is never shown there: copying would be work for nothing, and
        // alternatives within alternatives would do it many times over. But where a pattern gives up, the library
        // looks the place up in a copy of the whole, and panics when it is not there.
        match self {
            Self::Wrapped(_) => Cow::Owned(self.copied()),
            Self::Json(_) | Self::Built(_) | Self::Text(_) => Cow::Owned(Value::Null),
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match *self {
            Self::Json(value) => Some(NodeIdentity::tagged(std::ptr::from_ref(value.document()).addr(), value.index())),
            Self::Built(value) => Some(NodeIdentity::new(std::ptr::from_ref(value).addr())),
            Self::Wrapped(_) | Self::Text(_) => None,
        }
    }
}

impl Instance<'_> {
    /// How many values it has, at least.
    pub(super) fn size(self) -> u64 {
        match self {
            Self::Json(value) => value.document().node_count() as u64,
            Self::Built(value) => built_size(value),
            Self::Wrapped(_) | Self::Text(_) => 1,
        }
    }

    /// A copy as the library's own value.
    pub(crate) fn copied(self) -> Value {
        match self {
            Self::Json(value) => copy(value),
            Self::Built(value) => value.clone(),
            Self::Text(text) => Value::String(text.to_owned()),
            Self::Wrapped(wrapper) => serde_json::json!({ wrapper.key: wrapper.value.copied() }),
        }
    }
}

/// Depth is bounded by the readers of parameters and forms.
fn built_size(value: &Value) -> u64 {
    let inner: u64 = match value {
        Value::Array(items) => items.iter().map(built_size).sum(),
        Value::Object(members) => members.values().map(built_size).sum(),
        _ => 0,
    };
    inner.saturating_add(1)
}

/// A copy for the comparisons that the library makes on its own values. Depth is bounded by the reader of the text.
fn copy(value: json::Value<'_>) -> Value {
    match value.kind() {
        json::Kind::Null => Value::Null,
        json::Kind::Bool => Value::Bool(value.as_bool().unwrap_or_default()),
        json::Kind::Number => value.number().map_or(Value::Null, |number| Value::Number(to_number(number))),
        json::Kind::String => Value::String(value.as_str().unwrap_or_default().into_owned()),
        json::Kind::Array => value.elements().map(copy).collect(),
        json::Kind::Object => value.members().map(|(name, value)| (name.into_owned(), copy(value))).collect(),
    }
}

fn to_number(number: json::Number<'_>) -> Number {
    let float = || Number::from_f64(number.as_f64().unwrap_or(f64::MAX));
    let integer = number.as_u64().map(Number::from).or_else(|| number.as_i64().map(Number::from));
    integer.or_else(float).unwrap_or_else(|| Number::from(0))
}

/// The members of an object.
pub(crate) enum Members<'a> {
    Wrapped(&'a Wrapper<'a>),
    Json(json::Value<'a>),
    Built(&'a serde_json::Map<String, Value>),
}

impl<'a> Object<'a, Tape> for Members<'a> {
    type Node = Instance<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        match self {
            Self::Wrapped(_) => 1,
            Self::Json(value) => value.len(),
            Self::Built(map) => map.len(),
        }
    }

    fn get(&self, key: &Box<str>) -> Option<Instance<'a>> {
        match self {
            Self::Wrapped(wrapper) => (*wrapper.key == **key).then_some(wrapper.value),
            Self::Json(value) => value.get(key).map(Instance::Json),
            Self::Built(map) => serde_json::Map::get(map, &**key).map(Instance::Built),
        }
    }

    fn members(&self) -> MembersIter<'a> {
        match self {
            Self::Wrapped(wrapper) => MembersIter::Wrapped(Some(wrapper)),
            Self::Json(value) => MembersIter::Json(value.members()),
            Self::Built(map) => MembersIter::Built(map.iter()),
        }
    }
}

/// Goes through the members.
pub(crate) enum MembersIter<'a> {
    Wrapped(Option<&'a Wrapper<'a>>),
    Json(json::Members<'a>),
    Built(serde_json::map::Iter<'a>),
}

impl<'a> Iterator for MembersIter<'a> {
    type Item = (Cow<'a, str>, Instance<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Wrapped(wrapper) => wrapper.take().map(|wrapper| (Cow::Borrowed(wrapper.key), wrapper.value)),
            Self::Json(members) => members.next().map(|(name, value)| (name, Instance::Json(value))),
            Self::Built(members) => {
                members.next().map(|(name, value)| (Cow::Borrowed(name.as_str()), Instance::Built(value)))
            }
        }
    }
}

/// The elements of an array.
pub(crate) enum Elements<'a> {
    Json(json::Value<'a>),
    Built(&'a [Value]),
}

impl<'a> Array<'a, Tape> for Elements<'a> {
    type Node = Instance<'a>;
    type ElementsIter = ElementsIter<'a>;

    fn len(&self) -> usize {
        match self {
            Self::Json(value) => value.len(),
            Self::Built(items) => items.len(),
        }
    }

    fn elements(&self) -> ElementsIter<'a> {
        match self {
            Self::Json(value) => ElementsIter::Json(value.elements()),
            Self::Built(items) => ElementsIter::Built(items.iter()),
        }
    }

    fn is_unique(&self) -> bool {
        match self {
            Self::Json(value) => unique::is_unique(&value.elements().map(copy).collect::<Vec<_>>()),
            Self::Built(items) => unique::is_unique(items),
        }
    }
}

/// Goes through the elements.
pub(crate) enum ElementsIter<'a> {
    Json(json::Elements<'a>),
    Built(std::slice::Iter<'a, Value>),
}

impl<'a> Iterator for ElementsIter<'a> {
    type Item = Instance<'a>;

    fn next(&mut self) -> Option<Instance<'a>> {
        match self {
            Self::Json(elements) => elements.next().map(Instance::Json),
            Self::Built(elements) => elements.next().map(Instance::Built),
        }
    }
}

/// A number.
pub(crate) enum Figure<'a> {
    Json(json::Number<'a>),
    Built(&'a Number),
}

impl JsonNumber for Figure<'_> {
    fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Json(number) => number.as_u64(),
            Self::Built(number) => number.as_u64(),
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Json(number) => number.as_i64(),
            Self::Built(number) => number.as_i64(),
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Json(number) => number.as_f64(),
            Self::Built(number) => number.as_f64(),
        }
    }

    fn as_str(&self) -> Cow<'_, str> {
        match self {
            Self::Json(number) => Cow::Borrowed(number.as_str()),
            Self::Built(number) => Cow::Owned(number.to_string()),
        }
    }

    fn to_number(&self) -> Cow<'_, Number> {
        match self {
            Self::Json(number) => Cow::Owned(to_number(*number)),
            Self::Built(number) => Cow::Borrowed(number),
        }
    }

    fn is_integer(&self) -> bool {
        match self {
            Self::Json(number) => number.is_integer(),
            Self::Built(number) => {
                number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
            }
        }
    }

    fn is_written_as_integer(&self) -> bool {
        match self {
            Self::Json(number) => number.is_written_as_integer(),
            Self::Built(number) => number.is_i64() || number.is_u64(),
        }
    }
}
