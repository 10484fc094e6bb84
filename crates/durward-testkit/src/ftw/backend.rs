//! What stands behind the firewall in the tests: for CRS 4 `albedo`, which answers as the request asks it to; for CRS 3 the
//! empty site of a web server.

use super::base64;

/// Which server stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `POST /reflect` is answered with the response that its JSON describes, anything else with an empty 200.
    Albedo,
    /// There is a page at `/` and at `/post`, and nothing else.
    Site,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The fields.
    pub fields: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Reflection {
    status: u16,
    headers: std::collections::BTreeMap<String, String>,
    body: String,
    encoded_body: String,
}

impl Backend {
    /// The answer to a request.
    #[must_use]
    pub fn answer(self, method: &[u8], target: &[u8], body: &[u8]) -> Response {
        let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
        match self {
            Self::Albedo if method == b"POST" && (path == b"/reflect" || path.starts_with(b"/reflect/")) => {
                reflect(body)
            }
            Self::Albedo => Response::new(200, Vec::new()),
            Self::Site if method == b"CONNECT" => Response::new(405, Vec::new()),
            Self::Site if path.contains(&b'%') => Response::new(404, Vec::new()),
            Self::Site => Response::new(200, Vec::new()),
        }
    }
}

impl Response {
    fn new(status: u16, body: Vec<u8>) -> Self {
        Self { status, fields: Vec::new(), body }.completed()
    }

    /// With the fields that the server adds.
    fn completed(mut self) -> Self {
        let typed = self.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        if !typed && !self.body.is_empty() {
            self.fields.push(("Content-Type".to_owned(), sniffed(&self.body).to_owned()));
        }
        self.fields.push(("Content-Length".to_owned(), self.body.len().to_string()));
        self.fields.push(("Date".to_owned(), "Tue, 24 Nov 2026 12:00:00 GMT".to_owned()));
        self
    }
}

fn reflect(spec: &[u8]) -> Response {
    let Ok(spec) = serde_json::from_slice::<Reflection>(spec) else {
        return Response::new(400, b"Invalid JSON in request body".to_vec());
    };
    let body = if spec.body.is_empty() { base64::decode(spec.encoded_body.as_bytes()) } else { spec.body.into_bytes() };
    let status = if spec.status == 0 { 200 } else { spec.status };
    Response { status, fields: spec.headers.into_iter().collect(), body }.completed()
}

/// The type that Go's server guesses, as far as the tests need it.
fn sniffed(body: &[u8]) -> &'static str {
    const HTML: [&str; 17] = [
        "<!doctype html",
        "<html",
        "<head",
        "<script",
        "<iframe",
        "<h1",
        "<div",
        "<font",
        "<table",
        "<a",
        "<style",
        "<title",
        "<b",
        "<body",
        "<br",
        "<p",
        "<!--",
    ];
    let start = body.get(..512).unwrap_or(body);
    let text = start.trim_ascii_start();
    let html = |tag: &&str| {
        let (name, rest) = text.split_at(tag.len().min(text.len()));
        name.eq_ignore_ascii_case(tag.as_bytes()) && (*tag == "<!--" || matches!(rest, [b' ' | b'>', ..]))
    };
    let binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if HTML.iter().any(html) {
        "text/html; charset=utf-8"
    } else if text.starts_with(b"<?xml") {
        "text/xml; charset=utf-8"
    } else if start.starts_with(b"PK\x03\x04") {
        "application/zip"
    } else if start.starts_with(b"\x1f\x8b\x08") {
        "application/x-gzip"
    } else if start.iter().any(binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

#[test]
fn reflection() {
    let spec = br#"{"status": 203, "headers": {"A": "b"}, "encodedBody": "PGh0bWw+"}"#;
    let response = Backend::Albedo.answer(b"POST", b"/reflect", spec);
    assert_eq!((response.status, response.body.as_slice()), (203, &b"<html>"[..]));
    assert_eq!(response.fields[0], ("A".to_owned(), "b".to_owned()));
    assert_eq!(response.fields[1].1, "text/html; charset=utf-8");
}
