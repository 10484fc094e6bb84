//! Cookies of a request (RFC 6265bis section 4.2.1).
//!
//! Readers of cookies differ most where the grammar is bent: quoted values that hide a `;` (Jetty CVE-2023-26049), commas
//! as separators, names with odd characters. So the grammar of the standard is all that is read. Names may repeat; whoever wants one must refuse two.

use http::{HeaderMap, header};

use crate::field;

/// How many cookies, and how large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieLimits {
    /// The most cookies of one request.
    pub cookies: usize,
    /// The most bytes of all `Cookie` lines together.
    pub bytes: usize,
}

impl Default for CookieLimits {
    fn default() -> Self {
        Self { cookies: 64, bytes: 16 * 1024 }
    }
}

/// Why the cookies cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CookieProblem {
    /// More cookies than the limit.
    #[error("more than {0} cookies")]
    TooMany(usize),
    /// More bytes than the limit.
    #[error("the cookies are larger than {0} bytes")]
    TooLarge(usize),
    /// A piece without `=`, or with nothing in it.
    #[error("a cookie is not a name and a value")]
    NotAPair,
    /// A name that is not a token.
    #[error("a cookie name is not a token")]
    Name,
    /// A value with a character that a cookie cannot have (space, `,`, `"` inside, `\`, not ASCII).
    #[error("a cookie value holds a character that it must not")]
    Value,
}

/// All cookies of all `Cookie` lines in order. Values that are quoted as a whole keep their quotes, as in RFC 6265bis.
///
/// # Errors
/// Text that is not a cookie list, or is larger than the limits; see [`CookieProblem`].
pub fn cookies(headers: &HeaderMap, limits: CookieLimits) -> Result<Vec<(&str, &str)>, CookieProblem> {
    let (mut cookies, mut bytes) = (Vec::new(), 0_usize);
    for line in headers.get_all(header::COOKIE) {
        bytes = bytes.saturating_add(line.len());
        if bytes > limits.bytes {
            return Err(CookieProblem::TooLarge(limits.bytes));
        }
        let line = line.to_str().map_err(|_| CookieProblem::Value)?;
        for piece in line.trim_matches([' ', '\t']).split(';') {
            // The standard has one space after `;`; clients that write none or more mean the same to everyone.
            let (name, value) = piece.trim_start_matches(' ').split_once('=').ok_or(CookieProblem::NotAPair)?;
            check(name, value)?;
            if cookies.len() >= limits.cookies {
                return Err(CookieProblem::TooMany(limits.cookies));
            }
            cookies.push((name, value));
        }
    }
    Ok(cookies)
}

fn check(name: &str, value: &str) -> Result<(), CookieProblem> {
    if !field::is_token(name) {
        return Err(CookieProblem::Name);
    }
    let inner = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
    let is_octet = |byte| matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e);
    if inner.bytes().all(is_octet) { Ok(()) } else { Err(CookieProblem::Value) }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::{CookieLimits, CookieProblem, cookies};

    fn headers(lines: &[&str]) -> HeaderMap {
        let lines = lines.iter().map(|line| (header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap()));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn reads() {
        for (lines, expected) in [
            (&[][..], vec![]),
            (&["a=1"], vec![("a", "1")]),
            (&["a=1; b=2"], vec![("a", "1"), ("b", "2")]),
            (&["a=1;b=2;  c=3"], vec![("a", "1"), ("b", "2"), ("c", "3")]),
            (&["a=1", "b=2"], vec![("a", "1"), ("b", "2")]),
            (&["a=1; a=2"], vec![("a", "1"), ("a", "2")]),
            (&["a="], vec![("a", "")]),
            (&["a=b=c=="], vec![("a", "b=c==")]),
            (&["a=\"x\""], vec![("a", "\"x\"")]),
            (&["__Host-id=x.y-z"], vec![("__Host-id", "x.y-z")]),
        ] {
            assert_eq!(cookies(&headers(lines), CookieLimits::default()), Ok(expected), "{lines:?}");
        }
    }

    #[test]
    fn refuses() {
        use CookieProblem::*;
        let limits = CookieLimits { cookies: 2, bytes: 20 };
        for (lines, expected) in [
            (&[""][..], NotAPair),
            (&["a"], NotAPair),
            (&["a=1;"], NotAPair),
            (&["a=1;;b=2"], NotAPair),
            (&["=1"], Name),
            (&["a b=1"], Name),
            (&["a\t=1"], Name),
            (&["a =1"], Name),
            (&["a\"=1"], Name),
            (&["a= 1"], Value),
            (&["a=1 ; b=2"], Value),
            (&["a=x y"], Value),
            (&["a=1,b=2"], Value),
            (&["a=\"x; b=2\""], Value),
            (&["a=x\"y"], Value),
            (&["a=\"x\\\"y\""], Value),
            (&["a=\""], Value),
            (&["a=é"], Value),
            (&["a=1\tb"], Value),
            (&["a=1; b=2; c=3"], TooMany(2)),
            (&["a=1", "b=2", "c=3"], TooMany(2)),
            (&["a=12345678", "b=123456789"], TooLarge(20)),
        ] {
            assert_eq!(cookies(&headers(lines), limits), Err(expected), "{lines:?}");
        }
    }
}
