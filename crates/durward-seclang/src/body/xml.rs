//! XML 1.0: the text of the document and the values of its attributes.
//!
//! No entity is known but the five of the standard and character references, and a document type declaration is gone over
//! without a look at what it declares: nothing expands, nothing is fetched. A reference to any other entity is an error, as
//! what it stands for would not be looked at.
//!
//! `XML:/*` is what libxml2 gives for the root element: all its text and CDATA in document order, comments and processing
//! instructions left out, one value. `XML://text()` is each text by itself, for rules that look at how a value begins;
//! what stands on both sides of a comment or of `<![CDATA[` is two texts. `XML://@*` are the values of all attributes but namespace declarations.
//!
//! # Errors
//! Everything that makes a document not well-formed is an error, but for the characters of names beyond ASCII. The document
//! is read on after an error as a lenient reader would, with two exceptions: too deep nesting, and encodings in which bytes
//! do not mean ASCII (those are refused, and read as if they did).

mod decode;
#[cfg(test)]
mod tests;

use memchr::memmem;

use self::decode::{Decoder, Place};
use super::{BodyError, Dialect, Limits, Parsed, Xml};
use crate::arena::Arena;

/// Takes a document apart.
#[must_use]
pub fn parse(body: &[u8], complete: bool, limits: &Limits, arena: &mut Arena) -> Parsed {
    let mut reader = Reader {
        text: body,
        at: 0,
        open: Vec::new(),
        names: Vec::new(),
        content: Vec::new(),
        decoder: Decoder::new(body.len()),
        limits,
        arena,
        xml: Xml::default(),
        root: false,
        doctype: false,
        cut: false,
    };
    if !body.is_empty() {
        reader.document(complete);
    }
    let Reader { content, arena, mut xml, root, decoder, .. } = reader;
    if limits.dialect == Dialect::ModSecurity && (root || !content.is_empty()) {
        xml.text.push(arena.push(&content));
    }
    let error = decoder.fault.map(|(message, offset)| BodyError { processor: "XML", message, offset });
    Parsed { xml: Some(xml), error, ..Parsed::default() }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The names of the open elements.
    open: Vec<&'a [u8]>,
    /// The names of the attributes of the tag that is read.
    names: Vec<&'a [u8]>,
    /// The text of the document so far.
    content: Vec<u8>,
    decoder: Decoder,
    limits: &'a Limits,
    arena: &'a mut Arena,
    xml: Xml,
    /// The root element has begun.
    root: bool,
    doctype: bool,
    /// The document ends in the middle of something.
    cut: bool,
}

impl<'a> Reader<'a> {
    fn document(&mut self, complete: bool) {
        self.take(b"\xef\xbb\xbf");
        let encoding = self.declaration();
        self.check_bytes(encoding);
        while self.at < self.text.len() {
            if !self.item() {
                return;
            }
        }
        if complete && (self.cut || !self.root || !self.open.is_empty()) {
            self.note("document ends too early");
        }
    }

    /// Reads a tag, a text or what else there is; false if it ends here.
    fn item(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with(b"<") {
            self.characters();
        } else if self.take(b"<!--") {
            self.comment();
        } else if self.take(b"<![CDATA[") {
            let start = self.at;
            let data = self.until(b"]]>");
            self.text_item(data, start, Place::Data);
        } else if self.take(b"<!DOCTYPE") {
            self.document_type();
        } else if self.take(b"<?") {
            self.instruction();
        } else if self.take(b"</") {
            self.end_tag();
        } else if rest.get(1).copied().is_some_and(is_name_start) {
            return self.start_tag();
        } else if is_cut_markup(rest) {
            self.end_here();
        } else {
            self.note("`<` that begins nothing");
            self.characters();
        }
        true
    }

    fn instruction(&mut self) {
        let name = self.name();
        if name.eq_ignore_ascii_case(b"xml") && !self.rest().is_empty() {
            self.note("XML declaration that is not at the start");
        }
        self.until(b"?>");
    }

    /// The XML declaration; the encoding that it names.
    fn declaration(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        if !rest.starts_with(b"<?xml") || !rest.get(5).copied().is_some_and(is_space) {
            return None;
        }
        self.at += 5;
        let declaration = self.until(b"?>");
        let after = declaration.get(memmem::find(declaration, b"encoding")? + 8..)?.trim_ascii_start();
        let value = after.strip_prefix(b"=")?.trim_ascii_start();
        let (quote, value) = value.split_first()?;
        value.split(|byte| byte == quote).next()
    }

    /// What can be said of the bytes without their structure.
    fn check_bytes(&mut self, encoding: Option<&[u8]>) {
        let is = |name: &[u8]| encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case(name));
        let begins = |name: &[u8]| {
            encoding
                .and_then(|encoding| encoding.get(..name.len()))
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        if encoding.is_none() || is(b"utf-8") || is(b"utf8") {
            if let Err(error) = std::str::from_utf8(self.text)
                && error.error_len().is_some()
            {
                self.decoder.note("document is not UTF-8", error.valid_up_to());
            }
        } else if !(is(b"us-ascii") || is(b"ascii") || begins(b"iso-8859-") || begins(b"windows-125")) {
            self.note("encoding that is not supported");
        }
        let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
        if let Some(at) = self.text.iter().position(control) {
            self.decoder.note("control character", at);
        }
    }

    /// Text up to the next `<`; one here is text.
    fn characters(&mut self) {
        let (rest, start) = (self.rest(), self.at);
        let length = memchr::memchr(b'<', rest.get(1..).unwrap_or_default()).map_or(rest.len(), |at| at + 1);
        self.at += length;
        self.text_item(rest.get(..length).unwrap_or_default(), start, Place::Text);
    }

