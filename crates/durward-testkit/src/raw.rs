//! An HTTP/1.1 client that sends what it is told.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header section, as sent.
    pub head: String,
    /// The content.
    pub body: Vec<u8>,
}

/// Why the answers could not be read.
pub type ReadError = io::Error;

/// Sends raw bytes and reads every answer until the connection ends or is silent for `patience`.
///
/// # Errors
/// The connection cannot be made, or what comes back is not HTTP.
pub fn exchange(address: SocketAddr, bytes: &[u8], patience: Duration) -> Result<Vec<Answer>, ReadError> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    // A gateway that refuses early may close before all is written; what it said is still to be read.
    let _ = stream.write_all(bytes);
    read_answers(&mut stream)
}

/// Reads answers until the end, or until nothing comes within the read time-out.
///
/// # Errors
/// What comes back is not HTTP.
pub fn read_answers(stream: &mut impl Read) -> Result<Vec<Answer>, ReadError> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => bytes.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::UnexpectedEof
                ) =>
            {
                break;
            }
            Err(error) => return Err(error),
        }
    }
    split(&bytes)
}

fn split(mut bytes: &[u8]) -> Result<Vec<Answer>, ReadError> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .ok_or_else(|| bad("an answer whose head has no end"))?;
        let (head, rest) = bytes.split_at_checked(end + 4).ok_or_else(|| bad("a short answer"))?;
        let head = String::from_utf8_lossy(head).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| bad("an answer without a status"))?;
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (known, value) = line.split_once(':')?;
                known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let (body, rest) = match field("content-length").and_then(|text| text.parse::<usize>().ok()) {
            _ if (100..200).contains(&status) => (&[][..], rest),
            Some(length) => rest.split_at_checked(length).unwrap_or((rest, &[])),
            None => (rest, &[][..]),
        };
        answers.push(Answer { status, head, body: body.to_vec() });
        bytes = rest;
    }
    Ok(answers)
}
