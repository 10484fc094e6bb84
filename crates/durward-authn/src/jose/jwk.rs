//! One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037), read strictly.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::rsa::{self, RsaFault};
use super::{Algorithm, KeyFamily, Verifier, base64url};
use crate::json::{Member, Members};

/// A public key that may verify with one or more algorithms of its family.
#[derive(Debug)]
pub struct PublicKey {
    kid: Option<Box<str>>,
    verifiers: Vec<Verifier>,
}

impl PublicKey {
    /// The name the issuer gave it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key bound to an algorithm, when it may be used with it.
    #[must_use]
    pub fn verifier(&self, algorithm: Algorithm) -> Option<&Verifier> {
        self.verifiers.iter().find(|verifier| verifier.algorithm() == algorithm)
    }
}

/// Why a key of a set is not used: for the operator, so it names members but no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    /// The entry is not an object.
    NotAnObject,
    /// A member is missing, has the wrong type, or is not strict base64url.
    Member(&'static str),
    /// `use` is not `sig`, or `key_ops` lacks `verify`.
    NotForVerification,
    /// A private or symmetric member was published.
    SecretPublished(&'static str),
    /// `alg` does not belong to the key's type and curve.
    AlgorithmForeign(Box<str>),
    /// `alg` is not on the issuer's list of allowed algorithms.
    AlgorithmNotAllowed(Box<str>),
    /// The RSA modulus has too few or too many bits.
    RsaSize(usize),
    /// The RSA numbers are not a key.
    RsaInvalid(&'static str),
    /// The modulus comes from the generator of CVE-2017-15361.
    Roca,
    /// The curve is not one that is supported.
    Curve(Box<str>),
    /// The point is not on the curve, or a coordinate has the wrong length.
    Point,
    /// A type of key that is not used for signatures here.
    KeyType(Box<str>),
    /// Two keys of the set have this `kid` and serve the same algorithm.
    Duplicate,
}

impl KeyFault {
    /// Whether the key is merely not for us: issuers publish keys for encryption and for other algorithms beside those
    /// that sign our tokens, and there is nothing to mend.
    #[must_use]
    pub const fn is_harmless(&self) -> bool {
        match self {
            Self::NotForVerification | Self::AlgorithmNotAllowed(_) | Self::Curve(_) | Self::KeyType(_) => true,
            Self::NotAnObject
            | Self::Member(_)
            | Self::SecretPublished(_)
            | Self::AlgorithmForeign(_)
            | Self::RsaSize(_)
            | Self::RsaInvalid(_)
            | Self::Roca
            | Self::Point
            | Self::Duplicate => false,
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("is not an object"),
            Self::Member(name) => write!(f, "member `{name}` is missing or malformed"),
            Self::NotForVerification => f.write_str("is not for verifying signatures (`use` or `key_ops`)"),
            Self::SecretPublished(name) => {
                write!(f, "publishes the secret member `{name}`; treat the key as compromised")
            }
            Self::AlgorithmForeign(name) => write!(f, "algorithm `{name}` does not fit its type and curve"),
            Self::AlgorithmNotAllowed(name) => write!(f, "algorithm `{name}` is not among the allowed algorithms"),
            Self::RsaSize(bits) => write!(f, "rsa modulus has {bits} bits; 2048 to 8192 are allowed"),
            Self::RsaInvalid(name) => write!(f, "rsa number `{name}` is not that of a key"),
            Self::Roca => f.write_str("rsa modulus is factorable (ROCA, CVE-2017-15361)"),
            Self::Curve(name) => write!(f, "curve `{name}` is not supported"),
            Self::Point => f.write_str("coordinates are not a point of the curve"),
            Self::KeyType(name) => write!(f, "key type `{name}` is not supported"),
            Self::Duplicate => f.write_str("shares its `kid` and algorithm with another key"),
        }
    }
}

/// The members that only the owner of a key may know.
const SECRET: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Reads one key of a set.
pub(crate) fn read(key: &Members, allowed: &[Algorithm]) -> Result<PublicKey, KeyFault> {
    let kid = optional_text(key, "kid")?.map(Box::from);
    let kty = required_text(key, "kty")?;
    if let Some(name) = SECRET.into_iter().find(|name| key.find(name).is_some()) {
        return Err(KeyFault::SecretPublished(name));
    }
    for_verification(key)?;
    let (family, material) = match kty {
        "RSA" => (KeyFamily::Rsa, Material::rsa(key)?),
        "EC" => Material::point(key)?,
        "OKP" => (KeyFamily::Ed25519, Material::edwards(key)?),
        other => return Err(KeyFault::KeyType(other.into())),
    };
    let algorithms = algorithms(key, family, allowed)?;
    let verifiers = algorithms.into_iter().map(|algorithm| material.bind(algorithm)).collect::<Result<_, _>>()?;
    Ok(PublicKey { kid, verifiers })
}

fn for_verification(key: &Members) -> Result<(), KeyFault> {
    if optional_text(key, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(KeyFault::NotForVerification);
    }
    match key.find("key_ops") {
        None => Ok(()),
        Some(Member::List(operations)) if operations.iter().any(|name| name.text() == Some("verify")) => Ok(()),
        Some(Member::List(_)) => Err(KeyFault::NotForVerification),
        Some(_) => Err(KeyFault::Member("key_ops")),
    }
}

/// The algorithms a key serves: its own `alg`, or every allowed one of its family when it names none.
fn algorithms(key: &Members, family: KeyFamily, allowed: &[Algorithm]) -> Result<Vec<Algorithm>, KeyFault> {
    let Some(name) = optional_text(key, "alg")? else {
        let fitting: Vec<_> = allowed.iter().copied().filter(|algorithm| algorithm.family() == family).collect();
        return if fitting.is_empty() {
            Err(KeyFault::AlgorithmNotAllowed(family_name(family).into()))
        } else {
            Ok(fitting)
        };
    };
    match Algorithm::from_name(name) {
        Some(algorithm) if algorithm.family() != family => Err(KeyFault::AlgorithmForeign(name.into())),
        Some(algorithm) if allowed.contains(&algorithm) => Ok(vec![algorithm]),
        Some(_) | None => Err(KeyFault::AlgorithmNotAllowed(name.into())),
    }
}

const fn family_name(family: KeyFamily) -> &'static str {
    match family {
        KeyFamily::Rsa => "RSA",
        KeyFamily::P256 => "P-256",
        KeyFamily::P384 => "P-384",
        KeyFamily::Ed25519 => "Ed25519",
        KeyFamily::Secret => "oct",
    }
}

/// The numbers of a key, checked, before they are bound to an algorithm.
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Raw(Vec<u8>),
}

