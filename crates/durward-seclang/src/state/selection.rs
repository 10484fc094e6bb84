//! Targets, compiled: a variable and which of its members are meant.

use regex_automata::meta::Regex;

use super::tx::{TxKey, TxKeys};
use super::value::ValueRef;
use crate::ast::{Selector, Variable};

/// A variable and which of its members are meant.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The variable.
    pub variable: Variable,
    pub(super) choice: Choice,
}

/// Which members are meant.
#[derive(Debug, Clone)]
pub(super) enum Choice {
    /// All.
    All,
    /// Those of this name, in lower case.
    Key(Box<[u8]>),
    /// This member of `TX`.
    Slot(TxKey),
    /// Those whose name the pattern finds, without regard to case.
    Pattern(Box<Regex>),
}

impl Selected {
    /// All members of a variable.
    #[must_use]
    pub const fn all(variable: Variable) -> Self {
        Self { variable, choice: Choice::All }
    }

    /// Compiles a target. Keys of `TX` are interned in `keys`.
    ///
    /// # Errors
    ///
    /// When the pattern is none, when the XPath expression is another than `/*` and `//@*`, when a variable that is no
    /// collection has a key.
    pub fn compile(variable: Variable, selector: &Selector, keys: &mut TxKeys) -> Result<Self, String> {
        let choice = match selector {
            Selector::All => Choice::All,
            _ if !variable.is_collection() => return Err(format!("`{}` is no collection", variable.name())),
            Selector::Key(key) if variable == Variable::Tx => Choice::Slot(keys.intern(key.as_bytes())),
            Selector::Key(key) => Choice::Key(key.to_ascii_lowercase().into_bytes().into()),
            Selector::Pattern(pattern) => Choice::Pattern(Box::new(compile_pattern(pattern)?)),
            Selector::XPath(path) => match &**path {
                // XML is stored under these two names; see `content`.
                "/*" | "//text()" | "//@*" => Choice::Key(path.as_bytes().into()),
                other => return Err(format!("XPath `{other}` is not supported, only `/*`, `//text()` and `//@*` are")),
            },
        };
        Ok(Self { variable, choice })
    }

    /// The one member of `TX` that is meant, if it is one.
    #[must_use]
    pub const fn tx_key(&self) -> Option<TxKey> {
        match &self.choice {
            Choice::Slot(key) => Some(*key),
            Choice::All | Choice::Key(_) | Choice::Pattern(_) => None,
        }
    }

    /// The variables under which the values are stored: `ARGS` are those of the query string and those of the content.
    #[must_use]
    pub const fn homes(&self) -> &'static [Variable] {
        homes(self.variable)
    }

    /// Whether a stored value is one of these, by the variable it is stored under and its name. For hits of the scan.
    #[must_use]
    pub fn takes(&self, home: Variable, name: &[u8]) -> bool {
        self.homes().contains(&home) && self.selects(name)
    }

    /// Whether a value that was found for another target is one of these. For exclusions.
    #[must_use]
    pub fn covers(&self, value: &ValueRef<'_>) -> bool {
        self.variable == value.variable
            && match &self.choice {
                Choice::Slot(key) => value.handle == super::Handle::Tx(key.0),
                _ => self.selects(value.name),
            }
    }

    /// Whether a member of this name is meant.
    pub(super) fn selects(&self, name: &[u8]) -> bool {
        match &self.choice {
            Choice::All => true,
            Choice::Key(key) => name.eq_ignore_ascii_case(key),
            // Asked by number only.
            Choice::Slot(_) => false,
            Choice::Pattern(pattern) => pattern.is_match(name),
        }
    }
}

/// The variables under which the values of a variable are stored.
#[must_use]
pub const fn homes(variable: Variable) -> &'static [Variable] {
    match variable {
        Variable::Args => &[Variable::ArgsGet, Variable::ArgsPost],
        Variable::ArgsNames => &[Variable::ArgsGetNames, Variable::ArgsPostNames],
        other => itself(other),
    }
}

/// A slice of the one variable, out of the list of all.
const fn itself(variable: Variable) -> &'static [Variable] {
    let (_, rest) = Variable::ALL.split_at(variable as usize);
    match rest.split_at_checked(1) {
        Some((first, _)) => first,
        None => &[],
    }
}

/// Why a pattern is none, without the drawing that the message of its parser is.
fn reason(error: &regex_automata::meta::BuildError) -> String {
    match error.syntax_error() {
        Some(regex_syntax::Error::Parse(error)) => error.kind().to_string(),
        Some(regex_syntax::Error::Translate(error)) => error.kind().to_string(),
        _ => error.to_string(),
    }
}

/// Selector patterns find anywhere in a name and do not care for case, as in `ModSecurity` v3.
fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    let syntax = regex_automata::util::syntax::Config::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .case_insensitive(true);
    let thompson = regex_automata::nfa::thompson::Config::new().utf8(false).nfa_size_limit(Some(1 << 20));
    let _ = thompson;
    Regex::builder()
        .syntax(syntax)
        .configure(Regex::config().utf8_empty(false))
        .build(pattern)
        .map_err(|error| format!("`{pattern}` is no pattern: {}", reason(&error)))
}
