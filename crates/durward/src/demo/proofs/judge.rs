//! Whether an answer is what a proof expects, and what to say of it in one line.

use anyhow::Result;
use durward_core::RequestId;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER, SERVER};
use serde_json::Value;

use super::{Expect, Proof};
use crate::demo::client::Answer;

/// What was seen of one answer.
pub(super) struct Finding {
    pub(super) holds: bool,
    pub(super) status: Option<u16>,
    pub(super) said: String,
    pub(super) request_id: Option<String>,
}

impl Finding {
    pub(super) const fn held(said: String, request_id: Option<String>) -> Self {
        Self { holds: true, status: None, said, request_id }
    }

    pub(super) const fn failed(said: String) -> Self {
        Self { holds: false, status: None, said, request_id: None }
    }

    pub(super) fn prefixed(mut self, prefix: &str) -> Self {
        self.said.insert_str(0, prefix);
        self
    }
}

/// Checks that the API alone shows the flaw.
pub(super) fn judge_alone(proof: &Proof, answered: Result<Answer>) -> Finding {
    let answer = match answered {
        Ok(answer) => answer,
        Err(error) => return Finding::failed(format!("{error:#}")),
    };
    let (status, shows) = proof.alone;
    let judged = if answer.status.as_u16() != status {
        Err(format!("expected {status} of the API alone"))
    } else if let Some(at) = answer.body.find(shows) {
        Ok(answer.body.get(at..).unwrap_or_default().to_owned())
    } else {
        Err(format!("the API alone did not answer with `{shows}`"))
    };
    finding(&answer, judged)
}

/// Checks what came through the gateway.
pub(super) fn judge(expect: &Expect, answered: Result<Answer>) -> Finding {
    let answer = match answered {
        Ok(answer) => answer,
        Err(error) => return Finding::failed(format!("{error:#}")),
    };
    let judged = match expect {
        Expect::CallerNamed => caller_named(&answer),
        Expect::NotTakenFor(name) => not_taken_for(&answer, name),
        Expect::Refused(status, mentions) => refused(&answer, *status, mentions),
        Expect::Masked(secrets) => masked(&answer, secrets),
        Expect::Limited => limited(&answer),
    };
    finding(&answer, judged)
}

fn finding(answer: &Answer, judged: Result<String, String>) -> Finding {
    let holds = judged.is_ok();
    let said = judged.unwrap_or_else(|fault| format!("{fault}; it was: {}", answer.body));
    Finding { holds, status: Some(answer.status.as_u16()), said, request_id: request_id(answer) }
}

fn caller_named(answer: &Answer) -> Result<String, String> {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    match body.get("calledBy").and_then(Value::as_str) {
        Some(caller) if answer.status == 200 && !caller.is_empty() => Ok(format!("\"calledBy\":\"{caller}\"")),
        _ => Err("expected 200, and an API that knows its caller".to_owned()),
    }
}

fn not_taken_for(answer: &Answer, name: &str) -> Result<String, String> {
    if answer.body.contains(name) {
        return Err("the API was told the forged name".to_owned());
    }
    match answer.status.as_u16() {
        200 => caller_named(answer),
        400 => refused(answer, 400, ""),
        _ => Err("expected the caller's own account, or a refusal".to_owned()),
    }
}

fn refused(answer: &Answer, status: u16, mentions: &str) -> Result<String, String> {
    if answer.status.as_u16() != status {
        return Err(format!("expected {status}"));
    }
    if !answer.header(CONTENT_TYPE.as_str()).is_some_and(|media| media.starts_with("application/problem+json")) {
        return Err("expected a problem document (RFC 9457)".to_owned());
    }
    let problem: Value = serde_json::from_str(&answer.body).map_err(|_| "the problem document is not JSON")?;
    if !answer.body.contains(mentions) {
        return Err(format!("expected a reason that mentions `{mentions}`"));
    }
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default();
    let title = text("title");
    let reasons: Vec<String> =
        problem.get("errors").and_then(Value::as_array).into_iter().flatten().map(reason).collect();
    Ok(match (reasons.is_empty(), text("type").strip_prefix(REASON)) {
        (false, _) => format!("{title}; {}", reasons.join("; ")),
        (true, Some(code)) => format!("{title}: {code}"),
        (true, None) => title.to_owned(),
    })
}

