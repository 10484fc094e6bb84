//! Intake of the request line and of the header fields, cookies among them.

use std::net::SocketAddr;

use super::value::Source;
use super::{Buffer, Origin, State, number, uri};
use crate::arena::{Kind, Pair, Span};
use crate::ast::{Phase, Processor, Variable};
use crate::body::urlencoded;

/// What is known of the request beside its values.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// What the content type or `ctl:requestBodyProcessor` says.
    pub(super) processor: Option<Processor>,
    pub(super) content_type: Span,
    /// How many arguments there are, and how long names and values are together.
    pub(super) arguments: usize,
    pub(super) arguments_size: u64,
    pub(super) url_encoding_invalid: bool,
    /// Whether arguments were left out.
    pub(super) arguments_exceeded: bool,
}

impl State {
    /// Addresses, ports and the number of the transaction.
    pub(super) fn take_origin(&mut self, origin: &Origin<'_>) {
        for (address, [ip, host, port]) in [
            (origin.client, [Variable::RemoteAddr, Variable::RemoteHost, Variable::RemotePort]),
            (origin.server, [Variable::ServerAddr, Variable::ServerAddr, Variable::ServerPort]),
        ] {
            let text = Source::Arena(self.arena.write(|out| write_address(address, out)));
            self.values.set(ip, text);
            self.values.set(host, text);
            let mut digits = Buffer::new();
            number::write_unsigned(u64::from(address.port()), &mut digits);
            let text = Source::Arena(self.arena.push(&digits));
            self.values.set(port, text);
        }
        let unique_id = Source::Arena(self.arena.push(origin.unique_id));
        self.values.set(Variable::UniqueId, unique_id);
    }

    /// The request line: method, target and protocol (`HTTP/1.1`) as they came.
    pub fn request_line(&mut self, method: &[u8], target: &[u8], protocol: &[u8]) {
        let line = self.arena.write(|out| {
            out.extend_from_slice(method);
            out.push(b' ');
            out.extend_from_slice(target);
            out.push(b' ');
            out.extend_from_slice(protocol);
        });
        let target_begin = method.len() + 1;
        let target_end = target_begin + target.len();
        let parts = uri::split(target);
        let raw = line.part(target_begin, target_end);
        let sent = raw.part(0, parts.end);
        let query = parts.query.map(|begin| sent.part(begin, parts.end)).unwrap_or_default();

        // Without an escape everything is a part of the line.
        let decoded = self.decoded(sent);
        let path =
            if decoded == sent { sent.part(0, parts.path_end) } else { self.decoded(sent.part(0, parts.path_end)) };
        let relative = decoded.part(uri::origin_form(self.arena.get(decoded)), decoded.len());
        let basename =
            uri::basename(self.arena.get(path)).map(|begin| path.part(begin, path.len())).unwrap_or_default();

        for (variable, span) in [
            (Variable::RequestMethod, line.part(0, method.len())),
            (Variable::RequestLine, line),
            (Variable::RequestProtocol, line.part(target_end + 1, line.len())),
            (Variable::QueryString, query),
            (Variable::PathInfo, path),
            (Variable::RequestFilename, path),
            (Variable::RequestBasename, basename),
            (Variable::RequestUri, relative),
            (Variable::RequestUriRaw, raw),
        ] {
            self.values.set(variable, Source::Arena(span));
        }
        if let Some(begin) = parts.query
            && let Some(query) = target.get(begin..parts.end)
        {
            self.query_arguments(query);
        }
    }

    /// The span with escapes decoded; the same span if there are none.
    fn decoded(&mut self, span: Span) -> Span {
        let text = self.arena.get(span);
        if memchr::memchr(b'%', text).is_none() {
            return span;
        }
        let mut buffer = std::mem::take(&mut self.text);
        buffer.clear();
        uri::decode(text, &mut buffer);
        let decoded = self.arena.push(&buffer);
        self.text = buffer;
        decoded
    }

    fn query_arguments(&mut self, query: &[u8]) {
        let limits = &self.settings.limits;
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.clear();
        let read = urlencoded::pairs(query, limits.separator, limits.arguments, &mut self.arena, &mut pairs);
        self.request.url_encoding_invalid |= read.invalid_escape;
        self.request.arguments_exceeded |= read.exceeded;
        self.arguments(Variable::ArgsGet, Variable::ArgsGetNames, &pairs);
        self.pairs = pairs;
    }

