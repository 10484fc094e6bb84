//! Plain values, checked without JSON Schema.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::text::{is_integer, is_number, number};
use crate::schema::{Check, Instance, describe_format};

/// What a plain value must be.
#[derive(Debug)]
pub(crate) struct Scalar {
    kind: Kind,
    nullable: bool,
    choices: Option<Vec<Value>>,
    least: Option<Bound>,
    most: Option<Bound>,
    /// Length in characters.
    length: (u64, u64),
    /// A pattern or a format: the rest is checked here.
    check: Option<Check>,
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Number,
    Boolean,
    String,
}

#[derive(Debug)]
struct Bound {
    limit: Number,
    exclusive: bool,
}

impl Scalar {
    /// The plan for a converted schema, if it is plain. `check` makes the check of the whole schema.
    pub(crate) fn of(schema: &Value, check: impl FnOnce() -> Check) -> Option<Self> {
        let map = schema.as_object()?;
        let is_plain = |key: &String| {
            matches!(
                key.as_str(),
                "type"
                    | "enum"
                    | "const"
                    | "minimum"
                    | "maximum"
                    | "exclusiveMinimum"
                    | "exclusiveMaximum"
                    | "minLength"
                    | "maxLength"
                    | "pattern"
                    | "format"
            )
        };
        if !map.keys().all(is_plain) {
            return None;
        }
        let choices = match (map.get("enum"), map.get("const")) {
            (Some(Value::Array(values)), _) => Some(values.clone()),
            (_, Some(value)) => Some(vec![value.clone()]),
            _ => None,
        };
        let (kind, nullable) = kind(map.get("type"), choices.as_deref())?;
        let needs_check = kind == Kind::String && (map.contains_key("pattern") || map.contains_key("format"));
        let bound = |inclusive: &str, exclusive: &str| match (map.get(inclusive), map.get(exclusive)) {
            (Some(_), Some(_)) => None,
            (Some(Value::Number(limit)), None) => Some(Some(Bound { limit: limit.clone(), exclusive: false })),
            (None, Some(Value::Number(limit))) => Some(Some(Bound { limit: limit.clone(), exclusive: true })),
            _ => Some(None),
        };
        let mut scalar = Self {
            kind,
            nullable,
            choices,
            least: bound("minimum", "exclusiveMinimum")?,
            most: bound("maximum", "exclusiveMaximum")?,
            length: (
                map.get("minLength").and_then(Value::as_u64).unwrap_or(0),
                map.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX),
            ),
            check: needs_check.then(check),
            words: String::new(),
        };
        scalar.words = scalar.describe(map);
        Some(scalar)
    }

    /// Whether text is such a value.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        if self.nullable && self.kind != Kind::String && text == "null" {
            return self.choices.as_ref().is_none_or(|choices| choices.contains(&Value::Null));
        }
        match self.kind {
            Kind::Boolean => matches!(text, "true" | "false") && self.is_choice(&Value::Bool(text == "true")),
            Kind::Integer => is_integer(text) && self.accepts_number(text),
            Kind::Number => is_number(text) && self.accepts_number(text),
            Kind::String => self.accepts_string(text),
        }
    }

    /// What is expected, in words.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    fn accepts_number(&self, text: &str) -> bool {
        let Some(value) = number(text) else { return false };
        let holds = |bound: &Option<Bound>, wrong: Ordering| {
            bound.as_ref().is_none_or(|bound| match compare(&value, &bound.limit) {
                Some(Ordering::Equal) => !bound.exclusive,
                Some(order) => order != wrong,
                None => false,
            })
        };
        holds(&self.least, Ordering::Less)
            && holds(&self.most, Ordering::Greater)
            && self.choices.as_ref().is_none_or(|choices| {
                let numbers = choices.iter().filter_map(Value::as_number);
                numbers.into_iter().any(|choice| compare(&value, choice) == Some(Ordering::Equal))
            })
    }

    fn accepts_string(&self, text: &str) -> bool {
        if let Some(choices) = &self.choices
            && !choices.iter().any(|choice| choice.as_str() == Some(text))
        {
            return false;
        }
        let (least, most) = self.length;
        if (least > 0 || most < u64::MAX) && !(least..=most).contains(&(text.chars().count() as u64)) {
            return false;
        }
        self.check.as_ref().is_none_or(|check| check.is_valid(Instance::Text(text)))
    }

    fn is_choice(&self, value: &Value) -> bool {
        self.choices.as_ref().is_none_or(|choices| choices.contains(value))
    }

    fn describe(&self, map: &serde_json::Map<String, Value>) -> String {
        if let Some(choices) = &self.choices {
            return describe_choices(choices);
        }
        let mut words = match self.kind {
            Kind::Integer => "an integer".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Boolean => return "true or false".to_owned(),
            Kind::String => match map.get("format").and_then(Value::as_str) {
                Some(format) => describe_format(format).to_owned(),
                None => "text".to_owned(),
            },
        };
        if self.kind == Kind::String {
            match self.length {
                (0, u64::MAX) => {}
                (least, u64::MAX) => words.push_str(&format!(" of at least {}", characters(least))),
                (0, most) => words.push_str(&format!(" of at most {}", characters(most))),
                (least, most) if least == most => words.push_str(&format!(" of {}", characters(least))),
                (least, most) => words.push_str(&format!(" of {least} to {}", characters(most))),
            }
            if let Some(pattern) = map.get("pattern").and_then(Value::as_str) {
                words.push_str(&format!(" that matches `{pattern}`"));
            }
            return words;
        }
        match (&self.least, &self.most) {
            (Some(least), Some(most)) if !least.exclusive && !most.exclusive => {
                words.push_str(&format!(" between {} and {}", least.limit, most.limit));
            }
            (least, most) => {
                let least = least.as_ref().map(|least| match least.exclusive {
                    true => format!(" more than {}", least.limit),
                    false => format!(" of at least {}", least.limit),
                });
                let most = most.as_ref().map(|most| match most.exclusive {
                    true => format!(" less than {}", most.limit),
                    false => format!(" of at most {}", most.limit),
                });
                words.push_str(&[least, most].into_iter().flatten().collect::<Vec<_>>().join(" and"));
            }
        }
        words
    }
}

