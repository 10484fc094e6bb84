//! One entry becomes one line of JSON, by hand into a reused buffer: this runs for every request.
//!
//! Every text is cut to a bound and escaped so that neither JSON nor a terminal can be confused by it.

use std::fmt::Arguments;
use std::io::Write as _;
use std::time::Duration;

use durward_core::{AddressText, Denial, Finding, Moment, Outcome, StageId, Step, Trail};

use crate::Entry;

const PATH_CAP: usize = 2048;
const NAME_CAP: usize = 128;
const NAMES_CAP: usize = 64;
const TEXT_CAP: usize = 1024;
const TOLD_CAP: usize = 8;
const FINDINGS_CAP: usize = 32;
const MICROS_WIDTH: usize = 6;

/// Writes lines; remembers what most lines share.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The last second, and its text.
    second: Option<u64>,
    second_text: String,
    /// The whole step of each stage that was satisfied. Where such a stage is written says nothing about a request, so it
    /// is left out.
    passed: [Box<str>; StageId::ALL.len()],
}

impl Default for Lines {
    fn default() -> Self {
        let passed = StageId::ALL.map(|stage| {
            let (stage, outcome) = (stage.name(), Outcome::Passed.name());
            format!("{{\"stage\":\"{stage}\",\"outcome\":\"{outcome}\"}}").into()
        });
        Self { second: None, second_text: String::new(), passed }
    }
}

impl Lines {
    /// Appends the line of a request.
    pub(crate) fn entry(&mut self, out: &mut Vec<u8>, seq: u64, entry: &Entry) {
        let Entry { trail, exchange } = entry;
        let mut line = Line { out, cut: false };
        line.raw("{\"seq\":");
        line.number(seq);
        self.time(&mut line, exchange.received);
        line.raw(",\"id\":\"");
        line.out.extend_from_slice(&trail.id().text());
        line.raw("\"");
        request(&mut line, trail);
        line.key("status");
        line.number(exchange.status.into());
        if let Some((step, reason)) = ending(trail).and_then(|step| Some((step, step.outcome.reason()?))) {
            line.text("reason", reason.code(), TEXT_CAP);
            line.text("stage", step.stage.name(), TEXT_CAP);
        }
        if let Some(status) = exchange.upstream_status {
            line.key("upstream_status");
            line.number(status.into());
        }
        self.steps(&mut line, trail);
        found(&mut line, &trail.notes().findings);
        line.key("bytes_in");
        line.number(exchange.request_bytes);
        line.key("bytes_out");
        line.number(exchange.response_bytes);
        line.raw(",\"micros\":{\"admit\":");
        line.micros(exchange.admit);
        if let Some(upstream) = exchange.upstream {
            line.key("upstream");
            line.micros(upstream);
        }
        line.key("total");
        line.micros(exchange.total);
        line.raw("}");
        line.text("http", exchange.http, NAME_CAP);
        if let Some(tls) = exchange.tls {
            line.text("tls", tls, NAME_CAP);
        }
        let observed = trail.steps().iter().any(|step| matches!(step.outcome, Outcome::WouldDeny(_)));
        let cut = line.cut;
        let flags =
            [(exchange.aborted, "aborted"), (exchange.upgraded, "upgraded"), (observed, "observed"), (cut, "cut")];
        line.list("flags", flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name));
        line.raw("}\n");
    }

    /// Appends a line that marks `n` requests: `gap` or `unsure`.
    pub(crate) fn mark(&mut self, out: &mut Vec<u8>, seq: u64, now: Moment, kind: &'static str, n: u64) {
        let mut line = Line { out, cut: false };
        line.raw("{\"seq\":");
        line.number(seq);
        self.time(&mut line, now);
        line.key(kind);
        line.number(n);
        line.raw("}\n");
    }

    fn steps(&self, line: &mut Line<'_>, trail: &Trail) {
        line.raw(",\"trail\":[");
        for (at, step) in trail.steps().iter().enumerate() {
            if at > 0 {
                line.raw(",");
            }
            if let (Outcome::Passed, Some(whole)) = (&step.outcome, self.passed.get(step.stage.index())) {
                line.raw(whole);
                continue;
            }
            line.raw("{\"stage\":\"");
            line.raw(step.stage.name());
            line.raw("\",\"outcome\":\"");
            line.raw(step.outcome.name());
            line.raw("\"");
            if let Some(reason) = step.outcome.reason() {
                line.text("reason", reason.code(), NAME_CAP);
            }
            if let Some(place) = trail.place(step) {
                line.text("rule", place.as_str(), TEXT_CAP);
            }
            objection(line, step);
            line.raw("}");
        }
        line.raw("]");
    }

    fn time(&mut self, line: &mut Line<'_>, moment: Moment) {
        let second = moment.unix_seconds();
        if self.second != Some(second) {
            self.second = Some(second);
            self.second_text.clear();
            let stamp = i64::try_from(second).ok().and_then(|second| jiff::Timestamp::from_second(second).ok());
            let text = stamp.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m-%dT%H:%M:%S").to_string();
            self.second_text.push_str(&text);
        }
        let micros = moment.unix_nanos() / 1_000 % 1_000_000;
        line.raw(",\"time\":\"");
        line.raw(&self.second_text);
        line.raw(".");
        line.digits(micros, MICROS_WIDTH);
        line.raw("Z\"");
    }
}

