//! The trail of one request as a person reads it: what came of it, stage by stage, why, and what to do next.
//!
//! Every text in a line came from somewhere else, so nothing is printed that a terminal would act on.

use std::fmt::Write as _;

use durward_core::StageId;

use crate::line::is_hidden;
use crate::{LineFinding, LineStep, RecordLine, advice};

/// The text of `durward why`. With `color` it has ANSI colours and the marks `✓`, `✗`, `○`, `!`; without, as when the
/// output is not a terminal, plain ASCII marks.
#[must_use]
pub fn render(line: &RecordLine, color: bool) -> String {
    let mut page = Page { out: String::new(), color };
    head(&mut page, line);
    stages(&mut page, line);
    firewall(&mut page, line);
    reasons(&mut page, line);
    page.out
}

struct Page {
    out: String,
    color: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Bad,
    Open,
    Look,
}

#[derive(Debug, Clone, Copy)]
enum Ink {
    Good,
    Bad,
    Look,
    Faint,
    Bold,
    Plain,
}

impl Mark {
    fn of(step: &LineStep) -> Self {
        match step.outcome.as_str() {
            "passed" => Self::Good,
            "denied" | "failed" => Self::Bad,
            "off" => Self::Open,
            _ => Self::Look,
        }
    }

    const fn text(self, color: bool) -> &'static str {
        match (self, color) {
            (Self::Good, true) => "✓",
            (Self::Bad, true) => "✗",
            (Self::Open, true) => "○",
            (Self::Look, true) => "!",
            (Self::Good, false) => "[ok]",
            (Self::Bad, false) => "[no]",
            (Self::Open, false) => "[  ]",
            (Self::Look, false) => "[!!]",
        }
    }

    const fn ink(self) -> Ink {
        match self {
            Self::Good => Ink::Good,
            Self::Bad => Ink::Bad,
            Self::Open => Ink::Faint,
            Self::Look => Ink::Look,
        }
    }
}

impl Page {
    fn ink(&mut self, ink: Ink, text: &str) {
        if !self.color || matches!(ink, Ink::Plain) {
            self.out.push_str(text);
            return;
        }
        let code = match ink {
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Look => "33",
            Ink::Faint => "2",
            Ink::Bold => "1",
            Ink::Plain => "0",
        };
        // Writing to memory cannot fail.
        let _ = write!(self.out, "\u{1b}[{code}m{text}\u{1b}[0m");
    }

    fn mark(&mut self, mark: Mark) {
        self.ink(mark.ink(), mark.text(self.color));
    }

