//! The compact serialisation: three segments, one header, nothing that changes how the rest is read.

use std::fmt;

use super::{Algorithm, base64url};
use crate::json::{Member, Members};

/// The longest token that is looked at.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The longest `kid` that is used as a map key.
const MAX_KID_BYTES: usize = 256;

/// How deep the header and the claims may nest.
pub(crate) const MAX_DEPTH: usize = 8;

/// Header members that change the meaning of the token; a token that has one is refused, not interpreted.
const REFUSED: [&str; 6] = ["crit", "b64", "zip", "enc", "epk", "p2c"];

/// Why a text is not a token we read. The words are for the record, never for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoseError {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLong,
    /// Not exactly three segments.
    Segments,
    /// A segment is not strict base64url.
    Encoding(&'static str),
    /// The header or the payload is not a strict JSON object.
    Json(&'static str, String),
    /// The header has no `alg`, or one that is not a string.
    AlgorithmMissing,
    /// `alg` is `none`, unknown, or not supported.
    AlgorithmUnknown,
    /// The header has a member that changes how the token is read.
    MemberRefused(&'static str),
    /// `kid` or `typ` is not a short string.
    MemberInvalid(&'static str),
    /// The signature does not verify.
    Signature,
    /// The key cannot be used with the token's algorithm.
    AlgorithmMismatch(Algorithm),
}

impl fmt::Display for JoseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "token is longer than {MAX_TOKEN_BYTES} bytes"),
            Self::Segments => f.write_str("token does not have three segments"),
            Self::Encoding(part) => write!(f, "{part} is not strict base64url"),
            Self::Json(part, why) => write!(f, "{part} is not a strict json object: {why}"),
            Self::AlgorithmMissing => f.write_str("header has no `alg` string"),
            Self::AlgorithmUnknown => f.write_str("header `alg` is not a supported algorithm"),
            Self::MemberRefused(name) => write!(f, "header member `{name}` is refused"),
            Self::MemberInvalid(name) => write!(f, "header member `{name}` is not a short string"),
            Self::Signature => f.write_str("signature does not verify"),
            Self::AlgorithmMismatch(algorithm) => write!(f, "algorithm {algorithm} is not allowed with this key"),
        }
    }
}

impl std::error::Error for JoseError {}

/// A token that is well formed and not yet verified.
#[derive(Debug)]
pub struct Compact<'t> {
    signing_input: &'t str,
    algorithm: Algorithm,
    kid: Option<Box<str>>,
    typ: Option<Box<str>>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Reads a token.
    ///
    /// # Errors
    /// [`JoseError`] for anything that is not exactly a compact JWS with a plain header.
    pub fn parse(token: &'t str) -> Result<Self, JoseError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JoseError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JoseError::Segments)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JoseError::Segments)?;
        if payload.contains('.') {
            return Err(JoseError::Segments);
        }
        let decode = |text, part| base64url::decode(text).ok_or(JoseError::Encoding(part));
        let header = decode(header, "header")?;
        let header = Members::read(&header, MAX_DEPTH).map_err(|why| JoseError::Json("header", why))?;
        if let Some(name) = REFUSED.into_iter().find(|name| header.find(name).is_some()) {
            return Err(JoseError::MemberRefused(name));
        }
        let Some(Member::Text(algorithm)) = header.find("alg") else {
            return Err(JoseError::AlgorithmMissing);
        };
        Ok(Self {
            signing_input,
            algorithm: Algorithm::from_name(algorithm).ok_or(JoseError::AlgorithmUnknown)?,
            kid: short_text(&header, "kid")?,
            typ: short_text(&header, "typ")?,
            payload: decode(payload, "payload")?,
            signature: decode(signature, "signature")?,
        })
    }

    /// The algorithm the token names. It selects nothing by itself.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key the token names: a map key and nothing else, never a path or a query.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The kind of token, as its header declares it.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The payload, whoever wrote it.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the signature covers.
    #[must_use]
    pub const fn signing_input(&self) -> &'t str {
        self.signing_input
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn short_text(header: &Members, name: &'static str) -> Result<Option<Box<str>>, JoseError> {
    match header.find(name) {
        None => Ok(None),
        Some(Member::Text(text)) if text.len() <= MAX_KID_BYTES => Ok(Some(text.clone())),
        Some(_) => Err(JoseError::MemberInvalid(name)),
    }
}
