//! Where an API runs.

use std::net::IpAddr;
use std::sync::Arc;

use durward_core::{Diagnostic, Diagnostics};
use durward_pipeline::{Forwarding, Upstream, UpstreamProtocol, UpstreamTimeouts, UpstreamTrust};
use http::uri::Authority;
use http::{HeaderValue, Uri};

use super::{Environment, named_text};
use crate::document::Protocol;
use crate::{ApiSection, Policy};

pub(super) fn compile(
    policy: &Policy,
    environment: &Environment<'_>,
    name: &str,
    section: &ApiSection,
    base_paths: &[String],
) -> Result<Forwarding, Diagnostics> {
    let key = ["api", name, "upstream", "url"];
    let written = &section.upstream;
    let fail = |diagnostic: Diagnostic| Diagnostics::from(policy.places.at_value(&key, diagnostic));
    let (uri, authority, secure) = read_url(&written.url).map_err(fail)?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let loopback =
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if !secure && !loopback && !written.allow_cleartext_beyond_loopback {
        return Err(fail(
            Diagnostic::error(format!("cleartext would leave this machine for `{host}`"))
                .help("use `https://`, or write `allow_cleartext_beyond_loopback = true` in `upstream`"),
        ));
    }
    let trust = trust(policy, environment, name, section, secure)?;
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let upstream = Upstream {
        name: Arc::from(name),
        host: Arc::from(host),
        port,
        authority: Arc::from(authority.as_str()),
        trust,
        protocol: match written.protocol {
            Protocol::Http1 => UpstreamProtocol::Http1,
            Protocol::Http2 => UpstreamProtocol::Http2,
        },
        timeouts: UpstreamTimeouts {
            connect: written.connect_timeout.duration(),
            response: written.response_timeout.duration(),
            idle: written.idle_timeout.duration(),
        },
    };
    let host_field = HeaderValue::from_str(&upstream.authority)
        .map_err(|_| fail(Diagnostic::error(format!("`{}` is not a host", upstream.authority)).help(FORM)))?;
    let mut base_paths: Vec<Box<str>> = base_paths.iter().map(|path| Box::from(path.as_str())).collect();
    base_paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    let prefix = uri.path().trim_end_matches('/');
    Ok(Forwarding {
        upstream: Arc::new(upstream),
        base_paths,
        prefix: (!prefix.is_empty()).then(|| Box::from(prefix)),
        host: if written.preserve_host { None } else { Some(host_field) },
    })
}

/// The form of an upstream's URL, before the question whether it may be used in cleartext.
pub(crate) fn read_url(url: &str) -> Result<(Uri, Authority, bool), Diagnostic> {
    let uri: Uri = url.parse().map_err(|_| Diagnostic::error(format!("`{url}` is not a URL")).help(FORM))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority().cloned()) else {
        return Err(Diagnostic::error(format!("`{url}` is not a URL with scheme and host")).help(FORM));
    };
    let secure = match scheme {
        "https" => true,
        "http" => false,
        other => return Err(Diagnostic::error(format!("`{other}` is not a scheme of an upstream")).help(FORM)),
    };
    if authority.as_str().contains('@') {
        return Err(Diagnostic::error("credentials in a URL").help("an upstream URL has no user and no password"));
    }
    // What is not a port, such as `:99999`, must not become the port of the scheme.
    let after = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if !after.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(Diagnostic::error(format!("`{after}` is not a port")).help("ports are `:1` to `:65535`"));
    }
    if uri.query().is_some() {
        return Err(Diagnostic::error("an upstream URL has no query").help(FORM));
    }
    Ok((uri, authority, secure))
}

const FORM: &str = "write `https://host:port`, or `https://host:port/path` to replace the base path of the contract";

fn trust(
    policy: &Policy,
    environment: &Environment<'_>,
    name: &str,
    section: &ApiSection,
    secure: bool,
) -> Result<UpstreamTrust, Diagnostics> {
    let key = ["api", name, "upstream", "ca"];
    let Some(path) = &section.upstream.ca else {
        return Ok(if secure { UpstreamTrust::System } else { UpstreamTrust::Cleartext });
    };
    if !secure {
        let diagnostic =
            Diagnostic::error("`ca` has no meaning for a cleartext upstream").help("use `https://`, or remove `ca`");
        return Err(policy.places.at_key(&key, diagnostic).into());
    }
    let source = named_text(policy, environment, &key, path)?;
    let certificates = durward_keys::certificates_from_pem(source.text()).map_err(|message| {
        Diagnostics::from(
            Diagnostic::error(message).in_file(&source).help("the file holds PEM blocks `BEGIN CERTIFICATE`"),
        )
    })?;
    Ok(UpstreamTrust::Pinned(certificates))
}