    fn plain(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A name and its text, broken into lines of bearable width.
    fn field(&mut self, name: &str, text: &str) {
        self.plain("  ");
        self.ink(Ink::Faint, &format!("{name:<11}"));
        self.wrapped(Ink::Plain, text, 13);
    }

    /// Text in lines of bearable width, of which the second and later are indented.
    fn wrapped(&mut self, ink: Ink, text: &str, indent: usize) {
        let mut line = String::new();
        for word in text.split(' ') {
            let width = line.chars().count().saturating_add(word.chars().count());
            if !line.is_empty() && width.saturating_add(indent) >= WIDTH {
                self.ink(ink, &line);
                self.plain(&format!("\n{:indent$}", ""));
                line.clear();
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.ink(ink, &line);
        self.plain("\n");
    }
}

/// Eight columns less than a hundred, so that the page can be shown inside another one.
const WIDTH: usize = 92;

fn head(page: &mut Page, line: &RecordLine) {
    let ended = line.trail.iter().rev().find(|step| matches!(step.outcome.as_str(), "denied" | "failed" | "masked"));
    let (mark, verb) = match ended.map(|step| step.outcome.as_str()) {
        Some("denied") => (Mark::Bad, "refused"),
        Some("failed") => (Mark::Bad, "failed"),
        Some(_) => (Mark::Look, "masked"),
        None if aborted(line) => (Mark::Look, "broken off"),
        None => (Mark::Good, "allowed"),
    };
    page.mark(mark);
    page.plain(" ");
    page.ink(mark.ink(), verb);
    let what = format!("{} {}", or_dash(line.method.as_deref()), or_dash(line.path.as_deref()));
    page.plain("  ");
    page.ink(Ink::Bold, &what);
    let title = line.known_reason().map_or_else(String::new, |reason| format!(" {}", reason.title()));
    // What was only explained, not answered, has no status and took no time worth telling.
    let answer = match (line.status, page.color) {
        (0, _) => String::new(),
        (status, true) => format!(" → {status}"),
        (status, false) => format!(" -> {status}"),
    };
    page.plain(&format!("{answer}{title}\n\n"));
    let decided = match line.micros.admit {
        0 => String::new(),
        micros => format!(", decided in {}", time(micros, page.color)),
    };
    page.field("request", &format!("{}  {}{decided}", shown(&line.id), shown(&line.time).replace('T', " ")));
    page.field("from", &from(line));
    if let (Some(api), Some(operation)) = (&line.api, &line.operation) {
        let template = line.template.as_deref().map_or_else(String::new, |template| format!("  {}", shown(template)));
        page.field("operation", &format!("{}/{}{template}", shown(api), shown(operation)));
    }
    if !line.query.is_empty() {
        let names: Vec<String> = line.query.iter().map(|name| shown(name)).collect();
        page.field("query", &names.join(", "));
    }
    page.plain("\n");
}

fn from(line: &RecordLine) -> String {
    let mut text = or_dash(line.client.as_deref());
    if line.caller.is_some() {
        let _ = write!(text, ", {}", who(line));
    }
    let wire = [Some(line.http.as_str()), line.tls.as_deref()];
    for part in wire.into_iter().flatten().filter(|part| !part.is_empty()) {
        let _ = write!(text, ", {}", shown(part));
    }
    text
}

fn who(line: &RecordLine) -> String {
    let Some(caller) = &line.caller else { return "nobody in particular: the operation is public".to_owned() };
    let mut text = match caller.kind.as_str() {
        "anonymous" => "anonymous".to_owned(),
        kind => format!("{} `{}` of {}", shown(kind), shown(&caller.subject), shown(&caller.issuer)),
    };
    let by: Vec<String> =
        line.credentials.iter().map(|credential| format!("`{}`", shown(&credential.scheme))).collect();
    if !by.is_empty() {
        let _ = write!(text, " by {}", by.join(" and "));
    }
    text
}

fn stages(page: &mut Page, line: &RecordLine) {
    for step in &line.trail {
        let mark = Mark::of(step);
        page.plain("  ");
        page.mark(mark);
        page.plain(" ");
        page.ink(if mark == Mark::Bad { Ink::Bold } else { Ink::Faint }, &shown(&step.stage));
        let note = note(step, line, page.color);
        if note.is_empty() {
            page.plain("\n");
            continue;
        }
        page.plain(&" ".repeat(14_usize.saturating_sub(step.stage.chars().count()).max(1)));
        let indent = 17 + mark.text(page.color).chars().count();
        page.wrapped(if mark == Mark::Good { Ink::Plain } else { mark.ink() }, &note, indent);
    }
    let refused = line.trail.iter().any(|step| matches!(step.outcome.as_str(), "denied" | "failed"));
    let missed = StageId::ALL.iter().filter(|stage| line.trail.iter().all(|step| step.stage != stage.name()));
    for stage in missed.filter(|_| refused) {
        page.plain("  ");
        page.mark(Mark::Open);
        page.ink(Ink::Faint, &format!(" {:<13} not reached", stage.name()));
        page.plain("\n");
    }
    page.plain("\n");
}

/// What is worth saying of a stage in one line.
fn note(step: &LineStep, line: &RecordLine, color: bool) -> String {
    let reason = step.reason.as_deref().map(shown).unwrap_or_default();
    match step.outcome.as_str() {
        "passed" => passed(step, line, color),
        "off" => format!("off{}", at_place(step)),
        "would-deny" => format!("would refuse: {reason}, but only observes{}", at_place(step)),
        _ => match &step.detail {
            Some(detail) => format!("{reason}: {}", shown(detail)),
            None => reason,
        },
    }
}

fn passed(step: &LineStep, line: &RecordLine, color: bool) -> String {
    match step.stage.as_str() {
        "route" => match (&line.api, &line.operation) {
            (Some(api), Some(operation)) => format!("{}/{}", shown(api), shown(operation)),
            _ => String::new(),
        },
        "authn" => who(line),
        "body" if line.bytes_in > 0 => format!("{} bytes", line.bytes_in),
        "upstream" => {
            let status = line.upstream_status.map_or_else(String::new, |status| format!("answered {status}"));
            let waited =
                line.micros.upstream.map_or_else(String::new, |waited| format!(" after {}", time(waited, color)));
            status + &waited
        }
        "release" => format!("{} bytes in {}", line.bytes_out, time(line.micros.total, color)),
        _ => String::new(),
    }
}

fn at_place(step: &LineStep) -> String {
    step.rule.as_deref().map_or_else(String::new, |rule| format!("  ({})", shown(rule)))
}

/// What the firewall's rules found, and the exclusion that would let the request pass.
fn firewall(page: &mut Page, line: &RecordLine) {
    if line.firewall.is_empty() {
        return;
    }
    for finding in &line.firewall {
        let score = finding.score.map_or_else(String::new, |score| format!(", score {score}"));
        page.field("rule", &format!("{}{score}: {}", finding.rule, shown(&finding.message)));
        page.field("", &format!("written at {}", shown(&finding.place)));
        for seen in &finding.seen {
            let matched = match &seen.matched {
                Some(matched) => format!("saw `{}`", shown(matched)),
                None => "saw something that is not written down, because it may be a secret".to_owned(),
            };
            page.field("", &format!("{matched} in {}", shown(&seen.at)));
            if let Some(decoded) = &seen.decoded {
                page.field("", &format!("decoded to `{}`", shown(decoded)));
            }
        }
    }
    page.plain("\n");
    let proposals = proposals(line);
    if proposals.is_empty() {
        return;
    }
    page.plain("  ");
    page.ink(Ink::Faint, "if this was honest use, these lines of policy let it pass:");
    page.plain("\n\n");
    for proposal in proposals {
        page.plain(&proposal);
        page.plain("\n");
    }
}

/// Exclusions as narrow as they can be: this operation, this rule, this field. Only for rules that refused the request.
fn proposals(line: &RecordLine) -> Vec<String> {
    let (Some(api), Some(operation)) = (&line.api, &line.operation) else { return Vec::new() };
    let scored: Vec<&LineFinding> = line.firewall.iter().filter(|finding| finding.score.is_some()).collect();
    let refused = line
        .trail
        .iter()
        .any(|step| step.stage.starts_with("firewall-") && matches!(step.outcome.as_str(), "denied" | "would-deny"));
    let blamed = match (refused, scored.is_empty()) {
        (false, _) => return Vec::new(),
        // No score was compared: the last rule that matched refused the request by itself.
        (true, true) => line.firewall.last().into_iter().collect(),
        (true, false) => scored,
    };
    let table = format!("[[api.{}.operations.{}.firewall.exclude]]", key(api), key(operation));
    let mut proposals: Vec<String> = Vec::new();
    for finding in blamed {
        let target = finding
            .seen
            .first()
            .map_or_else(String::new, |seen| format!("target = {}\n", toml_string(&target(&seen.at))));
        let proposal = format!("{table}\nrule   = {}\n{target}", finding.rule);
        if !proposals.contains(&proposal) {
            proposals.push(proposal);
        }
    }
    proposals
}

/// A target that also fits the other elements of the list that a member of a JSON document belongs to.
fn target(at: &str) -> String {
    let Some((variable, name)) = at.split_once(':').filter(|(_, name)| has_position(name)) else {
        return at.to_owned();
    };
    let mut pattern = String::from("^");
    for (index, step) in name.split('.').enumerate() {
        if index > 0 {
            pattern.push_str("\\.");
        }
        if is_position(step) {
            pattern.push_str("array_\\d+");
            continue;
        }
        for character in step.chars() {
            if !character.is_ascii_alphanumeric() && !matches!(character, '_' | '-') && character.is_ascii() {
                pattern.push('\\');
            }
            pattern.push(character);
        }
    }
    format!("{variable}:/{pattern}$/")
}

fn has_position(name: &str) -> bool {
    name.starts_with("json.") && name.split('.').any(is_position)
}

fn is_position(step: &str) -> bool {
    step.strip_prefix("array_")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A key of TOML, in quotes where it needs them.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare { name.to_owned() } else { toml_string(name) }
}

fn toml_string(text: &str) -> String {
    let plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if plain { format!("'{text}'") } else { format!("{text:?}") }
}

/// The end of the page: the reason in words, where it is written, what the caller was told, and what to do. What ended
/// the request comes first, what was only observed after it.
fn reasons(page: &mut Page, line: &RecordLine) {
    let (observed, ended): (Vec<_>, Vec<_>) =
        line.trail.iter().filter(|step| step.reason.is_some()).partition(|step| step.outcome == "would-deny");
    if ended.is_empty() && !aborted(line) {
        let all = line.trail.iter().all(|step| step.outcome == "passed");
        page.field("why", if all { "every stage was satisfied" } else { "no control that is enforced objected" });
    }
    for step in &ended {
        objection(page, step);
    }
    for step in observed {
        if !ended.is_empty() {
            page.plain("\n");
        }
        objection(page, step);
    }
    if aborted(line) {
        page.field("note", "the exchange ended before the answer was complete: the caller or the upstream went away");
    }
    if line.flags.iter().any(|flag| flag == "cut") {
        page.field("note", "some text was too long for the log and is shortened");
    }
}

fn aborted(line: &RecordLine) -> bool {
    line.flags.iter().any(|flag| flag == "aborted")
}

fn objection(page: &mut Page, step: &LineStep) {
    let code = step.reason.as_deref().unwrap_or_default();
    let known = durward_core::Reason::from_code(code);
    match known {
        Some(reason) => page.field("why", reason.meaning().trim()),
        None => page.field("why", &format!("{}, a reason this version of Durward does not know", shown(code))),
    }
    for told in &step.told {
        page.field("told", &format!("{}: {}", shown(&told.at), shown(&told.expected)));
    }
    if let Some(rule) = &step.rule {
        page.field("written in", &shown(rule));
    }
    if step.outcome == "would-deny" {
        page.field(
            "next",
            "nothing was refused, because this control only observes; set it to `enforce` when it is right",
        );
    } else if let Some(reason) = known {
        page.field("next", advice::next(reason));
    }
}

fn or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "-".to_owned(), shown)
}

fn time(micros: u64, color: bool) -> String {
    let (whole, unit) = match micros {
        0..1_000 => return format!("{micros} {}", if color { "µs" } else { "us" }),
        1_000..1_000_000 => (micros, "ms"),
        _ => (micros / 1_000, "s"),
    };
    format!("{}.{} {unit}", whole / 1_000, whole % 1_000 / 100)
}

/// A text that no terminal acts on.
fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}
