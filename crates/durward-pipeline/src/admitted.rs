//! A request that passed every stage: the only thing that can be forwarded.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use durward_authn::KeyPlace;
use durward_core::{AddressText, Caller, Grant, RateTicket, RequestId};
use durward_firewall::RequestInspected;
use durward_http::{Clean, Facts};
use durward_limits::FloodPass;
use durward_validate::{Payload, Received, Shaped};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use smallvec::SmallVec;

use crate::route::Routed;
use crate::{Forwarding, Outbound, OwnFields, Release, Site, Upstream, reserved};

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
    inspected: RequestInspected,
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
        inspected: RequestInspected,
    ) -> Self {
        Self { clean, site: routed.site(), websocket: routed.websocket(), caller, ticket, received, inspected }
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
        let Self { clean, site, websocket, caller, ticket, received, inspected } = self;
        let target = target(&clean, site);
        let mut own = OwnFields::new();
        let circumstances = Circumstances::of(&clean);
        let release = Release::new(site, &clean, &caller, ticket, inspected, circumstances.id.clone());
        let authority = clean.authority().as_str().as_bytes();
        let host = clean.facts().headers().get(header::HOST).filter(|host| host.as_bytes() == authority).cloned();
        let host = host.or_else(|| HeaderValue::from_bytes(authority).ok());
        let (method, mut headers) = Facts::into_method_and_headers(clean.into_facts());
        clear(&mut headers, &mut own, site);
        if site.firewall.holds_answers() {
            // What the rules are to look at must not be compressed.
            headers.remove(header::ACCEPT_ENCODING);
        }
        if received.decoded {
            headers.remove(header::CONTENT_ENCODING);
        }
        if let Some(value) = received.media.as_ref().and_then(|media| HeaderValue::from_str(&media.to_string()).ok()) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        join_cookies(&mut headers);
        circumstances.write(host, &mut own, &site.forwarding);
        write_caller(&mut own, &caller);
        if websocket {
            own.push((header::CONNECTION, HeaderValue::from_static("upgrade")));
            own.push((header::UPGRADE, HeaderValue::from_static("websocket")));
        }
        (Outbound { method, target, headers, own, payload: received.payload, upgrade: websocket }, release)
    }
}

/// The path that was judged, with the base path replaced where the upstream URL has one, and the query as received
/// without credentials.
fn target(clean: &Clean, site: &Site) -> Box<str> {
    let forwarding = &*site.forwarding;
    let path = clean.path().as_str();
    let rest = |prefix: &str| format!("{prefix}{}", below(path, &forwarding.base_paths));
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

/// The path below the longest base path that it has whole: `/v1` is no base of `/v10/orders`.
fn below<'c>(path: &'c str, base_paths: &[Box<str>]) -> &'c str {
    let rests = base_paths.iter().filter_map(|base| path.strip_prefix(base.trim_end_matches('/')));
    rests.into_iter().find(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path)
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
fn clear(headers: &mut HeaderMap, own: &mut OwnFields, site: &Site) {
    // In every request, and the only one in most.
    headers.remove(header::HOST);
    let gone: SmallVec<[HeaderName; 8]> = headers.keys().filter(|name| reserved::is_ours(name)).cloned().collect();
    for name in gone {
        let value = headers.remove(&name);
        if name == header::TE && value.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers")) {
            own.push((header::TE, HeaderValue::from_static("trailers")));
        }
    }
    for place in &site.credentials {
        match place {
            // The Basic credentials of a client at a token endpoint are for the upstream: no scheme here verifies them.
            KeyPlace::Header(header::AUTHORIZATION) if is_basic(headers) => {}
            KeyPlace::Header(name) => drop(headers.remove(name)),
            KeyPlace::Cookie(name) => remove_cookie(headers, name),
            KeyPlace::Query(_) => {}
        }
    }
}

fn is_basic(headers: &HeaderMap) -> bool {
    let scheme = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().get(..6));
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
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
    secure: bool,
}

impl Circumstances {
    fn of(clean: &Clean) -> Self {
        Self {
            id: HeaderValue::from_bytes(&clean.facts().id().text()).unwrap_or(HeaderValue::from_static("-")),
            client: HeaderValue::from_bytes(AddressText::of(clean.client()).as_bytes()).ok(),
            secure: clean.facts().connection().tls.is_some(),
        }
    }

    fn write(self, host: Option<HeaderValue>, own: &mut OwnFields, forwarding: &Forwarding) {
        own.push((X_REQUEST_ID, self.id));
        let scheme = if self.secure { "https" } else { "http" };
        own.push((X_FORWARDED_PROTO, HeaderValue::from_static(scheme)));
        own.extend(self.client.map(|client| (X_FORWARDED_FOR, client)));
        own.extend(forwarding.host.as_ref().or(host.as_ref()).map(|host| (header::HOST, host.clone())));
        own.extend(host.map(|host| (X_FORWARDED_HOST, host)));
    }
}

fn write_caller(own: &mut OwnFields, caller: &Caller) {
    let Some(principal) = caller.principal() else { return };
    if let Ok(value) = HeaderValue::from_str(&as_field(&principal.to_string())) {
        own.push((DURWARD_CALLER, value));
    }
    let mut scopes = String::new();
    for scope in caller.credentials().iter().flat_map(|credential| credential.scopes.iter()) {
        if !scopes.is_empty() {
            scopes.push(' ');
        }
        scopes.push_str(&as_field(scope));
    }
    match HeaderValue::from_str(&scopes) {
        Ok(value) if !scopes.is_empty() => own.push((DURWARD_SCOPES, value)),
        _ => {}
    }
}

/// Any text as a field value that two texts never share. A caller whose name cannot stand in a field must not go on
/// nameless: so what is not visible ASCII, and the `%` that tells, is escaped as in a URL.
fn as_field(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b'%';
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut value = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if is_plain(byte) {
            value.push(char::from(byte));
        } else {
            let _ = write!(value, "%{byte:02X}");
        }
    }
    Cow::Owned(value)
}

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const DURWARD_CALLER: HeaderName = HeaderName::from_static("durward-caller");
const DURWARD_SCOPES: HeaderName = HeaderName::from_static("durward-scopes");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths_end_with_a_segment() {
        let bases: [&[&str]; 4] = [&["/v1"], &["/api/v2", "/api", ""], &["/v1/", "/"], &[]];
        for (path, bases, expected) in [
            ("/v1/orders", bases[0], "/orders"),
            ("/v1", bases[0], ""),
            ("/v10/orders", bases[0], "/v10/orders"),
            ("/api/v2/x", bases[1], "/x"),
            ("/api/v20/x", bases[1], "/v20/x"),
            ("/apis/x", bases[1], "/apis/x"),
            ("/v1/x", bases[2], "/x"),
            ("/v1x/y", bases[2], "/v1x/y"),
            ("/a", bases[3], "/a"),
        ] {
            let bases: Vec<Box<str>> = bases.iter().map(|base| Box::from(*base)).collect();
            assert_eq!(below(path, &bases), expected, "{path} below {bases:?}");
        }
    }

    #[test]
    fn every_caller_has_a_name() {
        for (text, expected) in [
            ("user:https://id.example#42", "user:https://id.example#42"),
            ("user:i#zo\u{eb}", "user:i#zo%C3%AB"),
            ("user:i#a b\r\nc", "user:i#a%20b%0D%0Ac"),
            ("user:i#100%", "user:i#100%25"),
            ("user:i#\u{7f}", "user:i#%7F"),
        ] {
            assert_eq!(as_field(text), expected, "{text}");
            assert!(HeaderValue::from_str(&as_field(text)).is_ok());
        }
    }
}
