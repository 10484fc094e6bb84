//! Values that somebody else has proven to be harmless: rules need not look at them.
//!
//! A gateway that holds requests to a contract knows that an argument is an integer or a UUID before any rule runs. What
//! such a value is cannot be an attack, and what a rule says of it can only be wrong; looking costs time for nothing.
//! An [`Exempt`] says which values these are, by name where a value has a name, and by its path where it stands in a
//! document: `{"a.b": 1}` and `{"a": {"b": 1}}` are arguments of the same name and different places.
//!
//! # What it means for a value
//! It is stored and counted as always (`&ARGS`, `ARGS_COMBINED_SIZE`, macros), and its name is looked at. No operator
//! looks at it as one of `ARGS`, `ARGS_GET`, `ARGS_POST`, `REQUEST_HEADERS` or `REQUEST_COOKIES`, not even one of a rule
//! that names it. `REQUEST_URI`, `QUERY_STRING`, `REQUEST_BODY` and the like are looked at, with the value inside them.
//!
//! # What is never exempt
//! A value with any other byte than letters, digits, space and `_.:-+,`. Who proves and who scans read the same request
//! with different readers; should one day they cut it differently, then what was proven of one value is not believed of
//! another. For the same reason nothing that depends on the separator of arguments is exempt when that is not `&`.

use std::fmt;

/// Says which values are exempt. Whatever it does not answer is not.
///
/// It must speak only of requests that have been held to what it was made from.
pub trait Exempt: fmt::Debug + Send + Sync {
    /// Whether the arguments of this name in the query string are (`ARGS_GET`). The name is decoded.
    fn query(&self, _name: &[u8]) -> bool {
        false
    }

    /// Whether the fields of this name are (`REQUEST_HEADERS`). The name is as it came, in any case.
    fn header(&self, _name: &[u8]) -> bool {
        false
    }

    /// Whether the cookies of this name are (`REQUEST_COOKIES`).
    fn cookie(&self, _name: &[u8]) -> bool {
        false
    }

    /// Whether the arguments of this name in a form are (`ARGS_POST`, urlencoded or multipart). The name is decoded.
    fn field(&self, _name: &[u8]) -> bool {
        false
    }

    /// The whole of a JSON document. `None` when nothing in it is exempt, here and below.
    fn document(&self) -> Option<Place> {
        None
    }

    /// The member of an object. The name is decoded.
    fn member(&self, _object: Place, _name: &[u8]) -> Option<Place> {
        None
    }

    /// The elements of an array, all of them.
    fn elements(&self, _array: Place) -> Option<Place> {
        None
    }

    /// Whether the values at a place are: texts, numbers, booleans and `null`.
    fn value(&self, _place: Place) -> bool {
        false
    }
}

/// A place in JSON documents. What the number means is up to the [`Exempt`] that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place(pub u32);

/// Whether a value has only bytes that a proven value can have.
pub(crate) fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _.:-+,".contains(byte))
}
