//! The Core Rule Sets load without an error, and nothing of them is lost. The counts were made by another program.

use std::collections::BTreeMap;

use durward_seclang::ast::{Control, Effect, Item, Link, Role, RuleSet, Selector, Variable};
use durward_seclang::load::Loader;

use super::{good, rule, rules};
use crate::disk::Disk;
use crate::{base, suites};

/// How much there is of everything.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    rules: usize,
    chained: usize,
    actions: usize,
    markers: usize,
    phases: [usize; 5],
    set: usize,
    skips: usize,
    captures: usize,
    multi_matches: usize,
    controls: usize,
    negated: usize,
    messages: usize,
    tags: usize,
    components: usize,
}

fn links(set: &RuleSet) -> impl Iterator<Item = &Link> {
    rules(set).flat_map(|rule| &rule.links)
}

fn counts(set: &RuleSet) -> Counts {
    let effects = || links(set).flat_map(|link| &link.effects);
    let mut phases = [0; 5];
    rules(set).for_each(|rule| phases[rule.phase as usize - 1] += 1);
    Counts {
        rules: rules(set).count(),
        chained: links(set).count() - rules(set).count(),
        actions: links(set).filter(|link| link.condition.is_none()).count(),
        markers: set.items.iter().filter(|item| matches!(item, Item::Marker(_))).count(),
        phases,
        set: effects().filter(|effect| matches!(effect, Effect::Set { .. })).count(),
        skips: rules(set).filter(|rule| rule.skip.is_some()).count(),
        captures: links(set).filter(|link| link.capture).count(),
        multi_matches: links(set).filter(|link| link.multi_match).count(),
        controls: effects().filter(|effect| matches!(effect, Effect::Control(_))).count(),
        negated: links(set).filter(|link| link.condition.as_ref().is_some_and(|it| it.negated)).count(),
        messages: rules(set).filter(|rule| rule.meta.message.is_some()).count()
            + links(set).filter(|link| link.message.is_some()).count(),
        tags: rules(set).map(|rule| rule.meta.tags.len()).sum(),
        components: set.settings.components.len(),
    }
}

/// How often each operator is used.
fn operators(set: &RuleSet) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for condition in links(set).filter_map(|link| link.condition.as_ref()) {
        *counts.entry(condition.operator.name.name()).or_default() += 1;
    }
    counts
}

/// How often each transformation is used.
fn transformations(set: &RuleSet) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for transformation in links(set).flat_map(|link| &link.transformations) {
        *counts.entry(transformation.name()).or_default() += 1;
    }
    counts
}

#[test]
fn core_rule_set_3() {
    let Some(package) = suites::debian() else { return };
    let set =
        good(Loader::new(&Disk).include("/etc/modsecurity/crs/*.conf").include(package.join("rules/*.conf")).finish());
    let expected = Counts {
        rules: 634,
        chained: 166,
        actions: 10,
        markers: 40,
        phases: [147, 389, 24, 58, 16],
        set: 546,
        skips: 217,
        captures: 200,
        multi_matches: 4,
        controls: 537,
        negated: 40,
        messages: 257,
        tags: 1898,
        components: 1,
    };
    assert_eq!(counts(&set), expected);
    assert_eq!(set.notes, []);
    let expected = [
        ("contains", 20),
        ("detectSQLi", 2),
        ("detectXSS", 2),
        ("endsWith", 67),
        ("eq", 124),
        ("ge", 22),
        ("geoLookup", 1),
        ("gt", 13),
        ("ipMatch", 3),
        ("lt", 190),
        ("pm", 6),
        ("pmFromFile", 19),
        ("rbl", 1),
        ("rx", 265),
        ("streq", 37),
        ("validateByteRange", 6),
        ("validateUrlEncoding", 2),
        ("validateUtf8Encoding", 1),
        ("within", 9),
    ];
    assert_eq!(operators(&set), BTreeMap::from(expected));
    let expected = [
        ("base64Decode", 1),
        ("cmdLine", 7),
        ("compressWhitespace", 4),
        ("cssDecode", 22),
        ("hexEncode", 2),
        ("htmlEntityDecode", 34),
        ("jsDecode", 25),
        ("length", 2),
        ("lowercase", 52),
        ("normalizePath", 5),
        ("normalizePathWin", 2),
        ("removeNulls", 26),
        ("removeWhitespace", 3),
        ("replaceComments", 2),
        ("sha1", 2),
        ("urlDecode", 6),
        ("urlDecodeUni", 119),
        ("utf8toUnicode", 30),
    ];
    assert_eq!(transformations(&set), BTreeMap::from(expected));
    let leakage = rules(&set)
        .flat_map(|rule| &rule.links)
        .filter_map(|link| link.condition.as_ref())
        .flat_map(|condition| &condition.targets)
        .find(|target| matches!(&target.selector, Selector::Pattern(pattern) if pattern.starts_with("LEAKAGE")));
    assert_eq!(leakage.map(|target| (target.role, target.variable)), Some((Role::Count, Variable::Tx)));
    let _ = good(base::crs3(Loader::new(&Disk), &package, "").finish());
}

