//! What rules say arrives as written: defaults, chains, texts, effects, removals, updates, settings.

use durward_seclang::ast::{
    AllowSpan, Change, Control, Disruptive, Effect, EngineMode, LimitAction, Phase, Piece, Processor, Role, RuleSet,
    Selector, Skip, Target, Text, Variable,
};
use durward_seclang::load::Loader;
use durward_seclang::transform::Transformation;

use super::{Memory, good, load, rule, rules};

fn text(text: &str) -> Text {
    let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Literal(text.as_bytes().into())] };
    Text { pieces }
}

fn ids(set: &RuleSet) -> Vec<u64> {
    rules(set).map(|rule| rule.id.0).collect()
}

fn effects(action: &str) -> Vec<Effect> {
    let set = load(&format!("SecAction \"id:1,pass,{action}\""));
    rule(&set, 1).links[0].effects.clone()
}

#[test]
fn a_rule_with_everything() {
    let set = load(concat!(
        "SecRule ARGS|!ARGS:token \"!@rx a\\\"b\" \\\n",
        "  \"id:'7', phase:request,\\\n",
        "# a comment between\n",
        "  t:none,t:lowercase,t:urlDecodeUni,\\\n",
        "  capture,multiMatch,deny,status:406,nolog,auditlog,\\\n",
        "  msg:'it\\'s, %{tx.X}',logdata:'%{MATCHED_VAR}',severity:'critical',\\\n",
        "  tag:'a',tag:'b/c',ver:'X/1',rev:2,maturity:3,accuracy:4,skipAfter:END\"\n",
        "SecMarker END\n",
    ));
    let rule = rule(&set, 7);
    assert_eq!((rule.place.to_string().as_str(), rule.phase), ("t.conf:1", Phase::RequestBody));
    assert!(matches!(rule.disruptive, Disruptive::Deny));
    assert_eq!((rule.status, rule.log, rule.audit), (Some(406), false, true));
    assert_eq!(rule.skip, Some(Skip::After("END".into())));
    let meta = &rule.meta;
    assert_eq!((meta.severity, meta.maturity, meta.accuracy), (Some(2), Some(3), Some(4)));
    assert_eq!((meta.version.as_deref(), meta.revision.as_deref()), (Some("X/1"), Some("2")));
    assert_eq!(meta.tags, [text("a"), text("b/c")]);
    let macro_of_tx = Piece::Macro(Variable::Tx, Some("x".into()));
    assert_eq!(meta.message.as_ref().unwrap().pieces, [Piece::Literal(Box::from(*b"it's, ")), macro_of_tx]);
    assert_eq!(meta.log_data.as_ref().unwrap().pieces, [Piece::Macro(Variable::MatchedVar, None)]);
    let [link] = rule.links.as_slice() else { panic!("one link") };
    assert_eq!(link.transformations, [Transformation::Lowercase, Transformation::UrlDecodeUni]);
    assert!(link.capture && link.multi_match && link.message.is_none());
    let condition = link.condition.as_ref().unwrap();
    assert!(condition.negated);
    assert_eq!(condition.operator.argument, text("a\"b"));
    assert_eq!(condition.targets[1].role, Role::Exclude);
}

#[test]
fn defaults_are_merged() {
    let set = load(concat!(
        "SecAction \"id:1,phase:1,block\"\n",
        "SecDefaultAction \"phase:1,nolog,auditlog,deny,status:401,t:lowercase,tag:d\"\n",
        "SecDefaultAction \"phase:2,log,redirect:'http://x/'\"\n",
        "SecRule ARGS a \"id:2,phase:1,block\"\n",
        "SecRule ARGS a \"id:3,phase:1,pass,t:none,t:trim,log\"\n",
        "SecRule ARGS a \"id:4,phase:1,drop,status:402,t:trim,tag:own\"\n",
        "SecRule ARGS a \"id:5,phase:1\"\n",
        "SecRule ARGS a \"id:6,block\"\n",
        "SecRule ARGS a \"id:7,phase:3,block\"\n",
    ));
    use Transformation::{Lowercase, Trim};
    let cases: [(u64, &str, Option<u16>, bool, bool, &[Transformation], usize); 7] = [
        (1, "Pass", None, true, true, &[], 0),
        (2, "Deny", Some(401), false, true, &[Lowercase], 1),
        (3, "Pass", Some(401), true, true, &[Trim], 1),
        (4, "Drop", Some(402), false, true, &[Lowercase, Trim], 2),
        (5, "Deny", Some(401), false, true, &[Lowercase], 1),
        (6, "Redirect", None, true, true, &[], 0),
        (7, "Pass", None, true, true, &[], 0),
    ];
    for (id, disruptive, status, log, audit, transformations, tags) in cases {
        let rule = rule(&set, id);
        assert!(format!("{:?}", rule.disruptive).starts_with(disruptive), "{id}: {:?}", rule.disruptive);
        assert_eq!((rule.status, rule.log, rule.audit), (status, log, audit), "{id}");
        assert_eq!(rule.links[0].transformations, transformations, "{id}");
        assert_eq!(rule.meta.tags.len(), tags, "{id}");
    }
}

