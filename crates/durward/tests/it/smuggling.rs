//! Request smuggling, path confusion and header confusion over real sockets: each raw request is refused, or arrives at
//! the upstream in the one unambiguous form; never two requests from one.

use std::time::Duration;

use durward_testkit::{Gateway, GatewayBuilder, H2Outcome, RecordingUpstream, exchange, h2_exchange};

use crate::http1_table::{EXPECTED_ROWS, Expect, ROWS, Row};
use crate::http2_table::{H2Expect, H2Row, h2_rows};

const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Everything, version: "1" }
paths:
  /v/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: string } }
      - { name: q, in: query, schema: { type: string } }
    get: { operationId: get, responses: { "200": { description: ok } } }
    head: { operationId: head, responses: { "200": { description: ok } } }
    delete: { operationId: delete, responses: { "200": { description: ok } } }
    options: { operationId: options, responses: { "200": { description: ok } } }
    post:
      operationId: post
      requestBody: { content: { application/octet-stream: {} } }
      responses: { "200": { description: ok } }
    put:
      operationId: put
      requestBody:
        content:
          application/json: { schema: { type: object } }
          application/x-www-form-urlencoded: { schema: { type: object } }
          text/plain: { schema: { type: string } }
          multipart/form-data: { schema: { type: object, properties: { a: { type: string } } } }
      responses: { "200": { description: ok } }
  /v/me:secret:
    get: { operationId: secret, parameters: [{ name: q, in: query, schema: { type: string } }], responses: { "200": { description: ok } } }
  /legacy/{id}:
    get:
      operationId: legacy
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: X_Legacy_Id, in: header, schema: { type: string } }
      responses: { "200": { description: ok } }
  /smuggled:
    get: { operationId: smuggled, responses: { "200": { description: ok } } }
    post:
      operationId: smuggledPost
      requestBody: { content: { "*/*": {} } }
      responses: { "200": { description: ok } }
  /admin:
    get: { operationId: admin, responses: { "200": { description: ok } } }
"#;

fn gateway(upstream: &RecordingUpstream) -> Gateway {
    let policy = format!(
        r#"
version = 1
[listen]
http = "127.0.0.1:0"
connections_per_address = 4096
[flood]
rate = "100000/s"
burst = 100000
[api.everything]
spec = "openapi.yaml"
upstream = {{ url = "http://{}" }}
public = ["get", "head", "delete", "options", "post", "put", "smuggled", "smuggledPost", "admin", "secret", "legacy"]
"#,
        upstream.address()
    );
    let builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
    builder.file("durward.toml", policy).unwrap().file("openapi.yaml", CONTRACT).unwrap().start().unwrap()
}

#[test]
fn http1_requests_have_one_meaning() {
    assert!(ROWS.len() >= EXPECTED_ROWS, "{} rows", ROWS.len());
    let upstream = RecordingUpstream::start().unwrap();
    let gateway = gateway(&upstream);
    let address = gateway.address("http");
    let faults: Vec<String> = std::thread::scope(|scope| {
        let chunk = ROWS.len().div_ceil(24);
        let workers: Vec<_> = ROWS
            .chunks(chunk)
            .enumerate()
            .map(|(at, rows)| {
                let upstream = &upstream;
                scope.spawn(move || {
                    let judge = |(n, row): (usize, &Row)| judge(address, upstream, at * chunk + n, row);
                    rows.iter().enumerate().filter_map(judge).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let stray: Vec<_> =
        upstream.seen().into_iter().filter(|request| request.target().starts_with("/smuggled")).collect();
    assert!(faults.is_empty(), "{} of {} rows:\n{}", faults.len(), ROWS.len(), faults.join("\n"));
    let wanted = ROWS.iter().filter(|row| matches!(row.expect, Expect::Two)).count();
    let rows: Vec<_> = stray.iter().flat_map(|request| request.values("x-row")).collect();
    assert_eq!(stray.len(), wanted, "rows {rows:?}: requests that only a smuggler would send reached the upstream");
    assert!(gateway.verb(&["why", "nonsense"]).is_ok_and(|output| !output.status.success()));
}

fn judge(address: std::net::SocketAddr, upstream: &RecordingUpstream, number: usize, row: &Row) -> Option<String> {
    let tag = format!("n{number:03}x");
    let raw = replace(&replace(row.raw, b"TAGGY", tag.as_bytes()), b"MANY", &[b'a'; 40_000]);
    let answers = match exchange(address, &raw, Duration::from_millis(700)) {
        Ok(answers) => answers,
        Err(error) => return Some(format!("row {number} {}: {error}", row.name)),
    };
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).filter(|status| *status >= 200).collect();
    let seen = upstream.seen_with(&tag);
    let fault = match &row.expect {
        Expect::Refused(allowed) => {
            let refused = statuses.first().is_none_or(|status| allowed.contains(status));
            let silent = statuses.is_empty() && !allowed.contains(&0);
            (!refused || silent || !seen.is_empty()).then(|| format!("wanted {allowed:?} and nothing upstream"))
        }
        Expect::One(check) => match seen.as_slice() {
            [request] if statuses.first() == Some(&200) => {
                check(request).err().map(|what| format!("{what}: {request:?}"))
            }
            _ => Some("wanted one request upstream".to_owned()),
        },
        Expect::RefusedOrOne(check) => match seen.as_slice() {
            [] => statuses.first().is_some_and(|status| *status < 400).then(|| "wanted a refusal".to_owned()),
            [request] => check(request).err().map(|what| format!("{what}: {request:?}")),
            _ => Some("two requests from one".to_owned()),
        },
        Expect::Two => (statuses.len() != 2 || seen.len() != 1).then(|| "wanted two honest requests".to_owned()),
    };
    fault.map(|fault| format!("row {number} {}: {fault}; answers {statuses:?}, upstream {}", row.name, seen.len()))
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend(&rest[..at]);
        out.extend(to);
        rest = &rest[at + from.len()..];
    }
    out.extend(rest);
    out
}

#[test]
fn http2_requests_have_one_meaning() {
    let upstream = RecordingUpstream::start().unwrap();
    let gateway = gateway(&upstream);
    let address = gateway.address("http");
    let mut faults = Vec::new();
    for (number, row) in h2_rows().iter().enumerate() {
        let tag = format!("h{number}x");
        let H2Row { name, fields, body, trailers, expect } = row;
        let owned: Vec<(Vec<u8>, Vec<u8>)> =
            fields.iter().map(|(name, value)| (name.to_vec(), replace(value, b"TAG", tag.as_bytes()))).collect();
        let fields: Vec<(&[u8], &[u8])> =
            owned.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        let outcome = h2_exchange(address, &fields, *body, trailers, Duration::from_secs(2)).unwrap();
        let seen = upstream.seen_with(&tag);
        let right = match expect {
            H2Expect::Refused => outcome != H2Outcome::Ok && outcome != H2Outcome::Silence && seen.is_empty(),
            H2Expect::RefusedOrOne(check) => seen.len() <= 1 && seen.iter().all(check),
            H2Expect::One(check) => outcome == H2Outcome::Ok && seen.len() == 1 && seen.iter().all(check),
        };
        if !right {
            faults.push(format!("row {number} {name}: {outcome:?}, upstream {seen:?}"));
        }
    }
    let stray = upstream.seen_with("/smuggled");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(stray.is_empty(), "{stray:?}");
}
