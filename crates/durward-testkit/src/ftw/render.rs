//! From what a test says to the bytes on the wire, by the rules of go-ftw, the runner that the tests were written for.

use super::base64;
use super::case::Input;

/// The bytes that the client sends.
pub fn render(input: &Input) -> Vec<u8> {
    if let Some(encoded) = &input.encoded_request {
        return base64::decode(encoded.as_bytes());
    }
    if let Some(raw) = &input.raw_request {
        return raw.clone().into_bytes();
    }
    let method = input.method.as_deref().unwrap_or("GET");
    let mut fields: Vec<(&str, String)> =
        input.headers.0.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let mut data = input.data.as_ref().map(|data| template(&data.0)).unwrap_or_default();

    if !data.is_empty() && input.completed() {
        if !has(&fields, "Content-Type", |_| true) {
            fields.push(("Content-Type", FORM.to_owned()));
        }
        if has(&fields, "Content-Type", |value| value.eq_ignore_ascii_case(FORM)) {
            data = form(data);
        }
    }
    if has(&fields, "Content-Type", |value| value.to_ascii_lowercase().contains("multipart/form-data;")) {
        data = with_crlf(&data);
    }
    if input.completed() {
        if !has(&fields, "Connection", |_| true) {
            fields.push(("Connection", "close".to_owned()));
        }
        // The pattern of go-ftw is `^POST|PUT|PATCH|DELETE$`, which is not what it seems.
        let carries = method.starts_with("POST")
            || method.contains("PUT")
            || method.contains("PATCH")
            || method.ends_with("DELETE");
        if !has(&fields, "Content-Length", |_| true) && (carries || !data.is_empty()) {
            fields.push(("Content-Length", data.len().to_string()));
        }
    }

    let target = input.uri.as_deref().unwrap_or("/");
    let version = input.version.as_deref().unwrap_or("HTTP/1.1");
    let mut bytes = format!("{method} {target} {version}\r\n").into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&data);
    bytes
}

/// Every line end as CRLF, which multipart content has to have.
fn with_crlf(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")) {
            Some(line) => out.extend_from_slice(&[line, b"\r\n"].concat()),
            None => out.extend_from_slice(line),
        }
    }
    out
}

const FORM: &str = "application/x-www-form-urlencoded";

fn has(fields: &[(&str, String)], name: &str, fits: impl Fn(&str) -> bool) -> bool {
    fields.iter().any(|(field, value)| field.eq_ignore_ascii_case(name) && fits(value))
}

/// `{{ "1" | repeat 64200 }}`, the one template that the tests use. Other double braces are meant as they stand.
fn template(text: &str) -> Vec<u8> {
    let mut rest = text;
    let mut rendered = String::new();
    while let Some((before, after)) = rest.split_once("{{ \"") {
        let parts = after.split_once("\" | repeat ").and_then(|(what, after)| Some((what, after.split_once(" }}")?)));
        let Some((what, (times, after))) = parts else { break };
        rendered.push_str(before);
        rendered.push_str(&what.repeat(times.parse().expect("how often it is repeated")));
        rest = after;
    }
    rendered.push_str(rest);
    rendered.into_bytes()
}

/// Tests write form content plainly or escaped. It is taken as escaped where un-escaping changes anything.
fn form(data: Vec<u8>) -> Vec<u8> {
    if unescape(&data).is_none_or(|plain| plain != data) {
        return data;
    }
    let mut escaped = Vec::new();
    for (index, pair) in data.split(|byte| *byte == b'&').enumerate() {
        if index > 0 {
            escaped.push(b'&');
        }
        match pair.iter().position(|byte| *byte == b'=') {
            Some(equals) => {
                escape(&pair[..equals], &mut escaped);
                escaped.push(b'=');
                escape(&pair[equals + 1..], &mut escaped);
            }
            None => escape(pair, &mut escaped),
        }
    }
    // The Go loop ends where the input does, so a last `&` leaves no empty pair behind.
    if data.ends_with(b"&") {
        escaped.pop();
    }
    escaped
}

/// Go's `url.QueryUnescape`; `None` where it fails.
fn unescape(data: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(data.len());
    let mut bytes = data.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (bytes.next()?, bytes.next()?);
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(*high)? << 4 | digit(*low)?
            }
            other => *other,
        });
    }
    Some(plain)
}

/// Go's `url.QueryEscape`.
fn escape(plain: &[u8], escaped: &mut Vec<u8>) {
    for byte in plain {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(*byte),
            b' ' => escaped.push(b'+'),
            other => escaped.extend_from_slice(format!("%{other:02X}").as_bytes()),
        }
    }
}

#[test]
fn form_content() {
    for (data, sent) in [
        ("a=b", "a=b"),
        ("a=<b>&c d=e", "a=%3Cb%3E&c+d=e"),
        ("a=%3Cb>", "a=%3Cb>"),
        ("a=b+<", "a=b+<"),
        ("a=100%", "a=100%"),
        ("a=b=c&", "a=b%3Dc"),
        ("{\"a\"}", "%7B%22a%22%7D"),
    ] {
        assert_eq!(String::from_utf8_lossy(&form(data.into())), sent, "{data}");
    }
}

#[test]
fn line_ends_of_multipart_content() {
    assert_eq!(with_crlf(b"a\nb\r\n\n\rc"), b"a\r\nb\r\n\r\n\rc");
}

#[test]
fn templates() {
    assert_eq!(template("a {{ \"1\" | repeat 3 }}b"), b"a 111b");
    assert_eq!(template("{{constructor}}"), b"{{constructor}}");
}
