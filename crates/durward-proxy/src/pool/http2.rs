//! HTTP/2 to upstreams: one connection per core and upstream, driven by a task of its own, shared by all requests.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

use durward_core::{Fault, FaultKind};
use durward_pipeline::{Outbound, Upstream, UpstreamTrust};
use http::{Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Mutex;

use crate::body::{ClientBody, RequestBody, Source, Upload, describe};
use crate::pool::{Pool, Reply, Sent};
use crate::serve::LocalExecutor;
use crate::watch::Watch;

/// The shared connection of a pool.
#[derive(Default)]
pub(crate) struct Shared {
    current: RefCell<Option<SendRequest<RequestBody>>>,
    live: Rc<Cell<usize>>,
    last_used: Cell<u64>,
    /// Held by the one who connects; never taken while there is a connection.
    connecting: Mutex<()>,
    /// Counts failed attempts, so that those who waited for one do not repeat it one after the other.
    failures: Cell<u64>,
    failure: RefCell<Option<Fault>>,
}

impl Shared {
    /// Lets an idle connection go; streams that are open keep it until they end.
    pub(crate) fn reap(&self, oldest: u64) {
        let idle = self.live.get() == 0 && self.last_used.get() < oldest;
        let closed = self.current.borrow().as_ref().is_some_and(SendRequest::is_closed);
        if idle || closed {
            self.current.take();
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.current.borrow().is_some()
    }

    fn sender(&self) -> Option<SendRequest<RequestBody>> {
        self.current.borrow().as_ref().filter(|send| !send.is_closed()).cloned()
    }
}

/// Counts a request on the shared connection.
struct Live(Rc<Cell<usize>>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Sends a request; once more on a fresh connection when the upstream said goodbye before it took the request, or the
/// stream failed and the request may be sent twice.
pub(super) async fn send(pool: &Rc<Pool>, outbound: Outbound<ClientBody>, replayable: bool) -> Result<Reply, Fault> {
    let (request, upload) = build(&pool.upstream, outbound)?;
    let sent = Sent { replayable, upload };
    pool.http2.live.set(pool.http2.live.get() + 1);
    let _live = Live(Rc::clone(&pool.http2.live));
    let (send, kept) = match pool.http2.sender() {
        Some(send) => (send, true),
        None => (Box::pin(connect(pool)).await?, false),
    };
    pool.http2.last_used.set(pool.round.get());
    let spare = if kept && sent.replayable { copy(&request) } else { None };
    let failed = match exchange(pool, send, request, &sent).await {
        Ok(response) => return Ok(reply(pool, response)),
        Err(failed) => failed,
    };
    let unsent = failed.message.map(|message| *message);
    if unsent.is_some() {
        // The connection takes nothing more (GOAWAY); what is on it finishes there.
        pool.http2.current.take();
    }
    let again = unsent.or(if failed.refused { spare } else { None });
    let Some(again) = again else { return Err(sent.fault(failed.kind, failed.detail)) };
    let send = match pool.http2.sender() {
        Some(send) => send,
        None => Box::pin(connect(pool)).await?,
    };
    match exchange(pool, send, again, &sent).await {
        Ok(response) => Ok(reply(pool, response)),
        Err(failed) => Err(sent.fault(failed.kind, failed.detail)),
    }
}

fn build(
    upstream: &Upstream,
    outbound: Outbound<ClientBody>,
) -> Result<(Request<RequestBody>, Option<Rc<Upload>>), Fault> {
    let Outbound { method, target, mut headers, own, payload, upgrade: _ } = outbound;
    headers.extend(own);
    let malformed = |cause: http::Error| Fault::new(FaultKind::Broken, format!("the target cannot be sent: {cause}"));
    // The host that the pipeline settled becomes the authority (RFC 9113 section 8.3.1).
    let host = headers.remove(header::HOST);
    let authority = host.as_ref().and_then(|host| host.to_str().ok()).unwrap_or(&upstream.authority);
    let cleartext = matches!(upstream.trust, UpstreamTrust::Cleartext);
    let uri = Uri::builder()
        .scheme(if cleartext { "http" } else { "https" })
        .authority(authority)
        .path_and_query(&*target)
        .build()
        .map_err(malformed)?;
    let (body, upload) = RequestBody::new(payload, &headers);
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok((request, upload))
}

/// A second copy of a request whose body is at hand.
fn copy(request: &Request<RequestBody>) -> Option<Request<RequestBody>> {
    let mut copy = Request::new(request.body().again()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}

fn reply(pool: &Pool, response: Response<Incoming>) -> Reply {
    let (head, incoming) = response.into_parts();
    let idle = pool.upstream.timeouts.idle;
    Reply { head, source: Source::Http2 { incoming, watch: Watch::default(), idle } }
}

struct Failed {
    kind: FaultKind,
    detail: String,
    /// The connection or the stream failed, rather than patience.
    refused: bool,
    message: Option<Box<Request<RequestBody>>>,
}

async fn exchange(
    pool: &Pool,
    mut send: SendRequest<RequestBody>,
    request: Request<RequestBody>,
    sent: &Sent,
) -> Result<Response<Incoming>, Failed> {
    let timeouts = pool.upstream.timeouts;
    let mut watch = Watch::default();
    let uploading = || sent.upload.as_ref().is_some_and(|upload| !upload.done.get());
    let mut was_uploading = uploading();
    let first = if was_uploading { timeouts.idle + SLOW_CALLER } else { timeouts.response };
    watch.set(Instant::now() + first);
    let mut passed = 0;
    let mut answer = pin!(send.try_send_request(request));
    poll_fn(|cx| {
        if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
            return Poll::Ready(answer.map_err(|mut error| Failed {
                kind: FaultKind::Broken,
                message: error.take_message().map(Box::new),
                detail: describe(error.error()),
                refused: true,
            }));
        }
        if was_uploading && !uploading() {
            was_uploading = false;
            watch.set(Instant::now() + timeouts.response);
        } else if let (true, Some(upload)) = (was_uploading, &sent.upload)
            && upload.passed.get() != passed
        {
            passed = upload.passed.get();
            watch.set(Instant::now() + timeouts.idle + SLOW_CALLER);
        }
        watch.poll(cx).map(|()| {
            let detail = "no answer in time".to_owned();
            Err(Failed { kind: FaultKind::Timeout, detail, refused: false, message: None })
        })
    })
    .await
}

async fn connect(pool: &Rc<Pool>) -> Result<SendRequest<RequestBody>, Fault> {
    let shared = &pool.http2;
    let failures = shared.failures.get();
    let _connecting = shared.connecting.lock().await;
    if let Some(send) = shared.sender() {
        return Ok(send);
    }
    if let (true, Some(fault)) = (shared.failures.get() != failures, &*shared.failure.borrow()) {
        return Err(fault.clone());
    }
    match open(pool).await {
        Ok(send) => {
            shared.current.replace(Some(send.clone()));
            Ok(send)
        }
        Err(fault) => {
            shared.failures.set(shared.failures.get() + 1);
            shared.failure.replace(Some(fault.clone()));
            Err(fault)
        }
    }
}

async fn open(pool: &Rc<Pool>) -> Result<SendRequest<RequestBody>, Fault> {
    let io = TokioIo::new(pool.connector.connect().await?);
    let (send, conn) = Builder::new(LocalExecutor)
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(MOST_HEAD)
        .max_local_error_reset_streams(128)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .handshake(io)
        .await
        .map_err(|error| Fault::new(FaultKind::Broken, describe(&error)))?;
    let mut conn = Box::pin(conn);
    tokio::task::spawn_local(async move {
        // Each request on it learns of its end for itself.
        let _ = poll_fn(|cx| Pin::new(&mut conn).poll(cx)).await;
    });
    Ok(send)
}

const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 2 * 1024 * 1024;
const MOST_HEAD: u32 = 64 * 1024;
const PING: Duration = Duration::from_secs(20);
const SLOW_CALLER: Duration = Duration::from_secs(30);
