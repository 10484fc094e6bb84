//! A key bound to one algorithm.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::ParsedPublicKey;

use super::{Algorithm, Compact, JoseError};

/// A shared secret, bound to HS256.
pub struct MacKey(Box<hmac::Key>);

impl MacKey {
    /// The shortest secret that is used (RFC 7518 section 3.2).
    pub const MIN_BYTES: usize = 32;

    /// A key of these bytes; `None` when they are too few.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        (secret.len() >= Self::MIN_BYTES).then(|| Self(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret))))
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// What verifies a signature: one key for one algorithm, so that a token can never choose another.
#[derive(Debug)]
pub enum Verifier {
    /// A public key, parsed once.
    Public(Algorithm, ParsedPublicKey),
    /// A shared secret.
    Mac(MacKey),
}

impl Verifier {
    /// The algorithm the key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Public(algorithm, _) => *algorithm,
            Self::Mac(_) => Algorithm::Hs256,
        }
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// [`JoseError::AlgorithmMismatch`] when the token names another algorithm than the key's, and
    /// [`JoseError::Signature`] when the signature is not the key's.
    pub fn verify(&self, token: &Compact<'_>) -> Result<(), JoseError> {
        if token.algorithm() != self.algorithm() {
            return Err(JoseError::AlgorithmMismatch(token.algorithm()));
        }
        let (message, signature) = (token.signing_input().as_bytes(), token.signature());
        match self {
            // The fixed-width ECDSA verifiers check the exact length and that r and s are within the group's range.
            Self::Public(_, key) => key.verify_sig(message, signature).map_err(|_| JoseError::Signature),
            Self::Mac(key) => hmac::verify(&key.0, message, signature).map_err(|_| JoseError::Signature),
        }
    }
}
