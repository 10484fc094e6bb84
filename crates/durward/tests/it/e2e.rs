//! Real clients, real upstreams, TLS in between.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use durward_testkit::{Gateway, GatewayBuilder};

use crate::peer::{Serving, need, need_program, run, said, script};

const HTTPBIN: &str = r#"
openapi: 3.0.3
info: { title: httpbin, version: "1" }
paths:
  /get:
    get:
      operationId: get
      parameters: [{ name: n, in: query, schema: { type: integer, minimum: 0 } }]
      responses: { "200": { description: ok } }
  /post:
    post:
      operationId: post
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [name]
              properties: { name: { type: string, maxLength: 20 }, count: { type: integer } }
      responses: { "200": { description: ok } }
  /status/{code}:
    get:
      operationId: status
      parameters: [{ name: code, in: path, required: true, schema: { type: integer } }]
      responses: { "200": { description: ok } }
  /headers:
    get: { operationId: headers, responses: { "200": { description: ok } } }
  /gzip:
    get: { operationId: gzip, responses: { "200": { description: ok } } }
  /stream/{n}:
    get:
      operationId: stream
      parameters: [{ name: n, in: path, required: true, schema: { type: integer } }]
      responses: { "200": { description: ok } }
"#;

/// httpbin in gunicorn, on a port of its own.
struct Httpbin {
    child: Child,
    port: u16,
}

impl Httpbin {
    fn start() -> Option<Self> {
        let gunicorn = need("py/bin/gunicorn")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let bind = format!("127.0.0.1:{port}");
        let args = ["--bind", &bind, "--workers", "1", "--threads", "8", "--log-level", "error", "httpbin:app"];
        let child = Command::new(gunicorn).args(args).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let httpbin = Self { child, port };
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "httpbin does not listen");
            std::thread::yield_now();
        }
        Some(httpbin)
    }
}

impl Drop for Httpbin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gateway(contract: &str, api: &str, more: &str) -> Gateway {
    let policy = format!(
        "version = 1\n[listen]\nhttps = \"127.0.0.1:0\"\ncertificate = {{ self_signed = [\"localhost\", \"127.0.0.1\"] }}\n{more}\n[api.test]\nspec = \"openapi.yaml\"\n{api}\n"
    );
    let builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
    builder.file("durward.toml", policy).unwrap().file("openapi.yaml", contract).unwrap().start().unwrap()
}

fn certificate(gateway: &Gateway) -> String {
    gateway.folder().join("data/self-signed.pem").display().to_string()
}

fn httpbin_gateway(httpbin: &Httpbin) -> Gateway {
    let api = format!(
        "upstream = {{ url = \"http://127.0.0.1:{}\" }}\npublic = [\"get\", \"post\", \"status\", \"headers\", \"gzip\", \"stream\"]",
        httpbin.port
    );
    gateway(HTTPBIN, &api, "")
}

struct Curl {
    program: PathBuf,
    certificate: String,
    port: u16,
}

impl Curl {
    fn ask(&self, args: &[&str], path: &str) -> String {
        let url = format!("https://localhost:{}{path}", self.port);
        let mut command = Command::new(&self.program);
        command.args(["--silent", "--show-error", "--max-time", "20", "--include", "--cacert", &self.certificate]);
        said(&command.args(args).arg(url).output().unwrap())
    }
}

#[test]
fn curl_and_httpbin_over_tls() {
    let (Some(program), Some(httpbin)) = (need_program("curl"), Httpbin::start()) else { return };
    let gateway = httpbin_gateway(&httpbin);
    let curl = Curl { program, certificate: certificate(&gateway), port: gateway.address("https").port() };
    for version in ["--http1.1", "--http2"] {
        let line = if version == "--http2" { "HTTP/2 " } else { "HTTP/1.1 " };
        let answer = curl.ask(&[version], "/get?n=7");
        assert!(answer.starts_with(&format!("{line}200")) && answer.contains("\"n\": \"7\""), "{answer}");
        assert!(!answer.to_lowercase().contains("\nserver:"), "{answer}");
        let answer = curl.ask(&[version], "/get?n=-1");
        assert!(answer.starts_with(&format!("{line}400")) && answer.contains("query parameter"), "{answer}");
        let json = ["--header", "content-type: application/json", "--data"];
        let answer = curl.ask(&[&[version][..], &json, &["{\"name\":\"tea\"}"]].concat(), "/post");
        assert!(answer.starts_with(&format!("{line}200")) && answer.contains("\"name\": \"tea\""), "{answer}");
        let answer = curl.ask(&[&[version][..], &json, &["{\"name\":\"tea\",\"admin\":true}"]].concat(), "/post");
        assert!(answer.starts_with(&format!("{line}400")), "{answer}");
        let answer = curl.ask(&[version], "/status/500");
        assert!(answer.starts_with(&format!("{line}500")) && answer.contains("urn:durward:upstream-error"), "{answer}");
        let answer = curl.ask(&[version, "--compressed"], "/gzip");
        assert!(answer.contains("\"gzipped\": true"), "{answer}");
        let answer = curl.ask(&[version], "/stream/5");
        assert_eq!(answer.matches("\"id\":").count(), 5, "{answer}");
        let answer = curl
            .ask(&[version, "--header", "x-forwarded-for: 6.6.6.6", "--header", "durward-caller: root"], "/headers");
        assert!(!answer.contains("6.6.6.6") && !answer.contains("root"), "{answer}");
        let answer = curl.ask(&[version], "/anything");
        assert!(answer.starts_with(&format!("{line}404")), "{answer}");
    }
}

