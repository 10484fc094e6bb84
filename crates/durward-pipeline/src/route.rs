//! Route: only what a contract names exists.

use std::ops::Deref;

use durward_contract::{Match, NoMatch};
use durward_core::{Denial, Evidence, Notes, Reason};
use durward_http::Clean;
use http::{Method, header};

use crate::{Plan, Site};

/// A request whose operation is known.
#[derive(Debug)]
pub struct Routed<'p> {
    site: &'p Site,
    matched: Match<'p>,
    websocket: bool,
}

impl<'p> Routed<'p> {
    /// The operation's controls.
    pub const fn site(&self) -> &'p Site {
        self.site
    }

    /// Whether the client asked for a WebSocket, and may.
    pub const fn websocket(&self) -> bool {
        self.websocket
    }
}

impl<'p> Deref for Routed<'p> {
    type Target = Match<'p>;

    fn deref(&self) -> &Match<'p> {
        &self.matched
    }
}

impl Evidence for Routed<'_> {
    fn note(&self, notes: &mut Notes) {
        notes.operation = Some(self.site.name.clone());
        notes.template = Some(self.site.template.clone());
    }
}

/// Finds the operation of a request.
pub(crate) fn check<'p>(plan: &'p Plan, clean: &Clean) -> Result<Routed<'p>, Denial> {
    let mut nearest = Denial::new(Reason::PathUnknown);
    let mut host_known = plan.apis.is_empty();
    for api in &plan.apis {
        if !api.hosts.is_empty() && !api.hosts.iter().any(|host| **host == *clean.authority().host()) {
            continue;
        }
        host_known = true;
        match api.contract.router().find(clean.facts().method(), clean.path()) {
            Ok(matched) => {
                // INVARIANT: one site per operation, in the contract's order; the policy crate compiles them so.
                let Some(site) = api.sites.get(matched.operation().index()) else { continue };
                return Ok(Routed { site, websocket: websocket(clean, site)?, matched });
            }
            Err(NoMatch::Path) => {}
            Err(NoMatch::Method { allowed }) => {
                let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                nearest = Denial::new(Reason::MethodUnknown).tell("method", format!("one of {allowed}"));
            }
        }
    }
    if host_known {
        Err(nearest)
    } else {
        Err(Denial::new(Reason::AuthorityUnknown).tell("host", "a host of this gateway"))
    }
}

/// Other upgrades are ignored, as RFC 9110 section 7.8 allows; a WebSocket that the policy does not allow is refused,
/// because a client that asked for one can do nothing with a plain answer.
fn websocket(clean: &Clean, site: &Site) -> Result<bool, Denial> {
    let asked = clean
        .facts()
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if !asked {
        return Ok(false);
    }
    let possible = clean.facts().method() == Method::GET && clean.facts().version() == http::Version::HTTP_11;
    if site.websocket && possible {
        return Ok(true);
    }
    Err(Denial::new(Reason::UpgradeRefused).tell("upgrade", "nothing: this operation is not a WebSocket"))
}
