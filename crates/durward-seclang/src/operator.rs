//! Operators: a value in, a verdict out, one file each.
//!
//! [`OperatorName`] is the list of the language's reference; [`Operator`] is one of them with its argument, ready to be
//! asked. What an operator found out beside its verdict is in [`Seen`]; what every value has in which it can find anything
//! is in [`Needs`], which the [`scan`](crate::scan) uses to ask only where it is worth asking.

mod begins_with;
mod compare;
mod contains;
mod contains_word;
mod detect_sqli;
mod detect_xss;
mod ends_with;
mod ip_match;
mod name;
pub(crate) mod needs;
mod outside;
mod pm;
mod rx;
mod seen;
mod str_eq;
#[cfg(test)]
mod testing;
mod validate_byte_range;
mod validate_url_encoding;
mod validate_utf8_encoding;
mod verify;
mod within;

use std::sync::Arc;

pub use self::name::{FileUse, OperatorName};
pub use self::needs::{Clause, Needs};
pub use self::seen::{Outside, Seen};

use self::ip_match::Networks;
use self::pm::Phrases;
use crate::ast::{OperatorSpec, Piece, Settings, Text};
use crate::byteset::ByteSet;
use crate::pattern::{Interner, Pattern};

/// An operator with its argument, compiled.
#[derive(Debug)]
pub struct Operator {
    name: OperatorName,
    argument: Argument,
    kind: Kind,
    needs: Option<Needs>,
}

/// What stands after the name.
#[derive(Debug)]
enum Argument {
    Fixed(Box<[u8]>),
    /// It has macros, so it is given with each question.
    Dynamic,
}

/// What an operator made of its argument. Those that compare it as it stands share one kind.
#[derive(Debug)]
enum Kind {
    Text(TextOperator),
    Constant(bool),
    Compare(Comparison),
    Rx { pattern: Arc<Pattern>, global: bool },
    DynamicRx { global: bool },
    Phrases(Box<Phrases>),
    DynamicPhrases,
    Networks(Networks),
    DynamicNetworks,
    ByteRange(ByteSet),
    Verify { pattern: Arc<Pattern>, is_right: fn(&[u8]) -> bool },
    Value(ValueOperator),
    BlockListed,
    Located,
}

/// An operator on a value and a text.
type TextOperator = fn(&[u8], &[u8], &mut Seen) -> bool;
/// An operator that has no argument.
type ValueOperator = fn(&[u8], &mut Seen) -> bool;
/// Which outcomes of a comparison are yes.
type Comparison = fn(std::cmp::Ordering) -> bool;

impl Operator {
    /// Reads the argument. The error says what is wrong with it, in lower case, without a place.
    ///
    /// # Errors
    /// When the argument is not one that the operator takes, or when the operator cannot exist here.
    pub fn compile(spec: &OperatorSpec, patterns: &mut Interner, settings: &Settings) -> Result<Self, String> {
        let _ = settings;
        let argument = fixed(&spec.argument).map_or(Argument::Dynamic, Argument::Fixed);
        let kind = kind(spec, &argument, patterns)?;
        let needs = needs_of(spec.name, &argument, &kind);
        Ok(Self { name: spec.name, argument, kind, needs })
    }

    /// Which operator it is.
    #[must_use]
    pub const fn name(&self) -> OperatorName {
        self.name
    }

    /// Whether the argument has macros: then [`Operator::evaluate`] wants it expanded.
    #[must_use]
    pub const fn is_dynamic(&self) -> bool {
        matches!(self.argument, Argument::Dynamic)
    }

