//! Header fields that a client cannot send to the upstream: those of this hop, and those by which gateways tell
//! upstreams who is calling. They are removed always, and only then set (CVE-2025-64484 and its kind).

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
            let name = name.as_str();
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
    "x-goog-authenticated-",
    "x-amzn-oidc-",
    "x-ms-client-principal",
    "x-original-",
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
    "fastly-client-ip",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "true-client-ip",
    "x-anonymous-consumer",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-real-ip",
    "x-request-id",
    "x-rewrite-url",
    "x-user",
    "x-user-email",
    "x-user-id",
    "x-user-name",
    "x-user-roles",
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
        for name in ["accept", "x-api-key", "traceparent", "if-match", "cookie"] {
            assert!(!is_ours(&HeaderName::from_static(name)), "{name}");
        }
    }
}
