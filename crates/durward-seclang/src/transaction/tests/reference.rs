//! What the reference of the language says and engines are known to get wrong.

use super::*;
use crate::report::{Action, Reason};

/// Runs a request and gives the transaction.
fn after(rules: &str, spec: &OverlaySpec, request: &str) -> Transaction {
    let overlay = Arc::new(Overlay::new(&program(rules), spec).expect("overlay"));
    let mut transaction = Transaction::new(overlay, &origin());
    run(&mut transaction, &mut Scratch::default(), request, "200");
    transaction
}

#[test]
fn effects_of_one_rule_run_in_order() {
    check(&[
        (
            "SecAction id:1,phase:1,nolog,initcol:ip=%{REMOTE_ADDR},setvar:ip.n=+1,expirevar:ip.n=60\nSecRule IP:n \"@eq 1\" id:2,phase:1",
            GET,
            &[2],
        ),
        (
            "SecRule ARGS:b two id:1,phase:2,nolog,setsid:%{MATCHED_VAR},setvar:session.x=1,chain\nSecRule ARGS:a one\nSecRule SESSION:x|SESSIONID \"@within 1 two\" id:2,phase:2",
            GET,
            &[2],
        ),
        (
            "SecAction id:1,phase:1,nolog,setvar:tx.a=2,setvar:tx.b=+%{tx.a},setvar:tx.a=5\nSecRule TX:b \"@eq 2\" id:2,phase:1",
            GET,
            &[2],
        ),
    ]);
}

#[test]
fn searches_that_are_given_up_are_seen() {
    let request = format!("GET /?a={}bc HTTP/1.1\nHost: x", "a".repeat(60));
    let hard = "SecRule ARGS \"@rx ^(a|a)*(?!bc)b?c$\" id:1,phase:2\n";
    for test in
        ["TX:/^MSC_/ \"!@streq 0\"", "TX:MSC_PCRE_LIMITS_EXCEEDED \"@eq 1\"", "MSC_PCRE_LIMITS_EXCEEDED \"@eq 1\""]
    {
        let rules = format!("SecPcreMatchLimit 1000\n{hard}SecRule {test} id:2,phase:2,deny");
        assert_eq!(outcome(&rules, &request, "200"), (vec![2], Some((2, 403))), "{test}");
        assert_eq!(outcome(&rules, GET, "200"), (vec![], None), "{test}");
    }
}

#[test]
fn arguments_beyond_the_limit_are_said_to_be_missing() {
    let rules = "SecArgumentsLimit 2\nSecRule REQBODY_ERROR \"@eq 1\" id:1,phase:2,msg:'%{REQBODY_ERROR_MSG}'\nSecRule ARGS:city rome id:2,phase:2";
    let transaction = after(rules, &OverlaySpec::default(), FORM);
    assert_eq!(ids(&transaction), [1]);
    assert!(transaction.is_incomplete());
    assert_eq!(transaction.matches()[0].message, b"Request body has more arguments than the maximum expected.");
    let transaction = after(rules, &OverlaySpec::default(), GET);
    assert!(transaction.is_incomplete() && ids(&transaction).is_empty());
    let transaction = after(&rules.replace("Limit 2", "Limit 3"), &OverlaySpec::default(), FORM);
    assert!(!transaction.is_incomplete());
    assert_eq!(ids(&transaction), [2]);
}

#[test]
fn content_beyond_its_limits() {
    let json = "POST / HTTP/1.1\nContent-Type: application/json\n\n{\"name\": \"alice\", \"more\": [1, 2, 3]}";
    let is_json = "SecAction id:9,phase:1,nolog,ctl:requestBodyProcessor=JSON\n";
    let looks = "SecRule ARGS_POST alice id:1,phase:2\nSecRule REQBODY_ERROR \"@eq 1\" id:2,phase:2\nSecRule INBOUND_DATA_ERROR \"@eq 1\" id:3,phase:2";
    for (settings, seen, blocked) in [
        ("SecRequestBodyNoFilesLimit 20", &[][..], Some((0, 413))),
        ("SecRequestBodyNoFilesLimit 20\nSecRuleEngine DetectionOnly", &[1, 2, 3], None),
        ("SecRequestBodyNoFilesLimit 20\nSecRequestBodyLimitAction ProcessPartial", &[1, 2, 3], None),
        ("SecRequestBodyNoFilesLimit 200", &[1], None),
        ("SecRequestBodyLimit 20", &[], Some((0, 413))),
        ("SecRequestBodyLimit 20\nSecRuleEngine DetectionOnly", &[1, 3], None),
        ("SecRequestBodyLimit 20\nSecRequestBodyLimitAction ProcessPartial", &[1, 3], None),
    ] {
        let rules = format!("{settings}\n{is_json}{looks}");
        assert_eq!(outcome(&rules, json, "200"), (seen.to_vec(), blocked), "{settings}, JSON");
        let form = json.replace("application/json", "application/x-www-form-urlencoded");
        let rules = format!("{settings}\n{looks}");
        let form = form.replace("{\"name\": \"alice\"", "name=alice&city=xyz");
        assert_eq!(outcome(&rules, &form, "200"), (seen.to_vec(), blocked), "{settings}, form");
    }
}

