//! Upstream connections: kept, given up, retried.

use std::sync::mpsc;
use std::time::Duration;

use durward_proxy::{Limits, UpstreamLimits};

use crate::plan::Wanted;
use crate::rig::{Rig, Setting, plain_upstream, until, upstream};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn a_connection_serves_many_requests() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..5 {
        assert_eq!(client.get("/items").text(), "ok");
    }
    let mut other = rig.connect();
    assert_eq!(other.get("/items").status(), 200);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 6);
    assert!(seen.iter().all(|seen| seen.connection == 0), "{seen:?}");
}

#[test]
fn a_connection_that_closed_while_idle_is_not_used() {
    let (closed, wait) = mpsc::channel();
    let closed = std::sync::Mutex::new(closed);
    let address = upstream(move |_, mut client| {
        client.message();
        client.send(OK);
        drop(client);
        closed.lock().unwrap().send(()).unwrap();
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..5 {
        // A POST cannot be repeated: it only passes if the closed connection is noticed before use.
        client.send("POST /items HTTP/1.1\r\nhost: gateway.test\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(client.answer().status(), 200);
        wait.recv().unwrap();
    }
}

#[test]
fn a_request_is_repeated_once_when_a_kept_connection_dies() {
    for (method, body, expected) in
        [("GET", "", 200), ("PUT", "content-length: 0\r\n", 200), ("POST", "content-length: 0\r\n", 502)]
    {
        let address = upstream(|number, mut client| {
            if number == 0 {
                client.message();
                client.send(OK);
                client.message();
                return; // Read, and closed without a word.
            }
            client.message();
            client.send(OK);
        });
        let rig = Rig::start(address, Setting::default());
        let mut client = rig.connect();
        assert_eq!(client.get("/items").status(), 200);
        client.send(format!("{method} /items HTTP/1.1\r\nhost: gateway.test\r\n{body}\r\n"));
        assert_eq!(client.answer().status(), expected, "{method}");
    }
}

#[test]
fn a_fresh_connection_that_dies_is_not_retried() {
    let (address, count) = {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = count.clone();
        let address = upstream(move |_, mut client| {
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            client.message();
        });
        (address, count)
    };
    let rig = Rig::start(address, Setting::default());
    assert_eq!(rig.connect().get("/items").status(), 502);
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[test]
fn an_answer_that_began_is_not_retried() {
    let address = upstream(|number, mut client| {
        client.message();
        client.send(OK);
        client.message();
        client.send(if number == 0 { "HTTP/1.1 200 OK\r\nx-" } else { OK });
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    assert_eq!(client.get("/items").status(), 200);
    assert_eq!(client.get("/items").status(), 502);
}

#[test]
fn bytes_behind_an_answer_are_never_the_next_answer() {
    let address = upstream(|_, mut client| {
        while client.message().is_some() {
            client.send(format!("{OK}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"));
        }
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/items").text(), "ok");
    }
}

#[test]
fn an_answer_that_the_client_leaves_does_not_give_the_connection_back() {
    let address = upstream(|number, mut client| {
        while client.message().is_some() {
            if number == 0 {
                client.send("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nbegun");
            } else {
                client.send(OK);
            }
        }
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    client.head().unwrap();
    drop(client);
    let server = rig.server.as_ref().unwrap();
    until("the client is gone", || server.connections().open == 0);
    assert_eq!(rig.connect().get("/items").text(), "ok");
    let lines = rig.lines();
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["flags"].to_string().contains("aborted"), "{}", lines[0]);
    assert!(!lines[1].to_string().contains("aborted"), "{}", lines[1]);
}

#[test]
fn idle_connections_are_closed() {
    let (ended, wait) = mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let address = upstream(move |_, mut client| {
        client.message();
        client.send(OK);
        assert!(client.message().is_none());
        ended.lock().unwrap().send(()).unwrap();
    });
    let upstream = UpstreamLimits { idle: Duration::from_millis(200), ..UpstreamLimits::default() };
    let rig = Rig::start(address, Setting { upstream, ..Setting::default() });
    assert_eq!(rig.connect().get("/items").status(), 200);
    wait.recv_timeout(Duration::from_secs(20)).unwrap();
}

#[test]
fn too_many_connections_are_refused_politely() {
    let (came, wait) = mpsc::channel();
    let came = std::sync::Mutex::new(came);
    let address = upstream(move |_, mut client| {
        client.message();
        came.lock().unwrap().send(()).unwrap();
        client.is_closed();
    });
    let upstream = UpstreamLimits { connections: 1, ..UpstreamLimits::default() };
    let rig = Rig::start(address, Setting { upstream, ..Setting::default() });
    let mut first = rig.connect();
    first.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    wait.recv().unwrap();
    assert_eq!(rig.connect().get("/items").status(), 503);
}

#[test]
fn an_upstream_that_says_nothing_is_a_timeout() {
    let address = upstream(|_, mut client| {
        client.message();
        client.is_closed();
    });
    let wanted = Wanted { response: Duration::from_millis(200), ..Wanted::default() };
    let rig = Rig::start(address, Setting { wanted, ..Setting::default() });
    assert_eq!(rig.connect().get("/items").status(), 504);
}

#[test]
fn an_upstream_that_falls_silent_cuts_the_answer_short() {
    let address = upstream(|_, mut client| {
        client.message();
        client.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
        client.is_closed();
    });
    let wanted = Wanted { idle: Duration::from_millis(200), ..Wanted::default() };
    let rig = Rig::start(address, Setting { wanted, ..Setting::default() });
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    assert!(client.message().is_none(), "the last chunk must be missing");
}

#[test]
fn nobody_at_the_upstreams_address() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::start(free, Setting { limits: Limits::default(), ..Setting::default() });
    assert_eq!(rig.connect().get("/items").status(), 502);
}

#[test]
fn a_masked_answer_gives_its_connection_back() {
    let address = upstream(|number, mut client| {
        assert_eq!(number, 0);
        while client.message().is_some() {
            client.send("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5\r\n\r\nstack");
        }
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..3 {
        let answer = client.get("/items");
        assert_eq!(answer.status(), 500);
        assert!(!answer.text().contains("stack"));
    }
}

/// An answer whose end is told in two ways, or that is none, never reaches a client, and its connection never serves again.
#[test]
fn answers_with_two_ends_are_refused() {
    for (name, answer) in [
        ("both", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!"),
        ("a list of lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello"),
        ("a signed length", "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello"),
        ("another coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("a coding of HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a folded field", "HTTP/1.1 200 OK\r\nx: a\r\n content-length: 5\r\n\r\nhello"),
        ("a space before the colon", "HTTP/1.1 200 OK\r\ncontent-length : 5\r\n\r\nhello"),
        ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        ("nine interim answers", &"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(9)),
    ] {
        let answer = answer.to_owned();
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let connections = count.clone();
        let address = upstream(move |number, mut client| {
            connections.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            while client.message().is_some() {
                client.send(if number == 0 { &answer } else { OK });
            }
        });
        let rig = Rig::start(address, Setting::default());
        assert_eq!(rig.connect().get("/items").status(), 502, "{name}");
        assert_eq!(rig.connect().get("/items").status(), 200, "{name}");
        assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 2, "{name}");
    }
}

#[test]
fn interim_answers_end_here() {
    let address = upstream(|_, mut client| {
        while client.message().is_some() {
            client.send(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{OK}"));
        }
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..3 {
        let answer = client.get("/items");
        assert_eq!(answer.status(), 200);
        assert!(!answer.fields.iter().any(|(name, _)| name == "link"), "{:?}", answer.fields);
    }
}
