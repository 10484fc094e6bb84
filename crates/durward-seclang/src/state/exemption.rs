//! Which of the stored values rules do not look at: see [`crate::exempt`].

use std::sync::Arc;

use super::State;
use super::value::ValueIndex;
use crate::arena::Pair;
use crate::ast::{Processor, Variable};
use crate::exempt::{Exempt, is_plain};

/// What is exempt in this transaction.
#[derive(Debug, Default)]
pub(super) struct Exemptions {
    source: Option<Arc<dyn Exempt>>,
    /// How many of the stored values it has been asked about.
    asked: u32,
}

impl Exemptions {
    pub(super) const fn source(&self) -> Option<&Arc<dyn Exempt>> {
        self.source.as_ref()
    }
}

impl State {
    /// From now on rules do not look at these values: those of the query string, header fields and cookies that are here
    /// already among them, and those of content that is published after this.
    pub fn exempt(&mut self, exempt: Arc<dyn Exempt>) {
        self.exemptions = Exemptions { source: Some(exempt), asked: 0 };
        self.exempt_new();
    }

    /// Whether rules do not look at a stored value.
    #[must_use]
    pub fn is_exempt(&self, index: ValueIndex) -> bool {
        self.values.get(index.0).is_some_and(|stored| stored.exempt)
    }

    /// Asks about the values that have come since it was last done. Those of content know it since they were read.
    pub(crate) fn exempt_new(&mut self) {
        let Some(exempt) = self.exemptions.source.clone() else { return };
        let end = self.values.len();
        for index in self.exemptions.asked..end {
            let Some(stored) = self.values.get(index) else { break };
            let name = self.arena.get(stored.name);
            let exempts = match stored.home {
                Variable::ArgsGet => self.has_usual_separator() && exempt.query(name),
                Variable::RequestHeaders => exempt.header(name),
                Variable::RequestCookies => exempt.cookie(name),
                _ => false,
            };
            if exempts && is_plain(self.bytes(stored.value)) {
                self.values.set_exempt(index);
            }
        }
        self.exemptions.asked = end;
    }

    /// Asks about the fields of a form.
    pub(super) fn exempt_fields(&self, processor: Processor, fields: &mut [Pair]) {
        let Some(exempt) = &self.exemptions.source else { return };
        let is_form = match processor {
            Processor::UrlEncoded => self.has_usual_separator(),
            Processor::Multipart => true,
            Processor::Json | Processor::Xml => false,
        };
        for field in fields.iter_mut().filter(|_| is_form) {
            field.exempt = exempt.field(self.arena.get(field.name)) && is_plain(self.arena.get(field.value));
        }
    }

    fn has_usual_separator(&self) -> bool {
        self.settings.limits.separator == b'&'
    }
}
