//! The rig: a server with a plan and a record, upstreams that do what a test says, clients that read what comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use durward_core::SystemClock;
use durward_pipeline::Plan;
use durward_proxy::{Limits, ListenConfig, ListenScheme, Server, ServerConfig, ServerParts, UpstreamLimits};
use durward_record::{RecordConfig, Recorder};
use tempfile::TempDir;

use crate::plan::{Wanted, plan};

/// A gateway in front of an upstream.
pub struct Rig {
    pub server: Option<Server>,
    pub address: SocketAddr,
    pub plans: Arc<ArcSwap<Plan>>,
    folder: TempDir,
    writer: Option<durward_record::Running>,
}

/// What a test varies of the server.
#[derive(Clone, Default)]
pub struct Setting {
    pub wanted: Wanted,
    pub limits: Limits,
    pub upstream: UpstreamLimits,
    pub scheme: Option<ListenScheme>,
    pub trusted: Vec<ipnet::IpNet>,
}

impl Rig {
    pub fn start(upstream: SocketAddr, setting: Setting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (recorder, writer) = Recorder::open(&RecordConfig::default(), folder.path()).unwrap();
        let build = durward_record::Build { version: "test", commit: None };
        let metrics = durward_record::Metrics::new(&build);
        let writer = writer.start(metrics.clone(), |_| {}).unwrap();
        let plans = Arc::new(ArcSwap::from_pointee(plan(upstream, &setting.wanted)));
        let config = ServerConfig {
            workers: NonZeroUsize::new(1),
            listeners: vec![ListenConfig {
                address: "127.0.0.1:0".parse().unwrap(),
                scheme: setting.scheme.unwrap_or(ListenScheme::Http),
                proxy_protocol: setting.trusted,
            }],
            limits: setting.limits,
            upstream: setting.upstream,
        };
        let parts = ServerParts {
            plans: Arc::clone(&plans),
            recorder,
            clock: Arc::new(SystemClock::new()),
            metrics: Some(metrics.clone()),
        };
        let server = Server::start(&config, &parts).unwrap();
        let address = server.addresses()[0];
        Self { server: Some(server), address, plans, folder, writer: Some(writer) }
    }

    pub fn connect(&self) -> Client {
        Client::connect(self.address)
    }

    /// Ends the server and gives the record's lines.
    pub fn lines(mut self) -> Vec<serde_json::Value> {
        drop(self.server.take());
        self.writer.take().unwrap().close().unwrap();
        let mut lines = Vec::new();
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                let text = std::fs::read_to_string(path).unwrap();
                lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
            }
        }
        lines
    }
}

/// An upstream whose connections are each served by `script`, which is told the connection's number.
pub fn upstream(script: impl Fn(usize, Client) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::new(script);
    let count = AtomicUsize::new(0);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let script = Arc::clone(&script);
            std::thread::spawn(move || script(number, Client::new(stream.unwrap())));
        }
    });
    address
}

/// An upstream that answers each request with 200 and a small body, and tells what it saw.
pub fn plain_upstream() -> (SocketAddr, Arc<Mutex<Vec<Seen>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let address = upstream(move |number, mut client| {
        while let Some(message) = client.message() {
            log.lock().unwrap().push(Seen { connection: number, message });
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    (address, seen)
}

/// A request that an upstream saw.
#[derive(Clone, Debug)]
pub struct Seen {
    pub connection: usize,
    pub message: Message,
}

/// An HTTP/1.1 message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub start: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub trailers: Vec<(String, String)>,
}

impl Message {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn status(&self) -> u16 {
        self.start.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// One end of a connection, for clients and upstreams alike.
pub struct Client {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).unwrap())
    }

    pub fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    pub fn send(&mut self, text: impl AsRef<[u8]>) {
        // The other side may have closed; what matters is what it says.
        let _ = self.stream.write_all(text.as_ref());
    }

    pub fn get(&mut self, path: &str) -> Message {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: gateway.test\r\n\r\n"));
        self.answer()
    }

    pub fn answer(&mut self) -> Message {
        self.message().expect("an answer")
    }

    /// The head of the next message; `None` when the connection is closed.
    pub fn head(&mut self) -> Option<Message> {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.fill() {
                return None;
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let text = String::from_utf8(head).unwrap();
        let mut lines = text.trim_end().split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let fields = lines.map(field).collect();
        Some(Message { start, fields, body: Vec::new(), trailers: Vec::new() })
    }

    /// The next message, whole; `None` when the connection closes before its end.
    pub fn message(&mut self) -> Option<Message> {
        let mut message = self.head()?;
        if message.field("transfer-encoding").is_some() {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).unwrap();
                if size == 0 {
                    break;
                }
                message.body.extend(self.take(size)?);
                self.take(2)?;
            }
            loop {
                let line = self.line()?;
                if line.is_empty() {
                    break;
                }
                message.trailers.push(field(&line));
            }
        } else if let Some(length) = message.field("content-length") {
            message.body = self.take(length.parse().unwrap())?;
        }
        Some(message)
    }

    pub fn line(&mut self) -> Option<String> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..at + 2).collect();
                return Some(String::from_utf8_lossy(&line[..at]).into_owned());
            }
            if !self.fill() {
                return None;
            }
        }
    }

    pub fn take(&mut self, size: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < size {
            if !self.fill() {
                return None;
            }
        }
        Some(self.buffer.drain(..size).collect())
    }

    /// Whether the other side closes within the patience of the test.
    pub fn is_closed(&mut self) -> bool {
        while self.fill() {}
        true
    }

    pub fn rest(&mut self) -> Vec<u8> {
        while self.fill() {}
        std::mem::take(&mut self.buffer)
    }

    fn fill(&mut self) -> bool {
        let mut chunk = [0; 64 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => false,
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                true
            }
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("nothing came: {error}"),
        }
    }
}

fn field(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap();
    (name.to_lowercase(), value.trim().to_owned())
}

/// Waits for a condition.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}
