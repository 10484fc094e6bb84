//! Which operation a request means.
//!
//! Real documents have paths that ready-made routers refuse: several parameters in one segment, text around them, and
//! templates of the same shape. So this is a trie of segments of its own. A literal segment is preferred to text around
//! parameters, and that to a parameter alone, whatever the order in the document; what does not work out further down is
//! tried otherwise (a literal `me` does not hide `DELETE /users/{id}`).

mod template;
mod trie;

use http::Method;
use smallvec::SmallVec;

use durward_http::CanonicalPath;

use crate::{Operation, PathParameter};

pub(crate) use template::{Template, TemplateProblem};
pub(crate) use trie::{Endpoint, Trie};

/// Finds the operation of a request.
#[derive(Debug)]
pub struct Router {
    operations: Vec<Operation>,
    trie: Trie,
}

/// The operation that a request means.
#[derive(Debug, Clone)]
pub struct Match<'p> {
    operation: &'p Operation,
    path_parameters: SmallVec<[PathParameter<'p>; 4]>,
}

/// Why there is no operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoMatch {
    /// No path of the document is like this one.
    Path,
    /// The path is known, but not with this method.
    Method {
        /// The methods that the document has for it. `HEAD` is among them where `GET` is.
        allowed: Vec<Method>,
    },
}

impl<'p> Match<'p> {
    /// The operation.
    #[must_use]
    pub const fn operation(&self) -> &'p Operation {
        self.operation
    }

    /// The path parameters in the order of the template, still escaped.
    #[must_use]
    pub fn path_parameters(&self) -> &[PathParameter<'p>] {
        &self.path_parameters
    }
}

impl Router {
    pub(crate) const fn new(operations: Vec<Operation>, trie: Trie) -> Self {
        Self { operations, trie }
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(crate) fn operations_mut(&mut self) -> &mut [Operation] {
        &mut self.operations
    }

    /// Finds the operation for a method on a full path (with the base path of the server). `HEAD` falls back to `GET`.
    ///
    /// # Errors
    /// The document has no such path, or not with this method.
    pub fn find(&self, method: &Method, path: &CanonicalPath) -> Result<Match<'_>, NoMatch> {
        match self.trie.find(method, path.as_str()) {
            Ok(found) => {
                let operation = self.operations.get(found.operation).ok_or(NoMatch::Path)?;
                let values = found.names.iter().zip(found.values);
                let path_parameters = values.map(|(name, value)| PathParameter::new(name, value)).collect();
                Ok(Match { operation, path_parameters })
            }
            Err(allowed) if allowed.is_empty() => Err(NoMatch::Path),
            Err(allowed) => Err(NoMatch::Method { allowed }),
        }
    }
}

#[cfg(test)]
mod tests;
