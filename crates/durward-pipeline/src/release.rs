//! Release: an answer says no more than it must.
//!
//! # What it stops
//! Banners, stack traces and internal messages that reach a caller (CWE-209, CWE-200), and answers that a browser or a
//! cache would use in a way nobody meant (CWE-525, CWE-693).
//!
//! # How it decides
//! Fields of the hop and fields that name software are removed, as are fields by which only Durward speaks. The text of
//! a server error is replaced by a problem document with the same status. Security fields are set where the upstream set
//! none; the answer to an authenticated request is not stored unless the upstream says how. The firewall's response phases
//! run here, on the answer as the upstream gave it.
//!
//! # Policy
//! ```toml
//! [api.orders.release]
//! mask_errors      = true      # replace the content of 5xx answers
//! security_headers = true
//! ```
//!
//! # Reasons
//! `upstream-error`, `answer-hostile`.
//!
//! # Example
//! A 500 with a stack trace reaches the caller as `{"title":"Internal Server Error","status":500,"request_id":"..."}`.

use bytes::Bytes;
use durward_core::{
    Caller, Denial, Fault, FaultKind, Mode, Outcome, RateTicket, Reason, RequestId, StageId, Trail, Verdict,
};
use durward_firewall::{AnswerInspected, RequestInspected};
use durward_http::Clean;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, response};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::{Site, fault_answer, problem, refusal};

/// The stage as written in the policy.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseConfig {
    /// Replace the content of server errors.
    pub mask_errors: bool,
    /// Set security fields where the upstream set none.
    pub security_headers: bool,
}

impl Default for ReleaseConfig {
    fn default() -> Self {
        Self { mask_errors: true, security_headers: true }
    }
}

/// The stage.
#[derive(Debug, Clone, Copy)]
pub struct ReleaseStage {
    config: ReleaseConfig,
}

impl ReleaseStage {
    /// Compiles the stage.
    #[must_use]
    pub const fn compile(config: ReleaseConfig) -> Self {
        Self { config }
    }
}

/// What to do with the content of an answer.
#[derive(Debug)]
pub enum Disposition {
    /// It goes to the caller.
    Pass,
    /// So many bytes of it, at most, are held back and given to [`Release::content`] before anything goes to the caller.
    Hold(usize),
    /// This answer goes instead; the upstream's content is dropped.
    Replace(Response<Bytes>),
}

/// What is to be done with the answer to one admitted request.
#[derive(Debug)]
pub struct Release<'p> {
    site: &'p Site,
    id: RequestId,
    id_field: HeaderValue,
    secure: bool,
    authenticated: bool,
    ticket: RateTicket,
    inspected: RequestInspected,
}

impl<'p> Release<'p> {
    pub(crate) fn new(
        site: &'p Site,
        clean: &Clean,
        caller: &Caller,
        ticket: RateTicket,
        inspected: RequestInspected,
        id_field: HeaderValue,
    ) -> Self {
        Self {
            site,
            id: clean.facts().id(),
            id_field,
            secure: clean.facts().connection().tls.is_some(),
            authenticated: caller.principal().is_some(),
            ticket,
            inspected,
        }
    }

    /// Settles the head of an answer.
    pub fn head(&mut self, head: &mut response::Parts, trail: &mut Trail) -> Disposition {
        if let Some(why) = unsound(head) {
            return Disposition::Replace(self.fault(&Fault::new(FaultKind::Broken, why), trail));
        }
        let config = self.site.release.config;
        trail.conclude(StageId::Upstream, Outcome::Passed);
        let verdict = self.inspected.check_answer_head(head.status, &head.headers);
        let observed = match self.settle(verdict, trail) {
            Ok(observed) => observed,
            Err(denial) => return Disposition::Replace(self.refused(&denial)),
        };
        if head.status.is_server_error() && config.mask_errors {
            self.inspected.finish();
            trail.conclude(StageId::Release, Outcome::Masked(head.status.as_u16()));
            let mut answer = problem::problem(Reason::UpstreamErrorMasked, head.status.as_u16(), Vec::new(), self.id);
            self.fields(answer.headers_mut());
            return Disposition::Replace(answer);
        }
        let switching = head.status == StatusCode::SWITCHING_PROTOCOLS;
        strip(&mut head.headers, switching);
        if !switching {
            self.fields(&mut head.headers);
        }
        if let Some(most) = self.inspected.wants_answer() {
            return Disposition::Hold(most);
        }
        self.inspected.finish();
        if !observed {
            trail.conclude(StageId::Release, Outcome::Passed);
        }
        Disposition::Pass
    }

    /// Settles the content of an answer, as much of it as was to be held back; what goes instead of it, if anything does.
    pub fn content(&mut self, content: &[u8], trail: &mut Trail) -> Option<Response<Bytes>> {
        let verdict = self.inspected.check_answer(content);
        match self.settle(verdict, trail) {
            Ok(observed) => {
                if !observed {
                    trail.conclude(StageId::Release, Outcome::Passed);
                }
                None
            }
            Err(denial) => Some(self.refused(&denial)),
        }
    }

    /// What the firewall says of an answer: whether it would have refused it, or the refusal.
    fn settle(&self, verdict: Verdict<AnswerInspected>, trail: &mut Trail) -> Result<bool, Denial> {
        let verdict = match (verdict, self.site.charter.mode(StageId::FirewallBody)) {
            (Verdict::Pass(inspected), _) => {
                trail.observe(&inspected);
                return Ok(false);
            }
            (Verdict::Deny(denial, inspected), Mode::Enforce) => Verdict::Deny(denial, inspected),
            (Verdict::Deny(denial, inspected), Mode::Observe | Mode::Off) => {
                Verdict::deny(denial.observed(), inspected)
            }
        };
        trail.settle(StageId::Release, verdict).map(|_| true)
    }

