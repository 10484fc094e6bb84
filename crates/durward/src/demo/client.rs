//! A small HTTP/1.1 client for the proofs: over TLS with one trusted certificate, or in cleartext to the API alone.
//!
//! It keeps one connection per peer, sends targets as they are written (also ambiguous ones), and never reads more
//! than it is ready to show.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// One server that requests go to.
pub struct Peer {
    addr: SocketAddr,
    tls: Option<TlsConnector>,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// A request, as it is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The method.
    pub method: &'a Method,
    /// Path and query, sent unchanged.
    pub target: &'a str,
    /// Header fields beside `Host` and `Content-Type`.
    pub headers: &'a [(&'a str, &'a str)],
    /// Media type and content.
    pub body: Option<(&'a str, &'a str)>,
}

/// What came back, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The content; what is not UTF-8 is replaced.
    pub body: String,
}

impl Answer {
    /// A header field as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Peer {
    /// A server without TLS.
    #[must_use]
    pub const fn cleartext(addr: SocketAddr) -> Self {
        Self { addr, tls: None, open: None }
    }

    /// A server named `localhost` whose certificate is, or is signed by, this one (DER).
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn https(addr: SocketAddr, certificate: &[u8]) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_slice(certificate).into_owned()).context("the certificate cannot be read")?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { addr, tls: Some(TlsConnector::from(Arc::new(config))), open: None })
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// When the server cannot be reached, breaks the protocol, is too slow or sends too much.
    pub async fn send(&mut self, call: &Call<'_>) -> Result<Answer> {
        let answered = tokio::time::timeout(DEADLINE, self.exchange(call)).await;
        if !matches!(answered, Ok(Ok(_))) {
            self.open = None;
        }
        answered.with_context(|| format!("no answer from {} in {} s", self.addr, DEADLINE.as_secs()))?
    }

    async fn exchange(&mut self, call: &Call<'_>) -> Result<Answer> {
        if let Some(mut open) = self.open.take() {
            // The server may close an idle connection at any moment: then the request goes over a new one.
            if open.ready().await.is_ok()
                && let Ok(response) = open.send_request(self.request(call)?).await
            {
                self.open = Some(open);
                return read(response).await;
            }
        }
        let mut fresh = self.connect().await?;
        let response = fresh.send_request(self.request(call)?).await.context("the request was not answered")?;
        self.open = Some(fresh);
        read(response).await
    }

    fn request(&self, call: &Call<'_>) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(call.target)
            .header(HOST, format!("localhost:{}", self.addr.port()));
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        let mut content = Bytes::new();
        if let Some((media, text)) = call.body {
            request = request.header(CONTENT_TYPE, media);
            content = Bytes::copy_from_slice(text.as_bytes());
        }
        request.body(Full::new(content)).context("the request cannot be written")
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(self.addr).await.with_context(|| format!("cannot reach {}", self.addr))?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => handshake(stream).await,
            Some(tls) => {
                let name = ServerName::try_from("localhost")?;
                handshake(tls.connect(name, stream).await.context("the TLS handshake failed")?).await
            }
        }
    }
}

async fn handshake<S>(stream: S) -> Result<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends when the sender is dropped or the server closes; errors show at the sender.
    tokio::spawn(connection);
    Ok(sender)
}

async fn read(response: hyper::Response<Incoming>) -> Result<Answer> {
    let (head, mut body) = response.into_parts();
    let mut content = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.context("the answer broke off")?.into_data() else { continue };
        if content.len().saturating_add(chunk.len()) > MAX_ANSWER {
            bail!("the answer is longer than {MAX_ANSWER} bytes");
        }
        content.extend_from_slice(&chunk);
    }
    let body = String::from_utf8_lossy(&content).into_owned();
    Ok(Answer { status: head.status, headers: head.headers, body })
}

const DEADLINE: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 256 * 1024;
