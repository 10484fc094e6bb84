//! Body: the content is read once, capped, and decoded once.
//!
//! # What it stops
//! Memory exhaustion by large or compressed content (OWASP API4:2023, CWE-400, CWE-409), content that the contract does
//! not take, and the differential between what a gateway checks and what a server reads (Content-Type bypasses such as
//! CVE-2025-32442).
//!
//! # How it decides
//! An operation without a request body takes none. The media type is parsed once, must be one that the contract names,
//! and its canonical form is what the upstream gets. A declared length beyond the cap is refused before a byte is read
//! (and so before `100 Continue`). Content of a media type without a schema streams through under its own cap, unless
//! the operation's firewall can look at it: text, JSON, XML and forms of both kinds. That, and content with a schema, is
//! read whole, decompressed under a cap on size and ratio, and forwarded decoded.
//!
//! # Policy
//! ```toml
//! [api.orders.body]
//! max    = "1MiB"     # content that is read whole, before and after decompression
//! stream = "64MiB"    # content that streams through
//! ratio  = 100        # the most that decompression may multiply
//! ```
//!
//! # Reasons
//! `body-too-large`, `body-unexpected`, `body-missing`, `media-type-unsupported`, `body-malformed`, `body-timeout`,
//! `body-bomb`.
//!
//! # Example
//! A `POST` of 2 MiB JSON is answered 413 `body-too-large`.

use bytes::Bytes;
use durward_contract::{BodyContract, BodyMedia, Operation};
use durward_core::{ByteSize, Denial, Evidence, Reason};
use durward_http::{
    BodyFault, BodySource, Clean, Coding, Framing, InflateProblem, MediaType, ReadProblem, inflate, read_whole,
};
use http::header;
use serde::{Deserialize, Serialize};

use crate::Payload;

/// The stage as written in the policy.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct BodyConfig {
    /// The most that is read whole, before and after decompression.
    pub max: ByteSize,
    /// The most that streams through.
    pub stream: ByteSize,
    /// The most that decompression may multiply.
    pub ratio: usize,
}

impl Default for BodyConfig {
    fn default() -> Self {
        Self { max: ByteSize::mib(1), stream: ByteSize::mib(64), ratio: 100 }
    }
}

/// The stage.
#[derive(Debug, Clone, Copy)]
pub struct BodyStage {
    config: BodyConfig,
    inspects: bool,
}

/// What was read, and by which part of the contract it is to be judged.
#[derive(Debug)]
pub struct Received<'p, B> {
    /// The content.
    pub payload: Payload<B>,
    /// Its media type; `None` without content.
    pub media: Option<MediaType>,
    /// What the contract says of this media type.
    pub promised: Option<&'p BodyMedia>,
    /// The content was compressed and is decoded now, so `content-encoding` no longer holds.
    pub decoded: bool,
}

impl<B> Evidence for Received<'_, B> {}

impl<B> Received<'_, B> {
    const fn nothing() -> Self {
        Self { payload: Payload::Empty, media: None, promised: None, decoded: false }
    }
}

impl BodyStage {
    /// Compiles the stage. `inspects` says that the operation's firewall looks at content, so that what it can look at
    /// must not stream past it.
    #[must_use]
    pub const fn compile(config: BodyConfig, inspects: bool) -> Self {
        Self { config, inspects }
    }

