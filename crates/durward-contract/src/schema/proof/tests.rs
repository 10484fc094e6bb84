use std::path::Path;

use durward_http::json::{Document, Kind, Limits, Value};
use durward_http::{MediaType, Query, QueryLimits, form, multipart};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use crate::{BodyMedia, Contract, In, Loaded, ParameterInput, ProvenContent, ProvenPlace};

const OLD: &str = "3.0.3";
const NEW: &str = "3.1.0";

fn load(text: &str) -> Loaded {
    let loaded = Contract::load(Path::new("t.json"), &|_| Ok(text.to_owned()));
    loaded.unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)))
}

/// A document whose one operation takes content of one media type.
fn content(version: &str, media: &str, schema: &str, encoding: &str) -> Loaded {
    load(&format!(
        r#"{{"openapi": "{version}", "info": {{"title": "t", "version": "1"}},
        "components": {{"schemas": {COMPONENTS}}}, "paths": {{"/": {{"post": {{"requestBody": {{"content":
        {{"{media}": {{"schema": {schema}, "encoding": {encoding}}}}}}}}}}}}}}}"#
    ))
}

fn media<'l>(loaded: &'l Loaded, name: &str) -> &'l BodyMedia {
    let body = loaded.contract.operations()[0].body().unwrap();
    body.select(&MediaType::parse(name).unwrap()).unwrap()
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

const COMPONENTS: &str = r##"{
    "Id": {"type": "string", "format": "uuid"},
    "Text": {"type": "string"},
    "Tree": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"},
        "c": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
    "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop2"}]},
    "Loop2": {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"properties": {"a": {"type": "integer"}}}]},
    "Cat": {"type": "object", "properties": {"a": {"enum": ["cat"]}, "b": {"type": "integer"}, "c": {"type": "string"}}},
    "Dog": {"type": "object", "properties": {"a": {"enum": ["dog"]}, "b": {"type": "boolean"}, "c": {"type": "integer"}}}
}"##;

/// All proven places among some names, five levels deep: `.` is the document.
fn places(proven: &ProvenContent) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<(ProvenPlace, String)> = proven.root().map(|root| (root, String::new())).into_iter().collect();
    while let Some((place, path)) = open.pop() {
        if proven.is_proven(place) {
            found.push(if path.is_empty() { ".".to_owned() } else { path.clone() });
        }
        let depth = path.matches(['.', '[']).count();
        if depth < 5 {
            open.extend(proven.elements(place).map(|place| (place, format!("{path}[]"))));
            let member = |name: &str| Some((proven.member(place, name.as_bytes())?, format!("{path}.{name}")));
            open.extend(["a", "b", "c", "a.b"].into_iter().filter_map(member));
        }
    }
    found.sort();
    found
}

