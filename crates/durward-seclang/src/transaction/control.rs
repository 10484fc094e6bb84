//! What happens when a whole chain holds: `ctl` and the effects on the state.

use super::Masked;
use super::machine::Machine;
use crate::ast::EngineMode;
use crate::program::fold::Step;
use crate::program::rule::{Control, Effect};

impl Machine<'_> {
    /// One effect of a rule that matched.
    pub(super) fn at_end(&mut self, step: Step, effect: &Effect, place: Masked) {
        match effect {
            Effect::State(effect) => {
                if let Some(rule) = self.program.rule(step.rule) {
                    self.core.state.perform(effect, &rule.fields, self.persistence);
                }
            }
            Effect::Control(control) => self.control(step, control),
            Effect::Sanitise(selected) => self.mask(selected, place),
        }
    }

    fn control(&mut self, step: Step, control: &Control) {
        let core = &mut *self.core;
        match control {
            Control::Engine(mode) => core.mode = *mode,
            Control::ForceRequestBody(forced) => core.state.force_request_body(*forced),
            Control::RequestBodyAccess(access) => core.content.request.access = *access,
            Control::RequestBodyLimit(limit) => core.content.request.most = *limit,
            Control::RequestBodyProcessor(processor) => core.state.set_request_processor(*processor),
            Control::ResponseBodyAccess(access) => core.content.response.access = *access,
            Control::ResponseBodyLimit(limit) => core.content.response.most = *limit,
            Control::Remove(removal) => self.remove(step, *removal),
            Control::RemoveTarget(rules, target) => {
                if !core.excluded.contains(&(*rules, *target)) {
                    core.excluded.push((*rules, *target));
                }
            }
            Control::Audit(EngineMode::On | EngineMode::Off | EngineMode::DetectionOnly) | Control::Nothing => {}
        }
    }

    /// Rules do not run any more.
    fn remove(&mut self, step: Step, removal: u32) {
        let Some(rules) = self.program.removal(removal) else { return };
        rules.iter().for_each(|rule| self.core.removed.insert(rule));
        let folded = self.overlay.folded();
        let behind = |rule: usize| {
            self.program.rule(rule as u32).is_some_and(|it| Step { phase: it.info.phase, rule: rule as u32 } > step)
        };
        // What a rule set or skipped that does not run now has been taken as given.
        if folded.assumed.iter().any(|rule| rules.contains(rule) && behind(rule)) {
            self.unfold(step);
        }
        let live = self.core.live.get_or_insert_with(|| folded.live.clone());
        rules.iter().for_each(|rule| live.remove(rule));
    }
}
