//! The host a request is for.
//!
//! One host, one spelling: it chooses the API, so `Host` must not be readable in two ways. Whether it agrees with the
//! target and with the TLS name is not decided here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why text is not a host with an optional port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityProblem {
    /// There is no host.
    #[error("the host is empty")]
    Empty,
    /// Longer than 255 bytes.
    #[error("the authority is longer than {LONGEST} bytes")]
    TooLong,
    /// `user@host`: half of the parsers take the wrong side of the `@`.
    #[error("the authority holds user information")]
    UserInfo,
    /// A character that no host name has: space, `/`, `%`, `,`, a control or a non-ASCII character.
    #[error("the host holds a character that no name has")]
    Character,
    /// An empty label (also a trailing dot, another spelling of the same name) or one longer than 63 bytes.
    #[error("the host has an empty or too long label")]
    Label,
    /// Text that looks like an address and is none, like `127.1` or `0x7f.0.0.1`, which resolvers read as one.
    #[error("the host is not a valid address")]
    Address,
    /// Not `1` to `65535` in plain decimal.
    #[error("the port is not a number from 1 to 65535")]
    Port,
}

/// A host in lower case, with its port if one was given.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    text: Box<str>,
    host_length: usize,
    port: Option<u16>,
    ip: Option<IpAddr>,
}

impl Authority {
    /// Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`.
    ///
    /// # Errors
    /// Anything else; see [`AuthorityProblem`].
    pub fn parse(raw: &str) -> Result<Self, AuthorityProblem> {
        if raw.len() > LONGEST {
            return Err(AuthorityProblem::TooLong);
        }
        if raw.contains('@') {
            return Err(AuthorityProblem::UserInfo);
        }
        if let Some(bracketed) = raw.strip_prefix('[') {
            let (inner, after) = bracketed.split_once(']').ok_or(AuthorityProblem::Address)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| AuthorityProblem::Address)?;
            let port = match after.strip_prefix(':') {
                Some(port) => Some(parse_port(port)?),
                None if after.is_empty() => None,
                None => return Err(AuthorityProblem::Character),
            };
            let host = format!("[{address}]");
            let text = port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
            return Ok(Self { text: text.into(), host_length: host.len(), port, ip: Some(address.into()) });
        }
        let (host, port) = match raw.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (raw, None),
        };
        let ip = check_name(host)?;
        // A port has one spelling, so only the case of the name is to be settled.
        Ok(Self { text: raw.to_ascii_lowercase().into(), host_length: host.len(), port, ip })
    }

    /// The host in lower case; an IPv6 address keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.get(..self.host_length).unwrap_or_default()
    }

    /// The port, if one was given.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The address, where the host is one.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// Host and port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

const LONGEST: usize = 255;

fn parse_port(text: &str) -> Result<u16, AuthorityProblem> {
    if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AuthorityProblem::Port);
    }
    text.parse().map_err(|_| AuthorityProblem::Port)
}

fn check_name(host: &str) -> Result<Option<IpAddr>, AuthorityProblem> {
    if host.is_empty() {
        return Err(AuthorityProblem::Empty);
    }
    let (mut label, mut longest, mut shortest, mut known) = (0usize, 0, usize::MAX, true);
    for byte in host.bytes() {
        known &= byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if byte == b'.' {
            (longest, shortest) = (longest.max(label), shortest.min(label));
            label = 0;
        } else {
            label += 1;
        }
    }
    if !known {
        return Err(AuthorityProblem::Character);
    }
    if shortest.min(label) == 0 || longest.max(label) > 63 {
        return Err(AuthorityProblem::Label);
    }
    // The last label decides, as in the WHATWG URL standard: no top-level domain is a number.
    let last = host.rsplit('.').next().unwrap_or_default();
    let digits = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !is_number {
        return Ok(None);
    }
    let address: Ipv4Addr = host.parse().map_err(|_| AuthorityProblem::Address)?;
    Ok(Some(address.into()))
}

#[cfg(test)]
mod tests {
    use super::{Authority, AuthorityProblem};

    #[test]
    fn accepts() {
        for (raw, host, port, text) in [
            ("example.com", "example.com", None, "example.com"),
            ("EXAMPLE.Com:8443", "example.com", Some(8443), "example.com:8443"),
            ("localhost", "localhost", None, "localhost"),
            ("my_service:80", "my_service", Some(80), "my_service:80"),
            ("a-b.c", "a-b.c", None, "a-b.c"),
            ("3com.example", "3com.example", None, "3com.example"),
            ("127.0.0.1:1", "127.0.0.1", Some(1), "127.0.0.1:1"),
            ("[::1]", "[::1]", None, "[::1]"),
            ("[2001:DB8:0::1]:65535", "[2001:db8::1]", Some(65535), "[2001:db8::1]:65535"),
            ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", None, "[::ffff:1.2.3.4]"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", None, "xn--bcher-kva.example"),
        ] {
            let authority = Authority::parse(raw).unwrap_or_else(|problem| panic!("{raw}: {problem}"));
            assert_eq!((authority.host(), authority.port(), authority.as_str()), (host, port, text));
            assert_eq!(Authority::parse(authority.as_str()).as_ref(), Ok(&authority));
            assert_eq!(authority.ip().is_some(), host.starts_with('[') || host.starts_with("127"));
        }
    }

    #[test]
    fn refuses() {
        use AuthorityProblem::*;
        let long = "a.".repeat(127) + "ab";
        let label = "a".repeat(64);
        for (raw, expected) in [
            ("", Empty),
            (":80", Empty),
            ("user@example.com", UserInfo),
            ("user:pw@example.com", UserInfo),
            ("@", UserInfo),
            ("exa mple.com", Character),
            (" example.com", Character),
            ("example.com/", Character),
            ("example.com,evil.com", Character),
            ("ex%61mple.com", Character),
            ("exämple.com", Character),
            ("example.com\0", Character),
            ("example.com\\", Character),
            ("[::1]x", Character),
            ("example.com.", Label),
            (".example.com", Label),
            ("a..b", Label),
            (&label, Label),
            (&long, TooLong),
            ("127.1", Address),
            ("2130706433", Address),
            ("0x7f000001", Address),
            ("0x7f.0.0.0x1", Address),
            ("127.0.0.01", Address),
            ("256.1.1.1", Address),
            ("1.2.3.4.5", Address),
            ("[::1", Address),
            ("[]", Address),
            ("[fe80::1%25eth0]", Address),
            ("[127.0.0.1]", Address),
            ("[v1.a]", Address),
            ("::1", Port),
            ("example.com:", Port),
            ("example.com:0", Port),
            ("example.com:080", Port),
            ("example.com:65536", Port),
            ("example.com:+80", Port),
            ("example.com:80 ", Port),
            ("example.com:http", Port),
            ("a:80:80", Port),
            ("[::1]:", Port),
        ] {
            assert_eq!(Authority::parse(raw), Err(expected), "{raw}");
        }
    }
}
