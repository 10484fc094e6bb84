//! Request content, taken apart into what rules look at.
//!
//! One processor is one file. None reads more than once over the content, none recurses, and none keeps more than a
//! small multiple of its size; limits bound the rest.
//!
//! # Errors do not stop the inspection
//! `ModSecurity` drops all arguments of a multipart body with one error, and so lets everything else of it pass when its
//! rules only detect. Here an error is reported ([`Parsed::error`]) and what can be read is read, before and, where the
//! place to go on is certain, after it.
//!
//! # Cut content
//! With `complete` false the content ends where a limit cut it. Everything up to the cut is given, also the value in which
//! it falls, and that the content ends is no error. All other errors are reported as for complete content.

pub mod json;
pub mod multipart;
pub mod urlencoded;
pub mod xml;

use std::ops::Range;

use crate::arena::{Arena, Pair, Span};
use crate::ast::Processor;

/// What a body processor found.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The arguments (`ARGS_POST`), in order, repeated names included.
    pub args: Vec<Pair>,
    /// Whether there were more arguments than [`Limits::arguments`]; the others are not in `args`.
    pub arguments_exceeded: bool,
    /// Whether a percent sign stood before something else than two hexadecimal digits (`URLENCODED_ERROR`).
    pub url_encoding_invalid: bool,
    /// Uploaded files, in order.
    pub files: Vec<FilePart>,
    /// The bytes of all uploaded files (`FILES_COMBINED_SIZE`).
    pub files_combined_size: u64,
    /// Part name and header line (`MULTIPART_PART_HEADERS`), in order.
    pub part_headers: Vec<Pair>,
    /// What the parts call themselves (`MULTIPART_NAME`), in order.
    pub part_names: Vec<Span>,
    /// What the parts call their files (`MULTIPART_FILENAME`), in order.
    pub part_filenames: Vec<Span>,
    /// What was odd about a multipart body.
    pub multipart: MultipartFlags,
    /// What an XML document holds.
    pub xml: Option<Xml>,
    /// Whether the content without its files is larger than [`Limits::no_files`] (`REQBODY_ERROR` and
    /// `INBOUND_DATA_ERROR`, but not `REQBODY_PROCESSOR_ERROR`). Such JSON, XML and forms are read up to there.
    pub too_large: bool,
    /// The first error (`REQBODY_ERROR`, `REQBODY_PROCESSOR_ERROR` and their messages).
    pub error: Option<BodyError>,
}

/// Why content is not what it says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{processor} parsing error: {message} at byte {offset}")]
pub struct BodyError {
    /// Which processor says so: `JSON`, `XML` or `Multipart`.
    pub processor: &'static str,
    /// What is wrong. Holds nothing of the content.
    pub message: &'static str,
    /// Where, from 0.
    pub offset: usize,
}

/// How much is read, and how it is named.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most arguments (`SecArgumentsLimit`, less those that the query string has).
    pub arguments: usize,
    /// The most bytes without files (`SecRequestBodyNoFilesLimit`).
    pub no_files: u64,
    /// The deepest nesting of JSON (`SecRequestBodyJsonDepthLimit`).
    pub json_depth: usize,
    /// The deepest nesting of XML elements.
    pub xml_depth: usize,
    /// The most uploaded files (`SecUploadFileLimit`).
    pub files: usize,
    /// What stands between arguments (`SecArgumentSeparator`).
    pub separator: u8,
    /// Whose names and values.
    pub dialect: Dialect,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            arguments: 1000,
            no_files: 1_048_576,
            json_depth: 512,
            xml_depth: 256,
            files: 100,
            separator: b'&',
            dialect: Dialect::ModSecurity,
        }
    }
}

