//! `multipart/form-data` bodies (RFC 7578), already in memory.
//!
//! Upload filters are passed by bodies that the filter and the application cut into different parts: bare line feeds,
//! boundaries that are prefixes of other lines, repeated or odd `Content-Disposition` parameters, transfer encodings. All
//! of that is refused; what is left has one reading. Nothing is copied but names.

use std::ops::Range;

use memchr::memmem;

use crate::field;
use crate::media::{MediaProblem, MediaType, is_boundary};

/// The size a multipart body may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartLimits {
    /// The most parts.
    pub parts: usize,
    /// The most header fields of one part.
    pub headers: usize,
    /// The most bytes of the header fields of one part together.
    pub header_bytes: usize,
}

impl Default for MultipartLimits {
    fn default() -> Self {
        Self { parts: 64, headers: 8, header_bytes: 4 * 1024 }
    }
}

/// Why a multipart body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartProblem {
    /// The boundary is not one that RFC 2046 allows.
    #[error("the boundary is not valid")]
    Boundary,
    /// The body does not start with the boundary.
    #[error("the body does not start with its boundary")]
    Preamble,
    /// A boundary after a bare CR or LF, or one that other text follows: some readers take it for a delimiter.
    #[error("a line looks like a boundary and is none")]
    AmbiguousBoundary,
    /// There is no closing boundary.
    #[error("the closing boundary is missing")]
    Unfinished,
    /// Something follows the closing boundary.
    #[error("bytes follow the closing boundary")]
    Epilogue,
    /// More parts than the limit.
    #[error("more than {0} parts")]
    TooManyParts(usize),
    /// More header fields than the limit.
    #[error("a part has more than {0} header fields")]
    TooManyHeaders(usize),
    /// More header bytes than the limit.
    #[error("the header fields of a part are larger than {0} bytes")]
    HeadersTooLarge(usize),
    /// A header line that is not `name: value` with CRLF, is folded, or holds control characters.
    #[error("a part has a malformed header field")]
    Header,
    /// A header field twice.
    #[error("a part has a header field twice")]
    RepeatedHeader,
    /// `Content-Transfer-Encoding`, `Content-Encoding` or `Transfer-Encoding`: the content would not be what it is.
    #[error("a part has an encoding of its own")]
    Encoding,
    /// No `Content-Disposition: form-data` with a name, or one with repeated, unknown or malformed parameters.
    #[error("a part has no valid content disposition")]
    Disposition,
    /// A `Content-Type` that is not a media type.
    #[error("a part has no valid content type: {0}")]
    ContentType(MediaProblem),
    /// A `Content-Length` that is not the length of the part.
    #[error("a part has another length than it says")]
    Length,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field name.
    pub name: String,
    /// The file name, as sent: may hold any visible text, also path separators.
    pub filename: Option<String>,
    /// The media type, if one is given.
    pub content_type: Option<MediaType>,
    /// Where the content stands in the body.
    pub range: Range<usize>,
}

impl Part {
    /// The content, given the body that was parsed.
    #[must_use]
    pub fn content<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        body.get(self.range.clone()).unwrap_or_default()
    }
}

/// Cuts a body into its parts.
///
/// # Errors
/// A body that two readers could cut differently, or that is larger than the limits; see [`MultipartProblem`].
pub fn parse(body: &[u8], boundary: &str, limits: MultipartLimits) -> Result<Vec<Part>, MultipartProblem> {
    if !is_boundary(boundary) {
        return Err(MultipartProblem::Boundary);
    }
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    for delimiter in delimiters(body, boundary) {
        let Delimiter { line, after, closes } = delimiter?;
        match open {
            Some(start) => parts.push(part(body, start..line.unwrap_or_default(), limits)?),
            None if line.is_some() => return Err(MultipartProblem::Preamble),
            None => {}
        }
        if closes {
            return if matches!(body.get(after..), Some(b"" | b"\r\n")) {
                Ok(parts)
            } else {
                Err(MultipartProblem::Epilogue)
            };
        }
        if parts.len() >= limits.parts {
            return Err(MultipartProblem::TooManyParts(limits.parts));
        }
        open = Some(after);
    }
    Err(if open.is_some() { MultipartProblem::Unfinished } else { MultipartProblem::Preamble })
}

/// A boundary line.
struct Delimiter {
    /// Where the CRLF before it starts; there is none at the start of the body.
    line: Option<usize>,
    /// Where it ends, with its CRLF unless it closes.
    after: usize,
    closes: bool,
}

