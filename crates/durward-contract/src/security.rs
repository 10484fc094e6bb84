//! What a document says of credentials: schemes, and which of them an operation asks for.

use std::sync::Arc;

/// Where something stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum In {
    /// A segment of the path, or a part of one.
    Path,
    /// The query.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

impl In {
    /// The word the document uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A security scheme of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name under `components.securitySchemes`.
    pub name: Arc<str>,
    /// What it is.
    pub kind: SchemeKind,
}

/// What a security scheme is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeKind {
    /// An API key.
    ApiKey {
        /// Where it is sent: query, header or cookie.
        place: In,
        /// The name of the parameter, field or cookie.
        name: Arc<str>,
    },
    /// `Authorization: Bearer`.
    HttpBearer,
    /// `Authorization: Basic`.
    HttpBasic,
    /// Another scheme of the `Authorization` field, in lower case.
    HttpOther(String),
    /// OAuth 2.
    OAuth2 {
        /// All scopes that its flows name, sorted.
        scopes: Vec<Arc<str>>,
    },
    /// `OpenID` Connect.
    OpenIdConnect {
        /// The discovery document.
        url: String,
    },
    /// A client certificate.
    MutualTls,
}

/// What an operation asks of its callers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// Whether the document says anything, at the operation or for all of them. An empty list written at the operation
    /// is `written` and has no alternatives: it asks for nothing.
    pub written: bool,
    /// Any one of these is enough.
    pub alternatives: Vec<Requirement>,
}

/// Credentials that are needed together. None at all means that anonymous callers are allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirement {
    /// Scheme names, each with the scopes it must carry.
    pub schemes: Vec<(Arc<str>, Vec<Arc<str>>)>,
}