    /// Keeps the text that stands at `start`.
    fn text_item(&mut self, raw: &[u8], start: usize, place: Place) {
        if self.open.is_empty() {
            if raw.trim_ascii().is_empty() {
                return;
            }
            self.decoder.note("text outside of the root element", start);
        }
        match self.limits.dialect {
            Dialect::ModSecurity => {
                let before = self.content.len();
                self.decoder.decode(raw, start, place, &mut self.content);
                let text = self.content.get(before..).unwrap_or_default().trim_ascii();
                if !text.is_empty() {
                    self.xml.texts.push(self.arena.push(text));
                }
            }
            Dialect::Coraza => {
                self.content.clear();
                self.decoder.decode(raw, start, place, &mut self.content);
                let text = self.content.trim_ascii();
                if !text.is_empty() {
                    let span = self.arena.push(text);
                    self.xml.text.push(span);
                    self.xml.texts.push(span);
                }
            }
        }
    }

    fn comment(&mut self) {
        let comment = self.until(b"-->");
        if !self.cut && (comment.ends_with(b"-") || memmem::find(comment, b"--").is_some()) {
            self.note("`--` in a comment");
        }
    }

    /// Goes over the declaration, and over the one between its brackets.
    fn document_type(&mut self) {
        if self.doctype || self.root {
            self.note("document type declaration that cannot stand here");
        }
        self.doctype = true;
        let mut brackets = false;
        loop {
            let rest = self.rest();
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'[' | b']'))
            else {
                self.end_here();
                return;
            };
            self.at += length;
            if self.take(b"<!--") {
                self.until(b"-->");
                continue;
            }
            if self.take(b"<?") {
                self.until(b"?>");
                continue;
            }
            self.at += 1;
            match rest.get(length) {
                Some(b'"') => _ = self.until(b"\""),
                Some(b'\'') => _ = self.until(b"'"),
                Some(b'[') => brackets = true,
                Some(b']') => brackets = false,
                Some(b'>') if !brackets => return,
                _ => {}
            }
        }
    }

    fn end_tag(&mut self) {
        let name = self.name();
        self.skip_spaces();
        match self.open.pop() {
            Some(open) if open == name => {}
            _ if self.rest().is_empty() => {}
            _ => self.note("end tag of another element"),
        }
        if self.rest().is_empty() {
            self.cut = true;
        } else if !self.take(b">") {
            self.note("malformed end tag");
        }
    }

    /// False if it is nested too deep.
    fn start_tag(&mut self) -> bool {
        if self.root && self.open.is_empty() {
            self.note("more than one root element");
        }
        if self.open.len() >= self.limits.xml_depth {
            self.note("nested deeper than the limit");
            return false;
        }
        self.root = true;
        self.at += 1;
        let name = self.name();
        self.names.clear();
        if self.attributes() {
            self.open.push(name);
        }
        self.names.sort_unstable();
        if self.names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            self.note("attribute twice");
        }
        true
    }

    /// Reads to the end of a start tag; whether the element is open then.
    fn attributes(&mut self) -> bool {
        loop {
            let spaces = self.skip_spaces();
            match self.rest() {
                [] | [b'/'] => {
                    self.end_here();
                    return true;
                }
                [b'>', ..] => {
                    self.at += 1;
                    return true;
                }
                [b'/', b'>', ..] => {
                    self.at += 2;
                    return false;
                }
                [b'<', ..] => {
                    self.note("tag without an end");
                    return true;
                }
                [byte, ..] if is_name_start(*byte) => {
                    if !spaces {
                        self.note("no white space before an attribute");
                    }
                    self.attribute();
                }
                _ => {
                    self.note("malformed tag");
                    self.at += 1;
                }
            }
        }
    }

    fn attribute(&mut self) {
        let name = self.name();
        self.names.push(name);
        self.skip_spaces();
        if !self.take(b"=") {
            if self.rest().is_empty() {
                self.cut = true;
            } else {
                self.note("attribute without a value");
            }
            return;
        }
        self.skip_spaces();
        let (start, raw) = match self.rest().first() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                (self.at, self.until(&[*quote]))
            }
            Some(_) => {
                self.note("attribute value without quotes");
                (self.at, self.take_while(|byte| !is_space(byte) && byte != b'>'))
            }
            None => return,
        };
        let namespace = name == b"xmlns" || name.starts_with(b"xmlns:");
        if !namespace || self.limits.dialect == Dialect::Coraza {
            let value = self.arena.write(|out| self.decoder.decode(raw, start, Place::Attribute, out));
            self.xml.attributes.push(value);
        }
    }

    fn note(&mut self, message: &'static str) {
        self.decoder.note(message, self.at);
    }

    fn end_here(&mut self) {
        self.at = self.text.len();
        self.cut = true;
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, expected: &[u8]) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// What stands before the word, which is gone over. Without the word everything is.
    fn until(&mut self, word: &[u8]) -> &'a [u8] {
        let rest = self.rest();
        let found = match word {
            [byte] => memchr::memchr(*byte, rest),
            _ => memmem::find(rest, word),
        };
        match found {
            Some(length) => {
                self.at += length + word.len();
                rest.get(..length).unwrap_or_default()
            }
            None => {
                self.end_here();
                rest
            }
        }
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| belongs(**byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn name(&mut self) -> &'a [u8] {
        self.take_while(is_name)
    }

    fn skip_spaces(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }
}

/// Whether `<` and what follows up to the end may be the begin of something.
fn is_cut_markup(rest: &[u8]) -> bool {
    [&b"<!--"[..], b"<![CDATA[", b"<!DOCTYPE"].iter().any(|markup| markup.starts_with(rest))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'_' | b':')
}

const fn is_name(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
}
