//! The file of `SecUnicodeMapFile`: which byte of a code page a code point best fits.

/// Best-fit bytes for code points, from the file of `SecUnicodeMapFile`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnicodeMap {}

/// What is wrong with a file of `SecUnicodeMapFile`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnicodeMapError {
    /// The code page is not in the file.
    #[error("the unicode map has no code page `{0}`")]
    MissingCodePage(u32),
}

impl UnicodeMap {
    /// Reads the part of one code page of a mapping file.
    ///
    /// # Errors
    /// When the code page is absent or an entry cannot be read.
    pub fn parse(_text: &[u8], codepage: u32) -> Result<Self, UnicodeMapError> {
        Err(UnicodeMapError::MissingCodePage(codepage))
    }
}
