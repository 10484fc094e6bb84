//! Every mistake is named, with its line and the nearest known word; and no text at all makes the loader panic.

use std::io;
use std::path::{Path, PathBuf};

use durward_seclang::load::{Files, Loader};
use proptest::prelude::*;

use super::{Memory, errors, list};

#[test]
fn mistakes_of_directives() {
    let cases: [(&str, &[&str]); 31] = [
        ("SecRuleEngin On", &["1: unknown directive `SecRuleEngin`, did you mean `SecRuleEngine`?"]),
        ("<Location />", &["1: unknown directive `<Location`"]),
        ("\"SecRuleEngine\" On", &["1: unknown directive `SecRuleEngine`, did you mean `SecRuleEngine`?"]),
        ("SecRuleEngine Onn", &["1: SecRuleEngine: unknown value `Onn`, did you mean `On`?"]),
        ("SecRuleEngine Yes", &["1: SecRuleEngine: unknown value `Yes`, known are On, Off, DetectionOnly"]),
        ("SecRuleEngine", &["1: SecRuleEngine: a value is missing"]),
        ("SecRuleEngine On Off", &["1: SecRuleEngine: one value is enough, but `Off` follows"]),
        ("\n\nSecRequestBodyLimit 1MB", &["3: SecRequestBodyLimit: `1MB` is not a number"]),
        ("SecArgumentsLimit 4294967296", &["1: SecArgumentsLimit: 4294967296 is not between 0 and 4294967295"]),
        ("SecArgumentSeparator &&", &["1: SecArgumentSeparator: `&&` is not one character"]),
        (
            "SecRuleScript x.lua \"id:1\"",
            &["1: SecRuleScript: is not done here: Lua scripts are not run: write the condition as SecRule"],
        ),
        (
            "SecConnEngine On",
            &[
                "1: SecConnEngine: is not done here: connections are limited by the server in front of the engine; remove it",
            ],
        ),
        ("SecHashKey x", &["1: SecHashKey: is not done here: links are not signed here; remove it"]),
        (
            "SecContentInjection On",
            &["1: SecContentInjection: is not done here: responses are not rewritten here; remove it"],
        ),
        ("SecUnicodeMapFile unicode.mapping", &["1: SecUnicodeMapFile: it is written as file, then code page"]),
        ("SecUnicodeMapFile none 20127", &["1: SecUnicodeMapFile: cannot read `none`: it is not there"]),
        ("SecResponseBodyMimeType", &["1: SecResponseBodyMimeType: a value is missing"]),
        ("SecResponseBodyMimeTypesClear x", &["1: SecResponseBodyMimeTypesClear: it takes no value"]),
        ("SecAuditEngine", &["1: SecAuditEngine: a value is missing"]),
        ("SecMarker", &["1: SecMarker: a value is missing"]),
        ("SecMarker \"\"", &["1: SecMarker: a name is missing"]),
        ("Include none.conf", &["1: Include: cannot read `none.conf`: it is not there"]),
        ("Include none/*.conf", &["1: Include: no file fits `none/*.conf`"]),
        ("SecRuleRemoveById", &["1: SecRuleRemoveById: a number is missing"]),
        ("SecRuleRemoveById 5-3", &["1: SecRuleRemoveById: the range 5-3 is empty: the smaller number comes first"]),
        ("SecRuleRemoveByTag \"\"", &["1: SecRuleRemoveByTag: a text is missing"]),
        ("SecRuleUpdateTargetById 1", &["1: SecRuleUpdateTargetById: rules and targets are needed"]),
        (
            "SecRuleUpdateTargetById 1 !ARG:x",
            &["1: SecRuleUpdateTargetById: unknown variable `ARG`, did you mean `ARGS`?"],
        ),
        ("SecRuleUpdateActionById 1 \"id:2\"", &["1: SecRuleUpdateActionById: `id` of rule 1 cannot be changed"]),
        ("SecRuleUpdateActionById 1:2 \"deny\"", &["1: SecRuleUpdateActionById: `deny` of rule 1:2 cannot be changed"]),
        ("SecRuleEngine \\", &["1: the file ends after a backslash"]),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(text), expected, "{text}");
    }
}

