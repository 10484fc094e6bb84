//! Transformations: bytes in, bytes out, one file each.

/// A transformation of the language's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Transformation {
    /// `lowercase`.
    Lowercase,
}

/// Best-fit bytes for code points above 0xff, from the file of `SecUnicodeMapFile`.
#[derive(Debug, Default)]
pub struct UnicodeMap {}
