//! TLS on either side, and certificates that change.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use durward_core::Fetch;
use durward_pipeline::UpstreamTrust;
use durward_proxy::{CertificateFiles, CertificateStore, HttpFetch, ListenScheme, SelfSigned};
use http::Request;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::http2::whole;
use crate::plan::Wanted;
use crate::rig::{Rig, Setting, plain_upstream};

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), test).await.expect("in time") })
}

fn pair() -> SelfSigned {
    SelfSigned::generate(&["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap()
}

fn write(folder: &Path, pair: &SelfSigned) -> CertificateFiles {
    let files = CertificateFiles { certificate: folder.join("site.pem"), key: folder.join("site.key") };
    fs::write(&files.certificate, &pair.certificate_pem).unwrap();
    fs::write(&files.key, &pair.key_pem).unwrap();
    files
}

async fn handshake(
    gateway: SocketAddr,
    trusted: &SelfSigned,
    alpn: &[&[u8]],
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(trusted.certificate_der.clone())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(gateway).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

fn get() -> Request<Full<Bytes>> {
    Request::get("/items").header("host", "localhost").body(Full::default()).unwrap()
}

#[test]
fn both_versions_and_protocols_are_spoken() {
    let (address, _) = plain_upstream();
    let pair = pair();
    let store = CertificateStore::self_signed(pair.clone()).unwrap();
    let rig = Rig::start(address, Setting { scheme: Some(ListenScheme::Https(store)), ..Setting::default() });
    run(async {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let stream = handshake(rig.address, &pair, &[b"http/1.1"], &[version]).await.unwrap();
            if version.version == rustls::ProtocolVersion::TLSv1_3 {
                let group = stream.get_ref().1.negotiated_key_exchange_group().unwrap().name();
                assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
            }
            let (mut send, conn) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
            tokio::spawn(conn);
            assert_eq!(whole(send.send_request(get()).await.unwrap()).await.unwrap().body, b"ok");
        }
        let stream = handshake(rig.address, &pair, &[b"h2", b"http/1.1"], &[&rustls::version::TLS13]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let io = TokioIo::new(stream);
        let (mut send, conn) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(conn);
        let request = Request::get("https://localhost/items").body(Full::<Bytes>::default()).unwrap();
        assert_eq!(whole(send.send_request(request).await.unwrap()).await.unwrap().body, b"ok");
    });
    let lines = rig.lines();
    let seen: Vec<_> =
        lines.iter().map(|line| (line["tls"].as_str().unwrap(), line["http"].as_str().unwrap())).collect();
    assert_eq!(seen, [("TLSv1.2", "HTTP/1.1"), ("TLSv1.3", "HTTP/1.1"), ("TLSv1.3", "HTTP/2")]);
}

#[test]
fn certificates_change_while_connections_stay() {
    let (address, _) = plain_upstream();
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (pair(), pair());
    let store = CertificateStore::from_files(vec![write(folder.path(), &old)]).unwrap();
    let scheme = Some(ListenScheme::Https(Arc::clone(&store)));
    let rig = Rig::start(address, Setting { scheme, ..Setting::default() });
    let both = [&rustls::version::TLS12, &rustls::version::TLS13];
    run(async {
        let stream = handshake(rig.address, &old, &[b"http/1.1"], &both).await.unwrap();
        let (mut send, conn) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(conn);
        assert_eq!(send.send_request(get()).await.unwrap().status(), 200);
        write(folder.path(), &new);
        fs::write(folder.path().join("site.key"), &old.key_pem).unwrap();
        let error = store.reload().unwrap_err().to_string();
        assert!(error.contains("does not belong to"), "{error}");
        assert!(handshake(rig.address, &old, &[], &both).await.is_ok(), "the old one serves on");
        write(folder.path(), &new);
        store.reload().unwrap();
        assert!(handshake(rig.address, &old, &[], &both).await.is_err());
        assert!(handshake(rig.address, &new, &[], &both).await.is_ok());
        send.ready().await.unwrap();
        assert_eq!(send.send_request(get()).await.unwrap().status(), 200, "the open connection stays");
    });
}

#[test]
fn upstreams_are_trusted_by_their_pinned_certificate_only() {
    // A second gateway is the upstream over TLS.
    let (address, _) = plain_upstream();
    let pair = pair();
    let store = CertificateStore::self_signed(pair.clone()).unwrap();
    let secure = Rig::start(address, Setting { scheme: Some(ListenScheme::Https(store)), ..Setting::default() });
    for (trust, status) in [
        (UpstreamTrust::Pinned(vec![pair.certificate_der.clone()]), 200),
        (UpstreamTrust::Pinned(vec![SelfSigned::generate(&["localhost".to_owned()]).unwrap().certificate_der]), 502),
        (UpstreamTrust::System, 502),
    ] {
        let wanted = Wanted { trust, ..Wanted::default() };
        let rig = Rig::start(secure.address, Setting { wanted, ..Setting::default() });
        let mut client = rig.connect();
        for _ in 0..2 {
            assert_eq!(client.get("/items").status(), status);
        }
    }
}

#[test]
fn documents_are_fetched_with_care() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let background = runtime.handle().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || runtime.block_on(stopped));
    let address = crate::rig::upstream(|_, mut client| {
        let asked = client.message().unwrap();
        client.send(match asked.start.split(' ').nth(1).unwrap() {
            "/keys" => "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}",
            "/chunked" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n{\"keys\":[]}\r\n0\r\n\r\n",
            "/large" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n",
            "/elsewhere" => "HTTP/1.1 302 Found\r\nlocation: /keys\r\ncontent-length: 0\r\n\r\n",
            _ => "",
        });
    });
    let fetch = HttpFetch::new(background, None);
    let ask = |path: &str| run(fetch.fetch(&format!("http://{address}{path}"), 32));
    let found = ask("/keys").unwrap();
    assert_eq!((&found.body[..], found.max_age), (&b"{\"keys\":[]}"[..], Some(Duration::from_secs(60))));
    assert_eq!(ask("/chunked").unwrap().body, "{\"keys\":[]}");
    for path in ["/large", "/elsewhere", "/closed"] {
        assert!(ask(path).is_err(), "{path}");
    }
    drop(stop);
    assert!(thread.join().unwrap().is_err());
}