#[test]
fn mistakes_of_rules() {
    let cases: [(&str, &[&str]); 34] = [
        ("SecRule ARGS", &["1: SecRule: targets and an operator are needed"]),
        ("SecRule ARGS \"@rx a\" \"id:1\" \"deny\"", &["1: SecRule: `deny` after the actions: are quotes missing?"]),
        ("SecRule ARGS @rx a id:1,deny", &["1: SecRule: `id:1,deny` after the actions: are quotes missing?"]),
        ("SecRule ARGS \"@rx a", &["1: the text that \" begins does not end"]),
        (
            "SecRule ARGS \"a\"b\" \"id:1\"",
            &["1: `b\" \"id:1\"` after the end of a quoted text: write `\\\"` for a quote inside"],
        ),
        ("SecRule ARGS a", &["1: a rule needs a number: `id:`"]),
        ("SecAction \"pass\"", &["1: a rule needs a number: `id:`"]),
        ("SecRule ARGS|QUERY_STRNG a \"id:1\"", &["1: unknown variable `QUERY_STRNG`, did you mean `QUERY_STRING`?"]),
        ("SecRule !ARGS:a a \"id:1\"", &["1: only exclusions: nothing is looked at"]),
        ("SecRule REMOTE_ADDR:x a \"id:1\"", &["1: REMOTE_ADDR has no members, but one is chosen"]),
        (
            "SecRule XML:/a/b a \"id:1\"",
            &["1: XPath `/a/b` is not one that is looked up here: only `/*` (all text), `//text()` (each text) \
                 and `//@*` (all attributes) are"],
        ),
        ("SecRule ARGS \"@contians a\" \"id:1\"", &["1: unknown operator `@contians`, did you mean `contains`?"]),
        ("SecRule ARGS \"@streq %{foo}\" \"id:1\"", &["1: a macro: unknown variable `foo`"]),
        ("SecRule ARGS \"@pmFromFile none.data\" \"id:1\"", &["1: cannot read `none.data`: it is not there"]),
        ("SecRule ARGS \"@pmFromFile\" \"id:1\"", &["1: @pmFromFile without the name of a file"]),
        (
            "SecRule ARGS \"@ipMatchF https://x/y\" \"id:1\"",
            &["1: `https://x/y` is not a file: nothing is fetched while loading"],
        ),
        ("SecAction \"id:1\"\nSecAction \"id:2\"\nSecAction \"id:1\"", &["3: rule 1 is defined already, at t.conf:1"]),
        ("SecAction \"id:x\"", &["1: `id`: `x` is not a number"]),
        ("SecAction \"id:1,id:2\"", &["1: `id` after `id`: only one is possible"]),
        ("SecAction \"id:1,deny,pass\"", &["1: `pass` after `deny`: only one is possible"]),
        (
            "SecAction \"id:1,phase:6\"",
            &["1: `phase`: unknown value `6`, known are 1, 2, 3, 4, 5, request, response, logging"],
        ),
        ("SecAction \"id:1,phase:loggin\"", &["1: `phase`: unknown value `loggin`, did you mean `logging`?"]),
        (
            "SecAction \\\n\"id:1,\\\n  status:44,\\\n  severity:9\"",
            &["3: `status`: 44 is not between 100 and 599", "4: `severity`: 9 is not between 0 and 7"],
        ),
        ("SecAction \"id:1,serverity:2\"", &["1: unknown action `serverity`, did you mean `severity`?"]),
        ("SecAction \"id:1,deny:403\"", &["1: `deny` takes no value, but has `403`"]),
        ("SecAction \"id:1,msg\"", &["1: `msg` needs a value"]),
        (
            "SecAction \"id:1,t:lowerCase2\"",
            &["1: `t`: unknown transformation `lowerCase2`, did you mean `lowercase`?"],
        ),
        (
            "SecAction \"id:1,exec:/bin/x\"",
            &["1: `exec` is not done here: no program is run from rules; let the caller act on the match"],
        ),
        ("SecAction \"id:1 phase:2\"", &["1: a comma is missing before `phase:2`"]),
        ("SecAction \"id:1,,pass\"", &["1: an action is missing at a comma"]),
        ("SecAction \"id:1,msg:'a\"", &["1: the value that ' begins does not end"]),
        ("SecAction \"id:1,skipAfter:END\"", &["1: `skipAfter:END`: no marker or rule of that name follows"]),
        (
            "SecMarker END\nSecAction \"id:1,skipAfter:END\"",
            &["2: `skipAfter:END`: no marker or rule of that name follows"],
        ),
        ("SecAction \"id:1,skip:0\"", &["1: `skip`: no rule is skipped"]),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(text), expected, "{text}");
    }
}

