//! Logical lines: physical lines that a backslash joins, without comments.
//!
//! Where readers of the language differ, this one takes what both ModSecurity and Coraza accept: white space at the
//! beginning of a continued line is dropped, a comment between continued lines is skipped. A comment that itself ends
//! in a backslash swallows the next line in one reader and not in the other, so it is an error unless the next line is
//! a comment or empty.

/// A logical line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// The joined text, without the white space around it.
    pub text: Vec<u8>,
    /// Where in `text` which physical line begins, in order.
    starts: Vec<(usize, u32)>,
}

impl Line {
    /// The number of the physical line that a byte of the text comes from.
    pub(crate) fn number_at(&self, at: usize) -> u32 {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        self.starts.get(after.saturating_sub(1)).map_or(1, |(_, number)| *number)
    }
}

/// What is wrong with the lines of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LineFault {
    /// The physical line.
    pub number: u32,
    /// What is wrong.
    pub message: &'static str,
}

/// The logical lines of a file.
pub(crate) struct Lines {
    file: Vec<u8>,
    at: usize,
    number: u32,
}

impl Lines {
    pub(crate) fn new(file: Vec<u8>) -> Self {
        let at = if file.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        Self { file, at, number: 0 }
    }

    /// The number of the line that was read last.
    pub(crate) fn number(&self) -> u32 {
        self.number.max(1)
    }

    /// The rest of the file from the next physical line on.
    fn rest(&self) -> &[u8] {
        self.file.get(self.at..).unwrap_or_default()
    }

    /// The next physical line, trimmed, and how long it is with its end.
    fn peek(&self) -> Option<(&[u8], usize)> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        Some((rest.get(..length).unwrap_or(rest).trim_ascii(), length))
    }

    fn advance(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
        self.number = self.number.saturating_add(1);
    }

    /// The next logical line that is not empty.
    pub(crate) fn next_line(&mut self) -> Option<Result<Line, LineFault>> {
        let mut line = Line::default();
        let mut continued = false;
        while let Some((physical, length)) = self.peek() {
            let number = self.number.saturating_add(1);
            if physical.starts_with(b"#") {
                let ends_in_backslash = physical.ends_with(b"\\");
                self.advance(length);
                if ends_in_backslash && self.peek().is_some_and(|(next, _)| !next.is_empty() && !next.starts_with(b"#"))
                {
                    return Some(Err(LineFault { number, message: AMBIGUOUS_COMMENT }));
                }
                continue;
            }
            let (text, goes_on) = physical.strip_suffix(b"\\").map_or((physical, false), |text| (text, true));
            line.starts.push((line.text.len(), number));
            line.text.extend_from_slice(text);
            self.advance(length);
            if !goes_on {
                continued = false;
                if line.text.is_empty() {
                    line.starts.clear();
                    continue;
                }
                return Some(Ok(line));
            }
            continued = true;
        }
        continued.then_some(Err(LineFault { number: self.number(), message: OPEN_CONTINUATION }))
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const AMBIGUOUS_COMMENT: &str = "a comment that ends in a backslash may swallow the next line: take the backslash away, or put `#` before the next line";
const OPEN_CONTINUATION: &str = "the file ends after a backslash";

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Result<(u32, Vec<u8>), LineFault>> {
        let mut lines = Lines::new(text.to_vec());
        std::iter::from_fn(|| lines.next_line()).map(|line| line.map(|line| (line.number_at(0), line.text))).collect()
    }

    #[test]
    fn lines_are_joined() {
        let cases: [(&[u8], &[(u32, &[u8])]); 9] = [
            (b"", &[]),
            (b"\n\n  \n", &[]),
            (b"a\nb", &[(1, b"a"), (2, b"b")]),
            (b"\xef\xbb\xbfa\r\n\r\nb\r\n", &[(1, b"a"), (3, b"b")]),
            (b"a \\\n  b\\\n\tc\nd", &[(1, b"a bc"), (4, b"d")]),
            (b"a \\\r\n  b\r\nc", &[(1, b"a b"), (3, b"c")]),
            (b"a,\\\n# note\n  #b,\\\n#c\n d", &[(1, b"a,d")]),
            (b"# x \\\n# y \\\n\na", &[(4, b"a")]),
            (b"a\\  \nb", &[(1, b"ab")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(number, text)| Ok((*number, text.to_vec()))).collect();
            assert_eq!(all(text), expected, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn what_readers_differ_on_is_an_error() {
        let fault = |number, message| Err(LineFault { number, message });
        assert_eq!(all(b"#a \\\nb"), [fault(1, AMBIGUOUS_COMMENT), Ok((2, b"b".to_vec()))]);
        assert_eq!(all(b"a\nb \\\n"), [Ok((1, b"a".to_vec())), fault(2, OPEN_CONTINUATION)]);
    }

    #[test]
    fn a_byte_knows_its_line() {
        let line = Lines::new(b"\nab\\\n#\n cd\\\n\n".to_vec()).next_line().unwrap().unwrap();
        assert_eq!(line.text, b"abcd");
        assert_eq!([0, 1, 2, 3, 9].map(|at| line.number_at(at)), [2, 2, 4, 4, 5]);
    }
}
