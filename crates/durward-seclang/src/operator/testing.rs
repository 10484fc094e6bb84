//! What the tables of vectors of the operators are checked with.

use std::ops::Range;
use std::sync::Arc;

use super::{Operator, OperatorName, Seen};
use crate::ast::{OperatorSpec, Piece, Settings, Text};
use crate::pattern::Interner;

fn spec(name: OperatorName, argument: &[u8], data: Option<&[u8]>) -> OperatorSpec {
    let argument = Text { pieces: vec![Piece::Literal(argument.into())] };
    OperatorSpec { name, argument, data: data.map(Arc::from) }
}

/// An operator with an argument that is right.
pub(crate) fn compile(name: OperatorName, argument: &[u8]) -> Operator {
    Operator::compile(&spec(name, argument, None), &mut Interner::default(), &Settings::default()).unwrap()
}

/// Asserts the verdicts for arguments and values; where the operator says yes, its needs must hold.
pub(crate) fn verdicts(name: OperatorName, vectors: &[(&[u8], &[u8], bool)]) {
    for (argument, value, expected) in vectors {
        verdict(&compile(name, argument), value, *expected);
    }
}

/// The same for one data file.
pub(crate) fn verdicts_from_file(name: OperatorName, content: &[u8], vectors: &[(&[u8], bool)]) {
    let spec = spec(name, b"file.data", Some(content));
    let operator = Operator::compile(&spec, &mut Interner::default(), &Settings::default()).unwrap();
    for (value, expected) in vectors {
        verdict(&operator, value, *expected);
    }
}

fn verdict(operator: &Operator, value: &[u8], expected: bool) {
    let shown = value.escape_ascii();
    for record in [false, true] {
        let mut seen = Seen::new();
        seen.record(record);
        assert_eq!(operator.evaluate(value, b"", &mut seen), expected, "{operator:?} of `{shown}`");
    }
    if let Some(needs) = operator.needs() {
        assert!(!expected || needs.hold(value), "{operator:?} finds something in `{shown}` that lacks {needs:?}");
    }
}

/// Asserts that no argument of these is taken.
pub(crate) fn refused(name: OperatorName, arguments: &[&[u8]]) {
    for argument in arguments {
        let outcome = Operator::compile(&spec(name, argument, None), &mut Interner::default(), &Settings::default());
        assert!(outcome.is_err(), "{name} takes `{}`", argument.escape_ascii());
    }
}

/// Where the operator finds something.
pub(crate) fn where_found(name: OperatorName, argument: &[u8], value: &[u8]) -> Option<Range<usize>> {
    let mut seen = Seen::new();
    seen.record(true);
    compile(name, argument).evaluate(value, b"", &mut seen);
    seen.matched()
}

/// The bytes of a group.
pub(crate) fn group(name: OperatorName, argument: &[u8], value: &[u8], number: usize) -> Option<Vec<u8>> {
    let mut seen = Seen::new();
    seen.record(true);
    compile(name, argument).evaluate(value, b"", &mut seen);
    seen.group(number, value).map(<[u8]>::to_vec)
}
