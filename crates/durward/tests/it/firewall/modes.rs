//! How strictly, for whom, and with which exclusions; and what is said of settings that make no sense.

use durward_testkit::{Gateway, GatewayBuilder, RecordingUpstream};

use super::{builder, get, policy, send, why};

const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /find:
    get:
      operationId: find
      parameters:
        - { name: q, in: query, schema: { type: string } }
        - { name: r, in: query, schema: { type: string } }
      responses: { "200": { description: ok } }
  /look:
    get:
      operationId: look
      parameters: [{ name: q, in: query, schema: { type: string } }]
      responses: { "200": { description: ok } }
"#;

/// A rule of one's own that anybody can follow.
const RULE: &str = "SecRule ARGS \"@contains evil\" \"id:1,phase:2,deny,log,t:none,msg:'Evil',tag:'bad'\"\n\
    SecRule REQUEST_HEADERS:X-Kind \"@streq evil\" \"id:2,phase:1,deny,log,t:none,msg:'Evil kind',tag:'bad'\"\n";

fn with(firewall: &str, api: &str, upstream: &str) -> GatewayBuilder {
    let api = format!(
        "[api.shop]\nspec = \"openapi.yaml\"\nupstream = {{ url = \"{upstream}\" }}\npublic = [\"find\", \"look\"]\n{api}"
    );
    let folder = builder().file("durward.toml", policy(&format!("{firewall}\n{api}\n"))).unwrap();
    folder.file("openapi.yaml", CONTRACT).unwrap().file("own.conf", RULE).unwrap()
}

fn start(upstream: &RecordingUpstream, firewall: &str, api: &str) -> Gateway {
    with(firewall, api, &format!("http://{}", upstream.address())).start().unwrap()
}

#[test]
fn modes_of_the_gateway_of_an_api_and_of_an_operation() {
    const OWN: &str = "rules = [\"own.conf\"]";
    let upstream = RecordingUpstream::start().unwrap();
    // What is written, the status of a hostile `find`, of a hostile `look`, what `why` says of the `find`.
    let table: &[(String, &str, u16, u16, &str)] = &[
        (format!("[firewall]\n{OWN}"), "", 403, 403, "[no] firewall-body"),
        (format!("[firewall]\nmode = \"observe\"\n{OWN}"), "", 200, 200, "would refuse: request-hostile"),
        (format!("[firewall]\nmode = \"off\"\n{OWN}"), "", 200, 200, "firewall-body off"),
        (format!("[firewall]\n{OWN}"), "[api.shop.modes]\nfirewall = \"off\"", 200, 200, "firewall-body off"),
        (format!("[firewall]\n{OWN}"), "[api.shop.modes]\nfirewall = \"observe\"", 200, 200, "only observes"),
        (
            format!("[firewall]\n{OWN}"),
            "[api.shop.operations.find.modes]\nfirewall = \"off\"",
            200,
            403,
            "firewall-body off",
        ),
        (
            format!("[firewall]\nmode = \"off\"\n{OWN}"),
            "[api.shop.operations.find.modes]\nfirewall = \"enforce\"",
            403,
            200,
            "[no] firewall-body",
        ),
        (
            format!("[firewall]\n{OWN}"),
            "[api.shop.modes]\nfirewall = \"off\"\n[api.shop.operations.find.modes]\nfirewall = \"observe\"",
            200,
            200,
            "would refuse: request-hostile",
        ),
    ];
    for (firewall, api, find, look, said) in table {
        let gateway = start(&upstream, firewall, api);
        let answer = get(&gateway, "/find?q=evil");
        let text = why(&gateway, &answer);
        assert_eq!(answer.status, *find, "{firewall}\n{api}\n{text}");
        assert!(text.contains(said), "`{said}` is not in what is said of\n{firewall}\n{api}\n{text}");
        // What is observed is told as fully as what is refused.
        if !said.contains("off") {
            for part in ["rule       1: Evil", "saw `evil` in ARGS:q", "operations.find.firewall.exclude]]"] {
                assert!(text.contains(part), "`{part}` is not in\n{text}");
            }
        }
        assert_eq!(get(&gateway, "/look?q=evil").status, *look, "{firewall}\n{api}");
        assert_eq!(get(&gateway, "/find?q=good").status, 200, "{firewall}\n{api}");
    }
}

#[test]
fn an_observed_head_does_not_end_what_is_looked_at() {
    let upstream = RecordingUpstream::start().unwrap();
    let gateway = start(&upstream, "[firewall]\nmode = \"observe\"\nrules = [\"own.conf\"]", "");
    let answer = send(&gateway, "GET", "/find?q=good", &[("x-kind", "evil")], "");
    let text = why(&gateway, &answer);
    assert!(answer.status == 200 && text.contains("would refuse: head-hostile"), "{text}");
    assert!(text.contains("saw `evil` in REQUEST_HEADERS:x-kind"), "{text}");
}