    /// Whether `value` is what the operator looks for (before any `!`). `argument` is the expanded text of the argument when
    /// [`Operator::is_dynamic`], else not looked at. What it saw is in `seen` afterwards (only as much as
    /// [`Seen::record`] asked for).
    pub fn evaluate(&self, value: &[u8], argument: &[u8], seen: &mut Seen) -> bool {
        seen.clear();
        let text = match &self.argument {
            Argument::Fixed(text) => text,
            Argument::Dynamic => argument,
        };
        match &self.kind {
            Kind::Text(evaluate) => evaluate(value, text, seen),
            Kind::Constant(verdict) => *verdict,
            Kind::Compare(is_yes) => is_yes(compare::compare(value, text)),
            Kind::Rx { pattern, global: false } => rx::evaluate(value, pattern, seen),
            Kind::Rx { pattern, global: true } => rx::evaluate_global(value, pattern, seen),
            Kind::DynamicRx { global } => rx::evaluate_dynamic(value, text, *global, seen),
            Kind::Phrases(phrases) => phrases.evaluate(value, seen),
            Kind::DynamicPhrases => Phrases::of_argument(text).evaluate(value, seen),
            Kind::Networks(networks) => networks.contain(value),
            Kind::DynamicNetworks => Networks::parse(text).is_ok_and(|networks| networks.contain(value)),
            Kind::ByteRange(allowed) => validate_byte_range::evaluate(value, allowed, seen),
            Kind::Verify { pattern, is_right } => verify::evaluate(value, pattern, *is_right, seen),
            Kind::Value(evaluate) => evaluate(value, seen),
            Kind::BlockListed => outside::block_listed(value, text, seen),
            Kind::Located => outside::located(value, seen),
        }
    }

    /// What every value has in which the operator finds something; `None` when nothing can be said (dynamic arguments).
    #[must_use]
    pub const fn needs(&self) -> Option<&Needs> {
        self.needs.as_ref()
    }

    /// Whether [`crate::scan`] can look for it: it depends on nothing but the value, and a value that lacks its needs
    /// cannot match.
    #[must_use]
    pub const fn is_scannable(&self) -> bool {
        self.needs.is_some()
    }

    /// The pattern, for operators that have one.
    #[must_use]
    pub const fn pattern(&self) -> Option<&Arc<Pattern>> {
        match &self.kind {
            Kind::Rx { pattern, .. } | Kind::Verify { pattern, .. } => Some(pattern),
            _ => None,
        }
    }
}

/// The argument, unless it has macros.
fn fixed(argument: &Text) -> Option<Box<[u8]>> {
    let pieces = argument.pieces.iter().map(|piece| match piece {
        Piece::Literal(bytes) => Some(&bytes[..]),
        Piece::Macro(..) => None,
    });
    Some(pieces.collect::<Option<Vec<_>>>()?.concat().into())
}

