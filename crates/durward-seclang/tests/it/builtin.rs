//! The built-in rules: they load, they find attacks of each class, and they let ordinary requests pass.

mod attacks;
mod benign;
mod contracts;
mod false_positives;

use std::collections::BTreeSet;

use durward_seclang::builtin;
use durward_seclang::load::Loader;
use durward_seclang::overlay::OverlaySpec;
use durward_seclang::program::Program;

use crate::disk::Disk;
use crate::drive::{Engine, Verdict, Worker};
use crate::ftw::server::Request;
use durward_testkit::ftw::Backend;

/// The built-in rules at work.
struct Guard {
    engine: Engine,
    worker: Worker,
    /// What was not as it should be; the test ends with it.
    faults: Vec<String>,
}

impl Guard {
    fn new() -> Self {
        Self { engine: Engine::load(builtin::rules), worker: Worker::default(), faults: Vec::new() }
    }

    /// What becomes of a request.
    fn judge(&mut self, request: &Request) -> Verdict {
        self.engine.exchange(request, Backend::Albedo, &mut self.worker)
    }

    /// A request that is no attack passes.
    fn passes(&mut self, request: &Request, what: &str) {
        let verdict = self.judge(request);
        if verdict.status != 200 {
            self.faults.push(format!("{what}\n{}", reasons(&verdict)));
        }
    }

    /// A request is refused by the decision, after a rule of this class matched.
    fn refuses(&mut self, class: &str, request: &Request, what: &str) {
        let verdict = self.judge(request);
        let decision = verdict.interruption.as_ref().and_then(|it| it.rule()).map(|rule| rule.0);
        let named = verdict.matches.iter().any(|found| found.rule.tags.iter().any(|tag| **tag == *class));
        if verdict.status != 403 || !matches!(decision, Some(109_900 | 109_901)) || !named {
            self.faults.push(format!("{class}: {what}\n{}", reasons(&verdict)));
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.faults.is_empty(), "{} faults\n{}", self.faults.len(), self.faults.join("\n"));
        }
    }
}

/// What matched, one rule on each line.
fn reasons(verdict: &Verdict) -> String {
    let lines = verdict.matches.iter().map(|found| {
        let seen: Vec<_> = found.evidence.iter().map(|it| String::from_utf8_lossy(&it.matched).into_owned()).collect();
        format!("  {} {} {seen:?}", found.id().0, String::from_utf8_lossy(&found.message))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where a value stands in a request.
#[derive(Debug, Clone, Copy)]
enum Spot {
    /// A parameter of the query.
    Query,
    /// A member of a JSON document.
    Json,
    /// A field of a form.
    Form,
    /// A text of an XML document.
    Xml,
    /// A part of multipart content.
    Multipart,
    /// A field of the head.
    Field(&'static str),
}

/// A request that has a value at one spot, and around it what a client sends.
fn request(spot: Spot, value: &str) -> Request {
    let encoded = || percent(value);
    match spot {
        Spot::Query => get(&format!("/v1/items?page=2&q={}&sort=name", encoded())),
        Spot::Json => post(
            "application/json",
            &serde_json::json!({ "kind": "note", "body": { "text": value }, "n": 3 }).to_string(),
        ),
        Spot::Form => post("application/x-www-form-urlencoded", &format!("kind=note&text={}&n=3", encoded())),
        Spot::Xml => {
            let text = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            post("application/xml", &format!("<note><kind>plain</kind><text>{text}</text><n>3</n></note>"))
        }
        Spot::Multipart => {
            let part = |name: &str, value: &str| {
                format!("--xYzZy\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let body = format!("{}{}--xYzZy--\r\n", part("kind", "note"), part("text", value));
            post("multipart/form-data; boundary=xYzZy", &body)
        }
        Spot::Field(name) => {
            let mut request = get("/v1/items?page=2");
            request.fields.retain(|(field, _)| !field.eq_ignore_ascii_case(name.as_bytes()));
            request.fields.push((name.into(), value.into()));
            request
        }
    }
}

fn get(target: &str) -> Request {
    let fields = [
        ("Host", "api.example.com"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("Accept", "application/json, text/plain;q=0.9, */*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.9"),
    ];
    let fields = fields.map(|(name, value)| (name.into(), value.into())).into();
    Request { method: b"GET".into(), target: target.into(), protocol: b"HTTP/1.1".into(), fields, body: Vec::new() }
}

fn post(media_type: &str, body: &str) -> Request {
    let mut request = get("/v1/items");
    request.method = b"POST".into();
    request.fields.push((b"Content-Type".into(), media_type.into()));
    request.fields.push((b"Content-Length".into(), body.len().to_string().into()));
    request.body = body.into();
    request
}

/// Percent-encodes what a parameter cannot hold.
fn percent(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// Every rule loads without an error and a note, has a number of its own range, and what scores says what it is.
#[test]
fn they_load() {
    let set = builtin::rules(Loader::new(&Disk)).finish().unwrap();
    assert!(set.notes.is_empty(), "{:?}", set.notes);
    let program = Program::compile(set).unwrap();
    let mut classes = BTreeSet::new();
    for rule in program.rules() {
        let id = rule.id.0;
        assert!((builtin::FIRST_ID..=builtin::LAST_ID).contains(&id), "{id}");
        if rule.message.is_empty() {
            continue;
        }
        let has = |start: &str| rule.tags.iter().find(|tag| tag.starts_with(start));
        assert!(has(builtin::TAG).is_some(), "{id}");
        assert!(rule.severity.is_some(), "{id}");
        if let Some(class) = has("attack-") {
            assert!(has("CWE-").is_some(), "{id}");
            classes.insert(class.clone());
        }
    }
    assert_eq!(classes.len(), 16, "{classes:?}");
}

/// A route chooses the level, and that another rule set has more members of TX does not matter.
#[test]
fn a_route_chooses_the_level() {
    let mut guard = Guard::new();
    let statement = request(Spot::Json, "select name, age from people where age > 3");
    guard.passes(&statement, "a statement that somebody quotes");
    guard.engine = guard.engine.route(&OverlaySpec { paranoia_level: Some(2), ..OverlaySpec::default() }).unwrap();
    assert_eq!(guard.judge(&statement).status, 403);
    guard.engine =
        guard.engine.route(&OverlaySpec { inbound_threshold: Some(1000), ..OverlaySpec::default() }).unwrap();
    let attack = request(Spot::Query, "1' union select password from users-- ");
    guard.passes(&attack, "a score below the threshold");
}
