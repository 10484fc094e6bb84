//! Serves the socket: few connections at a time, one request on each, everything under a deadline.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

use crate::answer::problem;
use crate::error::doing;
use crate::socket::SocketFile;
use crate::{AdminError, AdminParts, AdminSocket, routes};

const CONNECTIONS: usize = 32;
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Compiling a policy with large contracts takes the longest.
const WORK_TIME: Duration = Duration::from_secs(60);
const CONNECTION_TIME: Duration = Duration::from_secs(90);
const HEAD_BYTES: usize = 16 << 10;

/// Serves until `stop` resolves; requests that run then get the time they need within their deadline. Runs on a
/// tokio runtime with timers and I/O.
///
/// # Errors
/// The socket cannot be handed to the runtime.
pub async fn serve(socket: AdminSocket, parts: AdminParts, stop: impl Future<Output = ()>) -> Result<(), AdminError> {
    let (listener, file) = socket.into_parts();
    let listener = UnixListener::from_std(listener).map_err(doing("listen at", file.path()))?;
    let parts = Arc::new(parts);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        // Room first: what is not accepted waits in the system's queue, which is short.
        let permit = tokio::select! {
            () = &mut stop => break,
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match (permit, accepted) {
            (Ok(permit), Ok((stream, _))) => {
                if !is_operator(&stream, &file) {
                    continue;
                }
                let parts = Arc::clone(&parts);
                tokio::spawn(async move {
                    // Whatever goes wrong on a connection is told to its other end, or the other end is gone.
                    let _ = tokio::time::timeout(CONNECTION_TIME, connection(stream, parts)).await;
                    drop(permit);
                });
            }
            // Out of file descriptors: others must finish first.
            (_, Err(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            (Err(_), _) => break,
        }
    }
    drop(listener);
    drop(file);
    let everyone = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = room.acquire_many(everyone).await;
    Ok(())
}

/// The mode of the socket keeps others out already; this holds even if somebody changes it.
fn is_operator(stream: &UnixStream, file: &SocketFile) -> bool {
    stream.peer_cred().is_ok_and(|peer| file.admits(peer.uid()))
}

async fn connection(stream: UnixStream, parts: Arc<AdminParts>) -> Result<(), hyper::Error> {
    let service = service_fn(move |request| {
        let parts = Arc::clone(&parts);
        async move {
            let answer = tokio::time::timeout(WORK_TIME, routes::answer(&parts, request)).await.unwrap_or_else(|_| {
                problem(StatusCode::GATEWAY_TIMEOUT, "It took too long", "the gateway did not finish in a minute")
            });
            Ok::<_, Infallible>(answer)
        }
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}
