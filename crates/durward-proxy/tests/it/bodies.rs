//! Bodies both ways: streamed, capped, slow, broken, with trailers.

use std::io::Write;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durward_proxy::Limits;

use crate::plan::Wanted;
use crate::rig::{Client, Message, Rig, Setting, plain_upstream, until, upstream};

fn chunked(path: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
}

fn sized(path: &str, length: u64) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/octet-stream\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// An upstream that tells whether each request it saw was whole.
fn judging_upstream() -> (std::net::SocketAddr, Arc<Mutex<Vec<Option<Message>>>>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&log);
    let address = upstream(move |_, mut client| {
        loop {
            let message = client.message();
            let over = message.is_none();
            seen.lock().unwrap().push(message);
            if over {
                return;
            }
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    (address, log)
}

#[test]
fn bodies_arrive_as_they_were_framed() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send(format!("{}hello", sized("/upload", 5)));
    assert_eq!(client.answer().status(), 200);
    client.send(format!("{}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", chunked("/upload")));
    assert_eq!(client.answer().status(), 200);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].message.field("content-length"), Some("5"));
    assert_eq!(seen[1].message.field("transfer-encoding"), Some("chunked"));
    assert!(seen.iter().all(|seen| seen.message.body == b"hello"), "{seen:?}");
}

#[test]
fn malformed_chunks_are_the_callers_fault_and_no_request() {
    for chunks in [
        "x\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloworld",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n",
        "5\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
    ] {
        let (address, seen) = judging_upstream();
        let rig = Rig::start(address, Setting::default());
        let mut client = rig.connect();
        client.send(format!("{}{chunks}", chunked("/upload")));
        client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
        assert_eq!(client.answer().status(), 400, "{chunks:?}");
        assert!(client.is_closed());
        assert_eq!(rig.lines().len(), 1, "{chunks:?}");
        let seen = seen.lock().unwrap();
        assert!(seen.iter().all(Option::is_none), "{chunks:?}: {seen:?}");
    }
}

#[test]
fn a_body_that_breaks_off_is_no_request() {
    let (address, seen) = judging_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send(format!("{}hello", sized("/upload", 10)));
    drop(client);
    until("the upstream connection ended", || !seen.lock().unwrap().is_empty());
    assert_eq!(*seen.lock().unwrap(), [None]);
}

#[test]
fn a_streamed_body_over_its_cap_ends_as_413() {
    let (address, seen) = judging_upstream();
    let wanted = Wanted { cap: 10, ..Wanted::default() };
    let rig = Rig::start(address, Setting { wanted, ..Setting::default() });
    let mut client = rig.connect();
    client.send(format!("{}6\r\nhello \r\n6\r\nworld!\r\n0\r\n\r\n", chunked("/upload")));
    assert_eq!(client.answer().status(), 413);
    assert!(seen.lock().unwrap().iter().all(Option::is_none));
}

#[test]
fn a_declared_length_over_the_cap_is_refused_before_100_continue() {
    let (address, _) = plain_upstream();
    let wanted = Wanted { cap: 10, ..Wanted::default() };
    let rig = Rig::start(address, Setting { wanted, ..Setting::default() });
    let ask = |length: u64| {
        let mut client = rig.connect();
        client.send(sized("/upload", length).replace("\r\n\r\n", "\r\nexpect: 100-continue\r\n\r\n"));
        (client.head().unwrap().status(), client)
    };
    assert_eq!(ask(11).0, 413);
    let (status, mut client) = ask(5);
    assert_eq!(status, 100);
    client.send("hello");
    assert_eq!(client.answer().status(), 200);
}

#[test]
fn slow_bodies_are_ended() {
    let limits = Limits { body_idle: Duration::from_millis(300), ..Limits::default() };
    for head in [sized("/upload", 10), chunked("/upload")] {
        let (address, seen) = judging_upstream();
        let rig = Rig::start(address, Setting { limits, ..Setting::default() });
        let mut client = rig.connect();
        client.send(head);
        assert_eq!(client.answer().status(), 408);
        assert!(seen.lock().unwrap().iter().all(Option::is_none));
    }
}