#[test]
fn what_is_masked_is_in_no_report() {
    let texts = "msg:'saw %{MATCHED_VAR}',logdata:'%{MATCHED_VAR}'";
    for rules in [
        format!("SecAction id:9,phase:1,nolog,sanitiseArg:name\nSecRule ARGS alice id:1,phase:2,deny,{texts}"),
        format!("SecAction id:9,phase:1,nolog,sanitiseArg:name\nSecRule ARGS_POST alice id:1,phase:2,deny,{texts}"),
        format!("SecRule ARGS alice id:1,phase:2,{texts}\nSecAction id:9,phase:3,nolog,sanitiseArg:NAME"),
        format!("SecRule ARGS alice id:1,phase:2,sanitiseMatched,deny,{texts}"),
        format!(
            "SecRule ARGS alice id:9,phase:2,nolog,sanitiseMatchedBytes:1/2\nSecRule ARGS a id:1,phase:2,deny,{texts}"
        ),
    ] {
        let transaction = after(&rules, &OverlaySpec::default(), FORM);
        assert_eq!(ids(&transaction), [1], "{rules}");
        let said = format!("{:?}{:?}", transaction.matches(), transaction.interruption());
        for secret in ["alice", "97, 108, 105, 99, 101"] {
            assert!(!said.contains(secret), "{rules}\n{said}");
        }
        assert!(transaction.matches()[0].evidence[0].masked);
    }
}

#[test]
fn no_rule_changes_what_a_route_sets() {
    let spec = OverlaySpec { variables: vec![("level".into(), (*b"1").into())], ..OverlaySpec::default() };
    for change in ["tx.level=4", "tx.level=+3", "!tx.level", "tx.%{ARGS.n}=4", "tx.%{ARGS.n}=+3"] {
        let rules =
            format!("SecAction \"id:1,phase:1,nolog,setvar:'{change}'\"\nSecRule TX:level \"@eq 1\" id:2,phase:2");
        assert_eq!(ids(&after(&rules, &spec, "GET /?n=level HTTP/1.1\nHost: x")), [2], "{change}");
    }
}

#[test]
fn redirections_and_drops() {
    let end = |rules: &str| after(rules, &OverlaySpec::default(), GET).interruption().cloned().expect(rules);
    let redirected = end("SecAction id:1,phase:1,redirect:http://x/%{UNIQUE_ID}");
    assert_eq!((redirected.action, redirected.status), (Action::Redirect(b"http://x/the-id".to_vec()), 302));
    let redirected = end("SecAction id:1,phase:1,status:307,redirect:http://x/");
    assert_eq!((redirected.action, redirected.status), (Action::Redirect(b"http://x/".to_vec()), 307));
    assert_eq!(end("SecAction id:1,phase:1,drop").action, Action::Drop);
    let Reason::Rule { message, .. } = end("SecRule ARGS:b two id:1,phase:2,deny,msg:'%{MATCHED_VAR_NAME}'").reason
    else {
        panic!("no rule")
    };
    assert_eq!(message, b"ARGS:b");
}

#[test]
fn edits_of_rules_that_stand_elsewhere() {
    let rule = "SecRule ARGS two id:1,phase:2,block,tag:t,msg:'m, n',chain\nSecRule REQUEST_METHOD GET\n";
    for (edit, blocked) in [
        ("SecDefaultAction phase:2,log,deny,status:418", Some((1, 418))),
        ("SecRuleUpdateActionById 1 deny,status:501", Some((1, 501))),
        ("SecRuleUpdateActionById 1 pass", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 1 !ARGS:b", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 1 !ARGS:/B/", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 1 !ARGS:a", Some((1, 403))),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 0-9 !ARGS", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 1:1 !REQUEST_METHOD", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetById 1 ARGS:a ARGS", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetByTag t !ARGS:b", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetByMsg \"m, n\" !ARGS:b", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleUpdateTargetByMsg m !ARGS:b", Some((1, 403))),
        ("SecDefaultAction phase:2,log,deny\nSecRuleRemoveByTag t", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleRemoveByMsg \"m, n\"", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleRemoveById 2-3 1", None),
        ("SecDefaultAction phase:2,log,deny\nSecRuleRemoveById 2-3", Some((1, 403))),
    ] {
        let edit = edit.replace(" 0-9", " 1-9");
        assert_eq!(outcome(&format!("{edit}\n{rule}"), GET, "200").1, blocked, "{edit}");
    }
}

#[test]
fn exclusions_at_run_time_by_patterns() {
    let rules = |target: &str| {
        format!(
            "SecRule REQUEST_URI shop \"id:9,phase:1,nolog,ctl:ruleRemoveTargetById=1-2;{target}\"\nSecRule ARGS|REQUEST_COOKIES|TX:x \"@rx two|2\" id:1,phase:2,log\nSecAction id:8,phase:1,nolog,setvar:tx.x=2"
        )
    };
    let seen = |target: &str| {
        let transaction = after(&rules(target), &OverlaySpec::default(), GET);
        let evidence = transaction.matches().iter().flat_map(|found| &found.evidence);
        evidence.map(|it| format!("{}:{}", it.variable.name(), String::from_utf8_lossy(&it.key))).collect::<Vec<_>>()
    };
    for (target, left) in [
        ("ARGS:z", &["ARGS:b", "REQUEST_COOKIES:t", "TX:x"][..]),
        ("ARGS:/^B$/", &["REQUEST_COOKIES:t", "TX:x"]),
        ("ARGS:'/^(a|b),?/'", &["REQUEST_COOKIES:t", "TX:x"]),
        ("REQUEST_COOKIES", &["ARGS:b", "TX:x"]),
        ("TX:X", &["ARGS:b", "REQUEST_COOKIES:t"]),
        ("TX:/x/", &["ARGS:b", "REQUEST_COOKIES:t"]),
    ] {
        assert_eq!(seen(target), left, "{target}");
    }
}
