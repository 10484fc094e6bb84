//! Names with values, as queries, cookies and forms have them.

use std::borrow::Cow;

use durward_http::Query;
use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::text::{Encoding, Reading, decode};
use crate::schema::{Shape, Types};

/// All pairs, and which of them are accounted for.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    list: Vec<Pair<'a>>,
    encoding: Encoding,
}

#[derive(Debug)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: &'a str,
    used: bool,
}

/// A member of a deep object: where it belongs, and its text.
pub(crate) struct DeepMember<'a> {
    path: Vec<String>,
    value: &'a str,
}

/// A place in a deep object may be this deep.
const MOST_DEPTH: usize = 8;

impl<'a> Pairs<'a> {
    /// The pairs of a query.
    pub(crate) fn of_query(query: &'a Query) -> Self {
        // The query was checked, so its names decode.
        let pair = |pair: durward_http::Pair<'a>| Pair {
            name: decode(pair.name, Encoding::Query).unwrap_or(Cow::Borrowed(pair.name)),
            value: pair.value,
            used: false,
        };
        Self { list: query.pairs().map(pair).collect(), encoding: Encoding::Query }
    }

    /// Pairs that are decoded already.
    pub(crate) fn decoded(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pair = |(name, value)| Pair { name: Cow::Borrowed(name), value, used: false };
        Self { list: pairs.into_iter().map(pair).collect(), encoding: Encoding::Plain }
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The values of a name.
    pub(crate) fn take(&mut self, name: &str) -> SmallVec<[&'a str; 2]> {
        let mut values = SmallVec::new();
        for pair in self.list.iter_mut().filter(|pair| pair.name == name) {
            pair.used = true;
            values.push(pair.value);
        }
        values
    }

    /// Everything not accounted for yet, decoded.
    pub(crate) fn take_rest(&mut self) -> Vec<(Cow<'a, str>, &'a str)> {
        let rest = self.list.iter_mut().filter(|pair| !pair.used);
        rest.map(|pair| {
            pair.used = true;
            (pair.name.clone(), pair.value)
        })
        .collect()
    }

    /// The names not accounted for, each once.
    pub(crate) fn unused(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for pair in self.list.iter().filter(|pair| !pair.used) {
            if !names.contains(&&*pair.name) {
                names.push(&pair.name);
            }
        }
        names
    }

    /// What is written `name[a][b]=value`.
    pub(crate) fn take_deep(&mut self, name: &str) -> Vec<DeepMember<'a>> {
        let mut members = Vec::new();
        for pair in self.list.iter_mut().filter(|pair| !pair.used) {
            if let Some(path) = pair.name.strip_prefix(name).and_then(brackets) {
                pair.used = true;
                members.push(DeepMember { path, value: pair.value });
            }
        }
        members
    }
}

/// `[a][b]` as a path.
fn brackets(text: &str) -> Option<Vec<String>> {
    let mut path = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (key, tail) = rest.strip_prefix('[')?.split_once(']')?;
        path.push(key.to_owned());
        rest = tail;
    }
    (!path.is_empty() && path.len() <= MOST_DEPTH).then_some(path)
}

/// The object that deep members make. Nothing where they contradict each other.
pub(crate) fn deep_object(members: &[DeepMember<'_>], shape: &Shape, reading: Reading) -> Option<Value> {
    let borrowed: Vec<(&[String], &str)> =
        members.iter().map(|member| (member.path.as_slice(), member.value)).collect();
    deep(&borrowed, shape, reading)
}

fn deep(members: &[(&[String], &str)], shape: &Shape, reading: Reading) -> Option<Value> {
    // What is written directly at this place.
    let here: Vec<&str> = members.iter().filter(|(path, _)| path.is_empty()).map(|(_, value)| *value).collect();
    if !here.is_empty() {
        if here.len() < members.len() {
            return None;
        }
        return match here.as_slice() {
            [one] if !shape.types.has(Types::ARRAY) || shape.types == Types::ANY => reading.scalar(one, shape.types),
            _ if shape.types.has(Types::ARRAY) => reading.array(here.iter().copied(), shape),
            _ => None,
        };
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (path, value) in members {
        let (first, rest) = path.split_first()?;
        match groups.iter_mut().find(|(name, _)| name == first) {
            Some((_, group)) => group.push((rest, value)),
            None => groups.push((first, vec![(rest, value)])),
        }
    }
    let is_list = shape.types.has(Types::ARRAY) && !shape.types.has(Types::OBJECT);
    if is_list { list(&groups, shape, reading) } else { object(&groups, shape, reading) }
}

/// What is written below one name.
type Group<'g> = (&'g str, Vec<(&'g [String], &'g str)>);

fn object(groups: &[Group<'_>], shape: &Shape, reading: Reading) -> Option<Value> {
    let any = Shape::any();
    let mut map = Map::new();
    for (name, group) in groups {
        let shape = shape.property(name).unwrap_or(&any);
        map.insert((*name).to_owned(), deep(group, shape, reading)?);
    }
    Some(Value::Object(map))
}

/// `name[]=a&name[]=b` or `name[0]=a&name[1]=b`.
fn list(groups: &[Group<'_>], shape: &Shape, reading: Reading) -> Option<Value> {
    let any = Shape::any();
    let items = shape.items.as_deref().unwrap_or(&any);
    if let [("", group)] = groups {
        return reading
            .array(group.iter().map(|(_, value)| *value), shape)
            .filter(|_| group.iter().all(|(path, _)| path.is_empty()));
    }
    let numbered = groups.iter().enumerate().all(|(at, (name, _))| name.parse() == Ok(at));
    if !numbered {
        return None;
    }
    groups.iter().map(|(_, group)| deep(group, items, reading)).collect()
}
