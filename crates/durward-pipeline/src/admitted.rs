//! A request that passed every stage: the only thing that can be forwarded.

use std::fmt::Write;
use std::sync::Arc;

use durward_authn::KeyPlace;
use durward_core::{Caller, Grant, RateTicket, RequestId};
use durward_http::{Clean, Facts};
use durward_limits::FloodPass;
use durward_validate::{Payload, Received, Shaped};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use smallvec::SmallVec;

use crate::route::Routed;
use crate::{Forwarding, Outbound, Release, Site, Upstream, reserved};

/// A request that passed every stage. Private fields and one constructor, which takes the evidence of all of them:
/// `admit` is the only way here.
#[derive(Debug)]
pub struct Admitted<'p, B> {
    clean: Clean,
    site: &'p Site,
    websocket: bool,
    caller: Caller,
    ticket: RateTicket,
    received: Received<'p, B>,
}

impl<'p, B> Admitted<'p, B> {
    #[expect(clippy::too_many_arguments, reason = "one argument per stage: leaving one out must not compile")]
    pub(crate) fn new(
        clean: Clean,
        routed: Routed<'p>,
        _flood: FloodPass,
        caller: Caller,
        _grant: Grant,
        ticket: RateTicket,
        received: Received<'p, B>,
        _shaped: Shaped,
    ) -> Self {
        Self { clean, site: routed.site(), websocket: routed.websocket(), caller, ticket, received }
    }

    /// Where it goes.
    #[must_use]
    pub fn upstream(&self) -> &'p Arc<Upstream> {
        &self.site.forwarding.upstream
    }

    /// Who is calling.
    #[must_use]
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The request.
    #[must_use]
    pub const fn id(&self) -> RequestId {
        self.clean.facts().id()
    }

    /// Whether it may be sent a second time when a connection failed before any answer: an idempotent method
    /// (RFC 9110 section 9.2.2) and a body that is still at hand.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        let idempotent = matches!(
            *self.clean.facts().method(),
            Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE
        );
        idempotent && !matches!(self.received.payload, Payload::Stream { .. })
    }

    /// The request for the upstream, and what to do with the answer.
    #[must_use]
    pub fn into_outbound(self) -> (Outbound<B>, Release<'p>) {
        let Self { clean, site, websocket, caller, ticket, received } = self;
        let forwarding = &*site.forwarding;
        let target = target(&clean, site);
        let facts = Circumstances::of(&clean);
        let release = Release::new(site, &clean, &caller, ticket);
        let (method, mut headers) = Facts::into_method_and_headers(clean.into_facts());
        clear(&mut headers, site);
        if received.decoded {
            headers.remove(header::CONTENT_ENCODING);
        }
        if let Some(value) = received.media.as_ref().and_then(|media| HeaderValue::from_str(&media.to_string()).ok()) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        join_cookies(&mut headers);
        facts.write(&mut headers, forwarding);
        write_caller(&mut headers, &caller);
        if websocket {
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        }
        (Outbound { method, target, headers, payload: received.payload, upgrade: websocket }, release)
    }
}

/// The path that was judged, with the base path replaced where the upstream URL has one, and the query as received
/// without credentials.
fn target(clean: &Clean, site: &Site) -> Box<str> {
    let forwarding = &*site.forwarding;
    let path = clean.path().as_str();
    let rest = |prefix: &str| {
        let base = forwarding.base_paths.iter().find(|base| path.starts_with(&***base)).map_or("", |base| &**base);
        format!("{prefix}{}", path.strip_prefix(base).unwrap_or(path))
    };
    let mut target = forwarding.prefix.as_ref().map_or_else(|| path.to_owned(), |prefix| rest(prefix));
    let Some(query) = clean.query().raw() else { return target.into() };
    let hidden = query_credentials(site);
    let mut mark = '?';
    if hidden.is_empty() {
        target.push(mark);
        target.push_str(query);
    } else {
        for pair in clean.query().pairs().filter(|pair| !hidden.iter().any(|name| names(pair.name, name))) {
            let _ = write!(target, "{mark}{}={}", pair.name, pair.value);
            mark = '&';
        }
    }
    target.into()
}

