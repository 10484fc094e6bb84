//! The loader: the Core Rule Sets load unchanged, and every mistake is named.

use std::collections::BTreeMap;

use durward_seclang::ast::{Item, Rule, RuleSet};
use durward_seclang::load::Loader;

use crate::disk::Disk;
use crate::{base, suites};

fn loaded(loader: Loader<'_>) -> RuleSet {
    loader.finish().unwrap_or_else(|errors| {
        panic!("{}", errors.iter().take(40).map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

fn rules(set: &RuleSet) -> impl Iterator<Item = &Rule> {
    set.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(&**rule),
        Item::Marker(_) => None,
    })
}

/// Heads, chained links, markers, and rules by phase.
fn counts(set: &RuleSet) -> (usize, usize, usize, Vec<usize>) {
    let heads = rules(set).count();
    let links: usize = rules(set).map(|rule| rule.links.len()).sum();
    let mut phases = BTreeMap::new();
    for rule in rules(set) {
        *phases.entry(rule.phase).or_insert(0) += 1;
    }
    (heads, links - heads, set.items.len() - heads, phases.into_values().collect())
}

#[test]
fn core_rule_set_4() {
    let Some(corpus) = suites::corpus("crs4") else { return };
    let set =
        loaded(Loader::new(&Disk).include(corpus.join("crs-setup.conf.example")).include(corpus.join("rules/*.conf")));
    println!("{:?}", counts(&set));
    let _ = loaded(base::crs4(Loader::new(&Disk), &corpus, ""));
}

#[test]
fn core_rule_set_3() {
    let Some(package) = suites::debian() else { return };
    let set = loaded(Loader::new(&Disk).include("/etc/modsecurity/crs/*.conf").include(package.join("rules/*.conf")));
    println!("{:?}", counts(&set));
    let _ = loaded(base::crs3(Loader::new(&Disk), &package, ""));
}