#[test]
fn exclusions_at_all_three_levels() {
    let upstream = RecordingUpstream::start().unwrap();
    // Where and what, and which of these are refused: /find?q=evil, /find?r=evil, /look?q=evil.
    let table: &[(&str, &str, [bool; 3])] = &[
        ("", "", [true, true, true]),
        ("firewall", "rule = 1\ntarget = \"ARGS:q\"", [false, true, false]),
        ("api.shop.firewall", "rule = 1\ntarget = \"ARGS:q\"", [false, true, false]),
        ("api.shop.operations.find.firewall", "rule = 1\ntarget = \"ARGS:q\"", [false, true, true]),
        ("api.shop.operations.find.firewall", "rule = 1", [false, false, true]),
        ("api.shop.operations.find.firewall", "tag = \"bad\"", [false, false, true]),
        ("api.shop.operations.find.firewall", "tag = \"bad\"\ntarget = \"ARGS:/^[qr]$/\"", [false, false, true]),
        ("api.shop.operations.find.firewall", "rule = 1\ntarget = \"ARGS\"", [false, false, true]),
        ("api.shop.operations.\"GET /look\".firewall", "rule = 1\ntarget = \"ARGS:q|ARGS:r\"", [true, true, false]),
        ("api.shop.firewall", "rule = 2", [true, true, true]),
    ];
    for (place, exclude, refused) in table {
        let lines = if place.is_empty() { String::new() } else { format!("[[{place}.exclude]]\n{exclude}") };
        let gateway = start(&upstream, "[firewall]\nrules = [\"own.conf\"]", &lines);
        let seen = ["/find?q=evil", "/find?r=evil", "/look?q=evil"].map(|target| get(&gateway, target).status == 403);
        assert_eq!(seen, *refused, "{lines}");
    }
}

#[test]
fn paranoia_of_an_operation() {
    let upstream = RecordingUpstream::start().unwrap();
    let gateway = start(&upstream, "", "[api.shop.operations.find.firewall]\nparanoia = 2");
    // A sentence that names a table of the system: no attack by itself, but not what a careful operation expects.
    let text = "?q=we+select+names+from+information_schema+tables";
    assert_eq!(get(&gateway, &format!("/look{text}")).status, 200);
    let answer = get(&gateway, &format!("/find{text}"));
    assert_eq!(answer.status, 403, "{}", why(&gateway, &answer));
    let gateway = start(&upstream, "[firewall]\nparanoia = 2", "[api.shop.operations.find.firewall]\nparanoia = 1");
    assert_eq!(get(&gateway, &format!("/look{text}")).status, 403);
    assert_eq!(get(&gateway, &format!("/find{text}")).status, 200);
}

