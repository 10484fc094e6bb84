//! The certificate of the TLS listener.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use durward_policy::Certificate;
use durward_proxy::{CertificateFiles, CertificateStore, SelfSigned};

/// Opens the certificate that the policy names. A self-signed one is made anew at each start; its certificate, not its
/// key, is left in the store's folder, so that clients can be told to trust it.
pub(crate) fn open(certificate: &Certificate, store: &Path) -> anyhow::Result<Arc<CertificateStore>> {
    match certificate {
        Certificate::Files { chain, key } => {
            let files = CertificateFiles { certificate: chain.clone(), key: key.clone() };
            Ok(CertificateStore::from_files(vec![files])?)
        }
        Certificate::SelfSigned(names) => {
            let pair = SelfSigned::generate(names)?;
            let path = store.join(SELF_SIGNED);
            std::fs::write(&path, &pair.certificate_pem)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            Ok(CertificateStore::self_signed(pair)?)
        }
    }
}

/// The name of the file with a self-signed certificate.
pub(crate) const SELF_SIGNED: &str = "self-signed.pem";
