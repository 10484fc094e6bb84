//! Why the server cannot start or a certificate cannot be used.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A mistake in what the proxy was given, or in the machine it runs on. Each message names the place and the fix.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {cause}; is another process there, or is the port below 1024?")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// No listener is configured.
    #[error("no listener is configured; write `[listen] https = \"0.0.0.0:8443\"`")]
    NoListener,
    /// A thread could not be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(std::io::Error),
    /// A file cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file holds no certificate.
    #[error("`{}` holds no certificate; it must have `-----BEGIN CERTIFICATE-----`, the server's own first", .0.display())]
    NoCertificate(PathBuf),
    /// A certificate in a file cannot be read.
    #[error("`{}`: certificate {number} cannot be read: {cause}", path.display())]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Which one, from 1.
        number: usize,
        /// What is wrong.
        cause: String,
    },
    /// A file holds no private key.
    #[error(
        "`{}` holds no private key; it must have `-----BEGIN PRIVATE KEY-----` (PKCS#8), `RSA PRIVATE KEY` or `EC PRIVATE KEY`, not encrypted",
        .0.display()
    )]
    NoKey(PathBuf),
    /// A private key cannot be used.
    #[error("`{}`: the private key cannot be used: {cause}", path.display())]
    BadKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The key is not the certificate's.
    #[error("the key in `{}` does not belong to the first certificate in `{}`; give the pair that was made together", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate file.
        certificate: PathBuf,
        /// The key file.
        key: PathBuf,
    },
    /// The certificate is not valid now.
    #[error("`{}`: the certificate {problem}; put a valid one in its place", path.display())]
    NotValidNow {
        /// The file.
        path: PathBuf,
        /// `expired 3 days ago`, `is not valid yet`.
        problem: String,
    },
    /// No certificate was configured for a TLS listener.
    #[error("no certificate is configured for TLS")]
    NoCertificateConfigured,
    /// A self-signed certificate could not be made.
    #[error("cannot make a self-signed certificate for `{names}`: {cause}")]
    SelfSigned {
        /// The names.
        names: String,
        /// What is wrong.
        cause: String,
    },
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}
