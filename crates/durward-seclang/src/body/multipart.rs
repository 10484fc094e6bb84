//! `multipart/form-data`, with the reading and the flags of `ModSecurity` v3.
//!
//! # Where this differs from libmodsecurity
//! * After an error the body is read on: parts before and after it are given. libmodsecurity gives none.
//! * A boundary line in the header fields of a part, or right after them, begins a new part here (and is flagged). There it
//!   becomes part of the one before.
//! * A boundary with blanks after it is an error there and here; here it is a boundary nonetheless.
//! * Header lines that are refused, repeated ones included, are given in `MULTIPART_PART_HEADERS` too.
//! * A part without a valid name is given as an argument without a name.
//! * Line breaks inside the values of fields are kept. (There each loses the one before its last line.)
//! * Every error is a `MULTIPART_STRICT_ERROR`.
//! * `SecArgumentsLimit` holds for the fields of parts, `SecUploadFileLimit` also when files are not kept on disk, and a part
//!   has a limited number of header fields.
//! * Cut content: a boundary that is cut off is no content of the last part.

mod boundary;
mod disposition;
mod part;
#[cfg(test)]
mod tests;

use memchr::memmem::Finder;

use self::part::Part;
use super::{BodyError, FilePart, Limits, MultipartFlags, Parsed};
use crate::arena::{Arena, Pair};

/// Takes a body apart.
#[must_use]
pub fn parse(content_type: &[u8], body: &[u8], complete: bool, limits: &Limits, arena: &mut Arena) -> Parsed {
    let mut parsed = Parsed::default();
    let boundary = boundary::read(content_type, &mut parsed.multipart);
    if let Some(error) = boundary.error {
        note(&mut parsed, error, 0);
    }
    let Some(boundary) = boundary.value else { return parsed };
    let delimiter = [b"--", boundary].concat();
    let mut reader = Reader {
        body,
        finder: Finder::new(&delimiter),
        delimiter: &delimiter,
        limits,
        arena,
        parsed,
        part: None,
        boundaries: 0,
        closed: false,
        last_line: LineEnd::None,
        bytes_without_files: 0,
    };
    reader.read(complete);
    let without_files = reader.bytes_without_files;
    let mut parsed = reader.parsed;
    parsed.too_large = parsed.error.is_none() && without_files as u64 > limits.no_files;
    parsed
}

/// Keeps the first error.
fn note(parsed: &mut Parsed, message: &'static str, offset: usize) {
    parsed.multipart.error = true;
    parsed.error.get_or_insert(BodyError { processor: "Multipart", message, offset });
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// There is no line.
    None,
    CrLf,
    Lf,
}

impl LineEnd {
    const fn len(self) -> usize {
        match self {
            Self::None => 0,
            Self::Lf => 1,
            Self::CrLf => 2,
        }
    }
}

struct Reader<'a> {
    body: &'a [u8],
    /// `--` and the boundary.
    delimiter: &'a [u8],
    finder: Finder<'a>,
    limits: &'a Limits,
    arena: &'a mut Arena,
    parsed: Parsed,
    part: Option<Part<'a>>,
    boundaries: usize,
    /// The last boundary has been seen.
    closed: bool,
    last_line: LineEnd,
    bytes_without_files: usize,
}

/// What a line is.
enum Line {
    Boundary { last: bool },
    Other,
}

impl<'a> Reader<'a> {
    fn read(&mut self, complete: bool) {
        let mut at = 0;
        while let Some(length) = memchr::memchr(b'\n', self.body.get(at..).unwrap_or_default()) {
            let end = at + length + 1;
            let line = self.body.get(at..end).unwrap_or_default();
            match self.classify(line, at) {
                Line::Boundary { last } => self.boundary(last, at, end),
                Line::Other => self.other(line, at),
            }
            self.last_line = if line.ends_with(b"\r\n") { LineEnd::CrLf } else { LineEnd::Lf };
            at = end;
            if self.closed {
                self.flags().data_after |= at < self.body.len();
                return;
            }
        }
        self.tail(at, complete);
    }

    fn flags(&mut self) -> &mut MultipartFlags {
        &mut self.parsed.multipart
    }

    /// Decides whether a line is a boundary, and flags those that look like one.
    fn classify(&mut self, line: &[u8], at: usize) -> Line {
        if let Some(after) = line.strip_prefix(self.delimiter) {
            return self.after_delimiter(after, at);
        }
        let Some(after_dashes) = line.strip_prefix(b"--").filter(|_| is_text_of_more_than_3(line)) else {
            let start = line.get(..LINE).unwrap_or(line);
            if self.finder.find(start).is_some() {
                self.flags().unmatched_boundary = 1;
            }
            return Line::Other;
        };
        let boundary = self.delimiter.get(2..).unwrap_or_default();
        let spaces = after_dashes.iter().take_while(|byte| is_space(**byte)).count();
        if self.parsed.multipart.boundary_quoted
            && after_dashes.strip_prefix(b"\"").is_some_and(|inner| inner.starts_with(boundary))
        {
            note(&mut self.parsed, "Multipart: Invalid boundary (quotes).", at);
        } else if spaces > 0 && after_dashes.get(spaces..).is_some_and(|rest| rest.starts_with(boundary)) {
            note(&mut self.parsed, "Multipart: Invalid boundary (whitespace).", at);
        } else {
            self.flags().unmatched_boundary = 1;
        }
        Line::Other
    }

