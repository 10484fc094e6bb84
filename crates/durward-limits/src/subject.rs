//! Whose count it is.

use std::net::IpAddr;

use durward_core::{Caller, Principal, PrincipalKind, StageId};

/// Whom a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject<'a> {
    /// An IPv4 address.
    V4([u8; 4]),
    /// The /64 network of an IPv6 address: one subscriber has at least that many addresses (RFC 6177), so a single
    /// address is no subject.
    V6([u8; 8]),
    /// Somebody who proved who it is.
    Principal {
        /// What kind.
        kind: PrincipalKind,
        /// Who vouches for it.
        issuer: &'a str,
        /// The identity within the issuer.
        subject: &'a str,
    },
}

impl Subject<'static> {
    /// The subject behind an address. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

impl<'a> Subject<'a> {
    /// The caller, or the address of one who did not say who it is.
    #[must_use]
    pub fn caller(caller: &'a Caller, address: IpAddr) -> Self {
        match caller.principal() {
            Some(Principal { kind: PrincipalKind::Anonymous, .. }) | None => Subject::address(address),
            Some(Principal { kind, issuer, subject }) => Subject::Principal { kind: *kind, issuer, subject },
        }
    }
}

/// One count: which limit, of which stage, for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LimitKey<'a> {
    /// The stage the limit belongs to, so that the names of two stages never meet.
    pub stage: StageId,
    /// The name of the limit in the policy.
    pub limit: &'a str,
    /// For whom.
    pub subject: Subject<'a>,
}
