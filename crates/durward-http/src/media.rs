//! Media types (RFC 9110 section 8.3), read strictly and written one way.
//!
//! Gateways that let a body pass unchecked because they read `Content-Type` differently than the upstream are a class of
//! their own: case and spaces (Fastify CVE-2025-32442), a tab (CVE-2026-25223), a leading space (CVE-2026-33806). So the
//! grammar is strict, and the [`Display`](fmt::Display) form is what is forwarded.

use std::fmt;

use crate::field;

/// Why text is not a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaProblem {
    /// It is not `type/subtype` of two tokens.
    #[error("not a media type of the form `type/subtype`")]
    Essence,
    /// White space where none belongs, a tab, or a character that is not visible ASCII.
    #[error("the media type holds a character that it must not")]
    Character,
    /// A parameter that is not `name=token` or `name="text"`.
    #[error("a media type parameter is malformed")]
    Parameter,
    /// The same parameter twice.
    #[error("a media type parameter is repeated")]
    Repeated,
    /// More parameters than [`MOST_PARAMETERS`].
    #[error("more than {MOST_PARAMETERS} media type parameters")]
    TooMany,
    /// A charset of text in which ASCII is not ASCII, or a name that is not known: nobody here could say what is written
    /// (UTF-7, UTF-16, EBCDIC).
    #[error("the charset is not one of utf-8 and, but for JSON, us-ascii, iso-8859-1, iso-8859-15, windows-1252")]
    Charset,
    /// A `boundary` that RFC 2046 does not allow.
    #[error("the multipart boundary is not valid")]
    Boundary,
}

/// More parameters than this have no use.
pub const MOST_PARAMETERS: usize = 8;

/// Charsets in which a byte below 0x80 is that character of ASCII, whatever stands before it: what rules look for is found
/// in all of them alike. Only UTF-8 can be held to a schema.
const CHARSETS: [&str; 5] = ["utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"];

/// A media type: essence in lower case, parameters in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType {
    essence: Box<str>,
    slash: usize,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Parameter {
    name: Box<str>,
    value: Box<str>,
}

impl MediaType {
    /// Reads the value of a `Content-Type` field.
    ///
    /// # Errors
    /// Any text that two readers could understand differently; see [`MediaProblem`].
    pub fn parse(text: &str) -> Result<Self, MediaProblem> {
        let (essence, slash, parameters) = parse_parts(text)?;
        let media = Self { essence, slash, parameters };
        if media.contains_wildcard() {
            return Err(MediaProblem::Essence);
        }
        // JSON has one charset (RFC 8259 section 8.1).
        let known = if media.is_json() { &["utf-8"][..] } else { &CHARSETS };
        if media.is_textual() && media.charset().is_some_and(|charset| !known.contains(&charset)) {
            return Err(MediaProblem::Charset);
        }
        if media.type_() == "multipart" && !media.boundary().is_none_or(is_boundary) {
            return Err(MediaProblem::Boundary);
        }
        Ok(media)
    }

    /// `type/subtype`.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// The type: `application` of `application/problem+json`.
    #[must_use]
    pub fn type_(&self) -> &str {
        self.essence.get(..self.slash).unwrap_or_default()
    }

    /// The subtype: `problem+json` of `application/problem+json`.
    #[must_use]
    pub fn subtype(&self) -> &str {
        self.essence.get(self.slash + 1..).unwrap_or_default()
    }

