//! Where an issuer's keys come from, and how they are fetched.

use durward_core::{Fetch, Fetched};

use super::{JwksError, KeySet, MAX_JWKS_BYTES, RefreshError};
use crate::jose::Algorithm;
use crate::json::{Member, Members};

/// The largest discovery document that is read.
const MAX_DISCOVERY_BYTES: usize = 64 * 1024;

/// Where keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A JWKS document at this URL.
    Url(Box<str>),
    /// The `jwks_uri` of this issuer's discovery document (OpenID Connect Discovery 1.0 section 4).
    Discovery(Box<str>),
}

impl KeySource {
    /// Fetches and reads the keys.
    pub(super) async fn fetch(
        &self,
        fetch: &dyn Fetch,
        allowed: &[Algorithm],
    ) -> Result<(KeySet, Fetched), RefreshError> {
        let discovered;
        let url = match self {
            Self::Url(url) => url,
            Self::Discovery(issuer) => {
                discovered = discover(issuer, fetch).await?;
                &discovered
            }
        };
        let fetched = fetch.fetch(url, MAX_JWKS_BYTES).await.map_err(RefreshError::Fetch)?;
        let set = KeySet::parse(&fetched.body, allowed).map_err(RefreshError::Jwks)?;
        Ok((set, fetched))
    }
}

async fn discover(issuer: &str, fetch: &dyn Fetch) -> Result<Box<str>, RefreshError> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let fetched = fetch.fetch(&url, MAX_DISCOVERY_BYTES).await.map_err(RefreshError::Fetch)?;
    if fetched.body.len() > MAX_DISCOVERY_BYTES {
        return Err(RefreshError::Discovery("is too large"));
    }
    let document = Members::read(&fetched.body, 16)
        .map_err(|why| RefreshError::Jwks(JwksError::Json(format!("discovery document: {why}"))))?;
    // A document that speaks for another issuer would let that issuer's keys sign here (mix-up).
    if document.find("issuer").and_then(Member::text) != Some(issuer) {
        return Err(RefreshError::Discovery("names another `issuer` than the policy"));
    }
    match document.find("jwks_uri").and_then(Member::text) {
        Some(uri) if is_fetchable(uri) => Ok(uri.into()),
        Some(_) => Err(RefreshError::Discovery("has a `jwks_uri` that is not https")),
        None => Err(RefreshError::Discovery("has no `jwks_uri`")),
    }
}

/// `https`, or `http` on loopback for development; without credentials, white space or control characters.
pub(crate) fn is_fetchable(url: &str) -> bool {
    let plain = url.len() <= 2048 && url.bytes().all(|byte| byte.is_ascii_graphic());
    let host_of = |rest: &str| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        (!authority.is_empty() && !authority.contains('@')).then_some(authority)
    };
    if let Some(rest) = url.strip_prefix("https://") {
        return plain && host_of(rest).is_some();
    }
    let loopback = url.strip_prefix("http://").and_then(host_of).is_some_and(|authority| {
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority.as_str(),
        };
        ["127.0.0.1", "[::1]", "localhost"].contains(&host)
    });
    plain && loopback
}

#[cfg(test)]
mod tests {
    use super::is_fetchable;

    #[test]
    fn urls() {
        for good in [
            "https://id.example.com/jwks",
            "https://id.example.com:8443",
            "http://127.0.0.1:9100/jwks",
            "http://[::1]/k",
            "http://localhost/k",
        ] {
            assert!(is_fetchable(good), "{good}");
        }
        for bad in [
            "",
            "id.example.com",
            "http://id.example.com/jwks",
            "https://",
            "https:///x",
            "ftp://id.example.com",
            "file:///etc/passwd",
            "https://user@id.example.com/",
            "http://localhost@evil.example/",
            "https://id.example.com/a b",
            "http://127.0.0.1.evil.example/",
            "https://id.example.com/\n",
        ] {
            assert!(!is_fetchable(bad), "{bad}");
        }
    }
}
