//! Intake of the request content.

use super::value::Source;
use super::{Buffer, State, number};
use crate::arena::{Kind, Span};
use crate::ast::{Phase, Processor, Variable};
use crate::body::{self, BodyError, FilePart, MultipartFlags, Parsed};

/// The request content and what its processor said of it.
#[derive(Debug, Default)]
pub struct Content {
    bytes: Vec<u8>,
    /// Whether rules see it as `REQUEST_BODY` whatever its processor (`ctl:forceRequestBodyVariable`).
    forced: bool,
    /// Whether it was cut or refused (`INBOUND_DATA_ERROR`).
    data_error: bool,
    too_large: bool,
    /// Whether there were more arguments than are kept.
    too_many: bool,
    error: Option<BodyError>,
    pub(super) multipart: MultipartFlags,
    pub(super) files_size: u64,
    published: bool,
}

impl Content {
    pub(super) fn clear(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        *self = Self { bytes, ..Self::default() };
    }

    pub(super) fn part(&self, start: u32, length: u32) -> &[u8] {
        let start = start as usize;
        self.bytes.get(start..start.saturating_add(length as usize)).unwrap_or_default()
    }

    /// The content as it came, as far as it was kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why it is not what it says it is.
    #[must_use]
    pub const fn error(&self) -> Option<&BodyError> {
        self.error.as_ref()
    }

    /// `INBOUND_DATA_ERROR`.
    #[must_use]
    pub const fn has_data_error(&self) -> bool {
        self.data_error || self.too_large
    }

    /// Whether it is larger than `SecRequestBodyNoFilesLimit`, files left out.
    #[must_use]
    pub const fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// `REQBODY_ERROR`. Arguments that were left out count as well, whatever the processor: a rule that asks for errors of
    /// the content asks whether it has all been looked at.
    #[must_use]
    pub const fn has_error(&self) -> bool {
        self.error.is_some() || self.too_large || self.too_many
    }

    /// Appends `REQBODY_ERROR_MSG`.
    pub(super) fn write_error(&self, out: &mut Buffer) {
        if let Some(error) = &self.error {
            out.extend_from_slice(error.to_string().as_bytes());
        } else if self.too_large {
            out.extend_from_slice(b"Request body excluding files is bigger than the maximum expected.");
        } else if self.too_many {
            out.extend_from_slice(b"Request body has more arguments than the maximum expected.");
        }
    }
}

impl State {
    /// The request content so far, and what is known of it.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// More request content; the caller keeps to its limit.
    pub fn request_content(&mut self, content: &[u8]) {
        self.content.bytes.extend_from_slice(content);
    }

    /// Request content was cut or refused (`INBOUND_DATA_ERROR`).
    pub const fn set_inbound_data_error(&mut self) {
        self.content.data_error = true;
    }

    /// `ctl:forceRequestBodyVariable`.
    pub const fn force_request_body(&mut self, forced: bool) {
        self.content.forced = forced;
    }

    /// The request content is here, whole if `complete`: it is taken apart, and rules can look at it. Empty content is not
    /// asked what it is.
    pub fn publish_request_content(&mut self, complete: bool) {
        self.enter(Phase::RequestBody);
        if self.content.published || self.content.bytes.is_empty() {
            return;
        }
        self.content.published = true;
        let processor = self.request.processor;
        if self.content.forced || processor == Some(Processor::UrlEncoded) {
            let length = u32::try_from(self.content.bytes.len()).unwrap_or(u32::MAX);
            self.values.set(Variable::RequestBody, Source::Request { start: 0, length });
        }
        let Some(processor) = processor else { return };
        let mut limits = self.settings.limits.clone();
        limits.arguments = limits.arguments.saturating_sub(self.request.arguments);
        // The parser writes into the arena, so the field is copied out of it.
        let content_type = self.arena.get(self.request.content_type).to_vec();
        let parsed = body::parse(processor, &content_type, &self.content.bytes, complete, &limits, &mut self.arena);
        self.take_parsed(parsed);
    }

    fn take_parsed(&mut self, parsed: Parsed) {
        self.content.too_many = parsed.arguments_exceeded;
        self.request.arguments_exceeded |= parsed.arguments_exceeded;
        self.arguments(Variable::ArgsPost, Variable::ArgsPostNames, &parsed.args);
        self.request.url_encoding_invalid |= parsed.url_encoding_invalid;
        for file in &parsed.files {
            self.file(file);
        }
        for pair in &parsed.part_headers {
            self.values.push(Variable::MultipartPartHeaders, Kind::Text, pair.name, Source::Arena(pair.value));
        }
        for (home, spans) in
            [(Variable::MultipartName, &parsed.part_names), (Variable::MultipartFilename, &parsed.part_filenames)]
        {
            for span in spans {
                self.values.push(home, Kind::Text, *span, Source::Arena(*span));
            }
        }
        if let Some(xml) = &parsed.xml {
            // The names are those of the selectors that ask for them.
            let names = [self.arena.push(b"/*"), self.arena.push(b"//@*")];
            for (name, spans) in names.into_iter().zip([&xml.text, &xml.attributes]) {
                for span in spans {
                    self.values.push(Variable::Xml, Kind::Text, name, Source::Arena(*span));
                }
            }
        }
        self.content.files_size = parsed.files_combined_size;
        self.content.multipart = parsed.multipart;
        self.content.too_large = parsed.too_large;
        self.content.error = parsed.error;
    }

    fn file(&mut self, file: &FilePart) {
        let length = file.content.len();
        let mut digits = Buffer::new();
        number::write_unsigned(length as u64, &mut digits);
        let size: Span = self.arena.push(&digits);
        let content = Source::Request {
            start: u32::try_from(file.content.start).unwrap_or(u32::MAX),
            length: u32::try_from(length).unwrap_or(u32::MAX),
        };
        for (home, value) in [
            (Variable::Files, Source::Arena(file.filename)),
            (Variable::FilesNames, Source::Arena(file.name)),
            (Variable::FilesSizes, Source::Arena(size)),
            (Variable::FilesTmpContent, content),
        ] {
            self.values.push(home, Kind::Text, file.name, value);
        }
    }
}
