//! Client connections: silence, slow heads, limits, the PROXY protocol.

use std::time::{Duration, Instant};

use durward_proxy::Limits;

use crate::rig::{Client, Rig, Setting, plain_upstream, until, upstream};

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn silent_clients_are_closed() {
    let (address, _) = plain_upstream();
    let limits = Limits { handshake: SHORT, header: SHORT, idle: SHORT, ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    for sent in ["", "G", "GET /items HTTP/1.1\r\nhost: ga", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut client = rig.connect();
        client.send(sent);
        assert!(client.is_closed(), "{sent:?}");
    }
    let mut client = rig.connect();
    assert_eq!(client.get("/items").status(), 200);
    assert!(client.is_closed(), "between requests");
    let mut client = rig.connect();
    assert_eq!(client.get("/items").status(), 200);
    client.send("GET /items HT");
    assert!(client.is_closed(), "in a second head");
}

#[test]
fn a_head_that_trickles_has_one_deadline() {
    let (address, _) = plain_upstream();
    let limits = Limits { header: Duration::from_millis(600), ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let mut client = rig.connect();
    let start = Instant::now();
    client.stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut byte = [0];
    client.send("GET /items HTTP/1.1\r\nx: ");
    loop {
        client.send("x");
        match std::io::Read::read(&mut client.stream, &mut byte) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => break,
        }
        assert!(start.elapsed() < Duration::from_secs(20), "never closed");
    }
}

#[test]
fn a_client_that_takes_no_bytes_is_closed() {
    let address = upstream(|_, mut client| {
        client.message();
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
        let piece = vec![b'x'; 1 << 20];
        while std::io::Write::write_all(&mut client.stream, &piece).is_ok() {}
    });
    let limits = Limits { write: SHORT, ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    let server = rig.server.as_ref().unwrap();
    until("it is here", || server.connections().open == 1);
    until("it is gone", || server.connections().open == 0);
}

#[test]
fn connections_are_limited() {
    let (address, _) = plain_upstream();
    let limits = Limits { connections: 3, connections_per_address: 2, ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let mut first = rig.connect();
    let mut second = rig.connect();
    assert_eq!(first.get("/items").status(), 200);
    assert_eq!(second.get("/items").status(), 200);
    assert!(rig.connect().is_closed());
    drop(first);
    let server = rig.server.as_ref().unwrap();
    until("one is gone", || server.connections().open == 1);
    assert_eq!(rig.connect().get("/items").status(), 200);
    assert_eq!(server.connections().over_address_limit, 1);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let address = upstream(|_, mut client| {
        while let Some(message) = client.message() {
            let body = message.start;
            client.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        }
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    let request = |number: usize| format!("GET /items?n={number} HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    client.send((0..40).map(request).collect::<String>());
    for number in 0..40 {
        assert_eq!(client.answer().text(), format!("GET /items?n={number} HTTP/1.1"));
    }
}

#[test]
fn a_refused_request_has_one_line_and_no_upstream() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    assert_eq!(client.get("/refused").status(), 404);
    assert_eq!(client.get("/items").status(), 200);
    assert_eq!(seen.lock().unwrap().len(), 1);
    let lines = rig.lines();
    assert_eq!(lines.iter().map(|line| line["status"].as_u64().unwrap()).collect::<Vec<_>>(), [404, 200]);
    assert_eq!(lines[1]["upstream_status"], 200);
    assert_eq!(lines[1]["bytes_out"], 2);
    assert_eq!(lines[1]["http"], "HTTP/1.1");
}

#[test]
fn the_proxy_protocol_is_believed_from_trusted_peers_only() {
    let (address, _) = plain_upstream();
    let header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x0a\0\0\x01\x30\x39\x01\xbb";
    let request = b"GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n";
    for (trusted, sent, status, client_seen) in [
        (vec!["127.0.0.0/8".parse().unwrap()], [&header[..], request].concat(), Some(200), "192.0.2.7"),
        (vec!["127.0.0.0/8".parse().unwrap()], request.to_vec(), None, ""),
        (vec!["192.0.2.0/24".parse().unwrap()], request.to_vec(), Some(200), "127.0.0.1"),
        (vec!["192.0.2.0/24".parse().unwrap()], [&header[..], request].concat(), Some(400), ""),
        (vec![], request.to_vec(), Some(200), "127.0.0.1"),
    ] {
        let rig = Rig::start(address, Setting { trusted, ..Setting::default() });
        let mut client: Client = rig.connect();
        client.send(sent);
        assert_eq!(client.message().map(|message| message.status()), status);
        let lines = rig.lines();
        if !client_seen.is_empty() {
            assert_eq!(lines[0]["client"], client_seen);
        }
    }
}

#[test]
fn heads_that_cannot_be_read_are_recorded() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let long = format!("GET /items HTTP/1.1\r\nhost: gateway.test\r\nx: {}\r\n\r\n", "x".repeat(40_000));
    for (sent, status) in [
        ("GET /items HTTP/1.1\r\nhost : gateway.test\r\n\r\n", 400),
        ("GET /it ems HTTP/1.1\r\nhost: gateway.test\r\n\r\n", 400),
        ("GET /items HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: +2\r\n\r\n", 400),
        (long.as_str(), 431),
    ] {
        let mut client = rig.connect();
        client.send(sent);
        assert_eq!(client.answer().status(), status);
        assert!(client.is_closed());
    }
    assert!(seen.lock().unwrap().is_empty());
    let lines = rig.lines();
    assert_eq!(lines.iter().map(|line| line["status"].as_u64().unwrap()).collect::<Vec<_>>(), [400, 400, 400, 431]);
    assert!(lines.iter().all(|line| line["client"] == "127.0.0.1"), "{lines:?}");
}

#[test]
fn refused_heads_are_complete() {
    let (address, _) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send("HEAD /refused HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    let head = client.head().unwrap();
    assert_eq!(head.status(), 404);
    assert_ne!(head.field("content-length"), Some("0"));
    assert_eq!(client.get("/items").status(), 200);
    assert!(!rig.lines()[0].to_string().contains("aborted"));
}
