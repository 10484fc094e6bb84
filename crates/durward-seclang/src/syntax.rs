//! See the brief.
