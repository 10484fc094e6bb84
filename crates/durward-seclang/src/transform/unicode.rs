//! The file of `SecUnicodeMapFile`: which byte of a code page a code point best fits.

/// Best-fit bytes of one code page, by code point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnicodeMap {
    /// Ascending by code point, each code point once.
    entries: Box<[(u16, u8)]>,
}

/// What is wrong with a file of `SecUnicodeMapFile`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnicodeMapError {
    /// The code page is not in the file, or has no entry there.
    #[error("the unicode map has no entries for code page `{0}`")]
    MissingCodePage(u32),
    /// An entry that is not a code point and a byte, both hexadecimal.
    #[error("the unicode map has an entry `{0}` that is not `HHHH:HH`")]
    InvalidEntry(Box<str>),
}

/// Dots of domain names, which every map has (RFC 3490, section 3.1).
const DOTS: [(u16, u8); 4] = [(0x002e, b'.'), (0x3002, b'.'), (0xff0e, b'.'), (0xff61, b'.')];

/// Code page 20127, in runs from a code point; `?` stands for none. Full-width forms need no entry.
#[rustfmt::skip]
const US_ASCII: &[(u16, &[u8])] = &[
    (0x00a0, b" !c?$Y|??Ca<?-R???23???.,1o>????AAAAAAACEEEEIIIIDNOOOOO?OUUUUY??aaaaaaaceeeeiiii"),
    (0x00f0, b"?nooooo?ouuuuy?yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi??JjKk?LlLlLl?"),
    (0x0140, b"?LlNnNnNn???OoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZ?ZzZz?b"),
    (0x0189, b"D"),
    (0x0191, b"Ff????I??l????OOo"),
    (0x01ab, b"t??TUu?????z"),
    (0x01cd, b"AaIiOoUuUuUuUuUu?Aa????GgGgKkOoOo??j"),
    (0x0261, b"g"),
    (0x02b9, b"'\"?'"),
    (0x02c4, b"^?^?'??`?_"),
    (0x02dc, b"~"),
    (0x0300, b"`?^~"),
    (0x030e, b"\""),
    (0x0331, b"__"),
    (0x2000, b"       "),
    (0x2010, b"--?--???'',?\"\"\"???.???."),
    (0x2032, b"'??`???<>"),
    (0x2122, b"T"),
];

impl UnicodeMap {
    /// The code page that ModSecurity's recommended configuration names.
    pub const DEFAULT_CODE_PAGE: u32 = 20127;

    /// Reads the entries of one code page from a mapping file: its number, a name in parentheses, then `HHHH:HH` each.
    ///
    /// # Errors
    /// When the code page is absent, or an entry of it cannot be read.
    pub fn parse(text: &[u8], code_page: u32) -> Result<Self, UnicodeMapError> {
        let mut words = text.split(|byte| b" \t\r\n".contains(byte)).filter(|word| !word.is_empty());
        let number = code_page.to_string();
        let missing = UnicodeMapError::MissingCodePage(code_page);
        words.find(|&word| word == number.as_bytes()).ok_or_else(|| missing.clone())?;
        let entries = words
            .skip_while(|word| !word.contains(&b':'))
            .take_while(|word| word.contains(&b':'))
            .map(|word| entry(word).ok_or_else(|| UnicodeMapError::InvalidEntry(String::from_utf8_lossy(word).into())))
            .collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() { Err(missing) } else { Ok(Self::new(entries)) }
    }

    /// The map of code page 20127 (US-ASCII), without a file.
    #[must_use]
    pub fn us_ascii() -> Self {
        let runs = US_ASCII.iter().flat_map(|&(first, bytes)| (first..).zip(bytes.iter().copied()));
        Self::new(runs.filter(|&(_, byte)| byte != b'?'))
    }

    /// The byte of a code point.
    #[must_use]
    pub fn byte(&self, code_point: u16) -> Option<u8> {
        let at = self.entries.binary_search_by_key(&code_point, |&(code_point, _)| code_point).ok()?;
        self.entries.get(at).map(|&(_, byte)| byte)
    }

    /// Of several entries for a code point the last counts.
    fn new(entries: impl IntoIterator<Item = (u16, u8)>) -> Self {
        let map: std::collections::BTreeMap<_, _> = DOTS.into_iter().chain(entries).collect();
        Self { entries: map.into_iter().collect() }
    }
}

fn entry(word: &[u8]) -> Option<(u16, u8)> {
    let (code_point, byte) = std::str::from_utf8(word).ok()?.split_once(':')?;
    Some((u16::from_str_radix(code_point, 16).ok()?, u8::from_str_radix(byte, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"1251  (ANSI - Cyrillic)\r\n00c0:41 00c1:42\r\n\r\n20127 (US-ASCII)\n00a0:20 00c0:58 00c0:59 \n\n20261 (T.61)\n        f8dd:5c f8:zz\n\n28591 (none)\n";

    #[test]
    fn reads_one_code_page() {
        let map = UnicodeMap::parse(FILE, 20127).unwrap();
        let bytes = [0xa0, 0xc0, 0xc1, 0xf8dd, 0x3002, 0xff61].map(|code_point| map.byte(code_point));
        assert_eq!(bytes, [Some(b' '), Some(b'Y'), None, None, Some(b'.'), Some(b'.')]);
        assert_eq!(UnicodeMap::parse(FILE, 1251).unwrap().byte(0xc1), Some(b'B'));
    }

    #[test]
    fn says_what_is_wrong() {
        let cases = [
            (20261, "the unicode map has an entry `f8:zz` that is not `HHHH:HH`"),
            (28591, "the unicode map has no entries for code page `28591`"),
            (2012, "the unicode map has no entries for code page `2012`"),
        ];
        for (code_page, message) in cases {
            assert_eq!(UnicodeMap::parse(FILE, code_page).unwrap_err().to_string(), message);
        }
        assert!(UnicodeMap::parse(b"", 20127).is_err());
    }

    #[test]
    fn has_us_ascii_built_in() {
        let map = UnicodeMap::us_ascii();
        let cases =
            [(0xa9, Some(b'C')), (0xe9, Some(b'e')), (0x131, Some(b'i')), (0x2039, Some(b'<')), (0x2122, Some(b'T'))];
        for (code_point, byte) in cases.into_iter().chain([(0x61, None), (0xa3, None), (0xff1c, None)]) {
            assert_eq!(map.byte(code_point), byte, "{code_point:x}");
        }
    }
}