#[test]
fn documents() {
    for (version, schema, expected) in [
        // Plain values.
        (NEW, r#"{"type": "integer"}"#, &["."][..]),
        (NEW, r#"{"type": "number"}"#, &["."]),
        (NEW, r#"{"type": "boolean"}"#, &["."]),
        (NEW, r#"{"type": "null"}"#, &["."]),
        (NEW, r#"{"type": "string"}"#, &[]),
        (NEW, "{}", &[]),
        (NEW, r#"{"minimum": 3}"#, &[]),
        (NEW, r#"{"type": "string", "maxLength": 3}"#, &[]),
        (NEW, r#"{"type": ["integer", "null"]}"#, &["."]),
        (NEW, r#"{"type": ["integer", "string"]}"#, &[]),
        (NEW, r#"{"type": ["string", "null"], "format": "date"}"#, &["."]),
        (NEW, r#"{"format": "date"}"#, &["."]),
        (OLD, r#"{"type": "integer", "nullable": true}"#, &["."]),
        (OLD, r#"{"type": "string", "format": "uuid", "nullable": true}"#, &["."]),
        (OLD, r##"{"$ref": "#/components/schemas/Id", "nullable": true}"##, &["."]),
        (OLD, r##"{"$ref": "#/components/schemas/Text", "format": "uuid"}"##, &[]),
        (NEW, r##"{"$ref": "#/components/schemas/Text", "format": "uuid"}"##, &["."]),
        // Words.
        (NEW, r#"{"enum": ["red", "dark blue", 7, null, {"x": "<"}]}"#, &["."]),
        (NEW, r#"{"enum": ["red", "<blue>"]}"#, &[]),
        (NEW, r#"{"enum": ["a/b"]}"#, &[]),
        (NEW, r#"{"type": "integer", "enum": ["<blue>", 1]}"#, &["."]),
        (NEW, r#"{"const": "v1.2:3"}"#, &["."]),
        (NEW, r#"{"const": "a'b"}"#, &[]),
        (NEW, r#"{"type": "string", "pattern": "^[0-9a-f]{16}$"}"#, &["."]),
        (NEW, r#"{"type": "string", "pattern": "[0-9a-f]{16}"}"#, &[]),
        // Formats.
        (NEW, r#"{"type": "string", "format": "date-time"}"#, &["."]),
        (NEW, r#"{"type": "string", "format": "time"}"#, &["."]),
        (NEW, r#"{"type": "string", "format": "duration"}"#, &["."]),
        (NEW, r#"{"type": "string", "format": "ipv4"}"#, &["."]),
        (NEW, r#"{"type": "string", "format": "ipv6"}"#, &["."]),
        (NEW, r#"{"type": "string", "format": "hostname"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "email"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "uri"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "byte"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "int64"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "UUID"}"#, &[]),
        (NEW, r#"{"type": "string", "format": "unheard-of"}"#, &[]),
        // Members and elements.
        (NEW, r#"{"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}"#, &[".a"]),
        (NEW, r#"{"properties": {"a": {"properties": {"b": {"type": "integer"}}}, "a.b": {}}}"#, &[".a.b"]),
        (NEW, r#"{"properties": {"a.b": {"type": "integer"}}}"#, &[".a.b"]),
        (NEW, r#"{"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}"#, &["[][]"]),
        (NEW, r#"{"prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}}"#, &["[]"]),
        (NEW, r#"{"prefixItems": [{"type": "integer"}], "items": false}"#, &["[]"]),
        (NEW, r#"{"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false}"#, &[]),
        (NEW, r#"{"prefixItems": [{"type": "integer"}]}"#, &[]),
        (NEW, r#"{"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}"#, &[]),
        (NEW, r#"{"contains": {"type": "integer"}}"#, &[]),
        // Whoever sends readOnly members is refused.
        (OLD, r#"{"properties": {"a": {"type": "string", "readOnly": true}, "b": {"type": "integer"}}}"#, &[".b"]),
        // Nothing is proven by what may not apply.
        (NEW, r#"{"additionalProperties": {"type": "integer"}}"#, &[]),
        (NEW, r#"{"patternProperties": {"^a$": {"type": "integer"}}}"#, &[]),
        (NEW, r#"{"unevaluatedProperties": {"type": "integer"}, "unevaluatedItems": {"type": "integer"}}"#, &[]),
        (NEW, r#"{"properties": {"a": {}}, "patternProperties": {"a": {"type": "integer"}}}"#, &[]),
        (NEW, r#"{"properties": {"a": {"type": "integer"}}, "patternProperties": {"a": {"type": "string"}}}"#, &[".a"]),
        (NEW, r#"{"not": {"type": "string"}}"#, &[]),
        (NEW, r#"{"if": {"type": "string"}, "then": {"format": "uuid"}}"#, &[]),
        (NEW, r#"{"if": true, "then": {"type": "integer"}, "else": {"type": "integer"}}"#, &[]),
        (NEW, r#"{"dependentSchemas": {"a": {"properties": {"a": {"type": "integer"}}}}}"#, &[]),
        (NEW, r#"{"propertyNames": {"format": "uuid"}}"#, &[]),
        // One branch is enough of all; every branch is needed of some.
        (NEW, r#"{"allOf": [{"type": "string"}, {"format": "uuid"}]}"#, &["."]),
        (NEW, r#"{"allOf": [{"properties": {"a": {}}}, {"properties": {"a": {"type": "integer"}}}]}"#, &[".a"]),
        (
            NEW,
            r#"{"allOf": [{"properties": {"a": {"type": "string"}}}], "properties": {"a": {"format": "date"}}}"#,
            &[".a"],
        ),
        (NEW, r#"{"allOf": [{"items": {"type": "string"}}, {"items": {"format": "date"}}]}"#, &["[]"]),
        (NEW, r#"{"anyOf": [{"type": "integer"}, {"format": "uuid"}]}"#, &["."]),
        (NEW, r#"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#, &[]),
        (
            NEW,
            r#"{"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}"#,
            &[".", ".a"],
        ),
        (NEW, r#"{"oneOf": [{"type": "integer"}, {"properties": {"a": {"type": "integer"}}}]}"#, &[".a"]),
        (NEW, r#"{"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}"#, &["[]"]),
        (NEW, r#"{"oneOf": [{"items": {"type": "string"}}, {"items": {"type": "integer"}}]}"#, &[]),
        (
            NEW,
            r#"{"anyOf": [{"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
            {"properties": {"a": {"type": "boolean"}, "b": {"type": "string"}, "c": {"type": "integer"}}}]}"#,
            &[".a"],
        ),
        (
            NEW,
            r#"{"anyOf": [{"properties": {"a": {"type": "string"}}}, {}], "properties": {"a": {"format": "date"}}}"#,
            &[".a"],
        ),
        (NEW, r#"{"anyOf": [{}, {"type": "integer"}]}"#, &[]),
        (OLD, r##"{"nullable": true, "allOf": [{"properties": {"a": {"type": "integer"}}}]}"##, &[".a"]),
        (
            OLD,
            r##"{"nullable": true, "allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}]}"##,
            &[".", ".a"],
        ),
        // Alternatives that a member chooses: all there is to know of them is the member.
        (
            NEW,
            r##"{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]}"##,
            &[".a", ".b"],
        ),
        (
            NEW,
            r##"{"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "a"}}"##,
            &[".a"],
        ),
        // Schemas that contain themselves.
        (NEW, r##"{"$ref": "#/components/schemas/Tree"}"##, &[".a", ".c[].a", ".c[].c[].a"]),
        (NEW, r##"{"$ref": "#/components/schemas/Loop"}"##, &[".a"]),
        (NEW, r##"{"type": "array", "items": {"$ref": "#/components/schemas/Id"}}"##, &["[]"]),
    ] {
        let loaded = content(version, JSON, schema, "{}");
        let found = places(media(&loaded, JSON).proven());
        assert_eq!(found, expected, "{version} {schema}");
    }
}

#[test]
fn aliases_are_other_places() {
    let loaded = content(NEW, JSON, r#"{"properties": {"a": {"properties": {"b": {"type": "integer"}}}}}"#, "{}");
    let proven = media(&loaded, JSON).proven();
    let root = proven.root().unwrap();
    let inner = proven.member(root, b"a").unwrap();
    assert!(proven.is_proven(proven.member(inner, b"b").unwrap()));
    assert_eq!((proven.member(root, b"a.b"), proven.member(root, b"A"), proven.elements(root)), (None, None, None));
    assert!(!proven.is_proven(root) && !proven.is_proven(inner) && !proven.field(b"a"));
}

#[test]
fn fields() {
    let integers = r#"{"type": "array", "items": {"type": "integer"}}"#;
    for (kind, schema, encoding, expected) in [
        (FORM, r#"{"a": {"type": "integer"}, "b": {"type": "string"}}"#, "{}", &["a"][..]),
        (FORM, r##"{"a": {"$ref": "#/components/schemas/Id"}}"##, "{}", &["a"]),
        (FORM, &format!(r#"{{"a": {integers}}}"#), "{}", &["a"]),
        (FORM, &format!(r#"{{"a": {integers}}}"#), r#"{"a": {"explode": false}}"#, &["a"]),
        (FORM, &format!(r#"{{"a": {integers}}}"#), r#"{"a": {"style": "spaceDelimited"}}"#, &["a"]),
        (FORM, &format!(r#"{{"a": {integers}}}"#), r#"{"a": {"style": "pipeDelimited"}}"#, &[]),
        (FORM, r#"{"a": {"type": "integer"}}"#, r#"{"a": {"contentType": "application/json"}}"#, &[]),
        (FORM, r#"{"a": {"type": "array", "items": {"type": "string"}}}"#, "{}", &[]),
        (FORM, r#"{"a": {"type": "array", "items": {"type": "object"}}}"#, "{}", &[]),
        (FORM, r#"{"a": {"type": ["integer", "array"], "items": {"type": "string"}}}"#, "{}", &[]),
        (FORM, r#"{"a": {"type": ["string", "array"], "items": {"type": "integer"}}}"#, "{}", &[]),
        (FORM, r#"{"a": {"type": "object", "properties": {"b": {"type": "integer"}}}}"#, "{}", &[]),
        (FORM, r#"{"a": {"type": ["integer", "object"]}}"#, "{}", &[]),
        (MULTIPART, r#"{"a": {"type": "integer"}, "b": {"type": "string"}}"#, "{}", &["a"]),
        (MULTIPART, &format!(r#"{{"a": {integers}}}"#), "{}", &["a"]),
        (MULTIPART, r#"{"a": {"type": "string", "format": "binary", "enum": [""]}}"#, "{}", &[]),
        (MULTIPART, r#"{"a": {"type": "integer"}}"#, r#"{"a": {"contentType": "application/json"}}"#, &[]),
    ] {
        let loaded = content(NEW, kind, &format!(r#"{{"type": "object", "properties": {schema}}}"#), encoding);
        let proven = media(&loaded, kind).proven();
        let found: Vec<_> = ["a", "b", "A"].into_iter().filter(|name| proven.field(name.as_bytes())).collect();
        assert_eq!(found, expected, "{kind} {schema} {encoding}");
        assert_eq!(proven.root(), None);
    }
}

fn parameters(list: &str) -> Loaded {
    load(&format!(
        r#"{{"openapi": "{NEW}", "info": {{"title": "t", "version": "1"}},
        "components": {{"schemas": {COMPONENTS}}}, "paths": {{"/": {{"get": {{"parameters": [{list}]}}}}}}}}"#
    ))
}

#[test]
fn parameters_of_all_places() {
    let integers = r#""schema": {"type": "array", "items": {"type": "integer"}}"#;
    for (place, rest, expected) in [
        (In::Query, r#""schema": {"type": "integer"}"#, true),
        (In::Query, r#""schema": {"type": "string"}"#, false),
        (In::Query, r#""schema": {"type": "string", "enum": ["asc", "desc"]}"#, true),
        (In::Query, r#""schema": {"type": "string", "enum": ["-a", "<"]}"#, false),
        (In::Query, r##""schema": {"$ref": "#/components/schemas/Id"}"##, true),
        (In::Query, r#""schema": {"anyOf": [{"type": "integer"}, {"format": "date"}]}"#, true),
        (In::Query, r#""schema": {}"#, false),
        (In::Query, "\"description\": \"nothing\"", false),
        (In::Query, integers, true),
        (In::Query, &format!(r#"{integers}, "explode": false"#), true),
        (In::Query, &format!(r#"{integers}, "style": "spaceDelimited", "explode": false"#), true),
        (In::Query, &format!(r#"{integers}, "style": "pipeDelimited", "explode": false"#), false),
        (In::Query, r#""schema": {"type": "array", "items": {"type": "string"}}"#, false),
        (In::Query, r#""schema": {"type": "array"}"#, false),
        (In::Query, r#""schema": {"type": ["string", "array"], "items": {"type": "integer"}}"#, false),
        (In::Query, r#""schema": {"type": ["integer", "array"], "items": {"type": "string"}}"#, false),
        (In::Query, r#""schema": {"type": "object", "properties": {"p": {"type": "integer"}}}"#, false),
        (
            In::Query,
            r#""style": "deepObject", "schema": {"type": "object", "properties": {"p": {"type": "integer"}}}"#,
            false,
        ),
        (In::Query, r#""content": {"application/json": {"schema": {"type": "integer"}}}"#, false),
        (In::Header, r#""schema": {"type": "integer"}"#, true),
        (In::Header, integers, true),
        (In::Header, r#""schema": {"type": "string"}"#, false),
        (In::Cookie, r#""schema": {"type": "string", "format": "uuid"}"#, true),
        (In::Cookie, r#""schema": {"type": "string"}"#, false),
    ] {
        let loaded = parameters(&format!(r#"{{"name": "X-p", "in": "{}", {rest}}}"#, place.as_str()));
        let proven = loaded.contract.operations()[0].proven();
        let found = [proven.query(b"X-p"), proven.header(b"x-P"), proven.cookie(b"X-p")];
        let wanted = [In::Query, In::Header, In::Cookie].map(|at| at == place && expected);
        assert_eq!(found, wanted, "{place:?} {rest}");
        assert!(!proven.query(b"x-p") && !proven.cookie(b"x-p") && proven.is_empty() != expected);
    }
    // What HTTP itself reads is looked at.
    let loaded = parameters(r#"{"name": "Content-Length", "in": "header", "schema": {"type": "integer"}}"#);
    assert!(loaded.contract.operations()[0].proven().is_empty());
}

/// Bytes that a proven value can have: those of numbers, of closed formats and of harmless words, and of lists of them.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.:-+,".contains(&byte))
}

/// Whether each value of a document at a proven place is plain.
fn holds(proven: &ProvenContent, place: Option<ProvenPlace>, value: Value<'_>) -> bool {
    let Some(place) = place else { return true };
    match value.kind() {
        Kind::Object => {
            value.members().all(|(name, member)| holds(proven, proven.member(place, name.as_bytes()), member))
        }
        Kind::Array => value.elements().all(|element| holds(proven, proven.elements(place), element)),
        Kind::String => !proven.is_proven(place) || is_plain(&value.as_str().unwrap()),
        Kind::Null | Kind::Bool | Kind::Number => true,
    }
}

const TEXTS: &[&str] = &[
    "",
    "x",
    "red",
    "-1",
    "1.5e+3",
    "true",
    "null",
    "2026-11-25",
    "2026-11-25T10:00:00.5+01:00",
    "10:00:00Z",
    "P1Y2M3DT4H",
    "10.0.0.1",
    "fe80::1",
    "::ffff:1.2.3.4",
    "2f7b2c4e-0d3f-4c29-8d5e-1b2a3c4d5e6f",
    "ord_12",
    "<script>",
    "1' or '1'='1",
    "$(id)",
    "a\nb",
    "../..",
    "٣",
    "a|b",
    "1,2",
];

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(TEXTS).prop_map(str::to_owned);
    // Something hostile put into, or behind, what a format lets through.
    let broken = (
        prop::sample::select(TEXTS),
        any::<prop::sample::Index>(),
        prop::sample::select(&["'", "<", "\n", " ", "٣", "%", "é"][..]),
    );
    let broken = broken.prop_map(|(text, at, bad)| {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        if at < chars.len() && at % 2 == 0 {
            chars.remove(at);
        }
        chars.splice(at..at, bad.chars());
        chars.into_iter().collect()
    });
    prop_oneof![3 => known, 1 => broken]
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        3 => text().prop_map(serde_json::Value::from),
        1 => Just(serde_json::json!(7)),
        1 => Just(serde_json::json!(1.5)),
        1 => Just(serde_json::json!(null)),
        1 => Just(serde_json::json!(true)),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::btree_map(prop::sample::select(&["a", "b", "c"][..]), inner.clone(), 0..3)
                .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            prop::collection::vec(inner, 0..3).prop_map(serde_json::Value::from),
        ]
    })
}

const LEAVES: &[&str] = &[
    "{}",
    r#"{"type": "integer"}"#,
    r#"{"type": "string"}"#,
    r#"{"type": "boolean", "nullable": true}"#,
    r#"{"type": ["number", "null"]}"#,
    r#"{"type": "string", "format": "uuid"}"#,
    r#"{"type": "string", "format": "date", "nullable": true}"#,
    r#"{"format": "date-time"}"#,
    r#"{"format": "time"}"#,
    r#"{"format": "duration"}"#,
    r#"{"format": "ipv4"}"#,
    r#"{"format": "ipv6"}"#,
    r#"{"format": "hostname"}"#,
    r#"{"enum": ["red", "x", 7, null]}"#,
    r#"{"enum": ["<script>", "red"]}"#,
    r#"{"const": "x"}"#,
    r#"{"pattern": "^\\d+$"}"#,
    r#"{"pattern": "^[a-z]*$"}"#,
    r#"{"pattern": "^ord_[0-9]+$"}"#,
    r#"{"pattern": "^.+$"}"#,
    r##"{"$ref": "#/components/schemas/Tree"}"##,
    r##"{"$ref": "#/components/schemas/Cat"}"##,
    r##"{"$ref": "#/components/schemas/Id"}"##,
];

fn schema() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop::sample::select(LEAVES).prop_map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        let named = prop::collection::btree_map(prop::sample::select(&["a", "b", "c"][..]), inner.clone(), 0..3);
        (
            prop::sample::subsequence(
                vec![
                    "properties",
                    "additionalProperties",
                    "patternProperties",
                    "items",
                    "prefixItems",
                    "allOf",
                    "anyOf",
                    "oneOf",
                    "not",
                    "if",
                    "type",
                    "nullable",
                ],
                1..4,
            ),
            list,
            named,
            inner,
        )
            .prop_map(|(keys, list, named, one)| {
                let mut schema = serde_json::Map::new();
                for key in keys {
                    let value = match key {
                        "properties" => serde_json::json!(named),
                        "patternProperties" => serde_json::json!({ "^[ab]": one }),
                        "prefixItems" | "allOf" | "anyOf" | "oneOf" => serde_json::json!(list),
                        "type" => serde_json::json!("object"),
                        "nullable" => serde_json::json!(true),
                        _ => one.clone(),
                    };
                    schema.insert(key.to_owned(), value);
                }
                serde_json::Value::Object(schema)
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Of what passed, no value at a proven place is anything but plain.
    #[test]
    fn documents_that_passed_hold_what_is_proven(
        schema in schema(),
        values in prop::collection::vec(value(), 40),
        old: bool,
    ) {
        let loaded = content(if old { OLD } else { NEW }, JSON, &schema.to_string(), "{}");
        let media = media(&loaded, JSON);
        for value in values {
            let document = Document::parse(value.to_string(), &Limits::default()).unwrap();
            if media.check_json(&document).is_empty() {
                prop_assert!(holds(media.proven(), media.proven().root(), document.root()), "{schema} {value}");
            }
        }
    }

    /// The same for parameters and forms, whose values are read from text.
    #[test]
    fn parameters_that_passed_hold_what_is_proven(
        schema in schema(),
        values in prop::collection::vec((text(), prop::option::of(text())), 30),
        style in prop::sample::select(&["", r#","explode":false"#, r#","style":"spaceDelimited","explode":false"#][..]),
    ) {
        let loaded = parameters(&format!(
            r#"{{"name": "q", "in": "query", "schema": {schema}{style}}}, {{"name": "h", "in": "header", "schema": {schema}}},
            {{"name": "c", "in": "cookie", "schema": {schema}}}"#
        ));
        let operation = &loaded.contract.operations()[0];
        let form = content(NEW, FORM, &format!(r#"{{"type": "object", "properties": {{"q": {schema}}}}}"#), "{}");
        let parts = content(NEW, MULTIPART, &format!(r#"{{"type": "object", "properties": {{"q": {schema}}}}}"#), "{}");
        for (one, other) in values {
            let texts: Vec<&str> = [Some(one.as_str()), other.as_deref()].into_iter().flatten().collect();
            let plain = texts.iter().all(|text| is_plain(text));
            let escape = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let pairs = texts.iter().map(|text| format!("q={}", escape(text))).collect::<Vec<_>>().join("&");
            let check = |query: &Query, headers: &HeaderMap| {
                operation.parameters().check(&ParameterInput { path: &[], query, headers }).is_empty()
            };
            let query = Query::parse(Some(&pairs), QueryLimits::default()).unwrap();
            if check(&query, &HeaderMap::new()) && operation.proven().query(b"q") {
                prop_assert!(plain, "{schema} {pairs}");
            }
            for (name, is_proven) in [("h", operation.proven().header(b"h")), ("cookie", operation.proven().cookie(b"c"))] {
                let mut headers = HeaderMap::new();
                for text in &texts {
                    let text = if name == "h" { (*text).to_owned() } else { format!("c={text}") };
                    if let Ok(line) = HeaderValue::from_str(&text) {
                        headers.append(name, line);
                    }
                }
                if headers.len() == texts.len() && check(&Query::empty(), &headers) && is_proven {
                    prop_assert!(plain, "{schema} {name} {texts:?}");
                }
            }
            let form = media(&form, FORM);
            let fields = form::parse(pairs.as_bytes(), form::FormLimits::default()).unwrap();
            if form.check_form(&fields).is_empty() && form.proven().field(b"q") {
                prop_assert!(plain, "{schema} {pairs}");
            }
            let media = media(&parts, MULTIPART);
            let part = |text: &&str| format!("--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n{text}\r\n");
            let body = texts.iter().map(part).chain(["--b--\r\n".to_owned()]).collect::<String>();
            let cut = multipart::parse(body.as_bytes(), "b", multipart::MultipartLimits::default()).unwrap();
            if media.check_multipart(&cut, body.as_bytes()).is_empty() && media.proven().field(b"q") {
                prop_assert!(plain, "{schema} {body}");
            }
        }
    }

    /// What the validator lets through as a closed format is plain, whatever is done to it.
    #[test]
    fn closed_formats_are_closed(texts in prop::collection::vec(text(), 400)) {
        for format in ["date", "date-time", "time", "duration", "ipv4", "ipv6", "uuid"] {
            let validator = super::super::convert::build(&serde_json::json!({ "type": "string", "format": format })).unwrap();
            for text in &texts {
                let passes = validator.is_valid(crate::schema::Instance::Text(text));
                prop_assert!(!passes || is_plain(text), "{format} {text:?}");
            }
        }
    }
}

/// Each closed format is one that the validator checks: what it lets through, and what not.
#[test]
fn closed_formats_are_checked() {
    for (format, good, bad) in [
        ("date", "2026-11-25", "2026-11-25'"),
        ("date-time", "2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z'"),
        ("time", "10:00:00Z", "10:00:00Z'"),
        ("duration", "P1D", "P1D'"),
        ("ipv4", "10.0.0.1", "10.0.0.1'"),
        ("ipv6", "fe80::1", "fe80::1%eth0"),
        ("uuid", "2f7b2c4e-0d3f-4c29-8d5e-1b2a3c4d5e6f", "{2f7b2c4e-0d3f-4c29-8d5e-1b2a3c4d5e6f}"),
    ] {
        assert!(super::super::format::is_closed(format));
        let validator = super::super::convert::build(&serde_json::json!({ "format": format })).unwrap();
        let passes = [good, bad, "", "'"].map(|text| validator.is_valid(crate::schema::Instance::Text(text)));
        assert_eq!(passes, [true, false, false, false], "{format}");
    }
}
