//! Rules while they are read: what each link says, before defaults and updates are merged into it.

use std::sync::Arc;

use super::action::Action;
use crate::ast::{Condition, Phase, Place, RuleId, Text};

/// What stands in the sequence of rules.
#[derive(Debug)]
pub(super) enum Entry {
    Rule(Box<Draft>),
    Marker(Box<str>),
}

/// A rule that is not merged yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub id: RuleId,
    pub phase: Phase,
    /// The `SecDefaultAction` that applies to it.
    pub defaults: Arc<[Action]>,
    /// The head first.
    pub links: Vec<DraftLink>,
}

/// One link.
#[derive(Debug)]
pub(super) struct DraftLink {
    pub place: Place,
    pub condition: Option<Condition>,
    pub actions: Vec<Action>,
}

impl Draft {
    /// The actions of the head.
    pub(super) fn head(&self) -> &[Action] {
        self.links.first().map_or(&[], |link| link.actions.as_slice())
    }

    /// Its tags, those of `SecDefaultAction` among them.
    pub(super) fn tags(&self) -> impl Iterator<Item = &Text> {
        self.defaults.iter().chain(self.head()).filter_map(|action| match action {
            Action::Tag(tag) => Some(tag),
            _ => None,
        })
    }

    /// The messages of its links.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Text> {
        self.links.iter().flat_map(|link| &link.actions).filter_map(|action| match action {
            Action::Message(message) => Some(message),
            _ => None,
        })
    }
}
