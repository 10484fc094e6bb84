//! The sample API: a small order service over SQLite in memory, with flaws that APIs in the wild have.
//!
//! Each flaw is marked with `FLAW (CWE-..)` where it is made. The service speaks HTTP/1.1 and HTTP/2 in cleartext, and
//! must not be reachable from anywhere but this machine.

mod answer;
mod data;
mod form;
mod prefixed;
mod routes;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use self::data::Shop;
use self::prefixed::Prefixed;

/// A running sample API. Dropping it stops the service.
#[derive(Debug)]
pub struct SampleApi {
    /// Where it listens: a loopback address.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
}

impl SampleApi {
    /// Starts the service on a free loopback port, as a task of the current runtime.
    ///
    /// # Errors
    /// When no port can be had or the database cannot be made.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shop = Arc::new(Shop::open().map_err(io::Error::other)?);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve(listener, shop, stopped));
        Ok(Self { addr, stop })
    }
}

impl Drop for SampleApi {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Accepts connections until told to stop; those that are open are cut then.
async fn serve(listener: TcpListener, shop: Arc<Shop>, mut stopped: watch::Receiver<bool>) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: let others finish first.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let shop = Arc::clone(&shop);
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let _seat = seat;
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => {}
                () = converse(stream, shop) => {}
            }
        });
    }
}

/// One connection: HTTP/2 when it opens with that preface (RFC 9113 section 3.4), else HTTP/1.1.
async fn converse(stream: TcpStream, shop: Arc<Shop>) {
    let _ = stream.set_nodelay(true);
    let opened = tokio::time::timeout(HEAD_TIMEOUT, Prefixed::open(stream, HTTP2_OPENING)).await;
    let Ok(Ok((stream, is_http2))) = opened else { return };
    let service = service_fn(move |request| {
        let shop = Arc::clone(&shop);
        async move { Ok::<_, std::convert::Infallible>(routes::answer(&shop, request).await) }
    });
    let io = TokioIo::new(stream);
    // A peer that goes away is no concern of the sample's.
    let _ = if is_http2 {
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .serve_connection(io, service)
            .await
    } else {
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(io, service)
            .await
    };
}

const MAX_CONNECTIONS: usize = 1024;
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
const HTTP2_OPENING: &[u8] = b"PRI * HTTP/2.0";
