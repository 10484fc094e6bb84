//! Validate: the parameters and the content are what the contract promises.
//!
//! # What it stops
//! Improper input validation (CWE-20) and mass assignment (OWASP API3:2023, CWE-915): wrong types, missing or repeated
//! parameters, members that no schema names, and JSON that two parsers read differently (repeated members, lone
//! surrogates, depth).
//!
//! # How it decides
//! Every parameter of the operation is decoded by its style and judged by its schema; JSON is read by a strict reader
//! and judged by the document's validator; forms are decoded to the same values and judged alike. Up to eight findings
//! are told, each with its place and what was expected there, never with the value that came.
//!
//! # Policy
//! ```toml
//! [api.orders.validate]
//! mode          = "enforce"
//! unknown_query = "refuse"     # or "allow": parameters that the contract does not name
//! json          = { depth = 64, members = 10000, string = "1MiB" }
//! ```
//!
//! # Reasons
//! `parameter-invalid`, `parameter-unknown`, `json-malformed`, `form-malformed`, `body-invalid`.
//!
//! # Example
//! `{"quantity": "many"}` is answered 400 `body-invalid`: `/quantity`: an integer.

use bytes::Bytes;
use durward_contract::{BodyKind, BodyMedia, Match, ParameterInput, Violation, ViolationKind};
use durward_core::{ByteSize, Denial, Evidence, Reason, Verdict};
use durward_http::{Clean, MediaType, form, json, multipart};
use serde::{Deserialize, Serialize};

use crate::{Payload, Received};

/// The stage as written in the policy.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidateConfig {
    /// What becomes of query parameters that the contract does not name.
    pub unknown_query: Unknown,
    /// Limits of the JSON reader.
    pub json: JsonLimits,
}

/// What becomes of what the contract does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// The request is refused.
    #[default]
    Refuse,
    /// It goes on.
    Allow,
}

/// Limits of the JSON reader.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct JsonLimits {
    /// Nesting.
    pub depth: usize,
    /// Members of one object or elements of one array.
    pub members: usize,
    /// Bytes of one string.
    pub string: ByteSize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { depth: 64, members: 10_000, string: ByteSize::mib(1) }
    }
}

/// The stage.
#[derive(Debug)]
pub struct ValidateStage {
    unknown_query: Unknown,
    json: json::Limits,
}

/// Proof that the request has the shape the contract promises.
#[derive(Debug, Clone, Copy)]
pub struct Shaped(());

impl Evidence for Shaped {}

impl ValidateStage {
    /// Compiles the stage.
    #[must_use]
    pub fn compile(config: ValidateConfig) -> Self {
        let json = json::Limits {
            depth: config.json.depth,
            members: config.json.members,
            elements: config.json.members,
            string_bytes: config.json.string.as_usize(),
            ..json::Limits::default()
        };
        Self { unknown_query: config.unknown_query, json }
    }

    /// Judges a request.
    pub fn check<B>(&self, matched: &Match<'_>, clean: &Clean, received: &Received<'_, B>) -> Verdict<Shaped> {
        match self.parameters(matched, clean).and_then(|()| self.content(received)) {
            Ok(()) => Verdict::Pass(Shaped(())),
            Err(denial) => Verdict::deny(denial, Shaped(())),
        }
    }

    fn parameters(&self, matched: &Match<'_>, clean: &Clean) -> Result<(), Denial> {
        let input =
            ParameterInput { path: matched.path_parameters(), query: clean.query(), headers: clean.facts().headers() };
        let mut found = matched.operation().parameters().check(&input);
        if self.unknown_query == Unknown::Allow {
            found.retain(|violation| violation.kind != ViolationKind::Unknown);
        }
        let only_unknown = found.iter().all(|violation| violation.kind == ViolationKind::Unknown);
        let reason = if only_unknown { Reason::ParameterUnknown } else { Reason::ParameterInvalid };
        refuse_if_any(reason, found)
    }

    fn content<B>(&self, received: &Received<'_, B>) -> Result<(), Denial> {
        let (Payload::Whole(bytes), Some(media), Some(promised)) =
            (&received.payload, &received.media, received.promised)
        else {
            return Ok(());
        };
        // Read for the firewall's sake: the contract promises nothing of it.
        if !promised.has_schema() {
            return Ok(());
        }
        let found = match promised.kind() {
            BodyKind::Json => self.json(bytes, promised)?,
            BodyKind::Form => form_content(bytes, promised)?,
            BodyKind::Multipart => multipart_content(bytes, media, promised)?,
            BodyKind::Text => text_content(bytes, promised)?,
            BodyKind::Opaque => Vec::new(),
        };
        refuse_if_any(Reason::BodyInvalid, found)
    }

    fn json(&self, bytes: &Bytes, promised: &BodyMedia) -> Result<Vec<Violation>, Denial> {
        let document = json::Document::parse(bytes.clone(), &self.json).map_err(|error| {
            Denial::new(Reason::JsonMalformed).detail(error.to_string()).tell("body", error.to_string())
        })?;
        Ok(promised.check_json(&document))
    }
}

fn form_content(bytes: &[u8], promised: &BodyMedia) -> Result<Vec<Violation>, Denial> {
    let pairs =
        form::parse(bytes, form::FormLimits::default()).map_err(|problem| malformed_form(problem.to_string()))?;
    Ok(promised.check_form(&pairs))
}

fn multipart_content(bytes: &[u8], media: &MediaType, promised: &BodyMedia) -> Result<Vec<Violation>, Denial> {
    let boundary = media.boundary().ok_or_else(|| malformed_form("no boundary in content-type".to_owned()))?;
    let parts = multipart::parse(bytes, boundary, multipart::MultipartLimits::default())
        .map_err(|problem| malformed_form(problem.to_string()))?;
    Ok(promised.check_multipart(&parts, bytes))
}

fn text_content(bytes: &[u8], promised: &BodyMedia) -> Result<Vec<Violation>, Denial> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Denial::new(Reason::BodyMalformed).tell("body", "text in UTF-8"))?;
    Ok(promised.check_text(text))
}

fn malformed_form(problem: String) -> Denial {
    Denial::new(Reason::FormMalformed).detail(problem.clone()).tell("body", problem)
}

fn refuse_if_any(reason: Reason, found: Vec<Violation>) -> Result<(), Denial> {
    if found.is_empty() {
        return Ok(());
    }
    let detail =
        found.iter().map(|violation| format!("{}: {}", violation.place, violation.expected)).collect::<Vec<_>>();
    let denial = Denial::new(reason).detail(detail.join("; "));
    Err(found.into_iter().fold(denial, |denial, violation| denial.tell(violation.place, violation.expected)))
}
