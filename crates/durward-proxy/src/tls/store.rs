//! The certificates of a listener, changed while it runs.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::{ClientHello, NoServerSessionStorage, ParsedCertificate, ProducesTickets, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::ServerError;
use crate::tls::{CertificateFiles, SelfSigned, provider};

/// The certificates of one or more listeners. [`CertificateStore::reload`] reads the files again; handshakes that begin
/// afterwards see the new ones, and connections that are open keep theirs.
pub struct CertificateStore {
    source: Source,
    tickets: Arc<dyn ProducesTickets>,
    current: ArcSwap<ServerConfig>,
}

#[derive(Debug)]
enum Source {
    Files(Vec<CertificateFiles>),
    Generated(Box<SelfSigned>),
}

impl CertificateStore {
    /// Reads the certificates: the first serves clients that name none of them.
    ///
    /// # Errors
    /// The first pair that cannot be used.
    pub fn from_files(files: Vec<CertificateFiles>) -> Result<Arc<Self>, ServerError> {
        Self::open(Source::Files(files))
    }

    /// A self-signed certificate, for development.
    ///
    /// # Errors
    /// The pair cannot be used.
    pub fn self_signed(pair: SelfSigned) -> Result<Arc<Self>, ServerError> {
        Self::open(Source::Generated(Box::new(pair)))
    }

    fn open(source: Source) -> Result<Arc<Self>, ServerError> {
        let tickets =
            rustls::crypto::aws_lc_rs::Ticketer::new().map_err(|cause| ServerError::Tls(cause.to_string()))?;
        let config = configure(source.load()?, &tickets)?;
        Ok(Arc::new(Self { source, tickets, current: ArcSwap::from_pointee(config) }))
    }

    /// Reads the files again. On an error the present certificates stay.
    ///
    /// # Errors
    /// The first pair that cannot be used.
    pub fn reload(&self) -> Result<(), ServerError> {
        self.current.store(Arc::new(configure(self.source.load()?, &self.tickets)?));
        Ok(())
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }
}

impl fmt::Debug for CertificateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateStore").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Source {
    fn load(&self) -> Result<Vec<CertifiedKey>, ServerError> {
        match self {
            Self::Files(files) => files.iter().map(CertificateFiles::load).collect(),
            Self::Generated(pair) => Ok(vec![pair.load()?]),
        }
    }
}

fn configure(pairs: Vec<CertifiedKey>, tickets: &Arc<dyn ProducesTickets>) -> Result<ServerConfig, ServerError> {
    if pairs.is_empty() {
        return Err(ServerError::NoCertificateConfigured);
    }
    let resolver = ByName { pairs: pairs.into_iter().map(Arc::new).collect() };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|cause| ServerError::Tls(cause.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = Arc::clone(tickets);
    config.send_tls13_tickets = 1;
    Ok(config)
}

/// The certificate that is for the name the client asks for, or else the first.
#[derive(Debug)]
struct ByName {
    pairs: Vec<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = match (self.pairs.as_slice(), hello.server_name()) {
            ([_], _) | (_, None) => None,
            (pairs, Some(name)) => {
                let name = rustls::pki_types::ServerName::try_from(name).ok()?;
                pairs.iter().find(|pair| is_for(pair, &name))
            }
        };
        named.or_else(|| self.pairs.first()).cloned()
    }
}

fn is_for(pair: &CertifiedKey, name: &rustls::pki_types::ServerName<'_>) -> bool {
    pair.cert
        .first()
        .and_then(|certificate| ParsedCertificate::try_from(certificate).ok())
        .is_some_and(|parsed| rustls::client::verify_server_name(&parsed, name).is_ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn written(folder: &std::path::Path, name: &str, pair: &SelfSigned) -> CertificateFiles {
        let files = CertificateFiles {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        fs::write(&files.certificate, &pair.certificate_pem).unwrap();
        fs::write(&files.key, &pair.key_pem).unwrap();
        files
    }

    #[test]
    fn every_mistake_names_the_file_and_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let (one, two) = (SelfSigned::generate(&names).unwrap(), SelfSigned::generate(&names).unwrap());
        let good = written(folder.path(), "one", &one);
        let other = written(folder.path(), "two", &two);
        assert!(CertificateStore::from_files(vec![good.clone()]).is_ok());
        let file = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let mut params = rcgen::CertificateParams::new(names.to_vec()).unwrap();
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        let old_key = rcgen::KeyPair::generate().unwrap();
        let old = file("old.pem", params.self_signed(&old_key).unwrap().pem().as_bytes());
        let old_key = file("old.key", old_key.serialize_pem().as_bytes());
        let broken = one.certificate_pem.replace("MII", "MIA");
        for (certificate, key, expected) in [
            (folder.path().join("absent.pem"), good.key.clone(), "cannot read"),
            (file("empty.pem", b""), good.key.clone(), "holds no certificate"),
            (good.key.clone(), good.key.clone(), "holds no certificate"),
            (file("broken.pem", broken.as_bytes()), good.key.clone(), "certificate 1 cannot be read"),
            (good.certificate.clone(), file("empty.key", b"\n"), "holds no private key"),
            (good.certificate.clone(), good.certificate.clone(), "holds no private key"),
            (good.certificate.clone(), other.key.clone(), "does not belong to"),
            (old, old_key, "expired"),
        ] {
            let error = CertificateStore::from_files(vec![CertificateFiles { certificate, key }]).unwrap_err();
            assert!(error.to_string().contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn a_bad_file_never_replaces_a_good_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned()];
        let files = written(folder.path(), "site", &SelfSigned::generate(&names).unwrap());
        let store = CertificateStore::from_files(vec![files.clone()]).unwrap();
        let before = store.config();
        fs::write(&files.certificate, "nonsense").unwrap();
        assert!(store.reload().is_err());
        assert!(Arc::ptr_eq(&before, &store.config()));
        written(folder.path(), "site", &SelfSigned::generate(&names).unwrap());
        store.reload().unwrap();
        assert!(!Arc::ptr_eq(&before, &store.config()));
    }
}
