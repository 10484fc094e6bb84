//! One file per verb: its arguments, and what it does.

pub(crate) mod check;
pub(crate) mod completion;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod print;
pub(crate) mod reload;
pub(crate) mod run;
pub(crate) mod why;
