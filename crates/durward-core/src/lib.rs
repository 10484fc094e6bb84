//! The words every part of Durward shares.
//!
//! A request is described by evidence, judged by stages, and remembered by a [`Trail`]. A mistake in a document is a
//! [`Diagnostic`], a refused request is a [`Denial`], and trouble of ours or of the world is a [`Fault`]; the three are
//! never mixed.
//!
//! This crate never does I/O, never reads a clock, and knows no policy document.

mod address;
mod caller;
mod charter;
mod diagnostic;
mod fault;
mod id;
mod mode;
mod reason;
mod seam;
mod secret;
mod stage;
mod trail;
mod units;
mod verdict;

pub use address::AddressText;
pub use caller::{Caller, Credential, Grant, Principal, PrincipalKind, RateTicket, Scheme};
pub use charter::{Charter, PolicyPlace};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Source, Span, nearest};
pub use fault::{Fault, FaultKind};
pub use id::{OperationName, RequestId, RequestIds};
pub use mode::Mode;
pub use reason::Reason;
pub use seam::{Clock, Fetch, FetchError, Fetched, Inline, Job, Moment, SystemClock, Workers, hand_over};
pub use secret::Secret;
pub use stage::StageId;
pub use trail::{CredentialName, Evidence, Finding, Notes, Outcome, Sighting, Step, Trail};
pub use units::{ByteSize, Lapse, Rate, UnitError};
pub use verdict::{Denial, Verdict};