#[test]
fn mistakes_of_effects() {
    let cases = [
        ("setvar:a", "`setvar`: `a` is not written as collection.key"),
        ("setvar:args.a=1", "`setvar`: `args` is not a collection that rules write to"),
        ("setvar:gobal.a=1", "`setvar`: `gobal` is not a collection that rules write to, did you mean `GLOBAL`?"),
        ("setvar:tx.=1", "`setvar`: TX without a key"),
        ("setvar:tx.a=+", "`setvar`: a number is missing after the sign"),
        ("setvar:tx.a=+b", "`setvar`: `b` is not a number"),
        ("setvar:tx.a='b'", "`setvar`: quotes belong around the whole: setvar:'..'"),
        ("setvar:'tx.a=%{tx.b'", "`setvar`: a macro that `%{` begins does not end"),
        ("expirevar:ip.a", "`expirevar`: seconds are missing: collection.key=seconds"),
        ("deprecatevar:ip.a=1", "`deprecatevar`: it is written as collection.key=amount/seconds"),
        ("deprecatevar:ip.a=1/0", "`deprecatevar`: the seconds are 0"),
        ("initcol:tx=1", "`initcol`: TX belongs to the transaction and needs no initcol"),
        ("initcol:ip", "`initcol`: a key is missing: collection=key"),
        ("setsid:''", "`setsid`: a key is missing"),
        ("setenv:A", "`setenv`: a value is missing: NAME=value"),
        ("sanitiseArg:''", "`sanitiseArg`: a name is missing"),
        ("ctl:x", "`ctl`: `x` is not written as name=value"),
        ("ctl:ruleEngin=On", "`ctl`: unknown option `ruleEngin`, did you mean `ruleEngine`?"),
        ("ctl:ruleEngine=Onn", "`ctl`: ruleEngine: unknown value `Onn`, did you mean `On`?"),
        ("ctl:ruleRemoveById=x", "`ctl`: ruleRemoveById: `x` is not a number"),
        ("ctl:ruleRemoveTargetById=1", "`ctl`: ruleRemoveTargetById: a target is missing: rules;TARGET"),
        (
            "ctl:ruleRemoveTargetById=1;!ARGS",
            "`ctl`: ruleRemoveTargetById: `!ARGS`: neither `!` nor `&` belongs before the target",
        ),
        ("ctl:ruleRemoveTargetByTag=t;ARGS|TX", "`ctl`: ruleRemoveTargetByTag: `ARGS|TX` is more than one target"),
        ("ctl:ruleRemoveByTag=", "`ctl`: ruleRemoveByTag: a name is missing"),
        ("ctl:auditLogParts=+1", "`ctl`: auditLogParts: `+1` are not letters of parts"),
        (
            "ctl:requestBodyProcessor=YAML",
            "`ctl`: requestBodyProcessor: unknown value `YAML`, known are URLENCODED, MULTIPART, JSON, XML",
        ),
        ("ctl:hashEngine=On", "`ctl`: hashEngine: is not done here: links are not signed; remove it"),
    ];
    for (action, expected) in cases {
        assert_eq!(errors(&format!("SecAction \"id:1,{action}\"")), [format!("1: {expected}")], "{action}");
    }
}

