//! Transformations: bytes in, bytes out, one file each.
//!
//! The semantics are those of libmodsecurity (version 3), quirks included, because rules are written and tested against it.
//! Each transformation names its triggers: the bytes without which it certainly changes nothing. The [`scan`](crate::scan)
//! relies on them to leave whole pipelines out.

use crate::byteset::ByteSet;

mod base64_decode;
mod base64_decode_ext;
mod base64_encode;
mod cmd_line;
mod compress_whitespace;
mod css_decode;
mod digest;
mod escape_seq_decode;
mod hex_decode;
mod hex_encode;
mod html_entity_decode;
mod js_decode;
mod length;
mod lowercase;
mod md5;
mod normalize_path;
mod normalize_path_win;
mod parity_even_7bit;
mod parity_odd_7bit;
mod parity_zero_7bit;
mod remove_comments;
mod remove_comments_char;
mod remove_nulls;
mod remove_whitespace;
mod replace_comments;
mod replace_nulls;
mod rewrite;
mod sha1;
mod sql_hex_decode;
mod trim;
mod trim_left;
mod trim_right;
mod unicode;
mod uppercase;
mod url_decode;
mod url_decode_uni;
mod url_encode;
mod utf8_to_unicode;

pub use unicode::{UnicodeMap, UnicodeMapError};

macro_rules! transformations {
    ($($variant:ident $module:ident $name:literal $($alias:literal)*,)+) => {
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

            /// The bytes without which [`Self::apply`] certainly returns `false`.
            #[must_use]
            pub const fn triggers(self) -> Triggers {
                match self { $(Self::$variant => $module::TRIGGERS,)+ }
            }

            /// Appends what becomes of `input`. `false`: nothing changes, and nothing need have been written.
            fn write(self, input: &[u8], out: &mut Vec<u8>) -> bool {
                match self { $(Self::$variant => $module::apply(input, out),)+ }
            }
        }
    };
}

transformations! {
    Base64Decode base64_decode "base64Decode",
    Base64DecodeExt base64_decode_ext "base64DecodeExt",
    Base64Encode base64_encode "base64Encode",
    CmdLine cmd_line "cmdLine",
    CompressWhitespace compress_whitespace "compressWhitespace",
    CssDecode css_decode "cssDecode",
    EscapeSeqDecode escape_seq_decode "escapeSeqDecode",
    HexDecode hex_decode "hexDecode",
    HexEncode hex_encode "hexEncode",
    HtmlEntityDecode html_entity_decode "htmlEntityDecode",
    JsDecode js_decode "jsDecode",
    Length length "length",
    Lowercase lowercase "lowercase",
    Md5 md5 "md5",
    NormalizePath normalize_path "normalizePath" "normalisePath",
    NormalizePathWin normalize_path_win "normalizePathWin" "normalisePathWin",
    ParityEven7bit parity_even_7bit "parityEven7bit",
    ParityOdd7bit parity_odd_7bit "parityOdd7bit",
    ParityZero7bit parity_zero_7bit "parityZero7bit",
    RemoveComments remove_comments "removeComments",
    RemoveCommentsChar remove_comments_char "removeCommentsChar",
    RemoveNulls remove_nulls "removeNulls",
    RemoveWhitespace remove_whitespace "removeWhitespace",
    ReplaceComments replace_comments "replaceComments",
    ReplaceNulls replace_nulls "replaceNulls",
    Sha1 sha1 "sha1",
    SqlHexDecode sql_hex_decode "sqlHexDecode",
    Trim trim "trim",
    TrimLeft trim_left "trimLeft",
    TrimRight trim_right "trimRight",
    Uppercase uppercase "uppercase",
    UrlDecode url_decode "urlDecode",
    UrlDecodeUni url_decode_uni "urlDecodeUni",
    UrlEncode url_encode "urlEncode",
    Utf8ToUnicode utf8_to_unicode "utf8toUnicode",
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
        Self::ALL.iter().copied().find(|it| named(&it.name()) || it.aliases().iter().any(named))
    }

    /// Clears `out` and writes what becomes of `input`. `false`: nothing would change, and `out` is unspecified.
    ///
    /// `map` is the file of `SecUnicodeMapFile`; only [`Self::UrlDecodeUni`] looks at it.
    pub fn apply(self, input: &[u8], map: Option<&UnicodeMap>, out: &mut Vec<u8>) -> bool {
        out.clear();
        let written = match self {
            Self::UrlDecodeUni => url_decode_uni::apply_mapped(input, map, out),
            _ => self.write(input, out),
        };
        written && out.as_slice() != input
    }
}

impl Triggers {
    /// What either reacts to.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bytes(these), Self::Bytes(those)) => Self::Bytes(these.union(those)),
            (Self::Always, _) | (_, Self::Always) => Self::Always,
        }
    }

    /// What a pipeline reacts to: where none of it occurs, each transformation passes the value on as it is.
    #[must_use]
    pub fn of(pipeline: &[Transformation]) -> Self {
        pipeline.iter().fold(Self::Bytes(ByteSet::EMPTY), |all, it| all.union(it.triggers()))
    }

    /// Whether a value with these bytes can change.
    #[must_use]
    pub const fn fire(&self, bytes: &ByteSet) -> bool {
        match self {
            Self::Always => true,
            Self::Bytes(triggers) => triggers.intersects(bytes),
        }
    }
}

/// Whether a pipeline certainly leaves a value with these bytes as it is.
#[must_use]
pub fn identity(pipeline: &[Transformation], bytes: &ByteSet) -> bool {
    !pipeline.iter().any(|it| it.triggers().fire(bytes))
}

#[cfg(test)]
mod tests;
