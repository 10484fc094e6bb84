//! The trie of segments.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;
use smallvec::SmallVec;

use super::template::{Piece, Segment, Template};

/// A trie of path templates. Nodes refer to each other by index.
#[derive(Debug)]
pub(crate) struct Trie {
    // INVARIANT: never empty; the first is the root.
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<Box<str>, usize, foldhash::fast::RandomState>,
    affixes: Vec<(Vec<Part>, usize)>,
    parameter: Option<usize>,
    /// One for each template that ends here: templates of one shape differ in the names of their parameters.
    leaves: Vec<Leaf>,
}

/// A part of a segment with text around parameters. Names do not matter for the shape.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Any,
}

#[derive(Debug)]
struct Leaf {
    names: Box<[Arc<str>]>,
    methods: SmallVec<[(Method, usize); 4]>,
}

/// An operation to be found.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) operation: usize,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found<'t, 'r> {
    pub(crate) operation: usize,
    pub(crate) names: &'t [Arc<str>],
    pub(crate) values: Values<'r>,
}

type Values<'r> = SmallVec<[&'r str; 8]>;

/// How many nodes one request may visit. The templates bound it anyway; this keeps hostile documents honest.
const MOST_STEPS: usize = 10_000;

impl Trie {
    pub(crate) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// Adds an operation. Gives the operation that already has this method on this shape of path, and adds nothing then.
    pub(crate) fn insert(&mut self, template: &Template, endpoint: &Endpoint) -> Option<usize> {
        let at = self.descend(template);
        let names: Box<[Arc<str>]> = template.names().into();
        let node = self.nodes.get_mut(at)?;
        let taken = node.leaves.iter().flat_map(|leaf| &leaf.methods).find(|(method, _)| *method == endpoint.method);
        if let Some((_, operation)) = taken {
            return Some(*operation);
        }
        let entry = (endpoint.method.clone(), endpoint.operation);
        match node.leaves.iter_mut().find(|leaf| leaf.names == names) {
            Some(leaf) => leaf.methods.push(entry),
            None => node.leaves.push(Leaf { names, methods: SmallVec::from_iter([entry]) }),
        }
        None
    }

    fn descend(&mut self, template: &Template) -> usize {
        let mut at = 0;
        for segment in &template.segments {
            let next = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return at };
            at = match segment {
                Segment::Literal(text) => *node.literals.entry(text.clone()).or_insert(next),
                Segment::Parameter(_) => *node.parameter.get_or_insert(next),
                Segment::Affix(pieces) => node.affix(pieces, next),
            };
            if at == next {
                self.nodes.push(Node::default());
            }
        }
        at
    }

    /// Finds the operation, or the methods that the path has.
    pub(crate) fn find<'t, 'r>(&'t self, method: &Method, path: &'r str) -> Result<Found<'t, 'r>, Vec<Method>> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let mut search = Search { trie: self, method, values: Values::new(), allowed: Vec::new(), steps: MOST_STEPS };
        match search.node(0, Some(rest)) {
            Some(leaf) => Ok(Found { operation: leaf.1, names: &leaf.0.names, values: search.values }),
            None => Err(search.allowed()),
        }
    }
}

impl Node {
    fn affix(&mut self, pieces: &[Piece], next: usize) -> usize {
        let parts: Vec<Part> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => Part::Text(text.clone()),
                Piece::Parameter(_) => Part::Any,
            })
            .collect();
        if let Some((_, at)) = self.affixes.iter().find(|(known, _)| *known == parts) {
            return *at;
        }
        self.affixes.push((parts, next));
        // The more text is fixed, the better the match, whatever comes first in the document.
        self.affixes.sort_by_key(|(parts, _)| {
            let fixed: usize = parts.iter().map(|part| if let Part::Text(text) = part { text.len() } else { 0 }).sum();
            std::cmp::Reverse(fixed)
        });
        next
    }
}

struct Search<'t, 'm, 'r> {
    trie: &'t Trie,
    method: &'m Method,
    values: Values<'r>,
    allowed: Vec<Method>,
    steps: usize,
}

