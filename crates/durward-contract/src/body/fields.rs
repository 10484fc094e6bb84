//! Forms, read into the object that the schema describes.

use durward_http::MediaRange;
use durward_http::json::{Document, Limits};
use durward_http::multipart::Part;
use serde_json::{Map, Value};

use super::{BodySchema, PLACE};
use crate::Violation;
use crate::parameters::{Encoding, Pairs, Reading, Separator, deep_object};
use crate::schema::{Additional, Forest, Instance, Shape, Types};

/// What `encoding` says of the fields of a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    pub(crate) named: Vec<(String, Field)>,
}

/// How one field is written.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) written: Written,
    /// Media types that a part of a multipart form may have; none says nothing.
    pub(crate) media: Vec<MediaRange>,
}

/// How the value of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// A name for each item, brackets for members, or JSON: what is there decides.
    Usual,
    /// All items in one value.
    Separated(Separator),
    /// JSON.
    Json,
}

impl Fields {
    fn get(&self, name: &str) -> Option<&Field> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, field)| field)
    }
}

/// JSON in a field; the whole body has its own limits.
fn limits() -> Limits {
    Limits { depth: 32, nodes: 50_000, ..Limits::default() }
}

/// The fields whose text the schema proves to be harmless.
pub(super) fn proven<'s>(schema: &'s BodySchema, forest: &Forest, root: u32) -> Vec<&'s str> {
    let is_proven = |name: &str, shape: &Shape| {
        // INVARIANT: only what is read as it stands. In a field that is read as JSON, the text is not the value.
        let as_json = shape.binary || is_object(shape) || (is_list(shape) && has_objects(shape));
        let as_it_stands = match schema.fields.get(name).map_or(Written::Usual, |field| field.written) {
            Written::Usual | Written::Separated(Separator::Comma | Separator::Space) => !as_json,
            Written::Separated(_) | Written::Json => false,
        };
        as_it_stands && forest.member(root, name.as_bytes()).is_some_and(|place| shape.is_proven(forest, place))
    };
    let named = schema.shape.properties.iter().filter(|(name, shape)| is_proven(name, shape));
    named.map(|(name, _)| name.as_str()).collect()
}

/// Holds a form to its schema.
pub(super) fn check_form(schema: &BodySchema, pairs: &[(String, String)]) -> Vec<Violation> {
    let mut first = None;
    for guess in [true, false] {
        let reading = Reading { encoding: Encoding::Plain, guess };
        let (object, problems) = form_object(schema, pairs, reading);
        if problems.is_empty() && schema.check.is_valid(Instance::Built(&object)) {
            return Vec::new();
        }
        first.get_or_insert((object, problems));
    }
    match first {
        Some((object, problems)) if problems.is_empty() => schema.check.violations(Instance::Built(&object), PLACE),
        Some((_, problems)) => problems,
        None => Vec::new(),
    }
}

fn form_object(schema: &BodySchema, pairs: &[(String, String)], reading: Reading) -> (Value, Vec<Violation>) {
    let mut pairs = Pairs::decoded(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut object = Map::new();
    let mut problems = Vec::new();
    for (name, shape) in &schema.shape.properties {
        let written = schema.fields.get(name).map_or(Written::Usual, |field| field.written);
        let values = pairs.take(name);
        let deep = if values.is_empty() { pairs.take_deep(name) } else { Vec::new() };
        let value = if !deep.is_empty() {
            deep_object(&deep, shape, reading)
        } else if values.is_empty() {
            continue;
        } else {
            value(&values, shape, written, reading)
        };
        match value {
            Some(value) => drop(object.insert(name.clone(), value)),
            None => problems.push(Violation::invalid(format!("{PLACE} /{name}"), wanted(shape))),
        }
    }
    let rest_types = match &schema.shape.additional {
        Additional::Allowed(shape) => shape.types,
        Additional::Unsaid => Types::ANY,
    };
    for (name, text) in pairs.take_rest() {
        let value = reading.decoded(text.into(), rest_types);
        match object.get_mut(&*name) {
            Some(Value::Array(items)) => items.push(value),
            Some(earlier) => {
                let first = earlier.take();
                *earlier = Value::Array(vec![first, value]);
            }
            None => drop(object.insert(name.into_owned(), value)),
        }
    }
    (Value::Object(object), problems)
}

fn is_list(shape: &Shape) -> bool {
    shape.types.has(Types::ARRAY) && shape.types != Types::ANY
}

fn is_object(shape: &Shape) -> bool {
    shape.types.has(Types::OBJECT) && shape.types != Types::ANY
}

fn wanted(shape: &Shape) -> &'static str {
    if is_list(shape) {
        "an array as the contract describes it"
    } else if is_object(shape) {
        "an object as the contract describes it"
    } else {
        "one value, not several"
    }
}

