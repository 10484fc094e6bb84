//! Every verb, once well and once not.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::Ordering;

use durward_admin::{AdminError, Client, KeyRequest};
use durward_core::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use crate::side::{Side, record_one};

fn refused<T: std::fmt::Debug>(result: Result<T, AdminError>) -> (u16, String) {
    match result {
        Err(AdminError::Refused { status, detail }) => (status, detail),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_operator_sees_numbers_and_reloads() {
    let dir = tempfile::tempdir().unwrap();
    let side = Side::start(dir.path(), false);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&side.path), mode(side.path.parent().unwrap())), (0o600, 0o700));
    let client = Client::connect(&side.path).await.unwrap();
    assert!(client.metrics().await.unwrap().contains("durward_plan_generation 5\n"));
    assert_eq!(client.status().await.unwrap(), serde_json::json!({ "plan": 5 }));
    assert_eq!(client.reload().await.unwrap(), "plan 6 is in force");
    side.good_policy.store(false, Ordering::Relaxed);
    assert_eq!(refused(client.reload().await), (400, "error: unknown key `lisen`\n --> durward.toml:2".to_owned()));
    let path = side.path.clone();
    side.stop().await;
    assert!(!path.exists());
    let error = client.status().await.unwrap_err();
    assert_eq!(error.to_string(), format!("no gateway listens at `{}`; is `durward run` up?", path.display()));
}

#[tokio::test]
async fn an_operator_asks_why() {
    let dir = tempfile::tempdir().unwrap();
    let id = record_one(dir.path());
    let side = Side::start(dir.path(), false);
    let client = Client::connect(&side.path).await.unwrap();
    let line = client.why(&id).await.unwrap().unwrap();
    assert_eq!((line.status, line.reason.as_deref()), (400, Some("path-ambiguous")));
    assert_eq!(client.why("01zzzzzzzzzzzzzzzzzzzzzzzz").await.unwrap(), None);
    for wrong in ["", "x", "../keys", "01zzzzzzzzzzzzzzzzzzzzzzz\r\n"] {
        assert_eq!(refused(client.why(wrong).await).0, 400, "{wrong}");
    }
    side.stop().await;
}

#[tokio::test]
async fn an_operator_keeps_keys() {
    let dir = tempfile::tempdir().unwrap();
    let side = Side::start(dir.path(), true);
    let keys = side.keys.clone().unwrap();
    let client = Client::connect(&side.path).await.unwrap();
    let request = KeyRequest {
        name: "orders app".into(),
        owner: "shop".into(),
        scopes: vec!["orders:read".into()],
        environment: "live".into(),
        expires: None,
    };
    let issued = client.keys_new(&request).await.unwrap();
    assert!(!format!("{issued:?}").contains(&issued.text));
    let now = SystemClock::new().now();
    assert!(keys.verify(&issued.text, now).is_ok());
    assert_eq!(client.keys_list().await.unwrap(), vec![issued.key.clone()]);
    let revoked = client.keys_revoke(&issued.key.kid, "lost").await.unwrap();
    assert_eq!((revoked.state.as_str(), revoked.revoked.unwrap().reason.as_str()), ("revoked", "lost"));
    assert!(keys.verify(&issued.text, now).is_err());
    assert_eq!(refused(client.keys_revoke("nobody/../x", "lost").await).0, 404);
    assert_eq!(refused(client.keys_revoke(&issued.key.kid, "").await).0, 400);
    let (status, detail) = refused(client.keys_new(&KeyRequest { name: "\n".into(), ..request.clone() }).await);
    assert_eq!(status, 400);
    assert!(detail.contains("name"), "{detail}");
    let too_large = KeyRequest { name: "x".repeat(70_000), ..request };
    assert_eq!(refused(client.keys_new(&too_large).await).0, 413);
    side.stop().await;
}

#[tokio::test]
async fn without_api_keys_the_policy_line_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let side = Side::start(dir.path(), false);
    let client = Client::connect(&side.path).await.unwrap();
    let (status, detail) = refused(client.keys_list().await);
    assert_eq!(status, 404);
    assert!(detail.contains("api_key = {}"), "{detail}");
    side.stop().await;
}

#[tokio::test]
async fn raw_requests_get_the_answer_they_deserve() {
    let dir = tempfile::tempdir().unwrap();
    let side = Side::start(dir.path(), true);
    for (request, expected) in [
        ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 404"),
        ("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200"),
        ("GET /metrics/x HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 404"),
        ("DELETE /keys HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 405"),
        ("GET /reload HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 405"),
        ("POST /keys HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}", "HTTP/1.1 400"),
        ("POST /keys HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{\"nam\":1}", "HTTP/1.1 400"),
        ("nonsense\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let mut stream = UnixStream::connect(&side.path).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(expected), "{request}: {answer}");
        if expected.ends_with('4') || expected.ends_with('5') {
            assert!(answer.contains("application/problem+json"), "{answer}");
        }
    }
    side.stop().await;
}