    /// Keeps arguments and their names.
    pub(super) fn arguments(&mut self, home: Variable, names: Variable, pairs: &[Pair]) {
        for pair in pairs {
            self.values.push(home, pair.kind, pair.name, Source::Arena(pair.value));
            self.values.push(names, Kind::Text, pair.name, Source::Arena(pair.name));
            self.request.arguments_size += (pair.name.len() + pair.value.len()) as u64;
        }
        self.request.arguments += pairs.len();
    }

    /// One field of the request, in order of arrival.
    pub fn request_header(&mut self, name: &[u8], value: &[u8]) {
        let (name_span, value_span) = (self.arena.push(name), self.arena.push(value));
        self.values.push(Variable::RequestHeadersNames, Kind::Text, name_span, Source::Arena(name_span));
        self.values.push(Variable::RequestHeaders, Kind::Text, name_span, Source::Arena(value_span));
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.values.set(Variable::ServerName, Source::Arena(value_span.part(0, host_length(value))));
            }
            6 if name.eq_ignore_ascii_case(b"cookie") => self.cookies(value_span, value),
            12 if name.eq_ignore_ascii_case(b"content-type") => {
                self.request.content_type = value_span;
                if starts_with(value, b"multipart/form-data") {
                    self.request.processor = Some(Processor::Multipart);
                } else if starts_with(value, b"application/x-www-form-urlencoded") {
                    self.request.processor = Some(Processor::UrlEncoded);
                }
            }
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                let scheme = memchr::memchr(b' ', value).unwrap_or(value.len());
                self.values.set(Variable::AuthType, Source::Arena(value_span.part(0, scheme)));
            }
            _ => {}
        }
    }

    /// Takes a cookie field apart (`SecCookieFormat 0`): pairs between semicolons, the name up to the first equals sign and
    /// without white space before it. A cookie without a name is left out; one without an equals sign has no value.
    fn cookies(&mut self, field: Span, value: &[u8]) {
        // Only the last pair loses white space at its end.
        let end = value.len() - value.iter().rev().take_while(|byte| is_space(**byte)).count();
        let mut begin = 0;
        let mut rest = value.get(..end).unwrap_or_default();
        loop {
            let length = memchr::memchr(b';', rest).unwrap_or(rest.len());
            let Some((cookie, after)) = rest.split_at_checked(length) else { break };
            let blank = cookie.iter().take_while(|byte| is_space(**byte)).count();
            let equals = memchr::memchr(b'=', cookie);
            let name_end = equals.unwrap_or(length);
            if blank < name_end {
                let name = field.part(begin + blank, begin + name_end);
                let value = equals.map(|at| field.part(begin + at + 1, begin + length)).unwrap_or_default();
                self.values.push(Variable::RequestCookiesNames, Kind::Text, name, Source::Arena(name));
                self.values.push(Variable::RequestCookies, Kind::Text, name, Source::Arena(value));
            }
            let Some((_, after)) = after.split_first() else { break };
            begin += length + 1;
            rest = after;
        }
    }

    /// `ctl:requestBodyProcessor`.
    pub fn set_request_processor(&mut self, processor: Processor) {
        self.request.processor = Some(processor);
    }

    /// How the request content will be taken apart (`REQBODY_PROCESSOR`).
    #[must_use]
    pub const fn request_processor(&self) -> Option<Processor> {
        self.request.processor
    }

    /// The phase whose values arrive.
    #[must_use]
    pub const fn intake(&self) -> Phase {
        self.phases.intake
    }
}

fn write_address(address: SocketAddr, out: &mut Vec<u8>) {
    use std::io::Write as _;
    // Writing to a vector does not fail.
    let _ = write!(out, "{}", address.ip().to_canonical());
}

/// The length of the host in a `Host` field: without the port, with the brackets of a numerical address.
fn host_length(value: &[u8]) -> usize {
    let end = match value.first() {
        Some(b'[') => memchr::memchr(b']', value).map(|at| at + 1),
        _ => memchr::memchr(b':', value),
    };
    end.unwrap_or(value.len())
}

fn starts_with(value: &[u8], prefix: &[u8]) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// As C's `isspace`: also the vertical tab.
const fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}
