//! What the gateway does to a request.

use durward_core::{
    Denial,
    StageId::{Authn, Authz, Body, Edge, FirewallBody, FirewallHead, Flood, Quota, Route, Validate},
    Trail,
};
use durward_firewall::Content;
use durward_http::{BodySource, Facts};
use durward_validate::{Payload, Received};

use crate::{Admitted, Plan, route};

/// Decides whether a request goes on: read this function to know what the gateway does to a request.
///
/// Each stage takes the proof that the one before produced, and [`Admitted`] takes them all, so that forgetting a stage
/// does not compile. The order is written here once, with its reasons.
///
/// # Errors
/// The denial of the first enforced stage that objects; the trail has it too.
pub async fn admit<'p, B: BodySource>(
    plan: &'p Plan,
    facts: Facts,
    body: B,
    trail: &mut Trail,
) -> Result<Admitted<'p, B>, Denial> {
    trail.observe(&facts);
    trail.govern(&plan.charter);
    // 1 Cheap and blind: ambiguous or blocked requests end here, without I/O.
    let clean = trail.require(Edge, plan.edge.check(facts))?;
    // 2 Only what a contract names exists. From here on the operation's own controls govern.
    let routed = trail.require(Route, route::check(plan, &clean))?;
    let site = routed.site();
    trail.govern(&site.charter);
    // 3 Floods, before anything costs cryptography.
    let flood = trail.settle(Flood, site.flood.check(&clean))?;
    // 4 Known-bad heads, before credentials are looked at.
    let head = trail.settle(FirewallHead, site.firewall.check_head(&clean))?;
    // 5 Who?   6 May they?   7 How much may they?
    let caller = trail.settle(Authn, site.authn.check(&clean, &*plan.fetch).await)?;
    let grant = trail.settle(Authz, site.authz.check(&caller))?;
    let ticket = trail.settle(Quota, site.quota.check(&caller, &clean))?;
    // 8 Read the content once, capped, decoded once.   9 Is it what the contract promises?   10 Hostile anyway?
    let received = trail.require(Body, site.body.read(routed.operation(), &clean, body).await)?;
    let shaped = trail.settle(Validate, site.validate.check(&routed, &clean, &received))?;
    let inspected =
        trail.settle(FirewallBody, site.firewall.check_body(head, content(&received), &*plan.workers).await)?;
    Ok(Admitted::new(clean, routed, flood, caller, grant, ticket, received, shaped, inspected))
}

/// What the firewall may look at.
fn content<B>(received: &Received<'_, B>) -> Content {
    match &received.payload {
        Payload::Empty => Content::Nothing,
        Payload::Whole(bytes) => Content::Whole(bytes.clone()),
        Payload::Stream { .. } => Content::Unseen,
    }
}