fn delimiters<'a>(
    body: &'a [u8],
    boundary: &str,
) -> impl Iterator<Item = Result<Delimiter, MultipartProblem>> + use<'a> {
    let dashes = [b"--", boundary.as_bytes()].concat();
    let length = dashes.len();
    let finder = memmem::Finder::new(&dashes).into_owned();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + finder.find(body.get(from..)?)?;
            from = at + 1;
            let line = match body.get(..at)? {
                [] => None,
                [.., b'\r', b'\n'] => Some(at - 2),
                [.., b'\r' | b'\n'] => return Some(Err(MultipartProblem::AmbiguousBoundary)),
                // In the middle of a line it is content.
                _ => continue,
            };
            let end = at + length;
            from = end;
            return Some(match body.get(end..)? {
                [b'\r', b'\n', ..] => Ok(Delimiter { line, after: end + 2, closes: false }),
                [b'-', b'-', ..] => Ok(Delimiter { line, after: end + 2, closes: true }),
                [] | [b'\r' | b'-'] => Err(MultipartProblem::Unfinished),
                _ => Err(MultipartProblem::AmbiguousBoundary),
            });
        }
    })
}

fn part(body: &[u8], range: Range<usize>, limits: MultipartLimits) -> Result<Part, MultipartProblem> {
    let (start, end) = (range.start, range.end);
    let bytes = body.get(range).ok_or(MultipartProblem::Header)?;
    // One byte over the limit, and the empty line.
    let head = bytes.get(..bytes.len().min(limits.header_bytes.saturating_add(4))).unwrap_or_default();
    let length = match memmem::find(head, b"\r\n\r\n") {
        Some(length) => length,
        None if head.len() < bytes.len() => return Err(MultipartProblem::HeadersTooLarge(limits.header_bytes)),
        None => return Err(MultipartProblem::Header),
    };
    let head = head.get(..length).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| MultipartProblem::Header)?;
    let fields = Fields::parse(head, limits.headers)?;
    let range = start + length + 4..end;
    if fields.length.is_some_and(|length| length != range.len().to_string()) {
        return Err(MultipartProblem::Length);
    }
    let (name, filename) = disposition(fields.disposition.ok_or(MultipartProblem::Disposition)?)?;
    let content_type = fields.content_type.map(MediaType::parse).transpose().map_err(MultipartProblem::ContentType)?;
    // Whatever a part calls itself, its text is read as UTF-8 here, and by its own word elsewhere.
    if content_type.as_ref().and_then(MediaType::charset).is_some_and(|charset| charset != "utf-8") {
        return Err(MultipartProblem::ContentType(MediaProblem::Charset));
    }
    Ok(Part { name, filename, content_type, range })
}

/// The header fields of a part that have a meaning.
#[derive(Default)]
struct Fields<'a> {
    disposition: Option<&'a str>,
    content_type: Option<&'a str>,
    length: Option<&'a str>,
}

impl<'a> Fields<'a> {
    fn parse(head: &'a str, most: usize) -> Result<Self, MultipartProblem> {
        let mut fields = Self::default();
        let mut names: Vec<&str> = Vec::new();
        for line in head.split("\r\n") {
            if names.len() >= most {
                return Err(MultipartProblem::TooManyHeaders(most));
            }
            if line.chars().any(char::is_control) {
                return Err(MultipartProblem::Header);
            }
            let (name, value) = line.split_once(':').ok_or(MultipartProblem::Header)?;
            if !field::is_token(name) {
                return Err(MultipartProblem::Header);
            }
            if names.iter().any(|earlier| earlier.eq_ignore_ascii_case(name)) {
                return Err(MultipartProblem::RepeatedHeader);
            }
            names.push(name);
            let value = value.trim_matches(' ');
            match name.to_ascii_lowercase().as_str() {
                "content-disposition" => fields.disposition = Some(value),
                "content-type" => fields.content_type = Some(value),
                "content-length" => fields.length = Some(value),
                "content-transfer-encoding" | "content-encoding" | "transfer-encoding" => {
                    return Err(MultipartProblem::Encoding);
                }
                // RFC 7578 section 4.8: others have no meaning, and readers must ignore them.
                _ => {}
            }
        }
        Ok(fields)
    }
}