#[test]
fn chains_are_one_rule() {
    let set = load(concat!(
        "SecRule ARGS a \"id:1,deny,chain,msg:'m'\"\n",
        "  SecRule ARGS b \"chain,t:none,setvar:tx.a=1\"\n\n",
        "# note\n",
        "  SecRule ARGS c \"logdata:'x',capture\"\n",
        "SecAction \"id:2,pass\"\n",
    ));
    assert_eq!(ids(&set), [1, 2]);
    let links = &rule(&set, 1).links;
    assert_eq!(links.len(), 3);
    assert_eq!(links[2].place.to_string(), "t.conf:5");
    assert_eq!((links[1].effects.len(), links[2].log_data.is_some(), links[2].capture), (1, true, true));
    // The last link of a chain may have no action.
    let set = load("SecRule ARGS a \"id:1,chain\"\nSecRule ARGS b");
    assert_eq!(rule(&set, 1).links.len(), 2);
}

#[test]
fn disruptive_actions() {
    let cases = [
        ("allow", Disruptive::Allow(AllowSpan::Transaction)),
        ("allow:phase", Disruptive::Allow(AllowSpan::Phase)),
        ("allow:Request", Disruptive::Allow(AllowSpan::Request)),
        ("redirect:http://x/%{UNIQUE_ID}", Disruptive::Redirect(Text::default())),
        ("drop", Disruptive::Drop),
    ];
    for (action, expected) in cases {
        let set = load(&format!("SecAction \"id:1,phase:logging,{action}\""));
        let found = format!("{:?}", rule(&set, 1).disruptive);
        let expected = format!("{expected:?}");
        assert_eq!(found.split("(T").next(), expected.split("(T").next(), "{action}");
        assert_eq!(rule(&set, 1).phase, Phase::Logging);
    }
}

#[test]
fn effects_of_a_match() {
    let cases = [
        ("setvar:tx.A.b=c=d", "TX a.b Assign c=d"),
        ("setvar:tx.flag", "TX flag Assign 1"),
        ("setvar:'tx.n=+5'", "TX n Add 5"),
        ("setvar:ip.n=-1", "IP n Subtract 1"),
        ("setvar:!TX.Old", "TX old Remove"),
        ("setvar:tx.empty=", "TX empty Assign "),
        ("setvar:'tx.%{rule.id}-X=%{tx.0}, y'", "TX ..-x Assign .., y"),
    ];
    let plain = |text: &Text| -> String {
        text.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(literal) => String::from_utf8_lossy(literal).into_owned(),
                Piece::Macro(..) => "..".to_owned(),
            })
            .collect()
    };
    for (action, expected) in cases {
        let found = effects(action);
        let [Effect::Set { collection, key, change }] = found.as_slice() else { panic!("{action}: {found:?}") };
        let change = match change {
            Change::Assign(value) => format!("Assign {}", plain(value)),
            Change::Add(value) => format!("Add {}", plain(value)),
            Change::Subtract(value) => format!("Subtract {}", plain(value)),
            Change::Remove => "Remove".to_owned(),
        };
        assert_eq!(format!("{} {} {change}", collection.name(), plain(key)), expected, "{action}");
    }
    let cases = [
        ("expirevar:'ip.x=%{tx.time}'", "Expire"),
        ("deprecatevar:session.score=60/300", "Deprecate"),
        ("initcol:ip=%{REMOTE_ADDR}", "Init"),
        ("initcol:global=global", "Init"),
        ("setsid:%{REQUEST_COOKIES.sid}", "Init"),
        ("setuid:%{ARGS.user}", "Init"),
        ("setrsc:abc", "Init"),
        ("setenv:'A=b'", "SetEnv"),
        ("sanitiseArg:password", "Sanitise"),
        ("sanitizeMatched", "Sanitise"),
        ("sanitiseMatchedBytes:1/4", "Sanitise"),
        ("sanitiseMatchedBytes", "Sanitise"),
        ("sanitiseRequestHeader:Authorization", "Sanitise"),
    ];
    for (action, expected) in cases {
        let found = effects(action);
        assert!(found.len() == 1 && format!("{:?}", found[0]).starts_with(expected), "{action}: {found:?}");
    }
}

