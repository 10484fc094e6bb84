//! Route: only what a contract names exists.

use std::ops::Deref;

use durward_contract::{Match, NoMatch};
use durward_core::{Denial, Evidence, Notes, Reason};
use durward_http::{CanonicalPath, Clean, Facts, Framing, field};
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
    let (site, matched) = find(plan, clean, clean.path())?;
    if let Some(other) = clean.path().unescaped() {
        // `/me%3Asecret` is `/me:secret` for most servers: both must be the same operation, or the rules of one are a way
        // around those of the other.
        let is_same = find(plan, clean, &other).is_ok_and(|(found, _)| std::ptr::eq(found, site));
        if !is_same {
            return Err(Denial::new(Reason::PathAmbiguous)
                .detail("with other escapes the path is another operation")
                .tell("path", "reserved characters such as `:` as they are, not escaped"));
        }
    }
    Ok(Routed { site, websocket: websocket(clean, site)?, matched })
}

fn find<'p>(plan: &'p Plan, clean: &Clean, path: &CanonicalPath) -> Result<(&'p Site, Match<'p>), Denial> {
    let mut nearest = None;
    let mut host_known = plan.apis.is_empty();
    for api in &plan.apis {
        if !api.hosts.is_empty() && !api.hosts.iter().any(|host| **host == *clean.authority().host()) {
            continue;
        }
        host_known = true;
        match api.contract.router().find(clean.facts().method(), path) {
            Ok(matched) => {
                // INVARIANT: one site per operation, in the contract's order; the policy crate compiles them so.
                let Some(site) = api.sites.get(matched.operation().index()) else { continue };
                return Ok((site, matched));
            }
            Err(NoMatch::Path) => {}
            Err(NoMatch::Method { allowed }) => {
                let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                nearest = Some(Denial::new(Reason::MethodUnknown).tell("method", format!("one of {allowed}")));
            }
        }
    }
    if host_known {
        Err(nearest.unwrap_or_else(|| Denial::new(Reason::PathUnknown)))
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
    if !site.websocket {
        return Err(Denial::new(Reason::UpgradeRefused).tell("upgrade", "nothing: this operation is not a WebSocket"));
    }
    if is_handshake(clean.facts()) {
        return Ok(true);
    }
    Err(Denial::new(Reason::UpgradeRefused).tell("upgrade", "a whole WebSocket handshake (RFC 6455 section 4.1)"))
}

/// Less than all of it is taken for a plain request by some, also by proxies in front of us (RFC 6455 section 4.2.1).
fn is_handshake(facts: &Facts) -> bool {
    let headers = facts.headers();
    let connection = field::list_all(headers, header::CONNECTION, MOST_OPTIONS).unwrap_or_default();
    let is_key = |key: &str| key.len() == 24 && key.ends_with("==");
    facts.method() == Method::GET
        && facts.version() == http::Version::HTTP_11
        && facts.framing() == Framing::Empty
        && connection.iter().any(|option| option.eq_ignore_ascii_case("upgrade"))
        && headers.get_all(header::UPGRADE).iter().count() == 1
        && field::single_text(headers, header::SEC_WEBSOCKET_VERSION) == Ok(Some("13"))
        && field::single_text(headers, header::SEC_WEBSOCKET_KEY).is_ok_and(|key| key.is_some_and(is_key))
}

const MOST_OPTIONS: usize = 8;
