//! The lines that a web server with ModSecurity would write to its error log: some tests look at their text.

use std::fmt::Write;

use durward_seclang::report::Match;

/// The line of a match.
pub(crate) fn line(found: &Match) -> String {
    let rule = &found.rule;
    let mut line = String::from("ModSecurity: Warning.");
    let mut part = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(line, " [{name} \"{value}\"]");
        }
    };
    part("file", &rule.place.file);
    part("line", &rule.place.line.to_string());
    part("id", &rule.id.0.to_string());
    part("msg", &text(&found.message));
    part("data", &text(&found.log_data));
    part("severity", &rule.severity.map(|severity| severity.to_string()).unwrap_or_default());
    part("ver", rule.version.as_deref().unwrap_or_default());
    for tag in found.tags.iter() {
        part("tag", &text(tag));
    }
    line
}

/// Printable characters as they are, all others as `\xHH`, so that an entry is one line.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if matches!(byte, b' '..=b'~') {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[test]
fn an_entry_is_one_line() {
    assert_eq!(text(b"a b\r\n\xe4"), "a b\\x0d\\x0a\\xe4");
}