#[test]
fn options_of_ctl() {
    let cases = [
        ("auditEngine=RelevantOnly", "AuditEngine(DetectionOnly)"),
        ("auditLogParts=+E", "AuditLogParts(\"+E\")"),
        ("debugLogLevel=9", "DebugLogLevel(9)"),
        ("forceRequestBodyVariable=On", "ForceRequestBody(true)"),
        ("requestBodyAccess=Off", "RequestBodyAccess(false)"),
        ("requestBodyLimit=10", "RequestBodyLimit(10)"),
        ("requestBodyProcessor=xml", "RequestBodyProcessor(Xml)"),
        ("responseBodyAccess=on", "ResponseBodyAccess(true)"),
        ("responseBodyLimit=10", "ResponseBodyLimit(10)"),
        ("ruleEngine=DetectionOnly", "RuleEngine(DetectionOnly)"),
        ("ruleRemoveById=1-9", "RemoveById(IdRange { first: RuleId(1), last: RuleId(9) })"),
        ("ruleRemoveByTag=attack-sqli", "RemoveByTag(\"attack-sqli\")"),
        ("ruleRemoveByMsg=Some words", "RemoveByMessage(\"Some words\")"),
    ];
    for (option, expected) in cases {
        let found = effects(&format!("ctl:'{option}'"));
        let [Effect::Control(control)] = found.as_slice() else { panic!("{option}: {found:?}") };
        assert_eq!(format!("{control:?}"), expected, "{option}");
    }
    let found = effects("ctl:ruleRemoveTargetById=942100-942999;ARGS:'/^a|b,c$/',ctl:requestBodyProcessor=JSON");
    let [
        Effect::Control(Control::RemoveTargetById(range, target)),
        Effect::Control(Control::RequestBodyProcessor(json)),
    ] = found.as_slice()
    else {
        panic!("{found:?}")
    };
    assert_eq!((range.first.0, range.last.0, *json), (942_100, 942_999, Processor::Json));
    let selector = Selector::Pattern("^a|b,c$".into());
    assert_eq!(*target, Target { role: Role::Value, variable: Variable::Args, selector });
    let found = effects("ctl:ruleRemoveTargetByTag=attack-sqli;REQUEST_COOKIES:a;b,ctl:ruleRemoveTargetByMsg=M;ARGS");
    assert_eq!(found.len(), 2);
    assert!(format!("{:?}", found[0]).contains("Key(\"a;b\")"), "{found:?}");
}

