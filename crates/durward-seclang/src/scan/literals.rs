//! The texts that rules need, all in one automaton.
//!
//! Rules are numbered; of each, up to [`CLAUSES`] clauses are looked at. What was found is one set of rules for each rank:
//! in the set of rank `k` are the rules whose clause number `k` holds, and those that have no such clause.

use std::collections::BTreeMap;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, MatchKind};

use crate::operator::needs::{CLAUSES, Needs};

/// All texts of all rules.
#[derive(Debug, Default)]
pub(super) struct Literals {
    automaton: Option<NFA>,
    /// For each text, the bits that it sets: a word of the sets, and which bits of it.
    marks: Vec<Box<[(u16, u64)]>>,
    /// What holds before anything was found: the clauses that rules do not have.
    absent: Box<[u64]>,
}

impl Literals {
    /// Arranges the texts of the rules; `width` is how many words a set of rules has.
    pub(super) fn build<'n>(needs: impl Iterator<Item = &'n Needs>, width: usize) -> Self {
        let mut texts: BTreeMap<&[u8], BTreeMap<u16, u64>> = BTreeMap::new();
        let mut absent = vec![0_u64; width * CLAUSES];
        for (rule, needs) in needs.enumerate() {
            let bit = 1_u64 << (rule % 64);
            for rank in 0..CLAUSES {
                let word = rank * width + rule / 64;
                match needs.clauses.get(rank) {
                    Some(clause) => {
                        for text in clause {
                            *texts
                                .entry(text)
                                .or_default()
                                .entry(u16::try_from(word).unwrap_or(u16::MAX))
                                .or_default() |= bit;
                        }
                    }
                    None => {
                        if let Some(word) = absent.get_mut(word) {
                            *word |= bit;
                        }
                    }
                }
            }
        }
        let automaton = Builder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(texts.keys());
        let Ok(automaton) = automaton else {
            // Too many texts for one automaton: then no clause is looked at.
            return Self { automaton: None, marks: Vec::new(), absent: vec![u64::MAX; width * CLAUSES].into() };
        };
        let marks = texts.values().map(|marks| marks.iter().map(|(word, bits)| (*word, *bits)).collect()).collect();
        Self { automaton: (!texts.is_empty()).then_some(automaton), marks, absent: absent.into() }
    }

    /// Writes the sets of rules for a value, without having looked at it: the clauses that rules do not have.
    pub(super) fn reset(&self, found: &mut Vec<u64>) {
        found.clear();
        found.extend_from_slice(&self.absent);
    }

    /// Adds the rules whose clauses hold in a value.
    pub(super) fn find(&self, value: &[u8], found: &mut [u64]) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let Ok(mut state) = automaton.start_state(Anchored::No) else {
            return;
        };
        for byte in value {
            state = automaton.next_state(Anchored::No, state, *byte);
            if automaton.is_special(state) && automaton.is_match(state) {
                for index in 0..automaton.match_len(state) {
                    let marks = self.marks.get(automaton.match_pattern(state, index).as_usize());
                    for (word, bits) in marks.into_iter().flatten() {
                        if let Some(word) = found.get_mut(usize::from(*word)) {
                            *word |= bits;
                        }
                    }
                }
            }
        }
    }

    /// Whether no text is looked for, because there are too many: then no text that is needed is known to be there.
    pub(super) fn is_blind(&self) -> bool {
        self.automaton.is_none()
    }

    /// How many bytes it takes.
    pub(super) fn memory_usage(&self) -> usize {
        let marks: usize = self.marks.iter().map(|marks| size_of_val(&**marks) + size_of_val(marks)).sum();
        self.automaton.as_ref().map_or(0, Automaton::memory_usage) + marks + size_of_val(&*self.absent)
    }
}
