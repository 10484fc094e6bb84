//! How one parameter is read and judged.

use std::sync::Arc;

use durward_http::json::{Document, Limits};
use serde_json::Value;
use smallvec::SmallVec;

use super::pairs::{Pairs, deep_object};
use super::scalar::Scalar;
use super::text::{Encoding, Reading, Separator, decode};
use crate::schema::{Additional, Check, Forest, Instance, Key, Shape, Types};
use crate::{In, Violation};

/// The plan of one parameter.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: Arc<str>,
    pub(crate) place: In,
    pub(crate) required: bool,
    pub(crate) allow_empty: bool,
    pub(crate) style: Style,
    pub(crate) explode: bool,
    pub(crate) shape: Shape,
    pub(crate) test: Test,
    /// What its values are in the [`Forest`], if they are held to a schema.
    pub(crate) proof: Option<Key>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    Space,
    Pipe,
    Deep,
    /// `content` with a JSON media type.
    Json,
    /// `content` with another media type: text as it is.
    Opaque,
}

/// What a value is held to.
#[derive(Debug)]
pub(crate) enum Test {
    Anything,
    Scalar(Scalar),
    Schema(Check),
}

/// JSON in a parameter has at most so much of everything.
const JSON_LIMITS: Limits = Limits {
    bytes: 64 << 10,
    depth: 32,
    nodes: 4_096,
    members: 1_024,
    elements: 1_024,
    string_bytes: 16 << 10,
    name_bytes: 256,
    digits: 100,
    exponent: 308,
    allow_nul: false,
};

impl Plan {
    /// Takes up query parameters that nobody names.
    pub(crate) fn is_open(&self) -> bool {
        self.is_spread() && matches!(self.shape.additional, Additional::Allowed(_))
    }

    /// An object whose members are pairs of their own.
    fn is_spread(&self) -> bool {
        self.style == Style::Form
            && self.explode
            && self.shape.types.has(Types::OBJECT)
            && self.shape.types != Types::ANY
            && !self.shape.types.has_scalar()
    }

    /// Whether several header lines may be one value.
    pub(super) fn takes_lists(&self) -> bool {
        self.is_list() && self.style == Style::Simple
    }

    fn is_list(&self) -> bool {
        self.shape.types.has(Types::ARRAY) && self.shape.types != Types::ANY
    }

    fn is_object(&self) -> bool {
        self.shape.types.has(Types::OBJECT) && self.shape.types != Types::ANY
    }

    fn has_scalar(&self) -> bool {
        self.shape.types.has_scalar()
    }

    /// Whether the text of a parameter that passed is harmless.
    pub(crate) fn is_proven(&self, forest: &Forest) -> bool {
        // Of objects, the names too come from the caller. `|` between items that are harmless is not.
        let as_it_stands = matches!(self.style, Style::Form | Style::Simple | Style::Space) && !self.is_object();
        let place = self.proof.and_then(|key| forest.root(key));
        as_it_stands && place.is_some_and(|place| self.shape.is_proven(forest, place))
    }

    /// The place in words.
    pub(crate) fn place(&self) -> String {
        match self.place {
            In::Cookie => format!("cookie \"{}\"", self.name),
            place => format!("{} parameter \"{}\"", place.as_str(), self.name),
        }
    }

    /// Judges a parameter that is not there.
    pub(crate) fn absent(&self, found: &mut Vec<Violation>) {
        if self.required {
            found.push(Violation::missing(self.place(), self.words()));
        }
    }

    /// What is expected, in words.
    fn words(&self) -> String {
        match &self.test {
            Test::Scalar(scalar) => scalar.words().to_owned(),
            _ if self.style == Style::Json => "JSON as the contract describes it".to_owned(),
            _ if self.is_list() => "an array as the contract describes it".to_owned(),
            _ if self.is_object() => "an object as the contract describes it".to_owned(),
            Test::Anything => "a value".to_owned(),
            Test::Schema(_) => "a value as the contract describes it".to_owned(),
        }
    }

