//! Rules that nobody wrote: what is decided beforehand is tried with all that the language can do to it.

use durward_seclang::ast::{IdRange, RuleId};
use durward_seclang::overlay::{Exclusion, OverlaySpec, RuleSelector};
use durward_seclang::syntax;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Both, Workers, same};
use crate::drive::Engine;
use crate::ftw::backend::Backend;
use crate::ftw::server::Request;

/// A condition: targets, operator, and what does not end the chain.
fn link() -> impl Strategy<Value = (String, String, String)> {
    let target = select(vec![
        "TX:a",
        "TX:b",
        "TX:a|TX:c",
        "&TX:a",
        "&TX:c",
        "TX:/^[ab]$/",
        "TX",
        "ARGS",
        "ARGS:p",
        "ARGS|!ARGS:p",
        "&ARGS",
        "ARGS_NAMES",
        "REQUEST_HEADERS:H",
        "REQUEST_COOKIES|TX:b",
        "TX:1",
        "MATCHED_VAR",
        "MATCHED_VARS|TX:a",
        "HIGHEST_SEVERITY",
        "RESPONSE_STATUS",
        "REQUEST_BODY",
    ]);
    let operator = select(vec![
        "@eq 1",
        "!@eq 1",
        "@ge 2",
        "@lt 2",
        "@streq v",
        "@rx ^v(w)?",
        "@contains v",
        "@endsWith w",
        "@within v w 1 %{tx.a}",
        "@gt %{tx.b}",
        "@unconditionalMatch",
        "@pm v 2",
        "!@rx v",
    ]);
    let does = select(vec![
        "t:none",
        "setvar:tx.a=1",
        "setvar:tx.a=2",
        "setvar:tx.b=+1",
        "setvar:tx.c=-1",
        "setvar:tx.b=+%{tx.a}",
        "setvar:'tx.c=%{tx.a}'",
        "setvar:!tx.a",
        "setvar:'tx.%{tx.a}=v'",
        "setvar:'tx.b=%{MATCHED_VAR}'",
        "capture",
        "t:lowercase",
        "t:urlDecodeUni,t:lowercase,multiMatch",
        "ctl:ruleRemoveById=3",
        "ctl:ruleRemoveById=5-7",
        "ctl:ruleRemoveByTag=t",
        "ctl:ruleRemoveTargetById=4;TX:a",
        "ctl:ruleRemoveTargetByTag=t;ARGS:p",
        "ctl:ruleRemoveTargetByTag=t;TX:/b/",
    ]);
    (target, operator, vec(does, 0..3)).prop_map(|(target, operator, does)| {
        let does: String = does.iter().map(|it| format!(",{it}")).collect();
        (target.to_owned(), operator.to_owned(), does)
    })
}

#[derive(Debug, Clone)]
struct Drawn {
    phase: u8,
    links: Vec<(String, String, String)>,
    /// Whether it is a `SecAction`.
    action: bool,
    says: &'static str,
    disrupts: &'static str,
    skips: Option<usize>,
}

fn rule() -> impl Strategy<Value = Drawn> {
    let says = select(vec![
        "nolog",
        "nolog",
        "nolog",
        "nolog,tag:t",
        "log",
        "log,tag:t,msg:'%{tx.a}/%{MATCHED_VAR}'",
        "nolog,severity:3",
        "log,logdata:'%{tx.1} %{RULE.id}'",
    ]);
    let disrupts = prop_oneof![
        10 => Just("pass"),
        1 => select(vec!["deny", "allow", "allow:phase", "allow:request", "pass,ctl:ruleEngine=DetectionOnly",
            "pass,ctl:ruleEngine=Off"]),
    ];
    let phase = prop_oneof![4 => Just(1_u8), 4 => Just(2), 1 => 3..=5_u8];
    (phase, vec(link(), 1..3), any::<bool>(), says, disrupts, prop::option::weighted(0.25, 0..4_usize))
        .prop_map(|(phase, links, action, says, disrupts, skips)| Drawn { phase, links, action, says, disrupts, skips })
}

/// The rules as text; after every third there is a marker, which skips may name.
fn written(rules: &[Drawn]) -> String {
    let mut text = String::from("SecRuleEngine On\nSecRequestBodyAccess On\n");
    for (index, rule) in rules.iter().enumerate() {
        let Drawn { phase, says, disrupts, .. } = rule;
        let skip = match rule.skips {
            None => String::new(),
            Some(0) => ",skip:1".to_owned(),
            Some(far) => format!(",skipAfter:M{}", (index / 3 + far - 1).min((rules.len() - 1) / 3)),
        };
        for (number, (target, operator, does)) in rule.links.iter().enumerate() {
            let head = if number == 0 {
                format!("id:{},phase:{phase},{says},{disrupts}{skip}", index + 1)
            } else {
                "t:none".into()
            };
            let more = if number + 1 < rule.links.len() { ",chain" } else { "" };
            if rule.action && number == 0 {
                text.push_str(&format!("SecAction \"{head}{does}{more}\"\n"));
            } else {
                text.push_str(&format!("SecRule {target} \"{operator}\" \"{head}{does}{more}\"\n"));
            }
        }
        if index % 3 == 2 || index + 1 == rules.len() {
            text.push_str(&format!("SecMarker M{}\n", index / 3));
        }
    }
    text
}

fn requests() -> Vec<Request> {
    let request = |method: &str, target: &str, fields: &[(&str, &str)], body: &str| Request {
        method: method.into(),
        target: target.into(),
        protocol: "HTTP/1.1".into(),
        fields: fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: body.into(),
    };
    vec![
        request("GET", "/", &[], ""),
        request("GET", "/?p=v&q=2&p=%2576w", &[("H", "v"), ("Cookie", "a=VW; b=1")], ""),
        request("POST", "/?v=1", &[("Content-Type", "application/x-www-form-urlencoded")], "p=2&r=V&v=w"),
    ]
}

fn routes() -> Vec<OverlaySpec> {
    let ids = |first, last| RuleSelector::Ids(IdRange { first: RuleId(first), last: RuleId(last) });
    let target = |text: &str| syntax::targets(text.as_bytes()).unwrap().swap_remove(0);
    vec![
        OverlaySpec::default(),
        OverlaySpec { removed: vec![ids(2, 2)], ..OverlaySpec::default() },
        OverlaySpec { variables: vec![("a".into(), (*b"1").into())], ..OverlaySpec::default() },
        OverlaySpec {
            variables: vec![("b".into(), (*b"2").into())],
            excluded: vec![Exclusion { rules: ids(1, 4), target: target("TX:a") }],
            ..OverlaySpec::default()
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_rules(rules in vec(rule(), 1..12), past in prop::bool::weighted(0.1)) {
        let mut text = written(&rules);
        if !past {
            // With a rule that asks what others have matched, hardly anything is decided beforehand.
            text = text.replace("MATCHED_VARS|", "").replace("MATCHED_VAR", "TX:1");
            text = text.replace("%{TX:1}", "%{tx.1}");
        }
        let engine = Engine::load(|loader| loader.text("made.conf", text.as_bytes()));
        let mut workers = Workers::default();
        for spec in routes() {
            // A route that names what these rules do not have is no route.
            let Some(both) = Both::possible(&engine, &spec) else { continue };
            for request in requests() {
                if let Err(why) = same(&both, &request, Backend::Site, &mut workers) {
                    prop_assert!(false, "{text}\n{spec:?}\n{request:?}\n{why}");
                }
            }
        }
    }
}
