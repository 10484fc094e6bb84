//! Finds where the value of a JSON pointer stands in the text of a document, so that an error can show the line.
//!
//! The trees that are worked on have no places, because hardly any value is ever complained about. JSON is walked
//! exactly; YAML by its indentation, which finds what is written in block style. What is not found is shown at the
//! nearest place above it that is.

use durward_core::Span;

/// The place of the key (or the element) that a pointer names.
pub(super) fn locate(text: &str, pointer: &str) -> Option<Span> {
    let keys: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    let mut best = None;
    if text.trim_start().starts_with('{') {
        json(text, &keys, &mut best)
    } else {
        yaml(text, &keys, &mut best)
    }
    best
}

/// One segment of a JSON pointer, decoded (RFC 6901 section 4).
pub(super) fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn space(&mut self) {
        while self.text.get(self.at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte >= 0x80) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The inner range of a string.
    fn string(&mut self) -> Option<(usize, usize)> {
        if !self.take(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            match self.text.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some((start, self.at - 1))
    }

    /// Skips one value without recursion.
    fn skip(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    while !matches!(self.text.get(self.at), None | Some(b',' | b'}' | b']'))
                        && !self.text.get(self.at).is_some_and(u8::is_ascii_whitespace)
                    {
                        self.at += 1;
                    }
                }
            }
            if open == 0 {
                return Some(());
            }
        }
    }
}

fn json(text: &str, keys: &[String], best: &mut Option<Span>) {
    let mut cursor = Cursor { text: text.as_bytes(), at: 0 };
    for key in keys {
        if descend(&mut cursor, key, best).is_none() {
            return;
        }
    }
}

fn descend(cursor: &mut Cursor<'_>, key: &str, best: &mut Option<Span>) -> Option<()> {
    if cursor.take(b'[') {
        for _ in 0..key.parse::<usize>().ok()? {
            cursor.skip()?;
            if !cursor.take(b',') {
                return None;
            }
        }
        cursor.peek()?;
        let start = cursor.at;
        *best = Some(Span { start, end: start + 1 });
        return Some(());
    }
    if !cursor.take(b'{') {
        return None;
    }
    loop {
        cursor.space();
        let (start, end) = cursor.string()?;
        let name = cursor.text.get(start..end)?;
        if !cursor.take(b':') {
            return None;
        }
        if same(name, key) {
            *best = Some(Span { start: start - 1, end: end + 1 });
            return Some(());
        }
        cursor.skip()?;
        if !cursor.take(b',') {
            return None;
        }
    }
}

fn same(raw: &[u8], key: &str) -> bool {
    raw == key.as_bytes()
        || (raw.contains(&b'\\')
            && std::str::from_utf8(raw).is_ok_and(|raw| raw.replace("\\/", "/").replace("\\\"", "\"") == key))
}

/// The lines below a key are those with more indentation; the elements of a list may stand at the key's own.
fn yaml(text: &str, keys: &[String], best: &mut Option<Span>) {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let trimmed = content.trim_start_matches(' ');
        if !trimmed.is_empty() && !trimmed.starts_with('#') && !trimmed.starts_with("---") {
            lines.push((start, content.len() - trimmed.len(), trimmed));
        }
        start += line.len();
    }
    let (mut from, mut parent) = (0, None);
    for key in keys {
        let Some((at, indent, span)) = child(&lines, from, parent, key) else { return };
        *best = Some(span);
        (from, parent) = (at, Some(indent));
    }
}

type Line<'a> = (usize, usize, &'a str);

/// Finds a key below a line. Gives the line from which its own children are looked for, its indentation and its place.
fn child(lines: &[Line<'_>], from: usize, parent: Option<usize>, key: &str) -> Option<(usize, usize, Span)> {
    let mut level = None;
    let mut element = 0;
    let first = from + usize::from(parent.is_some());
    for (at, (start, indent, text)) in lines.iter().enumerate().skip(first) {
        let is_element = text.starts_with("- ") || *text == "-";
        let inside = parent.is_none_or(|parent| *indent > parent || (is_element && *indent == parent));
        if !inside {
            return None;
        }
        let level = *level.get_or_insert(*indent);
        if *indent != level {
            continue;
        }
        if is_element {
            if key.parse() == Ok(element) {
                return Some((at, *indent, Span { start: start + indent, end: start + indent + text.len() }));
            }
            element += 1;
        } else if let Some(length) = key_length(text, key) {
            return Some((at, *indent, Span { start: start + indent, end: start + indent + length }));
        }
    }
    None
}

fn key_length(line: &str, key: &str) -> Option<usize> {
    let quoted = [format!("\"{key}\""), format!("'{key}'"), key.to_owned()];
    let written = quoted
        .iter()
        .find(|written| line.strip_prefix(written.as_str()).is_some_and(|rest| rest.trim_start().starts_with(':')))?;
    Some(written.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, pointer: &str) -> String {
        locate(text, pointer).map_or("nothing".to_owned(), |span| text.get(span.start..span.end).unwrap().to_owned())
    }

    #[test]
    fn in_json() {
        let text = "{\"info\": {\"x\": [1, {\"a\": true}]}, \"paths\": {\"/a\\/b\": {\"get\": {\"t\": \"}\"}}}}";
        for (pointer, expected) in [
            ("/info", "\"info\""),
            ("/info/x/1/a", "\"a\""),
            ("/paths/~1a~1b/get", "\"get\""),
            ("/paths/~1a~1b/missing", "\"/a\\/b\""),
            ("/nothing", "nothing"),
        ] {
            assert_eq!(found(text, pointer), expected, "{pointer}");
        }
    }

    #[test]
    fn in_yaml() {
        let text = "# c\nopenapi: 3.0.0\npaths:\n  /a/{b}:\n    get:\n      parameters:\n      - name: b\n        in: path\n      - name: c\n  '/x':\n    post: 1\n";
        for (pointer, expected) in [
            ("/openapi", "openapi"),
            ("/paths/~1a~1{b}/get", "get"),
            ("/paths/~1a~1{b}/get/parameters/1", "- name: c"),
            ("/paths/~1x/post", "post"),
            ("/paths/~1x/get", "'/x'"),
        ] {
            assert_eq!(found(text, pointer), expected, "{pointer}");
        }
    }
}