fn names(encoded: &str, name: &str) -> bool {
    durward_http::decode_component(encoded, true).is_ok_and(|decoded| decoded == name)
}

fn query_credentials(site: &Site) -> SmallVec<[&str; 1]> {
    let names = site.credentials.iter().filter_map(|place| match place {
        KeyPlace::Query(name) => Some(&**name),
        KeyPlace::Header(_) | KeyPlace::Cookie(_) => None,
    });
    names.collect()
}

/// Removes what belongs to this hop, what only Durward may say, and the client's credentials.
fn clear(headers: &mut HeaderMap, site: &Site) {
    let gone: SmallVec<[HeaderName; 12]> = headers.keys().filter(|name| reserved::is_ours(name)).cloned().collect();
    let trailers = headers.get(header::TE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    for name in gone {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    for place in &site.credentials {
        match place {
            KeyPlace::Header(name) => drop(headers.remove(name)),
            KeyPlace::Cookie(name) => remove_cookie(headers, name),
            KeyPlace::Query(_) => {}
        }
    }
}

fn remove_cookie(headers: &mut HeaderMap, name: &str) {
    let kept = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';').map(str::trim))
        .filter(|pair| pair.split_once('=').is_none_or(|(key, _)| key.trim() != name))
        .collect::<Vec<_>>()
        .join("; ");
    match HeaderValue::from_str(&kept) {
        Ok(value) if !kept.is_empty() => drop(headers.insert(header::COOKIE, value)),
        _ => drop(headers.remove(header::COOKIE)),
    }
}

/// HTTP/2 may split cookies over several fields; HTTP/1.1 has one (RFC 9113 section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut values = headers.get_all(header::COOKIE).iter();
    if values.next().is_none() || values.next().is_none() {
        return;
    }
    let crumbs: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if let Ok(value) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])) {
        headers.insert(header::COOKIE, value);
    }
}

/// What the upstream is told of the connection: RFC 7239 and its older names.
struct Circumstances {
    id: HeaderValue,
    client: Option<HeaderValue>,
    host: Option<HeaderValue>,
    secure: bool,
}

impl Circumstances {
    fn of(clean: &Clean) -> Self {
        Self {
            id: HeaderValue::from_bytes(&clean.facts().id().text()).unwrap_or(HeaderValue::from_static("-")),
            client: HeaderValue::from_str(&clean.client().to_string()).ok(),
            host: HeaderValue::from_str(clean.authority().as_str()).ok(),
            secure: clean.facts().connection().tls.is_some(),
        }
    }

    fn write(self, headers: &mut HeaderMap, forwarding: &Forwarding) {
        headers.insert(X_REQUEST_ID, self.id);
        let scheme = if self.secure { "https" } else { "http" };
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
        if let Some(client) = self.client {
            headers.insert(X_FORWARDED_FOR, client);
        }
        let upstream = || HeaderValue::from_str(&forwarding.upstream.authority).ok();
        let host = if forwarding.preserve_host { self.host.clone() } else { upstream() };
        if let Some(host) = host {
            headers.insert(header::HOST, host);
        }
        if let Some(host) = self.host {
            headers.insert(X_FORWARDED_HOST, host);
        }
    }
}

fn write_caller(headers: &mut HeaderMap, caller: &Caller) {
    let Some(principal) = caller.principal() else { return };
    if let Ok(value) = HeaderValue::from_str(&principal.to_string()) {
        headers.insert(DURWARD_CALLER, value);
    }
    let mut scopes = String::new();
    for scope in caller.credentials().iter().flat_map(|credential| credential.scopes.iter()) {
        if !scopes.is_empty() {
            scopes.push(' ');
        }
        scopes.push_str(scope);
    }
    match HeaderValue::from_str(&scopes) {
        Ok(value) if !scopes.is_empty() => drop(headers.insert(DURWARD_SCOPES, value)),
        _ => {}
    }
}

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const DURWARD_CALLER: HeaderName = HeaderName::from_static("durward-caller");
const DURWARD_SCOPES: HeaderName = HeaderName::from_static("durward-scopes");