    /// A line begins as a boundary does; `after` is the rest of it.
    fn after_delimiter(&mut self, after: &[u8], at: usize) -> Line {
        self.flags().lf_line |= self.last_line == LineEnd::Lf;
        let (last, end) = match after {
            [b'-', b'-', end @ ..] => (true, end),
            end => (false, end),
        };
        match end {
            b"\r\n" => self.flags().crlf_line = true,
            b"\n" => self.flags().lf_line = true,
            _ => {
                note(&mut self.parsed, "Multipart: Invalid boundary.", at);
                if !end.iter().copied().all(is_space) {
                    return Line::Other;
                }
            }
        }
        if self.part.as_ref().is_some_and(|part| !part.has_content()) {
            self.flags().invalid_part = true;
        } else if self.boundaries > 0 {
            self.flags().unmatched_boundary = 2;
        }
        Line::Boundary { last }
    }

    /// Ends the part that is read, and begins the next.
    fn boundary(&mut self, last: bool, at: usize, end: usize) {
        self.finish_part(at.saturating_sub(self.last_line.len()));
        self.boundaries += 1;
        if last {
            self.closed = true;
        } else {
            self.part = Some(Part::new(end));
        }
    }

    fn other(&mut self, line: &'a [u8], at: usize) {
        let Some(part) = &mut self.part else {
            self.flags().data_before = true;
            return;
        };
        if part.in_content() {
            if !part.is_file() {
                self.bytes_without_files += line.len();
            }
            part.content_line();
            return;
        }
        self.bytes_without_files += line.len();
        let end = at + line.len();
        if let Err(message) = part.header_line(line, end, &mut self.parsed.multipart) {
            note(&mut self.parsed, message, at);
        }
    }

    /// What follows the last line feed.
    fn tail(&mut self, at: usize, complete: bool) {
        let tail = self.body.get(at..).unwrap_or_default();
        if tail.strip_prefix(self.delimiter) == Some(b"--") && self.boundaries > 0 {
            self.flags().lf_line |= self.last_line == LineEnd::Lf;
            self.flags().invalid_part |= self.part.as_ref().is_some_and(|part| !part.has_content());
            self.finish_part(at.saturating_sub(self.last_line.len()));
            return;
        }
        let cut_boundary = self.delimiter.starts_with(tail) || tail.starts_with(self.delimiter);
        match &mut self.part {
            Some(part) if part.in_content() && cut_boundary => {
                self.finish_part(at.saturating_sub(self.last_line.len()));
            }
            Some(part) => {
                if !part.is_file() {
                    self.bytes_without_files += tail.len();
                }
                self.finish_part(self.body.len());
            }
            None => {}
        }
        if complete && !self.body.is_empty() {
            let message = if self.boundaries > 0 {
                "Multipart: Final boundary missing."
            } else {
                "Multipart: No boundaries found in payload."
            };
            note(&mut self.parsed, message, self.body.len());
        }
    }

    /// The content of the part that is read ends at `end`.
    fn finish_part(&mut self, end: usize) {
        let Some(part) = self.part.take() else { return };
        let content = part.content(end);
        let disposition = part.disposition();
        let name = self.arena.push(&disposition.name);
        for line in part.header_lines() {
            let value = self.arena.push(line);
            self.parsed.part_headers.push(Pair::new(name, value));
        }
        for name in &disposition.names {
            self.parsed.part_names.push(self.arena.push(name));
        }
        for filename in &disposition.filenames {
            self.parsed.part_filenames.push(self.arena.push(filename));
        }
        self.flags().invalid_part |= name.is_empty();
        if part.is_file() {
            if self.parsed.files.len() >= self.limits.files {
                self.flags().file_limit_exceeded = true;
                note(&mut self.parsed, "Multipart: Upload file limit exceeded.", content.start);
            }
            let filename = self.arena.push(&disposition.filename);
            self.parsed.files_combined_size += content.len() as u64;
            self.parsed.files.push(FilePart { name, filename, content });
        } else if part.in_content() {
            if self.parsed.args.len() >= self.limits.arguments {
                self.parsed.arguments_exceeded = true;
                return;
            }
            let value = self.arena.push(self.body.get(content).unwrap_or_default());
            self.parsed.args.push(Pair::new(name, value));
        }
    }
}

/// Longer header lines are refused, and boundaries are not looked for beyond it inside lines.
const LINE: usize = 4096;

/// `isspace` of C.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Whether C finds more than three characters in the line.
fn is_text_of_more_than_3(line: &[u8]) -> bool {
    line.first_chunk::<4>().is_some_and(|start| !start.contains(&0))
}