    /// The structured syntax suffix (RFC 6838 section 4.2.8): `json` of `application/problem+json`.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        suffix_of(self.subtype())
    }

    /// Whether the content is JSON: `application/json`, `text/json`, or any `+json`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.subtype() == "json" || self.suffix() == Some("json")
    }

    /// Whether the content is XML: `application/xml`, `text/xml`, or any `+xml`.
    #[must_use]
    pub fn is_xml(&self) -> bool {
        self.subtype() == "xml" || self.suffix() == Some("xml")
    }

    /// The charset in lower case, if one is given. For text, XML and forms of both kinds it is one in which ASCII is ASCII,
    /// for JSON it is `utf-8`.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        self.parameter("charset")
    }

    /// The boundary of a multipart type, as it is.
    #[must_use]
    pub fn boundary(&self) -> Option<&str> {
        self.parameter("boundary")
    }

    /// The value of a parameter, by its name in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|parameter| &*parameter.name == name).map(|parameter| &*parameter.value)
    }

    /// All parameters: names in lower case, values unquoted.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|parameter| (&*parameter.name, &*parameter.value))
    }

    fn contains_wildcard(&self) -> bool {
        self.essence.contains('*')
    }

    /// Whether the content is text or made of text: `text/*`, JSON, XML, and forms of both kinds (any `multipart/*`).
    #[must_use]
    pub fn is_textual(&self) -> bool {
        self.type_() == "text"
            || self.is_json()
            || self.is_xml()
            || self.type_() == "multipart"
            || &*self.essence == "application/x-www-form-urlencoded"
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, &self.essence, &self.parameters)
    }
}

/// What media types a place takes: `*/*`, `type/*`, `type/*+suffix` or one type, with parameters that must be the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaRange {
    essence: Box<str>,
    slash: usize,
    breadth: Breadth,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Breadth {
    Any,
    Type,
    Suffix,
    One,
}

impl MediaRange {
    /// Reads a range, as the keys of an `OpenAPI` `content` map are written.
    ///
    /// # Errors
    /// As [`MediaType::parse`]; `*` is only a whole type or subtype, or stands before a suffix.
    pub fn parse(text: &str) -> Result<Self, MediaProblem> {
        let (essence, slash, parameters) = parse_parts(text)?;
        let (type_, subtype) = essence.split_once('/').ok_or(MediaProblem::Essence)?;
        let breadth = match (type_, subtype) {
            ("*", "*") => Breadth::Any,
            (_, "*") => Breadth::Type,
            (_, subtype) if subtype.starts_with("*+") => Breadth::Suffix,
            _ => Breadth::One,
        };
        let fixed = match breadth {
            Breadth::Any => "",
            Breadth::Type => type_,
            Breadth::Suffix | Breadth::One => subtype.strip_prefix("*+").unwrap_or(subtype),
        };
        if fixed.contains('*') || (breadth != Breadth::Any && type_.contains('*')) {
            return Err(MediaProblem::Essence);
        }
        if breadth == Breadth::Suffix && (fixed.is_empty() || fixed.contains('+')) {
            return Err(MediaProblem::Essence);
        }
        Ok(Self { essence, slash, breadth, parameters })
    }

    /// Whether the range takes this type. Its parameters must be there with the same values; an absent charset counts as
    /// `utf-8`.
    #[must_use]
    pub fn matches(&self, media: &MediaType) -> bool {
        let type_ = self.essence.get(..self.slash).unwrap_or_default();
        let essence = match self.breadth {
            Breadth::Any => true,
            Breadth::Type => type_ == media.type_(),
            Breadth::Suffix => {
                let suffix = suffix_of(self.essence.get(self.slash + 1..).unwrap_or_default());
                type_ == media.type_() && media.suffix().is_some() && media.suffix() == suffix
            }
            Breadth::One => self.essence == media.essence,
        };
        essence
            && self.parameters.iter().all(|wanted| match media.parameter(&wanted.name) {
                Some(value) => *value == *wanted.value,
                None => &*wanted.name == "charset" && &*wanted.value == "utf-8",
            })
    }

    /// How narrow it is: of several ranges that match, the one with the greatest number is meant.
    #[must_use]
    pub fn specificity(&self) -> u8 {
        let class = match self.breadth {
            Breadth::Any => 0,
            Breadth::Type => 1,
            Breadth::Suffix => 2,
            Breadth::One => 3,
        };
        // INVARIANT: there are at most `MOST_PARAMETERS` parameters, fewer than 16.
        class * 16 + u8::try_from(self.parameters.len()).unwrap_or(15)
    }
}

impl fmt::Display for MediaRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, &self.essence, &self.parameters)
    }
}

