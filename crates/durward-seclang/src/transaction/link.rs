//! One link of a rule: its targets, the values that they give, and what the operator says of each.

use std::ops::Range;

use smallvec::SmallVec;

use super::machine::Machine;
use super::scratch::Forms;
use super::{Hit, Scratch};
use crate::ast::Variable;
use crate::operator::Seen;
use crate::program::Rule;
use crate::program::rule::{Link, Look, Test};
use crate::report::Evidence;
use crate::state::{Cursor, Handle, Selected, ValueRef};
use crate::transform::UnicodeMap;

/// The rule that is asked, and what it does not look at in this transaction.
pub(super) struct Subject<'t> {
    pub(super) index: u32,
    pub(super) rule: &'t Rule,
    excluded: SmallVec<[&'t Selected; 4]>,
}

impl<'t> Subject<'t> {
    pub(super) fn new(machine: &Machine<'t>, index: u32, rule: &'t Rule) -> Self {
        let program = machine.program;
        let at_run_time = machine.core.excluded.iter().filter_map(|(rules, target)| {
            let named = program.removal(*rules).is_some_and(|rules| rules.contains(index as usize));
            if named { program.exclusion(*target) } else { None }
        });
        let excluded = machine.overlay.exclusions(index).chain(at_run_time).collect();
        Self { index, rule, excluded }
    }

    fn excludes(&self, test: &Test, value: &ValueRef<'_>) -> bool {
        test.exclusions.iter().any(|it| it.covers(value)) || self.excluded.iter().any(|it| it.covers(value))
    }
}

/// A value that a link looks at.
#[derive(Debug, Clone, Copy)]
struct Place<'t> {
    number: u16,
    link: &'t Link,
    test: &'t Test,
    /// Whether the rule wants to be heard of, so that what it saw is kept.
    heard: bool,
}

impl<'t> Machine<'t> {
    /// Whether a link holds. What it changes at once has been done then.
    pub(super) fn look(
        &mut self,
        subject: &Subject<'t>,
        number: u16,
        link: &'t Link,
        test: &'t Test,
        hits: Option<Range<usize>>,
    ) -> bool {
        self.scratch.argument.clear();
        if let Some(argument) = &test.argument {
            self.core.state.expand(argument, &subject.rule.fields, &mut self.scratch.argument);
        }
        let place = Place { number, link, test, heard: subject.rule.is_heard() };
        let mut holds = false;
        for look in &test.looks {
            holds |= match &hits {
                _ if look.counted => self.look_at_count(subject, place, look),
                Some(hits) => self.look_at_hits(subject, place, look, hits.clone()),
                None => self.look_at_values(subject, place, look),
            };
        }
        holds
    }

    fn look_at_values(&mut self, subject: &Subject<'t>, place: Place<'t>, look: &'t Look) -> bool {
        let mut cursor = Cursor::looking(&look.selected);
        let mut holds = false;
        while let Some(value) = self.core.state.next(&mut cursor, &subject.rule.fields) {
            if subject.excludes(place.test, &value) {
                continue;
            }
            self.core.budget.spend(value.value.len() as u64 + 1);
            let map = self.program.settings().unicode_map.as_deref();
            if place.link.multi_match {
                let copy = Copied::of(&value);
                holds |= self.look_at_forms(subject, place, &copy);
            } else if let Some(found) = probe(place, &value, map, self.scratch) {
                self.matched(subject, place, found);
                holds = true;
            }
        }
        holds
    }

    /// Only those values in which the scan has found the rule.
    fn look_at_hits(&mut self, subject: &Subject<'t>, place: Place<'t>, look: &'t Look, hits: Range<usize>) -> bool {
        let mut holds = false;
        for at in hits {
            let Some(Hit { value, .. }) = self.core.hits.get(at).copied() else { break };
            if self.core.state.is_exempt(value) {
                // It has become so after it was scanned.
                continue;
            }
            let Some(value) = self.core.state.stored(value) else { continue };
            if !look.selected.takes(value.variable, value.name) {
                continue;
            }
            let value = ValueRef { variable: look.selected.variable, ..value };
            if subject.excludes(place.test, &value) {
                continue;
            }
            let map = self.program.settings().unicode_map.as_deref();
            if place.link.multi_match {
                let copy = Copied::of(&value);
                holds |= self.look_at_forms(subject, place, &copy);
            } else if let Some(found) = probe(place, &value, map, self.scratch) {
                self.matched(subject, place, found);
                holds = true;
            }
        }
        holds
    }

    fn look_at_count(&mut self, subject: &Subject<'t>, place: Place<'t>, look: &'t Look) -> bool {
        let fields = &subject.rule.fields;
        let mut cursor = Cursor::new(&look.selected);
        let mut count = 0_u64;
        while let Some(value) = self.core.state.next(&mut cursor, fields) {
            count += u64::from(!subject.excludes(place.test, &value));
        }
        let digits = count.to_string();
        let key = look.key.as_deref().unwrap_or_default();
        let value = ValueRef {
            variable: look.selected.variable,
            name: key,
            value: digits.as_bytes(),
            handle: Handle::Computed,
        };
        let Some(mut found) = probe(place, &value, self.map(), self.scratch) else { return false };
        let mut name = b"&".to_vec();
        value.write_name(&mut name);
        found.name = Some(name);
        self.matched(subject, place, found);
        true
    }

