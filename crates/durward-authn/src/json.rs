//! The small JSON objects of JOSE, copied out of the strict reader: headers, claims, keys, discovery documents.
//!
//! All rules of reading (no repeated member, no lone surrogate, bounded depth, UTF-8) are `durward_http::json`'s; this
//! only turns its tape into owned values, so that claims can outlive the token.

use durward_http::json::{Document, Kind, Limits, Value};

/// The members of an object, in document order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Members(Vec<(Box<str>, Member)>);

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Member {
    /// A text.
    Text(Box<str>),
    /// A number that is written as an integer and is not negative.
    Whole(u64),
    /// An array.
    List(Vec<Member>),
    /// An object.
    Object(Members),
    /// Anything else: it is there, and nothing here uses it.
    Other,
}

impl Members {
    /// Reads a text that is one object.
    pub(crate) fn read(text: &[u8], depth: usize) -> Result<Self, String> {
        let limits = Limits { depth, nodes: 10_000, members: 256, elements: 1_000, ..Limits::default() };
        let document = Document::parse(text.to_vec(), &limits).map_err(|error| error.to_string())?;
        match Member::copy(document.root()) {
            Member::Object(members) => Ok(members),
            _ => Err("not an object".to_owned()),
        }
    }

    /// The member of this name; the reader made sure that there is one at most.
    pub(crate) fn find(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, member)| member)
    }
}

impl Member {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Recursion is bounded by the depth the document was read with.
    fn copy(value: Value<'_>) -> Self {
        match value.kind() {
            Kind::String => value.as_str().map_or(Self::Other, |text| Self::Text(text.into())),
            Kind::Number => value.as_u64().map_or(Self::Other, Self::Whole),
            Kind::Array => Self::List(value.elements().map(Self::copy).collect()),
            Kind::Object => {
                Self::Object(Members(value.members().map(|(name, value)| (name.into(), Self::copy(value))).collect()))
            }
            Kind::Null | Kind::Bool => Self::Other,
        }
    }
}
