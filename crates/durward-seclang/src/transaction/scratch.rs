//! The working memory of one worker.

use std::fmt;

use crate::program::Program;
use crate::report::Evidence;
use crate::scan;
use crate::state::ValueIndex;

/// Buffers and caches of one worker thread, for any number of transactions of any program.
#[derive(Default)]
pub struct Scratch {
    /// Whose caches these are.
    program: u64,
    pub(super) scan: scan::Scratch,
    pub(super) found: Vec<scan::Hit>,
    /// The values that are scanned: hits name them by their place in here.
    pub(super) given: Vec<ValueIndex>,
    /// The argument of the operator, expanded.
    pub(super) argument: Vec<u8>,
    /// What the operator looked at.
    pub(super) looked: Vec<u8>,
    pub(super) forms: Forms,
    /// Whether the rule that runs has matched anything yet.
    pub(super) matched_any: bool,
    /// What the links of the rule that runs have matched.
    pub(super) evidence: Vec<Evidence>,
}

/// Two buffers that transformations write into in turn.
#[derive(Debug, Default)]
pub(super) struct Forms {
    pub(super) current: Vec<u8>,
    pub(super) next: Vec<u8>,
}

impl Scratch {
    /// One that has served no transaction.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Caches of patterns are of use to one program only.
    pub(super) fn prepare(&mut self, program: &Program) {
        if self.program != program.number() {
            self.program = program.number();
            self.scan = scan::Scratch::default();
        }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
