//! A new connection to an upstream.

use std::sync::Arc;
use std::time::{Duration, Instant};

use durward_core::{Fault, FaultKind};
use durward_pipeline::{Upstream, UpstreamProtocol};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, TlsStream};

use crate::tls::Trust;
use crate::transport::Transport;

/// Makes connections to one upstream.
pub(crate) struct Connector {
    upstream: Arc<Upstream>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    pub(crate) fn new(upstream: &Arc<Upstream>, trust: &Trust) -> Result<Self, Fault> {
        let unusable = |detail: String| Fault::new(FaultKind::Unreachable, detail);
        let tls = match trust.client(&upstream.trust, upstream.protocol).map_err(unusable)? {
            None => None,
            Some(config) => {
                let name = ServerName::try_from(upstream.host.to_string())
                    .map_err(|cause| unusable(format!("`{}` cannot be verified: {cause}", upstream.host)))?;
                Some((TlsConnector::from(config), name))
            }
        };
        Ok(Self { upstream: Arc::clone(upstream), tls })
    }

    /// Connects, handshake included, within the connect time-out.
    pub(crate) async fn connect(&self) -> Result<Transport, Fault> {
        let patience = self.upstream.timeouts.connect;
        match tokio::time::timeout(patience, self.open(Instant::now() + patience)).await {
            Ok(connected) => connected,
            Err(_) => {
                Err(Fault::new(FaultKind::Timeout, format!("no connection to `{}` in time", self.upstream.authority)))
            }
        }
    }

    async fn open(&self, deadline: Instant) -> Result<Transport, Fault> {
        let stream = self.reach(deadline).await.map_err(|cause| self.unreachable(&cause))?;
        // Small writes are whole messages here; waiting to join them only delays.
        let _ = stream.set_nodelay(true);
        let Some((connector, name)) = &self.tls else { return Ok(Transport::Tcp(stream)) };
        let stream = connector.connect(name.clone(), stream).await.map_err(|cause| self.unreachable(&cause))?;
        if self.upstream.protocol == UpstreamProtocol::Http2 && stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            let detail = format!("`{}` does not speak HTTP/2 over TLS (ALPN)", self.upstream.authority);
            return Err(Fault::new(FaultKind::Broken, detail));
        }
        Ok(Transport::Tls(Box::new(TlsStream::Client(stream))))
    }

    /// Tries each address; all but the last get only a part of the time.
    async fn reach(&self, deadline: Instant) -> std::io::Result<TcpStream> {
        let mut addresses = tokio::net::lookup_host((&*self.upstream.host, self.upstream.port)).await?.peekable();
        let mut last = std::io::Error::other("the name has no address");
        while let Some(address) = addresses.next() {
            let left = deadline.saturating_duration_since(Instant::now());
            let patience = if addresses.peek().is_some() { (left / 2).min(ATTEMPT) } else { left };
            match tokio::time::timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(cause)) => last = cause,
                Err(_) => last = std::io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }

    fn unreachable(&self, cause: &std::io::Error) -> Fault {
        let kind = match cause.kind() {
            std::io::ErrorKind::TimedOut => FaultKind::Timeout,
            _ => FaultKind::Unreachable,
        };
        Fault::new(kind, format!("cannot connect to `{}`: {cause}", self.upstream.authority))
    }
}

const ATTEMPT: Duration = Duration::from_secs(2);
