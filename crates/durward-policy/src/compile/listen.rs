//! Where the gateway listens: no cleartext beyond loopback unless the policy says so in so many words.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use durward_core::{ByteSize, Diagnostic, Diagnostics};
use durward_http::Authority;
use ipnet::IpNet;

use crate::{ListenSection, Policy};

/// The certificate of the TLS listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// PEM files.
    Files {
        /// The chain.
        chain: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// Made on the spot, for development.
    SelfSigned(Vec<String>),
}

/// The listeners, checked.
#[derive(Debug, Clone, Default)]
pub struct Listeners {
    /// TLS.
    pub https: Option<(SocketAddr, Certificate)>,
    /// Cleartext.
    pub http: Option<SocketAddr>,
    /// Networks that speak the PROXY protocol; empty: nobody does.
    pub proxy_protocol: Vec<IpNet>,
    /// The section, for its limits and time-outs.
    pub section: Option<ListenSection>,
}

pub(super) fn compile(policy: &Policy, base: &Path) -> Result<Listeners, Diagnostics> {
    let section = &policy.document.listen;
    let mut problems = Diagnostics::new();
    let mut error = |key: &[&str], diagnostic: Diagnostic| problems.push(policy.places.at_value(key, diagnostic));
    if section.https.is_none() && section.http.is_none() {
        error(
            &["listen"],
            Diagnostic::error("the gateway listens nowhere")
                .help("write `https = \"0.0.0.0:8443\"` and a `certificate`"),
        );
    }
    if let Some(address) = section.http
        && !address.ip().is_loopback()
        && !section.allow_cleartext_beyond_loopback
    {
        error(
            &["listen", "http"],
            Diagnostic::error(format!("cleartext would leave this machine at `{address}`"))
                .label("not a loopback address")
                .help(
                    "use `https`, or write `allow_cleartext_beyond_loopback = true` when something in front ends TLS",
                ),
        );
    }
    if section.proxy_protocol && policy.document.edge.trusted_hops.is_empty() {
        error(
            &["listen", "proxy_protocol"],
            Diagnostic::error("nobody may speak the PROXY protocol").help("name the hops in `[edge] trusted_hops`"),
        );
    }
    for (key, zero) in [
        ("connections", section.connections == 0),
        ("connections_per_address", section.connections_per_address == 0),
        ("workers", section.workers == Some(0)),
        ("streams", section.streams == 0),
    ] {
        if zero {
            error(&["listen", key], Diagnostic::error(format!("`{key}` must be at least 1")));
        }
    }
    for (key, zero) in [
        ("handshake", section.timeouts.handshake),
        ("head", section.timeouts.head),
        ("body", section.timeouts.body),
        ("idle", section.timeouts.idle),
    ] {
        if zero.duration().is_zero() {
            let diagnostic = Diagnostic::error(format!("no client is done in `{key} = \"0s\"`"))
                .help("write a length of time such as `10s`; a time-out cannot be turned off");
            error(&["listen", "timeouts", key], diagnostic);
        }
    }
    if section.workers.is_some_and(|workers| workers > MOST_WORKERS) {
        error(&["listen", "workers"], Diagnostic::error(format!("`workers` must be at most {MOST_WORKERS}")));
    }
    if section.head < LEAST_HEAD {
        let diagnostic = Diagnostic::error(format!("no request fits into `head = \"{}\"`", section.head))
            .help(format!("write at least `{LEAST_HEAD}`; the usual is `16KiB`"));
        error(&["listen", "head"], diagnostic);
    }
    let certificate = section.https.and_then(|address| match certificate(section, base) {
        Ok(certificate) => Some((address, certificate)),
        Err(diagnostic) => {
            error(&["listen", "certificate"], diagnostic);
            None
        }
    });
    if section.https.is_none() && section.certificate.is_some() {
        error(
            &["listen", "certificate"],
            Diagnostic::error("the certificate is used by nothing").help("write `https = \"...\"`"),
        );
    }
    if problems.has_errors() {
        return Err(problems);
    }
    let hops = &policy.document.edge.trusted_hops;
    Ok(Listeners {
        https: certificate,
        http: section.http,
        proxy_protocol: if section.proxy_protocol { hops.clone() } else { Vec::new() },
        section: Some(section.clone()),
    })
}

fn certificate(section: &ListenSection, base: &Path) -> Result<Certificate, Diagnostic> {
    let forms = "write `certificate = { file = \"api.pem\", key = \"file:api.key\" }`, or for development `{ self_signed = [\"localhost\"] }`";
    let Some(written) = &section.certificate else {
        return Err(Diagnostic::error("`https` needs a certificate").help(forms));
    };
    match (&written.file, &written.key, &written.self_signed) {
        (Some(chain), Some(key), None) => match super::secret_file(key) {
            Some(key) => Ok(Certificate::Files { chain: base.join(chain), key: base.join(key) }),
            None => Err(Diagnostic::error("the private key must be a file").help("write `key = \"file:api.key\"`")),
        },
        (None, None, Some(names)) if names.is_empty() => {
            Err(Diagnostic::error("a self-signed certificate needs a name")
                .help("write `self_signed = [\"localhost\"]`"))
        }
        (None, None, Some(names)) => match names.iter().find(|name| !is_name(name)) {
            None => Ok(Certificate::SelfSigned(names.clone())),
            Some(wrong) => Err(Diagnostic::error(format!("`{wrong}` is neither a host name nor an address"))
                .help("write `self_signed = [\"localhost\", \"127.0.0.1\"]`")),
        },
        _ => Err(Diagnostic::error("a certificate is either files or self-signed").help(forms)),
    }
}

/// A host name, also with a leading `*.`, or an address.
fn is_name(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    name.parse::<IpAddr>().is_ok() || Authority::parse(host).is_ok_and(|host| host.port().is_none())
}

const MOST_WORKERS: usize = 1024;
const LEAST_HEAD: ByteSize = ByteSize::kib(1);
