//! What is worth knowing about rules before any request: which of them can never run on a route, and which cost the most.
//!
//! Nothing of this is an error. Most rules of the Core Rule Set cannot run at a low paranoia level, and that is what the
//! level is for; a rule of one's own among them is a surprise.
//!
//! What is said here holds as long as no rule removes or skips, while a request runs, one of those that decide it; the
//! engine then asks every rule again.

use std::fmt;
use std::sync::Arc;

use crate::ast::{AllowSpan, EngineMode, Phase, Variable};
use crate::overlay::{OverlaySpec, Wishes};
use crate::program::Program;
use crate::program::fold::{Fate, Folded, PHASES};
use crate::program::rule::{Control, Disruptive, Effect, Link, Rule, Test};
use crate::report::RuleInfo;
use crate::state::{Arrival, arrival};

/// Something worth knowing about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// What.
    pub what: What,
}

/// What is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Dead: the route removes it.
    Removed,
    /// Dead: it asks for settings that are different on this route.
    NeverMatches,
    /// Dead: a rule before it certainly skips it.
    Skipped {
        /// That rule.
        by: Arc<RuleInfo>,
    },
    /// Dead: a rule before it certainly ends the phase or the transaction.
    Behind {
        /// That rule.
        end: Arc<RuleInfo>,
    },
    /// Dead: what a link of it looks at arrives in a later phase only.
    TooEarly {
        /// The variable.
        variable: Variable,
    },
    /// Its `ctl` names no rule.
    NamesNothing,
    /// Costly: its pattern has look-around or a back-reference, so that a backtracker with a limit searches for it.
    Backtracks,
    /// Costly: no text has to stand in a value for it to match, so that it is asked about most values that it looks at.
    NoText,
    /// Costly: it is negated, has macros in its argument or matches an empty value, so that it is asked about all values
    /// that it looks at.
    AskedAlways,
}

impl What {
    /// Whether the rule can never match on this route.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        match self {
            Self::Removed | Self::NeverMatches | Self::Skipped { .. } | Self::Behind { .. } | Self::TooEarly { .. } => {
                true
            }
            Self::NamesNothing | Self::Backtracks | Self::NoText | Self::AskedAlways => false,
        }
    }

    /// Whether the rule costs more than others.
    #[must_use]
    pub const fn is_costly(&self) -> bool {
        matches!(self, Self::Backtracks | Self::NoText | Self::AskedAlways)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: rule {} ", self.rule.place, self.rule.id.0)?;
        match &self.what {
            What::Removed => f.write_str("is removed on this route"),
            What::NeverMatches => f.write_str("never matches with these settings"),
            What::Skipped { by } => write!(f, "never runs: rule {} skips it", by.id.0),
            What::Behind { end } => {
                write!(f, "never runs: it is behind rule {}, which always ends the request", end.id.0)
            }
            What::TooEarly { variable } => {
                write!(f, "never matches: {} is not there in phase {}", variable.name(), self.rule.phase as u8)
            }
            What::NamesNothing => f.write_str("changes nothing with its ctl: no rule is named by it"),
            What::Backtracks => f.write_str("is costly: its pattern needs backtracking"),
            What::NoText => f.write_str("is costly: its operator requires no text, and is asked about most values"),
            What::AskedAlways => f.write_str("is costly: it is asked about every value"),
        }
    }
}

/// What is worth knowing about the rules of a program on a route, in the order of the rules.
///
/// # Errors
///
/// One message for each part of `spec` that names nothing in the program.
pub fn findings(program: &Program, spec: &OverlaySpec) -> Result<Vec<Finding>, Vec<String>> {
    let Wishes { start, pinned, removed, open, .. } = Wishes::new(program, spec)?;
    let mut fates = vec![Fate::Asked; program.code().len()];
    Folded::with_fates(program, start, &pinned, &removed, &open, |rule, fate| {
        if let Some(place) = fates.get_mut(rule) {
            *place = fate;
        }
    });
    let interrupts = spec.mode.unwrap_or(program.settings().engine) == EngineMode::On;
    let ends = if interrupts { ends(program, &fates) } else { Ends::default() };
    let mut found = Vec::new();
    for (index, (rule, fate)) in program.code().iter().zip(&fates).enumerate() {
        let mut add = |what| found.push(Finding { rule: Arc::clone(&rule.info), what });
        let behind = ends.before(index, rule.info.phase).and_then(|end| program.rules().get(end));
        match (fate, behind) {
            (Fate::Removed, _) => add(What::Removed),
            (Fate::Never, _) => add(What::NeverMatches),
            (Fate::Skipped(by), _) => {
                if let Some(by) = program.rules().get(*by) {
                    add(What::Skipped { by: Arc::clone(by) });
                }
            }
            (Fate::Asked | Fate::Certain | Fate::Done, Some(end)) => add(What::Behind { end: Arc::clone(end) }),
            (Fate::Asked | Fate::Certain | Fate::Done, None) => match too_early(rule) {
                Some(variable) => add(What::TooEarly { variable }),
                None => {
                    of_running(program, index, rule).for_each(add);
                }
            },
        }
    }
    Ok(found)
}