#[test]
fn trickled_bodies_are_ended() {
    let (address, _) = plain_upstream();
    let limits = Limits { body_idle: Duration::from_millis(600), body_rate: 1_000_000, ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let mut client = rig.connect();
    client.send(sized("/upload", 1_000));
    let mut trickle = client.stream.try_clone().unwrap();
    let (stop, stopped) = mpsc::channel::<()>();
    let feeding = std::thread::spawn(move || {
        // Each byte comes well within the idle time-out, the whole never at the rate.
        while stopped.recv_timeout(Duration::from_millis(100)).is_err() && trickle.write_all(b"x").is_ok() {}
    });
    assert_eq!(client.answer().status(), 408);
    drop(stop);
    feeding.join().unwrap();
}

#[test]
fn answers_stream_piece_by_piece() {
    let (next, more) = mpsc::channel::<()>();
    let more = Mutex::new(more);
    let address = upstream(move |_, mut client| {
        client.message();
        client.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        while more.lock().unwrap().recv().is_ok() {
            client.send("6\r\ndata\n\n\r\n");
        }
        client.send("0\r\n\r\n");
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n");
    assert_eq!(client.head().unwrap().status(), 200);
    for _ in 0..3 {
        next.send(()).unwrap();
        assert_eq!(client.line().as_deref(), Some("6"));
        assert_eq!(client.take(8).as_deref(), Some(&b"data\n\n\r\n"[..]));
    }
    drop(next);
    assert_eq!(client.line().as_deref(), Some("0"));
}

#[test]
fn trailers_of_answers_pass_without_those_that_must_not_be() {
    let address = upstream(|_, mut client| {
        client.message();
        client.send("HTTP/1.1 200 OK\r\ntrailer: x-sum, content-length\r\ntransfer-encoding: chunked\r\n\r\n");
        client.send("2\r\nok\r\n0\r\nx-sum: 7\r\ncontent-length: 9\r\n\r\n");
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send("GET /items HTTP/1.1\r\nhost: gateway.test\r\nte: trailers\r\n\r\n");
    let answer = client.answer();
    assert_eq!(answer.text(), "ok");
    assert_eq!(answer.trailers, [("x-sum".to_owned(), "7".to_owned())]);
}

#[test]
fn trailers_of_requests_that_nobody_looked_at_do_not_pass() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    client.send(format!("{}2\r\nok\r\n0\r\ndurward-caller: root\r\n\r\n", chunked("/upload")));
    assert_eq!(client.answer().status(), 200);
    assert_eq!(seen.lock().unwrap()[0].message.trailers, []);
}

#[test]
fn heads_of_answers_keep_their_framing() {
    for (request, answer, expected) in [
        ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n", Some("1234")),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", None),
        ("GET", "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n", None),
        ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Some("0")),
    ] {
        let address = upstream(move |_, mut client| {
            while client.message().is_some() {
                client.send(answer);
            }
        });
        let rig = Rig::start(address, Setting::default());
        let mut client = rig.connect();
        for _ in 0..2 {
            client.send(format!("{request} /items HTTP/1.1\r\nhost: gateway.test\r\n\r\n"));
            let head = client.head().unwrap();
            assert_eq!(head.field("content-length"), expected, "{request} {answer}: {head:?}");
            assert_eq!(head.field("transfer-encoding"), None, "{request} {answer}");
        }
    }
}

#[test]
fn an_answer_until_close_is_framed_anew() {
    let address = upstream(|_, mut client| {
        client.message();
        client.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
    });
    let rig = Rig::start(address, Setting::default());
    let mut client = rig.connect();
    for _ in 0..2 {
        let answer = client.get("/items");
        assert_eq!((answer.start.as_str(), answer.text()), ("HTTP/1.1 200 OK", "until the end"));
    }
}

#[test]
fn a_large_upload_streams_in_constant_memory() {
    const PIECE: usize = 1 << 20;
    const PIECES: u64 = 192;
    let address = upstream(|_, mut client| {
        let head = client.head().unwrap();
        let mut left: u64 = head.field("content-length").unwrap().parse().unwrap();
        while left > 0 {
            let part = left.min(PIECE as u64);
            client.take(usize::try_from(part).unwrap()).unwrap();
            left -= part;
        }
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    let rig = Rig::start(address, Setting::default());
    let mut client: Client = rig.connect();
    let before = peak();
    client.send(sized("/upload", PIECES * PIECE as u64));
    let piece = vec![b'x'; PIECE];
    for _ in 0..PIECES {
        client.stream.write_all(&piece).unwrap();
    }
    assert_eq!(client.answer().status(), 200);
    let grown = peak() - before;
    assert!(grown < 48 * 1024, "{grown} KiB more at the peak");
    assert_eq!(rig.lines()[0]["bytes_in"], PIECES * PIECE as u64);
}

/// The process's peak of resident memory in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn bodies_that_are_read_whole_share_a_bounded_memory() {
    let limits = Limits { body_memory: 10_000, ..Limits::default() };
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    let post = |length: usize| {
        let body = format!("{{{}}}", " ".repeat(length - 2));
        format!(
            "POST /form HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let mut statuses = Vec::new();
    for length in [9_000, 9_000, 20_000, 9_000] {
        // Each on its own connection; they come to few cores, so what is not given back would be missed soon.
        for _ in 0..4 {
            let mut client = rig.connect();
            client.send(post(length));
            statuses.push((length, client.answer().status()));
        }
    }
    assert!(
        statuses.iter().all(|(length, status)| *status == if *length > 10_000 { 503 } else { 200 }),
        "{statuses:?}"
    );
    assert_eq!(seen.lock().unwrap().len(), 12);
}
