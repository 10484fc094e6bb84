//! WebSockets.

use std::time::Duration;

use durward_proxy::Limits;

use crate::rig::{Rig, Setting, plain_upstream, upstream};

const ASK: &str = "GET /ws HTTP/1.1\r\nhost: gateway.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const AGREE: &str = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

#[test]
fn both_sides_are_joined_after_the_101() {
    let address = upstream(|_, mut client| {
        let asked = client.message().unwrap();
        assert_eq!(asked.field("upgrade"), Some("websocket"));
        client.send(format!("{AGREE}hello"));
        let echo = client.take(5).unwrap();
        client.send(echo);
        client.is_closed();
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send(ASK);
    assert_eq!(client.head().unwrap().status(), 101);
    assert_eq!(client.take(5).as_deref(), Some(&b"hello"[..]));
    client.send("salve");
    assert_eq!(client.take(5).as_deref(), Some(&b"salve"[..]));
    client.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(client.is_closed());
    let lines = rig.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["bytes_in"], &lines[0]["bytes_out"]), (&5.into(), &10.into()));
    assert!(lines[0]["flags"].to_string().contains("upgraded"), "{}", lines[0]);
    assert!(!lines[0]["flags"].to_string().contains("aborted"), "{}", lines[0]);
}

#[test]
fn bytes_behind_an_upgrade_are_never_a_request() {
    // The upstream refuses the upgrade: what follows on the connection is not read at all.
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send(format!("{ASK}GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n"));
    let answer = client.answer();
    assert_eq!((answer.status(), answer.field("connection")), (200, Some("close")));
    assert!(client.is_closed());
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[test]
fn a_101_without_proof_or_unasked_is_a_fault() {
    let unproven = AGREE.replace("s3pP", "AAAA");
    let other = AGREE.replace("upgrade: websocket", "upgrade: h2c");
    for (ask, agree) in
        [(ASK, unproven.as_str()), (ASK, other.as_str()), ("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n", AGREE)]
    {
        let agree = agree.to_owned();
        let address = upstream(move |_, mut client| {
            client.message();
            client.send(&agree);
            assert_eq!(client.rest(), b"");
        });
        let rig = Rig::start(address, Setting::default());
        let mut client = rig.connect();
        client.send(format!("{ask}secret"));
        assert_eq!(client.answer().status(), 502);
    }
}

#[test]
fn a_silent_tunnel_ends() {
    let address = upstream(|_, mut client| {
        client.message();
        client.send(AGREE);
        client.is_closed();
    });
    let limits = Limits { tunnel_idle: Duration::from_millis(300), ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let mut client = rig.connect();
    client.send(ASK);
    assert_eq!(client.head().unwrap().status(), 101);
    assert!(client.is_closed());
}
