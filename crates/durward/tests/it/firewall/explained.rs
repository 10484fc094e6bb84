//! A refusal is explained, and the lines that `durward why` proposes let exactly that request pass.

use std::time::{Duration, Instant};

use durward_testkit::Gateway;

use super::{gateway, get, send, why};
use crate::demo::Demo;

const SCRIPT: &str = "%3Cscript%3Ealert(document.cookie)%3C/script%3E";
const SCRIPT_IN_JSON: &str = r#"{"author":"<script>alert(document.cookie)</script>"}"#;

/// The lines that `durward why` says to paste, as they stand there.
fn proposed(why: &str) -> String {
    let from = why.lines().skip_while(|line| !line.starts_with("[["));
    let lines: Vec<&str> = from.take_while(|line| !line.starts_with("  ")).collect();
    assert!(lines.len() >= 3, "nothing is proposed:\n{why}");
    lines.join("\n")
}

fn paste(gateway: &Gateway, lines: &str) {
    let path = gateway.folder().join("durward.toml");
    let policy = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{policy}\n{lines}\n")).unwrap();
}

#[test]
fn a_script_is_refused_and_explained_and_the_proposed_lines_let_it_pass() {
    let demo = Demo::start();
    let gateway = gateway(&demo, "");
    let card = format!("/v1/cards/preview?text={SCRIPT}");
    let refused = get(&gateway, &card);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.text().contains("urn:durward:request-hostile"), "{refused:?}");
    // The caller is told no more than that: which rule it was is a hint for the next attempt.
    assert!(!refused.text().contains("1014"), "{refused:?}");
    let text = why(&gateway, &refused);
    for part in [
        "[no] firewall-body",
        "rule       1014",
        "XSS: a script element",
        "saw `<script>",
        "in ARGS:text",
        "[[api.shop.operations.previewCard.firewall.exclude]]",
        "target = 'ARGS:text'",
        "paste the exclusion above",
    ] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
    paste(&gateway, &proposed(&text));
    let output = gateway.verb(&["reload"]).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("is in force"), "{said}{output:?}");
    let passed = get(&gateway, &card);
    assert_eq!(passed.status, 200, "{}", why(&gateway, &passed));
    assert!(passed.text().contains("<script>alert(document.cookie)</script>"));
    // The same in another field, in another operation, and something else in the same field: refused as before.
    for (method, target, fields, body) in [
        ("GET", "/v1/cards/preview?text=Hello", [("referer", "https://a.example/?<script>alert(1)</script>")], ""),
        ("GET", &*format!("/v1/reviews?author={SCRIPT}"), [("x-any", "thing")], ""),
        ("POST", "/v1/reviews/search", [("x-any", "thing")], SCRIPT_IN_JSON),
        ("GET", "/v1/cards/preview?text=%27%20UNION%20SELECT%20password%20FROM%20users--", [("x-any", "thing")], ""),
    ] {
        let answer = send(&gateway, method, target, &fields, body);
        assert_eq!(answer.status, 403, "{method} {target} {fields:?} {body}: {}", why(&gateway, &answer));
    }
}

#[test]
fn lines_for_a_member_of_a_document_are_taken_as_the_file_changes() {
    let demo = Demo::start();
    let gateway = gateway(&demo, "");
    let refused = send(&gateway, "POST", "/v1/reviews/search", &[], SCRIPT_IN_JSON);
    assert_eq!(refused.status, 403, "{refused:?}");
    let text = why(&gateway, &refused);
    assert!(text.contains("target = 'ARGS:json.author'"), "{text}");
    paste(&gateway, &proposed(&text));
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = send(&gateway, "POST", "/v1/reviews/search", &[], SCRIPT_IN_JSON);
        if answer.status == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "{}", why(&gateway, &answer));
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert_eq!(get(&gateway, &format!("/v1/reviews?author={SCRIPT}")).status, 403);
}
