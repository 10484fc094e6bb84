//! The working memory of one worker.

use std::fmt;

use crate::program::Program;
use crate::report::Evidence;
use crate::scan;

/// Buffers and caches of one worker thread, for any number of transactions of any program.
#[derive(Default)]
pub struct Scratch {
    /// Whose caches these are.
    program: u64,
    pub(super) scan: scan::Scratch,
    pub(super) found: Vec<scan::Hit>,
    /// The argument of the operator, expanded.
    pub(super) argument: Vec<u8>,
    /// What the operator looked at.
    pub(super) looked: Vec<u8>,
    pub(super) forms: Forms,
    /// Whether the rule that runs has matched anything yet.
    pub(super) matched_any: bool,
    /// What the links of the rule that runs have matched.
    pub(super) evidence: Vec<Evidence>,
    /// How many transactions have ended.
    ended: u32,
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

    /// A transaction has ended. Now and then the memory is given back that unusual values took.
    pub(super) fn end(&mut self) {
        self.ended = self.ended.wrapping_add(1);
        if self.ended.is_multiple_of(TRANSACTIONS) {
            self.scan.trim(MEMORY);
        }
    }
}

/// After how many transactions memory is looked after: adding it up takes a few microseconds.
const TRANSACTIONS: u32 = 16;
/// How much the tables of all patterns may take: several times what ordinary requests make of the Core Rule Set.
const MEMORY: usize = 16 << 20;

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