    /// Reads the body of a request for `operation`.
    ///
    /// # Errors
    /// The content is not one that the operation takes, or cannot be read within the caps.
    pub async fn read<'p, B: BodySource>(
        &self,
        operation: &'p Operation,
        clean: &Clean,
        body: B,
    ) -> Result<Received<'p, B>, Denial> {
        let framing = clean.facts().framing();
        let Some(contract) = operation.body() else {
            return match framing {
                Framing::Empty | Framing::Length(0) => Ok(Received::nothing()),
                Framing::Length(_) | Framing::Streamed => {
                    Err(Denial::new(Reason::BodyUnexpected).tell("body", "no content: this operation takes none"))
                }
            };
        };
        if matches!(framing, Framing::Empty | Framing::Length(0)) {
            return if contract.required() { Err(missing(contract)) } else { Ok(Received::nothing()) };
        }
        let (media, promised) = select(contract, clean)?;
        let coding = coding(clean)?;
        if promised.streams() && !(self.inspects && media.is_textual()) {
            let payload = self.stream(framing, body)?;
            return Ok(Received { payload, media: Some(media), promised: Some(promised), decoded: false });
        }
        let bytes = self.whole(framing, body).await?;
        let decoded = coding != Coding::Identity;
        let bytes = if decoded { self.inflate(coding, &bytes)? } else { bytes };
        Ok(Received { payload: Payload::Whole(bytes), media: Some(media), promised: Some(promised), decoded })
    }

    fn stream<B>(&self, framing: Framing, body: B) -> Result<Payload<B>, Denial> {
        let cap = self.config.stream.as_u64();
        let length = match framing {
            Framing::Length(length) if length > cap => return Err(too_large(self.config.stream)),
            Framing::Length(length) => Some(length),
            Framing::Empty | Framing::Streamed => None,
        };
        Ok(Payload::Stream { body, length, cap })
    }

    async fn whole<B: BodySource>(&self, framing: Framing, mut body: B) -> Result<Bytes, Denial> {
        let cap = self.config.max.as_u64();
        if matches!(framing, Framing::Length(length) if length > cap) {
            return Err(too_large(self.config.max));
        }
        read_whole(&mut body, cap).await.map_err(|problem| match problem {
            ReadProblem::TooLarge(_) => too_large(self.config.max),
            ReadProblem::Fault(BodyFault::Timeout) => Denial::new(Reason::BodyTimeout),
            ReadProblem::Fault(BodyFault::Crowded) => {
                Denial::new(Reason::Overloaded).detail("too many bodies are being read").retry_after(1)
            }
            ReadProblem::Fault(BodyFault::Broken(detail)) => Denial::new(Reason::BodyMalformed).detail(detail),
        })
    }

    fn inflate(&self, coding: Coding, bytes: &[u8]) -> Result<Bytes, Denial> {
        inflate(coding, bytes, self.config.max.as_usize(), self.config.ratio).map(Bytes::from).map_err(|problem| {
            let reason = match problem {
                InflateProblem::TooLarge(_) | InflateProblem::Ratio(_) => Reason::BodyBomb,
                _ => Reason::BodyMalformed,
            };
            Denial::new(reason).detail(problem.to_string()).tell("body", problem.to_string())
        })
    }
}

fn select<'p>(contract: &'p BodyContract, clean: &Clean) -> Result<(MediaType, &'p BodyMedia), Denial> {
    let unsupported = |detail: String| {
        Denial::new(Reason::MediaTypeUnsupported).detail(detail).tell("content-type", contract.accepts())
    };
    let Some(value) = clean.facts().headers().get(header::CONTENT_TYPE) else {
        return Err(unsupported("no content-type".to_owned()));
    };
    let text = value.to_str().map_err(|_| unsupported("content-type is not ASCII".to_owned()))?;
    let media = MediaType::parse(text).map_err(|problem| unsupported(problem.to_string()))?;
    let promised = contract.select(&media).ok_or_else(|| unsupported(format!("`{media}` is not in the contract")))?;
    // The upstream would read other characters than those that were held to the schema.
    if promised.has_schema() && media.is_textual() && media.charset().is_some_and(|charset| charset != "utf-8") {
        return Err(unsupported("the charset is not utf-8".to_owned()));
    }
    Ok((media, promised))
}

fn coding(clean: &Clean) -> Result<Coding, Denial> {
    let Some(value) = clean.facts().headers().get(header::CONTENT_ENCODING) else { return Ok(Coding::Identity) };
    value.to_str().ok().and_then(|text| Coding::parse(text).ok()).ok_or_else(|| {
        Denial::new(Reason::MediaTypeUnsupported).tell("content-encoding", "one of gzip, deflate, br, or nothing")
    })
}

fn missing(contract: &BodyContract) -> Denial {
    Denial::new(Reason::BodyMissing).tell("body", contract.accepts())
}

fn too_large(cap: ByteSize) -> Denial {
    Denial::new(Reason::BodyTooLarge).tell("body", format!("at most {cap}"))
}
