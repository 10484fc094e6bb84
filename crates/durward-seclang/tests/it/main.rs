//! Tests of the engine as its users see it: rule files in, verdicts out.

mod libinjection;
