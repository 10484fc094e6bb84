//! TLS towards upstreams: whom to trust.

use std::sync::{Arc, OnceLock};

use durward_pipeline::{UpstreamProtocol, UpstreamTrust};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::tls::provider;

/// Root certificates, read once for all cores.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    system: OnceLock<Result<Arc<RootCertStore>, String>>,
}

impl Trust {
    /// The settings for an upstream; `None` for cleartext.
    pub(crate) fn client(
        &self,
        trust: &UpstreamTrust,
        protocol: UpstreamProtocol,
    ) -> Result<Option<Arc<ClientConfig>>, String> {
        let roots = match trust {
            UpstreamTrust::Cleartext => return Ok(None),
            UpstreamTrust::System => self.system.get_or_init(system_roots).clone()?,
            UpstreamTrust::Pinned(certificates) => pinned_roots(certificates)?,
        };
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|cause| cause.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = match protocol {
            UpstreamProtocol::Http1 => vec![b"http/1.1".to_vec()],
            UpstreamProtocol::Http2 => vec![b"h2".to_vec()],
        };
        Ok(Some(Arc::new(config)))
    }
}

fn system_roots() -> Result<Arc<RootCertStore>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let cause = found.errors.first().map_or_else(|| "none is installed".to_owned(), ToString::to_string);
        return Err(format!("the machine has no root certificates: {cause}"));
    }
    Ok(Arc::new(roots))
}

fn pinned_roots(certificates: &[Vec<u8>]) -> Result<Arc<RootCertStore>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(CertificateDer::from(certificate.clone())).map_err(|cause| format!("pinned certificate: {cause}"))?;
    }
    Ok(Arc::new(roots))
}
