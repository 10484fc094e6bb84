//! A running gateway: started, watched, reloaded, drained.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use durward_admin::{AdminParts, AdminSocket};
use durward_core::{Clock, SystemClock};
use durward_limits::Limiter;
use durward_policy::{Compiled, ListenSection, Listeners};
use durward_proxy::{
    CertificateStore, HttpFetch, Limits, ListenConfig, ListenScheme, Server, ServerConfig, ServerParts, UpstreamLimits,
    WorkerPool,
};
use durward_record::{Build, Metrics, Recorder, Running};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::offline::{base, read_policy};
use super::state::{Foundation, State};
use super::{certificate, desk};
use crate::terminal::{Detail, Terminal, render};

/// A running gateway and everything around it.
pub(crate) struct Gateway {
    state: Arc<State>,
    server: Server,
    records: Running,
    record_folder: PathBuf,
    /// Bound at the start, so that the verbs work as soon as the gateway says that it is ready; served in
    /// [`run_until_stopped`].
    admin: Option<AdminSocket>,
    urls: Vec<String>,
    drain: Duration,
}

impl Gateway {
    /// Starts it. Clients can connect when this returns.
    pub(crate) fn start(path: &Path, runtime: &Handle, terminal: &Terminal) -> anyhow::Result<Self> {
        let policy = read_policy(path)?;
        let base = base(path);
        let (keys, warnings) = desk::open_keys(&policy, base)?;
        warnings.iter().for_each(|warning| terminal.note(&format!("warning: {warning}")));
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let foundation = Foundation {
            keys,
            limiter: Arc::new(Limiter::new(Limiter::DEFAULT_CAPACITY)),
            fetch: Arc::new(HttpFetch::new(runtime.clone(), None)),
            workers: Arc::new(WorkerPool::start(workers)?),
            metrics: Metrics::new(&Build { version: env!("CARGO_PKG_VERSION"), commit: None }),
        };
        let compiled = foundation.compile(&policy, path)?;
        terminal.diagnose(&compiled.warnings, Detail::Grouped);
        let (recorder, records) =
            open_records(&policy.document.record.config(), &compiled, &foundation.metrics, terminal)?;
        let certificates = match &compiled.listeners.https {
            Some((_, certificate)) => Some(certificate::open(&policy, certificate, &compiled.store)?),
            None => None,
        };
        let (listeners, record_folder) = (compiled.listeners.clone(), compiled.records.clone());
        let admin = {
            let _in_runtime = runtime.enter();
            AdminSocket::bind(&compiled.socket)?
        };
        let state = Arc::new(State::new(path, &policy, foundation, compiled, certificates.clone()));
        let config = server_config(&listeners, certificates.as_ref());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let server = Server::start(
            &config,
            &ServerParts { plans: Arc::clone(&state.plans), recorder, metrics: Some(state.metrics.clone()), clock },
        )?;
        let urls = urls(&config, &server);
        let drain = policy.document.listen.timeouts.drain.duration();
        Ok(Self { state, server, records, record_folder, admin: Some(admin), urls, drain })
    }

    /// Where it listens.
    pub(crate) fn urls(&self) -> &[String] {
        &self.urls
    }

    /// What lasts over reloads.
    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// The folder of its audit log.
    pub(crate) fn record_folder(&self) -> &Path {
        &self.record_folder
    }

    /// Lets requests in flight finish, writes the last records, and ends.
    pub(crate) fn stop(self) -> anyhow::Result<usize> {
        let drained = self.server.drain(self.drain);
        self.records.close()?;
        Ok(drained.unfinished)
    }
}

/// Serves the operator's socket, reloads when asked or when a file changes, refreshes key sets, until a signal says stop.
pub(crate) async fn run_until_stopped(gateway: &mut Gateway, terminal: Terminal) -> anyhow::Result<()> {
    let state = Arc::clone(gateway.state());
    let admin = gateway.admin.take().context("the admin socket is served already")?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let parts = admin_parts(gateway);
    let serving = tokio::spawn(durward_admin::serve(admin, parts, async move { drop(stopped.await) }));
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(&state, terminal).await,
            _ = tick.tick() => {
                if state.changed() {
                    reload(&state, terminal).await;
                }
                refresh_keys(&state);
            }
        }
    }
    let _ = stop.send(());
    serving.await.context("the admin socket")??;
    Ok(())
}