fn parse_parts(text: &str) -> Result<(Box<str>, usize, Vec<Parameter>), MediaProblem> {
    let is_visible = |byte| matches!(byte, 0x20..=0x7e);
    if !text.bytes().all(is_visible) || text.starts_with(' ') || text.ends_with(' ') {
        return Err(MediaProblem::Character);
    }
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let essence = essence.trim_end_matches(' ');
    let (type_, subtype) = essence.split_once('/').ok_or(MediaProblem::Essence)?;
    if !field::is_token(type_) || !field::is_token(subtype) {
        return Err(MediaProblem::Essence);
    }
    Ok((essence.to_ascii_lowercase().into(), type_.len(), parse_parameters(parameters)?))
}

fn parse_parameters(text: &str) -> Result<Vec<Parameter>, MediaProblem> {
    let pieces = field::split(text, ';', MOST_PARAMETERS).map_err(|problem| match problem {
        field::FieldProblem::TooMany(_) => MediaProblem::TooMany,
        _ => MediaProblem::Parameter,
    })?;
    let mut parameters: Vec<Parameter> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (name, value) = piece.split_once('=').ok_or(MediaProblem::Parameter)?;
        if !field::is_token(name) {
            return Err(MediaProblem::Parameter);
        }
        let name = name.to_ascii_lowercase();
        let mut value = field::token_or_quoted(value).ok_or(MediaProblem::Parameter)?;
        if name == "charset" {
            value.make_ascii_lowercase();
        }
        if parameters.iter().any(|earlier| *earlier.name == *name) {
            return Err(MediaProblem::Repeated);
        }
        parameters.push(Parameter { name: name.into(), value: value.into() });
    }
    Ok(parameters)
}

fn suffix_of(subtype: &str) -> Option<&str> {
    subtype.rsplit_once('+').map(|(_, suffix)| suffix).filter(|suffix| !suffix.is_empty())
}

/// RFC 2046 section 5.1.1.
pub(crate) fn is_boundary(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    (1..=70).contains(&text.len()) && text.bytes().all(is_allowed) && !text.ends_with(' ')
}

