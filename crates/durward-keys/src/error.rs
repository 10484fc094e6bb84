//! What can go wrong with API keys.

use std::fmt;

use durward_store::StoreError;

/// Why a key text was not accepted. For the record; a caller learns only that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyProblem {
    /// It is not the text of a Durward key.
    Malformed,
    /// It looks like one but its checksum is wrong: a typing or copying error, or a guess.
    Checksum,
    /// No key has this id.
    Unknown,
    /// The id exists, the secret is not its secret.
    WrongSecret,
    /// The key is past its end.
    Expired,
    /// The key is not valid yet.
    NotYet,
    /// The key was revoked.
    Revoked,
    /// The key is disabled.
    Disabled,
    /// The store changed and cannot be read, so nobody can say whether the key still counts.
    Unavailable,
}

impl KeyProblem {
    /// The name used in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Checksum => "checksum",
            Self::Unknown => "unknown",
            Self::WrongSecret => "wrong-secret",
            Self::Expired => "expired",
            Self::NotYet => "not-yet",
            Self::Revoked => "revoked",
            Self::Disabled => "disabled",
            Self::Unavailable => "unavailable",
        }
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the text is not a durward key",
            Self::Checksum => "the checksum of the key is wrong",
            Self::Unknown => "no key has this id",
            Self::WrongSecret => "the secret does not belong to the key",
            Self::Expired => "the key has expired",
            Self::NotYet => "the key is not valid yet",
            Self::Revoked => "the key was revoked",
            Self::Disabled => "the key is disabled",
            Self::Unavailable => "the key store cannot be read",
        })
    }
}

impl std::error::Error for KeyProblem {}

/// A failure to manage keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pepper is too short to protect anything.
    #[error("the pepper is {length} bytes long, it needs at least {least}; `openssl rand -hex 32` makes one")]
    PepperShort {
        /// The length in bytes.
        length: usize,
        /// The least length.
        least: usize,
    },
    /// The keys in the store were made with another pepper, so none of them would verify.
    #[error(
        "the pepper is not the one that the keys in the store ({keys}) were made with; restore the old pepper, or remove \
         the store and make new keys"
    )]
    PepperChanged {
        /// How many keys would be lost.
        keys: usize,
    },
    /// The random number generator of the system failed.
    #[error("the system gives no random numbers")]
    Random,
    /// A property of a new key is not allowed.
    #[error("the {what} `{}` is not allowed: {expected}", written.escape_debug())]
    Invalid {
        /// The property.
        what: &'static str,
        /// What was written.
        written: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// No key has this id.
    #[error("no key has the id `{}`; `durward keys list` shows the ids", .0.escape_debug())]
    Unknown(String),
    /// A revoked key stays revoked.
    #[error("the key `{0}` was revoked and stays revoked; make a new one")]
    Revoked(String),
    /// A record that this version of Durward cannot read. Ignoring it would ignore a revocation.
    #[error("the record of key `{kid}` cannot be read: {detail}")]
    Damaged {
        /// The id, as far as it can be read.
        kid: String,
        /// What is wrong with it.
        detail: String,
    },
}
