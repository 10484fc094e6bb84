//! Text with macros, compiled.

use super::selection::Selected;
use super::tx::{TxKey, TxKeys};
use crate::ast::{Piece, Selector, Text, Variable};

/// Text with macros, compiled. [`State::expand`](super::State::expand) writes it out.
#[derive(Debug, Clone, Default)]
pub struct Template {
    pub(super) parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Literal(Box<[u8]>),
    Tx(TxKey),
    Variable(Box<Selected>),
}

/// What `RULE` has members for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleField {
    /// `id`.
    Id,
    /// `rev`.
    Revision,
    /// `severity`.
    Severity,
    /// `logdata`.
    LogData,
    /// `msg`.
    Message,
}

impl RuleField {
    /// All, in the order in which `RULE` gives them.
    pub(super) const ALL: [Self; 5] = [Self::Id, Self::Revision, Self::Severity, Self::LogData, Self::Message];

    pub(super) const fn name(self) -> &'static [u8] {
        match self {
            Self::Id => b"id",
            Self::Revision => b"rev",
            Self::Severity => b"severity",
            Self::LogData => b"logdata",
            Self::Message => b"msg",
        }
    }
}

/// What `RULE` is for the rule that runs.
#[derive(Debug, Clone, Default)]
pub struct RuleFields {
    /// `RULE:id`.
    pub id: u64,
    /// `RULE:rev`.
    pub revision: Option<Box<str>>,
    /// `RULE:severity`.
    pub severity: Option<u8>,
    /// `RULE:msg`.
    pub message: Option<Template>,
    /// `RULE:logdata`.
    pub log_data: Option<Template>,
}

impl Template {
    /// Compiles a text. Keys of `TX` are interned in `keys`.
    ///
    /// # Errors
    ///
    /// When a macro has a key and its variable has no members.
    pub fn compile(text: &Text, keys: &mut TxKeys) -> Result<Self, String> {
        let part = |piece: &Piece| {
            Ok(match piece {
                Piece::Literal(bytes) => Part::Literal(bytes.clone()),
                Piece::Macro(Variable::Tx, Some(key)) => Part::Tx(keys.intern(key.as_bytes())),
                Piece::Macro(variable, None) => Part::Variable(Box::new(Selected::all(*variable))),
                Piece::Macro(variable, Some(key)) => {
                    Part::Variable(Box::new(Selected::compile(*variable, &Selector::Key(key.clone()), keys)?))
                }
            })
        };
        Ok(Self { parts: text.pieces.iter().map(part).collect::<Result<_, String>>()? })
    }

    /// A text without macros.
    #[must_use]
    pub fn literal(bytes: &[u8]) -> Self {
        Self { parts: vec![Part::Literal(bytes.into())] }
    }

    /// The text, if it has no macros.
    #[must_use]
    pub fn as_literal(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(b""),
            [Part::Literal(bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// The one member of `TX` that it stands for, if it is nothing else.
    #[must_use]
    pub fn as_tx(&self) -> Option<TxKey> {
        match self.parts.as_slice() {
            [Part::Tx(key)] => Some(*key),
            _ => None,
        }
    }

    /// The members of `TX` that it names.
    pub fn tx_keys(&self) -> impl Iterator<Item = TxKey> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Tx(key) => Some(*key),
            _ => None,
        })
    }

    /// The variables that it names, but for members of `TX` with a key.
    pub fn variables(&self) -> impl Iterator<Item = &Selected> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(selected) => Some(&**selected),
            Part::Literal(_) | Part::Tx(_) => None,
        })
    }

    /// The text, if it has no other macros than of members of `TX` that `value` knows.
    #[must_use]
    pub fn known(&self, mut value: impl FnMut(TxKey, &mut Vec<u8>) -> bool) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(bytes) => text.extend_from_slice(bytes),
                Part::Tx(key) if value(*key, &mut text) => {}
                Part::Tx(_) | Part::Variable(_) => return None,
            }
        }
        Some(text)
    }

    /// What every text begins with.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Literal(bytes)) => bytes,
            _ => b"",
        }
    }
}
