//! `SecRule`, `SecAction`, `SecMarker` and `SecDefaultAction`.

use std::sync::Arc;

use super::action::{self, Action, Kind};
use super::draft::{Draft, DraftLink, Entry};
use super::source::Site;
use super::value::utf8;
use super::{Loader, OpenChain, one};
use crate::ast::{Condition, OperatorSpec, Phase, Place, Role, RuleId};
use crate::operator::{FileUse, OperatorName};
use crate::syntax::{Fault, Unknown, Word, actions, operator, shown, target_list, text};

impl Loader<'_> {
    /// `SecRule TARGETS "OPERATOR" "ACTIONS"`.
    pub(super) fn rule(&mut self, site: &Site<'_>, arguments: &[Word<'_>]) -> Result<(), Fault> {
        let (targets, operator, actions) = match arguments {
            [targets, operator] => (targets, operator, None),
            [targets, operator, actions] => (targets, operator, Some(actions)),
            [] | [_] => return Err(Fault::new(0, "targets and an operator are needed")),
            [_, _, _, more, ..] => {
                let message = format!("`{}` after the actions: are quotes missing?", shown(more.raw));
                return Err(Fault::new(more.at, message));
            }
        };
        let condition = self.condition(site, targets, operator);
        let actions = self.actions(site, actions);
        self.add_link(site, condition, actions);
        Ok(())
    }

    /// `SecAction "ACTIONS"`.
    pub(super) fn action(&mut self, site: &Site<'_>, arguments: &[Word<'_>]) -> Result<(), Fault> {
        let actions = self.actions(site, Some(one(arguments)?));
        self.add_link(site, None, actions);
        Ok(())
    }

    /// `SecMarker NAME`.
    pub(super) fn marker(&mut self, arguments: &[Word<'_>]) -> Result<(), Fault> {
        let name = one(arguments)?;
        if name.raw.is_empty() {
            return Err(Fault::new(name.at, "a name is missing"));
        }
        self.entries.push(Entry::Marker(utf8(&name.text()).map_err(|message| Fault::new(name.at, message))?));
        Ok(())
    }

    /// `SecDefaultAction "ACTIONS"`.
    pub(super) fn default_action(&mut self, site: &Site<'_>, arguments: &[Word<'_>]) -> Result<(), Fault> {
        let word = one(arguments)?;
        let actions = self.actions(site, Some(word));
        if actions.broken {
            return Ok(());
        }
        let mut phase = None;
        let mut disruptive = false;
        for (kind, action) in &actions.list {
            if let Action::Phase(named) = action {
                phase = Some(*named);
            }
            disruptive |= kind.is_disruptive();
            if *kind == Kind::Block {
                return Err(Fault::new(word.at, "`block` stands for what is said here: name what happens"));
            }
            if !kind.is_for_defaults() || matches!(action, Action::NoTransformation) {
                let what = if matches!(action, Action::NoTransformation) { "t:none" } else { kind.name() };
                return Err(Fault::new(word.at, format!("`{what}` cannot be a default")));
            }
        }
        let phase = phase.ok_or_else(|| Fault::new(word.at, "a phase is missing"))?;
        if !disruptive {
            return Err(Fault::new(word.at, "say what happens on a match: pass, deny, drop or redirect"));
        }
        let actions = actions.into_list().into_iter().filter(|action| !matches!(action, Action::Phase(_)));
        if self.defaults.insert(phase, actions.collect()).is_some() {
            return Err(Fault::new(word.at, format!("phase {} has its defaults already", phase as u8)));
        }
        Ok(())
    }

    fn condition(&mut self, site: &Site<'_>, targets: &Word<'_>, operator_word: &Word<'_>) -> Option<Condition> {
        let found = target_list(&targets.text()).and_then(|found| {
            let looks = found.iter().any(|target| target.role != Role::Exclude);
            if looks { Ok(found) } else { Err(Fault::new(0, "only exclusions: nothing is looked at")) }
        });
        let found = self.checked(site, targets, found);
        let operator_text = operator_word.text();
        let parsed = operator(&operator_text);
        let raw = self.checked(site, operator_word, parsed)?;
        let unknown = match raw.name {
            OperatorName::Rx | OperatorName::RxGlobal => Unknown::Literal,
            _ => Unknown::Refuse,
        };
        let argument = text(raw.argument, unknown).map_err(|fault| fault.shifted(raw.at));
        let argument = self.checked(site, operator_word, argument)?;
        let data = match raw.name.files() {
            FileUse::None => None,
            FileUse::Data => {
                let data = self.data(site, raw.name, raw.argument).map_err(|message| Fault::new(raw.at, message));
                Some(self.checked(site, operator_word, data)?)
            }
        };
        let operator = OperatorSpec { name: raw.name, argument, data };
        Some(Condition { targets: found?, negated: raw.negated, operator })
    }

    /// Reads actions and reports what is wrong with each.
    pub(super) fn actions(&mut self, site: &Site<'_>, word: Option<&Word<'_>>) -> Actions {
        let Some(word) = word else {
            return Actions::default();
        };
        let list = word.text();
        let Some(raw) = self.checked(site, word, actions(&list)) else {
            return Actions { list: Vec::new(), broken: true };
        };
        let mut found = Actions { list: Vec::with_capacity(raw.len()), broken: false };
        // The kinds that may not come again: few, however long the list is.
        let mut taken: Vec<Kind> = Vec::new();
        for raw in &raw {
            let parsed = action::kind(raw).and_then(|kind| {
                if let Some(other) = taken.iter().find(|other| kind.excludes(**other)) {
                    return Err(Fault::new(
                        raw.at,
                        format!("`{}` after `{}`: only one is possible", kind.name(), other.name()),
                    ));
                }
                if kind.is_single() || kind.is_disruptive() {
                    taken.push(kind);
                }
                action::action(kind, raw).map(|action| (kind, action))
            });
            let parsed = self.checked(site, word, parsed);
            found.broken |= parsed.is_none();
            found.list.extend(parsed);
        }
        found
    }

    /// Reports a fault of an argument, and goes on without it.
    fn checked<T>(&mut self, site: &Site<'_>, word: &Word<'_>, result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            // To find the line costs as much as reading the argument; not for what is not listed any more.
            Err(_) if self.is_full() => None,
            Err(fault) => {
                self.error(site.place(word.origin(fault.at)), fault.message);
                None
            }
        }
    }

    /// Adds a link to the chain that is open, or begins a rule.
    fn add_link(&mut self, site: &Site<'_>, condition: Option<Condition>, actions: Actions) {
        let place = site.place(0);
        let numbered = actions.list.iter().any(|(kind, _)| *kind == Kind::Id);
        let mut open = self.open_chain.take();
        if let Some(chain) = open.take_if(|_| numbered)
            && !chain.broken
        {
            let message =
                format!("a rule with a number of its own, but the chain that begins at {} is open", chain.start);
            self.error(place.clone(), message);
        }
        if actions.list.iter().any(|(kind, _)| *kind == Kind::Chain) {
            let start = open.as_ref().map_or_else(|| place.clone(), |chain| chain.start.clone());
            self.open_chain = Some(OpenChain { start, broken: false });
        }
        if open.is_none() {
            return self.add_head(place, condition, actions);
        }
        for (kind, _) in actions.list.iter().filter(|(kind, _)| kind.is_for_head_only()) {
            self.error(place.clone(), format!("`{}` belongs into the first rule of the chain", kind.name()));
        }
        if let Some(Entry::Rule(rule)) = self.entries.last_mut() {
            rule.links.push(DraftLink { place, condition, actions: actions.into_list() });
        }
    }

    fn add_head(&mut self, place: Place, condition: Option<Condition>, actions: Actions) {
        let mut id = None;
        let mut phase = Phase::RequestBody;
        for (_, action) in &actions.list {
            match action {
                Action::Id(number) => id = Some(*number),
                Action::Phase(named) => phase = *named,
                _ => {}
            }
        }
        match id {
            // What could not be read may have been the number.
            None if actions.broken => {}
            None => self.error(place.clone(), "a rule needs a number: `id:`"),
            Some(id) => {
                if let Some(other) = self.ids.insert(id, place.clone()) {
                    self.error(place.clone(), format!("rule {} is defined already, at {other}", id.0));
                }
            }
        }
        let defaults = self.defaults.get(&phase).map_or_else(|| Arc::from([]), Arc::clone);
        let links = vec![DraftLink { place, condition, actions: actions.into_list() }];
        self.entries.push(Entry::Rule(Box::new(Draft { id: id.unwrap_or(RuleId(0)), phase, defaults, links })));
    }
}

/// The actions of a link.
#[derive(Debug, Default)]
pub(super) struct Actions {
    pub list: Vec<(Kind, Action)>,
    /// Whether some could not be read.
    pub broken: bool,
}

impl Actions {
    pub(super) fn into_list(self) -> Vec<Action> {
        self.list.into_iter().map(|(_, action)| action).collect()
    }
}
