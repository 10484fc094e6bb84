//! A request that the first stage found unambiguous.

use std::borrow::Cow;
use std::net::IpAddr;

use durward_core::{Evidence, Notes};

use crate::{Authority, CanonicalPath, Facts, Query};

/// A request with one meaning: its path is canonical, its query is well formed, its authority is one host, and the
/// address of its client is known. Each part can only be built by its own reader, so having a `Clean` proves all four.
#[derive(Debug)]
pub struct Clean {
    facts: Facts,
    path: CanonicalPath,
    query: Query,
    authority: Authority,
    client: IpAddr,
}

impl Clean {
    /// Puts the proven parts together.
    #[must_use]
    pub const fn new(facts: Facts, path: CanonicalPath, query: Query, authority: Authority, client: IpAddr) -> Self {
        Self { facts, path, query, authority, client }
    }

    /// The facts.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The one path: routing, policy and the upstream all see this.
    #[must_use]
    pub const fn path(&self) -> &CanonicalPath {
        &self.path
    }

    /// The query.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// The host the request is for.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The address of the client, after trusted hops.
    #[must_use]
    pub const fn client(&self) -> IpAddr {
        self.client
    }

    /// Gives the facts back for the way to the upstream.
    #[must_use]
    pub fn into_facts(self) -> Facts {
        self.facts
    }
}

impl Evidence for Clean {
    fn note(&self, notes: &mut Notes) {
        notes.client = Some(self.client);
        if notes.path.as_deref() != Some(self.path.as_str()) {
            notes.path = Some(self.path.as_str().into());
        }
        notes.query_names = self.query.pairs().map(|pair| pair.name.into()).collect();
    }
}

impl Evidence for Facts {
    fn note(&self, notes: &mut Notes) {
        notes.client = Some(self.connection().peer.ip());
        notes.method = Some(method_name(self.method()));
        notes.path = Some(self.uri().path().into());
    }
}

/// The methods of every day need no memory of their own.
fn method_name(method: &http::Method) -> Cow<'static, str> {
    const USUAL: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let usual = USUAL.iter().find(|name| **name == method.as_str());
    usual.map_or_else(|| Cow::Owned(method.as_str().to_owned()), |name| Cow::Borrowed(*name))
}