    /// Judges one text.
    pub(crate) fn text(&self, raw: &str, encoding: Encoding, found: &mut Vec<Violation>) {
        match (&self.style, &self.test) {
            (Style::Json, test) => self.json(raw, encoding, test, found),
            (Style::Opaque, _) => {}
            (_, Test::Scalar(scalar)) => {
                let text = self.bare(raw).and_then(|raw| decode(raw, encoding));
                if !text.is_some_and(|text| scalar.accepts(&text)) {
                    found.push(Violation::invalid(self.place(), scalar.words()));
                }
            }
            (_, Test::Anything) if self.bare(raw).and_then(|raw| decode(raw, encoding)).is_some() => {}
            (_, Test::Anything) => found.push(Violation::invalid(self.place(), self.words())),
            (_, Test::Schema(check)) => {
                self.first_valid(check, |reading| self.single(raw, reading), encoding, found);
            }
        }
    }

    /// Judges the pairs of a query, of cookies or of a form that belong to the parameter.
    pub(crate) fn pairs(&self, pairs: &mut Pairs<'_>, found: &mut Vec<Violation>) {
        if self.style == Style::Deep {
            return self.deep(pairs, found);
        }
        if self.is_spread() {
            return self.spread(pairs, found);
        }
        let values = pairs.take(&self.name);
        match values.as_slice() {
            [] => self.absent(found),
            [""] if self.allow_empty => {}
            _ if self.explode && self.is_list() && self.style != Style::Json => {
                let Test::Schema(check) = &self.test else { return };
                let single = if let [one] = values.as_slice() { self.has_scalar().then_some(*one) } else { None };
                let read = |reading: Reading| {
                    let scalar = single.and_then(|one| reading.scalar(one, self.shape.types));
                    let list = reading.array(values.iter().copied(), &self.shape);
                    scalar.into_iter().chain(list).collect()
                };
                self.first_valid(check, read, pairs.encoding(), found);
            }
            [one] => self.text(one, pairs.encoding(), found),
            _ => found.push(Violation::invalid(self.place(), "one value, not several")),
        }
    }

    fn deep(&self, pairs: &mut Pairs<'_>, found: &mut Vec<Violation>) {
        let members = pairs.take_deep(&self.name);
        if members.is_empty() {
            // Where the schema also allows plain values, they are written as usual.
            let values = if self.has_scalar() { pairs.take(&self.name) } else { SmallVec::new() };
            return match values.as_slice() {
                [] => self.absent(found),
                [one] => self.text(one, pairs.encoding(), found),
                _ => found.push(Violation::invalid(self.place(), "one value, not several")),
            };
        }
        if let Test::Schema(check) = &self.test {
            let read = |reading: Reading| deep_object(&members, &self.shape, reading).into_iter().collect();
            self.first_valid(check, read, pairs.encoding(), found);
        }
    }

    fn spread(&self, pairs: &mut Pairs<'_>, found: &mut Vec<Violation>) {
        let mut members: Vec<(String, Vec<String>)> = Vec::new();
        let encoding = pairs.encoding();
        for (name, _) in &self.shape.properties {
            let values = pairs.take(name);
            if !values.is_empty() {
                members.push((name.clone(), values.iter().map(|value| (*value).to_owned()).collect()));
            }
        }
        if self.is_open() {
            for (name, value) in pairs.take_rest() {
                match members.iter_mut().find(|(known, _)| **known == *name) {
                    Some((_, values)) => values.push(value.to_owned()),
                    None => members.push((name.into_owned(), vec![value.to_owned()])),
                }
            }
        }
        if members.is_empty() {
            return self.absent(found);
        }
        let Test::Schema(check) = &self.test else { return };
        let read = |reading: Reading| {
            let member = |(name, values): &(String, Vec<String>)| {
                let any = Shape::any();
                let shape = self.shape.property(name).unwrap_or(&any);
                let is_list = shape.types.has(Types::ARRAY) && shape.types != Types::ANY;
                let value = match values.as_slice() {
                    [one] if !is_list => reading.scalar(one, shape.types),
                    _ if is_list => reading.array(values.iter().map(String::as_str), shape),
                    _ => None,
                };
                Some((name.clone(), value?))
            };
            members.iter().map(member).collect::<Option<_>>().map(Value::Object).into_iter().collect()
        };
        self.first_valid(check, read, encoding, found);
    }