/// `form-data; name="..."; filename="..."`.
fn disposition(value: &str) -> Result<(String, Option<String>), MultipartProblem> {
    let (kind, mut rest) = value.split_once(';').ok_or(MultipartProblem::Disposition)?;
    if !kind.trim_end_matches(' ').eq_ignore_ascii_case("form-data") {
        return Err(MultipartProblem::Disposition);
    }
    let (mut name, mut filename) = (None, None);
    loop {
        let (key, after) = rest.split_once('=').ok_or(MultipartProblem::Disposition)?;
        let (text, after) = parameter_value(after)?;
        // `filename*` is forbidden by RFC 7578 section 4.2, and readers differ on which of the two counts.
        let slot = match key.trim_start_matches(' ').to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut filename,
            _ => return Err(MultipartProblem::Disposition),
        };
        if slot.replace(text.to_owned()).is_some() {
            return Err(MultipartProblem::Disposition);
        }
        match after.trim_start_matches(' ') {
            "" => break,
            more => rest = more.strip_prefix(';').ok_or(MultipartProblem::Disposition)?,
        }
    }
    Ok((name.ok_or(MultipartProblem::Disposition)?, filename))
}

/// A token or a quoted string, and what follows. No backslashes: browsers send them as they are, other clients as escapes.
fn parameter_value(text: &str) -> Result<(&str, &str), MultipartProblem> {
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(MultipartProblem::Disposition)?,
        None => {
            let end = text.find([';', ' ']).unwrap_or(text.len());
            let (token, after) = text.split_at_checked(end).unwrap_or((text, ""));
            if !field::is_token(token) {
                return Err(MultipartProblem::Disposition);
            }
            (token, after)
        }
    };
    if value.contains('\\') { Err(MultipartProblem::Disposition) } else { Ok((value, after)) }
}

#[cfg(test)]
mod tests {
    use super::{MultipartLimits, MultipartProblem, Part, parse};

    fn parts(body: &str) -> Result<Vec<Part>, MultipartProblem> {
        parse(body.as_bytes(), "b", MultipartLimits { parts: 3, headers: 3, header_bytes: 200 })
    }

