//! One plain HTTP/1.1 exchange, to see that an answer is the right one before anything is timed.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Whether a header of that name is there.
    pub fn has(&self, name: &str) -> bool {
        self.head.lines().any(|line| line.split(':').next().is_some_and(|field| field.eq_ignore_ascii_case(name)))
    }
}

/// Asks once on a connection of its own.
pub fn ask(port: u16, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).context("nothing listens")?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let framing = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{framing}\r\n{body}");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(1 << 20).read_to_end(&mut bytes).context("no complete answer")?;
    read(&String::from_utf8_lossy(&bytes))
        .with_context(|| format!("not an HTTP answer: {}", String::from_utf8_lossy(&bytes)))
}

fn read(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { unchunk(body)? } else { body.to_owned() };
    Some(Answer { status, head: head.to_owned(), body })
}

fn unchunk(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (size, after) = rest.split_once("\r\n")?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body += after.get(..size)?;
        rest = after.get(size..)?.strip_prefix("\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_framings_are_read() {
        let plain = read("HTTP/1.1 200 OK\r\nRateLimit: x\r\n\r\nabc").unwrap();
        assert_eq!((plain.status, plain.body.as_str(), plain.has("ratelimit")), (200, "abc", true));
        let chunked = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").unwrap();
        assert_eq!(chunked.body, "abc");
        assert!(read("nonsense").is_none());
    }
}
