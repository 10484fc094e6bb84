//! How a document names a secret without containing it: `env:NAME` or `file:path`.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use durward_core::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

/// Where a secret is. Showing it shows the place, never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file, relative to the document that names it.
    File(PathBuf),
}

/// A secret and what should be said about its place.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The secret.
    pub secret: Secret,
    /// A file that others can read. Not an error, because mounted secrets are often group-readable on purpose.
    pub warning: Option<String>,
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The secret itself was written. The message does not repeat it.
    #[error("a secret cannot be written here; write where it is: `env:NAME` or `file:path`")]
    Literal,
    /// A reference without a name or path.
    #[error("`{0}` names nothing; write `env:NAME` or `file:path`")]
    Empty(&'static str),
    /// A name no environment variable has.
    #[error("`{0}` is not the name of an environment variable")]
    Name(String),
    /// The variable is not set.
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    /// The place is there, but it is empty.
    #[error("the secret at `{0}` is empty")]
    Blank(SecretRef),
    /// The file cannot be read or written.
    #[error("cannot use the secret file `{}`: {detail}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// The file is too large to be a secret.
    #[error("the secret file `{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
}

impl SecretRef {
    /// Reads the secret; a relative path starts at `base`. One newline at the end of a file is not part of the secret.
    ///
    /// # Errors
    /// When there is no secret at the place, or more than 64 KiB of it.
    pub fn resolve(&self, base: &Path) -> Result<Resolved, SecretError> {
        let resolved = match self {
            Self::Env(name) => Resolved { secret: from_environment(name)?, warning: None },
            Self::File(path) => from_file(&base.join(path), Trim::Newline)?,
        };
        if resolved.secret.expose().is_empty() { Err(SecretError::Blank(self.clone())) } else { Ok(resolved) }
    }
}

impl FromStr for SecretRef {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        match text.split_once(':') {
            Some(("env", "")) => Err(SecretError::Empty("env:")),
            Some(("file", "")) => Err(SecretError::Empty("file:")),
            Some(("env", name)) if name.contains(['=', '\0']) => Err(SecretError::Name(name.to_owned())),
            Some(("env", name)) => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            _ => Err(SecretError::Literal),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut text = String::deserialize(deserializer)?;
        let parsed = text.parse().map_err(serde::de::Error::custom);
        text.zeroize();
        parsed
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn from_environment(name: &str) -> Result<Secret, SecretError> {
    let value = std::env::var_os(name).ok_or_else(|| SecretError::Unset(name.to_owned()))?;
    Ok(Secret::new(value.into_encoded_bytes()))
}

/// What to leave off the end of a file.
#[derive(Clone, Copy)]
pub(crate) enum Trim {
    /// Nothing: the file is bytes.
    Nothing,
    /// One newline, which editors and `echo` add.
    Newline,
}

pub(crate) fn from_file(path: &Path, trim: Trim) -> Result<Resolved, SecretError> {
    let failed = |error: std::io::Error| SecretError::File { path: path.to_path_buf(), detail: error.to_string() };
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.is_dir() {
        return Err(SecretError::File { path: path.to_path_buf(), detail: "it is a directory".to_owned() });
    }
    // The whole buffer at once: growing it would leave copies of the secret behind in freed memory.
    let mut bytes = Vec::with_capacity(FILE_LIMIT as usize + 1);
    let read = file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed);
    if read.is_err() || bytes.len() as u64 > FILE_LIMIT {
        bytes.zeroize();
        read?;
        return Err(SecretError::TooLarge { path: path.to_path_buf(), limit: FILE_LIMIT });
    }
    if matches!(trim, Trim::Newline) {
        trim_newline(&mut bytes);
    }
    let secret = Secret::new(bytes.as_slice().to_vec());
    bytes.zeroize();
    Ok(Resolved { secret, warning: exposure(path, &about) })
}

fn trim_newline(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
}

#[cfg(unix)]
fn exposure(path: &Path, about: &std::fs::Metadata) -> Option<String> {
    let mode = std::os::unix::fs::MetadataExt::mode(about) & 0o777;
    let who = match (mode & 0o070 != 0, mode & 0o007 != 0) {
        (_, true) => "everybody",
        (true, false) => "its group",
        (false, false) => return None,
    };
    Some(format!("the secret file `{}` is open to {who} (mode {mode:04o}); `chmod 600` it", path.display()))
}

#[cfg(not(unix))]
fn exposure(_path: &Path, _about: &std::fs::Metadata) -> Option<String> {
    None
}

const FILE_LIMIT: u64 = 64 << 10;
