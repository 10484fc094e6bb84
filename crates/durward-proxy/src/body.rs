//! Bodies on their way: the client's to the stages and the upstream, the upstream's to the client.
//!
//! Nothing here collects: each piece is passed on or refused. Waiting is bounded by deadlines that cost no timer per piece.

mod client;
mod outbound;
mod response;

pub(crate) use client::{ClientBody, Tally, describe};
pub(crate) use outbound::{RequestBody, Streamed, Upload};
pub(crate) use response::{CutShort, ResponseBody, Source};

use http::HeaderMap;
use http::header;

/// Removes trailer fields that must not be (RFC 9110 section 6.5.1): framing, routing, authentication, content.
pub(crate) fn settle_trailers(trailers: &mut HeaderMap) {
    for name in FORBIDDEN {
        trailers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        trailers.remove(name);
    }
}

const FORBIDDEN: [header::HeaderName; 20] = [
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::HOST,
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    header::RANGE,
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::PROXY_AUTHENTICATE,
    header::COOKIE,
    header::SET_COOKIE,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_TYPE,
    header::CONTENT_RANGE,
    header::FORWARDED,
    header::LOCATION,
];
