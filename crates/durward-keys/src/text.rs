//! The text of an API key: `dwk_<environment>_<id>_<secret>_<checksum>`.
//!
//! The id is public: 10 characters of lower-case base32. The secret is 43 characters of base62, which is 256 bits. The
//! checksum (CRC-32 of everything before it, in base62) tells a mistyped key from a wrong one without a look at the
//! store, and lets scanners for leaked secrets be sure. No part contains an underscore, so the parts split one way only.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::KeyProblem;

/// A regular expression for scanners of leaked secrets.
pub const KEY_PATTERN: &str = r"\bdwk_[a-z0-9]{1,16}_[0-9a-hjkmnp-tv-z]{10}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b";

const PREFIX: &str = "dwk";
pub(crate) const KID_LENGTH: usize = 10;
const SECRET_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;
const ENVIRONMENT_LIMIT: usize = 16;
/// The longest key text.
const TEXT_LIMIT: usize = PREFIX.len() + ENVIRONMENT_LIMIT + KID_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH + 4;

const BASE32: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";
const BASE62: [u8; 62] = *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The public id in the text of a key, also when the text was cut or mistyped after it: what was found of a leaked key
/// is enough to revoke it.
#[must_use]
pub fn kid_in(text: &str) -> Option<&str> {
    let mut parts = text.trim().split('_');
    let (prefix, environment, kid) = (parts.next()?, parts.next()?, parts.next()?);
    (prefix == PREFIX && !environment.is_empty() && kid.len() == KID_LENGTH).then_some(kid)
}

/// The id of a key as the snapshot looks it up.
pub(crate) type Kid = [u8; KID_LENGTH];

/// A key text whose form and checksum are right.
pub(crate) struct KeyText<'a> {
    /// The public id.
    pub kid: Kid,
    /// What the MAC covers: everything before the checksum, so that a MAC belongs to one id and one environment.
    pub covered: &'a [u8],
}

impl<'a> KeyText<'a> {
    /// Reads a text. Looks at nothing but the text.
    pub(crate) fn parse(text: &'a str) -> Result<Self, KeyProblem> {
        if text.len() > TEXT_LIMIT {
            return Err(KeyProblem::Malformed);
        }
        let (covered, checksum) = text.rsplit_once('_').ok_or(KeyProblem::Malformed)?;
        let mut parts = covered.split('_');
        let (Some(PREFIX), Some(environment), Some(kid), Some(secret), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(KeyProblem::Malformed);
        };
        let kid: Kid = kid.as_bytes().try_into().map_err(|_| KeyProblem::Malformed)?;
        let formed = is_environment(environment)
            && kid.iter().all(|byte| BASE32.contains(byte))
            && secret.len() == SECRET_LENGTH
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && checksum.len() == CHECKSUM_LENGTH
            && checksum.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !formed {
            return Err(KeyProblem::Malformed);
        }
        if checksum.as_bytes() != checksum_of(covered.as_bytes()) {
            return Err(KeyProblem::Checksum);
        }
        Ok(Self { kid, covered: covered.as_bytes() })
    }
}

/// Whether a word can be the environment of a key.
pub(crate) fn is_environment(word: &str) -> bool {
    (1..=ENVIRONMENT_LIMIT).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A new key text; `None` when the system gives no random numbers.
pub(crate) fn generate(environment: &str) -> Option<Zeroizing<String>> {
    let kid = letters(KID_LENGTH, &BASE32)?;
    let secret = letters(SECRET_LENGTH, &BASE62)?;
    let mut text = Zeroizing::new(String::with_capacity(TEXT_LIMIT));
    for part in [PREFIX, environment, &kid, &secret] {
        text.push_str(part);
        text.push('_');
    }
    text.pop();
    let checksum = checksum_of(text.as_bytes());
    text.push('_');
    text.extend(checksum.iter().map(|byte| char::from(*byte)));
    Some(text)
}

/// Random letters, each as likely as the other: bytes beyond the last whole multiple of the alphabet are thrown away.
fn letters(count: usize, alphabet: &[u8]) -> Option<Zeroizing<String>> {
    let whole = 256 - 256 % alphabet.len();
    let mut word = Zeroizing::new(String::with_capacity(count));
    while word.len() < count {
        let bytes = Zeroizing::new(random::<64>()?);
        let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < whole);
        for byte in fair.take(count - word.len()) {
            word.push(char::from(*alphabet.get(byte % alphabet.len())?));
        }
    }
    Some(word)
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Option<Vec<u8>> {
    let mut bytes = vec![0; N];
    rand::fill(&mut bytes).ok()?;
    Some(bytes)
}

fn checksum_of(bytes: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32(bytes) as usize;
    let mut letters = [b'0'; CHECKSUM_LENGTH];
    for letter in letters.iter_mut().rev() {
        *letter = BASE62.get(rest % BASE62.len()).copied().unwrap_or(b'0');
        rest /= BASE62.len();
    }
    letters
}

/// CRC-32 (ISO-HDLC, as in zlib).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let entry = CRC_TABLE.get(usize::from(crc as u8 ^ byte)).copied().unwrap_or_default();
        crc >> 8 ^ entry
    })
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut entry = at as u32;
        let mut bit = 0;
        while bit < 8 {
            entry = if entry & 1 == 1 { entry >> 1 ^ 0xedb8_8320 } else { entry >> 1 };
            bit += 1;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "computed by the compiler, where an index out of range is an error"
        )]
        {
            table[at] = entry;
        }
        at += 1;
    }
    table
};
