use std::path::Path;

use durward_http::json::{Document, Limits};
use durward_http::{MediaType, form, multipart};

use crate::{BodyKind, Contract, Loaded};

/// A document whose one operation takes content of one media type.
fn load(version: &str, media: &str, schema: &str, components: &str) -> Loaded {
    let text = format!(
        r#"{{"openapi": "{version}", "info": {{"title": "t", "version": "1"}}, "components": {{"schemas": {components}}},
        "paths": {{"/": {{"post": {{"requestBody": {{"content": {{"{media}": {schema}}}}}}}}}}}}}"#
    );
    let loaded = Contract::load(Path::new("t.json"), &|_| Ok(text.clone()));
    loaded.unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn json(version: &str, schema: &str, components: &str, value: &str) -> String {
    let loaded = load(version, "application/json", &format!(r#"{{"schema": {schema}}}"#), components);
    let body = loaded.contract.operations()[0].body().unwrap();
    let media = body.select(&MediaType::parse("application/json").unwrap()).unwrap();
    let document = Document::parse(value.to_owned(), &Limits::default()).unwrap();
    show(&media.check_json(&document))
}

fn show(found: &[crate::Violation]) -> String {
    let lines = found.iter().map(|violation| format!("{}: {}", violation.place, violation.expected));
    if found.is_empty() { "ok".to_owned() } else { lines.collect::<Vec<_>>().join("; ") }
}

const PETS: &str = r##"{
    "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat", "dog": "Dog"}}},
    "Implicit": {"anyOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind"}},
    "Cat": {"type": "object", "required": ["kind", "id"], "properties": {"kind": {"type": "string"},
        "id": {"type": "integer", "readOnly": true}, "lives": {"type": "integer"}}},
    "Dog": {"type": "object", "required": ["kind", "tricks"], "properties": {"kind": {"type": "string"},
        "tricks": {"type": "array", "items": {"type": "string"}}}},
    "Base": {"type": "object", "properties": {"id": {"type": "string", "readOnly": true}}},
    "Null": {"type": "string", "nullable": true},
    "Id": {"type": "string", "readOnly": true}
}"##;