#[test]
fn mistakes_show_the_place_and_the_fix() {
    const FIND: &str = "[[api.shop.operations.find.firewall.exclude]]\n";
    // The name, what stands in `[firewall]`, what stands below the API, and what is said of it, the line among it.
    let table: &[(&str, &str, String, &[&str])] = &[
        ("mode", "mode = \"block\"", "".into(), &["durward.toml:8", "unknown value `block`", "enforce, observe, off"]),
        ("mode", "", "[api.shop.modes]\nfirewall = \"on\"".into(), &["durward.toml:14", "enforce, observe, off"]),
        (
            "mode elsewhere",
            "",
            "[api.shop.firewall]\nmode = \"observe\"".into(),
            &["durward.toml:14", "unknown key `mode`", "modes = { firewall = \"observe\" }"],
        ),
        ("rule", "", format!("{FIND}rule = 7"), &["durward.toml:14:8", "no rule has the number 7", "durward why ID"]),
        (
            "the second of two",
            "",
            format!("{FIND}rule = 100114\n{FIND}rule = 7"),
            &["durward.toml:16:8", "no rule has the number 7"],
        ),
        (
            "rule of the gateway",
            "exclude = [{ rule = 100114 }, { rule = 7 }]",
            "".into(),
            &["durward.toml:8:40", "no rule has the number 7"],
        ),
        ("tag", "", format!("{FIND}tag = \"attack-sql\""), &["durward.toml:14:7", "did you mean `attack-sqli`?"]),
        (
            "target",
            "",
            format!("{FIND}rule = 100114\ntarget = \"ARG:q\""),
            &["durward.toml:15:10", "`ARG:q` is no target", "did you mean `ARGS`?", "ARGS:json.note"],
        ),
        (
            "target with a sign",
            "",
            format!("{FIND}rule = 100114\ntarget = \"!ARGS:q\""),
            &["durward.toml:15:10", "leave the `!` out"],
        ),
        (
            "pattern",
            "",
            format!("{FIND}rule = 100114\ntarget = \"ARGS:/(/\""),
            &["durward.toml:15:10", "`(` is no pattern: unclosed group"],
        ),
        ("neither", "", format!("{FIND}target = \"ARGS:q\""), &["durward.toml:13", "either a `rule` or a `tag`"]),
        (
            "both",
            "",
            format!("{FIND}rule = 100114\ntag = \"attack-sqli\""),
            &["durward.toml:13", "either a `rule` or a `tag`", "write `rule = 100114`"],
        ),
        (
            "one bracket",
            "",
            "[api.shop.firewall.exclude]\nrule = 1".into(),
            &["durward.toml:13", "expected a list", "[[...]]"],
        ),
        (
            "operation",
            "",
            "[[api.shop.operations.fnd.firewall.exclude]]\nrule = 100114".into(),
            &["durward.toml:13", "`find`"],
        ),
        ("paranoia", "paranoia = 5", "".into(), &["durward.toml:8:12", "5 is no paranoia level", "to 4"]),
        ("paranoia", "paranoia = 300", "".into(), &["durward.toml:8:12", "300 is no paranoia level", "to 4"]),
        ("paranoia", "", "[api.shop.firewall]\nparanoia = 0".into(), &["durward.toml:14:12", "0 is no paranoia level"]),
        ("threshold", "inbound_threshold = 0", "".into(), &["durward.toml:8", "refuse every request", "write 5"]),
        (
            "a level that no rule asks for",
            "rules = [\"own.conf\"]\nparanoia = 2",
            "".into(),
            &["durward.toml:9:12", "no rule asks for the paranoia level", "leave the line out"],
        ),
        ("work", "work = { limit = 10 }", "".into(), &["durward.toml:8", "no request fits", "1000000"]),
        ("no rules", "rules = []", "".into(), &["durward.toml:8", "has no rules", "rules = [\"builtin\"]"]),
        (
            "folder",
            "rules = [\"builtin\", \"/nowhere/rules\"]",
            "".into(),
            &["durward.toml:8:21", "`/nowhere/rules`", "No such file", "a folder of rule files"],
        ),
        (
            "Core Rule Set",
            "rules = [\"/nowhere/modsecurity-crs\"]",
            "".into(),
            &["durward.toml:8:10", "the package `modsecurity-crs`"],
        ),
        ("builtin", "rules = [\"buildin\"]", "".into(), &["durward.toml:8:10", "did you mean `builtin`?"]),
        ("twice", "rules = [\"builtin\", \"builtin\"]", "".into(), &["durward.toml:8", "named twice"]),
        ("empty folder", "rules = [\"empty\"]", "".into(), &["durward.toml:8:10", "`empty` has no rule files"]),
        (
            "a rule file that is broken",
            "rules = [\"builtin\", \"broken\"]",
            "".into(),
            &["broken/a.conf:3:3", "unknown directive `SecRool`", "SecRool ARGS"],
        ),
        ("a pattern that is broken", "rules = [\"pattern.conf\"]", "".into(), &["pattern.conf:2:1", "rule 5", "@rx ("]),
    ];
    for (name, firewall, api, expected) in table {
        let folder = with(&format!("[firewall]\n{firewall}"), api, "http://127.0.0.1:9");
        let folder = folder.file("pattern.conf", "# One.\nSecRule ARGS \"@rx (\" \"id:5,phase:2,deny\"\n").unwrap();
        for inner in ["empty", "broken"] {
            std::fs::create_dir(folder.folder().join(inner)).unwrap();
        }
        let broken = "SecRule ARGS \"@rx a\" \"id:6,phase:2,deny\"\n\n  SecRool ARGS \"@rx a\" \"id:7,phase:2,deny\"\n";
        let folder = folder.file("broken/a.conf", broken).unwrap();
        for verb in ["check", "run"] {
            let output = folder.verb(&[verb]).unwrap();
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!output.status.success(), "{name}: `{verb}` goes on\n{text}");
            for part in *expected {
                assert!(text.contains(part), "{name}: `{part}` is not in what `{verb}` says:\n{text}");
            }
            // Said once, where it is, and not again by what follows from it.
            assert_eq!(text.matches("error: ").count(), 1, "{name}, `{verb}`:\n{text}");
            assert!(!text.contains("panicked"), "{name}:\n{text}");
        }
    }
}
