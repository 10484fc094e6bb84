//! The reason table: every way a request can be refused, with its code, status and title.

use std::fmt;

use crate::StageId;

macro_rules! reasons {
    ($( $(#[doc = $doc:literal])+ $name:ident, $code:literal, $status:literal, $stage:ident, $title:literal; )+) => {
        /// Why a request was refused. The code is stable and public; the status and the title are what the caller sees.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $( $(#[doc = $doc])+ $name, )+ }

        impl Reason {
            /// Every reason, in table order.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The stable code, kebab-case.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $( Self::$name => $code, )+ } }

            /// The HTTP status of the answer.
            #[must_use]
            pub const fn status(self) -> u16 { match self { $( Self::$name => $status, )+ } }

            /// The stage that gives this reason.
            #[must_use]
            pub const fn stage(self) -> StageId { match self { $( Self::$name => StageId::$stage, )+ } }

            /// The title of the problem document (RFC 9457).
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $( Self::$name => $title, )+ } }

            /// What it means, for the reference documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str { match self { $( Self::$name => concat!($($doc),+), )+ } }

            /// Finds a reason by its code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|r| r.code() == code) }
        }
    };
}

reasons! {
    /// The method is not one an API uses (CONNECT, TRACE or an unknown token).
    MethodRefused, "method-refused", 405, Edge, "Method not allowed";
    /// The authority is missing, given twice, disagrees with the target, or is not a host.
    AuthorityInvalid, "authority-invalid", 400, Edge, "Invalid host";
    /// The authority does not belong to this gateway.
    AuthorityUnknown, "authority-unknown", 421, Route, "Misdirected request";
    /// The path is ambiguous: dot segments, encoded slashes, backslashes, empty segments, NUL, invalid UTF-8 or escapes.
    PathAmbiguous, "path-ambiguous", 400, Edge, "Ambiguous path";
    /// The query has invalid escapes or too many parameters.
    QueryInvalid, "query-invalid", 400, Edge, "Invalid query";
    /// The request target is longer than the limit.
    TargetTooLong, "target-too-long", 414, Edge, "Request target too long";
    /// The header section is larger than the limit.
    HeadTooLarge, "head-too-large", 431, Edge, "Request header fields too large";
    /// A header field is malformed, repeated where it must be single, or an alias of a reserved name.
    HeaderInvalid, "header-invalid", 400, Edge, "Invalid header field";
    /// The framing of the message is conflicting or uses an unsupported coding.
    FramingInvalid, "framing-invalid", 400, Edge, "Invalid message framing";
    /// The `Expect` header asks for something other than `100-continue`.
    ExpectationRefused, "expectation-refused", 417, Edge, "Expectation failed";
    /// The upgrade is not one that is allowed here.
    UpgradeRefused, "upgrade-refused", 400, Route, "Upgrade not allowed";
    /// The client address is on a block list.
    AddressBlocked, "address-blocked", 403, Edge, "Forbidden";
    /// No contract names this path.
    PathUnknown, "path-unknown", 404, Route, "Not found";
    /// The path exists but not with this method.
    MethodUnknown, "method-unknown", 405, Route, "Method not allowed";
    /// One address sends requests faster than the flood limit.
    AddressFlooding, "address-flooding", 429, Flood, "Too many requests";
    /// A firewall rule refuses the request for its request line or its header fields.
    HeadHostile, "head-hostile", 403, FirewallHead, "Forbidden";
    /// No credential was sent and the operation needs one.
    CredentialMissing, "credential-missing", 401, Authn, "Authentication required";
    /// A credential was sent twice, in two places, or cannot be read.
    CredentialMalformed, "credential-malformed", 400, Authn, "Malformed credentials";
    /// The credential is unknown, expired, revoked, not meant for this service or does not verify.
    CredentialInvalid, "credential-invalid", 401, Authn, "Authentication failed";
    /// The keys to verify the credential cannot be had at the moment.
    VerifierUnavailable, "verifier-unavailable", 503, Authn, "Service unavailable";
    /// The caller lacks a scope that the contract asks for.
    ScopeMissing, "scope-missing", 403, Authz, "Insufficient scope";
    /// The policy does not let this caller use this operation.
    AccessDenied, "access-denied", 403, Authz, "Forbidden";
    /// The caller used up its rate.
    RateExceeded, "rate-exceeded", 429, Quota, "Too many requests";
    /// The body is larger than the limit.
    BodyTooLarge, "body-too-large", 413, Body, "Content too large";
    /// The operation takes no body, but one was sent.
    BodyUnexpected, "body-unexpected", 400, Body, "Unexpected request content";
    /// The operation needs a body and none was sent.
    BodyMissing, "body-missing", 400, Body, "Request content missing";
    /// The media type or content coding is not one the operation takes.
    MediaTypeUnsupported, "media-type-unsupported", 415, Body, "Unsupported media type";
    /// The body broke off, is badly framed, or does not decode.
    BodyMalformed, "body-malformed", 400, Body, "Malformed request content";
    /// The body took longer than the time-out.
    BodyTimeout, "body-timeout", 408, Body, "Request timeout";
    /// The body expands beyond the limit when decompressed.
    BodyBomb, "body-bomb", 413, Body, "Content too large";
    /// A path, query, header or cookie parameter is missing or is not what the contract promises.
    ParameterInvalid, "parameter-invalid", 400, Validate, "Invalid parameter";
    /// A parameter that the contract does not name.
    ParameterUnknown, "parameter-unknown", 400, Validate, "Unknown parameter";
    /// The JSON text is malformed, repeats a member, or is too deep.
    JsonMalformed, "json-malformed", 400, Validate, "Malformed JSON";
    /// The form is malformed.
    FormMalformed, "form-malformed", 400, Validate, "Malformed form";
    /// The body is not what the contract promises.
    BodyInvalid, "body-invalid", 400, Validate, "Invalid request content";
    /// A firewall rule refuses the request for its parameters or its content.
    RequestHostile, "request-hostile", 403, FirewallBody, "Forbidden";
    /// To look at all of the request would cost the firewall more work than one request may.
    RequestCostly, "request-costly", 413, FirewallBody, "Content too large";
    /// The upstream cannot be reached.
    UpstreamUnreachable, "upstream-unreachable", 502, Upstream, "Bad gateway";
    /// The upstream broke the protocol or went away in the middle of an answer.
    UpstreamBroken, "upstream-broken", 502, Upstream, "Bad gateway";
    /// The upstream did not answer in time.
    UpstreamTimeout, "upstream-timeout", 504, Upstream, "Gateway timeout";
    /// The gateway is shutting down or out of capacity.
    Overloaded, "overloaded", 503, Upstream, "Service unavailable";
    /// The upstream answered with a server error whose text is not shown.
    UpstreamErrorMasked, "upstream-error", 502, Release, "Bad gateway";
    /// A firewall rule refuses the answer for what it says.
    AnswerHostile, "answer-hostile", 502, Release, "Bad gateway";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn codes_are_unique_and_found() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
    }
}
