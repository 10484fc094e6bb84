//! The certificate of the TLS listener.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use durward_core::{Diagnostic, Diagnostics};
use durward_keys::SecretRef;
use durward_policy::{Certificate, Policy};
use durward_proxy::{CertificateFiles, CertificateStore, SelfSigned, ServerError};

/// Opens the certificate that the policy names. A self-signed one is made anew at each start; its certificate, not its
/// key, is left in the store's folder, so that clients can be told to trust it.
pub(crate) fn open(policy: &Policy, certificate: &Certificate, store: &Path) -> anyhow::Result<Arc<CertificateStore>> {
    let opened = read(policy, certificate)?;
    if let Some(pem) = opened.self_signed {
        let path = store.join(SELF_SIGNED);
        std::fs::write(&path, &pem).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(opened.store)
}

/// What `check` and `run` both do: read the files, or make a certificate.
pub(crate) fn read(policy: &Policy, certificate: &Certificate) -> Result<Opened, Diagnostics> {
    match certificate {
        Certificate::Files { chain, key } => {
            let files = CertificateFiles { certificate: chain.clone(), key: key.clone() };
            let store = CertificateStore::from_files(vec![files]).map_err(|error| placed(policy, &error))?;
            Ok(Opened { store, self_signed: None, warnings: exposure(policy, key).into_iter().collect() })
        }
        Certificate::SelfSigned(names) => {
            let pair = SelfSigned::generate(names).map_err(|error| placed(policy, &error))?;
            let pem = pair.certificate_pem.clone();
            let store = CertificateStore::self_signed(pair).map_err(|error| placed(policy, &error))?;
            Ok(Opened { store, self_signed: Some(pem), warnings: Diagnostics::new() })
        }
    }
}

/// A certificate that can be served.
pub(crate) struct Opened {
    store: Arc<CertificateStore>,
    self_signed: Option<String>,
    /// What should be looked at.
    pub(crate) warnings: Diagnostics,
}

/// An error of the certificate, where the policy names it.
pub(crate) fn placed(policy: &Policy, error: &ServerError) -> Diagnostics {
    policy.places.at_value(&["listen", "certificate"], Diagnostic::error(error.to_string())).into()
}

/// A private key that others can read.
fn exposure(policy: &Policy, key: &Path) -> Option<Diagnostic> {
    let read = SecretRef::File(key.to_owned()).resolve(Path::new("")).ok()?;
    let warning = Diagnostic::warning(read.warning?);
    Some(policy.places.at_value(&["listen", "certificate", "key"], warning))
}

/// The name of the file with a self-signed certificate.
pub(crate) const SELF_SIGNED: &str = "self-signed.pem";
