//! A document, compiled.

use std::path::Path;

use durward_core::Diagnostics;

use crate::{Operation, Router, SecurityScheme, load};

/// Everything a document promises, ready to hold requests to it.
#[derive(Debug)]
pub struct Contract {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) base_paths: Vec<String>,
    pub(crate) schemes: Vec<SecurityScheme>,
    pub(crate) router: Router,
}

/// A contract, and what in its document is not enforced.
#[derive(Debug)]
pub struct Loaded {
    /// The contract.
    pub contract: Contract,
    /// What somebody should look at.
    pub warnings: Diagnostics,
}

impl Contract {
    /// Reads an `OpenAPI` 3.0 or 3.1 document, JSON or YAML, with the files that it refers to.
    ///
    /// All files come through `read`, by the path of the document joined with the relative path of the reference. An
    /// error of `read` is shown to the user.
    ///
    /// # Errors
    /// The document cannot be read, or is not a document that can be enforced.
    pub fn load(path: &Path, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Loaded, Diagnostics> {
        load::load(path, read)
    }

    /// The API's name.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The API's version, as written.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The paths of all servers that any operation uses, without a trailing slash; `""` is the root.
    #[must_use]
    pub fn base_paths(&self) -> &[String] {
        &self.base_paths
    }

    /// All operations, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        self.router.operations()
    }

    /// All security schemes, in the order of the document.
    #[must_use]
    pub fn schemes(&self) -> &[SecurityScheme] {
        &self.schemes
    }

    /// Finds operations.
    #[must_use]
    pub const fn router(&self) -> &Router {
        &self.router
    }
}
