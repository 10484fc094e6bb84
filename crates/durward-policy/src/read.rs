//! From text to a document, or to an error with line, caret, what was expected and the nearest known key.

use std::sync::Arc;

use durward_core::{Diagnostic, Diagnostics, Source, nearest};
use serde::Deserialize;
use toml::de::DeTable;

use crate::{Document, Places};

/// A document and where its keys stand.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What the file says.
    pub document: Document,
    /// Where it says so.
    pub places: Places,
}

/// Reads a policy document.
///
/// # Errors
/// The text is not TOML, has an unknown key, misses one, or has a value of the wrong form.
pub fn read(source: &Arc<Source>) -> Result<Policy, Diagnostics> {
    let table = DeTable::parse(source.text()).map_err(|error| Diagnostics::from(diagnose(source, &error)))?;
    let places = Places::index(source, table.get_ref());
    let document = Document::deserialize(toml::de::Deserializer::from(table))
        .map_err(|error| Diagnostics::from(diagnose(source, &error)))?;
    Ok(Policy { document, places })
}

fn diagnose(source: &Arc<Source>, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().trim();
    let mut diagnostic =
        Diagnostic::error(lower_first(message.lines().next().unwrap_or("the document cannot be read")));
    if let Some((written, known)) = unknown(message) {
        let known: Vec<&str> = quoted(known).collect();
        let what = if message.starts_with("unknown variant") { "value" } else { "key" };
        diagnostic = Diagnostic::error(format!("unknown {what} `{written}`"));
        diagnostic = match nearest(written, known.iter().copied()) {
            Some(word) => diagnostic.label(format!("did you mean `{word}`?")),
            None => diagnostic.label("not known here"),
        };
        if what == "value" && known == ["url", "file"] {
            diagnostic =
                diagnostic.help("write `jwks = { file = \"jwks.json\" }` or `jwks = { url = \"https://...\" }`");
        } else if written == "mode" && known.contains(&"inbound_threshold") {
            diagnostic = diagnostic.help(
                "the mode of an API or of an operation is one of its `modes`: `modes = { firewall = \"observe\" }`",
            );
        } else if known.is_empty() {
            diagnostic = diagnostic.help("this table takes no keys");
        } else {
            diagnostic = diagnostic.help(format!("what can stand here: {}", known.join(", ")));
        }
    } else if let Some((kind, rest)) = message.split_once(", expected ") {
        let (expected, example) = in_words(expected_type(rest));
        let out_of_range = most(expected_type(rest)).filter(|_| kind.starts_with("invalid value: integer"));
        let label = out_of_range.map_or_else(|| format!("expected {expected}"), |most| format!("expected 0 to {most}"));
        diagnostic = Diagnostic::error(lower_first(kind)).label(label);
        if kind.ends_with("invalid type: map") && expected == LIST {
            diagnostic = diagnostic.help("write the name in two brackets, `[[...]]`: there may be several of these");
        }
        if let Some(example) = example {
            diagnostic = diagnostic.help(format!("write `{example}`"));
        }
    } else if message.starts_with("wanted exactly 1 element") {
        diagnostic = Diagnostic::error("this table takes exactly one of its keys").label("expected one key");
    } else if let Some((what, expected)) = address(message) {
        diagnostic = Diagnostic::error(what).label(expected);
    } else if message == "duplicate key" {
        diagnostic = diagnostic.label("it stands above already").help("keep one of them");
    } else if let Some(field) = message.strip_prefix("missing field ") {
        diagnostic = Diagnostic::error(format!("missing key {field}")).help(hint(field.trim_matches('`')));
    }
    if message.contains("a secret cannot be written here") {
        diagnostic = diagnostic.conceal();
    }
    match error.span() {
        Some(span) => diagnostic.at(source, span),
        None => diagnostic.in_file(source),
    }
}

/// The type that was expected, as serde says it.
fn expected_type(rest: &str) -> &str {
    rest.lines().next().unwrap_or(rest)
}

/// The largest number of a type.
const fn most(name: &str) -> Option<u64> {
    match name.as_bytes() {
        b"u8" => Some(u8::MAX as u64),
        b"u16" => Some(u16::MAX as u64),
        b"u32" => Some(u32::MAX as u64),
        b"u64" | b"usize" => Some(i64::MAX as u64),
        _ => None,
    }
}

/// What a Rust type is to the author of a policy, with an example where one helps.
fn in_words(expected: &str) -> (&str, Option<&'static str>) {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "i64" | "usize" => ("a whole number", None),
        "a string" => ("text in quotes", None),
        "a boolean" => ("`true` or `false`", None),
        "a sequence" => (LIST, None),
        "a map" => ("a table", None),
        "struct UpstreamSection" => ("a table", Some("upstream = { url = \"https://10.0.4.7:8443\" }")),
        "struct ApiKeySection" => ("an empty table", Some("api_key = {}")),
        "struct JwtConfig" => ("a table", Some("jwt = { issuer = \"https://id.example.com\", audience = \"orders\" }")),
        "struct CertificateSection" => {
            ("a table", Some("certificate = { file = \"api.pem\", key = \"file:api.key\" }"))
        }
        "struct ListenTimeouts" => ("a table", Some("timeouts = { idle = \"75s\" }")),
        other if other.starts_with("struct ") => ("a table", None),
        other => (other, None),
    }
}

