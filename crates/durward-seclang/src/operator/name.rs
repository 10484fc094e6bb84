//! The names of all operators.

use std::fmt;

/// What an operator does with files that its argument names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileUse {
    /// It names none.
    None,
    /// Its argument names one or more data files, separated by white space; the loader reads them into
    /// [`crate::ast::OperatorSpec::data`], one after the other.
    Data,
}

macro_rules! operators {
    ($($name:ident $text:literal $files:ident $doc:literal,)+) => {
        /// An operator of the language's reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum OperatorName {
            $(#[doc = concat!("`@", $text, "`: ", $doc, ".")] $name,)+
        }

        impl OperatorName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in rule files, without `@`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What it does with files that its argument names.
            #[must_use]
            pub const fn files(self) -> FileUse {
                match self { $(Self::$name => FileUse::$files,)+ }
            }
        }
    };
}

operators! {
    BeginsWith "beginsWith" None "the value begins with the text",
    Contains "contains" None "the text stands in the value",
    ContainsWord "containsWord" None "the text stands in the value, and no letter or digit stands beside it",
    DetectSqli "detectSQLi" None "SQL injection, by libinjection's method",
    DetectXss "detectXSS" None "cross-site scripting, by libinjection's method",
    EndsWith "endsWith" None "the value ends with the text",
    Eq "eq" None "the number is equal",
    FuzzyHash "fuzzyHash" None "similar to a known file",
    Ge "ge" None "the number is greater or equal",
    GeoLookup "geoLookup" None "the place of an address is known",
    GsbLookup "gsbLookup" None "an address is on a list of unsafe sites",
    Gt "gt" None "the number is greater",
    InspectFile "inspectFile" None "a program approves of a file",
    IpMatch "ipMatch" None "the address is in one of the networks",
    IpMatchFromFile "ipMatchFromFile" Data "the address is in one of the networks of a file",
    Le "le" None "the number is less or equal",
    Lt "lt" None "the number is less",
    NoMatch "noMatch" None "never",
    Pm "pm" None "one of the phrases stands in the value, in any case",
    PmFromFile "pmFromFile" Data "one of the phrases of a file stands in the value, in any case",
    Rbl "rbl" None "the address is on a block list",
    Rsub "rsub" None "substitution in the content",
    Rx "rx" None "the pattern is found",
    RxGlobal "rxGlobal" None "the pattern is found; all places are kept",
    StrEq "streq" None "the value is the text",
    StrMatch "strmatch" None "the text stands in the value",
    UnconditionalMatch "unconditionalMatch" None "always",
    ValidateByteRange "validateByteRange" None "a byte is outside of the ranges",
    ValidateDtd "validateDTD" None "the document does not follow its type definition",
    ValidateHash "validateHash" None "a link was not signed",
    ValidateSchema "validateSchema" None "the document does not follow a schema",
    ValidateUrlEncoding "validateUrlEncoding" None "the percent encoding is broken",
    ValidateUtf8Encoding "validateUtf8Encoding" None "the value is not UTF-8",
    VerifyCc "verifyCC" None "a number that may be a payment card",
    VerifyCpf "verifyCPF" None "a number that may be a Brazilian taxpayer's",
    VerifySsn "verifySSN" None "a number that may be a United States social security number",
    VerifySvnr "verifySVNR" None "a number that may be an Austrian social security number",
    Within "within" None "the value stands in the text",
}

impl OperatorName {
    /// The operator of a name without `@`, in any case; also by its short form (`pmf`, `ipMatchF`).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("pmf") {
            return Some(Self::PmFromFile);
        }
        if name.eq_ignore_ascii_case("ipMatchF") {
            return Some(Self::IpMatchFromFile);
        }
        Self::ALL.iter().copied().find(|operator| operator.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for OperatorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for operator in OperatorName::ALL {
            assert_eq!(OperatorName::from_name(operator.name()), Some(*operator));
            assert_eq!(OperatorName::from_name(&operator.name().to_uppercase()), Some(*operator));
        }
        assert_eq!(OperatorName::from_name("PMF"), Some(OperatorName::PmFromFile));
        assert_eq!(OperatorName::from_name("ipmatchf"), Some(OperatorName::IpMatchFromFile));
        assert_eq!(OperatorName::from_name("rxx"), None);
        assert_eq!(OperatorName::from_name(""), None);
    }
}
