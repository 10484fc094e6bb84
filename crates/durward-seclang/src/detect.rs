//! Detectors that read a value as a program would, instead of looking for words in it.
//!
//! [`sqli`] and [`xss`] decide what `@detectSQLi` and `@detectXSS` decide: the algorithm of libinjection, written anew.

pub mod sqli;
pub mod xss;

pub use sqli::{Fingerprint, sqli};
pub use xss::xss;
