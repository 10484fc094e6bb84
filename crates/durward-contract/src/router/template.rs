//! Path templates, read once.

use std::sync::Arc;

use durward_http::{CanonicalPath, PathRules};

/// A path as segments to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) segments: Vec<Segment>,
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Text, spelt as in canonical paths.
    Literal(Box<str>),
    /// One parameter and nothing else.
    Parameter(Arc<str>),
    /// Parameters with text around or between them.
    Affix(Vec<Piece>),
}

/// A part of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Box<str>),
    Parameter(Arc<str>),
}

/// Why a path cannot be a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TemplateProblem {
    /// It does not start with `/`.
    NoLeadingSlash,
    /// `{` without `}` or the other way round.
    Brace,
    /// `{}`.
    NoName,
    /// A name twice.
    Repeated(String),
    /// No request path can be like this (`//`, `/../`), with the reason.
    Unreachable(String),
}

impl TemplateProblem {
    /// What is wrong, for a diagnostic.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::NoLeadingSlash => "it does not start with `/`".to_owned(),
            Self::Brace => "its braces do not pair".to_owned(),
            Self::NoName => "a parameter has no name".to_owned(),
            Self::Repeated(name) => format!("it has the parameter `{name}` twice"),
            Self::Unreachable(why) => why.clone(),
        }
    }
}

impl Template {
    /// Reads `/a/{b}`, without `?` and `#`.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateProblem> {
        let rest = text.strip_prefix('/').ok_or(TemplateProblem::NoLeadingSlash)?;
        let segments = rest.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
        let template = Self { segments };
        let names: Vec<_> = template.names();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|earlier| earlier == name) {
                return Err(TemplateProblem::Repeated(name.to_string()));
            }
        }
        let empty = template.segments.iter().rev().skip(1);
        if empty.into_iter().any(|segment| matches!(segment, Segment::Literal(text) if text.is_empty())) {
            return Err(TemplateProblem::Unreachable("it has an empty segment, which is never let in".to_owned()));
        }
        Ok(template)
    }

    /// Puts the segments of a server's base path before.
    pub(crate) fn below(&self, base: &str) -> Result<Self, TemplateProblem> {
        let base = base.trim_matches('/');
        let mut segments = Vec::new();
        if !base.is_empty() {
            for text in base.split('/') {
                segments.push(Segment::Literal(canonical(text)?));
            }
        }
        segments.extend(self.segments.iter().cloned());
        Ok(Self { segments })
    }

    /// The parameter names in order.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(_) => {}
                Segment::Parameter(name) => names.push(Arc::clone(name)),
                Segment::Affix(pieces) => names.extend(pieces.iter().filter_map(|piece| match piece {
                    Piece::Parameter(name) => Some(Arc::clone(name)),
                    Piece::Text(_) => None,
                })),
            }
        }
        names
    }

    /// Whether two parameters touch, so that where one ends is a guess.
    pub(crate) fn is_ambiguous(&self) -> bool {
        self.segments.iter().any(|segment| match segment {
            Segment::Affix(pieces) => pieces
                .iter()
                .zip(pieces.iter().skip(1))
                .any(|pair| matches!(pair, (Piece::Parameter(_), Piece::Parameter(_)))),
            _ => false,
        })
    }
}

fn segment(text: &str) -> Result<Segment, TemplateProblem> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').ok_or(TemplateProblem::Brace)?;
        if before.contains('}') || name.contains('{') {
            return Err(TemplateProblem::Brace);
        }
        if name.is_empty() {
            return Err(TemplateProblem::NoName);
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(encode(before)?));
        }
        pieces.push(Piece::Parameter(Arc::from(name)));
        rest = tail;
    }
    if rest.contains('}') {
        return Err(TemplateProblem::Brace);
    }
    if pieces.is_empty() {
        return Ok(Segment::Literal(canonical(rest)?));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(encode(rest)?));
    }
    match pieces.as_slice() {
        [Piece::Parameter(name)] => Ok(Segment::Parameter(Arc::clone(name))),
        _ => Ok(Segment::Affix(pieces)),
    }
}

/// A whole literal segment in the spelling of canonical paths.
fn canonical(text: &str) -> Result<Box<str>, TemplateProblem> {
    let text = spell(text, "")?;
    Ok(text)
}

/// A part of a segment in that spelling. A `.` alone is a dot segment only where it is a whole segment.
fn encode(text: &str) -> Result<Box<str>, TemplateProblem> {
    spell(text, "-")
}

fn spell(text: &str, before: &str) -> Result<Box<str>, TemplateProblem> {
    let mut raw = format!("/{before}");
    for character in text.chars() {
        if character.is_ascii_graphic() && !matches!(character, '#' | '?') {
            raw.push(character);
        } else {
            let mut buffer = [0_u8; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                raw.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    let path = CanonicalPath::parse(&raw, PathRules { allow_semicolon: true })
        .map_err(|problem| TemplateProblem::Unreachable(problem.to_string()))?;
    Ok(path.as_str().get(1 + before.len()..).unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Template::parse(text) {
            Err(problem) => format!("! {}", problem.text()),
            Ok(template) => {
                let show = |segment: &Segment| match segment {
                    Segment::Literal(text) => text.to_string(),
                    Segment::Parameter(name) => format!("<{name}>"),
                    Segment::Affix(pieces) => pieces
                        .iter()
                        .map(|piece| match piece {
                            Piece::Text(text) => text.to_string(),
                            Piece::Parameter(name) => format!("<{name}>"),
                        })
                        .collect::<String>(),
                };
                template.segments.iter().map(show).collect::<Vec<_>>().join(" / ")
            }
        }
    }

    #[test]
    fn templates() {
        for (text, expected) in [
            ("/", ""),
            ("/a", "a"),
            ("/a/", "a / "),
            ("/a/{b}", "a / <b>"),
            ("/{a}.json", "<a>.json"),
            ("/test.{format}", "test.<format>"),
            ("/compare/{base}...{head}", "compare / <base>...<head>"),
            ("/v{x}:cancel", "v<x>:cancel"),
            ("/{organization-id}/x", "<organization-id> / x"),
            ("/some path", "some%20path"),
            ("/some%20path", "some%20path"),
            ("/caf%c3%a9/\u{e9}", "caf%C3%A9 / %C3%A9"),
            ("/%41", "A"),
            ("/a:b", "a:b"),
            ("a", "! it does not start with `/`"),
            ("/{a", "! its braces do not pair"),
            ("/a}", "! its braces do not pair"),
            ("/{a{b}}", "! its braces do not pair"),
            ("/{}", "! a parameter has no name"),
            ("/{a}/{a}", "! it has the parameter `a` twice"),
            ("/a//b", "! it has an empty segment, which is never let in"),
            ("/a/../b", "! the path holds a dot segment"),
            ("/a%2Fb", "! the path holds an encoded slash"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
