//! Transformations: bytes in, bytes out, one file each.
//!
//! The semantics are those of libmodsecurity (version 3), quirks included, because rules are written and tested against it.
//! Each transformation names its triggers: the bytes without which it certainly changes nothing. The [`scan`](crate::scan)
//! relies on them to leave whole pipelines out.

use crate::byteset::ByteSet;

mod unicode;

pub use unicode::{UnicodeMap, UnicodeMapError};

macro_rules! transformations {
    ($($variant:ident $name:literal $($alias:literal)*,)+) => {
        /// A transformation of the language's reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Transformation {
            $(#[doc = concat!("`", $name, "`.")] $variant,)+
        }

        impl Transformation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in rule files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Other spellings of the name.
            #[must_use]
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*],)+ }
            }
        }
    };
}

transformations! {
    Base64Decode "base64Decode",
    Base64DecodeExt "base64DecodeExt",
    Base64Encode "base64Encode",
    CmdLine "cmdLine",
    CompressWhitespace "compressWhitespace",
    CssDecode "cssDecode",
    EscapeSeqDecode "escapeSeqDecode",
    HexDecode "hexDecode",
    HexEncode "hexEncode",
    HtmlEntityDecode "htmlEntityDecode",
    JsDecode "jsDecode",
    Length "length",
    Lowercase "lowercase",
    Md5 "md5",
    NormalizePath "normalizePath" "normalisePath",
    NormalizePathWin "normalizePathWin" "normalisePathWin",
    ParityEven7bit "parityEven7bit",
    ParityOdd7bit "parityOdd7bit",
    ParityZero7bit "parityZero7bit",
    RemoveComments "removeComments",
    RemoveCommentsChar "removeCommentsChar",
    RemoveNulls "removeNulls",
    RemoveWhitespace "removeWhitespace",
    ReplaceComments "replaceComments",
    ReplaceNulls "replaceNulls",
    Sha1 "sha1",
    SqlHexDecode "sqlHexDecode",
    Trim "trim",
    TrimLeft "trimLeft",
    TrimRight "trimRight",
    Uppercase "uppercase",
    UrlDecode "urlDecode",
    UrlDecodeUni "urlDecodeUni",
    UrlEncode "urlEncode",
    Utf8ToUnicode "utf8toUnicode",
}

/// What a transformation reacts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggers {
    /// To anything.
    Always,
    /// To these bytes: where none of them occurs, nothing changes.
    Bytes(ByteSet),
}

impl Transformation {
    /// The transformation of a name, in any case. `none` is not one: it clears the list of a rule.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let named = |text: &&str| text.eq_ignore_ascii_case(name);
        Self::ALL.iter().copied().find(|it| named(&it.name()) || it.aliases().iter().any(|alias| named(alias)))
    }

    /// Clears `out` and writes what becomes of `input`. `false`: nothing would change, and `out` is unspecified.
    ///
    /// `map` is the file of `SecUnicodeMapFile`; only [`Self::UrlDecodeUni`] looks at it.
    pub fn apply(self, input: &[u8], _map: Option<&UnicodeMap>, out: &mut Vec<u8>) -> bool {
        out.clear();
        match self {
            Self::Lowercase => out.extend(input.iter().map(u8::to_ascii_lowercase)),
            _ => return false,
        }
        out.as_slice() != input
    }

    /// The bytes without which [`Self::apply`] certainly returns `false`.
    #[must_use]
    pub const fn triggers(self) -> Triggers {
        Triggers::Always
    }
}

/// Whether a pipeline certainly leaves a value with these bytes as it is.
#[must_use]
pub fn identity(pipeline: &[Transformation], bytes: &ByteSet) -> bool {
    pipeline.iter().all(|it| match it.triggers() {
        Triggers::Always => false,
        Triggers::Bytes(triggers) => !triggers.intersects(bytes),
    })
}
