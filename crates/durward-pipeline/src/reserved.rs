//! Header fields that a client cannot send to the upstream: those of this hop, those by which gateways tell upstreams who
//! is calling, and those that make of the request that was judged another one (`X-HTTP-Method-Override`, `X-Original-URL`).
//! They are removed always, and only then set (CVE-2025-64484 and its kind).

use std::borrow::Cow;

use http::HeaderName;
use http::header;

/// Whether a request field ends here.
pub(crate) fn is_ours(name: &HeaderName) -> bool {
    match *name {
        // Of every request; compared by number, not by text.
        header::HOST | header::CONNECTION | header::CONTENT_LENGTH | header::TRANSFER_ENCODING => true,
        header::ACCEPT
        | header::USER_AGENT
        | header::CONTENT_TYPE
        | header::AUTHORIZATION
        | header::ACCEPT_ENCODING => false,
        header::TE
        | header::TRAILER
        | header::UPGRADE
        | header::EXPECT
        | header::FORWARDED
        | header::VIA
        | header::PROXY_AUTHORIZATION
        | header::PROXY_AUTHENTICATE => true,
        _ => {
            // A contract may name fields with underscores; those are no way around this list either.
            let name = &*match name.as_str() {
                plain if !plain.contains('_') => Cow::Borrowed(plain),
                other => Cow::Owned(other.replace('_', "-")),
            };
            PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.binary_search(&name).is_ok()
        }
    }
}

/// Families of names.
const PREFIXES: &[&str] = &[
    "durward-",
    "x-forwarded",
    "x-auth-request-",
    "x-authenticated-",
    "x-authentik-",
    "x-client-cert",
    "x-consumer-",
    "x-credential-",
    "x-envoy-",
    "impersonate-",
    "x-appengine-",
    "x-goog-authenticated-",
    "x-goog-iap-",
    "x-jwt-",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-ms-token-",
    "x-original-",
    "x-originating-",
    "x-pomerium-",
    "x-remote-",
    "x-ssl-",
    "x-webauth-",
    "client-cert",
    "cf-access-",
    "remote-",
    "ssl-client-",
    "tailscale-user-",
];

/// Single names, sorted.
const NAMES: &[&str] = &[
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "fastly-client-ip",
    "http2-settings",
    "keep-alive",
    "proxy",
    "proxy-connection",
    "true-client-ip",
    "x-anonymous-consumer",
    "x-apigateway-api-userinfo",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-endpoint-api-userinfo",
    "x-forwarded",
    "x-host",
    "x-http-method",
    "x-http-method-override",
    "x-id-token",
    "x-method-override",
    "x-real-ip",
    "x-request-id",
    "x-rewrite-url",
    "x-url-scheme",
    "x-user",
    "x-user-email",
    "x-user-groups",
    "x-user-id",
    "x-user-name",
    "x-user-role",
    "x-user-roles",
    "x-user-scopes",
    "x-userinfo",
    "x-verified-user",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_found() {
        assert!(NAMES.is_sorted());
        for name in ["x-real-ip", "x-forwarded-user", "remote-user", "durward-caller", "keep-alive", "x-user-id"] {
            assert!(is_ours(&HeaderName::from_static(name)), "{name}");
        }
        for name in
            ["x-http-method-override", "x-method-override", "proxy", "x-original-url", "x_remote_user", "x_user_id"]
        {
            assert!(is_ours(&HeaderName::from_static(name)), "{name}");
        }
        for name in ["accept", "x-api-key", "traceparent", "if-match", "cookie"] {
            assert!(!is_ours(&HeaderName::from_static(name)), "{name}");
        }
    }
}
