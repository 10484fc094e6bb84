//! Edge: one request, one meaning.
//!
//! # What it stops
//! Request smuggling, path confusion and header confusion (CWE-444, CWE-22, CWE-436): anything that the gateway and a
//! server behind it could read differently. Listed addresses (CWE-284).
//!
//! # How it decides
//! The method is one that APIs use; the authority is given once and is a host; the path is canonical
//! ([`durward_http::CanonicalPath`]); the query decodes; each header field that must be single is single; the framing is
//! one of the two that are unambiguous. The client address is the peer's, or, when the peer is a trusted hop, the
//! right-most address of the forwarded chain that is not a trusted hop itself.
//!
//! # Policy
//! ```toml
//! [edge]
//! trusted_hops = ["10.0.0.0/8"]        # who may say for whom a request is; default nobody
//! forwarded    = "x-forwarded-for"     # or "forwarded" (RFC 7239)
//! deny         = ["203.0.113.0/24"]
//! allow        = []                    # when not empty, nobody else
//! target       = "8KiB"
//! query_pairs  = 100
//! semicolons   = false                 # path parameters such as `/a;v=1`
//! escapes      = "utf-8"               # or "any": query escapes that are broken or not UTF-8, such as `%zz` and `%E9`
//! http_1_0     = false                 # requests of HTTP/1.0, with a host and without a transfer coding
//! ```
//!
//! # Reasons
//! `method-refused`, `authority-invalid`, `path-ambiguous`, `query-invalid`, `target-too-long`, `header-invalid`,
//! `framing-invalid`, `expectation-refused`, `address-blocked`.
//!
//! # Example
//! `GET /public/..%2fadmin` is refused with 400 `path-ambiguous`.

use std::collections::HashSet;
use std::net::IpAddr;

use durward_core::{ByteSize, Denial, Reason};
use durward_http::{Authority, CanonicalPath, Clean, Escapes, Facts, PathRules, Query, QueryLimits};
use http::{HeaderName, Method, Version, header};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{client, fields};

/// The stage as written in the policy.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeConfig {
    /// Networks whose word about the client address is taken. Empty: nobody's.
    pub trusted_hops: Vec<IpNet>,
    /// Which field trusted hops use.
    pub forwarded: ForwardedField,
    /// Networks that are refused.
    pub deny: Vec<IpNet>,
    /// When not empty, the only networks that are served.
    pub allow: Vec<IpNet>,
    /// The longest request target.
    pub target: ByteSize,
    /// The most query parameters.
    pub query_pairs: usize,
    /// Whether `;` may stand in a path.
    pub semicolons: bool,
    /// Which escapes may stand in a query. Contracts cannot hold a parameter to anything that does not decode.
    pub escapes: QueryEscapes,
    /// Whether HTTP/1.0 is served.
    pub http_1_0: bool,
}

/// Which escapes may stand in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum QueryEscapes {
    /// Those that decode to UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Also broken ones and those of other charsets; never NUL.
    #[serde(rename = "any")]
    Any,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        Self {
            trusted_hops: Vec::new(),
            forwarded: ForwardedField::XForwardedFor,
            deny: Vec::new(),
            allow: Vec::new(),
            target: ByteSize::kib(8),
            query_pairs: 100,
            semicolons: false,
            escapes: QueryEscapes::Utf8,
            http_1_0: false,
        }
    }
}

/// The field in which trusted hops name the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardedField {
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The stage.
#[derive(Debug)]
pub struct EdgeStage {
    config: EdgeConfig,
    known_names: HashSet<HeaderName>,
}

impl EdgeStage {
    /// Compiles the stage. `known_names` are the header names the contracts name: those may contain underscores and the like.
    #[must_use]
    pub fn compile(config: EdgeConfig, known_names: HashSet<HeaderName>) -> Self {
        Self { config, known_names }
    }

