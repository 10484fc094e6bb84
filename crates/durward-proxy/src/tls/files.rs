//! Certificates and keys in PEM files, and the self-signed pair for development.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use crate::ServerError;
use crate::tls::{provider, validity};

/// A certificate chain and its key, by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM: the server's certificate first, then the intermediates.
    pub certificate: PathBuf,
    /// PEM: the private key, not encrypted.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads and checks the pair.
    pub(crate) fn load(&self) -> Result<CertifiedKey, ServerError> {
        let chain = chain(&self.certificate, &read(&self.certificate)?)?;
        let key = key(&self.key, &read(&self.key)?)?;
        let signing = provider()
            .key_provider
            .load_private_key(key)
            .map_err(|cause| ServerError::BadKey { path: self.key.clone(), cause: cause.to_string() })?;
        let pair = CertifiedKey::new(chain, signing);
        match pair.keys_match() {
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(Error::InconsistentKeys(_)) => {
                return Err(ServerError::KeyMismatch { certificate: self.certificate.clone(), key: self.key.clone() });
            }
            Err(cause) => return Err(self.unreadable(1, cause.to_string())),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let first = pair.cert.first().ok_or_else(|| ServerError::NoCertificate(self.certificate.clone()))?;
        let period = validity::period(first).ok_or_else(|| self.unreadable(1, "it has no validity period".into()))?;
        match period.problem_at(now) {
            Some(problem) => Err(ServerError::NotValidNow { path: self.certificate.clone(), problem }),
            None => Ok(pair),
        }
    }

    fn unreadable(&self, number: usize, cause: String) -> ServerError {
        ServerError::BadCertificate { path: self.certificate.clone(), number, cause }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ServerError> {
    let failed = |cause| ServerError::Read { path: path.to_owned(), cause };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > LARGEST_FILE {
        return Err(failed(std::io::Error::other("the file is larger than 1 MiB")));
    }
    std::fs::read(path).map_err(failed)
}

fn chain(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ServerError> {
    let mut chain = Vec::new();
    for (at, found) in CertificateDer::pem_slice_iter(pem).enumerate() {
        let bad = |cause: String| ServerError::BadCertificate { path: path.to_owned(), number: at + 1, cause };
        let certificate = found.map_err(|cause| bad(cause.to_string()))?;
        rustls::server::ParsedCertificate::try_from(&certificate).map_err(|cause| bad(cause.to_string()))?;
        chain.push(certificate);
    }
    if chain.is_empty() { Err(ServerError::NoCertificate(path.to_owned())) } else { Ok(chain) }
}

fn key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, ServerError> {
    match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => Ok(key),
        Err(rustls::pki_types::pem::Error::NoItemsFound) => Err(ServerError::NoKey(path.to_owned())),
        Err(cause) => Err(ServerError::BadKey { path: path.to_owned(), cause: cause.to_string() }),
    }
}

/// A certificate that nobody vouches for, with its key: for development. The caller may keep it and trust it.
#[derive(Debug, Clone)]
pub struct SelfSigned {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The key, PEM (PKCS#8).
    pub key_pem: String,
    /// The certificate, DER.
    pub certificate_der: Vec<u8>,
}

impl SelfSigned {
    /// Makes a pair for these names and addresses, valid for a year from now.
    ///
    /// # Errors
    /// A name that cannot stand in a certificate.
    pub fn generate(names: &[String]) -> Result<Self, ServerError> {
        let failed =
            |cause: rcgen::Error| ServerError::SelfSigned { names: names.join(", "), cause: cause.to_string() };
        let key = rcgen::KeyPair::generate().map_err(failed)?;
        let mut params = rcgen::CertificateParams::new(names.to_vec()).map_err(failed)?;
        params.distinguished_name.push(rcgen::DnType::CommonName, "Durward development certificate");
        params.extended_key_usages.push(rcgen::ExtendedKeyUsagePurpose::ServerAuth);
        let certificate = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            certificate_der: certificate.der().to_vec(),
        })
    }

    /// The pair as the TLS library wants it.
    pub(crate) fn load(&self) -> Result<CertifiedKey, ServerError> {
        let failed = |cause: String| ServerError::SelfSigned { names: String::new(), cause };
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).map_err(|cause| failed(cause.to_string()))?;
        let chain = vec![CertificateDer::from(self.certificate_der.clone())];
        CertifiedKey::from_der(chain, key, &provider()).map_err(|cause| failed(cause.to_string()))
    }
}

const LARGEST_FILE: u64 = 1024 * 1024;
