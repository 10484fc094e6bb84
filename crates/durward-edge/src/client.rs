//! Whose request it is: the peer's, unless the peer is a trusted hop.

use std::net::{IpAddr, SocketAddr};

use durward_core::{Denial, Reason};
use durward_http::Facts;
use http::HeaderMap;
use ipnet::IpNet;

use crate::ForwardedField;

/// The address of the client: walking the forwarded chain from the right, the first that is not a trusted hop.
pub(crate) fn address(facts: &Facts, trusted: &[IpNet], field: ForwardedField) -> Result<IpAddr, Denial> {
    let peer = canonical(facts.connection().peer.ip());
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    if trusted.is_empty() || !is_trusted(peer) {
        return Ok(peer);
    }
    let mut client = peer;
    for hop in chain(facts.headers(), field)?.into_iter().rev() {
        client = hop;
        if !is_trusted(hop) {
            break;
        }
    }
    Ok(client)
}

fn chain(headers: &HeaderMap, field: ForwardedField) -> Result<Vec<IpAddr>, Denial> {
    let (name, read): (&str, fn(&str) -> Option<IpAddr>) = match field {
        ForwardedField::XForwardedFor => ("x-forwarded-for", node),
        ForwardedField::Forwarded => ("forwarded", forwarded_for),
    };
    let mut hops = Vec::new();
    for value in headers.get_all(name) {
        let text = value.to_str().map_err(|_| unreadable(name))?;
        for element in text.split(',') {
            hops.push(read(element.trim()).ok_or_else(|| unreadable(name))?);
        }
        if hops.len() > MAX_HOPS {
            return Err(unreadable(name));
        }
    }
    Ok(hops)
}

fn unreadable(name: &str) -> Denial {
    Denial::new(Reason::HeaderInvalid)
        .detail(format!("`{name}` of a trusted hop cannot be read"))
        .tell(name, "a list of addresses")
}

/// `for=` of one RFC 7239 element.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| node(value.trim().trim_matches('"')))?
    })
}

/// An address with or without a port, IPv6 with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let address =
        text.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip())).or_else(
            || text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|inner| inner.parse().ok()),
        )?;
    Some(canonical(address))
}

/// `::ffff:a.b.c.d` is the same client as `a.b.c.d`.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

const MAX_HOPS: usize = 32;