/// The value of a field from its texts.
fn value(values: &[&str], shape: &Shape, written: Written, reading: Reading) -> Option<Value> {
    match (values, written) {
        ([one], Written::Json) => json(one),
        ([one], Written::Separated(separator)) if is_list(shape) => reading.list(one, separator, shape),
        ([one], Written::Separated(separator)) if is_object(shape) => {
            reading.alternating(&separator.cut(one, reading.encoding), shape)
        }
        ([one], _) if is_list(shape) && !shape.types.has_scalar() && has_objects(shape) => {
            json(one).map(|value| if value.is_array() { value } else { Value::Array(vec![value]) })
        }
        ([one], _) if shape.types.has_scalar() => reading.scalar(one, shape.types),
        ([one], _) if is_object(shape) => json(one).filter(Value::is_object),
        (several, _) if is_list(shape) && has_objects(shape) => several.iter().map(|one| json(one)).collect(),
        (several, _) if is_list(shape) => reading.array(several.iter().copied(), shape),
        _ => None,
    }
}

fn has_objects(shape: &Shape) -> bool {
    shape.items.as_ref().is_some_and(|items| !items.types.has_scalar())
}

fn json(text: &str) -> Option<Value> {
    let document = Document::parse(text.to_owned(), &limits()).ok()?;
    Some(Instance::Json(document.root()).copied())
}

/// Holds a multipart form to its schema.
pub(super) fn check_multipart(schema: &BodySchema, parts: &[Part], body: &[u8]) -> Vec<Violation> {
    let mut first = None;
    for guess in [true, false] {
        let reading = Reading { encoding: Encoding::Plain, guess };
        let (object, problems) = multipart_object(schema, parts, body, reading);
        if !problems.is_empty() {
            return problems;
        }
        if schema.check.is_valid(Instance::Built(&object)) {
            return Vec::new();
        }
        first.get_or_insert(object);
    }
    first.map_or_else(Vec::new, |object| schema.check.violations(Instance::Built(&object), PLACE))
}

fn multipart_object(schema: &BodySchema, parts: &[Part], body: &[u8], reading: Reading) -> (Value, Vec<Violation>) {
    let mut object = Map::new();
    let mut problems = Vec::new();
    let any = Shape::any();
    for part in parts {
        let shape = schema.shape.property(&part.name).unwrap_or(&any);
        let is_list = is_list(shape);
        let item = if is_list { shape.items.as_deref().unwrap_or(&any) } else { shape };
        let field = schema.fields.get(&part.name);
        let read = check_type(part, field).and_then(|()| part_value(part, body, item, field, reading));
        let value = match read {
            Ok(value) => value,
            Err(expected) => {
                problems.push(Violation::invalid(part_place(part), expected));
                continue;
            }
        };
        match object.get_mut(&part.name) {
            Some(Value::Array(items)) if is_list => items.push(value),
            Some(_) => problems.push(Violation::invalid(part_place(part), "one part, not several")),
            // A part may hold the whole array as JSON.
            None if is_list && !value.is_array() => {
                object.insert(part.name.clone(), Value::Array(vec![value]));
            }
            None => drop(object.insert(part.name.clone(), value)),
        }
    }
    problems.truncate(crate::MOST_VIOLATIONS);
    (Value::Object(object), problems)
}

fn part_place(part: &Part) -> String {
    let is_showable = part.name.len() <= 48 && part.name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_showable { format!("{PLACE} part \"{}\"", part.name) } else { format!("{PLACE} part") }
}

fn check_type(part: &Part, field: Option<&Field>) -> Result<(), String> {
    let Some(field) = field.filter(|field| !field.media.is_empty()) else { return Ok(()) };
    // RFC 7578 section 4.4: a part without a media type is plain text.
    let matches = part.content_type.as_ref().map_or_else(
        || field.media.iter().any(|range| matches!(range.to_string().as_str(), "text/plain" | "text/*" | "*/*")),
        |media| field.media.iter().any(|range| range.matches(media)),
    );
    if matches {
        return Ok(());
    }
    Err(field.media.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))
}

fn part_value(
    part: &Part,
    body: &[u8],
    shape: &Shape,
    field: Option<&Field>,
    reading: Reading,
) -> Result<Value, String> {
    let content = part.content(body);
    let is_json = part.content_type.as_ref().is_some_and(durward_http::MediaType::is_json)
        || field.is_some_and(|field| field.written == Written::Json)
        || !shape.types.has_scalar();
    if is_json && !shape.binary {
        let text = std::str::from_utf8(content).map_err(|_| "JSON".to_owned())?;
        return json(text).ok_or_else(|| "JSON".to_owned());
    }
    if shape.binary || (part.filename.is_some() && shape.types == Types::ANY) {
        // Content of files has no characters that a schema could count.
        return Ok(Value::String(String::new()));
    }
    let text = std::str::from_utf8(content).map_err(|_| "text in UTF-8".to_owned())?;
    reading.scalar(text, shape.types).ok_or_else(|| "text".to_owned())
}