/// One entry of a problem document's `errors`: where, and what was expected there.
fn reason(entry: &Value) -> String {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}: {}", text("place"), text("expected"))
}

fn masked(answer: &Answer, secrets: &[&str]) -> Result<String, String> {
    if !answer.status.is_server_error() {
        return Err("expected a server error".to_owned());
    }
    if let Some(secret) = secrets.iter().find(|secret| answer.body.contains(**secret)) {
        return Err(format!("the answer tells `{secret}`"));
    }
    if let Some(banner) = [SERVER.as_str(), "x-powered-by"].into_iter().find_map(|name| answer.header(name)) {
        return Err(format!("the answer names the software: `{banner}`"));
    }
    refused(answer, answer.status.as_u16(), "")
}

fn limited(answer: &Answer) -> Result<String, String> {
    let title = refused(answer, 429, "")?;
    let seconds = answer.header(RETRY_AFTER.as_str()).and_then(|text| text.parse::<u32>().ok());
    let seconds = seconds.ok_or("expected `Retry-After` in seconds")?;
    Ok(format!("{title}, try again after {seconds} s"))
}

/// The gateway's id of the request.
fn request_id(answer: &Answer) -> Option<String> {
    answer.header("x-request-id").and_then(RequestId::parse).map(|id| id.to_string())
}

/// What a problem document's `type` begins with; the reason follows.
const REASON: &str = "urn:durward:";

#[cfg(test)]
mod tests {
    use hyper::StatusCode;
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const ID: &str = "01k5v3xk9z0000000700000001";

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()));
        let headers: HeaderMap = headers.collect();
        Ok(Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned() })
    }

    const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");

    #[test]
    fn each_expectation_holds_for_the_right_answer_only() {
        let told = r#"{"title":"Invalid request content","errors":[{"place":"/quantity","expected":"an integer"}]}"#;
        let cases: [(Expect, Result<Answer>, bool); 14] = [
            (Expect::CallerNamed, answer(200, &[], r#"{"calledBy":"client:keys#a"}"#), true),
            (Expect::CallerNamed, answer(200, &[], r#"{"calledBy":null}"#), false),
            (Expect::NotTakenFor("cleo"), answer(200, &[], r#"{"calledBy":"client:keys#a"}"#), true),
            (Expect::NotTakenFor("cleo"), answer(200, &[], r#"{"calledBy":"cleo"}"#), false),
            (Expect::NotTakenFor("cleo"), answer(400, &[PROBLEM], "{}"), true),
            (Expect::Refused(400, "quantity"), answer(400, &[PROBLEM], told), true),
            (Expect::Refused(400, "price"), answer(400, &[PROBLEM], told), false),
            (Expect::Refused(401, ""), answer(400, &[PROBLEM], told), false),
            (Expect::Refused(400, ""), answer(400, &[], told), false),
            (Expect::Masked(&["SELECT"]), answer(502, &[PROBLEM], "{}"), true),
            (Expect::Masked(&["SELECT"]), answer(502, &[PROBLEM], r#"{"sql":"SELECT"}"#), false),
            (Expect::Masked(&["SELECT"]), answer(502, &[PROBLEM, ("server", "orders")], "{}"), false),
            (Expect::Limited, answer(429, &[PROBLEM, ("retry-after", "3")], "{}"), true),
            (Expect::Limited, answer(429, &[PROBLEM], "{}"), false),
        ];
        for (at, (expect, answered, holds)) in cases.into_iter().enumerate() {
            let finding = judge(&expect, answered);
            assert_eq!(finding.holds, holds, "case {at}: {}", finding.said);
        }
        let finding = judge(&Expect::Refused(400, ""), answer(400, &[PROBLEM], told));
        assert_eq!(finding.said, "Invalid request content; /quantity: an integer");
    }

    #[test]
    fn the_request_id_is_found_if_it_is_one() {
        for (text, expected) in [(ID, Some(ID)), ("", None), ("42", None)] {
            let answered = answer(200, &[("x-request-id", text)], "").unwrap();
            assert_eq!(request_id(&answered).as_deref(), expected, "{text}");
        }
        assert_eq!(request_id(&answer(200, &[], "").unwrap()), None);
    }
}
