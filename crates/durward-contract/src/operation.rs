//! One operation of the document, compiled.

use std::sync::Arc;

use http::Method;

use crate::schema::Forest;
use crate::{BodyContract, Parameters, Proven, Security};

/// A method on a path.
#[derive(Debug)]
pub struct Operation {
    pub(crate) index: usize,
    pub(crate) id: Arc<str>,
    pub(crate) method: Method,
    pub(crate) template: Arc<str>,
    pub(crate) summary: Option<Box<str>>,
    pub(crate) security: Security,
    pub(crate) parameters: Parameters,
    pub(crate) body: Option<BodyContract>,
    pub(crate) responses: Vec<Response>,
    pub(crate) routed: bool,
    pub(crate) proven: Arc<Proven>,
}

/// What the document says of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// `200`, `4XX` or `default`.
    pub status: Box<str>,
    /// The media types of its content, as written.
    pub media_types: Vec<Box<str>>,
}

impl Operation {
    /// Its place among [`Contract::operations`](crate::Contract::operations).
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The `operationId`, or `METHOD /template` where there is none.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path as written in the document, without the server's base path.
    #[must_use]
    pub const fn template(&self) -> &Arc<str> {
        &self.template
    }

    /// One line for people, if the document has one.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }

    /// What it asks of callers.
    #[must_use]
    pub const fn security(&self) -> &Security {
        &self.security
    }

    /// Its parameters.
    #[must_use]
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Its content, if it takes any.
    #[must_use]
    pub const fn body(&self) -> Option<&BodyContract> {
        self.body.as_ref()
    }

    /// Which of its parameters hold nothing but what cannot be an attack, in a request that passed
    /// [`Parameters::check`]. What is proven of its content, each [`BodyMedia`](crate::BodyMedia) says.
    #[must_use]
    pub const fn proven(&self) -> &Arc<Proven> {
        &self.proven
    }

    /// Takes up what validation proves.
    pub(crate) fn prove(&mut self, forest: &Arc<Forest>) {
        self.proven = Arc::new(self.parameters.proven(forest));
        if let Some(body) = &mut self.body {
            body.media.iter_mut().for_each(|media| media.prove(forest));
        }
    }

    /// The answers that the document names.
    #[must_use]
    pub fn responses(&self) -> &[Response] {
        &self.responses
    }

    /// Whether requests can reach it. A path that differs from another one only after `#` or `?`, or not at all, cannot
    /// be told apart by routing; loading warns of each.
    #[must_use]
    pub const fn is_routed(&self) -> bool {
        self.routed
    }

    /// The method and the path.
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }
}
