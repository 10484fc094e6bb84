//! The policy of the demo, written as a user would write it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::identity::{AUDIENCE, ISSUER};

/// What differs from run to run.
#[derive(Debug, Clone, Copy)]
pub struct DemoPolicy<'a> {
    /// Where the gateway listens.
    pub https: SocketAddr,
    /// The admin socket.
    pub admin_socket: &'a Path,
    /// The folder of the embedded store.
    pub store: &'a Path,
    /// The contract.
    pub spec: &'a Path,
    /// The sample API.
    pub upstream: SocketAddr,
    /// The key set of [`super::identity::DemoIssuer`].
    pub jwks: &'a Path,
}

impl DemoPolicy<'_> {
    /// The text of `durward.toml`.
    ///
    /// # Errors
    /// When a path is not UTF-8 and so cannot be written in TOML.
    pub fn text(&self) -> Result<String> {
        let Self { https, upstream, .. } = self;
        let (admin, store, spec) = (quoted(self.admin_socket)?, quoted(self.store)?, quoted(self.spec)?);
        let jwks = quoted(self.jwks)?;
        let mut text = String::new();
        write!(
            text,
            r#"# The policy of `durward demo`. Paths, schemas, credentials and scopes come from the contract; this file
# says only what a contract has no words for.
version = 1

[listen]
https       = "{https}"
certificate = {{ self_signed = ["localhost"] }}

[admin]
socket = {admin}

[store]
path = {store}

# The names are those of the contract's securitySchemes.
[auth.app]
api_key = {{}}

[auth.user]
jwt = {{ issuer = "{ISSUER}", audience = "{AUDIENCE}", jwks = {{ file = {jwks} }}, profile = "rfc9068" }}

[api.orders]
spec     = {spec}
upstream = {{ url = "http://{upstream}" }}
public   = ["getHealth"]

# Attachments stream through unread, so they may be large.
[api.orders.operations.putAttachment]
stream = "2GiB"

[limits.caller]
rate  = "60/min"
burst = {BURST}
"#
        )?;
        Ok(text)
    }
}

/// How many requests a caller may send at once before the rate counts.
pub const BURST: u16 = 20;

fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().with_context(|| format!("`{}` is not UTF-8", path.display()))?;
    // A JSON string is also a TOML basic string: both know the same escapes.
    Ok(serde_json::to_string(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_placeholders_are_filled_and_quoted() {
        let policy = DemoPolicy {
            https: ([127, 0, 0, 1], 8443).into(),
            admin_socket: Path::new("run/admin.sock"),
            store: Path::new("a \"quoted\" folder"),
            spec: Path::new("orders.yaml"),
            upstream: ([127, 0, 0, 1], 9000).into(),
            jwks: Path::new("jwks.json"),
        };
        let text = policy.text().unwrap();
        for line in [
            "https       = \"127.0.0.1:8443\"",
            "path = \"a \\\"quoted\\\" folder\"",
            "upstream = { url = \"http://127.0.0.1:9000\" }",
            "burst = 20",
            "jwt = { issuer = \"https://id.shop.example\", audience = \"orders\", jwks = { file = \"jwks.json\" }, profile = \"rfc9068\" }",
            "certificate = { self_signed = [\"localhost\"] }",
        ] {
            assert!(text.lines().any(|written| written == line), "{line} in\n{text}");
        }
    }
}
