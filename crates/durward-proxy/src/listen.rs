//! Sockets: one listener per core and address, all on the same port by `SO_REUSEPORT`.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ipnet::IpNet;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::ServerError;
use crate::admission::Admission;
use crate::config::{ListenConfig, ListenScheme};
use crate::core::Core;
use crate::serve;
use crate::tls::CertificateStore;

/// What connections of one listener share.
pub(crate) struct Listening {
    pub(crate) scheme: Scheme,
    trusted: Vec<IpNet>,
}

/// Cleartext or TLS.
pub(crate) enum Scheme {
    Http,
    Https(Arc<CertificateStore>),
}

impl Listening {
    pub(crate) fn new(config: &ListenConfig) -> Rc<Self> {
        let scheme = match &config.scheme {
            ListenScheme::Http => Scheme::Http,
            ListenScheme::Https(certificates) => Scheme::Https(Arc::clone(certificates)),
        };
        Rc::new(Self { scheme, trusted: config.proxy_protocol.clone() })
    }

    /// Whether this peer sends a PROXY protocol header.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|network| network.contains(&peer))
    }
}

/// One socket per worker on an address; port 0 becomes one free port for all.
pub(crate) fn bind(
    address: SocketAddr,
    workers: usize,
) -> Result<(SocketAddr, Vec<std::net::TcpListener>), ServerError> {
    let failed = |cause| ServerError::Bind { address, cause };
    let first = socket(address).map_err(failed)?;
    let bound = first.local_addr().map_err(failed)?;
    let mut sockets = vec![first];
    for _ in 1..workers {
        sockets.push(socket(bound).map_err(failed)?);
    }
    Ok((bound, sockets))
}

fn socket(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // `[::]` takes both families; any other IPv6 address means itself.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Accepts until the drain begins, then takes what the system has already accepted, and closes the socket.
pub(crate) async fn accept(listener: TcpListener, listening: Rc<Listening>, core: Rc<Core>, admission: Arc<Admission>) {
    let mut begun = pin!(core.drain.begun.notified());
    let mut patience = SHORT;
    while core.drain.since().is_none() {
        let accepted = tokio::select! {
            biased;
            () = &mut begun => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                patience = SHORT;
                welcome(stream, peer, &listening, &core, &admission);
            }
            Err(error) if is_exhaustion(&error) => {
                // Out of descriptors or memory: waiting lets connections end, retrying at once would spin.
                tokio::time::sleep(patience).await;
                patience = (patience * 2).min(LONG);
            }
            // The client left before it was accepted.
            Err(_) => {}
        }
    }
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Ok((stream, peer))) = listener.poll_accept(&mut cx) {
        welcome(stream, peer, &listening, &core, &admission);
    }
}

fn welcome(
    stream: tokio::net::TcpStream,
    peer: SocketAddr,
    listening: &Rc<Listening>,
    core: &Rc<Core>,
    admission: &Arc<Admission>,
) {
    if let Ok(seat) = admission.enter() {
        spawn(serve::connection(stream, peer, seat, Rc::clone(listening), Rc::clone(core)));
    }
}

fn spawn(connection: impl Future<Output = ()> + 'static) {
    tokio::task::spawn_local(connection);
}

fn is_exhaustion(error: &io::Error) -> bool {
    let code = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
    matches!(
        code,
        Some(
            rustix::io::Errno::MFILE | rustix::io::Errno::NFILE | rustix::io::Errno::NOBUFS | rustix::io::Errno::NOMEM
        )
    )
}

/// Lifts the limit of open files to what the system allows this process: each connection needs one.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        // A refusal leaves the limit as it is, and accepting waits when it is reached.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    }
}

const BACKLOG: i32 = 1024;
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(1);