#[test]
fn core_rule_set_4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    let setup = corpus.join("crs-setup.conf.example");
    let set = good(Loader::new(&Disk).include(setup).include(corpus.join("rules/*.conf")).finish());
    let expected = Counts {
        rules: 630,
        chained: 73,
        actions: 8,
        markers: 30,
        phases: [173, 292, 43, 109, 13],
        set: 684,
        skips: 206,
        captures: 279,
        multi_matches: 8,
        controls: 10,
        negated: 42,
        messages: 355,
        tags: 3089,
        components: 1,
    };
    assert_eq!(counts(&set), expected);
    assert_eq!(set.notes, []);
    let expected = [
        ("beginsWith", 1),
        ("contains", 4),
        ("detectSQLi", 2),
        ("detectXSS", 2),
        ("endsWith", 6),
        ("eq", 53),
        ("ge", 42),
        ("gt", 15),
        ("ipMatch", 2),
        ("lt", 190),
        ("pm", 12),
        ("pmFromFile", 21),
        ("rx", 318),
        ("streq", 9),
        ("unconditionalMatch", 1),
        ("validateByteRange", 6),
        ("validateUrlEncoding", 1),
        ("validateUtf8Encoding", 1),
        ("within", 9),
    ];
    assert_eq!(operators(&set), BTreeMap::from(expected));
    let expected = [
        ("base64Decode", 3),
        ("cmdLine", 13),
        ("compressWhitespace", 5),
        ("cssDecode", 23),
        ("escapeSeqDecode", 7),
        ("hexEncode", 2),
        ("htmlEntityDecode", 35),
        ("jsDecode", 37),
        ("length", 3),
        ("lowercase", 46),
        ("normalizePath", 8),
        ("normalizePathWin", 4),
        ("removeCommentsChar", 1),
        ("removeNulls", 27),
        ("removeWhitespace", 11),
        ("replaceComments", 9),
        ("sha1", 2),
        ("urlDecodeUni", 140),
        ("utf8toUnicode", 32),
    ];
    assert_eq!(transformations(&set), BTreeMap::from(expected));
    // SecRuleUpdateTargetById of the last file has reached its rule.
    let targets = &rule(&set, 941_100).links[0].condition.as_ref().unwrap().targets;
    let excluded = targets.iter().filter(|target| target.role == Role::Exclude);
    let patterns: Vec<_> = excluded.map(|target| (&target.variable, &target.selector)).collect();
    let analytics = Selector::Pattern(r"^_ga(?:_\w+)?$".into());
    assert!(patterns.contains(&(&Variable::RequestCookies, &analytics)), "{patterns:?}");
    let _ = good(base::crs4(Loader::new(&Disk), &corpus, "").finish());
}

#[test]
fn exclusions_of_the_core_rule_set() {
    let Some(package) = suites::debian() else { return };
    let set = good(base::crs3(Loader::new(&Disk), &package, "").finish());
    let mut kinds = BTreeMap::new();
    for effect in links(&set).flat_map(|link| &link.effects) {
        let Effect::Control(control) = effect else { continue };
        let kind = match control {
            Control::RemoveTargetById(..) => "ruleRemoveTargetById",
            Control::RemoveTargetByTag(..) => "ruleRemoveTargetByTag",
            Control::AuditLogParts(_) => "auditLogParts",
            Control::RemoveById(_) => "ruleRemoveById",
            Control::RemoveByTag(_) => "ruleRemoveByTag",
            _ => continue,
        };
        *kinds.entry(kind).or_insert(0) += 1;
    }
    let expected = [
        ("auditLogParts", 110),
        ("ruleRemoveById", 46),
        ("ruleRemoveByTag", 2),
        ("ruleRemoveTargetById", 202),
        ("ruleRemoveTargetByTag", 169),
    ];
    assert_eq!(kinds, BTreeMap::from(expected));
}

/// CPU time of this thread, in nanoseconds.
fn thread_time() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: cargo test --release -p durward-seclang --test it -- --ignored --nocapture load::crs::cost"]
fn cost_of_loading() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    let Some(package) = suites::debian() else { return };
    let measure = |name: &str, load: &dyn Fn() -> RuleSet| {
        let mut best = u64::MAX;
        for _ in 0..20 {
            let before = thread_time();
            let set = load();
            best = best.min(thread_time() - before);
            assert!(rules(&set).count() > 600);
        }
        println!("{name}: {} us", best / 1000);
    };
    measure("CRS 3.3.4", &|| good(base::crs3(Loader::new(&Disk), &package, "").finish()));
    measure("CRS 4.28", &|| good(base::crs4(Loader::new(&Disk), &corpus, "").finish()));
}
