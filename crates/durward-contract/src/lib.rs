//! The contract engine: an `OpenAPI` document, compiled once into a router and validators.
//!
//! The contract is the route table of the gateway: only what it names exists, and requests have the shape it promises.
//! What a document says and this engine cannot hold a request to is told as a warning (`not enforced: ...`) when it is
//! loaded, so that nobody trusts a check that does not happen.
//!
//! This crate never opens a file or a socket (documents come through a reader that is handed in), never looks at who is
//! calling, and never repeats a value of a request in what it reports.

mod body;
mod contract;
mod load;
mod operation;
mod parameters;
mod proven;
mod router;
mod schema;
mod security;
mod violation;

pub use body::{BodyContract, BodyKind, BodyMedia};
pub use contract::{Contract, Loaded};
pub use operation::{Operation, Response};
pub use parameters::{ParameterInput, Parameters, PathParameter};
pub use proven::{Proven, ProvenContent, ProvenPlace};
pub use router::{Match, NoMatch, Router};
pub use security::{In, Requirement, SchemeKind, Security, SecurityScheme};
pub use violation::{MOST_VIOLATIONS, Violation, ViolationKind};
