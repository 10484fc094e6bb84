//! The content of an HTTP/1.1 answer, as it comes off the connection.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http_body::SizeHint;

use super::head::read_trailers;

/// What is left of an answer's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// So many bytes.
    Length(u64),
    /// Chunks (RFC 9112 section 7.1).
    Chunked(Chunk),
    /// Everything until the upstream closes.
    UntilClose,
}

/// Where in a chunked body the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    /// Before a size.
    Size,
    /// In the data, of which so much is left.
    Data(u64),
    /// Behind the data, before the line end.
    DataEnd,
    /// In the trailer section.
    Trailers,
    /// Behind everything.
    Done,
}

/// What the reader found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A piece of the content.
    Piece(Bytes),
    /// Trailer fields; nothing follows.
    Trailers(HeaderMap),
    /// Nothing follows.
    Done,
    /// More bytes are needed.
    More,
    /// This is no content.
    Malformed,
}

impl Content {
    pub(super) const DONE: Self = Self::Length(0);

    pub(super) const fn length(bytes: u64) -> Self {
        Self::Length(bytes)
    }

    pub(super) const fn chunked() -> Self {
        Self::Chunked(Chunk::Size)
    }

    pub(super) const fn is_chunked(self) -> bool {
        matches!(self, Self::Chunked(_))
    }

    /// Whether nothing follows.
    pub(super) const fn is_done(self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunk::Done))
    }

    pub(super) fn size_hint(self) -> SizeHint {
        match self {
            Self::Length(left) => SizeHint::with_exact(left),
            Self::Chunked(Chunk::Done) => SizeHint::with_exact(0),
            Self::Chunked(_) | Self::UntilClose => SizeHint::default(),
        }
    }

    /// The next of what `input` holds.
    pub(super) fn read(&mut self, input: &mut BytesMut) -> Step {
        match self {
            Self::Length(0) => Step::Done,
            Self::Length(left) => piece(input, left),
            Self::UntilClose if input.is_empty() => Step::More,
            Self::UntilClose => Step::Piece(input.split().freeze()),
            Self::Chunked(chunk) => loop {
                if let Some(step) = chunk.read(input) {
                    return step;
                }
            },
        }
    }
}

impl Chunk {
    /// Goes one step; `None` when there may be another.
    fn read(&mut self, input: &mut BytesMut) -> Option<Step> {
        match self {
            Self::Size => match size(input) {
                Ok(None) => return Some(Step::More),
                Ok(Some(0)) => *self = Self::Trailers,
                Ok(Some(bytes)) => *self = Self::Data(bytes),
                Err(Malformed) => return Some(Step::Malformed),
            },
            Self::Data(0) => *self = Self::DataEnd,
            Self::Data(left) => return Some(piece(input, left)),
            Self::DataEnd => match input.get(..2) {
                None => return Some(Step::More),
                Some(b"\r\n") => {
                    input.advance(2);
                    *self = Self::Size;
                }
                Some(_) => return Some(Step::Malformed),
            },
            Self::Trailers => match read_trailers(input) {
                Ok(None) => return Some(Step::More),
                Ok(Some(trailers)) => {
                    *self = Self::Done;
                    return (!trailers.is_empty()).then_some(Step::Trailers(trailers));
                }
                Err(_) => return Some(Step::Malformed),
            },
            Self::Done => return Some(Step::Done),
        }
        None
    }
}

fn piece(input: &mut BytesMut, left: &mut u64) -> Step {
    if input.is_empty() {
        return Step::More;
    }
    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
    *left = left.saturating_sub(take as u64);
    Step::Piece(input.split_to(take).freeze())
}

struct Malformed;

