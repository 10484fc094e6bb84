//! Where a credential stands in a request: where it is read from, and what is removed before the request goes on.

use std::fmt;

use durward_http::{Clean, CookieLimits, cookies, decode_component, field};
use http::header::HeaderName;

use crate::AuthnError;

/// A place of credentials (OpenAPI `in` and `name`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyPlace {
    /// A header field.
    Header(HeaderName),
    /// A query parameter, by its decoded name.
    Query(Box<str>),
    /// A cookie.
    Cookie(Box<str>),
}

impl KeyPlace {
    /// A place as the contract writes it.
    ///
    /// # Errors
    /// [`AuthnError::KeyPlace`] for a location that does not exist or a name that cannot be used there.
    pub fn new(location: &str, name: &str) -> Result<Self, AuthnError> {
        let wrong = |what| Err(AuthnError::KeyPlace(format!("`{name}` is not the name of a {what}")));
        match location {
            "header" => match HeaderName::from_bytes(name.as_bytes()) {
                Ok(header) => Ok(Self::Header(header)),
                Err(_) => wrong("header field"),
            },
            "query" if !name.is_empty() => Ok(Self::Query(name.into())),
            "query" => wrong("query parameter"),
            "cookie" if field::is_token(name) => Ok(Self::Cookie(name.into())),
            "cookie" => wrong("cookie"),
            other => {
                Err(AuthnError::KeyPlace(format!("`{other}` is not a place; write `header`, `query` or `cookie`")))
            }
        }
    }

    /// The word the contract uses.
    #[must_use]
    pub const fn location(&self) -> &'static str {
        match self {
            Self::Header(_) => "header",
            Self::Query(_) => "query",
            Self::Cookie(_) => "cookie",
        }
    }

    /// The name there.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name) => name.as_str(),
            Self::Query(name) | Self::Cookie(name) => name,
        }
    }

    /// What stands there; an error when it cannot be read or stands there twice, even with equal values.
    pub(crate) fn read(&self, clean: &Clean) -> Result<Option<String>, String> {
        let found = match self {
            Self::Header(name) => field::single_text(clean.facts().headers(), name)
                .map_err(|problem| problem.to_string())?
                .map(str::to_owned),
            Self::Query(name) => {
                let named = clean.query().pairs().filter(|pair| decoded(pair.name).as_deref() == Some(&**name));
                match once(named)? {
                    Some(pair) => Some(decoded(pair.value).ok_or("value has an invalid escape")?),
                    None => None,
                }
            }
            Self::Cookie(name) => {
                let all = cookies(clean.facts().headers(), CookieLimits::default());
                let all = all.map_err(|problem| problem.to_string())?;
                once(all.into_iter().filter(|(known, _)| *known == &**name))?.map(|(_, value)| value.to_owned())
            }
        };
        match found {
            Some(text) if text.is_empty() => Err("credential is empty".to_owned()),
            found => Ok(found),
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    decode_component(text, true).ok().map(std::borrow::Cow::into_owned)
}

fn once<T>(mut all: impl Iterator<Item = T>) -> Result<Option<T>, String> {
    let first = all.next();
    if all.next().is_some() { Err("credential is given more than once".to_owned()) } else { Ok(first) }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.location(), self.name())
    }
}