/// Where engines differ, whose names and values are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// `json.items.array_0.sku`; `XML:/*` is one value, the text of the whole document.
    #[default]
    ModSecurity,
    /// `json.items.0.sku`, and `json.items` is the number of elements; each text of an XML document is a value.
    Coraza,
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePart {
    /// The name of its field (`FILES_NAMES`, and the key of the other collections).
    pub name: Span,
    /// What it calls itself (`FILES`).
    pub filename: Span,
    /// Where its bytes stand in the content (`FILES_TMP_CONTENT`; their number is `FILES_SIZES`). They are not copied.
    pub content: Range<usize>,
}

/// What was odd about a multipart body. Each is 0 or 1 in rules, but for `unmatched_boundary`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a variable of the language")]
pub struct MultipartFlags {
    /// `MULTIPART_BOUNDARY_QUOTED`.
    pub boundary_quoted: bool,
    /// `MULTIPART_BOUNDARY_WHITESPACE`.
    pub boundary_whitespace: bool,
    /// `MULTIPART_DATA_BEFORE`.
    pub data_before: bool,
    /// `MULTIPART_DATA_AFTER`.
    pub data_after: bool,
    /// `MULTIPART_HEADER_FOLDING`.
    pub header_folding: bool,
    /// `MULTIPART_LF_LINE`.
    pub lf_line: bool,
    /// Lines with CRLF; see [`MultipartFlags::crlf_lf_lines`].
    pub crlf_line: bool,
    /// `MULTIPART_MISSING_SEMICOLON`.
    pub missing_semicolon: bool,
    /// `MULTIPART_INVALID_QUOTING`.
    pub invalid_quoting: bool,
    /// `MULTIPART_INVALID_PART`.
    pub invalid_part: bool,
    /// `MULTIPART_INVALID_HEADER_FOLDING`.
    pub invalid_header_folding: bool,
    /// `MULTIPART_FILE_LIMIT_EXCEEDED`.
    pub file_limit_exceeded: bool,
    /// `MULTIPART_UNMATCHED_BOUNDARY`: 0, 1 (a line looks like a boundary and is none) or 2 (boundaries followed the first).
    pub unmatched_boundary: u8,
    /// Something that no other flag tells.
    pub error: bool,
}

impl MultipartFlags {
    /// `MULTIPART_CRLF_LF_LINES`: both line ends.
    #[must_use]
    pub const fn crlf_lf_lines(&self) -> bool {
        self.crlf_line && self.lf_line
    }

    /// `MULTIPART_STRICT_ERROR`: any of the flags but the unmatched boundary and the mixed line ends.
    #[must_use]
    pub const fn strict_error(&self) -> bool {
        self.error
            || self.boundary_quoted
            || self.boundary_whitespace
            || self.data_before
            || self.data_after
            || self.header_folding
            || self.lf_line
            || self.missing_semicolon
            || self.invalid_quoting
            || self.invalid_part
            || self.invalid_header_folding
            || self.file_limit_exceeded
    }
}

/// What an XML document holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xml {
    /// `XML:/*`: one value, the text of the document; in the [`Dialect`] of Coraza one for each text.
    pub text: Vec<Span>,
    /// `XML://@*`: the value of each attribute, namespace declarations left out.
    pub attributes: Vec<Span>,
}

/// Takes request content apart. `content_type` is the value of the header field; `complete` says that nothing was cut off.
#[must_use]
pub fn parse(
    processor: Processor,
    content_type: &[u8],
    body: &[u8],
    complete: bool,
    limits: &Limits,
    arena: &mut Arena,
) -> Parsed {
    if processor == Processor::Multipart {
        return multipart::parse(content_type, body, complete, limits, arena);
    }
    let most = usize::try_from(limits.no_files).unwrap_or(usize::MAX);
    let too_large = body.len() > most;
    let complete = complete && !too_large;
    let body = body.get(..most).unwrap_or(body);
    let parsed = match processor {
        Processor::UrlEncoded => urlencoded::parse(body, complete, limits, arena),
        Processor::Json => json::parse(body, complete, limits, arena),
        Processor::Xml => xml::parse(body, complete, limits, arena),
        Processor::Multipart => Parsed::default(),
    };
    Parsed { too_large, ..parsed }
}