/// The step that decided the answer, if it was not the upstream: a refusal, or a masked answer.
pub(crate) fn ending(trail: &Trail) -> Option<&Step> {
    let masked = || trail.steps().iter().find(|step| matches!(step.outcome, Outcome::Masked(_)));
    trail.refusal().or_else(masked)
}

fn request(line: &mut Line<'_>, trail: &Trail) {
    let notes = trail.notes();
    if let Some(client) = notes.client {
        line.raw(",\"client\":\"");
        line.out.extend_from_slice(AddressText::of(client).as_bytes());
        line.raw("\"");
    }
    if let Some(method) = &notes.method {
        line.text("method", method, NAME_CAP);
    }
    if let Some(path) = &notes.path {
        // The notes hold no query; a `?` that got in all the same must not carry values into the log.
        let end = memchr::memchr(b'?', path.as_bytes()).unwrap_or(path.len());
        let path = path.get(..end).unwrap_or_default();
        line.text("path", path, PATH_CAP);
    }
    if !notes.query_names.is_empty() {
        line.cut |= notes.query_names.len() > NAMES_CAP;
        line.list("query", notes.query_names.iter().take(NAMES_CAP).map(|name| &**name));
    }
    if let Some(name) = &notes.operation {
        line.text("api", &name.api, NAME_CAP);
        line.text("operation", &name.operation, TEXT_CAP);
    }
    if let Some(template) = &notes.template {
        line.text("template", template, PATH_CAP);
    }
    if let Some(principal) = &notes.principal {
        line.raw(",\"caller\":{\"kind\":\"");
        line.raw(principal.kind.name());
        line.raw("\"");
        line.text("issuer", &principal.issuer, TEXT_CAP);
        line.text("subject", &principal.subject, TEXT_CAP);
        line.raw("}");
    }
    if !notes.credentials.is_empty() {
        line.raw(",\"credentials\":[");
        for (at, (scheme, id)) in notes.credentials.iter().enumerate() {
            line.raw(if at == 0 { "{\"scheme\":" } else { ",{\"scheme\":" });
            line.quoted(scheme, NAME_CAP);
            if let Some(id) = id {
                line.text("id", id, TEXT_CAP);
            }
            line.raw("}");
        }
        line.raw("]");
    }
}

fn objection(line: &mut Line<'_>, step: &Step) {
    match &step.outcome {
        Outcome::Denied(denial) | Outcome::WouldDeny(denial) => {
            if let Some(detail) = denial.private_detail() {
                line.text("detail", detail, TEXT_CAP);
            }
            told(line, denial);
        }
        Outcome::Failed(fault) => line.text("detail", fault.detail(), TEXT_CAP),
        Outcome::Masked(status) => {
            line.print(format_args!(",\"detail\":\"the content of a {status} answer was replaced\""));
        }
        Outcome::Passed | Outcome::Off => {}
    }
}

fn told(line: &mut Line<'_>, denial: &Denial) {
    let errors = denial.public_errors();
    if errors.is_empty() {
        return;
    }
    line.cut |= errors.len() > TOLD_CAP;
    line.raw(",\"told\":[");
    for (at, (place, expected)) in errors.iter().take(TOLD_CAP).enumerate() {
        line.raw(if at == 0 { "{\"at\":" } else { ",{\"at\":" });
        line.quoted(place, TEXT_CAP);
        line.text("expected", expected, TEXT_CAP);
        line.raw("}");
    }
    line.raw("]");
}

