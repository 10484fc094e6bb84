//! The schemas that hold at a place, and where they lead.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::Facts;
use crate::schema::convert::Key;
use crate::schema::hints::Types;

/// What is known of the values at a place.
#[derive(Debug, Clone)]
pub(super) enum Formula<'s> {
    /// Nothing.
    Nothing,
    /// They passed this schema.
    Schema(&'s Value),
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Either(Vec<Self>),
}

/// A larger formula is dropped.
const MOST_TERMS: usize = 64;
/// Compositions within compositions are followed so deep.
const MOST_DEPTH: usize = 24;
/// Schemas that are looked at for one place.
const MOST_WORK: usize = 20_000;

impl<'s> Formula<'s> {
    /// What holds where all of these hold.
    fn all(formulas: impl IntoIterator<Item = Self>) -> Self {
        let mut terms = Vec::new();
        for formula in formulas {
            match formula {
                Self::Nothing => {}
                Self::All(inner) => terms.extend(inner),
                other => terms.push(other),
            }
        }
        Self::of(terms, Self::All)
    }

    /// What holds where one of these holds, whichever.
    fn either(formulas: impl IntoIterator<Item = Self>) -> Self {
        let mut terms = Vec::new();
        for formula in formulas {
            match formula {
                Self::Nothing => return Self::Nothing,
                Self::Either(inner) => terms.extend(inner),
                other => terms.push(other),
            }
        }
        Self::of(terms, Self::Either)
    }

    fn of(mut terms: Vec<Self>, make: fn(Vec<Self>) -> Self) -> Self {
        terms.sort_by_cached_key(Self::key);
        terms.dedup_by_key(|term| term.key());
        if terms.iter().map(Self::size).sum::<usize>() > MOST_TERMS {
            return Self::Nothing;
        }
        match (terms.pop(), terms.is_empty()) {
            (None, _) => Self::Nothing,
            (Some(one), true) => one,
            (Some(last), false) => {
                terms.push(last);
                make(terms)
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Schema(_) => 1,
            Self::All(terms) | Self::Either(terms) => terms.iter().map(Self::size).sum(),
        }
    }

    /// Equal for equal formulas: schemas are told apart by where they are in memory.
    pub(super) fn key(&self) -> Vec<usize> {
        let mut key = Vec::new();
        self.write_key(&mut key);
        key
    }

    fn write_key(&self, key: &mut Vec<usize>) {
        let (begin, terms): (usize, &[Self]) = match self {
            Self::Nothing => (0, &[]),
            Self::Schema(schema) => return key.push(std::ptr::from_ref(*schema).addr()),
            Self::All(terms) => (1, terms),
            Self::Either(terms) => (2, terms),
        };
        key.push(begin);
        terms.iter().for_each(|term| term.write_key(key));
        key.push(3);
    }
}

/// What a formula says of a place.
pub(super) struct Described<'s> {
    /// Whether each text, number, boolean or null there is harmless; false if there can be none.
    pub(super) proven: bool,
    pub(super) members: BTreeMap<&'s str, Formula<'s>>,
    pub(super) elements: Formula<'s>,
}

/// Reads schemas.
pub(super) struct Reader<'s> {
    definitions: Vec<&'s Value>,
    work: usize,
}

impl<'s> Reader<'s> {
    pub(super) fn new(definitions: &[&'s Value]) -> Self {
        Self { definitions: definitions.to_vec(), work: 0 }
    }

    /// The place of a whole value.
    pub(super) fn root(&self, key: Key) -> Formula<'s> {
        self.definitions.get(key).map_or(Formula::Nothing, |schema| Formula::Schema(self.resolve(schema)))
    }