#[test]
fn removals_and_updates() {
    let text = concat!(
        "SecRuleRemoveById 3 \"8-9,4\"\n",
        "SecRuleRemoveByTag gone\n",
        "SecRuleRemoveByMsg \"say (x)\"\n",
        "SecRule ARGS|REQUEST_COOKIES a \"id:1,deny,msg:'m',t:trim,chain,tag:keep\"\n",
        "SecRule ARGS b \"t:none\"\n",
        "SecAction \"id:3,pass\"\nSecAction \"id:4,pass\"\nSecAction \"id:8,pass\"\n",
        "SecAction \"id:5,pass,tag:gone\"\nSecAction \"id:6,pass,tag:gone-not\"\n",
        "SecAction \"id:7,pass,msg:'say (x)'\"\n",
        "SecRuleUpdateTargetById 1 \"!ARGS:a,!ARGS:/b/|REQUEST_HEADERS\"\n",
        "SecRuleUpdateTargetById 1:1 ARGS:x ARGS\n",
        "SecRuleUpdateTargetByTag keep !REQUEST_COOKIES:t\n",
        "SecRuleUpdateTargetByMsg m !REQUEST_COOKIES:m\n",
        "SecRuleUpdateActionById 1 \"pass,msg:'n',t:lowercase,tag:more,severity:3\"\n",
        "SecRuleUpdateActionById 1:1 capture\n",
    );
    let set = load(text);
    assert_eq!(ids(&set), [1, 6]);
    assert_eq!(set.notes, []);
    let rule = rule(&set, 1);
    assert!(matches!(rule.disruptive, Disruptive::Pass));
    assert_eq!(rule.meta.message, Some(self::text("n")));
    assert_eq!((rule.meta.tags.len(), rule.meta.severity), (2, Some(3)));
    assert_eq!(rule.links[0].transformations, [Transformation::Trim, Transformation::Lowercase]);
    assert!(rule.links[1].capture);
    let targets = |link: usize| -> Vec<String> {
        let targets = &rule.links[link].condition.as_ref().unwrap().targets;
        targets.iter().map(|it| format!("{:?} {} {:?}", it.role, it.variable.name(), it.selector)).collect()
    };
    let expected = [
        "Value ARGS All",
        "Value REQUEST_COOKIES All",
        "Exclude ARGS Key(\"a\")",
        "Exclude ARGS Pattern(\"b\")",
        "Value REQUEST_HEADERS All",
        "Exclude REQUEST_COOKIES Key(\"t\")",
        "Exclude REQUEST_COOKIES Key(\"m\")",
    ];
    assert_eq!(targets(0), expected);
    assert_eq!(targets(1), ["Value ARGS Key(\"x\")"]);
}

#[test]
fn tags_are_compared_and_patterns_are_searched() {
    let rules = concat!(
        "SecAction \"id:1,pass,tag:attack-sqli\"\nSecAction \"id:2,pass,tag:attack-sql\"\n",
        "SecAction \"id:3,pass,tag:platform-x,msg:'Injection (SQL)'\"\n",
    );
    let cases: [(&str, &[u64]); 6] = [
        ("SecRuleRemoveByTag attack-sql", &[1, 3]),
        ("SecRuleRemoveByTag attack", &[1, 2, 3]),
        ("SecRuleRemoveByTag ^attack-", &[3]),
        ("SecRuleRemoveByTag \"sqli?$\"", &[3]),
        ("SecRuleRemoveByMsg \"Injection (SQL)\"", &[1, 2]),
        ("SecRuleRemoveByMsg \"^Injection\"", &[1, 2]),
    ];
    for (edit, left) in cases {
        assert_eq!(ids(&load(&format!("{edit}\n{rules}"))), left, "{edit}");
    }
}

#[test]
fn rules_that_are_taken_away_are_told() {
    let set = load(
        "SecRuleRemoveById 2-9\nSecAction id:1,pass\nSecAction id:2,pass,tag:t\n\nSecAction id:3,pass\nSecRuleRemoveByTag t",
    );
    let removed: Vec<_> = set.removed.iter().map(|it| (it.id.0, it.place.line, it.by.line)).collect();
    assert_eq!((ids(&set), removed), (vec![1], vec![(2, 3, 1), (3, 5, 1)]));
    assert_eq!(set.notes.len(), 1);
}

