//! Tokens whose signature verified a moment ago.
//!
//! What is kept is that a token is authentic, never that it is allowed: the key is a digest over the whole token and
//! the authenticator that verified it, the value is what the token claims, and audience, time and key generation are
//! judged at every hit. Only positive results are kept.

use std::sync::Arc;

use aws_lc_rs::digest;
use durward_core::Moment;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::claims::Claims;

/// How long an entry lives at most.
const MAX_SECONDS: u64 = 300;
/// How much memory the entries may take together, roughly.
const MAX_BYTES: u64 = 16 << 20;
/// What an entry takes beside its claims.
const ENTRY_BYTES: usize = 256;

/// SHA-256 over authenticator and token.
pub(super) type Key = [u8; 32];

#[derive(Debug, Clone)]
struct Entry {
    claims: Arc<Claims>,
    generation: u64,
    until: u64,
    bytes: u64,
}

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<Key, Entry> for ByBytes {
    fn weight(&self, _key: &Key, entry: &Entry) -> u64 {
        entry.bytes
    }
}

/// A bounded cache that all authenticators of a plan share.
#[derive(Debug)]
pub struct TokenCache {
    entries: Cache<Key, Entry, ByBytes>,
}

impl Default for TokenCache {
    fn default() -> Self {
        Self { entries: Cache::with_weighter(8 * 1024, MAX_BYTES, ByBytes) }
    }
}

impl TokenCache {
    /// The name of a token as one authenticator sees it.
    pub(super) fn key(authenticator: u64, token: &str) -> Key {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&authenticator.to_be_bytes());
        context.update(token.as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(context.finish().as_ref());
        key
    }

    pub(super) fn find(&self, key: &Key, generation: u64, now: Moment) -> Option<Arc<Claims>> {
        let entry = self.entries.get(key)?;
        (entry.generation == generation && now.unix_seconds() < entry.until).then_some(entry.claims)
    }

    pub(super) fn keep(&self, key: Key, claims: &Arc<Claims>, generation: u64, token_bytes: usize, now: Moment) {
        let until = claims.expires.min(now.unix_seconds().saturating_add(MAX_SECONDS));
        // Claims are copied out of the token, so its length bounds them up to a small factor.
        let bytes = u64::try_from(ENTRY_BYTES + 2 * token_bytes).unwrap_or(u64::MAX);
        self.entries.insert(key, Entry { claims: Arc::clone(claims), generation, until, bytes });
    }

    /// How many tokens are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no token is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
