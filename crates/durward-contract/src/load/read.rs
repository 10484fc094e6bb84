//! Text to a tree, for JSON and YAML alike: sizes are bounded, and a name that stands twice in one object is an error,
//! because readers disagree on which of the two counts.

use std::path::Path;
use std::sync::Arc;

use durward_core::{Diagnostic, Source, Span};
use durward_http::json::{Document, Kind, Limits, Value as Strict};
use serde_json::{Map, Number, Value};

/// The largest document, in bytes.
const MOST_BYTES: usize = 64 << 20;
/// The deepest document. Whatever walks a tree here may recurse so deep.
const MOST_DEPTH: usize = 96;
/// The most values of a document.
const MOST_NODES: usize = 8_000_000;

/// Reads a document by what it looks like: JSON where it starts with `{` and is not called YAML.
pub(super) fn read(path: &Path, source: &Arc<Source>) -> Result<Value, Diagnostic> {
    let text = source.text();
    if text.len() > MOST_BYTES {
        return Err(Diagnostic::error(format!("the document is larger than {} MiB", MOST_BYTES >> 20)).in_file(source));
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_yaml = extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml");
    let looks_like_json = text.trim_start().starts_with('{');
    if extension.eq_ignore_ascii_case("json") || (looks_like_json && !is_yaml) { json(source) } else { yaml(source) }
}

fn json(source: &Arc<Source>) -> Result<Value, Diagnostic> {
    let limits = Limits {
        bytes: MOST_BYTES,
        depth: MOST_DEPTH,
        nodes: MOST_NODES,
        members: 1_000_000,
        elements: 1_000_000,
        string_bytes: 8 << 20,
        name_bytes: 1 << 16,
        allow_nul: true,
        ..Limits::default()
    };
    let text = source.text().strip_prefix('\u{feff}').unwrap_or(source.text());
    let skipped = source.text().len() - text.len();
    let document = Document::parse(text.as_bytes().to_vec(), &limits).map_err(|error| {
        let at = error.at + skipped;
        Diagnostic::error(format!("the document is not valid JSON: {}", error.kind))
            .at(source, at..at + 1)
            .label(error.kind.to_string())
    })?;
    Ok(copy(document.root()))
}

/// Depth is bounded by the reader.
fn copy(value: Strict<'_>) -> Value {
    match value.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(value.as_bool().unwrap_or_default()),
        Kind::String => Value::String(value.as_str().unwrap_or_default().into_owned()),
        Kind::Number => number(value),
        Kind::Array => value.elements().map(copy).collect(),
        Kind::Object => {
            let mut map = Map::with_capacity(value.len());
            map.extend(value.members().map(|(name, value)| (name.into_owned(), copy(value))));
            Value::Object(map)
        }
    }
}

fn number(value: Strict<'_>) -> Value {
    let exact = value.as_u64().map(Number::from).or_else(|| value.as_i64().map(Number::from));
    let number = exact.or_else(|| Number::from_f64(value.as_f64()?));
    number.map_or(Value::Null, Value::Number)
}

fn yaml(source: &Arc<Source>) -> Result<Value, Diagnostic> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: Some(MOST_BYTES),
            max_events: MOST_NODES,
            max_nodes: MOST_NODES,
            max_depth: MOST_DEPTH,
            max_documents: 1,
            max_aliases: 10_000,
            max_total_scalar_bytes: MOST_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
            max_replay_stack_depth: 32,
        },
        // `no`, `on` and `yes` are text.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(source.text(), options).map_err(|error| {
        let place = error.location();
        let whole = error.to_string();
        // The text has its own idea of the place, which the caret shows better, and advice for programmers.
        let message = whole.lines().next().unwrap_or_default();
        let message =
            [" at line ", ", set "].iter().fold(message, |message, cut| message.split(cut).next().unwrap_or(message));
        let message = message.trim_end_matches('.');
        let diagnostic = Diagnostic::error(format!("the document is not valid YAML: {message}"));
        match place {
            Some(place) => diagnostic.at(source, line_span(source.text(), place.line(), place.column())),
            None => diagnostic.in_file(source),
        }
    })
}

/// The rest of a line from a column on; both count from 1.
fn line_span(text: &str, line: u64, column: u64) -> Span {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let mut start = 0;
    for (at, content) in text.split_inclusive('\n').enumerate() {
        if at + 1 == line {
            let content = content.trim_end();
            let indent = content.char_indices().nth(column.saturating_sub(1)).map_or(content.len(), |(at, _)| at);
            return Span { start: start + indent, end: start + content.len().max(indent) };
        }
        start += content.len();
    }
    Span { start: text.len(), end: text.len() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(name: &str, text: &str) -> Result<Value, String> {
        read(Path::new(name), &Source::new(name, text)).map_err(|diagnostic| diagnostic.to_string())
    }

    #[test]
    fn yaml_keeps_text_as_text() {
        let text = "responses:\n  200: {a: no}\n  '404': yes\nversion: 1.0\ndate: 2024-01-31\nt: true\nn: ~\nb: 0x10\n";
        let expected = json!({"responses": {"200": {"a": "no"}, "404": "yes"}, "version": 1.0, "date": "2024-01-31",
            "t": true, "n": null, "b": 16});
        assert_eq!(parse("a.yaml", text), Ok(expected));
        let merged = "a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n";
        assert_eq!(parse("a.yml", merged), Ok(json!({"a": {"x": 1}, "b": {"x": 1, "y": 2}})));
    }

    #[test]
    fn what_is_not_a_document() {
        for (name, text, part) in [
            ("a.json", "{\"a\": 1, \"a\": 2}", "a.json:1: the document is not valid JSON: member repeated"),
            ("a.json", "{\n\"a\": }", "a.json:2: the document is not valid JSON: unexpected character"),
            ("a.yaml", "a: 1\na: 2\n", "a.yaml:2: the document is not valid YAML: "),
            ("a.yaml", "a: [1\nb: 2\n", "the document is not valid YAML: "),
            ("a.yaml", "a: 1\n---\nb: 2\n", "the document is not valid YAML: "),
        ] {
            let message = parse(name, text).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
        let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned(), |text, at| {
            let item = format!("*a{}", at - 1);
            text + &format!("a{at}: &a{at} [{}]\n", [item.as_str(); 8].join(", "))
        });
        assert!(parse("a.yaml", &bomb).is_err());
        assert!(parse("a.yaml", &"[".repeat(200)).is_err());
        assert!(parse("a.json", &"[".repeat(200)).is_err());
    }
}
