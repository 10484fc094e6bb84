//! What a verified token says, read strictly (RFC 7519, RFC 9068), and whether it is meant for us, now.
//!
//! Reading happens once per token and its result may be cached; [`Claims::judge`] happens at every request. So a
//! token that is cached as authentic still fails where its audience or its time does not fit.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::config::Profile;
use crate::json::{Member, Members};

const MAX_DEPTH: usize = 8;
const MAX_AUDIENCES: usize = 64;
const MAX_SCOPES: usize = 128;
const MAX_NAME_BYTES: usize = 512;

/// Claims that only tokens of other kinds have: an ID token, a logout token, a security event.
const OTHER_KINDS: [&str; 5] = ["nonce", "at_hash", "c_hash", "s_hash", "events"];

/// Why a token is not accepted, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimFault {
    /// The payload is not a strict JSON object.
    Json(String),
    /// A claim that must be there is not.
    Missing(&'static str),
    /// A claim has the wrong type, is too long or has control characters.
    Malformed(&'static str),
    /// `iss` is not the configured issuer.
    Issuer,
    /// `aud` does not name this service.
    Audience,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` lies in the future.
    NotYet(&'static str),
    /// `typ` is that of another kind of token.
    Type,
    /// A claim that only another kind of token has.
    OtherKind(&'static str),
    /// The token is bound to a key that its sender must prove, and was presented as a bearer token.
    SenderConstrained,
}

impl fmt::Display for ClaimFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(why) => write!(f, "payload is not a strict json object: {why}"),
            Self::Missing(name) => write!(f, "claim `{name}` is missing"),
            Self::Malformed(name) => write!(f, "claim `{name}` is malformed"),
            Self::Issuer => f.write_str("claim `iss` is not the configured issuer"),
            Self::Audience => f.write_str("claim `aud` does not name this service"),
            Self::Expired => f.write_str("token is expired"),
            Self::NotYet(name) => write!(f, "claim `{name}` lies in the future"),
            Self::Type => f.write_str("header `typ` is that of another kind of token"),
            Self::OtherKind(name) => write!(f, "claim `{name}` belongs to another kind of token"),
            Self::SenderConstrained => f.write_str("token is bound to a key (`cnf`) and was sent as a bearer token"),
        }
    }
}

/// The claims that matter here. Authentic, and not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub(super) issuer: Arc<str>,
    pub(super) subject: Option<Arc<str>>,
    pub(super) client: Option<Arc<str>>,
    pub(super) id: Option<Arc<str>>,
    pub(super) audience: SmallVec<[Box<str>; 1]>,
    pub(super) expires: u64,
    pub(super) not_before: Option<u64>,
    pub(super) issued: Option<u64>,
    pub(super) scopes: Arc<[Arc<str>]>,
}

/// What a token must fit.
#[derive(Debug)]
pub struct Expectation<'c> {
    /// The one issuer.
    pub issuer: &'c str,
    /// Any of these names us.
    pub audience: &'c [Box<str>],
    /// How far clocks may differ, in seconds.
    pub skew: u64,
}

impl Claims {
    /// Reads the payload of a token whose signature verified.
    ///
    /// # Errors
    /// [`ClaimFault`] when a claim is missing or malformed, or the token is of another kind.
    pub fn read(
        typ: Option<&str>,
        payload: &[u8],
        scope_claim: &str,
        profile: Option<Profile>,
    ) -> Result<Self, ClaimFault> {
        let strict = profile == Some(Profile::Rfc9068);
        kind(typ, strict)?;
        let members = Members::read(payload, MAX_DEPTH).map_err(ClaimFault::Json)?;
        if let Some(name) = OTHER_KINDS.into_iter().find(|name| members.find(name).is_some()) {
            return Err(ClaimFault::OtherKind(name));
        }
        if members.find("cnf").is_some() {
            return Err(ClaimFault::SenderConstrained);
        }
        let claims = Self {
            issuer: name(&members, "iss")?.ok_or(ClaimFault::Missing("iss"))?,
            subject: name(&members, "sub")?,
            client: match name(&members, "client_id")? {
                None if !strict => name(&members, "azp")?,
                client => client,
            },
            id: name(&members, "jti")?,
            audience: audience(&members)?,
            expires: date(&members, "exp")?.ok_or(ClaimFault::Missing("exp"))?,
            not_before: date(&members, "nbf")?,
            issued: date(&members, "iat")?,
            scopes: scopes(&members, scope_claim)?,
        };
        claims.complete(strict)?;
        Ok(claims)
    }

    /// Whether the token is from the issuer, for us, and valid now.
    ///
    /// # Errors
    /// [`ClaimFault`] for the first claim that does not fit.
    pub fn judge(&self, expected: &Expectation<'_>, now: u64) -> Result<(), ClaimFault> {
        if *self.issuer != *expected.issuer {
            return Err(ClaimFault::Issuer);
        }
        if !self.audience.iter().any(|named| expected.audience.contains(named)) {
            return Err(ClaimFault::Audience);
        }
        // RFC 7519 section 4.1.4: on or after `exp` the token must not be accepted.
        if now >= self.expires.saturating_add(expected.skew) {
            return Err(ClaimFault::Expired);
        }
        for (claim, moment) in [("nbf", self.not_before), ("iat", self.issued)] {
            if moment.is_some_and(|moment| moment > now.saturating_add(expected.skew)) {
                return Err(ClaimFault::NotYet(claim));
            }
        }
        Ok(())
    }

    fn complete(&self, strict: bool) -> Result<(), ClaimFault> {
        if strict {
            let required = [
                ("sub", self.subject.is_some()),
                ("client_id", self.client.is_some()),
                ("iat", self.issued.is_some()),
                ("jti", self.id.is_some()),
            ];
            if let Some((claim, _)) = required.into_iter().find(|(_, present)| !present) {
                return Err(ClaimFault::Missing(claim));
            }
        } else if self.subject.is_none() && self.client.is_none() {
            return Err(ClaimFault::Missing("sub"));
        }
        Ok(())
    }
}

/// The kind of token its header declares (RFC 8725 section 3.11): only access tokens pass, and tokens that declare
/// nothing more than being a JWT.
fn kind(typ: Option<&str>, strict: bool) -> Result<(), ClaimFault> {
    let plain = typ.map(str::to_ascii_lowercase);
    let plain = plain.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    match plain {
        Some("at+jwt") => Ok(()),
        None | Some("jwt") if !strict => Ok(()),
        _ => Err(ClaimFault::Type),
    }
}

/// A name that will be written to records and headers: short, printable, never empty.
fn name(members: &Members, claim: &'static str) -> Result<Option<Arc<str>>, ClaimFault> {
    match members.find(claim) {
        None => Ok(None),
        Some(Member::Text(text)) if is_name(text) => Ok(Some(Arc::from(&**text))),
        Some(_) => Err(ClaimFault::Malformed(claim)),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && !text.chars().any(char::is_control)
}

/// A NumericDate: an integer that is not negative. Fractions and texts are refused, not rounded.
fn date(members: &Members, claim: &'static str) -> Result<Option<u64>, ClaimFault> {
    match members.find(claim) {
        None => Ok(None),
        Some(Member::Whole(seconds)) => Ok(Some(*seconds)),
        Some(_) => Err(ClaimFault::Malformed(claim)),
    }
}

fn audience(members: &Members) -> Result<SmallVec<[Box<str>; 1]>, ClaimFault> {
    match members.find("aud") {
        None => Err(ClaimFault::Missing("aud")),
        Some(Member::Text(one)) => Ok(SmallVec::from_iter([one.clone()])),
        Some(Member::List(all)) if !all.is_empty() && all.len() <= MAX_AUDIENCES => {
            all.iter().map(|one| one.text().map(Box::from).ok_or(ClaimFault::Malformed("aud"))).collect()
        }
        Some(_) => Err(ClaimFault::Malformed("aud")),
    }
}

/// Scopes as a text separated by spaces (RFC 8693 section 4.2) or as an array of texts, sorted and without repeats.
fn scopes(members: &Members, claim: &str) -> Result<Arc<[Arc<str>]>, ClaimFault> {
    const MALFORMED: ClaimFault = ClaimFault::Malformed("scope");
    // The usual claim has two usual names.
    let found = members.find(claim).or_else(|| (claim == "scope").then(|| members.find("scp")).flatten());
    let texts: Vec<&str> = match found {
        None => Vec::new(),
        Some(Member::Text(text)) => text.split(' ').filter(|scope| !scope.is_empty()).collect(),
        Some(Member::List(all)) => all.iter().map(|one| one.text().ok_or(MALFORMED)).collect::<Result<_, _>>()?,
        Some(_) => return Err(MALFORMED),
    };
    if texts.len() > MAX_SCOPES || !texts.iter().all(|scope| is_scope(scope)) {
        return Err(MALFORMED);
    }
    let mut scopes: Vec<Arc<str>> = texts.into_iter().map(Arc::from).collect();
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes.into())
}

/// A scope-token (RFC 6749 section 3.3).
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}
