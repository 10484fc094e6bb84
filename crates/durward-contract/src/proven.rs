//! What a request that passed can no longer hold.
//!
//! A value that the contract has proven to be a number, a boolean, a UUID, a date or one of a few words cannot be an
//! attack: a firewall that looks at it can only be wrong. Here is where such values are. It holds for requests that *were*
//! held to the contract and passed, not for those that were only looked at; and for the text of a parameter as it is
//! after decoding, which is the text that was checked.

use std::sync::Arc;

use crate::schema::Forest;

/// Which parameters of an operation hold nothing but what cannot be an attack.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proven {
    query: Names,
    headers: Names,
    cookies: Names,
}

/// Names, sorted.
type Names = Box<[Box<[u8]>]>;

impl Proven {
    pub(crate) fn new(query: Vec<Box<[u8]>>, headers: Vec<Box<[u8]>>, cookies: Vec<Box<[u8]>>) -> Self {
        Self { query: sorted(query), headers: sorted(headers), cookies: sorted(cookies) }
    }

    /// Whether each query parameter of this name does; the name is decoded.
    #[must_use]
    pub fn query(&self, name: &[u8]) -> bool {
        has(&self.query, name)
    }

    /// Whether each field of this name does, in any case.
    #[must_use]
    pub fn header(&self, name: &[u8]) -> bool {
        self.headers.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether each cookie of this name does.
    #[must_use]
    pub fn cookie(&self, name: &[u8]) -> bool {
        has(&self.cookies, name)
    }

    /// Whether no parameter does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.query.is_empty() && self.headers.is_empty() && self.cookies.is_empty()
    }
}

/// Which parts of content of one media type hold nothing but what cannot be an attack.
#[derive(Debug, Default)]
pub struct ProvenContent {
    fields: Names,
    document: Option<(Arc<Forest>, u32)>,
}

/// A place in JSON documents, by the names of members and not by a joined name: `{"a.b": 1}` is not `{"a": {"b": 1}}`.
/// The number means something only to the [`ProvenContent`] it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProvenPlace(pub u32);

impl ProvenContent {
    pub(crate) fn fields(names: &[&str]) -> Self {
        Self { fields: sorted(names.iter().map(|name| name.as_bytes().into()).collect()), document: None }
    }

    pub(crate) fn document(forest: &Arc<Forest>, root: u32) -> Self {
        Self { fields: Names::default(), document: Some((Arc::clone(forest), root)) }
    }

    /// Whether each field of a form of this name does; the name is decoded. (Uploaded files are not fields.)
    #[must_use]
    pub fn field(&self, name: &[u8]) -> bool {
        has(&self.fields, name)
    }

    /// The whole of a JSON document; nothing if nothing is proven of any value in it.
    #[must_use]
    pub fn root(&self) -> Option<ProvenPlace> {
        self.document.as_ref().map(|(_, root)| ProvenPlace(*root))
    }

    /// The member of an object; nothing if nothing is proven of it and of all that is in it. The name is decoded.
    #[must_use]
    pub fn member(&self, object: ProvenPlace, name: &[u8]) -> Option<ProvenPlace> {
        let (forest, _) = self.document.as_ref()?;
        forest.member(object.0, name).map(ProvenPlace)
    }

    /// Any element of an array; nothing if nothing is proven of it and of all that is in it.
    #[must_use]
    pub fn elements(&self, array: ProvenPlace) -> Option<ProvenPlace> {
        let (forest, _) = self.document.as_ref()?;
        forest.elements(array.0).map(ProvenPlace)
    }

    /// Whether a text, number, boolean or null at this place cannot be an attack.
    #[must_use]
    pub fn is_proven(&self, place: ProvenPlace) -> bool {
        self.document.as_ref().is_some_and(|(forest, _)| forest.is_proven(place.0))
    }

    /// Whether nothing in it is proven.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.document.is_none()
    }
}

fn sorted(mut names: Vec<Box<[u8]>>) -> Names {
    names.sort_unstable();
    names.into()
}

fn has(names: &Names, name: &[u8]) -> bool {
    names.binary_search_by(|known| (**known).cmp(name)).is_ok()
}