fn kind(spec: &OperatorSpec, argument: &Argument, patterns: &mut Interner) -> Result<Kind, String> {
    let name = spec.name;
    let data = || spec.data.as_deref().ok_or_else(|| format!("{name} was not given the content of its file"));
    let text = || match argument {
        Argument::Fixed(text) => Ok(text),
        Argument::Dynamic => Err(format!("{name} takes no macros")),
    };
    let refuse = |why: &str| Err(format!("{name} is not supported: {why}"));
    let is_dynamic = matches!(argument, Argument::Dynamic);
    Ok(match name {
        OperatorName::BeginsWith => Kind::Text(begins_with::evaluate),
        OperatorName::Contains | OperatorName::StrMatch => Kind::Text(contains::evaluate),
        OperatorName::ContainsWord => Kind::Text(contains_word::evaluate),
        OperatorName::EndsWith => Kind::Text(ends_with::evaluate),
        OperatorName::StrEq => Kind::Text(str_eq::evaluate),
        OperatorName::Within => Kind::Text(within::evaluate),
        OperatorName::Eq => Kind::Compare(std::cmp::Ordering::is_eq),
        OperatorName::Ge => Kind::Compare(std::cmp::Ordering::is_ge),
        OperatorName::Gt => Kind::Compare(std::cmp::Ordering::is_gt),
        OperatorName::Le => Kind::Compare(std::cmp::Ordering::is_le),
        OperatorName::Lt => Kind::Compare(std::cmp::Ordering::is_lt),
        OperatorName::NoMatch => Kind::Constant(false),
        OperatorName::UnconditionalMatch => Kind::Constant(true),
        OperatorName::Rx | OperatorName::RxGlobal if is_dynamic => {
            Kind::DynamicRx { global: name == OperatorName::RxGlobal }
        }
        OperatorName::Rx => Kind::Rx { pattern: patterns.pattern(text()?)?, global: false },
        OperatorName::RxGlobal => Kind::Rx { pattern: patterns.pattern(text()?)?, global: true },
        OperatorName::Pm if is_dynamic => Kind::DynamicPhrases,
        OperatorName::Pm => Kind::Phrases(Box::new(Phrases::of_argument(text()?))),
        OperatorName::PmFromFile => Kind::Phrases(Box::new(Phrases::of_file(data()?))),
        OperatorName::IpMatch if is_dynamic => Kind::DynamicNetworks,
        OperatorName::IpMatch => Kind::Networks(Networks::parse(text()?)?),
        OperatorName::IpMatchFromFile => Kind::Networks(Networks::parse(data()?)?),
        OperatorName::ValidateByteRange => Kind::ByteRange(validate_byte_range::parse(text()?)?),
        OperatorName::VerifyCc => Kind::Verify { pattern: patterns.pattern(text()?)?, is_right: verify::is_card },
        OperatorName::VerifyCpf => Kind::Verify { pattern: patterns.pattern(text()?)?, is_right: verify::is_cpf },
        OperatorName::VerifySsn => Kind::Verify { pattern: patterns.pattern(text()?)?, is_right: verify::is_ssn },
        OperatorName::VerifySvnr => Kind::Verify { pattern: patterns.pattern(text()?)?, is_right: verify::is_svnr },
        OperatorName::ValidateUrlEncoding => Kind::Value(validate_url_encoding::evaluate),
        OperatorName::ValidateUtf8Encoding => Kind::Value(validate_utf8_encoding::evaluate),
        OperatorName::DetectSqli => Kind::Value(detect_sqli::evaluate),
        OperatorName::DetectXss => Kind::Value(detect_xss::evaluate),
        OperatorName::Rbl => Kind::BlockListed,
        OperatorName::GeoLookup => Kind::Located,
        OperatorName::FuzzyHash => return refuse("values are not compared by similarity"),
        OperatorName::GsbLookup => return refuse("the service that it asked no longer exists"),
        OperatorName::InspectFile => return refuse("no program is started for a request"),
        OperatorName::Rsub => return refuse("content is not rewritten"),
        OperatorName::ValidateDtd => return refuse("document types are never read"),
        OperatorName::ValidateHash => return refuse("links are not signed"),
        OperatorName::ValidateSchema => return refuse("describe the content in the API's contract instead"),
    })
}

/// What a value needs. Nothing is said of operators that say yes to most values, or that are asked about few.
fn needs_of(name: OperatorName, argument: &Argument, kind: &Kind) -> Option<Needs> {
    let class = |set: ByteSet| Needs {
        classes: vec![set],
        minimum: 1,
        alphabets: needs::alphabets(|alphabet| alphabet.intersects(&set)),
        ..Needs::default()
    };
    match (kind, argument) {
        (Kind::Text(_), Argument::Fixed(text)) => match name {
            OperatorName::Within => None,
            OperatorName::StrEq => Some(Needs { maximum: Some(text.len()), ..Needs::text(text) }),
            _ => Some(Needs::text(text)),
        },
        (Kind::Rx { pattern, .. } | Kind::Verify { pattern, .. }, _) => Some(pattern.needs().clone()),
        (Kind::Phrases(phrases), _) => Some(phrases.needs()),
        (Kind::ByteRange(allowed), _) => Some(class(allowed.complement())),
        (Kind::Value(_), _) => Some(match name {
            OperatorName::ValidateUrlEncoding => class(ByteSet::of(b"%")),
            OperatorName::ValidateUtf8Encoding => class(ByteSet::range(0x80, u8::MAX)),
            OperatorName::DetectXss => class(detect_xss::NEEDED),
            OperatorName::DetectSqli => detect_sqli::needs(),
            _ => Needs::default(),
        }),
        _ => None,
    }
}
