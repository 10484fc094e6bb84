//! Who is calling, what they proved, and what they may do: evidence that later stages take.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

/// The name of a security scheme, as the contract and the policy write it.
pub type Scheme = Arc<str>;

/// What kind of principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// Nobody: the operation is public.
    Anonymous,
    /// A program with a key or client credentials.
    Client,
    /// A person, by the subject of a token.
    User,
}

impl PrincipalKind {
    /// The name used in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Client => "client",
            Self::User => "user",
        }
    }
}

/// An identity within an issuer (RFC 9068 `iss` and `sub`, or a key store and key id).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// What kind.
    pub kind: PrincipalKind,
    /// Who vouches for it: an issuer URL, or `keys` for Durward's own API keys.
    pub issuer: Arc<str>,
    /// The identity within the issuer.
    pub subject: Arc<str>,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PrincipalKind::Anonymous => f.write_str("anonymous"),
            kind => write!(f, "{}:{}#{}", kind.name(), self.issuer, self.subject),
        }
    }
}

/// One credential that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The scheme it satisfies.
    pub scheme: Scheme,
    /// Who it proves.
    pub principal: Principal,
    /// A public name of the credential itself: key id, `jti`. Never the secret.
    pub credential_id: Option<Arc<str>>,
    /// The scopes it carries, sorted.
    pub scopes: Arc<[Arc<str>]>,
    /// Unix seconds after which it no longer counts.
    pub not_after: Option<u64>,
}

/// Who is calling: all that verified, in the order in which the contract names the schemes.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    credentials: SmallVec<[Credential; 1]>,
}

impl Caller {
    /// Nobody.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// Adds what verified.
    pub fn add(&mut self, credential: Credential) {
        self.credentials.push(credential);
    }

    /// Everything that verified.
    #[must_use]
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// The credential for a scheme, if it verified.
    #[must_use]
    pub fn credential(&self, scheme: &str) -> Option<&Credential> {
        self.credentials.iter().find(|credential| &*credential.scheme == scheme)
    }

    /// Whom the request is from: a user before a client.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        let all = || self.credentials.iter().map(|credential| &credential.principal);
        all().find(|principal| principal.kind == PrincipalKind::User).or_else(|| all().next())
    }
}

/// Proof that the caller may use the operation, and by which alternative of its security requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The index of the alternative that was satisfied; `None` for a public operation or an observed denial.
    pub alternative: Option<usize>,
}

/// Proof that the rates allow the request, with what the `RateLimit` headers say.
#[derive(Debug, Clone, Default)]
pub struct RateTicket {
    /// Per limit: name, remaining requests, seconds until more is there. Tightest first.
    pub limits: SmallVec<[(Arc<str>, u64, u32); 2]>,
}
