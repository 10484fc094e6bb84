//! What the validator found, in words, and without the value that came.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use crate::{MOST_VIOLATIONS, Violation};

/// Alternatives within alternatives are explained so deep.
const MOST_LEVELS: usize = 8;
/// Names that are longer than this are cut in places.
const NAME_CHARS: usize = 48;
/// Of values to choose from, so many are named.
const CHOICES: usize = 8;

/// Adds what one error means. `place` is the place of the value that was checked.
pub(super) fn explain(error: &ValidationError<'_>, place: &str, found: &mut Vec<Violation>) {
    one(error, place, found, 0);
}

fn one(error: &ValidationError<'_>, place: &str, found: &mut Vec<Violation>, level: usize) {
    if found.len() >= MOST_VIOLATIONS {
        return;
    }
    let at = |member: Option<&str>| where_(place, error.instance_path().as_str(), member);
    let mut invalid = |expected: String| push(found, Violation::invalid(at(None), expected));
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            push(found, Violation::missing(at(Some(name)), "a value: it is required"));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                push(found, Violation::invalid(at(Some(name)), "nothing: the contract has no such member"));
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            alternatives(error, context, place, found, level);
        }
        ValidationErrorKind::PropertyNames { error } => {
            let words = words(error.kind()).unwrap_or_else(|| "as the contract describes them".to_owned());
            invalid(format!("members whose names are each {words}"));
        }
        kind => invalid(words(kind).unwrap_or_else(|| "a value as the contract describes it".to_owned())),
    }
}

/// None of several alternatives fits: tells of the one that was meant, if that can be seen.
fn alternatives(
    error: &ValidationError<'_>,
    branches: &[Vec<ValidationError<'static>>],
    place: &str,
    found: &mut Vec<Violation>,
    level: usize,
) {
    let path = error.instance_path().as_str();
    let is_other = |branch: &&Vec<ValidationError<'static>>| {
        branch.iter().any(|error| error.instance_path().as_str() == path && is_of_another_kind(error.kind()))
    };
    let meant: Vec<_> = branches.iter().filter(|branch| !is_other(branch)).collect();
    if let [branch] = meant.as_slice()
        && level < MOST_LEVELS
    {
        let before = found.len();
        for error in *branch {
            one(error, place, found, level + 1);
        }
        if found.len() > before {
            return;
        }
    }
    let types: Vec<_> =
        branches.iter().filter_map(|branch| branch.first()).filter_map(|error| type_words(error.kind())).collect();
    let expected = if meant.is_empty() && types.len() == branches.len() {
        types.join(" or ")
    } else {
        format!("one of the {} alternatives of the contract", branches.len())
    };
    push(found, Violation::invalid(where_(place, path, None), expected));
}

const fn is_of_another_kind(kind: &ValidationErrorKind) -> bool {
    matches!(kind, ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. })
}

fn type_words(kind: &ValidationErrorKind) -> Option<String> {
    match kind {
        ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. } => words(kind),
        _ => None,
    }
}

fn push(found: &mut Vec<Violation>, violation: Violation) {
    if found.len() < MOST_VIOLATIONS && !found.contains(&violation) {
        found.push(violation);
    }
}

/// The place within the value: the first segment of the path names the schema, the rest is a JSON pointer.
fn where_(place: &str, path: &str, member: Option<&str>) -> String {
    let inner = path.strip_prefix('/').and_then(|path| path.split_once('/')).map_or("", |(_, inner)| inner);
    let mut text = String::from(place);
    let segments = inner.split('/').filter(|segment| !segment.is_empty()).chain(member);
    for (at, segment) in segments.enumerate() {
        text.push_str(if at == 0 { " /" } else { "/" });
        // Names may come from the request: long ones are cut, and characters that are not seen are replaced.
        text.extend(segment.chars().take(NAME_CHARS).map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        if segment.chars().nth(NAME_CHARS).is_some() {
            text.push('\u{2026}');
        }
    }
    text
}

/// What was expected, in words.
fn words(kind: &ValidationErrorKind) -> Option<String> {
    use ValidationErrorKind as K;
    Some(match kind {
        K::Type { kind: TypeKind::Single(one) } => type_word(*one).to_owned(),
        K::Type { kind: TypeKind::Multiple(set) } => set.iter().map(type_word).collect::<Vec<_>>().join(" or "),
        K::Minimum { limit } => format!("at least {limit}"),
        K::Maximum { limit } => format!("at most {limit}"),
        K::ExclusiveMinimum { limit } => format!("more than {limit}"),
        K::ExclusiveMaximum { limit } => format!("less than {limit}"),
        K::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        K::MinLength { limit } => format!("at least {}", many(*limit, "character")),
        K::MaxLength { limit } => format!("at most {}", many(*limit, "character")),
        K::MinItems { limit } => format!("at least {}", many(*limit, "item")),
        K::MaxItems { limit } => format!("at most {}", many(*limit, "item")),
        K::MinProperties { limit } => format!("at least {}", many(*limit, "member")),
        K::MaxProperties { limit } => format!("at most {}", many(*limit, "member")),
        K::UniqueItems => "items that all differ".to_owned(),
        K::Contains => "an item of the kind that the contract asks for".to_owned(),
        K::AdditionalItems { .. } | K::UnevaluatedItems { .. } => "no more items than the contract names".to_owned(),
        K::Enum { options } => choice(options),
        K::Constant { expected_value } => shown(expected_value),
        K::Pattern { pattern } => format!("text that matches `{}`", cut(pattern)),
        K::BacktrackLimitExceeded { .. } | K::RegexEngineFailure { .. } => {
            "text that can be matched quickly".to_owned()
        }
        K::Format { format } => describe_format(format).to_owned(),
        K::FalseSchema => "nothing: it may not be sent".to_owned(),
        K::OneOfMultipleValid { .. } => "exactly one of the alternatives of the contract, not several".to_owned(),
        K::Not { .. } => "a value that the contract does not exclude".to_owned(),
        K::ContentEncoding { content_encoding } => format!("text in {content_encoding}"),
        K::ContentMediaType { content_media_type } => format!("text that is {content_media_type}"),
        _ => return None,
    })
}

const fn type_word(one: JsonType) -> &'static str {
    match one {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `one of a, b, c`.
fn choice(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    match options {
        [one] => shown(one),
        _ if options.len() <= CHOICES => {
            format!("one of {}", options.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        _ => {
            let named = options.iter().take(CHOICES).map(shown).collect::<Vec<_>>().join(", ");
            format!("one of {named} and {} others", options.len() - CHOICES)
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", cut(text)),
        Value::Array(_) => "an array that the contract gives".to_owned(),
        Value::Object(_) => "an object that the contract gives".to_owned(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}\u{2026}", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A format in words.
pub(crate) fn describe_format(format: &str) -> &str {
    match format {
        "date" => "a date such as 2024-01-31",
        "date-time" => "a date and time such as 2024-01-31T12:00:00Z",
        "time" => "a time such as 12:00:00Z",
        "duration" => "a duration such as P1DT2H",
        "email" | "idn-email" => "an e-mail address",
        "hostname" | "idn-hostname" => "a host name",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "uri" | "iri" => "a URI",
        "uri-reference" | "iri-reference" => "a URI or a relative reference",
        "uri-template" => "a URI template",
        "uuid" => "a UUID",
        "json-pointer" | "relative-json-pointer" => "a JSON pointer",
        "regex" => "a regular expression",
        "byte" => "text in base64",
        "base64url" => "text in base64url",
        _ => "text of the format that the contract names",
    }
}
