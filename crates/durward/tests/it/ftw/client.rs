//! A client that sends bytes as they are and wants to know how they were answered.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// An answer; without the number of a request if the gateway could not read one.
    Answer { status: u16, id: Option<String> },
    /// Nothing that is an answer.
    Nothing(String),
}

/// Sends the bytes on a connection of their own.
pub(super) fn ask(address: SocketAddr, bytes: &[u8], patience: Duration) -> Heard {
    match exchange(address, bytes, patience) {
        Ok(answer) => parse(&answer),
        Err(error) => Heard::Nothing(error.to_string()),
    }
}

/// The bytes of the answer up to its end, or the end of the connection.
fn exchange(address: SocketAddr, bytes: &[u8], patience: Duration) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    // A gateway that refuses early may close before all is written; what it said is still to be read.
    let _ = stream.write_all(bytes);
    let head_only = bytes.starts_with(b"HEAD ");
    let (mut answer, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    while !is_whole(&answer, head_only) {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&chunk[..n]),
            Err(_) if !answer.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(answer)
}

fn is_whole(answer: &[u8], head_only: bool) -> bool {
    let Some((head, start)) = head(answer) else { return false };
    let length = field(&head, "content-length").and_then(|text| text.parse::<usize>().ok());
    head_only || length.is_some_and(|length| answer.len() - start >= length)
}

/// The head of the final answer, in lower case, and where its content begins.
fn head(answer: &[u8]) -> Option<(String, usize)> {
    let mut start = 0;
    loop {
        let end = answer[start..].windows(4).position(|four| four == b"\r\n\r\n")? + start + 4;
        let head = String::from_utf8_lossy(&answer[start..end]).to_lowercase();
        if !head.starts_with("http/1.1 1") {
            return Some((head, end));
        }
        start = end;
    }
}

fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(|value| value.trim().to_owned())
}

fn parse(answer: &[u8]) -> Heard {
    let Some((head, _)) = head(answer) else { return Heard::Nothing("the connection was closed".to_owned()) };
    match head.split(' ').nth(1).and_then(|status| status.parse().ok()) {
        Some(status) => Heard::Answer { status, id: field(&head, "x-request-id") },
        None => Heard::Nothing(head),
    }
}
