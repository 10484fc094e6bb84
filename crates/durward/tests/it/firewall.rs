//! The firewall as its users meet it: an API with real flaws behind the gateway, and the tools that find them.

mod answers;
mod explained;
mod modes;
mod sqlmap;

use std::path::Path;
use std::time::{Duration, Instant};

use durward_testkit::{Gateway, GatewayBuilder, exchange};

use crate::demo::Demo;

/// A gateway in front of the demo's sample API whose operations need no credential, with this written of the firewall.
fn gateway(demo: &Demo, firewall: &str) -> Gateway {
    let api = format!(
        "[auth.app]\napi_key = {{}}\n[api.shop]\nspec = \"orders.yaml\"\nupstream = {{ url = \"{}\" }}\n\
         public = [\"getHealth\", \"listReviews\", \"searchReviews\", \"previewCard\", \"sendFeedback\"]\n",
        demo.direct
    );
    let policy = policy(&format!("{firewall}\n{api}"));
    builder().file("durward.toml", policy).unwrap().file("orders.yaml", demo.contract()).unwrap().start().unwrap()
}

fn builder() -> GatewayBuilder {
    GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap()
}

/// A policy that listens in cleartext and does not count requests.
fn policy(rest: &str) -> String {
    format!("version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[flood]\nrate = \"100000/s\"\nburst = 100000\n{rest}")
}

/// An answer, as far as the tests look at it.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request on a connection of its own.
fn send(gateway: &Gateway, method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in fields {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    let request = format!("{request}\r\n{body}");
    let mut answers = exchange(gateway.address("http"), request.as_bytes(), Duration::from_secs(20)).unwrap();
    assert_eq!(answers.len(), 1, "{target}");
    let answer = answers.remove(0);
    Answer { status: answer.status, head: answer.head, body: answer.body }
}

fn get(gateway: &Gateway, target: &str) -> Answer {
    send(gateway, "GET", target, &[], "")
}

/// What `durward why` says of an answer. The record is written beside the request path, so it may be a moment late.
fn why(gateway: &Gateway, answer: &Answer) -> String {
    let id = answer.field("x-request-id").unwrap_or_else(|| panic!("no id in {answer:?}"));
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let output = gateway.verb(&["why", id]).unwrap();
        if output.status.success() {
            return String::from_utf8(output.stdout).unwrap();
        }
        assert!(Instant::now() < deadline, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The Core Rule Set as Debian installs it, if it is there.
fn core_rule_set() -> Option<&'static str> {
    const FOLDER: &str = "/usr/share/modsecurity-crs";
    if Path::new(FOLDER).join("owasp-crs.load").exists() {
        return Some(FOLDER);
    }
    println!("SKIPPED (rules missing: the Debian package modsecurity-crs)");
    None
}