fn found(line: &mut Line<'_>, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    line.cut |= findings.len() > FINDINGS_CAP;
    line.raw(",\"firewall\":[");
    for (at, finding) in findings.iter().take(FINDINGS_CAP).enumerate() {
        line.raw(if at == 0 { "{\"rule\":" } else { ",{\"rule\":" });
        line.number(finding.rule);
        line.text("message", &finding.message, TEXT_CAP);
        line.text("place", &finding.place, TEXT_CAP);
        if let Some(score) = finding.score {
            line.print(format_args!(",\"score\":{score}"));
        }
        line.raw(",\"seen\":[");
        for (at, seen) in finding.seen.iter().enumerate() {
            line.raw(if at == 0 { "{\"at\":" } else { ",{\"at\":" });
            line.quoted(&seen.at, TEXT_CAP);
            if let Some(matched) = &seen.matched {
                line.text("matched", matched, TEXT_CAP);
            }
            if let Some(decoded) = &seen.decoded {
                line.text("decoded", decoded, TEXT_CAP);
            }
            line.raw("}");
        }
        line.raw("]}");
    }
    line.raw("]");
}

struct Line<'a> {
    out: &'a mut Vec<u8>,
    cut: bool,
}

impl Line<'_> {
    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn print(&mut self, arguments: Arguments<'_>) {
        // Writing to memory cannot fail.
        let _ = self.out.write_fmt(arguments);
    }

    fn key(&mut self, name: &'static str) {
        self.raw(",\"");
        self.raw(name);
        self.raw("\":");
    }

    fn text(&mut self, name: &'static str, value: &str, cap: usize) {
        self.key(name);
        self.quoted(value, cap);
    }

    fn list<'t>(&mut self, name: &'static str, all: impl Iterator<Item = &'t str>) {
        let mut first = true;
        for value in all {
            if first {
                self.key(name);
                self.raw("[");
            } else {
                self.raw(",");
            }
            first = false;
            self.quoted(value, NAME_CAP);
        }
        if !first {
            self.raw("]");
        }
    }

    fn number(&mut self, n: u64) {
        self.digits(n, 1);
    }

    /// A number with leading zeros up to `width` digits.
    fn digits(&mut self, mut n: u64, width: usize) {
        let mut digits = [b'0'; 20];
        let mut length = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' | (n % 10) as u8;
            length += 1;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        let start = digits.len().saturating_sub(length.max(width));
        self.out.extend_from_slice(digits.get(start..).unwrap_or_default());
    }

    fn micros(&mut self, time: Duration) {
        self.number(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    fn quoted(&mut self, value: &str, cap: usize) {
        let value = match value.get(..cap.min(value.len())) {
            Some(whole) if whole.len() == value.len() => value,
            _ => {
                self.cut = true;
                let end = (0..=cap).rev().find(|end| value.is_char_boundary(*end)).unwrap_or(0);
                value.get(..end).unwrap_or_default()
            }
        };
        self.out.push(b'"');
        // Without a branch per byte, because nearly every text is plain.
        if value.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            self.raw(value);
            self.out.push(b'"');
            return;
        }
        let mut rest = value;
        loop {
            // A plain run ends at an ASCII byte or at the first byte of a character, never within one.
            let plain = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            self.raw(head);
            let mut characters = tail.chars();
            let Some(first) = characters.next() else { break };
            self.character(first);
            rest = characters.as_str();
        }
        self.out.push(b'"');
    }

    fn character(&mut self, character: char) {
        match character {
            '"' => self.raw("\\\""),
            '\\' => self.raw("\\\\"),
            '\n' => self.raw("\\n"),
            '\r' => self.raw("\\r"),
            '\t' => self.raw("\\t"),
            hidden if is_hidden(hidden) => self.print(format_args!("\\u{:04x}", u32::from(hidden))),
            shown => {
                let mut bytes = [0; 4];
                self.out.extend_from_slice(shown.encode_utf8(&mut bytes).as_bytes());
            }
        }
    }
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'
}

/// Characters that move a terminal's cursor, change its state, or turn the direction of text: control characters of
/// both sets, line separators, and the bidirectional controls of CVE-2021-42574.
pub(crate) const fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}
