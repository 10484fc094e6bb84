//! What is said about a match, and about an interruption.

use std::sync::Arc;

use super::Masked;
use super::machine::{FORBIDDEN, Machine};
use crate::ast::Variable;
use crate::program::Rule;
use crate::program::fold::Step;
use crate::program::rule::{Disruptive, Effect, Tags};
use crate::report::{Action, Interruption, Match, Reason};
use crate::state::{Cursor, Handle, RuleFields, Selected, Template, ValueRef, homes};

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
        let mut found = Match {
            rule: Arc::clone(&rule.info),
            message,
            log_data,
            tags,
            evidence: std::mem::take(&mut self.scratch.evidence),
            disruptive: !matches!(rule.disruptive, Disruptive::Pass),
        };
        if !self.core.masked.is_empty() {
            self.mask_match(&mut found);
        }
        self.core.matches.push(found);
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
        // If the rule is heard of, its match is the last one, and its text shows nothing that is masked.
        let own = self.core.matches.last().filter(|found| rule.is_heard() && Arc::ptr_eq(&found.rule, &rule.info));
        let message = own.map_or_else(|| self.message(rule), |found| found.message.clone());
        let reason = Reason::Rule { info: Arc::clone(&rule.info), message, sum: self.parts(rule) };
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

    /// From here on a target is masked, or, for `sanitiseMatched`, what the rule has matched.
    pub(super) fn mask(&mut self, selected: &Selected, place: Masked) {
        if selected.variable == Variable::MatchedVars {
            let names = Selected::all(Variable::MatchedVarsNames);
            let (state, masked) = (&self.core.state, &mut self.core.masked);
            let mut cursor = Cursor::new(&names);
            while let Some(value) = state.next(&mut cursor, &RuleFields::default())
                && masked.len() < MOST_MASKED
            {
                masked.push(Masked::Value(value.value.to_vec()));
            }
        } else {
            self.core.masked.push(place);
        }
        let mut matches = std::mem::take(&mut self.core.matches);
        matches.iter_mut().for_each(|found| self.mask_match(found));
        self.core.matches = matches;
    }

    /// Masks the evidence of a match that has to be masked, and then also its texts, in which the values may stand.
    fn mask_match(&self, found: &mut Match) {
        for evidence in &mut found.evidence {
            if self.is_masked(evidence.variable, &evidence.key) {
                evidence.value.clear();
                evidence.transformed.clear();
                evidence.matched.clear();
                evidence.masked = true;
            }
        }
        if found.evidence.iter().any(|evidence| evidence.masked) {
            found.message = found.rule.message.as_bytes().to_vec();
            found.log_data = MASK.to_vec();
        }
    }

    fn is_masked(&self, variable: Variable, key: &[u8]) -> bool {
        let seen = ValueRef { variable, name: key, value: &[], handle: Handle::Computed };
        // `sanitiseArg` says ARGS, and a rule may have looked at ARGS_POST.
        let covers = |selected: &Selected| homes(variable).iter().any(|home| selected.takes(*home, key));
        self.core.masked.iter().any(|masked| match masked {
            Masked::Target { rule, link, effect } => {
                let link = self.program.rule(*rule).and_then(|rule| rule.links.get(usize::from(*link)));
                let effect = link.and_then(|link| link.at_end.get(usize::from(*effect)));
                matches!(effect, Some(Effect::Sanitise(selected)) if covers(selected))
            }
            Masked::Value(name) => {
                let mut own = Vec::new();
                seen.write_name(&mut own);
                own.eq_ignore_ascii_case(name)
            }
        })
    }
}

/// What stands where a text would show what is masked.
const MASK: &[u8] = b"(masked)";

/// How many names `sanitiseMatched` remembers.
const MOST_MASKED: usize = 1000;

const FOUND: u16 = 302;

/// How many matches a transaction keeps.
const MOST_MATCHES: usize = 10_000;
