//! A body on its way to the upstream.

use bytes::Bytes;

/// The body of a request.
#[derive(Debug)]
pub enum Payload<B> {
    /// None.
    Empty,
    /// Read and decoded, whole.
    Whole(Bytes),
    /// Streams through, capped while it does.
    Stream {
        /// Where it comes from.
        body: B,
        /// The declared length, if one was declared.
        length: Option<u64>,
        /// The most that may pass.
        cap: u64,
    },
}