    /// Judges a request.
    ///
    /// # Errors
    /// The first thing that is ambiguous, oversized or listed.
    pub fn check(&self, facts: Facts) -> Result<Clean, Denial> {
        let client = client::address(&facts, &self.config.trusted_hops, self.config.forwarded)?;
        self.check_address(client)?;
        check_method(facts.method())?;
        let seen = fields::survey(&facts, &self.known_names)?;
        self.check_version(&facts)?;
        let authority = authority(&facts, seen.host)?;
        let (path, query) = self.target(&facts)?;
        Ok(Clean::new(facts, path, query, authority, client))
    }

    fn check_address(&self, client: IpAddr) -> Result<(), Denial> {
        let listed = |list: &[IpNet]| list.iter().any(|net| net.contains(&client));
        if listed(&self.config.deny) {
            return Err(Denial::new(Reason::AddressBlocked).detail("the address is on the deny list"));
        }
        if !self.config.allow.is_empty() && !listed(&self.config.allow) {
            return Err(Denial::new(Reason::AddressBlocked).detail("the address is not on the allow list"));
        }
        Ok(())
    }

    /// HTTP/1.0 knows no transfer coding, and whoever reads one there is not who does not (RFC 9112 section 6.1).
    fn check_version(&self, facts: &Facts) -> Result<(), Denial> {
        let is_served = match facts.version() {
            Version::HTTP_09 => false,
            Version::HTTP_10 => self.config.http_1_0 && !facts.headers().contains_key(header::TRANSFER_ENCODING),
            _ => true,
        };
        if is_served {
            return Ok(());
        }
        let denial = Denial::new(Reason::FramingInvalid).detail("HTTP/1.0 or older");
        Err(denial.tell("version", "HTTP/1.1 or HTTP/2"))
    }

    fn target(&self, facts: &Facts) -> Result<(CanonicalPath, Query), Denial> {
        let uri = facts.uri();
        let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
        if length > self.config.target.as_usize() {
            return Err(Denial::new(Reason::TargetTooLong)
                .tell("request target", format!("at most {} long", self.config.target)));
        }
        let rules = PathRules { allow_semicolon: self.config.semicolons };
        let path = CanonicalPath::parse(uri.path(), rules).map_err(|problem| {
            Denial::new(Reason::PathAmbiguous).detail(problem.to_string()).tell("path", problem.to_string())
        })?;
        let escapes = match self.config.escapes {
            QueryEscapes::Utf8 => Escapes::Utf8,
            QueryEscapes::Any => Escapes::Any,
        };
        let limits = QueryLimits { pairs: self.config.query_pairs, escapes, ..QueryLimits::default() };
        let query = Query::parse(uri.query(), limits).map_err(|problem| {
            Denial::new(Reason::QueryInvalid).detail(problem.to_string()).tell("query", problem.to_string())
        })?;
        Ok((path, query))
    }
}

fn check_method(method: &Method) -> Result<(), Denial> {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            Ok(())
        }
        _ => Err(Denial::new(Reason::MethodRefused)
            .detail(format!("method `{method}`"))
            .tell("method", "one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")),
    }
}