impl<'t, 'r> Search<'t, '_, 'r> {
    /// Tries everything below a node; `rest` is the path from the next segment on, `None` after the last.
    fn node(&mut self, at: usize, rest: Option<&'r str>) -> Option<(&'t Leaf, usize)> {
        self.steps = self.steps.checked_sub(1)?;
        let node = self.trie.nodes.get(at)?;
        let Some(rest) = rest else { return self.leaf(node) };
        let (segment, rest) = match rest.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (rest, None),
        };
        if let Some(next) = node.literals.get(segment)
            && let Some(found) = self.node(*next, rest)
        {
            return Some(found);
        }
        if segment.is_empty() {
            return None;
        }
        let kept = self.values.len();
        for (parts, next) in &node.affixes {
            if fits(parts, segment, &mut self.values) {
                if let Some(found) = self.node(*next, rest) {
                    return Some(found);
                }
                self.values.truncate(kept);
            }
        }
        let next = node.parameter?;
        self.values.push(segment);
        let found = self.node(next, rest);
        if found.is_none() {
            self.values.truncate(kept);
        }
        found
    }

    fn leaf(&mut self, node: &'t Node) -> Option<(&'t Leaf, usize)> {
        let with = |wanted: &Method| {
            let of = |leaf: &'t Leaf| Some((leaf, leaf.methods.iter().find(|(method, _)| method == wanted)?.1));
            node.leaves.iter().find_map(of)
        };
        // RFC 9110 section 9.3.2: what can be got can be asked for its head. Decided here, at the path that fits best: a
        // `HEAD` further off must not be a way around the rules of a `GET` nearby.
        let get = || (*self.method == Method::HEAD).then(|| with(&Method::GET))?;
        if let Some(found) = with(self.method).or_else(get) {
            return Some(found);
        }
        self.allowed.extend(node.leaves.iter().flat_map(|leaf| &leaf.methods).map(|(method, _)| method.clone()));
        None
    }

    fn allowed(self) -> Vec<Method> {
        let mut allowed = self.allowed;
        if allowed.contains(&Method::GET) {
            allowed.push(Method::HEAD);
        }
        allowed.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        allowed.dedup();
        allowed
    }
}

/// Matches one segment, parameters as short as they can be, and never empty. Pushes their values, or nothing.
///
/// Text between parameters is taken where it first stands. That misses nothing, because the last parameter takes
/// whatever is left, and it takes time in proportion to the text.
fn fits<'r>(parts: &[Part], text: &'r str, values: &mut Values<'r>) -> bool {
    let kept = values.len();
    let found = fill(parts, text, values).is_some();
    if !found {
        values.truncate(kept);
    }
    found
}

fn fill<'r>(parts: &[Part], text: &'r str, values: &mut Values<'r>) -> Option<()> {
    let (parts, text) = match parts {
        [Part::Text(fixed), parts @ ..] => (parts, text.strip_prefix(&**fixed)?),
        _ => (parts, text),
    };
    let (mut parts, mut text) = match parts {
        [parts @ .., Part::Text(fixed)] => (parts, text.strip_suffix(&**fixed)?),
        _ => (parts, text),
    };
    loop {
        let end = match parts {
            [] => return text.is_empty().then_some(()),
            [Part::Any] => text.len(),
            // Two parameters that touch: loading warns of them.
            [Part::Any, Part::Any, ..] | [Part::Text(_), ..] => 1,
            [Part::Any, Part::Text(fixed), ..] => 1 + text.get(1..)?.find(&**fixed)?,
        };
        let (value, rest) = text.split_at_checked(end)?;
        if value.is_empty() {
            return None;
        }
        values.push(value);
        (parts, text) = match parts {
            [Part::Any, Part::Text(fixed), parts @ ..] => (parts, rest.strip_prefix(&**fixed)?),
            [_, parts @ ..] => (parts, rest),
            [] => return None,
        };
    }
}