/// The size line of a chunk: hexadecimal digits, perhaps an extension that nobody reads, and a whole line end.
fn size(input: &mut BytesMut) -> Result<Option<u64>, Malformed> {
    let window = input.get(..MOST_LINE).unwrap_or(input);
    let Some(end) = window.iter().position(|byte| *byte == b'\n') else {
        return if window.len() == MOST_LINE { Err(Malformed) } else { Ok(None) };
    };
    let line = window.get(..end).and_then(|line| line.strip_suffix(b"\r")).ok_or(Malformed)?;
    if line.contains(&b'\r') {
        return Err(Malformed);
    }
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > MOST_DIGITS {
        return Err(Malformed);
    }
    let mut bytes = 0u64;
    for digit in digits {
        let digit = char::from(*digit).to_digit(16).ok_or(Malformed)?;
        bytes = (bytes << 4) | u64::from(digit);
    }
    input.advance(end + 1);
    Ok(Some(bytes))
}

const MOST_LINE: usize = 1024;
/// Of 64 bits.
const MOST_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// All content, and the trailers, of bytes that come in pieces of `step`.
    fn gather(mut content: Content, bytes: &[u8], step: usize) -> Option<(Vec<u8>, usize, usize)> {
        let (mut input, mut all, mut trailers) = (BytesMut::new(), Vec::new(), 0);
        let mut pieces = bytes.chunks(step);
        loop {
            match content.read(&mut input) {
                Step::Piece(piece) => all.extend_from_slice(&piece),
                Step::Trailers(fields) => trailers = fields.len(),
                Step::Done => return Some((all, trailers, input.len() + pieces.map(<[u8]>::len).sum::<usize>())),
                Step::More => match pieces.next() {
                    Some(piece) => input.extend_from_slice(piece),
                    None => return None,
                },
                Step::Malformed => return None,
            }
        }
    }

    #[test]
    fn chunks() {
        for (text, expected) in [
            ("5\r\nhello\r\n0\r\n\r\n", Some(("hello", 0, 0))),
            ("5\r\nhello\r\n3\r\n, w\r\n0\r\n\r\n", Some(("hello, w", 0, 0))),
            ("5;a=b\r\nhello\r\n0\r\n\r\n", Some(("hello", 0, 0))),
            ("5 \r\nhello\r\n0\r\n\r\n", Some(("hello", 0, 0))),
            ("000a\r\n0123456789\r\n0\r\n\r\n", Some(("0123456789", 0, 0))),
            ("A\r\n0123456789\r\n0\r\na: b\r\nc: d\r\n\r\n", Some(("0123456789", 2, 0))),
            ("0\r\n\r\nHTTP/1.1 200 OK", Some(("", 0, 15))),
            ("5\nhello\r\n0\r\n\r\n", None),
            ("5\r\nhello0\r\n\r\n", None),
            ("5\r\nhello\n0\r\n\r\n", None),
            ("0x5\r\nhello\r\n0\r\n\r\n", None),
            ("+5\r\nhello\r\n0\r\n\r\n", None),
            (" 5\r\nhello\r\n0\r\n\r\n", None),
            ("\r\nhello\r\n0\r\n\r\n", None),
            ("10000000000000005\r\nhello\r\n0\r\n\r\n", None),
            ("5\r\nhello\r\n0\r\na b: c\r\n\r\n", None),
            ("5;\r\rx\r\nhello\r\n0\r\n\r\n", None),
            ("5\r\nhel", None),
        ] {
            for step in [1, 2, 3, 7, 1000] {
                let gathered = gather(Content::chunked(), text.as_bytes(), step);
                let gathered = gathered.map(|(all, trailers, left)| (String::from_utf8(all).unwrap(), trailers, left));
                let expected = expected.map(|(all, trailers, left)| (all.to_owned(), trailers, left));
                assert_eq!(gathered, expected, "{text:?} by {step}");
            }
        }
        let endless = format!("5;{}", "x".repeat(2000));
        assert_eq!(gather(Content::chunked(), endless.as_bytes(), 100), None);
    }

    #[test]
    fn lengths() {
        assert_eq!(gather(Content::length(5), b"hello, more", 3), Some((b"hello".to_vec(), 0, 6)));
        assert_eq!(gather(Content::length(5), b"hell", 3), None);
        assert_eq!(gather(Content::DONE, b"more", 3), Some((Vec::new(), 0, 4)));
    }
}
