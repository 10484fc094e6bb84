//! An HTTP/2 client that sends what it is told: header blocks of literals, never indexed, never compressed.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What came of one HTTP/2 request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum H2Outcome {
    /// Answered with 200.
    Ok,
    /// Answered with another status.
    OtherStatus,
    /// The stream was reset.
    Reset,
    /// The connection was ended.
    GoneAway,
    /// Nothing came.
    Silence,
}

/// Sends one request, cleartext with prior knowledge, and waits for what comes of its stream.
///
/// # Errors
/// The connection cannot be made.
pub fn h2_exchange(
    address: SocketAddr,
    fields: &[(&[u8], &[u8])],
    body: Option<&[u8]>,
    trailers: &[(&[u8], &[u8])],
    patience: Duration,
) -> io::Result<H2Outcome> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(patience))?;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frame(&mut bytes, SETTINGS, 0, 0, &[]);
    let ends = |last: bool| if last { END_STREAM } else { 0 };
    frame(&mut bytes, HEADERS, END_HEADERS | ends(body.is_none() && trailers.is_empty()), 1, &block(fields));
    if let Some(body) = body {
        frame(&mut bytes, DATA, ends(trailers.is_empty()), 1, body);
    }
    if !trailers.is_empty() {
        frame(&mut bytes, HEADERS, END_HEADERS | END_STREAM, 1, &block(trailers));
    }
    let _ = stream.write_all(&bytes);
    Ok(outcome(&mut stream))
}

fn outcome(stream: &mut TcpStream) -> H2Outcome {
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return H2Outcome::Silence;
        }
        let [a, b, c, kind, flags, _, _, _, id] = head;
        let mut payload = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
        if stream.read_exact(&mut payload).is_err() {
            return H2Outcome::Silence;
        }
        match kind {
            HEADERS if id == 1 => return status(&payload),
            RST_STREAM if id == 1 => return H2Outcome::Reset,
            GOAWAY => return H2Outcome::GoneAway,
            SETTINGS if flags & ACK == 0 => {
                let mut ack = Vec::new();
                frame(&mut ack, SETTINGS, ACK, 0, &[]);
                let _ = stream.write_all(&ack);
            }
            _ => {}
        }
    }
}

/// The first field of a block is `:status`, after any change of the table size; 0x88 is the static table's 200
/// (RFC 7541 appendix A).
fn status(block: &[u8]) -> H2Outcome {
    match block.iter().find(|byte| **byte & 0xe0 != 0x20) {
        Some(0x88) => H2Outcome::Ok,
        _ => H2Outcome::OtherStatus,
    }
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, id: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    out.extend(length.iter().skip(1));
    out.extend([kind, flags]);
    out.extend(id.to_be_bytes());
    out.extend(payload);
}

/// Literal header fields without indexing, new names (RFC 7541 section 6.2.2).
fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            integer(&mut out, text.len());
            out.extend(*text);
        }
    }
    out
}

/// A 7-bit prefixed integer (RFC 7541 section 5.1).
fn integer(out: &mut Vec<u8>, mut value: usize) {
    if value < 127 {
        out.push(u8::try_from(value).unwrap_or(0));
        return;
    }
    out.push(127);
    value -= 127;
    while value >= 128 {
        out.push(u8::try_from(value % 128 + 128).unwrap_or(128));
        value /= 128;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
