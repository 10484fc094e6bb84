//! What values can no longer be once they passed the validator.
//!
//! A text that passed as a UUID, a date or the member of an enumeration cannot be an attack, and a number never could.
//! Which places of a document hold only such values is worked out here, from the schemas as the validator has them, not
//! from the document: what is not enforced is not in them any more, and `nullable`, `readOnly` and `discriminator` are
//! what they became.
//!
//! # How it decides
//! A place is described by a [`Formula`]: all schemas that hold there. `properties`, `items` with `prefixItems`, `$ref`,
//! `allOf` (one branch proves), `anyOf` and `oneOf` (every branch proves that lets such a value in) lead from place to
//! place; equal formulas are one node, so that schemas that contain themselves are loops, and documents of which each
//! schema is used everywhere stay small. `additionalProperties`, `patternProperties`, `not`, `if` and the like say
//! nothing. Neither does a formula that grows too large: when in doubt, nothing is proven.

mod facts;
mod formula;
mod pattern;

use std::collections::HashMap;

use serde_json::Value;

use super::convert::Key;
use formula::{Formula, Reader};

/// The places of all schemas of a document that have something to tell.
#[derive(Debug, Default)]
pub(crate) struct Forest {
    nodes: Vec<Node>,
    roots: HashMap<Key, u32>,
}

/// What is known of the values at a place.
#[derive(Debug, Default)]
struct Node {
    /// Whether each text, number, boolean or null there is harmless.
    proven: bool,
    elements: Option<u32>,
    /// Sorted by name.
    members: Box<[(Box<str>, u32)]>,
}

impl Forest {
    /// Works out what the schemas prove of values that passed them. `definitions` are those of the validator, by key.
    pub(super) fn build(definitions: &[&Value], roots: impl IntoIterator<Item = Key>) -> Self {
        let mut grower = Grower { reader: Reader::new(definitions), nodes: Vec::new(), known: HashMap::new() };
        let mut open = Vec::new();
        let mut found = HashMap::new();
        for key in roots {
            let formula = grower.reader.root(key);
            if let Some(node) = grower.node(formula, &mut open) {
                found.insert(key, node);
            }
        }
        while let Some((node, formula)) = open.pop() {
            grower.grow(node, &formula, &mut open);
        }
        prune(grower.nodes, &found)
    }

    /// The place of a value that was held to a schema.
    pub(crate) fn root(&self, key: Key) -> Option<u32> {
        self.roots.get(&key).copied()
    }

    /// The member of an object.
    pub(crate) fn member(&self, object: u32, name: &[u8]) -> Option<u32> {
        let members = &self.nodes.get(object as usize)?.members;
        let at = members.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok()?;
        members.get(at).map(|(_, node)| *node)
    }

    /// The elements of an array.
    pub(crate) fn elements(&self, array: u32) -> Option<u32> {
        self.nodes.get(array as usize)?.elements
    }

    /// Whether the values at a place are harmless.
    pub(crate) fn is_proven(&self, place: u32) -> bool {
        self.nodes.get(place as usize).is_some_and(|node| node.proven)
    }
}

/// More places of one document are not looked at.
const MOST_NODES: usize = 1 << 16;

struct Grower<'s> {
    reader: Reader<'s>,
    nodes: Vec<Node>,
    known: HashMap<Vec<usize>, u32>,
}

impl<'s> Grower<'s> {
    /// The node of a formula; new ones are put on the list of those that must grow.
    fn node(&mut self, formula: Formula<'s>, open: &mut Vec<(u32, Formula<'s>)>) -> Option<u32> {
        if matches!(formula, Formula::Nothing) {
            return None;
        }
        let key = formula.key();
        if let Some(node) = self.known.get(&key) {
            return Some(*node);
        }
        let node = u32::try_from(self.nodes.len()).ok().filter(|_| self.nodes.len() < MOST_NODES)?;
        self.nodes.push(Node::default());
        self.known.insert(key, node);
        open.push((node, formula));
        Some(node)
    }

    fn grow(&mut self, node: u32, formula: &Formula<'s>, open: &mut Vec<(u32, Formula<'s>)>) {
        let described = self.reader.describe(formula);
        let elements = self.node(described.elements, open);
        let steps = described.members.into_iter();
        let members = steps.filter_map(|(name, member)| Some((Box::from(name), self.node(member, open)?))).collect();
        if let Some(node) = self.nodes.get_mut(node as usize) {
            *node = Node { proven: described.proven, elements, members };
        }
    }
}

/// Leaves out what leads nowhere.
fn prune(nodes: Vec<Node>, roots: &HashMap<Key, u32>) -> Forest {
    let steps = |node: &Node| node.members.iter().map(|(_, to)| *to).chain(node.elements).collect::<Vec<_>>();
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    for (from, node) in (0_u32..).zip(&nodes) {
        for to in steps(node) {
            if let Some(before) = before.get_mut(to as usize) {
                before.push(from);
            }
        }
    }
    let mut numbers: Vec<Option<u32>> = vec![None; nodes.len()];
    let mut count = 0;
    let mut open: Vec<u32> = (0_u32..).zip(&nodes).filter(|(_, node)| node.proven).map(|(at, _)| at).collect();
    while let Some(at) = open.pop() {
        let Some(number) = numbers.get_mut(at as usize).filter(|number| number.is_none()) else { continue };
        *number = Some(count);
        count += 1;
        open.extend(before.get(at as usize).into_iter().flatten());
    }
    let number = |at: u32| numbers.get(at as usize).copied().flatten();
    let mut kept: Vec<(u32, Node)> = Vec::new();
    for (at, node) in (0_u32..).zip(nodes) {
        let Some(at) = number(at) else { continue };
        let steps = node.members.into_iter();
        let members = steps.filter_map(|(name, to)| Some((name, number(to)?))).collect();
        kept.push((at, Node { elements: node.elements.and_then(number), members, ..node }));
    }
    kept.sort_unstable_by_key(|(at, _)| *at);
    Forest {
        nodes: kept.into_iter().map(|(_, node)| node).collect(),
        roots: roots.iter().filter_map(|(key, at)| Some((*key, number(*at)?))).collect(),
    }
}

#[cfg(test)]
mod tests;