async fn reload(state: &Arc<State>, terminal: Terminal) {
    let state = Arc::clone(state);
    match tokio::task::spawn_blocking(move || state.reload()).await {
        Ok(Ok(outcome)) => terminal.note(&outcome),
        Ok(Err(found)) => {
            terminal.diagnose(&found, Detail::Grouped);
            terminal.note("the plan before stays in force");
        }
        Err(error) => terminal.note(&format!("the reload failed: {error}; the plan before stays in force")),
    }
}

/// Starts a fetch for each key set that is due; each is its own task, so that a slow issuer holds up nobody.
fn refresh_keys(state: &Arc<State>) {
    for cache in state.due() {
        let fetch = Arc::clone(state.fetch());
        tokio::spawn(async move {
            // A failure stays visible in the cache's status and in what requests are told; the next tick tries again.
            let _ = cache.refresh(&*fetch, SystemClock::new().now()).await;
        });
    }
}

fn admin_parts(gateway: &Gateway) -> AdminParts {
    let (reloading, showing) = (Arc::clone(gateway.state()), Arc::clone(gateway.state()));
    let urls = gateway.urls.clone();
    AdminParts {
        clock: Arc::new(SystemClock::new()),
        metrics: gateway.state.metrics.clone(),
        reload: Arc::new(move || {
            let state = Arc::clone(&reloading);
            Box::pin(async move {
                let done = tokio::task::spawn_blocking(move || state.reload()).await;
                done.map_err(|error| error.to_string())?
                    .map_err(|found| render(found.as_slice(), false, Detail::Grouped))
            })
        }),
        keys: Some(Arc::clone(&gateway.state.keys)),
        record_dir: gateway.record_folder.clone(),
        status: Arc::new(move || {
            let plan = showing.plans.load();
            json!({
                "version": env!("CARGO_PKG_VERSION"),
                "plan": plan.generation,
                "apis": plan.apis.len(),
                "operations": plan.apis.iter().map(|api| api.sites.len()).sum::<usize>(),
                "listening": urls,
            })
        }),
    }
}

fn open_records(
    config: &durward_record::RecordConfig,
    compiled: &Compiled,
    metrics: &Metrics,
    terminal: &Terminal,
) -> anyhow::Result<(Recorder, Running)> {
    let (recorder, writer) = Recorder::open(config, &compiled.records)?;
    if let Some(torn) = &writer.opened().torn {
        terminal.note(&format!(
            "warning: `{}` ended in the middle of a line, as after a crash; the {} torn bytes are kept in `{}`",
            torn.log.display(),
            torn.bytes,
            torn.saved.display()
        ));
    }
    let terminal = *terminal;
    Ok((recorder, writer.start(metrics.clone(), move |message| terminal.note(&format!("audit log: {message}")))?))
}

fn server_config(listeners: &Listeners, certificates: Option<&Arc<CertificateStore>>) -> ServerConfig {
    let listen = |address, scheme| ListenConfig { address, scheme, proxy_protocol: listeners.proxy_protocol.clone() };
    let mut all = Vec::new();
    if let (Some((address, _)), Some(store)) = (&listeners.https, certificates) {
        all.push(listen(*address, ListenScheme::Https(Arc::clone(store))));
    }
    if let Some(address) = listeners.http {
        all.push(listen(address, ListenScheme::Http));
    }
    let workers = listeners.section.as_ref().and_then(|section| section.workers).and_then(NonZeroUsize::new);
    let limits = listeners.section.as_ref().map(limits).unwrap_or_default();
    ServerConfig { workers, listeners: all, limits, upstream: UpstreamLimits::default() }
}

fn limits(section: &ListenSection) -> Limits {
    let timeouts = &section.timeouts;
    Limits {
        connections: section.connections,
        connections_per_address: section.connections_per_address,
        handshake: timeouts.handshake.duration(),
        header: timeouts.head.duration(),
        idle: timeouts.idle.duration(),
        body_idle: timeouts.body.duration(),
        head_bytes: section.head.as_usize(),
        streams: section.streams,
        ..Limits::default()
    }
}

fn urls(config: &ServerConfig, server: &Server) -> Vec<String> {
    let scheme = |listener: &ListenConfig| match listener.scheme {
        ListenScheme::Http => "http",
        ListenScheme::Https(_) => "https",
    };
    config
        .listeners
        .iter()
        .zip(server.addresses())
        .map(|(listener, address)| format!("{}://{address}", scheme(listener)))
        .collect()
}