/// For each phase, the rule that certainly ends it, and the first position that it keeps from running.
#[derive(Debug, Default)]
struct Ends([Option<(usize, usize)>; 5]);

impl Ends {
    /// The rule behind which another one stands and never runs.
    fn before(&self, index: usize, phase: Phase) -> Option<usize> {
        let end = self.0.get(phase as usize - 1).copied().flatten();
        end.filter(|(_, from)| *from <= index).map(|(end, _)| end)
    }

    fn add(&mut self, end: usize, of: Phase, phases: impl Fn(Phase) -> bool) {
        for (place, phase) in self.0.iter_mut().zip(PHASES) {
            if place.is_none() && phase >= of && phases(phase) {
                *place = Some((end, if phase == of { end + 1 } else { 0 }));
            }
        }
    }
}

fn ends(program: &Program, fates: &[Fate]) -> Ends {
    let mut ends = Ends::default();
    for phase in PHASES {
        for index in program.phase(phase).iter() {
            let certain = fates.get(index).is_some_and(|fate| matches!(fate, Fate::Certain | Fate::Done));
            let Some(rule) = program.code().get(index).filter(|_| certain && ends.before(index, phase).is_none())
            else {
                continue;
            };
            let all = |phase: Phase| phase != Phase::Logging;
            match rule.disruptive {
                Disruptive::Pass => {}
                Disruptive::Deny | Disruptive::Drop | Disruptive::Redirect(_) if phase == Phase::Logging => {}
                Disruptive::Deny | Disruptive::Drop | Disruptive::Redirect(_) => ends.add(index, phase, all),
                Disruptive::Allow(AllowSpan::Phase) => ends.add(index, phase, |it| it == phase),
                Disruptive::Allow(AllowSpan::Request) => {
                    ends.add(index, phase, |it| it == phase || it <= Phase::RequestBody);
                }
                Disruptive::Allow(AllowSpan::Transaction) => ends.add(index, phase, |it| it == phase || all(it)),
            }
        }
    }
    ends
}

/// A variable that all of a link's targets wait for in vain.
fn too_early(rule: &Rule) -> Option<Variable> {
    let phase = rule.info.phase;
    let in_vain = |test: &Test| {
        let late = |variable| matches!(arrival(variable), Arrival::Phase(arrives) if arrives > phase);
        let none =
            !test.looks.is_empty() && test.looks.iter().all(|look| !look.counted && late(look.selected.variable));
        test.looks.first().filter(|_| none).map(|look| look.selected.variable)
    };
    tests(rule).find_map(in_vain)
}

/// What is worth knowing about a rule that runs.
fn of_running(program: &Program, index: usize, rule: &Rule) -> impl Iterator<Item = What> {
    let names_nothing = |set: &u32| program.removal(*set).is_none_or(|rules| rules.iter().next().is_none());
    let in_vain = rule.links.iter().flat_map(|link| &link.at_end).any(|effect| match effect {
        Effect::Control(Control::Remove(set) | Control::RemoveTarget(set, _)) => names_nothing(set),
        _ => false,
    });
    let backtracks = tests(rule).any(|test| test.operator.pattern().is_some_and(|pattern| pattern.is_backtracking()));
    let head = rule.links.first().and_then(|link: &Link| link.test.as_ref());
    let head = head.filter(|test| test.looks.iter().any(|look| !look.counted && has_many(look.selected.variable)));
    let cost = head.and_then(|test| {
        if program.unscanned().contains(index) {
            return Some(What::AskedAlways);
        }
        let needs_text = test.operator.needs().is_some_and(|needs| !needs.clauses.is_empty());
        (!needs_text).then_some(What::NoText)
    });
    let named = in_vain.then_some(What::NamesNothing);
    named.into_iter().chain(backtracks.then_some(What::Backtracks)).chain(cost)
}

