//! The transformations of all rules, arranged so that each is run once.
//!
//! Pipelines that begin alike are one path of a tree. A transformation none of whose triggers occurs changes nothing and is
//! not run; outputs that are equal are one string. So a value ends as a few distinct strings, each with the set of the rules
//! that look at it.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use crate::byteset::ByteSet;
use crate::transform::{Transformation, Triggers, UnicodeMap};

use super::{ScanRule, put};

/// A place in the tree: what a value is after some transformations.
#[derive(Debug)]
struct Node {
    parent: usize,
    transformation: Transformation,
    triggers: Triggers,
    /// What this and everything below reacts to.
    triggers_below: ByteSet,
    /// How long a string is at least, if something below that reacts to anything is to lead to a match.
    always_below: usize,
    /// The rules whose operator looks at it here.
    rules: Box<[u64]>,
    /// The rules that come past here.
    below: Box<[u64]>,
    /// The number of the node behind all that are below.
    end: usize,
    /// How long a string is at least before the transformation, if any rule is to match below.
    minimum: usize,
}

/// The pipelines of all rules.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    /// The rules that look at the value as it is.
    plain: Box<[u64]>,
    /// Each is followed by all that are below it. The root has no place here; its number is 0, so that node `n` is
    /// `nodes[n - 1]`.
    nodes: Vec<Node>,
    /// What all of them react to.
    triggers: ByteSet,
    /// How long a value is at least, if a transformation that reacts to anything is to lead to a match.
    always: usize,
    /// Each transformation that occurs, what it reacts to, and the rules that have it.
    users: Vec<(Triggers, Box<[u64]>)>,
    map: Option<Arc<UnicodeMap>>,
}

/// The strings of one value. The first is the value itself and is not kept here.
#[derive(Debug, Default)]
pub(super) struct Strings {
    texts: Vec<Vec<u8>>,
    /// How many of `texts` are in use.
    used: usize,
    /// One set of rules for each string, the value itself first.
    rules: Vec<u64>,
    /// Which bytes occur in each string.
    bytes: Vec<ByteSet>,
    /// Which string each node is.
    of_node: Vec<usize>,
    /// What each transformation made of each string, plus one; 0 when it was not run yet.
    made: Vec<u16>,
}

impl Pipelines {
    pub(super) fn build(rules: &[ScanRule], width: usize, map: Option<Arc<UnicodeMap>>) -> Self {
        let mut plain = vec![0_u64; width];
        let mut nodes: Vec<Node> = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let pipeline = needed(rule);
            let mut path = vec![0];
            for transformation in pipeline {
                let parent = path.last().copied().unwrap_or(0);
                path.push(child(&mut nodes, parent, *transformation, width));
            }
            for (depth, node) in path.iter().enumerate() {
                let here = path.last() == Some(node) || rule.multi_match;
                let rest = pipeline.get(depth.saturating_sub(1)..).unwrap_or_default();
                match node.checked_sub(1).and_then(|index| nodes.get_mut(index)) {
                    Some(node) => {
                        node.minimum = node.minimum.min(shortest(rule, rest));
                        put(&mut node.below, number);
                        if here {
                            put(&mut node.rules, number);
                        }
                    }
                    None if here => put(&mut plain, number),
                    None => {}
                }
            }
        }
        let nodes = in_order(nodes);
        let triggers = nodes.iter().fold(ByteSet::EMPTY, |all, node| all.union(node.triggers_below));
        let always = nodes.iter().map(|node| node.always_below).min().unwrap_or(usize::MAX);
        let users = Transformation::ALL.iter().filter_map(|transformation| {
            let mut set = vec![0_u64; width];
            let uses = |rule: &ScanRule| needed(rule).contains(transformation);
            rules.iter().enumerate().filter(|(_, rule)| uses(rule)).for_each(|(number, _)| put(&mut set, number));
            set.iter().any(|word| *word != 0).then(|| (transformation.triggers(), set.into()))
        });
        Self { plain: plain.into(), nodes, triggers, always, users: users.collect(), map }
    }

    /// Whether a value of this length and with these bytes is itself at every place of the tree.
    pub(super) const fn leave(&self, length: usize, bytes: &ByteSet) -> bool {
        !bytes.intersects(&self.triggers) && length < self.always
    }

    /// The rules that have a transformation which reacts to these bytes; the others look at the value as it is. `None` when
    /// all look at it.
    fn changing(&self, bytes: &ByteSet, rules: &[u64], strings: &mut Strings) -> Option<SmallVec<[u64; 16]>> {
        let mut changing: SmallVec<[u64; 16]> = smallvec![0; rules.len()];
        for (_, users) in self.users.iter().filter(|(triggers, _)| triggers.fire(bytes)) {
            for (word, users) in changing.iter_mut().zip(users) {
                *word |= users;
            }
        }
        let mut any = 0;
        for ((word, rules), at_value) in changing.iter_mut().zip(rules).zip(&mut strings.rules) {
            *at_value = rules & !*word;
            *word &= rules;
            any |= *word;
        }
        (any != 0).then_some(changing)
    }

    /// Makes the strings of a value for these rules.
    #[inline(never)]
    pub(super) fn run(&self, value: &[u8], bytes: ByteSet, rules: &[u64], strings: &mut Strings) {
        strings.begin(bytes, rules.len());
        let Some(rules) = self.changing(&bytes, rules, strings) else { return };
        let rules = &rules[..];
        strings.add_rules(0, rules, &self.plain);
        strings.of_node.resize(self.nodes.len() + 1, 0);
        let mut number = 1;
        while let Some(node) = self.nodes.get(number - 1) {
            let before = strings.of_node.get(node.parent).copied().unwrap_or(0);
            let bytes = strings.bytes.get(before).copied().unwrap_or(ByteSet::ALL);
            let length = strings.length(value, before);
            if length < node.minimum || !intersect(rules, &node.below) {
                number = node.end;
            } else if !bytes.intersects(&node.triggers_below) && length < node.always_below {
                strings.add_rules(before, rules, &node.below);
                number = node.end;
            } else {
                let mut string = before;
                if node.triggers.fire(&bytes) {
                    string = strings.transform(value, before, node.transformation, self.map.as_deref());
                }
                strings.add_rules(string, rules, &node.rules);
                if let Some(place) = strings.of_node.get_mut(number) {
                    *place = string;
                }
                number += 1;
            }
        }
    }
}