    fn refused(&self, denial: &Denial) -> Response<Bytes> {
        let mut answer = refusal(denial, self.id);
        self.fields(answer.headers_mut());
        answer
    }

    /// The answer when the way to the upstream failed.
    pub fn fault(&mut self, fault: &Fault, trail: &mut Trail) -> Response<Bytes> {
        self.inspected.finish();
        trail.conclude(StageId::Upstream, Outcome::Failed(Box::new(fault.clone())));
        let mut answer = fault_answer(fault, self.id);
        self.fields(answer.headers_mut());
        answer
    }

    fn fields(&self, headers: &mut HeaderMap) {
        headers.reserve(FIELDS_OF_OURS);
        headers.insert(crate::admitted::X_REQUEST_ID, self.id_field.clone());
        if let (Some(limit), Some(policy)) = (durward_limits::rate_limit(&self.ticket), self.site.quota.policy()) {
            headers.insert(RATELIMIT, limit);
            headers.insert(RATELIMIT_POLICY, policy.clone());
        }
        if !self.site.release.config.security_headers {
            return;
        }
        default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if self.secure {
            default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        if self.authenticated {
            default(headers, header::CACHE_CONTROL, "no-store");
        }
        if !is_page(headers) {
            default(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
            default(headers, header::REFERRER_POLICY, "no-referrer");
        }
    }
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// A page sets its own policy; the strictest one would blank it.
fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Why nobody can say what an answer is, or where it ends (RFC 9112 section 6.3): the HTTP layer has read it in one way, and
/// the client, or a cache before it, might read it in another.
fn unsound(head: &response::Parts) -> Option<&'static str> {
    if head.status.as_u16() > 599 {
        return Some("the upstream answered with a status that does not exist");
    }
    let headers = &head.headers;
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next();
    if lengths.next().is_some() || length.is_some_and(|value| !value.as_bytes().iter().all(u8::is_ascii_digit)) {
        return Some("the upstream's content-length is not one number");
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let coding = codings.next()?;
    if codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked") {
        return Some("the upstream's transfer-encoding is not `chunked`");
    }
    length.map(|_| "the upstream's answer has content-length beside transfer-encoding")
}

/// Removes what belongs to the hop to the upstream and what names software.
fn strip(headers: &mut HeaderMap, switching: bool) {
    let nominated: SmallVec<[HeaderName; 2]> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .filter(|name| *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE)
        .collect();
    let gone: SmallVec<[HeaderName; 6]> =
        headers.keys().filter(|name| belongs_to_hop(name, switching) || names_software(name)).cloned().collect();
    for name in gone.iter().chain(nominated.iter().filter(|name| !(switching && **name == header::UPGRADE))) {
        headers.remove(name);
    }
}

fn belongs_to_hop(name: &HeaderName, switching: bool) -> bool {
    match *name {
        header::CONNECTION | header::UPGRADE => !switching,
        header::TRANSFER_ENCODING | header::TE | header::PROXY_AUTHENTICATE => true,
        _ => matches!(name.as_str(), "keep-alive" | "proxy-connection"),
    }
}

fn names_software(name: &HeaderName) -> bool {
    match *name {
        header::SERVER | header::VIA => true,
        header::DATE | header::CONTENT_TYPE | header::CONTENT_LENGTH => false,
        _ => {
            let name = name.as_str();
            SOFTWARE.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
        }
    }
}

/// The most that is added to an answer.
const FIELDS_OF_OURS: usize = 8;
/// draft-ietf-httpapi-ratelimit-headers.
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const SOFTWARE: &[&str] = &[
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-runtime",
    "x-version",
    "x-backend-server",
    "x-drupal-cache",
    "x-envoy-upstream-service-time",
    "x-request-id",
    // For the server in front of an application, which is us: they name its inner files and locations.
    "x-sendfile",
    "x-lighttpd-send-file",
];

const FAMILIES: &[&str] = &["durward-", "x-debug-", "x-accel-"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_one_end() {
        const CL: &str = "content-length";
        const TE: &str = "transfer-encoding";
        type Row = (u16, &'static [(&'static str, &'static str)], bool);
        let table: &[Row] = &[
            (200, &[], true),
            (200, &[(CL, "5")], true),
            (200, &[(TE, "chunked")], true),
            (200, &[(TE, "Chunked")], true),
            (599, &[], true),
            (600, &[], false),
            (999, &[(CL, "5")], false),
            (200, &[(CL, "5, 5")], false),
            (200, &[(CL, "5"), (CL, "5")], false),
            (200, &[(CL, "+5")], false),
            (200, &[(TE, "chunked"), (CL, "5")], false),
            (200, &[(CL, "300"), (TE, "chunked")], false),
            (200, &[(TE, "gzip, chunked")], false),
            (200, &[(TE, "xchunked")], false),
            (200, &[(TE, "chunked"), (TE, "chunked")], false),
            (200, &[(TE, "identity")], false),
        ];
        for (status, fields, sound) in table {
            let mut answer = Response::builder().status(*status);
            for (name, value) in *fields {
                answer = answer.header(*name, *value);
            }
            let (head, ()) = answer.body(()).unwrap().into_parts();
            assert_eq!(unsound(&head).is_none(), *sound, "{status} {fields:?}");
        }
    }

    #[test]
    fn what_stays_behind() {
        let mut headers = HeaderMap::new();
        for name in ["server", "x-accel-redirect", "x-sendfile", "durward-caller", "x-debug-sql", "etag", "set-cookie"]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("v"));
        }
        strip(&mut headers, false);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["etag", "set-cookie"]);
    }
}
