//! An upstream that remembers, byte for byte, what reached it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// One request as it reached the upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The request line.
    pub line: String,
    /// The header fields in order, names as sent.
    pub fields: Vec<(String, String)>,
    /// The content, decoded from chunks.
    pub body: Vec<u8>,
}

impl Recorded {
    /// The values of a field, by its name in any case.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// The target of the request line.
    #[must_use]
    pub fn target(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }
}

/// Serves HTTP/1.1 on loopback, one thread per connection, and answers everything with a small JSON document.
#[derive(Debug)]
pub struct RecordingUpstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Recorded>>>,
    broken: Arc<Mutex<Vec<String>>>,
}

impl RecordingUpstream {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let seen = Arc::<Mutex<Vec<Recorded>>>::default();
        let broken = Arc::<Mutex<Vec<String>>>::default();
        let (keep, complain) = (Arc::clone(&seen), Arc::clone(&broken));
        let answer = move |request: Recorded| {
            let head = request.line.starts_with("HEAD ");
            keep.lock().unwrap_or_else(PoisonError::into_inner).push(request);
            small(head)
        };
        let complain = move |error: io::Error| {
            complain.lock().unwrap_or_else(PoisonError::into_inner).push(error.to_string());
        };
        listen(listener, answer, complain);
        Ok(Self { address, seen, broken })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// All complete requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Recorded> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests whose target contains `tag`.
    #[must_use]
    pub fn seen_with(&self, tag: &str) -> Vec<Recorded> {
        self.seen().into_iter().filter(|request| request.target().contains(tag)).collect()
    }

    /// Connections that ended in the middle of a request, or broke the grammar.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// Serves HTTP/1.1 on loopback, one thread per connection, and answers what it is told to.
#[derive(Debug)]
pub struct AnsweringUpstream {
    address: SocketAddr,
}

impl AnsweringUpstream {
    /// Starts it on a free port. The answer is a whole message.
    ///
    /// # Errors
    /// No port can be had.
    pub fn start(answer: impl Fn(Recorded) -> Vec<u8> + Clone + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        listen(listener, answer, |_| {});
        Ok(Self { address })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn listen(
    listener: TcpListener,
    answer: impl Fn(Recorded) -> Vec<u8> + Clone + Send + 'static,
    complain: impl Fn(io::Error) + Clone + Send + 'static,
) {
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (answer, complain) = (answer.clone(), complain.clone());
            std::thread::spawn(move || {
                if let Err(error) = serve(stream, answer) {
                    complain(error);
                }
            });
        }
    });
}

fn serve(stream: TcpStream, answer: impl Fn(Recorded) -> Vec<u8>) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader)? {
        writer.write_all(&answer(request))?;
    }
    Ok(())
}

/// A small JSON document.
fn small(head: bool) -> Vec<u8> {
    let body = "{\"ok\":true}";
    let head_only = if head { "" } else { body };
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nserver: recorder/1\r\ncontent-length: {}\r\n\r\n{head_only}",
        body.len(),
    )
    .into_bytes()
}

/// A strict reader: CRLF only, one framing only.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Recorded>> {
    let Some(line) = read_line(reader)? else { return Ok(None) };
    let mut fields = Vec::new();
    loop {
        let text = read_line(reader)?.ok_or_else(|| bad("the head has no end"))?;
        if text.is_empty() {
            break;
        }
        let (name, value) = text.split_once(':').ok_or_else(|| bad("a header line without a colon"))?;
        fields.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Recorded { line, fields, body: Vec::new() };
    let coding = request.values("transfer-encoding").join(",");
    let lengths = request.values("content-length").join(",");
    request.body = match (coding.as_str(), lengths.as_str()) {
        ("", "") => Vec::new(),
        ("chunked", "") => read_chunks(reader)?,
        ("", length) => {
            let length: usize = length.parse().map_err(|_| bad("a length that is no number"))?;
            let mut body = vec![0; length.min(1 << 20)];
            reader.read_exact(&mut body)?;
            body
        }
        _ => return Err(bad("two framings")),
    };
    Ok(Some(request))
}

fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if reader.take(64 * 1024).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    match line.strip_suffix(b"\r\n") {
        Some(text) if !text.contains(&b'\r') => Ok(Some(String::from_utf8_lossy(text).into_owned())),
        _ => Err(bad("a line that does not end in CRLF")),
    }
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(reader)?.ok_or_else(|| bad("chunks without an end"))?;
        let size = usize::from_str_radix(&size, 16).map_err(|_| bad("a chunk size that is no number"))?;
        if size == 0 {
            break;
        }
        let mut chunk = vec![0; size.min(1 << 20)];
        reader.read_exact(&mut chunk)?;
        body.extend(chunk);
        if read_line(reader)?.as_deref() != Some("") {
            return Err(bad("a chunk that is longer than its size"));
        }
    }
    while read_line(reader)?.is_some_and(|line| !line.is_empty()) {}
    Ok(body)
}