#[test]
fn mistakes_of_defaults_and_chains() {
    let cases: [(&str, &[&str]); 14] = [
        ("SecDefaultAction \"deny\"", &["1: SecDefaultAction: a phase is missing"]),
        (
            "SecDefaultAction \"phase:1,log\"",
            &["1: SecDefaultAction: say what happens on a match: pass, deny, drop or redirect"],
        ),
        (
            "SecDefaultAction \"phase:1,block\"",
            &["1: SecDefaultAction: `block` stands for what is said here: name what happens"],
        ),
        ("SecDefaultAction \"phase:1,pass,id:1\"", &["1: SecDefaultAction: `id` cannot be a default"]),
        ("SecDefaultAction \"phase:1,pass,t:none\"", &["1: SecDefaultAction: `t:none` cannot be a default"]),
        (
            "SecDefaultAction \"phase:1,pass\"\nSecDefaultAction \"phase:1,deny\"",
            &["2: SecDefaultAction: phase 1 has its defaults already"],
        ),
        ("SecRule ARGS a \"id:1,chain\"\n\n", &["2: the chain that begins at t.conf:1 lacks its next rule"]),
        ("SecRule ARGS a \"id:1,chain\"\nSecMarker x", &["2: the chain that begins at t.conf:1 lacks its next rule"]),
        (
            "SecRule ARGS a \"id:1,chain\"\nSecRule ARGS b \"id:2\"",
            &["2: a rule with a number of its own, but the chain that begins at t.conf:1 is open"],
        ),
        (
            "SecRule ARGS a \"id:1,chain\"\nSecRule ARGS b \"chain\"\nSecRule ARGS c \"chain\"",
            &["3: the chain that begins at t.conf:1 lacks its next rule"],
        ),
        (
            "SecRule ARGS a \"id:1,chain\"\nSecRule ARGS b \"phase:2,deny,tag:x\"",
            &[
                "2: `phase` belongs into the first rule of the chain",
                "2: `deny` belongs into the first rule of the chain",
                "2: `tag` belongs into the first rule of the chain",
            ],
        ),
        // One mistake is reported once, not again as a broken chain.
        (
            "SecRule ARGS a \"id:1,chain\"\nSecRule ARGS\nSecRule ARGS b \"id:2\"",
            &["2: SecRule: targets and an operator are needed"],
        ),
        ("SecRule ARGS a \"id:1,chain\"\nSecRule ARGS \"x\nSecMarker y", &["2: the text that \" begins does not end"]),
        (
            "#SecAction \\\n \"id:1\"",
            &[
                "1: a comment that ends in a backslash may swallow the next line: take the backslash away, or put `#` before \
             the next line",
                "2: unknown directive `id:1`",
            ],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(errors(text), expected, "{text}");
    }
}

#[test]
fn all_mistakes_are_listed_in_order() {
    let files = Memory::of(&[
        ("a/main.conf", "SecRul x\nInclude sub.conf\nSecAction \"id:1,chain\"\nInclude main.conf\n"),
        ("a/sub.conf", "SecAction \"id:2,phas:1,\\\n dney\"\nSecRule ARGS a \"id:3,chain\""),
    ]);
    let found = list(&Loader::new(&files).include("a/main.conf").finish().unwrap_err());
    let expected = [
        "a/main.conf:1: unknown directive `SecRul`, did you mean `SecRule`?",
        "a/sub.conf:1: unknown action `phas`, did you mean `phase`?",
        "a/sub.conf:2: unknown action `dney`, did you mean `deny`?",
        "a/sub.conf:3: the chain that begins at a/sub.conf:3 lacks its next rule",
        "a/main.conf:4: the chain that begins at a/main.conf:3 lacks its next rule",
        "a/main.conf:4: `a/main.conf` includes itself",
    ];
    assert_eq!(found, expected);
    let found = list(&Loader::new(&files).include("gone.conf").finish().unwrap_err());
    assert_eq!(found, ["gone.conf:1: cannot read `gone.conf`: it is not there"]);
    let many = "SecRul\n".repeat(1_000);
    assert_eq!(errors(&many).len(), 500);
}

/// Every file is the same.
struct Everywhere(Vec<u8>);

impl Files for Everywhere {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.clone())
    }

    fn glob(&self, _: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(vec!["a".into(), "b".into()])
    }
}