fn kind(types: Option<&Value>, choices: Option<&[Value]>) -> Option<(Kind, bool)> {
    let named = |word: &str| match word {
        "integer" => Some(Kind::Integer),
        "number" => Some(Kind::Number),
        "boolean" => Some(Kind::Boolean),
        "string" => Some(Kind::String),
        _ => None,
    };
    match types {
        Some(Value::String(word)) => Some((named(word)?, false)),
        Some(Value::Array(words)) => match words.as_slice() {
            [Value::String(one), Value::String(other)] if other == "null" => Some((named(one)?, true)),
            [Value::String(other), Value::String(one)] if other == "null" => Some((named(one)?, true)),
            [Value::String(one)] => Some((named(one)?, false)),
            _ => None,
        },
        None => choices?.iter().all(Value::is_string).then_some((Kind::String, false)),
        Some(_) => None,
    }
}

fn characters(count: u64) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}

fn describe_choices(choices: &[Value]) -> String {
    const MOST: usize = 12;
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let named = choices.iter().take(MOST).map(shown).collect::<Vec<_>>().join(", ");
    match choices {
        [_] => named,
        _ if choices.len() <= MOST => format!("one of {named}"),
        _ => format!("one of {named} and {} others", choices.len() - MOST),
    }
}

/// Compares exactly where both are integers, and as floating point otherwise.
fn compare(value: &Number, limit: &Number) -> Option<Ordering> {
    let exact = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (exact(value), exact(limit)) {
        (Some(value), Some(limit)) => Some(value.cmp(&limit)),
        _ => value.as_f64()?.partial_cmp(&limit.as_f64()?),
    }
}
