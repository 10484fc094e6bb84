//! The request path. Read [`admit()`] to know what the gateway does to a request, and [`Release`] for the answer.
//!
//! This crate never sees a socket, a runtime, a clock or the policy document.

mod admit;
mod admitted;
mod explain;
mod outbound;
mod plan;
mod problem;
mod release;
mod reserved;
mod route;
mod upstream;

pub use admit::admit;
pub use admitted::Admitted;
pub use durward_validate::Payload;
pub use explain::{ExplainError, Explained, explain, read_request};
pub use outbound::{Outbound, OwnFields};
pub use plan::{Api, CredentialPolicy, Forwarding, Plan, Site};
pub use problem::{fault_answer, refusal};
pub use release::{Disposition, Release, ReleaseConfig, ReleaseStage};
pub use upstream::{Upstream, UpstreamProtocol, UpstreamTimeouts, UpstreamTrust};