    #[test]
    fn reads() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --b\r\ncontent-disposition:form-data ;name=f; filename=\"x y.txt\"\r\nContent-Type: Text/Plain\r\n\r\n\
            line\r\n--x\r\na--b\r\n\r\n--b\r\nContent-Disposition: form-data; filename=\"\"; name=\"\"\r\n\
            Content-Length: 0\r\nX-Any: y\r\n\r\n\r\n--b--\r\n";
        let parsed = parts(body).unwrap();
        let seen: Vec<_> = parsed
            .iter()
            .map(|part| {
                let content = std::str::from_utf8(part.content(body.as_bytes())).unwrap();
                let media = part.content_type.as_ref().map(ToString::to_string);
                (part.name.as_str(), part.filename.as_deref(), media, content)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("a", None, None, "1"),
                ("f", Some("x y.txt"), Some("text/plain".to_owned()), "line\r\n--x\r\na--b\r\n"),
                ("", Some(""), None, ""),
            ]
        );
        assert_eq!(parts("--b--"), Ok(vec![]));
        assert_eq!(parts("--b--\r\n"), Ok(vec![]));
        let utf8 = "--b\r\nContent-Disposition: form-data; name=\"é;=\"\r\n\r\n\r\n--b--";
        assert_eq!(parts(utf8).unwrap()[0].name, "é;=");
    }

    #[test]
    fn refuses_framing() {
        use MultipartProblem::*;
        const HEAD: &str = "Content-Disposition: form-data; name=a\r\n\r\n";
        for (body, expected) in [
            (String::new(), Preamble),
            ("x".to_owned(), Preamble),
            (format!("\r\n--b\r\n{HEAD}1\r\n--b--"), Preamble),
            (format!("preamble\r\n--b\r\n{HEAD}1\r\n--b--"), Preamble),
            ("--b".to_owned(), Unfinished),
            ("--b-".to_owned(), Unfinished),
            ("--b\r".to_owned(), Unfinished),
            ("--b\r\n".to_owned(), Unfinished),
            (format!("--b\r\n{HEAD}1\r\n"), Unfinished),
            (format!("--b\r\n{HEAD}1\r\n--b"), Unfinished),
            (format!("--b\r\n{HEAD}1\n--b--"), AmbiguousBoundary),
            (format!("--b\r\n{HEAD}1\r--b--"), AmbiguousBoundary),
            (format!("--b\n{HEAD}1\r\n--b--"), AmbiguousBoundary),
            (format!("--b \r\n{HEAD}1\r\n--b--"), AmbiguousBoundary),
            (format!("--b\r\n{HEAD}1\r\n--bc\r\n--b--"), AmbiguousBoundary),
            (format!("--b\r\n{HEAD}1\r\n--b--x"), Epilogue),
            (format!("--b\r\n{HEAD}1\r\n--b--\r\n\r\n"), Epilogue),
            (format!("--b\r\n{HEAD}1\r\n--b--\n"), Epilogue),
            (format!("--b\r\n{HEAD}1\r\n--b--\r\n--b\r\n{HEAD}2\r\n--b--"), Epilogue),
            (format!("--b\r\n{HEAD}1\r\n").repeat(4) + "--b--", TooManyParts(3)),
        ] {
            assert_eq!(parts(&body), Err(expected), "{body:?}");
        }
        for boundary in ["", "a;b", "a ", "\"", "é", &"a".repeat(71)] {
            assert_eq!(parse(b"", boundary, MultipartLimits::default()), Err(Boundary), "{boundary}");
        }
    }

    #[test]
    fn refuses_headers() {
        use MultipartProblem::*;
        const NAME: &str = "Content-Disposition: form-data; name=a";
        let long = format!("{NAME}\r\nx: {}", "y".repeat(300));
        let just_over = format!("{NAME}\r\nx: {}", "y".repeat(201 - NAME.len() - 5));
        for (head, expected) in [
            ("", Header),
            ("x", Header),
            ("Content-Type: text/plain", Disposition),
            ("Content-Disposition: form-data", Disposition),
            ("Content-Disposition: form-data;", Disposition),
            ("Content-Disposition: form-data; name=a;", Disposition),
            ("Content-Disposition: attachment; name=a", Disposition),
            ("Content-Disposition: form-data; filename=a", Disposition),
            ("Content-Disposition: form-data; name=a; name=b", Disposition),
            ("Content-Disposition: form-data; name=a; NAME=a", Disposition),
            ("Content-Disposition: form-data; name=a; filename=x; filename=y", Disposition),
            ("Content-Disposition: form-data; name=a; filename*=utf-8''x", Disposition),
            ("Content-Disposition: form-data; name=a; size=1", Disposition),
            ("Content-Disposition: form-data; name=\"a", Disposition),
            ("Content-Disposition: form-data; name=\"a\"b", Disposition),
            ("Content-Disposition: form-data; name=\"a\\\"b\"", Disposition),
            ("Content-Disposition: form-data; name=", Disposition),
            ("Content-Disposition: form-data; name =a", Disposition),
            ("Content-Disposition: form-data; name= a", Disposition),
            ("Content-Disposition: form-data name=a", Disposition),
            ("Content-Disposition : form-data; name=a", Header),
            (" Content-Disposition: form-data; name=a", Header),
            ("Content-Disposition: form-data;\r\n name=a", Header),
            ("Content-Disposition: form-data; name=a\nx: y", Header),
            ("Content-Disposition: form-data; name=\"a\0\"", Header),
            ("Content-Disposition:\tform-data; name=a", Header),
            ("Content-Disposition: form-data; name=a\r\ncontent-disposition: form-data; name=b", RepeatedHeader),
            ("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", Encoding),
            ("Content-Disposition: form-data; name=a\r\nContent-Encoding: gzip", Encoding),
            ("Content-Disposition: form-data; name=a\r\nContent-Length: 2", Length),
            ("Content-Disposition: form-data; name=a\r\nContent-Length: x", Length),
            ("Content-Disposition: form-data; name=a\r\nContent-Length: +1", Length),
            ("Content-Disposition: form-data; name=a\r\nContent-Type: x", ContentType(super::MediaProblem::Essence)),
            ("Content-Disposition: form-data; name=a\r\na: 1\r\nb: 2\r\nc: 3", TooManyHeaders(3)),
            (&long, HeadersTooLarge(200)),
            (&just_over, HeadersTooLarge(200)),
        ] {
            assert_eq!(parts(&format!("--b\r\n{head}\r\n\r\n1\r\n--b--\r\n")), Err(expected), "{head:?}");
        }
        let just = format!("{NAME}\r\nx: {}", "y".repeat(200 - NAME.len() - 5));
        assert!(parts(&format!("--b\r\n{just}\r\n\r\n1\r\n--b--\r\n")).is_ok());
        let not_utf8 = b"--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n1\r\n--b--";
        assert_eq!(parse(not_utf8, "b", MultipartLimits::default()), Err(Header));
    }
}
