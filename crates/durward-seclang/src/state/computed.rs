//! Variables that are computed when a rule looks at them: sizes, flags, clocks, what matched.

use super::{Buffer, State, number};
use crate::ast::{Processor, Variable};

impl State {
    /// Appends the value of a computed variable; false if it has none.
    pub(super) fn compute(&self, variable: Variable, out: &mut Buffer) -> bool {
        use Variable as V;
        match variable {
            V::ArgsCombinedSize => number::write_unsigned(self.request.arguments_size, out),
            V::FilesCombinedSize => number::write_unsigned(self.content.files_size, out),
            V::RequestBodyLength => number::write_unsigned(self.content.bytes().len() as u64, out),
            V::HighestSeverity => number::write_unsigned(u64::from(self.highest_severity), out),
            V::MatchedVar => out.extend_from_slice(self.matched.last().map(|(_, value)| value).unwrap_or_default()),
            V::MatchedVarName => out.extend_from_slice(self.matched.last().map(|(name, _)| name).unwrap_or_default()),
            V::ReqbodyProcessor => out.extend_from_slice(match self.request.processor {
                None => b"",
                Some(Processor::UrlEncoded) => b"URLENCODED",
                Some(Processor::Multipart) => b"MULTIPART",
                Some(Processor::Json) => b"JSON",
                Some(Processor::Xml) => b"XML",
            }),
            V::ReqbodyErrorMsg => self.content.write_error(out),
            V::ReqbodyProcessorErrorMsg if self.content.error().is_some() => self.content.write_error(out),
            V::RemoteUser => return self.remote_user(out),
            V::FullRequest => self.full_request(|bytes| out.extend_from_slice(bytes)),
            V::FullRequestLength => {
                let mut length = 0;
                self.full_request(|bytes| length += bytes.len() as u64);
                number::write_unsigned(length, out);
            }
            V::ModsecBuild => out.extend_from_slice(b"03001300"),
            V::SessionId | V::UserId => {
                let collection = if variable == V::SessionId { V::Session } else { V::User };
                out.extend_from_slice(self.collections.key(collection).unwrap_or_default());
            }
            V::WebAppId => out.extend_from_slice(&self.settings.web_app_id),
            V::Duration => {
                let micros = self.now.unix_micros.saturating_sub(self.started.unix_micros);
                number::write_unsigned(micros / 1_000_000, out);
                out.push(b'.');
                for power in [100_000, 10_000, 1_000, 100, 10, 1] {
                    number::write_unsigned(micros / power % 10, out);
                }
            }
            V::Time
            | V::TimeDay
            | V::TimeEpoch
            | V::TimeHour
            | V::TimeMin
            | V::TimeMon
            | V::TimeSec
            | V::TimeWday
            | V::TimeYear => self.clock(variable, out),
            V::MultipartUnmatchedBoundary => {
                number::write_unsigned(u64::from(self.content.multipart.unmatched_boundary), out);
            }
            _ => {
                return self.flag(variable).is_some_and(|flag| {
                    out.push(if flag { b'1' } else { b'0' });
                    true
                });
            }
        }
        true
    }

    fn clock(&self, variable: Variable, out: &mut Buffer) {
        use Variable as V;
        let civil = self.now.civil();
        match variable {
            V::Time => civil.write_time(out),
            V::TimeEpoch => number::write_unsigned(self.now.seconds(), out),
            V::TimeDay => number::write_two_digits(civil.day, out),
            V::TimeHour => number::write_two_digits(civil.hour, out),
            V::TimeMin => number::write_two_digits(civil.minute, out),
            V::TimeSec => number::write_two_digits(civil.second, out),
            V::TimeMon => number::write_unsigned(u64::from(civil.month.saturating_sub(1)), out),
            V::TimeWday => number::write_unsigned(u64::from(civil.weekday), out),
            _ => number::write_unsigned(civil.year, out),
        }
    }

    /// The variables that are 0 or 1.
    fn flag(&self, variable: Variable) -> Option<bool> {
        use Variable as V;
        let multipart = &self.content.multipart;
        Some(match variable {
            V::InboundDataError => self.content.has_data_error(),
            V::OutboundDataError => self.response.data_error,
            V::MscPcreLimitsExceeded => self.backtrack_limit_hit,
            V::UrlencodedError => self.request.url_encoding_invalid,
            V::ReqbodyError => self.content.has_error(),
            V::ReqbodyProcessorError => self.content.error().is_some(),
            V::MultipartBoundaryQuoted => multipart.boundary_quoted,
            V::MultipartBoundaryWhitespace => multipart.boundary_whitespace,
            V::MultipartCrlfLfLines => multipart.crlf_lf_lines(),
            V::MultipartDataAfter => multipart.data_after,
            V::MultipartDataBefore => multipart.data_before,
            V::MultipartFileLimitExceeded => multipart.file_limit_exceeded,
            V::MultipartHeaderFolding => multipart.header_folding,
            V::MultipartInvalidHeaderFolding => multipart.invalid_header_folding,
            V::MultipartInvalidPart => multipart.invalid_part,
            V::MultipartInvalidQuoting => multipart.invalid_quoting,
            V::MultipartLfLine => multipart.lf_line,
            V::MultipartMissingSemicolon => multipart.missing_semicolon,
            V::MultipartStrictError => multipart.strict_error(),
            _ => return None,
        })
    }

    /// `FULL_REQUEST`: each header field and a line feed, two line feeds, the content.
    fn full_request(&self, mut write: impl FnMut(&[u8])) {
        let mut at = self.values.first(Variable::RequestHeaders);
        while let Some(stored) = self.values.get(at) {
            for bytes in [self.arena.get(stored.name), b": ", self.bytes(stored.value), b"\n"] {
                write(bytes);
            }
            at = stored.next;
        }
        write(b"\n\n");
        write(self.content.bytes());
    }

    /// `REMOTE_USER`: the name in `Authorization: Basic`.
    fn remote_user(&self, out: &mut Buffer) -> bool {
        let mut at = self.values.first(Variable::RequestHeaders);
        while let Some(stored) = self.values.get(at) {
            if self.arena.get(stored.name).eq_ignore_ascii_case(b"authorization") {
                let Some((scheme, encoded)) = self.bytes(stored.value).split_at_checked(6) else { return false };
                if !scheme.eq_ignore_ascii_case(b"basic ") {
                    return false;
                }
                let mut decoded = Vec::new();
                if !crate::transform::Transformation::Base64Decode.apply(encoded, None, &mut decoded) {
                    return false;
                }
                let Some(colon) = memchr::memchr(b':', &decoded) else { return false };
                out.extend(decoded.into_iter().take(colon));
                return true;
            }
            at = stored.next;
        }
        false
    }
}
