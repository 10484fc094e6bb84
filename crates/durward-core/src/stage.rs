//! The stages of the request path, in order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stage of the request path. The order of the variants is the order in which a request meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StageId {
    /// Ambiguous, oversized or listed requests end here.
    Edge,
    /// Only what a contract names exists.
    Route,
    /// Request rate of one address.
    Flood,
    /// What the firewall says of the request line and the header fields.
    FirewallHead,
    /// Who is calling.
    Authn,
    /// May this caller call this operation.
    Authz,
    /// How much may this caller do.
    Quota,
    /// The body is read once, capped and decoded once.
    Body,
    /// What the contract promises.
    Validate,
    /// What the firewall says of the parameters and the content.
    FirewallBody,
    /// The way to the upstream and back.
    Upstream,
    /// What leaves.
    Release,
}

impl StageId {
    /// Every stage, in request order.
    pub const ALL: [Self; 12] = [
        Self::Edge,
        Self::Route,
        Self::Flood,
        Self::FirewallHead,
        Self::Authn,
        Self::Authz,
        Self::Quota,
        Self::Body,
        Self::Validate,
        Self::FirewallBody,
        Self::Upstream,
        Self::Release,
    ];

    /// The name used in records, metrics and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Route => "route",
            Self::Flood => "flood",
            Self::FirewallHead => "firewall-head",
            Self::Authn => "authn",
            Self::Authz => "authz",
            Self::Quota => "quota",
            Self::Body => "body",
            Self::Validate => "validate",
            Self::FirewallBody => "firewall-body",
            Self::Upstream => "upstream",
            Self::Release => "release",
        }
    }

    /// The position in [`StageId::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for StageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
