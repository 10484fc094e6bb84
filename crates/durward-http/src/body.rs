//! Where a body comes from, and how it is read whole.
//!
//! Memory follows the bytes that arrived, never a length that the peer declared.

use std::future::Future;

use bytes::{Bytes, BytesMut};

/// Why a body ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// The client went away or broke the framing.
    #[error("the body broke off: {0}")]
    Broken(String),
    /// The client was too slow.
    #[error("the body took too long")]
    Timeout,
    /// So many other bodies are being read that there is no room for this one.
    #[error("too many bodies are being read")]
    Crowded,
}

/// A body that is read once, chunk by chunk.
pub trait BodySource {
    /// The next chunk of data; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Option<Result<Bytes, BodyFault>>>;
}

/// A body that is already in memory: for `explain`, case files and tests.
#[derive(Debug, Default)]
pub struct WholeBody(Option<Bytes>);

impl WholeBody {
    /// A body of these bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(Some(bytes.into()))
    }
}

impl BodySource for WholeBody {
    async fn next(&mut self) -> Option<Result<Bytes, BodyFault>> {
        self.0.take().filter(|bytes| !bytes.is_empty()).map(Ok)
    }
}

/// Why a body could not be read whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadProblem {
    /// It is larger than the cap, in bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
    /// It ended early.
    #[error(transparent)]
    Fault(#[from] BodyFault),
}

/// Reads a body to its end. A body that comes in one chunk is not copied.
///
/// # Errors
/// A body larger than `cap` bytes (found as soon as the chunk that passes it arrives), or one that ends early.
pub async fn read_whole(source: &mut impl BodySource, cap: u64) -> Result<Bytes, ReadProblem> {
    let mut whole = Bytes::new();
    while whole.is_empty() {
        match source.next().await.transpose()? {
            None => return Ok(whole),
            Some(chunk) => whole = within(chunk, 0, cap)?,
        }
    }
    let Some(second) = source.next().await.transpose()? else { return Ok(whole) };
    let second = within(second, whole.len(), cap)?;
    let mut buffer = BytesMut::with_capacity(whole.len() + second.len());
    buffer.extend_from_slice(&whole);
    buffer.extend_from_slice(&second);
    drop((whole, second));
    while let Some(chunk) = source.next().await.transpose()? {
        buffer.extend_from_slice(&within(chunk, buffer.len(), cap)?);
    }
    Ok(buffer.freeze())
}

fn within(chunk: Bytes, before: usize, cap: u64) -> Result<Bytes, ReadProblem> {
    let total = u64::try_from(before.saturating_add(chunk.len())).unwrap_or(u64::MAX);
    if total > cap { Err(ReadProblem::TooLarge(cap)) } else { Ok(chunk) }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use bytes::Bytes;

    use super::{BodyFault, BodySource, ReadProblem, WholeBody, read_whole};

    struct Chunks(VecDeque<Result<Bytes, BodyFault>>);

    impl BodySource for Chunks {
        async fn next(&mut self) -> Option<Result<Bytes, BodyFault>> {
            self.0.pop_front()
        }
    }

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("these sources never wait"),
        }
    }

    fn chunks(chunks: &[&'static str]) -> Chunks {
        Chunks(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect())
    }

    #[test]
    fn reads_whole() {
        for (parts, cap, expected) in [
            (&[][..], 0, Ok("")),
            (&[""], 0, Ok("")),
            (&["abc"], 3, Ok("abc")),
            (&["abc"], 2, Err(ReadProblem::TooLarge(2))),
            (&["", "a", "", "b", "c"], 3, Ok("abc")),
            (&["a", "b", "c"], 2, Err(ReadProblem::TooLarge(2))),
            (&["a", "bc"], 2, Err(ReadProblem::TooLarge(2))),
        ] {
            let read = now(read_whole(&mut chunks(parts), cap));
            assert_eq!(read, expected.map(|text: &str| Bytes::from_static(text.as_bytes())), "{parts:?}");
        }
    }

    #[test]
    fn one_chunk_is_not_copied() {
        let body = Bytes::from(vec![7_u8; 100]);
        let read = now(read_whole(&mut WholeBody::new(body.clone()), 100)).unwrap();
        assert_eq!(read.as_ptr(), body.as_ptr());
    }

    #[test]
    fn faults_pass_through() {
        for at in 0..3 {
            let mut source = chunks(&["a", "b", "c"]);
            source.0.insert(at, Err(BodyFault::Timeout));
            assert_eq!(now(read_whole(&mut source, 9)), Err(ReadProblem::Fault(BodyFault::Timeout)));
        }
    }
}
