//! Operators: a value in, a verdict out, one file each.

macro_rules! operators {
    ($($name:ident $text:literal,)+) => {
        /// An operator of the language's reference.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum OperatorName {
            $(#[doc = concat!("`@", $text, "`.")] $name,)+
        }

        impl OperatorName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in rule files, without `@`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The operator of a name, in any case.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|operator| operator.name().eq_ignore_ascii_case(name))
            }
        }
    };
}

operators! {
    BeginsWith "beginsWith",
    Contains "contains",
    ContainsWord "containsWord",
    DetectSqli "detectSQLi",
    DetectXss "detectXSS",
    EndsWith "endsWith",
    Eq "eq",
    FuzzyHash "fuzzyHash",
    Ge "ge",
    GeoLookup "geoLookup",
    GsbLookup "gsbLookup",
    Gt "gt",
    InspectFile "inspectFile",
    IpMatch "ipMatch",
    IpMatchF "ipMatchF",
    IpMatchFromFile "ipMatchFromFile",
    Le "le",
    Lt "lt",
    NoMatch "noMatch",
    Pm "pm",
    Pmf "pmf",
    PmFromFile "pmFromFile",
    Rbl "rbl",
    Rsub "rsub",
    Rx "rx",
    RxGlobal "rxGlobal",
    StrEq "streq",
    StrMatch "strmatch",
    UnconditionalMatch "unconditionalMatch",
    ValidateByteRange "validateByteRange",
    ValidateDtd "validateDTD",
    ValidateHash "validateHash",
    ValidateSchema "validateSchema",
    ValidateUrlEncoding "validateUrlEncoding",
    ValidateUtf8Encoding "validateUtf8Encoding",
    VerifyCc "verifyCC",
    VerifyCpf "verifyCPF",
    VerifySsn "verifySSN",
    VerifySvnr "verifySVNR",
    Within "within",
}
