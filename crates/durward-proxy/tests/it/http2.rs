//! HTTP/2 on either side, gRPC's shape included.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use durward_pipeline::UpstreamProtocol;
use durward_proxy::Limits;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::plan::Wanted;
use crate::rig::{Rig, Setting, plain_upstream, until, upstream};

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(20), test).await.expect("in time") })
}

/// What an answer was, whole.
pub struct Whole {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
}

pub async fn whole(answer: Response<Incoming>) -> Result<Whole, hyper::Error> {
    let (head, mut incoming) = answer.into_parts();
    let (mut body, mut trailers) = (Vec::new(), None);
    while let Some(frame) = incoming.frame().await {
        match frame?.into_data() {
            Ok(data) => body.extend_from_slice(&data),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Ok(Whole { status: head.status, headers: head.headers, body, trailers })
}

async fn connect(gateway: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(gateway).await.unwrap();
    let (send, conn) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(conn);
    send
}

fn post(path: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::post(format!("http://gateway.test{path}"))
        .header("content-type", "application/octet-stream")
        .header("te", "trailers")
        .body(Full::new(Bytes::from_static(body.as_bytes())))
        .unwrap()
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("http://gateway.test{path}")).body(Full::default()).unwrap()
}

/// An HTTP/2 upstream that echoes bodies and adds a trailer; it counts its connections. On `/items?goodbye` it says
/// goodbye on that connection.
fn echo_upstream() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            listener.set_nonblocking(true).unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let leave = Arc::new(tokio::sync::Notify::new());
                let leaving = Arc::clone(&leave);
                let service = service_fn(move |request: Request<Incoming>| {
                    let leave = Arc::clone(&leave);
                    async move { Ok::<_, Infallible>(echo(request, &leave).await) }
                });
                tokio::spawn(async move {
                    let conn = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service);
                    let mut conn = std::pin::pin!(conn);
                    tokio::select! {
                        _ = &mut conn => {}
                        () = leaving.notified() => {
                            conn.as_mut().graceful_shutdown();
                            let _ = conn.await;
                        }
                    }
                });
            }
        });
    });
    (address, connections)
}

async fn echo(
    request: Request<Incoming>,
    leave: &tokio::sync::Notify,
) -> Response<http_body_util::combinators::BoxBody<Bytes, Infallible>> {
    if request.uri().query() == Some("goodbye") {
        leave.notify_one();
    }
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let (_, mut incoming) = request.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame.unwrap().into_data() {
            body.extend_from_slice(&data);
        }
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(Bytes::from(body)).with_trailers(async move { Some(Ok(trailers)) });
    Response::builder()
        .header("x-authority", authority)
        .header("content-type", "application/grpc")
        .body(body.boxed())
        .unwrap()
}

fn http2_upstream() -> Wanted {
    Wanted { protocol: UpstreamProtocol::Http2, ..Wanted::default() }
}

#[test]
fn http2_in_http1_out() {
    let (address, seen) = plain_upstream();
    let rig = Rig::start(address, Setting::default());
    run(async {
        let mut send = connect(rig.address).await;
        for _ in 0..5 {
            let answer = whole(send.send_request(post("/upload", "hello")).await.unwrap()).await.unwrap();
            assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"ok"[..]));
            assert!(!answer.headers.contains_key("connection"));
        }
        let many: Vec<_> = (0..64).map(|_| tokio::spawn(send.send_request(get("/items")))).collect();
        for one in many {
            assert_eq!(whole(one.await.unwrap().unwrap()).await.unwrap().body, b"ok");
        }
    });
    assert!(seen.lock().unwrap()[..5].iter().all(|seen| seen.message.body == b"hello" && seen.connection == 0));
    let lines = rig.lines();
    assert_eq!(lines.len(), 69);
    assert!(lines.iter().all(|line| line["http"] == "HTTP/2" && line["status"] == 200));
}

#[test]
fn grpc_passes_with_its_trailers() {
    let (address, connections) = echo_upstream();
    let rig = Rig::start(address, Setting { wanted: http2_upstream(), ..Setting::default() });
    run(async {
        let mut send = connect(rig.address).await;
        let many: Vec<_> =
            (0..32).map(|_| tokio::spawn(send.send_request(post("/upload", "\0\0\0\0\u{2}hi")))).collect();
        for one in many {
            let answer = whole(one.await.unwrap().unwrap()).await.unwrap();
            assert_eq!(answer.body, b"\0\0\0\0\x02hi");
            assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
            assert_eq!(answer.headers["x-authority"], address.to_string());
        }
    });
    assert_eq!(connections.load(Ordering::SeqCst), 1, "one connection carries them all");
}

#[test]
fn http1_in_http2_out() {
    let (address, _) = echo_upstream();
    let rig = Rig::start(address, Setting { wanted: http2_upstream(), ..Setting::default() });
    let mut client = rig.connect();
    for _ in 0..3 {
        client.send("POST /upload HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/octet-stream\r\ncontent-length: 5\r\n\r\nhello");
        assert_eq!(client.answer().text(), "hello");
    }
}

#[test]
fn an_upstream_that_says_goodbye_is_left_in_peace() {
    let (address, connections) = echo_upstream();
    let rig = Rig::start(address, Setting { wanted: http2_upstream(), ..Setting::default() });
    let mut client = rig.connect();
    for _ in 0..10 {
        assert_eq!(client.get("/items?goodbye").status(), 200);
        client.send("POST /upload HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/octet-stream\r\ncontent-length: 5\r\n\r\nhello");
        assert_eq!(client.answer().text(), "hello");
    }
    assert!(connections.load(Ordering::SeqCst) > 1);
}

#[test]
fn a_drain_says_goodbye_and_finishes_streams() {
    let (go, goes) = std::sync::mpsc::channel::<()>();
    let goes = std::sync::Mutex::new(goes);
    let address = upstream(move |_, mut client| {
        client.message();
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nok");
        goes.lock().unwrap().recv().unwrap();
        client.send("ok");
    });
    let mut rig = Rig::start(address, Setting::default());
    let gateway = rig.address;
    let server = rig.server.take().unwrap();
    run(async {
        let mut send = connect(gateway).await;
        let answer = send.send_request(get("/items")).await.unwrap();
        let draining = tokio::task::spawn_blocking(move || server.drain(Duration::from_secs(15)));
        while std::net::TcpStream::connect(gateway).is_ok() {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        assert_eq!(whole(answer).await.unwrap().body, b"okok");
        assert_eq!(draining.await.unwrap().unfinished, 0);
    });
}

#[test]
fn quiet_connections_end_and_extended_connect_is_not_offered() {
    let (address, _) = plain_upstream();
    let limits = Limits { idle: Duration::from_millis(300), ..Limits::default() };
    let rig = Rig::start(address, Setting { limits, ..Setting::default() });
    run(async {
        let mut send = connect(rig.address).await;
        assert!(!send.send_request(get("/items")).await.unwrap().headers().contains_key("connection"));
        let mut ask = Request::connect("http://gateway.test/ws").body(Full::default()).unwrap();
        ask.extensions_mut().insert(hyper::ext::Protocol::from_static("websocket"));
        assert!(send.send_request(ask).await.is_err());
    });
    let server = rig.server.as_ref().unwrap();
    until("it is gone", || server.connections().open == 0);
}