/// What the standard library says of addresses, with what can be written.
fn address(message: &str) -> Option<(&'static str, &'static str)> {
    match message {
        "invalid socket address syntax" => {
            Some(("this is not an address with a port", "expected one such as `127.0.0.1:8443` or `[::]:8443`"))
        }
        "invalid IP address syntax" => {
            Some(("this is not an address or a network", "expected one such as `10.0.0.0/8` or `192.0.2.7`"))
        }
        _ => None,
    }
}

const LIST: &str = "a list in brackets";

/// `unknown field `x`, expected one of `a`, `b``, as serde says it.
fn unknown(message: &str) -> Option<(&str, &str)> {
    let rest = message.strip_prefix("unknown field `").or_else(|| message.strip_prefix("unknown variant `"))?;
    rest.split_once('`')
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn hint(field: &str) -> String {
    match field {
        "version" => "begin the document with `version = 1`".to_owned(),
        "listen" => "say where to listen: `[listen]` with `https = \"0.0.0.0:8443\"` and a certificate".to_owned(),
        "api" => "name at least one API: `[api.orders]` with `spec` and `upstream`".to_owned(),
        "spec" => "name the OpenAPI document: `spec = \"openapi.yaml\"`".to_owned(),
        "upstream" => "say where the API runs: `upstream = { url = \"https://10.0.4.7:8443\" }`".to_owned(),
        field => format!("write `{field} = ...` in this table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[api.orders]\nspec = \"a.yaml\"\nupstream = { url = \"http://127.0.0.1:1\" }\n";

    #[test]
    fn mistakes_show_line_and_fix() {
        let table: &[(&str, &str, &[&str])] = &[
            ("[listen]", "[lisen]", &["durward.toml:2", "unknown key `lisen`", "did you mean `listen`?"]),
            ("http =", "htp =", &["durward.toml:3", "did you mean `http`"]),
            ("version = 1\n", "", &["missing key `version`", "begin the document"]),
            ("spec = \"a.yaml\"\n", "", &["missing key `spec`", "name the OpenAPI document"]),
            ("http = \"127.0.0.1:0\"", "http = 7", &["durward.toml:3"]),
            ("version = 1", "version = [", &["durward.toml"]),
            (
                "[api.orders]",
                "[flood]\nrate = \"9/fortnight\"\n[api.orders]",
                &["durward.toml:5", "`9/fortnight` is not a rate"],
            ),
            ("version = 1", "version = \"1\"", &["durward.toml:1", "invalid type", "expected a whole number"]),
            (
                "http = \"127.0.0.1:0\"",
                "http = \"localhost\"",
                &["durward.toml:3", "not an address with a port", "`127.0.0.1:8443`"],
            ),
            (
                "upstream = { url = \"http://127.0.0.1:1\" }",
                "upstream = \"http://x\"",
                &["durward.toml:6", "expected a table", "upstream = { url ="],
            ),
            (
                "[api.orders]",
                "[auth.a]\njwt = { issuer = \"https://i\", audience = \"a\", jwks = \"k.json\" }\n[api.orders]",
                &["durward.toml:5", "jwks = { file = \"jwks.json\" }"],
            ),
            (
                "[api.orders]",
                "[auth.a]\njwt = { issuer = \"https://i\", audience = \"a\", jwks = { file = \"k\", url = \"https://k\" } }\n[api.orders]",
                &["durward.toml:5", "exactly one of its keys"],
            ),
            ("[api.orders]", "[edge]\ndeny = [\"10.0.0.0/99\"]\n[api.orders]", &["durward.toml:5", "`10.0.0.0/8`"]),
            ("http = \"127.0.0.1:0\"", "head = 5", &["durward.toml:3", "expected text in quotes"]),
            ("[api.orders]", "[auth.a]\napi_key = true\n[api.orders]", &["durward.toml:5", "write `api_key = {}`"]),
            ("[listen]", "[listen]\nhttp = \"127.0.0.1:1\"", &["duplicate key", "stands above already"]),
            (
                "[api.orders]",
                "[firewall]\ninbound_threshold = -1\n[api.orders]",
                &["durward.toml:5", "0 to 4294967295"],
            ),
            ("[api.orders]", "[firewall.exclude]\nrule = 1\n[api.orders]", &["durward.toml:4", "two brackets"]),
            (
                "[api.orders]",
                "[api.orders.firewall]\nmode = \"off\"\n[api.orders]",
                &["durward.toml:5", "modes = { firewall"],
            ),
            ("[api.orders]", "[flood]\nmode = \"maybe\"\n[api.orders]", &["durward.toml:5", "unknown value `maybe`"]),
        ];
        assert!(read(&Source::new("durward.toml", GOOD)).is_ok());
        for (from, to, expected) in table {
            let source = Source::new("durward.toml", GOOD.replace(from, to));
            let text = read(&source).unwrap_err().render(false);
            for part in *expected {
                assert!(text.contains(part), "{part} in\n{text}");
            }
        }
    }
}
