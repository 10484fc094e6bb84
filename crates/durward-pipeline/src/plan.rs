//! The plan: everything that decides about requests, compiled, immutable, shared by all cores.

use std::fmt;
use std::sync::Arc;

use durward_authn::{AuthnStage, KeyPlace};
use durward_authz::AuthzStage;
use durward_contract::Contract;
use durward_core::{Charter, Fetch, OperationName, Workers};
use durward_edge::EdgeStage;
use durward_firewall::FirewallStage;
use durward_limits::{FloodStage, QuotaStage};
use durward_validate::{BodyStage, ValidateStage};
use http::HeaderValue;

use crate::{ReleaseStage, Upstream};

/// The compiled plan. A reload compiles a whole new one; a bad document never replaces a good plan.
pub struct Plan {
    /// Counts the plans of this process, from 1.
    pub generation: u64,
    /// The first stage.
    pub edge: EdgeStage,
    /// What governs a request before its operation is known.
    pub charter: Arc<Charter>,
    /// The APIs, in the order in which they are asked for a path.
    pub apis: Vec<Api>,
    /// The way to key sets.
    pub fetch: Arc<dyn Fetch>,
    /// Who does work that would hold up a core.
    pub workers: Arc<dyn Workers>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("generation", &self.generation)
            .field("apis", &self.apis.len())
            .finish_non_exhaustive()
    }
}

/// One API: a contract and the controls of each of its operations.
#[derive(Debug)]
pub struct Api {
    /// The contract.
    pub contract: Arc<Contract>,
    /// The hosts this API answers to; empty means all.
    pub hosts: Vec<Box<str>>,
    /// The controls, by operation index.
    pub sites: Vec<Site>,
}

/// The compiled controls of one operation.
#[derive(Debug)]
pub struct Site {
    /// The operation.
    pub name: OperationName,
    /// Its path template.
    pub template: Arc<str>,
    /// Modes and places of its stages.
    pub charter: Arc<Charter>,
    /// Request rate of one address.
    pub flood: Arc<FloodStage>,
    /// Is it hostile.
    pub firewall: Arc<FirewallStage>,
    /// Who is calling.
    pub authn: AuthnStage,
    /// May they.
    pub authz: AuthzStage,
    /// How much may they.
    pub quota: Arc<QuotaStage>,
    /// The content is read.
    pub body: BodyStage,
    /// The content is judged.
    pub validate: Arc<ValidateStage>,
    /// Where it goes.
    pub forwarding: Arc<Forwarding>,
    /// What leaves.
    pub release: ReleaseStage,
    /// Where the client's credentials stand that do not go on to the upstream.
    pub credentials: Vec<KeyPlace>,
    /// Whether the operation may become a WebSocket.
    pub websocket: bool,
}

/// How the requests of one API reach their upstream.
#[derive(Debug)]
pub struct Forwarding {
    /// The upstream.
    pub upstream: Arc<Upstream>,
    /// The base paths of the contract, longest first: what `prefix` replaces.
    pub base_paths: Vec<Box<str>>,
    /// The path of the upstream URL, which replaces the base path; `None` forwards the path as it is.
    pub prefix: Option<Box<str>>,
    /// `Host` for the upstream; `None` lets the client's go on.
    pub host: Option<HeaderValue>,
}

/// What becomes of the client's credentials on the way to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialPolicy {
    /// They end here; the upstream learns who calls from Durward.
    #[default]
    Strip,
    /// They go on.
    Forward,
}
