//! Whether the rules can do what a section of the policy asks of them.

use durward_core::nearest;
use durward_seclang::ast::{Role, RuleId};
use durward_seclang::overlay::{Overlay, OverlaySpec};
use durward_seclang::syntax;

use crate::{ExcludeConfig, RuleBase, TuningConfig, TuningFault, TuningKey, base};

impl RuleBase {
    /// Everything that is wrong with a section.
    #[must_use]
    pub fn check(&self, tuning: &TuningConfig) -> Vec<TuningFault> {
        let mut faults = Vec::new();
        if let Some(level) = tuning.paranoia.filter(|level| !(1..=4).contains(level)) {
            let message = format!("{level} is no paranoia level");
            faults.push(fault(TuningKey::Paranoia, message, "they go from 1, the default, to 4"));
        }
        let thresholds = [
            (TuningKey::InboundThreshold, tuning.inbound_threshold, "request"),
            (TuningKey::OutboundThreshold, tuning.outbound_threshold, "answer"),
        ];
        for (key, threshold, what) in thresholds {
            if threshold == Some(0) {
                faults.push(fault(key, format!("a threshold of 0 would refuse every {what}"), THRESHOLD));
            }
        }
        if faults.is_empty() {
            faults.extend(self.check_asked(tuning));
        }
        let excludes = tuning.exclude.iter().enumerate();
        faults.extend(excludes.filter_map(|(at, exclude)| self.check_exclude(at, exclude).err()));
        faults
    }

    /// Levels and thresholds are for rules that ask for them.
    fn check_asked(&self, tuning: &TuningConfig) -> impl Iterator<Item = TuningFault> {
        let paranoia = tuning.paranoia.and_then(|level| u8::try_from(level).ok());
        let nothing = OverlaySpec::default;
        [
            (TuningKey::Paranoia, OverlaySpec { paranoia_level: paranoia, ..nothing() }),
            (TuningKey::InboundThreshold, OverlaySpec { inbound_threshold: tuning.inbound_threshold, ..nothing() }),
            (TuningKey::OutboundThreshold, OverlaySpec { outbound_threshold: tuning.outbound_threshold, ..nothing() }),
        ]
        .into_iter()
        .filter(|(_, spec)| {
            spec.paranoia_level.is_some() || spec.inbound_threshold.is_some() || spec.outbound_threshold.is_some()
        })
        .filter_map(|(key, spec)| {
            let errors = Overlay::new(self.program(), &spec).err()?;
            Some(fault(key, errors.join("; "), UNASKED))
        })
    }

    fn check_exclude(&self, at: usize, exclude: &ExcludeConfig) -> Result<(), TuningFault> {
        match (exclude.rule, &exclude.tag) {
            (Some(id), None) => {
                if self.program().rules().iter().all(|rule| rule.id != RuleId(id)) {
                    let message = format!("no rule has the number {id}");
                    return Err(fault(TuningKey::ExcludeRule(at), message, RULE));
                }
            }
            (None, Some(tag)) => {
                let tags = || self.program().rules().iter().flat_map(|rule| rule.tags.iter().map(|tag| &**tag));
                if !tags().any(|known| known == tag) {
                    let message = format!("no rule has the tag `{tag}`");
                    let label = nearest(tag, tags()).map(|known| format!("did you mean `{known}`?"));
                    return Err(TuningFault { label, ..fault(TuningKey::ExcludeTag(at), message, TAG) });
                }
            }
            _ => {
                let message = "an exclusion names either a `rule` or a `tag`";
                return Err(fault(TuningKey::Exclude(at), message, EITHER));
            }
        }
        let Some(target) = &exclude.target else { return Ok(()) };
        let no_target = |label: String| TuningFault {
            label: Some(label),
            ..fault(TuningKey::ExcludeTarget(at), format!("`{target}` is no target"), TARGET)
        };
        let targets = syntax::targets(target.as_bytes()).map_err(no_target)?;
        let sign = targets.iter().find_map(|one| match one.role {
            Role::Value => None,
            Role::Count => Some('&'),
            Role::Exclude => Some('!'),
        });
        if let Some(sign) = sign {
            return Err(no_target(format!("leave the `{sign}` out: what is named is what is not looked at")));
        }
        // Only the whole says whether a pattern of names can be had.
        let mut spec = OverlaySpec::default();
        base::exclusion(exclude, &mut spec).map_err(no_target)?;
        Overlay::new(self.program(), &spec).map(drop).map_err(|errors| no_target(errors.join("; ")))
    }
}

fn fault(key: TuningKey, message: impl Into<String>, help: &'static str) -> TuningFault {
    TuningFault { key, message: message.into(), label: None, help }
}

const THRESHOLD: &str = "one critical match scores 5; write 5 to refuse on the first, more to be milder";
const UNASKED: &str = "these rules decide without it: leave the line out";
const RULE: &str = "`durward why ID` shows the numbers of the rules that refused a request, and the lines to paste";
const TAG: &str = "tags stand in the rules: `tag:'attack-sqli'`";
const EITHER: &str = "write `rule = 100114` or `tag = \"attack-sqli\"`, and a `target` beside it";
const TARGET: &str =
    "write targets as rules do: `ARGS:q`, `ARGS:json.note`, `REQUEST_HEADERS:User-Agent`, `ARGS:/^json\\.items\\./`";