impl Strings {
    #[inline(never)]
    fn begin(&mut self, bytes: ByteSet, width: usize) {
        self.used = 0;
        self.rules.clear();
        self.rules.resize(width, 0);
        self.bytes.clear();
        self.bytes.push(bytes);
        self.of_node.clear();
        self.made.clear();
        self.made.resize(Transformation::ALL.len(), 0);
    }

    /// How many there are, the value itself among them.
    pub(super) fn count(&self) -> usize {
        self.used + 1
    }

    /// One of them: its text, the bytes in it, and the rules that look at it.
    pub(super) fn string<'a>(&'a self, value: &'a [u8], index: usize, width: usize) -> (&'a [u8], ByteSet, &'a [u64]) {
        let text = index.checked_sub(1).map_or(value, |index| self.texts.get(index).map_or(&[][..], |text| text));
        let rules = self.rules.get(index * width..(index + 1) * width).unwrap_or_default();
        (text, self.bytes.get(index).copied().unwrap_or(ByteSet::ALL), rules)
    }

    fn length(&self, value: &[u8], string: usize) -> usize {
        string.checked_sub(1).map_or(value.len(), |index| self.texts.get(index).map_or(usize::MAX, Vec::len))
    }

    #[inline(never)]
    fn add_rules(&mut self, string: usize, live: &[u64], rules: &[u64]) {
        let width = live.len();
        let Some(set) = self.rules.get_mut(string * width..(string + 1) * width) else {
            return;
        };
        for ((word, live), rules) in set.iter_mut().zip(live).zip(rules) {
            *word |= live & rules;
        }
    }

    /// The string that a transformation makes of another.
    #[inline(never)]
    fn transform(
        &mut self,
        value: &[u8],
        before: usize,
        transformation: Transformation,
        map: Option<&UnicodeMap>,
    ) -> usize {
        let memo = before * Transformation::ALL.len() + transformation as usize;
        if let Some(known) = self.made.get(memo).and_then(|known| usize::from(*known).checked_sub(1)) {
            return known;
        }
        let after = self.apply(value, before, transformation, map);
        if let (Some(place), Ok(after)) = (self.made.get_mut(memo), u16::try_from(after + 1)) {
            *place = after;
        }
        after
    }

    #[inline(never)]
    fn apply(
        &mut self,
        value: &[u8],
        before: usize,
        transformation: Transformation,
        map: Option<&UnicodeMap>,
    ) -> usize {
        if self.texts.len() == self.used {
            self.texts.push(Vec::new());
        }
        let Some((texts, out)) = self.texts.split_at_mut_checked(self.used) else {
            return before;
        };
        let Some(out) = out.first_mut() else {
            return before;
        };
        let input = before.checked_sub(1).map_or(value, |index| texts.get(index).map_or(&[][..], |text| text));
        if !transformation.apply(input, map, out) {
            return before;
        }
        if out == value {
            return 0;
        }
        if let Some(equal) = texts.iter().position(|text| text == out) {
            return equal + 1;
        }
        self.bytes.push(ByteSet::from_value(out));
        self.used += 1;
        self.rules.resize(self.rules.len() / (self.used) * (self.used + 1), 0);
        self.made.resize(Transformation::ALL.len() * (self.used + 1), 0);
        self.used
    }

    /// Gives room back that one large value took.
    pub(super) fn trim(&mut self, most: usize) {
        for text in &mut self.texts {
            text.clear();
            text.shrink_to(most);
        }
    }
}

