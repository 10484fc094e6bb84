//! A web application firewall engine for `SecLang`, the language of `ModSecurity` and of the OWASP Core Rule Set.
//!
//! Rule files are parsed strictly ([`syntax`], [`load`]), compiled once into an immutable [`program`] that all routes and
//! threads share, and run by a [`transaction`] per request. The crate never does I/O, never waits, never reads a clock:
//! files, addresses and time are handed in.

pub mod arena;
pub mod ast;
pub mod body;
pub mod builtin;
pub mod byteset;
pub mod detect;
pub mod exempt;
pub mod findings;
pub mod load;
pub mod operator;
pub mod overlay;
pub mod pattern;
pub mod program;
pub mod report;
pub mod scan;
pub mod state;
pub mod syntax;
pub mod transaction;
pub mod transform;