fn tests(rule: &Rule) -> impl Iterator<Item = &Test> {
    rule.links.iter().filter_map(|link| link.test.as_ref())
}

/// Whether a request can have any number of values of a variable, or very long ones.
const fn has_many(variable: Variable) -> bool {
    matches!(arrival(variable), Arrival::Phase(_))
        || matches!(variable, Variable::RequestBody | Variable::ResponseBody | Variable::QueryString)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ast::{IdRange, RuleId};
    use crate::overlay::RuleSelector;
    use crate::transaction::tests::program;

    /// The findings as text, without their places.
    fn found(rules: &str, spec: &OverlaySpec) -> Vec<String> {
        let findings = findings(&program(rules), spec).expect(rules);
        findings.iter().map(|it| it.to_string().split_once(": rule ").expect("a place").1.to_owned()).collect()
    }

    #[test]
    fn rules_that_never_run() {
        for (rules, expected) in [
            ("SecRule ARGS \"@streq a\" id:1,phase:2", &[][..]),
            (
                "SecAction id:1,phase:1,nolog,setvar:tx.a=1\nSecRule TX:a \"@gt 1\" id:2,phase:1",
                &["2 never matches with these settings"],
            ),
            (
                "SecAction id:1,phase:1,nolog,skipAfter:E\nSecAction id:2,phase:1\nSecAction id:3,phase:2\nSecMarker E",
                &["2 never runs: rule 1 skips it"],
            ),
            (
                "SecAction id:1,phase:1,deny\nSecAction id:2,phase:1\nSecAction id:3,phase:2\nSecAction id:5,phase:5",
                &[
                    "2 never runs: it is behind rule 1, which always ends the request",
                    "3 never runs: it is behind rule 1, which always ends the request",
                ],
            ),
            (
                "SecAction id:1,phase:1,allow:request\nSecAction id:3,phase:2\nSecAction id:4,phase:3",
                &["3 never runs: it is behind rule 1, which always ends the request"],
            ),
            ("SecRule ARGS attack id:1,phase:1,deny\nSecAction id:2,phase:1", &[]),
            ("SecRule ARGS_POST|FILES abc id:1,phase:1", &["1 never matches: ARGS_POST is not there in phase 1"]),
            ("SecRule ARGS|FILES abc id:1,phase:1", &[]),
            (
                "SecAction id:1,phase:1,ctl:ruleRemoveById=7",
                &["1 changes nothing with its ctl: no rule is named by it"],
            ),
        ] {
            assert_eq!(found(rules, &OverlaySpec::default()), expected, "{rules}");
        }
        let removed = vec![RuleSelector::Ids(IdRange { first: RuleId(1), last: RuleId(1) })];
        let spec = OverlaySpec { removed, ..OverlaySpec::default() };
        assert_eq!(found("SecAction id:1,phase:1,deny\nSecAction id:2,phase:1", &spec), ["1 is removed on this route"]);
        let spec = OverlaySpec { mode: Some(EngineMode::DetectionOnly), ..OverlaySpec::default() };
        assert!(found("SecAction id:1,phase:1,deny\nSecAction id:2,phase:1", &spec).is_empty());
    }

    #[test]
    fn rules_that_cost_more() {
        for (rules, expected) in [
            ("SecRule ARGS \"@rx select\" id:1,phase:2", &[][..]),
            ("SecRule ARGS \"@rx (?!x)select\" id:1,phase:2", &["1 is costly: its pattern needs backtracking"]),
            (
                "SecRule ARGS \"@rx [0-9]{3}\" id:1,phase:2",
                &["1 is costly: its operator requires no text, and is asked about most values"],
            ),
            ("SecRule ARGS \"!@rx select\" id:1,phase:2", &["1 is costly: it is asked about every value"]),
            ("SecRule ARGS \"@contains %{tx.a}\" id:1,phase:2", &["1 is costly: it is asked about every value"]),
            ("SecRule REQUEST_METHOD \"!@within GET POST\" id:1,phase:1", &[]),
            ("SecRule &ARGS \"@gt 3\" id:1,phase:1", &[]),
        ] {
            assert_eq!(found(rules, &OverlaySpec::default()), expected, "{rules}");
        }
    }
}
