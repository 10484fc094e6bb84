//! Each meaning of the language as a table: a few rules, a request, and what must come of it.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod reference;

use super::*;
use crate::load::{Files, Loader};
use crate::overlay::{Overlay, OverlaySpec};
use crate::program::Program;

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn glob(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}

const BASE: &str = "SecRuleEngine On\nSecRequestBodyAccess On\nSecResponseBodyAccess On\n";

pub(crate) fn program(rules: &str) -> Arc<Program> {
    let text = format!("{BASE}{rules}");
    let loaded = Loader::new(&NoFiles).text("test.conf", text.as_bytes()).finish();
    Arc::new(Program::compile(loaded.expect(rules)).expect(rules))
}

pub(crate) fn origin() -> Origin<'static> {
    Origin {
        client: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        client_port: 50_000,
        server: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        server_port: 80,
        unix_micros: 1_700_000_000_000_000,
        unique_id: b"the-id",
    }
}

/// Feeds a request (`line`, fields, empty line, content) and a response of the same form, as a server would.
pub(crate) fn run(transaction: &mut Transaction, scratch: &mut Scratch, request: &str, response: &str) {
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut lines = head.lines();
    let line: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    transaction.request_line(line[0].as_bytes(), line[1].as_bytes(), line.get(2).unwrap_or(&"HTTP/1.1").as_bytes());
    for field in lines {
        let (name, value) = field.split_once(": ").expect(field);
        transaction.request_header(name.as_bytes(), value.as_bytes());
    }
    let content = body.replace('\n', "\r\n");
    let end = transaction.run_request_headers(scratch).is_some()
        || transaction.request_body(content.as_bytes()).is_some()
        || transaction.run_request_body(scratch).is_some();
    if !end {
        let (head, body) = response.split_once("\n\n").unwrap_or((response, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.parse().ok()).unwrap_or(200);
        transaction.response_line(status, b"HTTP/1.1");
        for field in lines {
            let (name, value) = field.split_once(": ").expect(field);
            transaction.response_header(name.as_bytes(), value.as_bytes());
        }
        let _ = transaction.run_response_headers(scratch).is_some()
            || transaction.response_body(body.as_bytes()).is_some()
            || transaction.run_response_body(scratch).is_some();
    }
    transaction.finish(scratch);
}

fn ids(transaction: &Transaction) -> Vec<u64> {
    transaction.matches().iter().map(|found| found.id().0).collect()
}

fn outcome(rules: &str, request: &str, response: &str) -> (Vec<u64>, Option<(u64, u16)>) {
    let program = program(rules);
    let overlay = Arc::new(Overlay::new(&program, &OverlaySpec::default()).expect("overlay"));
    let mut transaction = Transaction::new(overlay, &origin());
    run(&mut transaction, &mut Scratch::default(), request, response);
    let blocked = transaction.interruption().map(|it| (it.rule().map_or(0, |id| id.0), it.status));
    (ids(&transaction), blocked)
}

/// Rules, request, the rules that are heard of.
type Case = (&'static str, &'static str, &'static [u64]);

fn check(cases: &[Case]) {
    for (rules, request, expected) in cases {
        let (ids, _) = outcome(rules, request, "200");
        assert_eq!(ids, *expected, "{rules}\n{request}");
    }
}

const GET: &str =
    "GET /shop/item.php?a=one&b=two&a=three HTTP/1.1\nHost: example.org\nUser-Agent: Tester/1.0\nCookie: s=1; t=2";
const FORM: &str = "POST /form?q=1 HTTP/1.1\nHost: example.org\nContent-Type: application/x-www-form-urlencoded\n\nname=alice&city=rome";

#[test]
fn targets() {
    check(&[
        ("SecRule ARGS \"@contains hre\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS \"@contains nothing\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS:b \"@streq two\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS:B \"@streq two\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS:a \"@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS:/^[ab]$/ \"@streq two\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS|!ARGS:b \"@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule !ARGS:b|ARGS \"@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS|!ARGS:/^b/ \"@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS|!ARGS:a \"@streq two\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS_NAMES|REQUEST_FILENAME \"@endsWith .php\" id:1,phase:1", GET, &[1]),
        ("SecRule &ARGS \"@eq 3\" id:1,phase:2", GET, &[1]),
        ("SecRule &ARGS:a \"@eq 2\" id:1,phase:2", GET, &[1]),
        ("SecRule &ARGS:z \"@eq 0\" id:1,phase:2", GET, &[1]),
        ("SecRule &REQUEST_HEADERS:Host \"!@eq 1\" id:1,phase:1", GET, &[]),
        ("SecRule ARGS:z \"!@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS \"!@streq two\" id:1,phase:2", GET, &[1]),
        ("SecRule ARGS:b \"!@streq two\" id:1,phase:2", GET, &[]),
        ("SecRule REQUEST_COOKIES:t \"@eq 2\" id:1,phase:1", GET, &[1]),
        ("SecRule REQUEST_HEADERS:user-agent \"@beginsWith Tester\" id:1,phase:1", GET, &[1]),
        ("SecRule TX:/^x_/ \"@streq y\" id:1,phase:1", GET, &[]),
        ("SecAction id:9,phase:1,nolog,setvar:tx.x_1=y\nSecRule TX:/^x_/ \"@streq y\" id:1,phase:1", GET, &[1]),
    ]);
}

#[test]
fn phases() {
    check(&[
        // Phase 1 runs before the content is there.
        ("SecRule ARGS:name \"@streq alice\" id:1,phase:1", FORM, &[]),
        ("SecRule ARGS:name \"@streq alice\" id:1,phase:2", FORM, &[1]),
        ("SecRule ARGS_POST:q \"@streq 1\" id:1,phase:2", FORM, &[]),
        // Phases run in order, whatever the order of the rules.
        (
            "SecAction id:2,phase:2\nSecAction id:5,phase:5\nSecAction id:1,phase:1\nSecAction id:4,phase:4\nSecAction id:3,phase:3",
            GET,
            &[1, 2, 3, 4, 5],
        ),
        ("SecRule REQUEST_BODY \"@contains alice\" id:1,phase:2", FORM, &[1]),
        ("SecRule RESPONSE_STATUS \"@eq 200\" id:1,phase:3", FORM, &[1]),
    ]);
}

#[test]
fn chains() {
    check(&[
        ("SecRule ARGS:a one id:1,phase:2,chain\nSecRule ARGS:b two", GET, &[1]),
        ("SecRule ARGS:a one id:1,phase:2,chain\nSecRule ARGS:b three", GET, &[]),
        ("SecRule ARGS:a one id:1,phase:2,chain\nSecRule ARGS:b two chain\nSecRule ARGS:b ^t", GET, &[1]),
        ("SecRule ARGS:a one id:1,phase:2,chain\nSecRule ARGS:b two chain\nSecRule ARGS:b ^x", GET, &[]),
        // `setvar` runs with its link, even if the chain does not hold.
        (
            "SecRule ARGS:a one id:1,phase:2,nolog,setvar:tx.k=1,chain\nSecRule ARGS:b three\nSecRule TX:k \"@eq 1\" id:2,phase:2",
            GET,
            &[2],
        ),
        // `ctl` waits for the whole chain.
        (
            "SecRule ARGS:a one id:1,phase:2,ctl:ruleRemoveById=2,chain\nSecRule ARGS:b three\nSecAction id:2,phase:2",
            GET,
            &[2],
        ),
        (
            "SecRule ARGS:a one id:1,phase:2,ctl:ruleRemoveById=2,chain\nSecRule ARGS:b two\nSecAction id:2,phase:2",
            GET,
            &[1],
        ),
        (
            "SecRule ARGS:a one id:1,phase:2,chain\nSecRule ARGS:b two ctl:ruleRemoveById=2\nSecAction id:2,phase:2",
            GET,
            &[1],
        ),
        // What the links before have matched.
        ("SecRule ARGS \"@within one three\" id:1,phase:2,chain\nSecRule MATCHED_VARS \"@streq one\"", GET, &[1]),
        ("SecRule ARGS \"@within one three\" id:1,phase:2,chain\nSecRule &MATCHED_VARS \"@eq 2\"", GET, &[1]),
        ("SecRule ARGS \"@within one three\" id:1,phase:2,chain\nSecRule MATCHED_VARS \"@streq two\"", GET, &[]),
        ("SecRule ARGS:b two id:1,phase:2,chain\nSecRule MATCHED_VARS_NAMES \"@streq ARGS:b\"", GET, &[1]),
        ("SecRule ARGS:b two id:1,phase:2,chain\nSecRule MATCHED_VAR_NAME \"@streq ARGS:b\"", GET, &[1]),
        ("SecRule ARGS:b TWO id:1,phase:2,t:uppercase,chain\nSecRule MATCHED_VAR \"@streq TWO\"", GET, &[1]),
        (
            "SecRule ARGS:a one id:1,phase:2,chain\nSecRule REQUEST_URI shop chain\nSecRule MATCHED_VARS_NAMES \"@streq REQUEST_URI\"",
            GET,
            &[1],
        ),
    ]);
}

#[test]
fn flow() {
    check(&[
        (
            "SecAction id:1,phase:1,skipAfter:END\nSecAction id:2,phase:1\nSecMarker END\nSecAction id:3,phase:1",
            GET,
            &[1, 3],
        ),
        (
            "SecAction id:1,phase:1,skipAfter:END\nSecAction id:2,phase:2\nSecAction id:3,phase:1\nSecMarker END",
            GET,
            &[1, 2],
        ),
        (
            "SecMarker END\nSecAction id:1,phase:1,skipAfter:END\nSecAction id:2,phase:1\nSecMarker END\nSecAction id:3,phase:1",
            GET,
            &[1, 3],
        ),
        ("SecAction id:1,phase:1,skip:1\nSecAction id:2,phase:1\nSecAction id:3,phase:1", GET, &[1, 3]),
        (
            "SecAction id:1,phase:1,skip:1\nSecRule ARGS x id:2,phase:1,chain\nSecRule ARGS y\nSecAction id:3,phase:1",
            GET,
            &[1, 3],
        ),
        ("SecAction id:1,phase:1,skip:9\nSecAction id:2,phase:1\nSecAction id:3,phase:2", GET, &[1, 3]),
        ("SecRule ARGS:zz x id:1,phase:1,skipAfter:END\nSecAction id:2,phase:1\nSecMarker END", GET, &[2]),
        (
            "SecRule ARGS:a one id:1,phase:1,skipAfter:END,chain\nSecRule ARGS:b x\nSecAction id:2,phase:1\nSecMarker END",
            GET,
            &[2],
        ),
    ]);
}

#[test]
fn exclusions_at_run_time() {
    check(&[
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveById=2\nSecAction id:2,phase:2\nSecAction id:3,phase:2",
            GET,
            &[3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveById=2-3\nSecAction id:2,phase:2\nSecAction id:3,phase:2\nSecAction id:4,phase:2",
            GET,
            &[4],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveByTag=x\nSecAction id:2,phase:2,tag:x\nSecAction id:3,phase:2,tag:xy",
            GET,
            &[3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveByMsg=m\nSecAction id:2,phase:2,msg:m\nSecAction id:3,phase:2,msg:mm",
            GET,
            &[3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetById=2;ARGS:b\nSecRule ARGS two id:2,phase:2\nSecRule ARGS two id:3,phase:2",
            GET,
            &[3],
        ),
        ("SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetById=2;ARGS:a\nSecRule ARGS two id:2,phase:2", GET, &[2]),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetById=2;ARGS\nSecRule ARGS|REQUEST_URI two id:2,phase:2\nSecRule ARGS two id:3,phase:2",
            GET,
            &[2, 3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetByTag=t;ARGS:b\nSecRule ARGS two id:2,phase:2,tag:t\nSecRule ARGS two id:3,phase:2",
            GET,
            &[3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetByMsg=m;ARGS:b\nSecRule ARGS two id:2,phase:2,msg:m\nSecRule ARGS two id:3,phase:2",
            GET,
            &[3],
        ),
        (
            "SecAction id:1,phase:1,nolog,ctl:ruleRemoveTargetById=2;ARGS:b\nSecRule ARGS:a one id:2,phase:2,chain\nSecRule ARGS two",
            GET,
            &[],
        ),
    ]);
}

#[test]
fn transformations() {
    check(&[
        ("SecRule ARGS:b \"@streq TWO\" id:1,phase:2", GET, &[]),
        ("SecRule ARGS:b \"@streq TWO\" id:1,phase:2,t:uppercase", GET, &[1]),
        ("SecRule ARGS:b \"@streq TWO\" id:1,phase:2,t:uppercase,t:none", GET, &[]),
        ("SecRule ARGS:b \"@streq 3\" id:1,phase:2,t:length", GET, &[1]),
        ("SecRule ARGS:b \"@streq two\" id:1,phase:2,t:uppercase,t:length,multiMatch", GET, &[1]),
        ("SecRule ARGS:b \"@streq TWO\" id:1,phase:2,t:uppercase,t:length,multiMatch", GET, &[1]),
        ("SecRule ARGS:b \"@streq 3\" id:1,phase:2,t:uppercase,t:length,multiMatch", GET, &[1]),
        // Each form that matches counts; one that did not change is no new form.
        (
            "SecRule ARGS:b \"@rx (?i)two\" id:1,phase:2,nolog,t:uppercase,t:lowercase,multiMatch,setvar:tx.n=+1\nSecRule TX:n \"@eq 3\" id:2,phase:2",
            GET,
            &[2],
        ),
        (
            "SecRule ARGS:b \"@rx (?i)two\" id:1,phase:2,nolog,t:lowercase,multiMatch,setvar:tx.n=+1\nSecRule TX:n \"@eq 1\" id:2,phase:2",
            GET,
            &[2],
        ),
    ]);
}

#[test]
fn variables_of_the_transaction() {
    check(&[
        (
            "SecAction id:1,phase:1,nolog,setvar:tx.n=5,setvar:tx.n=+3,setvar:tx.n=-1\nSecRule TX:n \"@eq 7\" id:2,phase:1",
            GET,
            &[2],
        ),
        ("SecAction id:1,phase:1,nolog,setvar:'tx.m=%{ARGS.b}'\nSecRule TX:m \"@streq two\" id:2,phase:1", GET, &[2]),
        (
            "SecAction id:1,phase:1,nolog,setvar:tx.d=4,setvar:'tx.m=+%{tx.d}'\nSecRule TX:m \"@eq 4\" id:2,phase:1",
            GET,
            &[2],
        ),
        ("SecAction id:1,phase:1,nolog,setvar:tx.d=4,setvar:!tx.d\nSecRule &TX:d \"@eq 0\" id:2,phase:1", GET, &[2]),
        ("SecAction id:1,phase:1,nolog,setvar:tx.d\nSecRule TX:d \"@eq 1\" id:2,phase:1", GET, &[2]),
        (
            "SecRule ARGS two id:1,phase:2,nolog,setvar:'tx.k_%{MATCHED_VAR}=1'\nSecRule TX:K_two \"@eq 1\" id:2,phase:2",
            GET,
            &[2],
        ),
        // Once for each value that matches.
        ("SecRule ARGS:a . id:1,phase:2,nolog,setvar:tx.n=+1\nSecRule TX:n \"@eq 2\" id:2,phase:2", GET, &[2]),
        (
            "SecRule ARGS:b \"@rx t(w)(x)?(o)\" id:1,phase:2,nolog,capture,setvar:tx.k=%{tx.1}%{tx.3}\nSecRule TX:k \"@streq wo\" id:2,phase:2",
            GET,
            &[2],
        ),
        (
            "SecRule ARGS:b \"@rx t(w)\" id:1,phase:2,nolog,setvar:tx.k=1\nSecRule &TX:1 \"@eq 0\" id:2,phase:2",
            GET,
            &[2],
        ),
        (
            "SecRule ARGS:b \"@rx t(w)(o)\" id:1,phase:2,nolog,capture\nSecRule ARGS:b \"@rx t(w)\" id:2,phase:2,nolog,capture\nSecRule &TX:2 \"@eq 0\" id:3,phase:2",
            GET,
            &[3],
        ),
        ("SecRule ARGS \"@pm three two\" id:1,phase:2,capture,chain\nSecRule TX:0 \"@streq three\"", GET, &[1]),
        ("SecRule ARGS:b \"@within %{tx.list}\" id:2,phase:2", GET, &[]),
        (
            "SecAction id:1,phase:1,nolog,setvar:'tx.list=two four'\nSecRule ARGS:b \"@within %{tx.list}\" id:2,phase:2",
            GET,
            &[2],
        ),
        ("SecAction id:1,phase:1,nolog,setvar:tx.limit=2\nSecRule &ARGS \"@gt %{tx.limit}\" id:2,phase:2", GET, &[2]),
        ("SecAction id:1,phase:1,nolog,severity:2\nSecRule HIGHEST_SEVERITY \"@le 2\" id:2,phase:1", GET, &[2]),
        ("SecRule REMOTE_ADDR \"@ipMatch 192.0.2.0/24\" id:1,phase:1", GET, &[1]),
        ("SecRule UNIQUE_ID \"@streq the-id\" id:1,phase:1", GET, &[1]),
    ]);
}

#[test]
fn interruptions() {
    for (rules, expected, blocked) in [
        (
            "SecAction id:1,phase:1,deny\nSecAction id:2,phase:1\nSecAction id:3,phase:2\nSecAction id:5,phase:5",
            &[1, 5][..],
            Some((1, 403)),
        ),
        ("SecAction id:1,phase:1,deny,status:429", &[1], Some((1, 429))),
        ("SecAction id:1,phase:2,deny,nolog,noauditlog", &[], Some((1, 403))),
        ("SecRuleEngine DetectionOnly\nSecAction id:1,phase:1,deny\nSecAction id:2,phase:1", &[1, 2], None),
        ("SecRuleEngine Off\nSecAction id:1,phase:1,deny\nSecAction id:2,phase:1", &[], None),
        ("SecAction id:1,phase:1,ctl:ruleEngine=DetectionOnly\nSecAction id:2,phase:1,deny", &[1, 2], None),
        ("SecAction id:1,phase:1,ctl:ruleEngine=Off\nSecAction id:2,phase:1,deny\nSecAction id:3,phase:2", &[1], None),
        ("SecDefaultAction phase:1,log,deny,status:406\nSecAction id:1,phase:1,block", &[1], Some((1, 406))),
        ("SecDefaultAction phase:1,log,pass\nSecAction id:1,phase:1,block", &[1], None),
        (
            "SecAction id:1,phase:1,allow\nSecAction id:2,phase:1\nSecAction id:3,phase:2\nSecAction id:4,phase:3\nSecAction id:5,phase:5",
            &[1, 5],
            None,
        ),
        ("SecAction id:1,phase:1,allow:phase\nSecAction id:2,phase:1\nSecAction id:3,phase:2", &[1, 3], None),
        (
            "SecAction id:1,phase:1,allow:request\nSecAction id:2,phase:1\nSecAction id:3,phase:2\nSecAction id:4,phase:3",
            &[1, 4],
            None,
        ),
        ("SecRuleEngine DetectionOnly\nSecAction id:1,phase:1,allow\nSecAction id:2,phase:1", &[1, 2], None),
        ("SecAction id:1,phase:3,deny,status:500\nSecAction id:2,phase:4", &[1], Some((1, 500))),
    ] {
        assert_eq!(outcome(rules, GET, "200"), (expected.to_vec(), blocked), "{rules}");
    }
}