/// The one host a request is for: the target's authority and the `Host` field must agree (RFC 9112 section 3.2.2 lets a
/// server prefer the target, which is how two servers come to disagree).
fn authority(facts: &Facts, host: Option<&str>) -> Result<Authority, Denial> {
    let invalid =
        |detail: String| Denial::new(Reason::AuthorityInvalid).detail(detail).tell("host", "exactly one valid host");
    let parse = |text: &str| Authority::parse(text).map_err(|problem| invalid(problem.to_string()));
    let target = facts.uri().authority().map(|authority| authority.as_str());
    match (target, host) {
        (Some(target), Some(host)) => {
            let (target, host) = (parse(target)?, parse(host)?);
            if target == host { Ok(host) } else { Err(invalid("the target and the host field disagree".to_owned())) }
        }
        (Some(target), None) if facts.version() >= Version::HTTP_2 => parse(target),
        (Some(_), None) => Err(invalid("no host field".to_owned())),
        (None, Some(host)) => parse(host),
        (None, None) => Err(invalid("no host".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use durward_core::{Moment, RequestIds};
    use durward_http::{Connection, Framing, Head};
    use http::{HeaderMap, HeaderValue};

    use super::*;

    type Fields = &'static [(&'static str, &'static str)];

    fn facts(method: &str, uri: &str, headers: &[(&'static str, &str)]) -> Facts {
        facts_of(Version::HTTP_11, method, uri, headers)
    }

    fn facts_of(version: Version, method: &str, uri: &str, headers: &[(&'static str, &str)]) -> Facts {
        let now = Moment::new(1_790_000_000_000_000_000, 5);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let connection =
            Connection { peer: "192.0.2.7:1000".parse().unwrap(), local: "192.0.2.1:443".parse().unwrap(), tls: None };
        let head = Head { method: method.parse().unwrap(), uri: uri.parse().unwrap(), version, headers: map };
        Facts::new(RequestIds::new(1).next(now), now, Arc::new(connection), head, Framing::Empty)
    }

    fn check(config: EdgeConfig, facts: Facts) -> Result<Clean, Reason> {
        EdgeStage::compile(config, HashSet::from([HeaderName::from_static("api_key")]))
            .check(facts)
            .map_err(|denial| denial.reason())
    }

    #[test]
    fn requests_with_two_meanings_are_refused() {
        use Reason as R;
        const HOST: (&str, &str) = ("host", "api.example.com");
        let table: &[(&str, &str, Fields, Result<(), R>)] = &[
            ("GET", "/a", &[HOST], Ok(())),
            ("GET", "/a", &[], Err(R::AuthorityInvalid)),
            ("GET", "/a", &[HOST, ("host", "other")], Err(R::AuthorityInvalid)),
            ("GET", "/a", &[("host", "user@api.example.com")], Err(R::AuthorityInvalid)),
            ("GET", "/a", &[("host", "api.example.com/x")], Err(R::AuthorityInvalid)),
            ("GET", "/a", &[("host", "a b")], Err(R::AuthorityInvalid)),
            ("GET", "http://api.example.com/a", &[HOST], Ok(())),
            ("GET", "http://evil.example/a", &[HOST], Err(R::AuthorityInvalid)),
            ("CONNECT", "api.example.com:443", &[HOST], Err(R::MethodRefused)),
            ("TRACE", "/a", &[HOST], Err(R::MethodRefused)),
            ("GET", "/a/../b", &[HOST], Err(R::PathAmbiguous)),
            ("GET", "/a%2fb", &[HOST], Err(R::PathAmbiguous)),
            ("GET", "/a?x=%zz", &[HOST], Err(R::QueryInvalid)),
            ("OPTIONS", "*", &[HOST], Err(R::PathAmbiguous)),
            ("POST", "/a", &[HOST, ("transfer-encoding", "chunked")], Ok(())),
            ("POST", "/a", &[HOST, ("transfer-encoding", "gzip, chunked")], Err(R::FramingInvalid)),
            (
                "POST",
                "/a",
                &[HOST, ("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
                Err(R::FramingInvalid),
            ),
            ("POST", "/a", &[HOST, ("content-length", "2"), ("content-length", "2")], Err(R::FramingInvalid)),
            ("POST", "/a", &[HOST, ("transfer-encoding", "chunked"), ("content-length", "2")], Err(R::FramingInvalid)),
            ("GET", "/a", &[HOST, ("expect", "the-unexpected")], Err(R::ExpectationRefused)),
            ("POST", "/a", &[HOST, ("expect", "100-continue")], Ok(())),
            ("GET", "/a", &[HOST, ("x_forwarded_user", "root")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("api_key", "k")], Ok(())),
            ("GET", "/a", &[HOST, ("api_key", "k"), ("api-key", "l")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("api_key", "k"), ("api.key", "l")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("x.forwarded.user", "root")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("x~user", "root")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("x-user'id", "root")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("authorization", "a"), ("authorization", "b")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("content-type", "a/b"), ("content-type", "c/d")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("connection", "close, x-forwarded-for")], Err(R::HeaderInvalid)),
            ("GET", "/a", &[HOST, ("connection", "keep-alive")], Ok(())),
        ];
        for (method, uri, headers, expected) in table {
            let got = check(EdgeConfig::default(), facts(method, uri, headers)).map(|_| ());
            assert_eq!(got, *expected, "{method} {uri} {headers:?}");
        }
    }

    #[test]
    fn what_the_policy_may_let_in() {
        use Reason as R;
        const HOST: (&str, &str) = ("host", "h");
        let wide = || EdgeConfig { escapes: QueryEscapes::Any, http_1_0: true, ..EdgeConfig::default() };
        let old = |headers| facts_of(Version::HTTP_10, "GET", "/a", headers);
        for (headers, narrow, wider) in [
            (&[HOST][..], Err(R::FramingInvalid), Ok(())),
            (&[][..], Err(R::FramingInvalid), Err(R::AuthorityInvalid)),
            (&[HOST, ("transfer-encoding", "chunked")][..], Err(R::FramingInvalid), Err(R::FramingInvalid)),
        ] {
            assert_eq!(check(EdgeConfig::default(), old(headers)).map(|_| ()), narrow, "{headers:?}");
            assert_eq!(check(wide(), old(headers)).map(|_| ()), wider, "{headers:?}");
        }
        for (uri, wider) in [
            ("/a?q=caf%E9", Ok(())),
            ("/a?q=100%", Ok(())),
            ("/a?q=%u0041", Ok(())),
            ("/a?q=%00", Err(R::QueryInvalid)),
            ("/a?q=%25%zz%00", Err(R::QueryInvalid)),
            ("/a%E9", Err(R::PathAmbiguous)),
        ] {
            let narrow = check(EdgeConfig::default(), facts("GET", uri, &[HOST])).err();
            assert!(matches!(narrow, Some(R::QueryInvalid | R::PathAmbiguous)), "{uri}");
            assert_eq!(check(wide(), facts("GET", uri, &[HOST])).map(|_| ()), wider, "{uri}");
        }
    }

    #[test]
    fn the_client_is_the_right_most_untrusted_hop() {
        let config = || EdgeConfig {
            trusted_hops: vec!["192.0.2.0/24".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
            ..EdgeConfig::default()
        };
        const HOST: (&str, &str) = ("host", "h");
        let table: &[(Fields, Result<&str, Reason>)] = &[
            (&[HOST], Ok("192.0.2.7")),
            (&[HOST, ("x-forwarded-for", "203.0.113.9")], Ok("203.0.113.9")),
            (&[HOST, ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.1.1.1")], Ok("203.0.113.9")),
            (&[HOST, ("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.9:443")], Ok("203.0.113.9")),
            (&[HOST, ("x-forwarded-for", "[2001:db8::1]:443")], Ok("2001:db8::1")),
            (&[HOST, ("x-forwarded-for", "::ffff:203.0.113.9")], Ok("203.0.113.9")),
            (&[HOST, ("x-forwarded-for", "6.6.6.6, unknown")], Err(Reason::HeaderInvalid)),
        ];
        for (headers, expected) in table {
            let got = check(config(), facts("GET", "/", headers)).map(|clean| clean.client().to_string());
            assert_eq!(got.as_deref().map_err(|reason| *reason), *expected, "{headers:?}");
        }
        let spoofed = check(EdgeConfig::default(), facts("GET", "/", &[HOST, ("x-forwarded-for", "203.0.113.9")]));
        assert_eq!(
            spoofed.map(|clean| clean.client().to_string()),
            Ok("192.0.2.7".to_owned()),
            "nobody is trusted by default"
        );
    }

    #[test]
    fn listed_addresses_are_refused() {
        let deny = EdgeConfig { deny: vec!["192.0.2.0/24".parse().unwrap()], ..EdgeConfig::default() };
        let allow = EdgeConfig { allow: vec!["198.51.100.0/24".parse().unwrap()], ..EdgeConfig::default() };
        for config in [deny, allow] {
            assert_eq!(check(config, facts("GET", "/", &[("host", "h")])).err(), Some(Reason::AddressBlocked));
        }
    }
}