#[test]
fn edits_that_fit_nothing_are_noted() {
    let set = load(concat!(
        "SecAction \"id:1,pass\"\n",
        "SecRuleRemoveById 2 4-5\n",
        "SecRuleRemoveByTag x\n",
        "SecRuleUpdateTargetById 1 !ARGS:a\n",
        "SecRuleUpdateActionById 1:1 \"log\"\n",
    ));
    let notes: Vec<_> = set.notes.iter().map(|note| format!("{} {}", note.place.line, note.message)).collect();
    let expected = [
        "2 no rule has the number 2, 4-5: nothing is removed",
        "3 no rule has the tag `x`: nothing is removed",
        "4 no condition has the number 1: no target is changed",
        "5 no rule has the number 1: no action is changed",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn files_are_included_in_order() {
    let files = Memory::of(&[
        (
            "etc/main.conf",
            "SecAction \"id:1,pass\"\nInclude rules/*.conf\nIncludeOptional none/*.conf\nInclude last.conf",
        ),
        ("etc/rules/b.conf", "SecAction \"id:3,pass\"\nSecRule ARGS \"@pmFromFile d/x.data y.data\" \"id:4,pass\"\n"),
        ("etc/rules/a.conf", "SecAction \"id:2,pass\""),
        ("etc/rules/d/x.data", "one\r\n# two\n three "),
        ("etc/rules/y.data", "four\n"),
        ("etc/last.conf", "IncludeOptional gone.conf\nSecRule ARGS \"@pmf rules/y.data\" \"id:5,pass\"\n"),
    ]);
    let set = good(Loader::new(&files).include("etc/main.conf").finish());
    assert_eq!(ids(&set), [1, 2, 3, 4, 5]);
    let data = |id| {
        let condition = rule(&set, id).links[0].condition.as_ref().unwrap();
        String::from_utf8_lossy(condition.operator.data.as_ref().unwrap()).into_owned()
    };
    assert_eq!((data(4).as_str(), data(5).as_str()), ("one\n three \nfour\n", "four\n"));
    assert_eq!(rule(&set, 3).place.to_string(), "etc/rules/b.conf:1");
}

#[test]
fn the_unicode_map_is_read() {
    let files = Memory::of(&[("etc/unicode.mapping", "20127 (US-ASCII)\n0391:41 0392:42\n")]);
    let load = |text: &str| Loader::new(&files).text("etc/main.conf", text.as_bytes()).finish();
    assert!(good(load("SecUnicodeMapFile unicode.mapping 20127")).settings.unicode_map.is_some());
    assert!(load("SecUnicodeMapFile unicode.mapping 1250").is_err());
}

#[test]
fn settings() {
    let set = load(concat!(
        "SecRuleEngine DetectionOnly\nSecRequestBodyAccess On\nSecRequestBodyLimit 13107200\n",
        "SecRequestBodyNoFilesLimit 131072\nSecRequestBodyInMemoryLimit 131072\n",
        "SecRequestBodyLimitAction ProcessPartial\nSecRequestBodyJsonDepthLimit 16\nSecArgumentsLimit 500\n",
        "SecPcreMatchLimit 1000\nSecPcreMatchLimitRecursion 1000\nSecResponseBodyAccess On\n",
        "SecResponseBodyMimeType text/plain TEXT/XML\nSecResponseBodyMimeType application/json\n",
        "SecResponseBodyLimit 1024\nSecResponseBodyLimitAction ProcessPartial\nSecTmpDir /tmp/\nSecDataDir /tmp/\n",
        "SecAuditEngine RelevantOnly\nSecAuditLogRelevantStatus \"^(?:5|4(?!04))\"\nSecAuditLogParts ABIJDEFHZ\n",
        "SecAuditLogType Serial\nSecAuditLog /var/log/a.log\nSecArgumentSeparator ;\nSecCookieFormat 0\n",
        "SecStatusEngine Off\nSecCollectionTimeout 600\nSecWebAppId \"shop\"\nSecUploadFileLimit 7\n",
        "SecComponentSignature \"a/1\"\nSecComponentSignature b\nSecConnEngine off\nSecDebugLogLevel 3\n",
    ));
    let settings = &set.settings;
    assert_eq!(settings.engine, EngineMode::DetectionOnly);
    assert!(settings.request_body_access && settings.response_body_access);
    assert_eq!((settings.request_body_limit, settings.request_body_no_files_limit), (13_107_200, 131_072));
    assert_eq!(settings.request_body_limit_action, LimitAction::ProcessPartial);
    assert_eq!((settings.json_depth_limit, settings.arguments_limit, settings.backtrack_limit), (16, 500, 1000));
    let types: Vec<_> = settings.response_body_types.iter().map(|it| &**it).collect();
    assert_eq!(types, ["text/plain", "text/xml", "application/json"]);
    assert_eq!((settings.response_body_limit, settings.argument_separator), (1024, b';'));
    assert_eq!((settings.collection_timeout, settings.upload_file_limit), (600, 7));
    assert_eq!((settings.web_app_id.as_deref(), settings.components.len()), (Some("shop"), 2));
}