/// What a fuzz target calls: reads any bytes.
fn read_anything(data: &[u8]) {
    let _ = Loader::new(&Memory::of(&[])).text("fuzz.conf", data).finish();
}

#[test]
fn includes_without_end_are_cut() {
    for text in ["Include x/y", "Include a/*", "Include x1\nInclude x2", "Include ./a\nInclude ./b"] {
        assert!(Loader::new(&Everywhere(text.as_bytes().to_vec())).include("start").finish().is_err(), "{text}");
    }
}

#[test]
fn hostile_texts_cost_no_more_than_reading_them() {
    let long = |piece: &str| piece.repeat(300_000 / piece.len());
    let texts = [
        format!("SecRule ARGS \"@rx {}\" \"id:1\"", long("%{")),
        format!("SecRule ARGS \"@rx {}}}\" \"id:1\"", long("%{")),
        format!("SecAction \"id:1,{}log\"", long("tag:a,")),
        format!("SecAction \"id:1,{}log\"", long("msg:a,")),
        format!("SecRule {} a \"id:1\"", long("ARGS:':'|")),
        format!("SecRule {} a \"id:1\"", long("ARGS:/a|")),
        format!("SecRule {}ARGS a \"id:1\"", long("ARGS:'/a/'|")),
        format!("SecAction {}", long(":'\\'")),
        format!("SecRule ARGS a{}", long("\\\n")),
        format!("{}x", long("#\\\n")),
        long("\\"),
        long("\""),
    ];
    for text in texts {
        read_anything(text.as_bytes());
    }
}

/// Pieces of rules, so that random texts come far into the loader.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "SecRule ",
            "SecAction ",
            "SecMarker ",
            "SecDefaultAction ",
            "SecRuleUpdateTargetById ",
            "SecRuleRemoveByMsg ",
            "SecRuleUpdateActionById ",
            "Include ",
            "ARGS",
            "|",
            "!",
            "&",
            "TX:",
            "/a/",
            "'",
            "\"",
            " ",
            "\\",
            "\\\n",
            "\n",
            "#",
            "@rx ",
            "@pmFromFile ",
            "%{",
            "tx.a",
            "}",
            "id:",
            "1",
            "-",
            ",",
            "chain",
            "phase:",
            "setvar:",
            "=",
            "+",
            "ctl:",
            "ruleRemoveTargetById=",
            ";",
            "skipAfter:",
            "deny",
            "msg:",
            "t:none",
            "initcol:ip",
            "expirevar:",
            "\r\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_anything(&data);
    }

    #[test]
    fn no_rules_make_it_panic(data in pieces()) {
        read_anything(&data);
    }

    #[test]
    fn errors_name_lines_of_the_file(data in pieces()) {
        let lines = u32::try_from(data.split(|byte| *byte == b'\n').count()).unwrap();
        let errors = Loader::new(&Memory::of(&[])).text("f", &data).finish().err().unwrap_or_default();
        for error in errors {
            prop_assert!((1..=lines).contains(&error.place.line), "{error} of {lines}");
        }
    }
}
