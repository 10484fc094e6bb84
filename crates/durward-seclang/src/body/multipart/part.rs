//! A part while it is read.

use std::ops::Range;

use super::super::MultipartFlags;
use super::disposition::{self, Disposition};
use super::{LINE, is_space};

/// A part: header fields, an empty line, content.
pub(super) struct Part<'a> {
    lines: Vec<HeaderLine<'a>>,
    disposition: Disposition,
    stage: Stage,
    /// Where the content begins, once it does.
    start: usize,
    /// Whether a folded line has something to continue.
    continues: bool,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Headers,
    /// The empty line has been read.
    Begun,
    /// A line of content has been read.
    Content,
}

/// A header field. `bytes` has what is folded, and no line end.
struct HeaderLine<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    /// How long the name is; `None` if the line is no valid field.
    name: Option<usize>,
}

impl HeaderLine<'_> {
    fn name(&self) -> Option<&[u8]> {
        self.bytes.get(..self.name?)
    }

    fn value(&self) -> &[u8] {
        let value = self.name.and_then(|name| self.bytes.get(name + 1..)).unwrap_or_default();
        let blanks = value.iter().take_while(|byte| matches!(byte, b'\t' | b' ')).count();
        value.get(blanks..).unwrap_or_default()
    }
}

impl<'a> Part<'a> {
    pub(super) fn new(start: usize) -> Self {
        Self { lines: Vec::new(), disposition: Disposition::default(), stage: Stage::Headers, start, continues: false }
    }

    pub(super) fn in_content(&self) -> bool {
        self.stage != Stage::Headers
    }

    /// Whether a line of content has been read.
    pub(super) fn has_content(&self) -> bool {
        self.stage == Stage::Content
    }

    pub(super) fn is_file(&self) -> bool {
        !self.disposition.filename.is_empty()
    }

    pub(super) const fn disposition(&self) -> &Disposition {
        &self.disposition
    }

    pub(super) fn header_lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().map(|line| &*line.bytes)
    }

    /// Where the content stands if it ends at `end`.
    pub(super) fn content(&self, end: usize) -> Range<usize> {
        if self.in_content() { self.start..end.max(self.start) } else { end..end }
    }

    pub(super) fn content_line(&mut self) {
        self.stage = Stage::Content;
    }

    /// Takes a line of the header fields; `end` is where the next one begins.
    pub(super) fn header_line(
        &mut self,
        line: &'a [u8],
        end: usize,
        flags: &mut MultipartFlags,
    ) -> Result<(), &'static str> {
        let text = match line {
            [text @ .., b'\r', b'\n'] => {
                flags.crlf_line = true;
                text
            }
            [text @ .., _] => {
                flags.lf_line = true;
                text
            }
            [] => line,
        };
        if text.is_empty() {
            self.stage = Stage::Begun;
            self.start = end;
            return self.end_of_headers(flags);
        }
        if line.len() > LINE {
            self.continues = false;
            return Err("Multipart: Part header line over 4096 bytes long");
        }
        if line.first().copied().is_some_and(is_space) {
            return self.folded(text, flags);
        }
        self.field(text)
    }

    fn end_of_headers(&mut self, flags: &mut MultipartFlags) -> Result<(), &'static str> {
        let is_disposition =
            |line: &&HeaderLine<'_>| line.name().is_some_and(|name| name.eq_ignore_ascii_case(b"Content-Disposition"));
        let Some(line) = self.lines.iter().find(is_disposition) else {
            return Err("Multipart: Part missing Content-Disposition header.");
        };
        let value = line.value();
        if disposition::read(value, flags, &mut self.disposition).is_err() {
            return Err("Multipart: Invalid Content-Disposition header.");
        }
        if self.disposition.name.is_empty() {
            return Err("Multipart: Content-Disposition header missing name field.");
        }
        // Simple readers look for just this, and would see a field where a file is.
        if self.is_file() && memchr::memmem::find(value, b"filename=").is_none() {
            return Err("Multipart: Invalid Content-Disposition header (filename).");
        }
        Ok(())
    }

    fn folded(&mut self, text: &[u8], flags: &mut MultipartFlags) -> Result<(), &'static str> {
        let spaces = text.iter().take_while(|byte| is_space(**byte)).count();
        let (spaces, value) = text.split_at_checked(spaces).unwrap_or((text, &[]));
        flags.header_folding = true;
        flags.invalid_header_folding |= spaces.iter().any(|byte| !matches!(byte, b'\t' | b' '));
        match self.lines.last_mut().filter(|_| self.continues) {
            None => Err("Multipart: Invalid part header (folding error)."),
            Some(last) if last.bytes.len() + value.len() >= LINE => Err("Multipart: Part header too long."),
            Some(last) => {
                let bytes = last.bytes.to_mut();
                bytes.push(b' ');
                bytes.extend_from_slice(value);
                Ok(())
            }
        }
    }

    fn field(&mut self, text: &'a [u8]) -> Result<(), &'static str> {
        if self.lines.len() >= MOST {
            self.continues = false;
            return Err("Multipart: Part has too many headers.");
        }
        let name = memchr::memchr(b':', text);
        let named = name.and_then(|name| text.get(..name)).unwrap_or_default();
        let fault = if text.contains(&0) {
            Some("Multipart: Nul byte in part headers.")
        } else if name.is_none() {
            Some("Multipart: Invalid part header (colon missing).")
        } else if named.is_empty() {
            Some("Multipart: Invalid part header (header name missing).")
        } else if !named.iter().all(u8::is_ascii_graphic) {
            Some("Multipart: Invalid part header (contains invalid character).")
        } else if self.lines.iter().filter_map(HeaderLine::name).any(|other| other.eq_ignore_ascii_case(named)) {
            Some("Multipart: Duplicate part header.")
        } else {
            None
        };
        let name = name.filter(|_| fault.is_none());
        self.lines.push(HeaderLine { bytes: text.into(), name });
        self.continues = true;
        fault.map_or(Ok(()), Err)
    }
}

/// The most header fields of a part.
const MOST: usize = 64;
