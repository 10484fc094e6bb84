//! TLS towards clients: which certificate, which protocol, and what is known of the session.
//!
//! One provider (aws-lc-rs), TLS 1.2 and 1.3, X25519MLKEM768 first. A certificate that cannot be used never replaces one
//! that can, and is never a panic.

mod files;
mod store;
mod trust;
mod validity;

use std::sync::Arc;

use durward_http::TlsFacts;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use tokio::net::TcpStream;
use tokio_rustls::{LazyConfigAcceptor, TlsStream};

pub use files::{CertificateFiles, SelfSigned};
pub use store::CertificateStore;
pub(crate) use trust::Trust;

/// The one provider.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: std::sync::LazyLock<Arc<CryptoProvider>> =
        std::sync::LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    Arc::clone(&PROVIDER)
}

/// A client's TLS session, and whether HTTP/2 was agreed on.
pub(crate) struct Accepted {
    pub(crate) stream: Box<TlsStream<TcpStream>>,
    pub(crate) facts: TlsFacts,
    pub(crate) http2: bool,
}

/// Runs the handshake. The caller sets the deadline.
pub(crate) async fn accept(stream: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<Accepted> {
    let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    let server_name = start.client_hello().server_name().map(Box::from);
    let stream = start.into_stream(config).await?;
    let (_, session) = stream.get_ref();
    let version = match session.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLSv1.3",
    };
    let http2 = session.alpn_protocol() == Some(b"h2");
    Ok(Accepted { facts: TlsFacts { version, server_name }, http2, stream: Box::new(TlsStream::Server(stream)) })
}
