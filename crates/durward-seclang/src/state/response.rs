//! Intake of the response.

use super::value::Source;
use super::{Buffer, State, number};
use crate::arena::{Kind, Span};
use crate::ast::{Phase, Variable};

/// What is known of the response beside its values.
#[derive(Debug, Default)]
pub(super) struct Response {
    content: Vec<u8>,
    content_type: Span,
    /// Whether content was cut or refused (`OUTBOUND_DATA_ERROR`).
    pub(super) data_error: bool,
}

impl Response {
    pub(super) fn clear(&mut self) {
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        *self = Self { content, ..Self::default() };
    }

    pub(super) fn content(&self) -> &[u8] {
        &self.content
    }
}

impl State {
    /// The status line of the response: its code, and the protocol (`HTTP/1.1`).
    pub fn response_line(&mut self, status: u16, protocol: &[u8]) {
        self.enter(Phase::ResponseHeaders);
        let mut digits = Buffer::new();
        number::write_unsigned(u64::from(status), &mut digits);
        let line = self.arena.write(|out| {
            out.extend_from_slice(protocol);
            out.push(b' ');
            out.extend_from_slice(&digits);
        });
        for (variable, span) in [
            (Variable::ResponseStatus, line.part(protocol.len() + 1, line.len())),
            (Variable::ResponseProtocol, line.part(0, protocol.len())),
            (Variable::StatusLine, line),
        ] {
            self.values.set(variable, Source::Arena(span));
        }
    }

    /// One field of the response, in order.
    pub fn response_header(&mut self, name: &[u8], value: &[u8]) {
        self.enter(Phase::ResponseHeaders);
        let (name_span, value_span) = (self.arena.push(name), self.arena.push(value));
        self.values.push(Variable::ResponseHeadersNames, Kind::Text, name_span, Source::Arena(name_span));
        self.values.push(Variable::ResponseHeaders, Kind::Text, name_span, Source::Arena(value_span));
        if name.eq_ignore_ascii_case(b"content-type") {
            let media_type = memchr::memchr(b';', value).unwrap_or(value.len());
            self.response.content_type = value_span.part(0, media_type);
            self.values.set(Variable::ResponseContentType, Source::Arena(self.response.content_type));
        }
    }

    /// The content type of the response, without parameters (`RESPONSE_CONTENT_TYPE`).
    #[must_use]
    pub fn response_content_type(&self) -> &[u8] {
        self.arena.get(self.response.content_type)
    }

    /// More response content; the caller keeps to its limit.
    pub fn response_content(&mut self, content: &[u8]) {
        self.response.content.extend_from_slice(content);
    }

    /// How much response content there is.
    #[must_use]
    pub fn response_content_len(&self) -> usize {
        self.response.content.len()
    }

    /// Response content was cut or refused (`OUTBOUND_DATA_ERROR`).
    pub const fn set_outbound_data_error(&mut self) {
        self.response.data_error = true;
    }

    /// The response content is complete, or cut: rules can look at it.
    pub fn publish_response_content(&mut self) {
        self.enter(Phase::ResponseBody);
        let mut digits = Buffer::new();
        number::write_unsigned(self.response.content.len() as u64, &mut digits);
        let length = Source::Arena(self.arena.push(&digits));
        self.values.set(Variable::ResponseBody, Source::Response);
        self.values.set(Variable::ResponseContentLength, length);
    }
}
