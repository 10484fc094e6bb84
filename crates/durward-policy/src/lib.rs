//! The policy document: read strictly, checked against the contracts, compiled to a plan.
//!
//! What was typed becomes what it means, once: [`Document`] is what the file says, [`Compiled`] is what the gateway
//! runs. No request is ever decided by looking at the document.
//!
//! This crate never listens, never connects and never decides a request. Files come through a handed [`Files`].

mod compile;
mod document;
mod files;
mod init;
mod places;
mod print;
mod read;

pub use compile::{Certificate, Compiled, Environment, Listeners, compile};
pub use document::{
    AdminSection, ApiSection, AuthSection, CertificateSection, Document, ListenSection, ListenTimeouts, Modes,
    RecordSection, StoreSection, UpstreamSection,
};
pub use files::{Disk, Files};
pub use init::{InitError, init};
pub use places::Places;
pub use print::print;
pub use read::{Policy, read};
