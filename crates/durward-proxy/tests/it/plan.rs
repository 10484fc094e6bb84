//! The plan of the tests: a contract with a few operations, compiled from a policy as users write it.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use durward_core::{Fetch, FetchError, Fetched, Inline, Lapse, Secret, Source};
use durward_keys::ApiKeys;
use durward_limits::Limiter;
use durward_pipeline::{Plan, UpstreamProtocol, UpstreamTrust};
use durward_policy::{Environment, Files, compile, read};
use durward_store::Store;

/// What tests vary.
#[derive(Clone)]
pub struct Wanted {
    pub trust: UpstreamTrust,
    pub protocol: UpstreamProtocol,
    pub cap: u64,
    pub response: Duration,
    pub idle: Duration,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            trust: UpstreamTrust::Cleartext,
            protocol: UpstreamProtocol::Http1,
            cap: 1 << 40,
            response: Duration::from_secs(20),
            idle: Duration::from_secs(20),
        }
    }
}

pub fn plan(upstream: SocketAddr, wanted: &Wanted) -> Plan {
    let port = upstream.port();
    let (url, ca, pem) = match &wanted.trust {
        UpstreamTrust::Cleartext => (format!("http://{upstream}"), "", String::new()),
        UpstreamTrust::System => (format!("https://localhost:{port}"), "", String::new()),
        UpstreamTrust::Pinned(der) => {
            (format!("https://localhost:{port}"), "ca = \"ca.pem\"", der.iter().map(|der| pem(der)).collect())
        }
    };
    let protocol = if wanted.protocol == UpstreamProtocol::Http2 { "http2" } else { "http1" };
    let (response, idle, cap) = (lapse(wanted.response), lapse(wanted.idle), wanted.cap);
    let text = format!(
        r#"
version = 1
[listen]
http = "127.0.0.1:0"
[flood]
mode = "off"
[api.test]
spec = "test.json"
public = ["list", "listHead", "replace", "add", "upload", "form", "socket"]
websocket = ["socket"]
body = {{ stream = "{cap}B" }}
modes = {{ validate = "off" }}
[api.test.upstream]
url = "{url}"
{ca}
protocol = "{protocol}"
response_timeout = "{response}"
idle_timeout = "{idle}"
"#
    );
    let source = Source::new("durward.toml", text);
    let policy = read(&source).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let environment = Environment {
        base: Path::new(""),
        files: &Texts(pem),
        keys: ApiKeys::open(Store::memory(), Secret::new(vec![7; 32])).unwrap(),
        limiter: Arc::new(Limiter::new(1024)),
        fetch: Arc::new(Nowhere),
        workers: Arc::new(Inline),
        previous: None,
        generation: 1,
    };
    match compile(&policy, &environment) {
        Ok(compiled) => compiled.plan,
        Err(found) => panic!("{}", found.render(false)),
    }
}

fn lapse(time: Duration) -> Lapse {
    Lapse::millis(u64::try_from(time.as_millis()).unwrap())
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// The files that the policy names.
struct Texts(String);

impl Files for Texts {
    fn text(&self, path: &Path) -> Result<String, String> {
        if path.ends_with("test.json") { Ok(CONTRACT.to_owned()) } else { Ok(self.0.clone()) }
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.text(path).map(String::into_bytes)
    }
}

/// No key set is fetched here.
struct Nowhere;

impl Fetch for Nowhere {
    fn fetch(&self, _: &str, _: usize) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>> {
        Box::pin(async { Err(FetchError("nowhere".to_owned())) })
    }
}

const CONTRACT: &str = r#"{
  "openapi": "3.1.0",
  "info": { "title": "test", "version": "1" },
  "paths": {
    "/items": {
      "get": { "operationId": "list", "responses": { "200": { "description": "ok" } } },
      "head": { "operationId": "listHead", "responses": { "200": { "description": "ok" } } },
      "put": { "operationId": "replace", "responses": { "200": { "description": "ok" } } },
      "post": { "operationId": "add", "responses": { "200": { "description": "ok" } } }
    },
    "/upload": {
      "post": {
        "operationId": "upload",
        "requestBody": { "content": { "application/octet-stream": {} } },
        "responses": { "200": { "description": "ok" } }
      }
    },
    "/form": {
      "post": {
        "operationId": "form",
        "requestBody": { "content": { "application/json": { "schema": { "type": "object" } } } },
        "responses": { "200": { "description": "ok" } }
      }
    },
    "/ws": { "get": { "operationId": "socket", "responses": { "101": { "description": "ok" } } } }
  }
}"#;
