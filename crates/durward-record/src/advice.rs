//! What to do about a reason: the last line of `durward why`.

use durward_core::{Reason, StageId};

/// What the operator or the caller can do next.
pub(crate) fn next(reason: Reason) -> &'static str {
    match reason {
        Reason::MethodRefused => "use a method the contract names; CONNECT and TRACE are never passed on",
        Reason::AuthorityInvalid => "send one `Host` that agrees with the request target",
        Reason::AuthorityUnknown => "call the gateway by a name it serves, or add the name to the API's `hosts`",
        Reason::PathAmbiguous => {
            "send the path in its plain form: no dot segments, no `%2f`, no `//`, no `\\`. A client that cannot is \
             worth a second look: this is how path filters are slipped past"
        }
        Reason::TargetTooLong | Reason::HeadTooLarge => {
            "send less in the target and the headers (often it is a cookie that grew), or raise the limit"
        }
        Reason::FramingInvalid | Reason::HeaderInvalid => {
            "no ordinary client sends this; look at who sent it, and whether a proxy in front rewrites messages"
        }
        Reason::AddressBlocked => "if the address should get in, take it off the block list and reload",
        Reason::PathUnknown => "add the path to the contract if it should exist; nothing else is passed on",
        Reason::MethodUnknown => "add the method to this path in the contract if it should exist",
        Reason::AddressFlooding => "wait and try again; if many users share the address, raise the flood limit",
        Reason::CredentialMissing => "send the credential that the contract's `security` of this operation names",
        Reason::CredentialMalformed => "send one credential, in the one place its scheme says",
        Reason::CredentialInvalid => {
            "the detail above says which check failed; for an API key see `durward keys list`, for a token compare \
             `iss`, `aud` and `exp` with the policy"
        }
        Reason::VerifierUnavailable => "look at the key set's URL or file; Durward tries again by itself",
        Reason::ScopeMissing => "grant the caller the scope, or correct the scopes of the operation in the contract",
        Reason::AccessDenied => "if the caller should get in, say so in the policy's access rules for this operation",
        Reason::RateExceeded => "wait as `Retry-After` says; if the rate is too low for honest use, raise it",
        Reason::BodyTooLarge | Reason::BodyBomb => "send less, or raise the body limit of this operation",
        Reason::MediaTypeUnsupported => "send a media type that the contract names for this operation",
        Reason::UpstreamUnreachable => "see that the upstream runs and that its address in the policy is right",
        Reason::UpstreamTimeout => "see why the upstream is slow, or raise its time-out",
        Reason::UpstreamBroken => "the upstream's own log says why it went away",
        Reason::UpstreamErrorMasked => "the upstream's own log has the error; its text was kept from the caller",
        Reason::HeadHostile | Reason::RequestHostile => {
            "if this was honest use, paste the exclusion above into the policy and reload; if not, the caller is worth a \
             second look"
        }
        Reason::RequestCostly => "send less, or raise `firewall.work` if honest requests need it",
        Reason::AnswerHostile => "look at what the upstream answers: it says more than it should",
        Reason::Overloaded => "try again in a moment; if it stays, the gateway needs more room",
        // A reason that is new to the table gets the advice of its stage.
        other => stage(other.stage()),
    }
}

const fn stage(stage: StageId) -> &'static str {
    match stage {
        StageId::Edge => "send a request with one plain meaning",
        StageId::Route => "see which operations the contract names",
        StageId::Flood | StageId::Quota => "wait and try again",
        StageId::Authn => "see how the contract secures this operation",
        StageId::Authz => "see who may use this operation in the policy",
        StageId::Body => "send the body as the contract describes it",
        StageId::Validate => {
            "send what the contract describes; if the contract is wrong, correct it, for it is what protects the API"
        }
        StageId::FirewallHead | StageId::FirewallBody => "see which rule refused the request, and what it saw",
        StageId::Upstream => "see that the upstream is well",
        StageId::Release => "see what the upstream answered",
    }
}