impl Material {
    fn rsa(key: &Members) -> Result<Self, KeyFault> {
        let (n, e) = (bytes(key, "n")?, bytes(key, "e")?);
        rsa::check(&n, &e).map_err(|fault| match fault {
            RsaFault::Size(bits) => KeyFault::RsaSize(bits),
            RsaFault::Shape(name) => KeyFault::RsaInvalid(name),
            RsaFault::Exponent => KeyFault::RsaInvalid("e"),
            RsaFault::Roca => KeyFault::Roca,
        })?;
        Ok(Self::Rsa { n, e })
    }

    fn point(key: &Members) -> Result<(KeyFamily, Self), KeyFault> {
        let (family, width) = match required_text(key, "crv")? {
            "P-256" => (KeyFamily::P256, 32),
            "P-384" => (KeyFamily::P384, 48),
            other => return Err(KeyFault::Curve(other.into())),
        };
        let (x, y) = (bytes(key, "x")?, bytes(key, "y")?);
        if x.len() != width || y.len() != width {
            return Err(KeyFault::Point);
        }
        // SEC 1 section 2.3.3: an uncompressed point.
        Ok((family, Self::Raw([&[4u8], x.as_slice(), y.as_slice()].concat())))
    }

    fn edwards(key: &Members) -> Result<Self, KeyFault> {
        match required_text(key, "crv")? {
            "Ed25519" => {}
            other => return Err(KeyFault::Curve(other.into())),
        }
        let x = bytes(key, "x")?;
        if x.len() == 32 { Ok(Self::Raw(x)) } else { Err(KeyFault::Point) }
    }

    fn bind(&self, algorithm: Algorithm) -> Result<Verifier, KeyFault> {
        let parsed = match (self, algorithm) {
            (Self::Rsa { n, e }, _) => {
                let parameters = rsa_parameters(algorithm).ok_or(KeyFault::RsaInvalid("alg"))?;
                RsaPublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .map_err(|_| KeyFault::RsaInvalid("n"))?
            }
            (Self::Raw(raw), Algorithm::Es256) => parse(&ECDSA_P256_SHA256_FIXED, raw)?,
            (Self::Raw(raw), Algorithm::Es384) => parse(&ECDSA_P384_SHA384_FIXED, raw)?,
            (Self::Raw(raw), _) => parse(&ED25519, raw)?,
        };
        Ok(Verifier::Public(algorithm, parsed))
    }
}

fn parse(algorithm: &'static dyn VerificationAlgorithm, raw: &[u8]) -> Result<ParsedPublicKey, KeyFault> {
    ParsedPublicKey::new(algorithm, raw).map_err(|_| KeyFault::Point)
}

const fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa | Algorithm::Hs256 => None,
    }
}

fn optional_text<'k>(key: &'k Members, name: &'static str) -> Result<Option<&'k str>, KeyFault> {
    match key.find(name) {
        None => Ok(None),
        Some(Member::Text(text)) if text.len() <= 256 => Ok(Some(text)),
        Some(_) => Err(KeyFault::Member(name)),
    }
}

fn required_text<'k>(key: &'k Members, name: &'static str) -> Result<&'k str, KeyFault> {
    optional_text(key, name)?.ok_or(KeyFault::Member(name))
}

fn bytes(key: &Members, name: &'static str) -> Result<Vec<u8>, KeyFault> {
    let text = key.find(name).and_then(Member::text).ok_or(KeyFault::Member(name))?;
    base64url::decode(text).ok_or(KeyFault::Member(name))
}
