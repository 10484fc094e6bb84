//! Reload, drain and death, under load.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use durward_testkit::{Gateway, GatewayBuilder, RecordingUpstream};

const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Load, version: "1" }
paths:
  /v/{id}:
    get:
      operationId: get
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { "200": { description: ok } }
"#;

fn policy(upstream: SocketAddr, burst: u32, sync: &str) -> String {
    format!(
        "version = 1\n[listen]\nhttp = \"127.0.0.1:0\"\n[record]\nsync = \"{sync}\"\n[flood]\nrate = \"1000000/s\"\nburst = {burst}\n\
         [api.load]\nspec = \"openapi.yaml\"\nupstream = {{ url = \"http://{upstream}\" }}\npublic = [\"get\"]\n"
    )
}

fn gateway(upstream: &RecordingUpstream, sync: &str) -> Gateway {
    let builder = GatewayBuilder::new(env!("CARGO_BIN_EXE_durward")).unwrap();
    let text = policy(upstream.address(), 1_000_000, sync);
    builder.file("durward.toml", text).unwrap().file("openapi.yaml", CONTRACT).unwrap().start().unwrap()
}

/// One keep-alive connection.
struct Connection {
    stream: TcpStream,
    bytes: Vec<u8>,
}

struct Answered {
    status: u16,
    closes: bool,
    id: String,
}

impl Connection {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, bytes: Vec::new() })
    }

    fn ask(&mut self, path: &str) -> io::Result<Answered> {
        self.stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: load.test\r\n\r\n").as_bytes())?;
        self.bytes.clear();
        let mut chunk = [0; 4096];
        loop {
            if let Some(answered) = complete(&self.bytes) {
                return Ok(answered);
            }
            match self.stream.read(&mut chunk)? {
                0 => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!("closed after {} bytes", self.bytes.len()),
                    ));
                }
                n => self.bytes.extend(&chunk[..n]),
            }
        }
    }
}

fn complete(bytes: &[u8]) -> Option<Answered> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    let length: usize = field("content-length:")?.parse().ok()?;
    (bytes.len() >= end + length).then(|| Answered {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        closes: field("connection:").is_some_and(|value| value.contains("close")),
        id: field("x-request-id:").unwrap_or_default(),
    })
}

/// Asks on and on over four connections until told to stop; gives the number of answers and what went wrong.
fn load(address: SocketAddr, stop: &AtomicBool, answered: &AtomicUsize, work: impl FnOnce()) -> Vec<String> {
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                scope.spawn(move || {
                    let mut connection = Connection::open(address).map_err(|error| error.to_string())?;
                    let (mut n, mut fresh) = (0, false);
                    while !stop.load(Ordering::Relaxed) {
                        n += 1;
                        let answer = match connection.ask(&format!("/v/w{worker}n{n}")) {
                            Ok(answer) => answer,
                            // The system completed this connection after the gateway stopped listening; the gateway never
                            // had it. To the client it is the same as a refused connection.
                            Err(error) if fresh && error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                            Err(error) => return Err(format!("request {n}: {error}")),
                        };
                        fresh = false;
                        if answer.status != 200 {
                            return Err(format!("request {n}: {}", answer.status));
                        }
                        answered.fetch_add(1, Ordering::Relaxed);
                        if answer.closes {
                            match Connection::open(address) {
                                Ok(new) => (connection, fresh) = (new, true),
                                // Nobody listens any more: the drain, not a lost request.
                                Err(_) => return Ok(()),
                            }
                        }
                    }
                    Ok::<(), String>(())
                })
            })
            .collect();
        work();
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().filter_map(|worker| worker.join().unwrap().err()).collect()
    })
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} does not happen");
        std::thread::yield_now();
    }
}

#[test]
fn reload_under_load_loses_no_request() {
    let upstream = RecordingUpstream::start().unwrap();
    let gateway = gateway(&upstream, "1s");
    let file = gateway.folder().join("durward.toml");
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let faults = load(gateway.address("http"), &stop, &answered, || {
        for round in 0..12 {
            let before = answered.load(Ordering::Relaxed);
            std::fs::write(&file, policy(upstream.address(), 1_000_000 + round, "1s")).unwrap();
            match round % 3 {
                0 => gateway.signal("HUP").unwrap(),
                1 => {
                    let output = gateway.verb(&["reload"]).unwrap();
                    let said = String::from_utf8_lossy(&output.stdout).into_owned();
                    assert!(output.status.success() && said.contains("is in force"), "{said}");
                }
                _ => {
                    std::fs::write(&file, "version = 1\n[lisen]\n").unwrap();
                    let output = gateway.verb(&["reload"]).unwrap();
                    assert!(!output.status.success(), "a bad document was taken");
                }
            }
            wait_until("traffic after a reload", || answered.load(Ordering::Relaxed) > before + 200);
        }
    });
    assert!(faults.is_empty(), "{faults:?}");
    println!("{} requests over 12 reloads, none lost", answered.load(Ordering::Relaxed));
}

#[test]
fn drain_under_load_loses_no_request() {
    let upstream = RecordingUpstream::start().unwrap();
    let mut gateway = gateway(&upstream, "1s");
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let faults = load(gateway.address("http"), &stop, &answered, || {
        wait_until("traffic", || answered.load(Ordering::Relaxed) > 500);
        gateway.signal("TERM").unwrap();
        let status = gateway.wait(Duration::from_secs(20)).unwrap();
        assert!(status.success(), "{status}");
    });
    assert!(faults.is_empty(), "{faults:?}");
    // Every request that was answered left a line.
    let lines = lines(&gateway);
    assert_eq!(lines.len(), answered.load(Ordering::Relaxed), "one line per request");
    println!("{} requests, none lost in the drain", lines.len());
}

/// Every line of the audit log, parsed.
fn lines(gateway: &Gateway) -> Vec<serde_json::Value> {
    let folder = gateway.folder().join("data/audit");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
        .iter()
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .map(|line| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect()
}

#[test]
fn kill_loses_no_line_that_was_synced() {
    let upstream = RecordingUpstream::start().unwrap();
    let mut gateway = gateway(&upstream, "always");
    let rounds = if std::env::var_os("DURWARD_LONG").is_some() { 25 } else { 4 };
    let mut known = Vec::new();
    for round in 0..rounds {
        let mut connection = Connection::open(gateway.address("http")).unwrap();
        let ids: Vec<String> = (0..40).map(|n| connection.ask(&format!("/v/r{round}n{n}")).unwrap().id).collect();
        let last = ids.last().unwrap().clone();
        wait_until("the line of the last request", || gateway.verb(&["why", &last]).unwrap().status.success());
        known.extend(ids);
        gateway.kill_and_restart().unwrap();
    }
    let lines = lines(&gateway);
    let mut numbers: Vec<u64> = lines.iter().map(|line| line["seq"].as_u64().unwrap()).collect();
    let found: std::collections::HashSet<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    let lost: Vec<_> = known.iter().filter(|id| !found.contains(id.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} lines lost", lost.len(), known.len());
    numbers.dedup();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "the numbers have holes: {numbers:?}");
    println!("{} lines over {rounds} kills, none lost", known.len());
}
