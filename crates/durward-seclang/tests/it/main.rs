//! Tests of the engine as its users see it: rule files in, verdicts out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say what they measured"
)]

mod base;
mod builtin;
mod decisions;
mod disk;
mod drive;
mod ftw;
mod hostile;
mod libinjection;
mod load;
#[path = "../../examples/cost/meter.rs"]
mod meter;
mod prefilter;
mod rules;
mod same;
mod sample;
mod suites;
mod worst;
