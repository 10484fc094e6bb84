//! A whole transaction: the fast way and the slow way see the same in any request.
#![no_main]

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use durward_seclang::load::{Files, Loader};
use durward_seclang::overlay::{Overlay, OverlaySpec};
use durward_seclang::program::Program;
use durward_seclang::report::{Interruption, Match};
use durward_seclang::state::Buffer;
use durward_seclang::transaction::{Origin, Scratch, Transaction};
use libfuzzer_sys::fuzz_target;

const RULES: &str = r#"
SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit 4096
SecRequestBodyLimitAction ProcessPartial
SecArgumentsLimit 50
SecDefaultAction "phase:2,log,pass"
SecAction "id:1,phase:1,nolog,pass,setvar:tx.score=0,setvar:tx.level=2"
SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application(?:/soap\+|/)|text/)xml" \
    "id:2,phase:1,nolog,pass,t:none,t:lowercase,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:[a-z0-9.-]+\+)?json" \
    "id:3,phase:1,nolog,pass,t:none,t:lowercase,ctl:requestBodyProcessor=JSON"
SecRule REQUEST_METHOD "!@within GET POST PUT" "id:4,phase:1,msg:'method %{MATCHED_VAR}',setvar:'tx.score=+1'"
SecRule REQUEST_URI "@contains /private" "id:5,phase:1,t:none,t:urlDecodeUni,t:normalizePath,deny,status:403"
SecRule REQBODY_ERROR "!@eq 0" "id:6,msg:'%{REQBODY_ERROR_MSG}'"
SecRule MULTIPART_STRICT_ERROR|MULTIPART_UNMATCHED_BOUNDARY "@gt 0" "id:7"
SecRule &ARGS "@gt 20" "id:8,setvar:'tx.score=+2'"
SecRule ARGS|ARGS_NAMES|REQUEST_COOKIES|!ARGS:free|XML:/* "@detectSQLi" \
    "id:10,capture,t:none,t:urlDecodeUni,multiMatch,setvar:'tx.score=+5',setvar:'tx.shape_%{MATCHED_VAR_NAME}=%{TX.0}'"
SecRule ARGS|ARGS_NAMES|REQUEST_HEADERS|XML://@* "@detectXSS" "id:11,t:none,t:htmlEntityDecode,setvar:'tx.score=+5'"
SecRule ARGS:/^a/|REQUEST_COOKIES:/b$/ "@rx (?i)\b(?:select|union)\s+(\w+)" \
    "id:12,t:none,t:replaceComments,t:compressWhitespace,capture,logdata:'%{TX.1}',chain"
    SecRule MATCHED_VARS "@rx from" "t:none,t:lowercase,setvar:'tx.score=+3'"
SecRule ARGS|FILES|FILES_NAMES "@pm ../ ..\ /etc/passwd cmd.exe" "id:13,t:none,t:urlDecode,t:removeNulls,t:lowercase"
SecRule REQUEST_BODY|REQUEST_FILENAME "@endsWith .php" "id:14,t:none,t:lowercase,t:trim"
SecRule ARGS:n "!@rx ^[0-9]+$" "id:15,msg:'no number'"
SecRule ARGS|MULTIPART_PART_HEADERS "@validateByteRange 9,10,13,32-126" "id:16"
SecRule ARGS_GET:skip "@streq yes" "id:17,nolog,pass,skipAfter:END"
SecRule ARGS "@rx \x60[^\x60]*\x60|\$\([^)]*\)" "id:18,t:none,t:cmdLine,setvar:'tx.score=+%{tx.level}'"
SecRule ARGS:off "@unconditionalMatch" "id:19,nolog,pass,ctl:ruleRemoveById=20,ctl:ruleRemoveTargetById=21;ARGS:x"
SecRule ARGS|REQUEST_HEADERS:User-Agent "@rx [^\x20-\x7e]" "id:20,t:none,t:jsDecode,t:cssDecode,t:escapeSeqDecode"
SecRule ARGS "@beginsWith ://" "id:21,t:none,t:base64Decode"
SecMarker END
SecRule TX:SCORE "@ge 5" "id:30,deny,status:403,msg:'score %{tx.score}'"
"#;

struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn glob(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}

/// The same rules for two routes: fast, and slow.
static ROUTES: LazyLock<[Arc<Overlay>; 2]> = LazyLock::new(|| {
    let rules = Loader::new(&Nothing).text("rules.conf", RULES.as_bytes()).finish().expect("rules that load");
    let program = Arc::new(Program::compile(rules).expect("rules that compile"));
    let spec = OverlaySpec::default();
    [Overlay::new(&program, &spec), Overlay::interpreted(&program, &spec)].map(|it| Arc::new(it.expect("no wishes")))
});

/// What came of a request: what matched, why it ended, and the variables at the end.
type Outcome = (Vec<Match>, Option<Interruption>, BTreeMap<Vec<u8>, Vec<u8>>);

fuzz_target!(|request: &[u8]| {
    let [fast, slow] = ROUTES.each_ref().map(|route| run(route, request));
    if let (Some(fast), Some(slow)) = (fast, slow) {
        assert_eq!(fast, slow);
    }
});

/// `None` if something was not looked at.
fn run(route: &Arc<Overlay>, request: &[u8]) -> Option<Outcome> {
    let mut scratch = Scratch::default();
    let origin = Origin {
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        client_port: 40_000,
        server: IpAddr::V4(Ipv4Addr::LOCALHOST),
        server_port: 80,
        unix_micros: 1_795_521_600_000_000,
        unique_id: b"fuzz",
    };
    let mut transaction = Transaction::new(Arc::clone(route), &origin);
    feed(&mut transaction, request, &mut scratch);
    transaction.finish(&mut scratch);
    let state = transaction.state();
    let variables = state.tx_keys().iter().filter_map(|(key, name)| {
        let mut buffer = Buffer::new();
        Some((name.to_vec(), state.tx().get(key, &mut buffer)?.to_vec()))
    });
    let outcome = (transaction.matches().to_vec(), transaction.interruption().cloned(), variables.collect());
    (!transaction.is_incomplete()).then_some(outcome)
}

/// Lines up to an empty one, then the content.
fn feed(transaction: &mut Transaction, request: &[u8], scratch: &mut Scratch) {
    let (line, mut rest) = cut(request, b'\n');
    let (method, line) = cut(line, b' ');
    let (target, protocol) = cut(line, b' ');
    transaction.request_line(method, target, protocol);
    loop {
        let (line, after) = cut(rest, b'\n');
        rest = after;
        if line.is_empty() {
            break;
        }
        let (name, value) = cut(line, b':');
        transaction.request_header(name, value.trim_ascii());
    }
    if transaction.run_request_headers(scratch).is_none() {
        for part in rest.chunks(1000) {
            transaction.request_body(part);
        }
        transaction.run_request_body(scratch);
    }
}

/// What stands before the mark, and what behind it.
fn cut(text: &[u8], mark: u8) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == mark) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}
