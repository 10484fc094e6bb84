//! The command line as a person meets it: the first five minutes, and every mistake that can be made in them.

use std::path::Path;
use std::time::{Duration, Instant};

use durward_testkit::{GatewayBuilder, corpora, exchange};
use serde_json::Value;

const SPEC: &str = "openapi: 3.1.0\ninfo: { title: Orders API, version: '1' }\ncomponents: { securitySchemes: { app: { type: apiKey, in: header, name: X-API-Key } } }\nsecurity: [{ app: [] }]\npaths:\n  /health: { get: { operationId: getHealth, security: [], responses: { '200': { description: ok } } } }\n  /orders: { get: { operationId: listOrders, responses: { '200': { description: ok } } } }\n";
const POLICY: &str = "version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[auth.app]\napi_key = {}\n[api.orders]\nspec = \"openapi.yaml\"\nupstream = { url = \"http://127.0.0.1:9\" }\npublic = [\"getHealth\"]\n";

/// RFC 7517 appendix A.1.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]}"#;

fn builder() -> GatewayBuilder {
    GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap()
}

fn with(policy: &str, spec: &str) -> GatewayBuilder {
    builder().file("durward.toml", policy).unwrap().file("openapi.yaml", spec).unwrap()
}

fn say(builder: &GatewayBuilder, args: &[&str]) -> (bool, String) {
    let output = builder.verb(args).unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn the_first_five_minutes() {
    let folder = builder().file("openapi.yaml", SPEC).unwrap();
    let (ok, text) = say(&folder, &["init", "openapi.yaml", "--upstream", "http://127.0.0.1:9"]);
    assert!(ok && text.contains("2 operations"), "{text}");
    let (ok, text) = say(&folder, &["init", "openapi.yaml"]);
    assert!(!ok && text.contains("--force"), "{text}");
    let (ok, text) = say(&folder, &["check"]);
    assert!(ok, "{text}");
    let (ok, text) = say(&folder, &["print"]);
    assert!(ok && text.contains("getHealth") && text.contains("head = \"16KiB\""), "{text}");
    let (ok, key) = say(&folder, &["keys", "new", "shop"]);
    assert!(ok && key.contains("dwk_live_"), "{key}");
    let (ok, list) = say(&folder, &["keys", "list", "--output", "json"]);
    let kid = serde_json::from_str::<Value>(&list).unwrap()[0]["kid"].as_str().unwrap().to_owned();
    assert!(ok && !list.contains("mac"), "{list}");
    let policy = std::fs::read_to_string(folder.folder().join("durward.toml")).unwrap();
    let folder = folder.file("durward.toml", policy.replace("127.0.0.1:8443", "127.0.0.1:0")).unwrap();
    let gateway = folder.start().unwrap();
    let revoked = gateway.verb(&["keys", "revoke", &kid]).unwrap();
    assert!(revoked.status.success(), "{}", String::from_utf8_lossy(&revoked.stderr));
    let list = String::from_utf8(gateway.verb(&["keys", "list"]).unwrap().stdout).unwrap();
    assert!(list.contains("revoked") && list.contains(&kid), "{list}");
}

#[test]
fn mistakes_name_the_place_and_the_fix() {
    let table: &[(&str, String, String, &[&str])] = &[
        ("unknown key", POLICY.replace("[listen]", "[lisen]"), SPEC.into(), &["durward.toml:2", "lisen", "listen"]),
        ("no listener", POLICY.replace("http = \"127.0.0.1:0\"\n", ""), SPEC.into(), &["listens nowhere", "https ="]),
        (
            "cleartext",
            POLICY.replace("127.0.0.1:0", "0.0.0.0:80"),
            SPEC.into(),
            &["durward.toml:3", "cleartext", "allow_cleartext"],
        ),
        ("no certificate", POLICY.replace("http =", "https ="), SPEC.into(), &["needs a certificate", "self_signed"]),
        (
            "missing contract",
            POLICY.replace("openapi.yaml", "nothing.yaml"),
            SPEC.into(),
            &["durward.toml:7", "nothing.yaml"],
        ),
        (
            "no rule",
            POLICY.replace("public = [\"getHealth\"]\n", ""),
            SPEC.into(),
            &["`getHealth` has no access rule", "public = [\"getHealth\"]"],
        ),
        (
            "no scheme",
            POLICY.replace("[auth.app]\napi_key = {}\n", ""),
            SPEC.into(),
            &["`listOrders`", "scheme `app` is not configured", "[auth.app]"],
        ),
        (
            "dead scheme",
            POLICY.replace("[auth.app]", "[auth.ap]"),
            SPEC.into(),
            &["no contract has a security scheme `ap`", "app"],
        ),
        (
            "wrong kind",
            POLICY.replace("api_key = {}", "jwt = { issuer = \"https://i\", audience = \"a\" }"),
            SPEC.into(),
            &["`app` is an API key"],
        ),
        (
            "unknown operation",
            POLICY.replace("\"getHealth\"", "\"getHelth\""),
            SPEC.into(),
            &["durward.toml:9", "getHelth", "did you mean `getHealth`"],
        ),
        (
            "upstream cleartext",
            POLICY.replace("127.0.0.1:9\"", "10.0.0.1:9\""),
            SPEC.into(),
            &["cleartext would leave this machine"],
        ),
        ("upstream url", POLICY.replace("http://127.0.0.1:9", "ftp://x"), SPEC.into(), &["`ftp` is not a scheme"]),
        (
            "upstream user",
            POLICY.replace("http://127.0.0.1:9", "http://a:b@127.0.0.1:9"),
            SPEC.into(),
            &["credentials in a URL"],
        ),
        ("literal secret", format!("{POLICY}[keys]\npepper = \"hunter2\"\n"), SPEC.into(), &["env:NAME", "file:path"]),
        (
            "bad rate",
            format!("{POLICY}[limits.caller]\nrate = \"many\"\n"),
            SPEC.into(),
            &["durward.toml:11", "`many` is not a rate"],
        ),
        (
            "upstream port",
            POLICY.replace("127.0.0.1:9\"", "127.0.0.1:99999\""),
            SPEC.into(),
            &["durward.toml:8", "`:99999` is not a port"],
        ),
        (
            "host with a scheme",
            POLICY.replace("public =", "hosts = [\"https://api.example.com\"]\npublic ="),
            SPEC.into(),
            &["durward.toml:9", "is not a host", "api.example.com\"]"],
        ),
        (
            "host with a port",
            POLICY.replace("public =", "hosts = [\"api.example.com:8443\"]\npublic ="),
            SPEC.into(),
            &["durward.toml:9", "without its port"],
        ),
        (
            "two APIs in one place",
            format!("{POLICY}{}", POLICY.split_once("{}\n").unwrap().1.replace("api.orders", "api.other")),
            SPEC.into(),
            &["durward.toml:10", "can never be reached", "`[api.orders]` takes it", "`hosts`"],
        ),
        (
            "no time",
            POLICY.replace("[auth", "timeouts = { head = \"0s\" }\n[auth"),
            SPEC.into(),
            &["durward.toml:4", "head = \"0s\"", "`10s`"],
        ),
        (
            "no room",
            POLICY.replace("[auth", "head = \"64B\"\n[auth"),
            SPEC.into(),
            &["durward.toml:4", "no request fits", "16KiB"],
        ),
        (
            "too many threads",
            POLICY.replace("[auth", "workers = 100000\n[auth"),
            SPEC.into(),
            &["durward.toml:4", "at most 1024"],
        ),
        (
            "name of a certificate",
            POLICY.replace("http =", "certificate = { self_signed = [\"not a name!\"] }\nhttps ="),
            SPEC.into(),
            &["durward.toml:3", "`not a name!` is neither", "localhost"],
        ),
        (
            "record",
            format!("{POLICY}[record]\nkeep = 0\n"),
            SPEC.into(),
            &["durward.toml:10", "`keep = 0` is out of range"],
        ),
        (
            "pepper",
            format!("{POLICY}[keys]\npepper = \"env:NOBODY_SETS_THIS\"\n"),
            SPEC.into(),
            &["durward.toml:11", "NOBODY_SETS_THIS"],
        ),
        ("device", POLICY.replace("openapi.yaml", "/dev/zero"), SPEC.into(), &["durward.toml:7", "not a regular file"]),
        (
            "a table as text",
            POLICY.replace("{ url = \"http://127.0.0.1:9\" }", "\"http://127.0.0.1:9\""),
            SPEC.into(),
            &["durward.toml:8", "expected a table", "upstream = { url"],
        ),
        (
            "a scheme that cannot be verified",
            POLICY.replace("[auth.app]\napi_key = {}\n", ""),
            SPEC.replace("type: apiKey, in: header, name: X-API-Key", "type: http, scheme: basic"),
            &["HTTP Basic", "cannot verify"],
        ),
        ("version", POLICY.replace("version = 1", "version = 7"), SPEC.into(), &["version 7"]),
        ("not TOML", "version = = 1".into(), SPEC.into(), &["durward.toml:1"]),
        ("not YAML", POLICY.into(), "openapi: [".into(), &["openapi.yaml"]),
        ("not OpenAPI", POLICY.into(), "hello: world".into(), &["openapi.yaml", "openapi"]),
        ("repeated key", POLICY.into(), SPEC.replace("info:", "openapi: 3.0.0\ninfo:"), &["openapi.yaml", "openapi"]),
        (
            "Swagger 2.0",
            POLICY.into(),
            "swagger: '2.0'\ninfo: { title: a, version: '1' }\npaths: {}\n".into(),
            &["openapi.yaml", "2.0"],
        ),
        (
            "dangling reference",
            POLICY.into(),
            SPEC.replace(
                "{ '200': { description: ok } } } }\n  /orders",
                "{ '200': { description: ok } }, parameters: [{ $ref: '#/components/parameters/none' }] } }\n  /orders",
            ),
            &["openapi.yaml", "none"],
        ),
    ];
    for (name, policy, spec, expected) in table {
        for verb in ["check", "run"] {
            let folder = with(policy, spec);
            let (ok, text) = say(&folder, &[verb]);
            assert!(!ok, "{name}: `{verb}` goes on\n{text}");
            for part in *expected {
                assert!(text.contains(part), "{name}: `{part}` is not in what `{verb}` says:\n{text}");
            }
            assert!(!text.contains("panicked") && !text.contains("hunter2"), "{name}:\n{text}");
        }
    }
}

#[test]
fn bad_certificates_and_key_sets_are_refused_at_start() {
    let tls = POLICY.replace(
        "http = \"127.0.0.1:0\"",
        "https = \"127.0.0.1:0\"\ncertificate = { file = \"a.pem\", key = \"file:a.key\" }",
    );
    let one = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (pem, key, wrong_key) = (one.cert.pem(), one.signing_key.serialize_pem(), other.signing_key.serialize_pem());
    let table: &[(&str, &str, &str, &[&str])] = &[
        ("empty", "", &key, &["a.pem"]),
        ("garbage", "hello", &key, &["a.pem"]),
        ("broken PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key, &["a.pem"]),
        ("key as certificate", &key, &key, &["a.pem"]),
        ("certificate as key", &pem, &pem, &["a.key"]),
        ("mismatch", &pem, &wrong_key, &["a.key"]),
    ];
    for (name, certificate, key, expected) in table {
        let folder = with(&tls, SPEC).file("a.pem", certificate).unwrap().file("a.key", key).unwrap();
        for verb in ["check", "run"] {
            let (ok, text) = say(&folder, &[verb]);
            let placed = text.contains("durward.toml:4") && expected.iter().all(|part| text.contains(part));
            assert!(!ok && placed && !text.contains("panicked"), "{name}, {verb}:\n{text}");
        }
    }
    let spec = SPEC.replace("type: apiKey, in: header, name: X-API-Key", "type: http, scheme: bearer");
    let jwt = POLICY.replace(
        "api_key = {}",
        "jwt = { issuer = \"https://i.example\", audience = \"a\", jwks = { file = \"jwks.json\" } }",
    );
    for (name, keys, part) in [
        ("empty", "", "jwks"),
        ("no keys", "{\"keys\":[]}", "key"),
        ("not JSON", "{", "jwks"),
        ("repeated member", "{\"keys\":[],\"keys\":[]}", "jwks"),
        ("short RSA", "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"a\"}]}", "a"),
        ("symmetric", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}", "secret member"),
    ] {
        let folder = with(&jwt, &spec).file("jwks.json", keys).unwrap();
        let (ok, text) = say(&folder, &["check"]);
        let placed = text.contains("durward.toml:5") && text.contains("`jwks.json`");
        assert!(!ok && placed && text.contains(part) && !text.contains("panicked"), "{name}:\n{text}");
    }
    for (from, to, expected) in [
        ("https://i.example", "i.example\", skew = \"1h", "`jwt.skew` is 1h"),
        ("audience = \"a\"", "audience = []", "`jwt.audience` is empty"),
        ("audience = \"a\"", "audience = \"a\", algorithms = [\"HS256\"]", "needs `jwt.secret`"),
        ("file = \"jwks.json\"", "url = \"http://i.example/keys\"", "write an https URL"),
    ] {
        let (ok, text) = say(&with(&jwt.replace(from, to), &spec).file("jwks.json", KEYS).unwrap(), &["check"]);
        assert!(!ok && text.contains("durward.toml:5") && text.contains(expected), "{to}:\n{text}");
    }
    let authority =
        POLICY.replace("{ url = \"http://127.0.0.1:9\" }", "{ url = \"https://127.0.0.1:9\", ca = \"ca.pem\" }");
    let cut = format!("{}{}", pem.get(..pem.len() / 2).unwrap(), "\n-----END CERTIFICATE-----\n");
    for (name, ca) in [("no PEM", "hello"), ("cut", cut.as_str()), ("a key", key.as_str())] {
        let (ok, text) = say(&with(&authority, SPEC).file("ca.pem", ca).unwrap(), &["check"]);
        assert!(!ok && text.contains("ca.pem"), "{name}:\n{text}");
    }
}

#[test]
fn help_and_completion_are_for_people() {
    let folder = builder();
    let (ok, text) = say(&folder, &["--help"]);
    assert!(ok, "{text}");
    for verb in ["init", "check", "run", "print", "explain", "why", "reload", "keys", "demo", "completion"] {
        assert!(text.contains(verb), "{verb} in\n{text}");
        let (ok, help) = say(&folder, &[verb, "--help"]);
        assert!(ok && help.contains("Usage"), "{help}");
    }
    let (ok, text) = say(&folder, &["completion", "bash"]);
    assert!(ok && text.contains("durward"), "{text}");
    let (ok, text) = say(&folder, &["check"]);
    assert!(!ok && text.contains("durward init"), "{text}");
    let (ok, text) = say(&folder, &["why", "nonsense"]);
    assert!(!ok && text.contains("x-request-id"), "{text}");
}

fn json(builder: &GatewayBuilder, args: &[&str]) -> (bool, Value) {
    let output = builder.verb(&[args, &["--output", "json"]].concat()).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error} in\n{text}"));
    (output.status.success(), value)
}

#[test]
fn what_machines_read_is_one_json_document() {
    let folder = with(POLICY, SPEC).file("health.http", "GET /health HTTP/1.1\nhost: localhost\n\n").unwrap();
    let (ok, checked) = json(&folder, &["check"]);
    assert!(ok && checked["ok"] == true && checked["operations"] == 2, "{checked}");
    let (ok, printed) = json(&folder, &["print"]);
    assert!(ok && printed["listen"]["timeouts"]["idle"] == "75s", "{printed}");
    let (ok, explained) = json(&folder, &["explain", "health.http"]);
    assert!(ok && explained["admitted"] == true && explained["forwarded"]["target"] == "/health", "{explained}");
    let (ok, made) = json(&folder, &["keys", "new", "shop", "--scope", "a", "--days", "3"]);
    let text = made["text"].as_str().unwrap();
    assert!(ok && made["key"]["state"] == "active", "{made}");
    let (ok, revoked) = json(&folder, &["keys", "revoke", text]);
    assert!(ok && revoked["kid"] == made["key"]["kid"] && !revoked.to_string().contains(text), "{revoked}");
    let (ok, list) = json(&folder, &["keys", "list"]);
    assert!(ok && list[0]["state"] == "revoked", "{list}");
    for (args, part) in [
        (&["why", "01k5v3xk9z0000000700000001"][..], "no audit log"),
        (&["why", "x"], "not a request id"),
        (&["reload"], "no gateway listens"),
        (&["keys", "revoke", "zz"], "keys list"),
        (&["explain", "nothing.http"], "nothing.http"),
        (&["init", "openapi.yaml"], "--force"),
    ] {
        let (ok, answer) = json(&folder, args);
        let said = answer["error"].as_str().unwrap_or_default();
        assert!(!ok && answer["ok"] == false && said.contains(part), "{args:?}: {answer}");
    }
    let broken = with(&POLICY.replace("public", "publik"), SPEC);
    let (ok, answer) = json(&broken, &["check"]);
    let first = &answer["diagnostics"][0];
    assert!(!ok && first["line"] == 9 && first["label"] == "did you mean `public`?", "{answer}");
}

#[test]
fn many_findings_of_one_kind_do_not_drown_the_reader() {
    let paths: String = (0..250)
        .map(|n| {
            format!("  /p{n}: {{ get: {{ operationId: get{n}, responses: {{ '200': {{ description: ok }} }} }} }}\n")
        })
        .collect();
    let policy = POLICY.replace("[auth.app]\napi_key = {}\n", "");
    let folder = with(&policy, &format!("{SPEC}{paths}"));
    let (ok, text) = say(&folder, &["check"]);
    assert!(!ok && text.contains("and 248 more like this: `get2`") && text.contains("251 errors"), "{text}");
    assert!(text.lines().count() < 40 && text.contains("check --all"), "{text}");
    let (ok, text) = say(&folder, &["check", "--all"]);
    assert!(!ok && text.matches("has no access rule").count() == 251, "{text}");
    let (ok, answer) = json(&folder, &["check"]);
    assert!(!ok && answer["diagnostics"].as_array().unwrap().len() == 251);
}

#[test]
fn init_says_what_is_left_to_decide_and_names_files_from_where_the_policy_stands() {
    let folder = builder().file("openapi.yaml", SPEC).unwrap();
    let (ok, text) = say(&folder, &["init", "openapi.yaml", "--policy", "deep/down/durward.toml"]);
    assert!(ok && text.contains("durward check --policy deep/down/durward.toml"), "{text}");
    let (ok, text) = say(&folder, &["check", "--policy", "deep/down/durward.toml"]);
    assert!(ok, "{text}");
    for upstream in ["not a url", "http://a:99999", "ftp://a", "a:80"] {
        let (ok, text) = say(&folder, &["init", "openapi.yaml", "--upstream", upstream]);
        assert!(!ok && !folder.folder().join("durward.toml").exists(), "{upstream}: {text}");
    }
    let (ok, text) = say(&folder, &["init", "openapi.yaml", "--upstream", "http://10.0.0.1"]);
    assert!(ok && text.contains("allow_cleartext_beyond_loopback") && text.contains("for you to decide"), "{text}");
    let basic = SPEC.replace("type: apiKey, in: header, name: X-API-Key", "type: http, scheme: basic");
    let folder = builder().file("openapi.yaml", basic).unwrap();
    let (ok, text) = say(&folder, &["init", "openapi.yaml"]);
    assert!(ok && text.contains("`listOrders` has no access rule") && text.contains("for you to decide"), "{text}");
    let oauth = SPEC.replace("type: apiKey, in: header, name: X-API-Key", "type: http, scheme: bearer");
    let folder = builder().file("openapi.yaml", oauth).unwrap();
    let (ok, text) = say(&folder, &["init", "openapi.yaml"]);
    assert!(ok && text.contains("is an example: no token will verify"), "{text}");
}

#[test]
fn opening_what_the_contract_protects_is_said_aloud() {
    let folder = with(&POLICY.replace("[\"getHealth\"]", "[\"getHealth\", \"GET /orders\"]"), SPEC);
    let (ok, text) = say(&folder, &["check"]);
    assert!(ok && text.contains("`listOrders` is open to everybody") && text.contains("1 warning;"), "{text}");
    assert!(!text.contains("`getHealth` is open"), "{text}");
}

#[test]
fn a_file_that_the_contract_refers_to_is_watched_too() {
    let spec = SPEC.replace(
        "responses: { '200': { description: ok } } } }\n  /orders",
        "parameters: [{ $ref: 'parts.yaml#/limit' }], responses: { '200': { description: ok } } } }\n  /orders",
    );
    let parts =
        |most: u32| format!("limit: {{ name: limit, in: query, schema: {{ type: integer, maximum: {most} }} }}\n");
    let gateway = with(POLICY, &spec).file("parts.yaml", parts(10)).unwrap().start().unwrap();
    let status = || {
        let request = b"GET /health?limit=11 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        exchange(gateway.address("http"), request, Duration::from_secs(5)).unwrap().first().unwrap().status
    };
    assert_eq!(status(), 400);
    std::fs::write(gateway.folder().join("parts.yaml"), parts(20)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    // 502: let through to an upstream that is not there.
    while status() != 502 {
        assert!(Instant::now() < deadline, "the change was not seen");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

#[test]
fn every_real_document_gets_a_policy_or_a_reason() {
    let Some(folder) = corpora().map(|corpora| corpora.join("openapi")) else {
        println!("skipped: the corpora are not here");
        return;
    };
    let mut documents = Vec::new();
    for folder in [folder.clone(), folder.join("features"), folder.join("oai-examples")] {
        documents.extend(std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    }
    documents.retain(|path| path.extension().is_some_and(|end| end != "md"));
    assert!(documents.len() > 100);
    let (even, odd): (Vec<_>, Vec<_>) = documents.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    std::thread::scope(|scope| {
        for half in [even, odd] {
            scope.spawn(move || half.iter().for_each(|(_, document)| gets_a_policy_or_a_reason(document)));
        }
    });
}

fn gets_a_policy_or_a_reason(document: &Path) {
    let folder = builder();
    let name = document.to_str().unwrap();
    let (ok, answer) = json(&folder, &["init", name]);
    let diagnostics = answer["diagnostics"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert!(ok || !diagnostics.is_empty() || answer["error"].is_string(), "{name}: {answer}");
    let fixes = diagnostics.iter().filter(|one| one["severity"] == "error");
    for one in fixes {
        let help = !one["help"].as_array().unwrap().is_empty();
        assert!(one["file"].is_string() && (help || one["label"].is_string()), "{name}: {one}");
    }
    if ok && answer["ok"] == true {
        // The policy with all its defaults written out means the same.
        let printed = folder.verb(&["print"]).unwrap().stdout;
        std::fs::write(folder.folder().join("round.toml"), &printed).unwrap();
        assert_eq!(folder.verb(&["print", "--policy", "round.toml"]).unwrap().stdout, printed, "{name}");
    }
}