fn write_parts(f: &mut fmt::Formatter<'_>, essence: &str, parameters: &[Parameter]) -> fmt::Result {
    f.write_str(essence)?;
    for Parameter { name, value } in parameters {
        if field::is_token(value) {
            write!(f, "; {name}={value}")?;
        } else {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "; {name}=\"{escaped}\"")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{MediaProblem, MediaRange, MediaType};

    #[test]
    fn one_form() {
        for (text, expected) in [
            ("application/json", "application/json"),
            ("Application/JSON", "application/json"),
            ("application/json;charset=UTF-8", "application/json; charset=utf-8"),
            ("application/json ; charset=\"utf-8\"", "application/json; charset=utf-8"),
            ("application/json;", "application/json"),
            ("application/json; ; charset=utf-8", "application/json; charset=utf-8"),
            ("application/vnd.api+json", "application/vnd.api+json"),
            ("text/plain; Format=Flowed", "text/plain; format=Flowed"),
            ("text/plain; charset=US-ASCII", "text/plain; charset=us-ascii"),
            (
                "application/x-www-form-urlencoded;charset=\"ISO-8859-15\"",
                "application/x-www-form-urlencoded; charset=iso-8859-15",
            ),
            ("a/b; x=\"p;q\\\"r\\\\\"", "a/b; x=\"p;q\\\"r\\\\\""),
            ("multipart/form-data; boundary=\"a b\"", "multipart/form-data; boundary=\"a b\""),
            (
                "multipart/form-data; boundary=----WebKitFormBoundaryX",
                "multipart/form-data; boundary=----WebKitFormBoundaryX",
            ),
            ("image/svg+xml; charset=utf-8", "image/svg+xml; charset=utf-8"),
            ("application/octet-stream; charset=binary", "application/octet-stream; charset=binary"),
        ] {
            let media = MediaType::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert_eq!(media.to_string(), expected, "{text}");
            assert_eq!(MediaType::parse(expected).as_ref(), Ok(&media), "{text}");
        }
    }

    #[test]
    fn refuses() {
        use MediaProblem::*;
        for (text, expected) in [
            ("", Essence),
            ("json", Essence),
            ("application/", Essence),
            ("/json", Essence),
            ("application /json", Essence),
            ("application/json/x", Essence),
            ("application/json, text/plain", Essence),
            ("*/*", Essence),
            ("application/*", Essence),
            (" application/json", Character),
            ("application/json ", Character),
            ("\tapplication/json", Character),
            ("application/json\t; a=b", Character),
            ("application/json;\u{b}a=b", Character),
            ("application/jsön", Character),
            ("application/json; charset", Parameter),
            ("application/json; charset=", Parameter),
            ("application/json; charset =utf-8", Parameter),
            ("application/json; charset= utf-8", Parameter),
            ("application/json; charset=\"utf-8", Parameter),
            ("application/json; charset=\"utf-8\"x", Parameter),
            ("application/json; =x", Parameter),
            ("application/json charset=utf-8", Essence),
            ("application/json; a=b c=d", Parameter),
            ("application/json; charset=utf-8; charset=utf-8", Repeated),
            ("multipart/form-data; boundary=a; Boundary=b", Repeated),
            ("a/b;a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1", TooMany),
            ("a/b;;;;;;;;;;", TooMany),
            ("application/json; charset=utf-16", Charset),
            ("application/json; charset=iso-8859-1", Charset),
            ("text/plain; charset=utf-16", Charset),
            ("text/plain; charset=shift_jis", Charset),
            ("application/xml; charset='utf-8'", Charset),
            ("application/problem+json; charset=utf7", Charset),
            ("application/x-www-form-urlencoded; charset=latin1", Charset),
            ("multipart/form-data; charset=ibm037; boundary=b", Charset),
            ("multipart/form-data; boundary=\"a \"", Boundary),
            ("multipart/form-data; boundary=\"\"", Boundary),
            ("multipart/form-data; boundary=\"a;b\"", Boundary),
        ] {
            assert_eq!(MediaType::parse(text), Err(expected), "{text}");
        }
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        assert_eq!(MediaType::parse(&long), Err(Boundary));
    }

    #[test]
    fn parts() {
        let media = MediaType::parse("application/problem+json; charset=utf-8; profile=\"a\"").unwrap();
        assert_eq!((media.type_(), media.subtype(), media.suffix()), ("application", "problem+json", Some("json")));
        assert!(media.is_json() && !media.is_xml());
        assert_eq!((media.charset(), media.parameter("profile"), media.boundary()), (Some("utf-8"), Some("a"), None));
        assert_eq!(media.parameters().count(), 2);
        for (text, json) in
            [("application/json", true), ("text/json", true), ("application/jsonx", false), ("a/b+", false)]
        {
            assert_eq!(MediaType::parse(text).unwrap().is_json(), json, "{text}");
        }
    }

    #[test]
    fn ranges() {
        for (range, media, expected) in [
            ("*/*", "a/b", true),
            ("application/*", "application/json", true),
            ("application/*", "text/json", false),
            ("application/*+json", "application/problem+json", true),
            ("application/*+json", "application/json", false),
            ("application/*+json", "text/problem+json", false),
            ("Application/JSON", "application/json", true),
            ("application/json", "application/json; charset=utf-8", true),
            ("application/json; charset=utf-8", "application/json", true),
            ("text/plain; format=flowed", "text/plain", false),
            ("text/plain; format=flowed", "text/plain; format=flowed", true),
            ("text/plain; format=flowed", "text/plain; format=fixed", false),
            ("application/vnd.a+json", "application/vnd.b+json", false),
        ] {
            let parsed = MediaRange::parse(range).unwrap_or_else(|problem| panic!("{range}: {problem}"));
            assert_eq!(parsed.matches(&MediaType::parse(media).unwrap()), expected, "{range} {media}");
        }
        let order = ["*/*", "*/*; a=b", "a/*", "a/*+json", "a/b", "a/b; c=d", "a/b; c=d; e=f"];
        let order: Vec<u8> = order.iter().map(|text| MediaRange::parse(text).unwrap().specificity()).collect();
        assert!(order.is_sorted_by(|left, right| left < right), "{order:?}");
        for text in ["*", "*/json", "a*/b", "a/b*", "a/*+", "a/*+a+b", "a/*b", "*/*+json", "a/b+*", ""] {
            assert_eq!(MediaRange::parse(text), Err(MediaProblem::Essence), "{text}");
        }
    }
}