#[test]
fn httpx_over_http2() {
    let (Some(python), Some(httpbin)) = (need("py/bin/python"), Httpbin::start()) else { return };
    let gateway = httpbin_gateway(&httpbin);
    let port = gateway.address("https").port().to_string();
    let client = script("h2_client.py").display().to_string();
    assert_eq!(run(&python, &[&client, &port, &certificate(&gateway)]).trim(), "ok");
}

#[test]
fn websocket_echo() {
    const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Echo, version: "1" }
paths:
  /echo: { get: { operationId: echo, responses: { "101": { description: WebSocket } } } }
  /plain: { get: { operationId: plain, responses: { "200": { description: ok } } } }
"#;
    let Some(python) = need("py/bin/python") else { return };
    let server = Serving::start(&python, &[&script("ws_server.py").display().to_string()]);
    let api = format!(
        "upstream = {{ url = \"http://127.0.0.1:{}\" }}\npublic = [\"echo\", \"plain\"]\nwebsocket = [\"echo\"]",
        server.port
    );
    let gateway = gateway(CONTRACT, &api, "");
    let port = gateway.address("https").port().to_string();
    let client = script("ws_client.py").display().to_string();
    assert_eq!(run(&python, &[&client, &port, &certificate(&gateway)]).trim(), "ok");
}

#[test]
fn grpc_unary_with_trailers() {
    const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Health, version: "1" }
paths:
  /grpc.health.v1.Health/Check:
    post:
      operationId: check
      requestBody: { content: { application/grpc: {} } }
      responses: { "200": { description: ok } }
"#;
    let Some(python) = need("py/bin/python") else { return };
    let server = Serving::start(&python, &[&script("grpc_server.py").display().to_string()]);
    let api = format!(
        "upstream = {{ url = \"http://127.0.0.1:{}\", protocol = \"http2\" }}\npublic = [\"check\"]",
        server.port
    );
    let gateway = gateway(CONTRACT, &api, "");
    let port = gateway.address("https").port().to_string();
    let client = script("grpc_client.py").display().to_string();
    assert_eq!(run(&python, &[&client, &port, &certificate(&gateway)]).trim(), "ok");
}

#[test]
fn tokens_of_a_real_identity_provider() {
    const CONTRACT: &str = r##"
openapi: 3.1.0
info: { title: Orders, version: "1" }
components:
  securitySchemes: { user: { type: http, scheme: bearer } }
paths:
  /get: { get: { operationId: read, security: [{ user: ["orders:read"] }], responses: { "200": { description: ok } } } }
  /headers: { get: { operationId: write, security: [{ user: ["orders:write"] }], responses: { "200": { description: ok } } } }
"##;
    let (Some(node), Some(curl), Some(module), Some(httpbin)) = (
        need_program("node"),
        need_program("curl"),
        need("op/node_modules/oidc-provider/package.json"),
        Httpbin::start(),
    ) else {
        return;
    };
    let folder = module.ancestors().nth(3).unwrap().display().to_string();
    let provider = Serving::start(&node, &[&script("op.mjs").display().to_string(), &folder]);
    let issuer = format!("http://127.0.0.1:{}", provider.port);
    let auth =
        format!("[auth.user]\njwt = {{ issuer = \"{issuer}\", audience = \"urn:orders\", profile = \"rfc9068\" }}");
    let api = format!("upstream = {{ url = \"http://127.0.0.1:{}\" }}", httpbin.port);
    let gateway = gateway(CONTRACT, &api, &auth);
    let token = |resource: &str| {
        let form = format!("grant_type=client_credentials&scope=orders:read&resource={resource}");
        let text = run(
            &curl,
            &["--silent", "--fail", "--user", "m2m:not-a-secret", "--data", &form, &format!("{issuer}/token")],
        );
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let tls = Curl { program: curl.clone(), certificate: certificate(&gateway), port: gateway.address("https").port() };
    let ask =
        |token: &str, path: &str| tls.ask(&["--http1.1", "--header", &format!("authorization: Bearer {token}")], path);
    let good = token("urn:orders");
    let answer = ask(&good, "/get");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = ask(&good, "/headers");
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("insufficient_scope"), "{answer}");
    let answer = ask(&token("urn:other"), "/get");
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("invalid_token"), "{answer}");
    let answer = ask(&format!("{}x", &good[..good.len() - 4]), "/get");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let answer = tls.ask(&["--http1.1"], "/get");
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("www-authenticate: Bearer"), "{answer}");
}

/// Resident memory of a process, in KiB, by the name of the line in `/proc/PID/status`.
pub(crate) fn memory(pid: u32, line: &str) -> u64 {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status")).unwrap();
    let value = text.lines().find_map(|found| found.strip_prefix(line)).unwrap();
    value.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().unwrap()
}
