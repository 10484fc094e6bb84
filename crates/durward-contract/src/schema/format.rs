//! Formats that JSON Schema does not know and `OpenAPI` documents use.

use jsonschema::ValidationOptions;

/// Formats of strings that are checked, beside those of JSON Schema.
pub(super) fn register<R, F: jsonschema::json::Json>(
    options: ValidationOptions<'_, R, F>,
) -> ValidationOptions<'_, R, F> {
    options.with_format("byte", is_base64).with_format("base64url", is_base64url)
}

/// What a format means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The validator checks it.
    Checked,
    /// Bounds of numbers stand for it.
    Bounds(&'static str, &'static str),
    /// It says nothing that could be checked.
    Nothing,
    /// Nobody here knows it.
    Unknown,
}

/// What a format means on a schema of strings or of numbers.
pub(super) fn known(format: &str) -> Known {
    match format {
        "date"
        | "date-time"
        | "time"
        | "duration"
        | "email"
        | "idn-email"
        | "hostname"
        | "idn-hostname"
        | "ipv4"
        | "ipv6"
        | "iri"
        | "iri-reference"
        | "json-pointer"
        | "relative-json-pointer"
        | "regex"
        | "uri"
        | "uri-reference"
        | "uri-template"
        | "uuid"
        | "byte"
        | "base64url" => Known::Checked,
        "int8" => Known::Bounds("-128", "127"),
        "uint8" => Known::Bounds("0", "255"),
        "int16" => Known::Bounds("-32768", "32767"),
        "uint16" => Known::Bounds("0", "65535"),
        "int32" => Known::Bounds("-2147483648", "2147483647"),
        "uint32" => Known::Bounds("0", "4294967295"),
        "int64" => Known::Bounds("-9223372036854775808", "9223372036854775807"),
        "uint64" => Known::Bounds("0", "18446744073709551615"),
        "float" => Known::Bounds("-3.4028234663852886e38", "3.4028234663852886e38"),
        "double" | "binary" | "password" | "string" | "integer" | "number" | "boolean" | "" => Known::Nothing,
        _ => Known::Unknown,
    }
}

/// Whether text of a format, which the validator checks, cannot be but digits, letters and a few signs between them, in
/// an order that leaves no room for anything else.
pub(super) fn is_closed(format: &str) -> bool {
    matches!(format, "date" | "date-time" | "time" | "duration" | "ipv4" | "ipv6" | "uuid")
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn is_base64url(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len() - digits.len() <= 2
        && digits.len() % 4 != 1
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
