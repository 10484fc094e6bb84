//! What is said about a match, and about an interruption.

use std::sync::Arc;

use super::Masked;
use super::machine::{FORBIDDEN, Machine};
use crate::program::Rule;
use crate::program::fold::Step;
use crate::program::rule::{Disruptive, Effect, Tags};
use crate::report::{Action, Evidence, Interruption, Match, Reason};
use crate::state::{Handle, Template, ValueRef};

impl Machine<'_> {
    /// A rule that wants to be heard of has matched.
    pub(super) fn record(&mut self, index: u32, rule: &Rule, additions: usize) {
        let at = self.core.matches.len();
        if at >= MOST_MATCHES {
            self.core.incomplete = true;
            return;
        }
        let message = self.message(rule);
        let log_data = if rule.fields.log_data.is_some() {
            self.text(rule, &rule.log_data)
        } else {
            let last = rule.links.iter().rev().find_map(|link| link.log_data.as_ref());
            last.map(|text| self.text(rule, text)).unwrap_or_default()
        };
        let tags = match &rule.tags {
            Tags::Fixed(tags) => Arc::clone(tags),
            Tags::Computed(tags) => tags.iter().map(|tag| self.text(rule, tag)).collect(),
        };
        self.core.matches.push(Match {
            rule: Arc::clone(&rule.info),
            message,
            log_data,
            tags,
            evidence: std::mem::take(&mut self.scratch.evidence),
            disruptive: !matches!(rule.disruptive, Disruptive::Pass),
        });
        if !self.core.masked.is_empty() {
            self.mask();
        }
        for addition in self.core.additions.iter_mut().skip(additions) {
            addition.index = Some(at);
        }
        debug_assert!(self.program.rule(index).is_some());
    }

    /// Ends the transaction because a rule says so.
    pub(super) fn interrupt(&mut self, step: Step, rule: &Rule) {
        let (action, status) = match &rule.disruptive {
            Disruptive::Redirect(place) => {
                let status =
                    rule.status.filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308)).unwrap_or(FOUND);
                (Action::Redirect(self.text(rule, place)), status)
            }
            Disruptive::Drop => (Action::Drop, rule.status.unwrap_or(FORBIDDEN)),
            Disruptive::Deny | Disruptive::Pass | Disruptive::Allow(_) => {
                (Action::Deny, rule.status.unwrap_or(FORBIDDEN))
            }
        };
        let reason = Reason::Rule { info: Arc::clone(&rule.info), message: self.message(rule), sum: self.parts(rule) };
        self.core.interruption = Some(Interruption { action, status, phase: step.phase, reason });
    }

    /// `msg` of the head, or else of the last link that has one.
    fn message(&self, rule: &Rule) -> Vec<u8> {
        let last = || rule.links.iter().rev().find_map(|link| link.message.as_ref());
        let message = if rule.fields.message.is_some() { Some(&rule.message) } else { last() };
        message.map(|text| self.text(rule, text)).unwrap_or_default()
    }

    fn text(&self, rule: &Rule, template: &Template) -> Vec<u8> {
        let mut text = Vec::new();
        self.core.state.expand(template, &rule.fields, &mut text);
        text
    }

    /// Masks the evidence that has to be masked.
    pub(super) fn mask(&mut self) {
        let program = self.program;
        let masked = self.core.masked.iter().filter_map(|Masked { rule, link, effect }| {
            let link = program.rule(*rule)?.links.get(usize::from(*link))?;
            match link.at_end.get(usize::from(*effect))? {
                Effect::Sanitise(selected) => Some(selected),
                Effect::State(_) | Effect::Control(_) => None,
            }
        });
        let masked: Vec<_> = masked.collect();
        for evidence in self.core.matches.iter_mut().flat_map(|it| &mut it.evidence) {
            let Evidence { variable, key, value, .. } = evidence;
            let seen = ValueRef { variable: *variable, name: key, value, handle: Handle::Computed };
            if masked.iter().any(|selected| selected.covers(&seen)) {
                evidence.value.clear();
                evidence.transformed.clear();
                evidence.matched.clear();
                evidence.masked = true;
            }
        }
    }
}

const FOUND: u16 = 302;

/// How many matches a transaction keeps.
const MOST_MATCHES: usize = 10_000;
