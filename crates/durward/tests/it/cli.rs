//! The command line as a person meets it: the first five minutes, and every mistake that can be made in them.

use durward_testkit::GatewayBuilder;

const SPEC: &str = "openapi: 3.1.0\ninfo: { title: Orders API, version: '1' }\ncomponents: { securitySchemes: { app: { type: apiKey, in: header, name: X-API-Key } } }\nsecurity: [{ app: [] }]\npaths:\n  /health: { get: { operationId: getHealth, security: [], responses: { '200': { description: ok } } } }\n  /orders: { get: { operationId: listOrders, responses: { '200': { description: ok } } } }\n";
const POLICY: &str = "version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[auth.app]\napi_key = {}\n[api.orders]\nspec = \"openapi.yaml\"\nupstream = { url = \"http://127.0.0.1:9\" }\npublic = [\"getHealth\"]\n";

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
    let kid = serde_json::from_str::<serde_json::Value>(&list).unwrap()[0]["kid"].as_str().unwrap().to_owned();
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
        let (ok, text) = say(&folder, &["run"]);
        assert!(
            !ok && expected.iter().all(|part| text.contains(part)) && !text.contains("panicked"),
            "{name}:\n{text}"
        );
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
        assert!(!ok && text.contains(part) && !text.contains("panicked"), "{name}:\n{text}");
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