/// The child of a node for a transformation, made if there is none yet.
fn child(nodes: &mut Vec<Node>, parent: usize, transformation: Transformation, width: usize) -> usize {
    let known = nodes.iter().position(|node| node.parent == parent && node.transformation == transformation);
    known.map_or_else(
        || {
            let none = || vec![0; width].into_boxed_slice();
            nodes.push(Node {
                parent,
                transformation,
                triggers: transformation.triggers(),
                triggers_below: ByteSet::EMPTY,
                always_below: usize::MAX,
                rules: none(),
                below: none(),
                end: 0,
                minimum: usize::MAX,
            });
            nodes.len()
        },
        |index| index + 1,
    )
}

/// The transformations of a rule without those at the end that make no difference to its operator.
fn needed(rule: &ScanRule) -> &[Transformation] {
    let mut pipeline = &rule.pipeline[..];
    let ignores_case = rule.operator.needs().is_some_and(|needs| needs.ignores_case);
    while let [before @ .., Transformation::Lowercase | Transformation::Uppercase] = pipeline
        && ignores_case
    {
        pipeline = before;
    }
    pipeline
}

/// How long a string is at least before these transformations, if the rule is to match what comes out.
fn shortest(rule: &ScanRule, pipeline: &[Transformation]) -> usize {
    let minimum = rule.operator.needs().map_or(0, |needs| needs.minimum);
    let before = |pipeline: &[Transformation]| {
        pipeline.iter().rev().fold(minimum, |after, transformation| match transformation {
            Transformation::Base64Decode | Transformation::Base64DecodeExt => after.saturating_add(after / 3),
            transformation if NEVER_LONGER.contains(transformation) => after,
            _ => 0,
        })
    };
    if !rule.multi_match {
        return before(pipeline);
    }
    (1..=pipeline.len()).filter_map(|length| pipeline.get(..length)).map(before).min().unwrap_or(minimum)
}

/// Transformations whose output is never longer than their input.
const NEVER_LONGER: &[Transformation] = &[
    Transformation::CmdLine,
    Transformation::CompressWhitespace,
    Transformation::CssDecode,
    Transformation::EscapeSeqDecode,
    Transformation::HtmlEntityDecode,
    Transformation::JsDecode,
    Transformation::Lowercase,
    Transformation::RemoveNulls,
    Transformation::RemoveWhitespace,
    Transformation::ReplaceComments,
    Transformation::Trim,
    Transformation::UrlDecode,
    Transformation::UrlDecodeUni,
];

/// Puts each node before all that are below it, with no other between.
fn in_order(nodes: Vec<Node>) -> Vec<Node> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len() + 1];
    for (index, node) in nodes.iter().enumerate() {
        if let Some(list) = children.get_mut(node.parent) {
            list.push(index + 1);
        }
    }
    let mut old: Vec<Option<Node>> = std::iter::once(None).chain(nodes.into_iter().map(Some)).collect();
    let mut ordered: Vec<Node> = Vec::new();
    // What is still to be placed, the next last: the old number of a node and the new one of its parent.
    let mut open: Vec<(usize, usize)> = vec![(0, 0)];
    while let Some((number, parent)) = open.pop() {
        if let Some(node) = old.get_mut(number).and_then(Option::take) {
            ordered.push(Node { parent, ..node });
        }
        let placed = ordered.len();
        open.extend(children.get(number).into_iter().flatten().rev().map(|child| (*child, placed)));
    }
    // From the last to the first, so that what is below is known.
    for number in (1..=ordered.len()).rev() {
        let own = ordered.get(number - 1).map(|node| match node.triggers {
            Triggers::Always => (ByteSet::EMPTY, node.minimum, number + 1),
            Triggers::Bytes(bytes) => (bytes, usize::MAX, number + 1),
        });
        let children = ordered.iter().filter(|node| node.parent == number);
        let below = children.map(|node| (node.triggers_below, node.always_below, node.end)).chain(own);
        let below = below
            .fold((ByteSet::EMPTY, usize::MAX, 0), |all, one| (all.0.union(one.0), all.1.min(one.1), all.2.max(one.2)));
        if let Some(node) = ordered.get_mut(number - 1) {
            (node.triggers_below, node.always_below, node.end) = below;
        }
    }
    ordered
}

fn intersect(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}