    /// `multiMatch`: the value as it came, and after each transformation that changed it. Each form that matches counts.
    fn look_at_forms(&mut self, subject: &Subject<'t>, place: Place<'t>, value: &Copied) -> bool {
        let mut holds = false;
        let mut current = value.value.clone();
        let mut next = Vec::new();
        let mut transformations = place.link.pipeline.iter();
        let mut changed = true;
        loop {
            if changed && let Some(found) = probe_form(place, value, &current, self.scratch) {
                self.matched(subject, place, found);
                holds = true;
            }
            let Some(transformation) = transformations.next() else { return holds };
            changed = transformation.apply(&current, self.map(), &mut next);
            if changed {
                std::mem::swap(&mut current, &mut next);
            }
        }
    }

    /// A value satisfies the link.
    fn matched(&mut self, subject: &Subject<'t>, place: Place<'t>, found: Found) {
        let state = &mut self.core.state;
        if place.number == 0 && !self.scratch.matched_any {
            state.clear_matched();
        }
        self.scratch.matched_any = true;
        match &found.name {
            Some(name) => state.matched_text(name, &self.scratch.looked),
            None => {
                let transformed = found.changed.then_some(self.scratch.looked.as_slice());
                state.matched(found.variable, found.handle, transformed);
            }
        }
        if place.link.capture && !place.test.negated {
            let seen = &self.scratch.scan.seen;
            if seen.group_count() > 0 {
                state.tx_mut().clear_captures();
            }
            for number in 0..seen.group_count() {
                if let Some(group) = seen.group(number, &self.scratch.looked) {
                    state.capture(number as u8, group);
                }
            }
        }
        if let Some(evidence) = found.evidence
            && self.scratch.evidence.len() < MOST_EVIDENCE
        {
            self.scratch.evidence.push(evidence);
        }
        self.at_once(subject, place.link);
    }
}

/// A value that satisfies a link. What the operator looked at is in `Scratch::looked`.
struct Found {
    variable: Variable,
    handle: Handle,
    /// The full name, if the value has no place of its own.
    name: Option<Vec<u8>>,
    changed: bool,
    evidence: Option<Evidence>,
}

/// A value, kept apart from the state.
struct Copied {
    variable: Variable,
    name: Vec<u8>,
    value: Vec<u8>,
    handle: Handle,
}

impl Copied {
    fn of(value: &ValueRef<'_>) -> Self {
        Self { variable: value.variable, name: value.name.to_vec(), value: value.value.to_vec(), handle: value.handle }
    }

    fn as_ref(&self) -> ValueRef<'_> {
        ValueRef { variable: self.variable, name: &self.name, value: &self.value, handle: self.handle }
    }
}

/// Transforms a value and asks the operator.
fn probe(place: Place<'_>, value: &ValueRef<'_>, map: Option<&UnicodeMap>, scratch: &mut Scratch) -> Option<Found> {
    let Place { link, test, .. } = place;
    let Scratch { scan, argument, looked, forms, .. } = scratch;
    let mut changed = false;
    for transformation in &link.pipeline {
        let Forms { current, next } = forms;
        let input = if changed { current.as_slice() } else { value.value };
        if transformation.apply(input, map, next) {
            std::mem::swap(current, next);
            changed = true;
        }
    }
    let form = if changed { forms.current.as_slice() } else { value.value };
    if !asked(place, form, argument, &mut scan.seen) {
        return None;
    }
    looked.clear();
    looked.extend_from_slice(form);
    let evidence = place.heard.then(|| evidence(place, value, changed, looked, &scan.seen));
    debug_assert!(test.argument.is_some() || argument.is_empty());
    Some(Found { variable: value.variable, handle: value.handle, name: None, changed, evidence })
}

/// Asks the operator about one form of a value.
fn probe_form(place: Place<'_>, value: &Copied, form: &[u8], scratch: &mut Scratch) -> Option<Found> {
    let Scratch { scan, argument, looked, .. } = scratch;
    if !asked(place, form, argument, &mut scan.seen) {
        return None;
    }
    looked.clear();
    looked.extend_from_slice(form);
    let changed = *form != *value.value;
    let evidence = place.heard.then(|| evidence(place, &value.as_ref(), changed, looked, &scan.seen));
    Some(Found { variable: value.variable, handle: value.handle, name: None, changed, evidence })
}

/// Whether the value is what the link wants. What the operator saw is recorded if somebody will ask for it: only of values
/// that match, because recording is slow.
fn asked(place: Place<'_>, form: &[u8], argument: &[u8], seen: &mut Seen) -> bool {
    let Place { link, test, heard, .. } = place;
    if test.operator.evaluate(form, argument, seen) == test.negated {
        return false;
    }
    if !test.negated && (link.capture || heard) {
        seen.record(true);
        test.operator.evaluate(form, argument, seen);
        seen.record(false);
    }
    true
}

fn evidence(place: Place<'_>, value: &ValueRef<'_>, changed: bool, looked: &[u8], seen: &Seen) -> Evidence {
    let kept = |bytes: &[u8]| bytes.get(..Evidence::KEPT).unwrap_or(bytes).to_vec();
    let matched = if place.test.negated { None } else { seen.matched() };
    Evidence {
        link: place.number,
        variable: value.variable,
        key: kept(value.name),
        value: kept(value.value),
        transformed: if changed { kept(looked) } else { Vec::new() },
        matched: matched.and_then(|range| looked.get(range)).map(kept).unwrap_or_default(),
        masked: false,
    }
}

/// How much evidence one match keeps.
const MOST_EVIDENCE: usize = 32;
