//! Operators: a value in, a verdict out, one file each.
//!
//! [`OperatorName`] is the list of the language's reference; [`Operator`] is one of them with its argument, ready to be
//! asked. What an operator found out beside its verdict is in [`Seen`].

mod name;
pub(crate) mod needs;
mod seen;

pub use self::name::{FileUse, OperatorName};
pub use self::needs::Needs;
pub use self::seen::{Outside, Seen};

use crate::ast::{OperatorSpec, Settings};
use crate::pattern::Interner;

/// An operator with its argument, compiled.
#[derive(Debug)]
pub struct Operator {
    name: OperatorName,
    dynamic: bool,
}

impl Operator {
    /// Reads the argument. The error says what is wrong with it, in lower case, without a place.
    ///
    /// # Errors
    /// When the argument is not one that the operator takes, or when the operator cannot exist here.
    pub fn compile(spec: &OperatorSpec, patterns: &mut Interner, settings: &Settings) -> Result<Self, String> {
        let _ = (patterns, settings);
        Ok(Self {
            name: spec.name,
            dynamic: spec.argument.pieces.iter().any(|piece| matches!(piece, crate::ast::Piece::Macro(..))),
        })
    }

    /// Which operator it is.
    #[must_use]
    pub const fn name(&self) -> OperatorName {
        self.name
    }

    /// Whether the argument has macros: then [`Operator::evaluate`] wants it expanded.
    #[must_use]
    pub const fn is_dynamic(&self) -> bool {
        self.dynamic
    }

    /// Whether `value` is what the operator looks for (before any `!`). `argument` is the expanded text of the argument when
    /// [`Operator::is_dynamic`], else not looked at. What it saw is in `seen` afterwards (only as much as
    /// [`Seen::record`] asked for).
    pub fn evaluate(&self, value: &[u8], argument: &[u8], seen: &mut Seen) -> bool {
        let _ = (value, argument);
        seen.clear();
        false
    }

    /// What every value has in which the operator finds something; `None` when nothing can be said (dynamic arguments).
    #[must_use]
    pub fn needs(&self) -> Option<&Needs> {
        None
    }

    /// Whether [`crate::scan`] can look for it: it depends on nothing but the value, and a value that lacks its needs
    /// cannot match.
    #[must_use]
    pub fn is_scannable(&self) -> bool {
        self.needs().is_some()
    }
}
