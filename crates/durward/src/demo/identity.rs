//! The demo's identity provider, as far as the demo needs one: a fresh key, its JWKS, and access tokens for people.
//!
//! The private key lives as long as the value and is never written anywhere.

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The `iss` of the tokens.
pub const ISSUER: &str = "https://id.shop.example";
/// The `aud` of the tokens.
pub const AUDIENCE: &str = "orders";

/// Makes access tokens (RFC 9068) signed with ES256.
pub struct DemoIssuer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl DemoIssuer {
    /// An issuer with a key of its own.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Self> {
        let key =
            EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| anyhow!("no key can be made"))?;
        Ok(Self { key, random: SystemRandom::new() })
    }

    /// The key set that verifies the tokens (RFC 7517).
    ///
    /// # Errors
    /// When the public key is not an uncompressed P-256 point, which would be a fault of the library.
    pub fn jwks(&self) -> Result<String> {
        let point = self.key.public_key().as_ref();
        let (x, y) = match point {
            [4, coordinates @ ..] => coordinates.split_at_checked(32),
            _ => None,
        }
        .context("the public key is not an uncompressed point")?;
        let key = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        Ok(json!({ "keys": [key] }).to_string())
    }

    /// A token for a person, valid for a day from `now` (Unix seconds). `scope` is a list separated by spaces.
    ///
    /// # Errors
    /// When signing fails.
    pub fn token(&self, subject: &str, scope: &str, now: u64) -> Result<String> {
        let header = json!({ "typ": "at+jwt", "alg": "ES256", "kid": KEY_ID });
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "client_id": "demo", "scope": scope,
            "jti": format!("demo-{now}"), "iat": now, "exp": now.saturating_add(DAY),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature =
            self.key.sign(&self.random, signed.as_bytes()).map_err(|_| anyhow!("the token cannot be signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

const KEY_ID: &str = "demo-1";
const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_jwks_verifies_the_token() {
        let issuer = DemoIssuer::new().unwrap();
        let jwks: Value = serde_json::from_str(&issuer.jwks().unwrap()).unwrap();
        let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwks["keys"][0][name].as_str().unwrap()).unwrap();
        let point = [vec![4], coordinate("x"), coordinate("y")].concat();
        let token = issuer.token("ana@shop.example", "orders:read", 1_790_000_000).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        assert!(key.verify(signed.as_bytes(), &signature).is_ok());
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["exp"], 1_790_086_400);
    }
}
