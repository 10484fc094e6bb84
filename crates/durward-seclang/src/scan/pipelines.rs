//! The transformations of all rules, arranged so that each is run once.
//!
//! Pipelines that begin alike are one path of a tree. A transformation none of whose triggers occurs changes nothing and is
//! not run; outputs that are equal are one string. So a value ends as a few distinct strings, each with the set of the rules
//! that look at it.

use std::sync::Arc;

use crate::byteset::ByteSet;
use crate::transform::{Transformation, Triggers, UnicodeMap};

use super::{ScanRule, put};

/// A place in the tree: what a value is after some transformations.
#[derive(Debug)]
struct Node {
    parent: usize,
    transformation: Transformation,
    triggers: Triggers,
    /// The rules whose operator looks at it here.
    rules: Box<[u64]>,
    /// The rules that come past here.
    below: Box<[u64]>,
}

/// The pipelines of all rules.
#[derive(Debug, Default)]
pub(super) struct Pipelines {
    /// The rules that look at the value as it is.
    plain: Box<[u64]>,
    /// Parents stand before their children. The root has no place here; its number is 0, so that node `n` is `nodes[n - 1]`.
    nodes: Vec<Node>,
    /// The rules whose pipelines react to anything.
    always: Box<[u64]>,
    /// What the others react to.
    triggers: ByteSet,
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
        let mut always = vec![0_u64; width];
        let mut triggers = ByteSet::EMPTY;
        let mut nodes: Vec<Node> = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let mut path = vec![0];
            for transformation in &rule.pipeline {
                let parent = path.last().copied().unwrap_or(0);
                path.push(child(&mut nodes, parent, *transformation, width));
            }
            for node in &path {
                let here = path.last() == Some(node) || rule.multi_match;
                match node.checked_sub(1).and_then(|index| nodes.get_mut(index)) {
                    Some(node) => {
                        put(&mut node.below, number);
                        if here {
                            put(&mut node.rules, number);
                        }
                    }
                    None if here => put(&mut plain, number),
                    None => {}
                }
            }
            match Triggers::of(&rule.pipeline) {
                Triggers::Always => put(&mut always, number),
                Triggers::Bytes(bytes) => triggers = triggers.union(bytes),
            }
        }
        Self { plain: plain.into(), nodes, always: always.into(), triggers, map }
    }

    /// Whether a value is itself at every place of the tree, for these rules.
    pub(super) fn leave(&self, bytes: &ByteSet, rules: &[u64]) -> bool {
        !bytes.intersects(&self.triggers) && !intersect(rules, &self.always)
    }

    /// Makes the strings of a value for these rules.
    pub(super) fn run(&self, value: &[u8], bytes: ByteSet, rules: &[u64], strings: &mut Strings) {
        strings.begin(bytes, rules.len(), self.nodes.len());
        strings.add_rules(0, rules, &self.plain);
        strings.of_node.push(0);
        for node in &self.nodes {
            let before = strings.of_node.get(node.parent).copied().unwrap_or(0);
            let mut string = before;
            if intersect(rules, &node.below) {
                if strings.bytes.get(before).is_none_or(|bytes| node.triggers.fire(bytes)) {
                    string = strings.transform(value, before, node.transformation, self.map.as_deref());
                }
                strings.add_rules(string, rules, &node.rules);
            }
            strings.of_node.push(string);
        }
    }
}

impl Strings {
    fn begin(&mut self, bytes: ByteSet, width: usize, nodes: usize) {
        self.used = 0;
        self.rules.clear();
        self.rules.resize(width, 0);
        self.bytes.clear();
        self.bytes.push(bytes);
        self.of_node.clear();
        self.of_node.reserve(nodes + 1);
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
                rules: none(),
                below: none(),
            });
            nodes.len()
        },
        |index| index + 1,
    )
}

fn intersect(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}