#[test]
fn schemas() {
    let old = "3.0.3";
    let new = "3.1.0";
    for (version, schema, value, expected) in [
        (old, r#"{"type": "string", "nullable": true}"#, "null", "ok"),
        (old, r#"{"type": "string"}"#, "null", "body: a string"),
        (old, r#"{"type": "string", "nullable": true, "enum": ["a"]}"#, "null", "body: \"a\""),
        // kin-openapi #927
        (old, r##"{"nullable": true, "$ref": "#/components/schemas/Dog"}"##, "null", "ok"),
        (old, r##"{"nullable": true, "allOf": [{"$ref": "#/components/schemas/Dog"}]}"##, "null", "ok"),
        (
            old,
            r##"{"nullable": true, "allOf": [{"$ref": "#/components/schemas/Dog"}]}"##,
            r#"{"kind": "dog"}"#,
            "body /tricks: a value: it is required",
        ),
        (old, r##"{"$ref": "#/components/schemas/Null"}"##, "null", "ok"),
        // libopenapi-validator #26
        (old, r#"{"type": "integer", "minimum": 0, "exclusiveMinimum": true}"#, "0", "body: more than 0"),
        (old, r#"{"type": "integer", "minimum": 0, "exclusiveMinimum": false}"#, "0", "ok"),
        (new, r#"{"type": "integer", "exclusiveMaximum": 5}"#, "5", "body: less than 5"),
        (old, r##"{"$ref": "#/components/schemas/Base", "type": "integer"}"##, "{}", "ok"),
        (
            new,
            r##"{"$ref": "#/components/schemas/Base", "required": ["x"]}"##,
            "{}",
            "body /x: a value: it is required",
        ),
        // kin-openapi #502, express-openapi-validator #400
        (old, r##"{"$ref": "#/components/schemas/Base"}"##, r#"{"id": "x"}"#, "body /id: nothing: it may not be sent"),
        (
            old,
            r##"{"allOf": [{"$ref": "#/components/schemas/Base"}, {"required": ["id", "n"]}]}"##,
            "{}",
            "body /n: a value: it is required",
        ),
        (
            old,
            r##"{"type": "object", "required": ["id"], "properties": {"id": {"$ref": "#/components/schemas/Id"}}}"##,
            "{}",
            "ok",
        ),
        (new, r#"{"type": "integer", "format": "int32"}"#, "2147483648", "body: at most 2147483647"),
        (new, r#"{"type": "integer", "format": "int32", "maximum": 9}"#, "10", "body: at most 9"),
        (new, r#"{"type": "integer", "format": "int64"}"#, "9223372036854775807", "ok"),
        (new, r#"{"type": "integer", "format": "int64"}"#, "9223372036854775808", "body: at most 9223372036854775807"),
        // kin-openapi #733
        (new, r#"{"type": "integer", "minimum": 5}"#, "123456789012345678901234567890", "ok"),
        (new, r#"{"type": "integer"}"#, "1.5", "body: an integer"),
        (new, r#"{"type": "integer"}"#, "1.0", "ok"),
        (new, r#"{"enum": [1, {"a": [1]}]}"#, r#"{"a": [1.0]}"#, "ok"),
        (new, r#"{"const": 1}"#, "2", "body: 1"),
        (new, r#"{"uniqueItems": true}"#, r#"[{"a": 1}, {"a": 1.0}]"#, "body: items that all differ"),
        (new, r#"{"type": "string", "format": "byte"}"#, r#""YWJj""#, "ok"),
        (new, r#"{"type": "string", "format": "byte"}"#, r#""YWJ""#, "body: text in base64"),
        (
            new,
            r#"{"type": "string", "format": "date-time"}"#,
            r#""2024-01-31""#,
            "body: a date and time such as 2024-01-31T12:00:00Z",
        ),
        (new, r#"{"type": "string", "format": "email"}"#, r#""a@example.com""#, "ok"),
        (new, r#"{"type": "string", "format": "ipv4"}"#, r#""1.2.3.256""#, "body: an IPv4 address"),
        (new, r#"{"type": "string", "pattern": "^\\w\\b$"}"#, r#""ab""#, "body: text that matches `^\\w\\b$`"),
        (
            new,
            r#"{"pattern": "^(a|a)*\\1b"}"#,
            r#""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac""#,
            "body: text that can be matched quickly",
        ),
        (
            new,
            r#"{"properties": {"a": {"type": "string"}}, "additionalProperties": false}"#,
            r#"{"isAdmin": true}"#,
            "body /isAdmin: nothing: the contract has no such member",
        ),
        (
            new,
            r#"{"properties": {"items": {"items": {"properties": {"price": {"minimum": 0}}}}}}"#,
            r#"{"items": [{"price": -1}]}"#,
            "body /items/0/price: at least 0",
        ),
        (new, r#"{"type": ["string", "integer"]}"#, "true", "body: an integer or a string"),
        (new, r#"{"oneOf": [{"type": "integer"}, {"type": "string"}]}"#, "true", "body: an integer or a string"),
        (
            new,
            r#"{"oneOf": [{"type": "integer"}, {"minimum": 1}]}"#,
            "1",
            "body: exactly one of the alternatives of the contract, not several",
        ),
        (new, r##"{"$ref": "#/components/schemas/Pet"}"##, r#"{"kind": "cat", "lives": 9}"#, "ok"),
        (
            new,
            r##"{"$ref": "#/components/schemas/Pet"}"##,
            r#"{"kind": "cat", "lives": "x"}"#,
            "body /lives: an integer",
        ),
        (
            new,
            r##"{"$ref": "#/components/schemas/Pet"}"##,
            r#"{"kind": "dog"}"#,
            "body /tricks: a value: it is required",
        ),
        (new, r##"{"$ref": "#/components/schemas/Pet"}"##, r#"{"kind": "cow"}"#, "body /kind: one of \"cat\", \"dog\""),
        (new, r##"{"$ref": "#/components/schemas/Pet"}"##, r#"{}"#, "body /kind: a value: it is required"),
        (new, r##"{"$ref": "#/components/schemas/Pet"}"##, "7", "body: an object"),
        (
            new,
            r##"{"$ref": "#/components/schemas/Implicit"}"##,
            r#"{"kind": "Dog"}"#,
            "body /tricks: a value: it is required",
        ),
        (new, r##"{"$ref": "#/components/schemas/Implicit"}"##, r#"{"kind": "Cat"}"#, "ok"),
    ] {
        assert_eq!(json(version, schema, PETS, value), expected, "{version} {schema} {value}");
    }
}

fn form_of(media: &str, value: &str) -> String {
    let loaded = load("3.0.3", "application/x-www-form-urlencoded", media, "{}");
    let body = loaded.contract.operations()[0].body().unwrap();
    let media = body.select(&MediaType::parse("application/x-www-form-urlencoded").unwrap()).unwrap();
    show(&media.check_form(&form::parse(value.as_bytes(), form::FormLimits::default()).unwrap()))
}

#[test]
fn forms() {
    let order = r#"{"schema": {"type": "object", "required": ["n"], "additionalProperties": false, "properties": {
        "n": {"type": "integer"}, "b": {"type": "boolean"}, "s": {"type": "string"}, "l": {"type": "array", "items": {"type": "integer"}},
        "c": {"type": "array", "items": {"type": "integer"}}, "o": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "m": {"type": "array", "items": {"type": "object", "properties": {"q": {"type": "integer"}}}}}},
        "encoding": {"c": {"explode": false}}}"#;
    for (value, expected) in [
        ("n=1&b=true&s=7", "ok"),
        ("n=1&l=1&l=2", "ok"),
        ("n=1&l=1", "ok"),
        ("n=1&l=x", "body /l/0: an integer"),
        ("n=1&c=1,2", "ok"),
        ("n=1&o[x]=1", "ok"),
        ("n=1&o[x]=a", "body /o/x: an integer"),
        ("n=1&o=%7B%22x%22:1%7D", "ok"),
        ("n=1&m[0][q]=1&m[1][q]=2", "ok"),
        ("n=1&m[0][q]=x", "body /m/0/q: an integer"),
        ("n=x", "body /n: an integer"),
        ("n=1&n=2", "body /n: one value, not several"),
        ("", "body /n: a value: it is required"),
        ("n=1&z=1", "body /z: nothing: the contract has no such member"),
    ] {
        assert_eq!(form_of(order, value), expected, "{value}");
    }
    // kin-openapi #1110: all optional.
    assert_eq!(form_of(r#"{"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}"#, ""), "ok");
    // kin-openapi #267: composed.
    let composed = r#"{"schema": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "boolean"}}}]}}"#;
    assert_eq!(form_of(composed, "a=1&b=false"), "ok");
    assert_eq!(form_of(composed, "a=1&b=2"), "body /b: true or false");
}

#[test]
fn multipart_forms() {
    let media = r#"{"schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"},
        "n": {"type": "integer"}, "meta": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}}}}, "encoding": {"file": {"contentType": "image/png, image/jpeg"}}}"#;
    let loaded = load("3.0.3", "multipart/form-data", media, "{}");
    let body = loaded.contract.operations()[0].body().unwrap();
    let media = body.select(&MediaType::parse("multipart/form-data; boundary=b").unwrap()).unwrap();
    let part =
        |head: &str, content: &str| format!("--b\r\nContent-Disposition: form-data; name={head}\r\n\r\n{content}\r\n");
    let file =
        "--b\r\nContent-Disposition: form-data; name=file; filename=a.png\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n";
    let text_file = file.replace("image/png", "text/html");
    for (parts, expected) in [
        (file.to_owned(), "ok"),
        (text_file, "body part \"file\": image/png or image/jpeg"),
        (part("n", "1"), "body /file: a value: it is required"),
        (format!("{file}{}", part("n", "x")), "body /n: an integer"),
        (format!("{file}{}{}", part("n", "1"), part("n", "2")), "body part \"n\": one part, not several"),
        (format!("{file}{}{}", part("tags", "a"), part("tags", "b")), "ok"),
        (format!("{file}{}", part("tags", "long")), "body /tags/0: at most 3 characters"),
        (format!("{file}{}", part("meta", "{\"a\": 1}")), "ok"),
        (format!("{file}{}", part("meta", "{\"a\": \"x\"}")), "body /meta/a: an integer"),
        (format!("{file}{}", part("meta", "a")), "body part \"meta\": JSON"),
    ] {
        let text = format!("{parts}--b--\r\n");
        let parts = multipart::parse(text.as_bytes(), "b", multipart::MultipartLimits::default()).unwrap();
        assert_eq!(show(&media.check_multipart(&parts, text.as_bytes())), expected, "{text}");
    }
}

#[test]
fn media_types() {
    let text = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/": {"post": {"requestBody": {"required": true, "content": {
        "application/json": {"schema": {"type": "object"}}, "application/*+json": {}, "*/*": {"schema": {"type": "object"}},
        "text/plain": {"schema": {"type": "integer"}}, "image/*": {"schema": {"type": "string", "format": "binary"}}}}}}}}"#;
    let contract = Contract::load(Path::new("t.json"), &|_| Ok(text.to_owned())).unwrap().contract;
    let body = contract.operations()[0].body().unwrap();
    assert!(body.required());
    assert_eq!(body.accepts(), "application/json or application/*+json or */* or text/plain or image/*");
    for (media, range, kind, streams) in [
        ("application/json", "application/json", BodyKind::Json, false),
        ("application/problem+json", "application/*+json", BodyKind::Json, true),
        ("text/json", "*/*", BodyKind::Json, false),
        ("application/x-www-form-urlencoded", "*/*", BodyKind::Form, false),
        ("multipart/form-data; boundary=x", "*/*", BodyKind::Multipart, false),
        ("text/plain", "text/plain", BodyKind::Text, false),
        ("image/png", "image/*", BodyKind::Opaque, true),
    ] {
        let found = body.select(&MediaType::parse(media).unwrap()).unwrap();
        assert_eq!(
            (found.range().to_string().as_str(), found.kind(), found.streams()),
            (range, kind, streams),
            "{media}"
        );
    }
    // Under a range with a schema, what cannot be checked is not let in (hono #891 and its kin).
    assert!(body.select(&MediaType::parse("application/xml").unwrap()).is_none());
    let plain = body.select(&MediaType::parse("text/plain").unwrap()).unwrap();
    assert_eq!(
        (show(&plain.check_text("7")), show(&plain.check_text("x"))),
        ("ok".to_owned(), "body: an integer".to_owned())
    );
}

/// Test threads have 2 MiB of stack, as the gateway's have at least.
#[test]
fn deep_values_do_not_exhaust_the_stack() {
    let tree = r##"{"Tree": {"anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": false, "allOf": [{"properties": {"a": {}}}],
        "properties": {"a": {"oneOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}]}}}]},
        "Self": {"allOf": [{"$ref": "#/components/schemas/Self"}, {"type": "object"}]}}"##;
    let nest = |inner: &str| format!("{}{inner}{}", "{\"a\":[".repeat(31), "]}".repeat(31));
    let root = r##"{"$ref": "#/components/schemas/Tree"}"##;
    assert_eq!(json("3.1.0", root, tree, &nest("1")), "ok");
    assert_ne!(json("3.1.0", root, tree, &nest("true")), "ok");
    // A schema that is made of itself says nothing more than the rest of it.
    let root = r##"{"$ref": "#/components/schemas/Self"}"##;
    assert_eq!(json("3.0.0", root, tree, "{}"), "ok");
    assert_eq!(json("3.0.0", root, tree, "7"), "body: an object");
}

/// The library looks the place of such a pattern up in a copy of the value, and panics when it is not there.
#[test]
fn patterns_that_give_up_refuse_and_never_panic() {
    let long = "a".repeat(60) + "c";
    for (schema, value) in [
        (r#"{"pattern": "^(a|a)*\\1b"}"#, format!("\"{long}\"")),
        (r#"{"items": {"pattern": "^(a|a)*\\1b"}}"#, format!("[\"b\", \"{long}\"]")),
        (r#"{"properties": {"a/b~": {"items": {"pattern": "^(a|a)*\\1b"}}}}"#, format!("{{\"a/b~\": [\"{long}\"]}}")),
        (r#"{"propertyNames": {"pattern": "^(a|a)*\\1b"}}"#, format!("{{\"{long}\": 1}}")),
        (r#"{"items": {"propertyNames": {"pattern": "^(a|a)*\\1b"}}}"#, format!("[{{\"{long}\": 1}}]")),
        (r#"{"patternProperties": {"^(a|a)*\\1b": {"type": "integer"}}}"#, format!("{{\"x\": 1, \"{long}\": \"s\"}}")),
        (
            r#"{"additionalProperties": false, "patternProperties": {"^(a|a)*\\1b": {}}}"#,
            format!("{{\"{long}\": \"s\"}}"),
        ),
        (r#"{"oneOf": [{"pattern": "^(a|a)*\\1b"}, {"type": "integer"}]}"#, format!("\"{long}\"")),
        (
            r#"{"anyOf": [{"items": {"pattern": "^(a|a)*\\1b"}}, {"type": "integer"}]}"#,
            format!("[[\"{long}\"], \"{long}\"]"),
        ),
        (
            r#"{"unevaluatedProperties": false, "allOf": [{"patternProperties": {"^(a|a)*\\1b": {}}}]}"#,
            format!("{{\"{long}\": 1}}"),
        ),
        (r#"{"contains": {"pattern": "^(a|a)*\\1b"}}"#, format!("[\"{long}\"]")),
    ] {
        assert_ne!(json("3.1.0", schema, "{}", &value), "ok", "{schema}");
    }
    let text = form_of(
        r#"{"schema": {"properties": {"p": {"type": "string", "pattern": "^(a|a)*\\1b"}}}}"#,
        &format!("p={long}"),
    );
    assert_ne!(text, "ok");
}

/// Whether one validator for all says the same as one for each.
#[test]
fn one_validator_says_what_separate_ones_say() {
    let root = std::env::var_os("DURWARD_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        std::path::PathBuf::from,
    );
    let folder = root.join("openapi");
    if !folder.is_dir() {
        eprintln!("skipped: no corpora (set DURWARD_CORPORA to their folder)");
        return;
    }
    let mut verdicts = [0, 0];
    for name in [
        "museum-3.1.yaml",
        "asana.com.json",
        "features/readme-3.1-train-travel.json",
        "features/readme-3.0-petstore.json",
    ] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let contract = Contract::load(Path::new(name), &|_| Ok(text.clone())).unwrap().contract;
        let mut examples = Vec::new();
        let tree = if name.ends_with("json") {
            serde_json::from_str(&text).unwrap()
        } else {
            serde_saphyr::from_str(&text).unwrap()
        };
        collect_examples(&tree, &mut examples);
        examples.extend(["null", "{}", "[]", "1", "-1.5", "true", "\"x\"", "{\"data\": {}}"].map(str::to_owned));
        let documents: Vec<_> =
            examples.iter().filter_map(|text| Document::parse(text.clone(), &Limits::default()).ok()).collect();
        for body in contract.operations().iter().filter_map(crate::Operation::body).flat_map(|body| body.media()) {
            let Some(schema) = &body.schema else { continue };
            let separate = schema.check.separate();
            for document in &documents {
                let value = crate::schema::Instance::Json(document.root());
                let expected = separate.is_valid(value);
                assert_eq!(schema.check.is_valid(value), expected, "{name} {schema:?}");
                assert_eq!(schema.check.violations(value, "body").is_empty(), expected, "{name} {schema:?}");
                verdicts[usize::from(expected)] += 1;
            }
        }
    }
    println!("{} invalid, {} valid, all agreed", verdicts[0], verdicts[1]);
    assert!(verdicts[0] > 1_000 && verdicts[1] > 100, "{verdicts:?}");
}

fn collect_examples(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                if key == "example" || key == "value" {
                    found.push(value.to_string());
                } else {
                    collect_examples(value, found);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_examples(item, found)),
        _ => {}
    }
}

#[test]
fn alternatives_within_alternatives_come_to_an_end() {
    // Every level doubles the work; sixty levels would take longer than anyone waits.
    let node = r##"{"N": {"type": "object", "additionalProperties": false, "properties": {"c": {KIND: [
        {"$ref": "#/components/schemas/N"}, {"$ref": "#/components/schemas/N"}]}}}}"##;
    let deep = |depth: usize, leaf: &str| format!("{}{leaf}{}", "{\"c\":".repeat(depth), "}".repeat(depth));
    let started = std::time::Instant::now();
    for kind in ["\"anyOf\"", "\"oneOf\""] {
        let components = node.replace("KIND", kind);
        let schema = r##"{"$ref": "#/components/schemas/N"}"##;
        let said = json("3.1.0", schema, &components, &deep(60, "1"));
        assert!(said.starts_with("body: "), "{said}");
        assert_ne!(json("3.1.0", schema, &components, &deep(3, "1")), "ok");
    }
    let any = node.replace("KIND", "\"anyOf\"");
    assert_eq!(json("3.1.0", r##"{"$ref": "#/components/schemas/N"}"##, &any, &deep(60, "{}")), "ok");
    assert!(started.elapsed() < std::time::Duration::from_secs(20), "{:?}", started.elapsed());
    // Large and plain is no reason to refuse.
    let list = format!("[{}]", vec![r#"{"a": [1, 2, 3], "b": {"c": "d"}}"#; 3000].join(","));
    let schema = r#"{"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}"#;
    assert_eq!(json("3.1.0", schema, "{}", &list), "ok");
}