    /// Text without what the style puts before it.
    fn bare<'r>(&self, raw: &'r str) -> Option<&'r str> {
        match self.style {
            Style::Label => raw.strip_prefix('.'),
            Style::Matrix => {
                let rest = raw.strip_prefix(';')?.strip_prefix(&*self.name)?;
                if rest.is_empty() { Some(rest) } else { rest.strip_prefix('=') }
            }
            _ => Some(raw),
        }
    }

    /// The values that one text may mean, the most specific first.
    fn single(&self, raw: &str, reading: Reading) -> Vec<Value> {
        let mut values = Vec::new();
        if self.has_scalar() || self.shape.types == Types::ANY {
            values.extend(self.bare(raw).and_then(|raw| reading.scalar(raw, self.shape.types)));
        }
        if self.is_list() {
            values.extend(self.list(raw, reading));
        }
        if self.is_object() {
            values.extend(self.object(raw, reading));
        }
        values
    }

    fn list(&self, raw: &str, reading: Reading) -> Option<Value> {
        match (self.style, self.explode) {
            (Style::Label, true) => reading.list(raw.strip_prefix('.')?, Separator::Dot, &self.shape),
            (Style::Matrix, true) => {
                let parts = Separator::Semicolon.cut(raw.strip_prefix(';')?, reading.encoding);
                let named = |part: &'_ str| part.strip_prefix(&*self.name)?.strip_prefix('=').map(str::to_owned);
                let parts: Vec<String> = parts.into_iter().map(named).collect::<Option<_>>()?;
                reading.array(parts.iter().map(String::as_str), &self.shape)
            }
            _ => reading.list(self.bare(raw)?, self.separator(), &self.shape),
        }
    }

    fn object(&self, raw: &str, reading: Reading) -> Option<Value> {
        let (text, separator) = match (self.style, self.explode) {
            (Style::Label, true) => (raw.strip_prefix('.')?, Separator::Dot),
            (Style::Matrix, true) => (raw.strip_prefix(';')?, Separator::Semicolon),
            _ => (self.bare(raw)?, self.separator()),
        };
        let parts = separator.cut(text, reading.encoding);
        let assigned = self.explode && matches!(self.style, Style::Simple | Style::Label | Style::Matrix);
        if assigned { reading.assigned(&parts, &self.shape) } else { reading.alternating(&parts, &self.shape) }
    }

    const fn separator(&self) -> Separator {
        match self.style {
            Style::Space => Separator::Space,
            Style::Pipe => Separator::Pipe,
            _ => Separator::Comma,
        }
    }

    fn json(&self, raw: &str, encoding: Encoding, test: &Test, found: &mut Vec<Violation>) {
        let document = decode(raw, encoding).and_then(|text| Document::parse(text.into_owned(), &JSON_LIMITS).ok());
        match (document, test) {
            (None, _) => found.push(Violation::invalid(self.place(), "JSON")),
            (Some(document), Test::Schema(check)) => {
                found.extend(check.violations(Instance::Json(document.root()), &self.place()));
            }
            (Some(_), _) => {}
        }
    }

    /// Accepts the first of the values that the schema accepts; else tells what is wrong with the first of all.
    fn first_valid(
        &self,
        check: &Check,
        read: impl Fn(Reading) -> Vec<Value>,
        encoding: Encoding,
        found: &mut Vec<Violation>,
    ) {
        let mut first: Option<Value> = None;
        for guess in [true, false] {
            for value in read(Reading { encoding, guess }) {
                if check.is_valid(Instance::Built(&value)) {
                    return;
                }
                first.get_or_insert(value);
            }
        }
        match first {
            Some(value) => found.extend(check.violations(Instance::Built(&value), &self.place())),
            None => found.push(Violation::invalid(self.place(), self.words())),
        }
    }
}