    pub(super) fn describe(&mut self, formula: &Formula<'s>) -> Described<'s> {
        self.work = MOST_WORK;
        let facts = self.facts(formula, MOST_DEPTH);
        let (members, elements) = (self.members(formula, MOST_DEPTH), self.elements(formula, MOST_DEPTH));
        Described { proven: facts.is_harmless && facts.types.has_scalar(), members, elements }
    }

    /// Takes one schema's worth of work; the depth that is left, if any is.
    fn deeper(&mut self, depth: usize) -> Option<usize> {
        self.work = self.work.checked_sub(1)?;
        depth.checked_sub(1)
    }

    /// What a schema refers to, if it does nothing else: one schema is one place, however it is reached.
    fn resolve(&self, schema: &'s Value) -> &'s Value {
        let mut at = schema;
        for _ in 0..MOST_DEPTH {
            match at.as_object().filter(|map| map.len() == 1).and_then(|_| self.target(at)) {
                Some(target) => at = target,
                None => break,
            }
        }
        at
    }

    fn target(&self, schema: &'s Value) -> Option<&'s Value> {
        let key: Key = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/s")?.parse().ok()?;
        self.definitions.get(key).copied()
    }

    fn schema(&self, schema: &'s Value) -> Formula<'s> {
        Formula::Schema(self.resolve(schema))
    }

    /// What holds of a value beside the schema's own words.
    fn applied(&self, schema: &'s Value) -> Vec<Formula<'s>> {
        let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
        let mut applied: Vec<_> = self.target(schema).map(|target| self.schema(target)).into_iter().collect();
        applied.extend(list("allOf").map(|branch| self.schema(branch)));
        for key in ["anyOf", "oneOf"] {
            let branches: Vec<_> = list(key).map(|branch| self.schema(branch)).collect();
            if !branches.is_empty() {
                applied.push(Formula::Either(branches));
            }
        }
        applied
    }

    fn facts(&mut self, formula: &Formula<'s>, depth: usize) -> Facts {
        let Some(depth) = self.deeper(depth) else { return Facts::NONE };
        match formula {
            Formula::Nothing => Facts::NONE,
            Formula::Schema(schema) => {
                let applied = self.applied(schema);
                let all = applied.iter().map(|formula| self.facts(formula, depth));
                all.fold(Facts::of(schema), Facts::and)
            }
            Formula::All(terms) => terms.iter().map(|term| self.facts(term, depth)).fold(Facts::NONE, Facts::and),
            Formula::Either(terms) => {
                let mut facts = terms.iter().map(|term| self.facts(term, depth));
                let first = facts.next().unwrap_or(Facts::NONE);
                facts.fold(first, Facts::or)
            }
        }
    }

    /// The alternatives that let a value of this type in.
    fn admitting(&mut self, terms: &[Formula<'s>], types: Types, depth: usize) -> Vec<Formula<'s>> {
        terms.iter().filter(|term| self.facts(term, depth).types.has(types)).cloned().collect()
    }

    fn members(&mut self, formula: &Formula<'s>, depth: usize) -> BTreeMap<&'s str, Formula<'s>> {
        let Some(depth) = self.deeper(depth) else { return BTreeMap::new() };
        match formula {
            Formula::Nothing => BTreeMap::new(),
            Formula::Schema(schema) => {
                let named = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
                let own = named.map(|(name, member)| (name.as_str(), self.schema(member))).collect();
                let applied = self.applied(schema);
                applied.iter().fold(own, |members, formula| meet(members, self.members(formula, depth)))
            }
            Formula::All(terms) => {
                terms.iter().fold(BTreeMap::new(), |members, term| meet(members, self.members(term, depth)))
            }
            Formula::Either(terms) => {
                let terms = self.admitting(terms, Types::OBJECT, depth);
                let mut members = terms.iter().map(|term| self.members(term, depth));
                let first = members.next().unwrap_or_default();
                members.fold(first, join)
            }
        }
    }

    fn elements(&mut self, formula: &Formula<'s>, depth: usize) -> Formula<'s> {
        let Some(depth) = self.deeper(depth) else { return Formula::Nothing };
        match formula {
            Formula::Nothing => Formula::Nothing,
            Formula::Schema(schema) => {
                let first = schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten();
                // Without `items`, those behind the first can be anything.
                let own = schema.get("items").map_or(Formula::Nothing, |items| {
                    Formula::either(first.chain([items]).map(|item| self.schema(item)))
                });
                let applied = self.applied(schema);
                let all = applied.iter().map(|formula| self.elements(formula, depth));
                Formula::all(all.chain([own]))
            }
            Formula::All(terms) => {
                let all: Vec<_> = terms.iter().map(|term| self.elements(term, depth)).collect();
                Formula::all(all)
            }
            Formula::Either(terms) => {
                let terms = self.admitting(terms, Types::ARRAY, depth);
                let all: Vec<_> = terms.iter().map(|term| self.elements(term, depth)).collect();
                Formula::either(all)
            }
        }
    }
}

type Members<'s> = BTreeMap<&'s str, Formula<'s>>;

/// The members where both hold.
fn meet<'s>(mut one: Members<'s>, other: Members<'s>) -> Members<'s> {
    for (name, formula) in other {
        let both = match one.remove(name) {
            Some(known) => Formula::all([known, formula]),
            None => formula,
        };
        one.insert(name, both);
    }
    one
}

/// The members where one of both holds.
fn join<'s>(one: Members<'s>, mut other: Members<'s>) -> Members<'s> {
    let both = one.into_iter().filter_map(|(name, formula)| {
        let joined = Formula::either([formula, other.remove(name)?]);
        Some((name, joined))
    });
    both.collect()
}
