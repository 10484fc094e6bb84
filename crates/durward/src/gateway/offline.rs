//! What can be done without a running gateway: read, compile, look things up.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context;
use durward_admin::Client;
use durward_core::{Diagnostic, Diagnostics, Fetch, FetchError, Fetched, Inline, Secret, Source};
use durward_keys::ApiKeys;
use durward_limits::Limiter;
use durward_policy::{Compiled, Disk, Environment, Files, Policy, compile};
use durward_store::Store;

/// The folder in which the policy's relative paths start.
pub(crate) fn base(policy: &Path) -> &Path {
    policy.parent().unwrap_or(Path::new(""))
}

/// Reads the policy file.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Diagnostics> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    match Disk.text(path) {
        Ok(text) => durward_policy::read(&Source::new(name, text)),
        Err(message) => {
            let diagnostic = Diagnostic::error(format!("cannot read the policy {message}"));
            Err(if path.exists() {
                diagnostic.into()
            } else {
                diagnostic.help("write one with `durward init openapi.yaml`, or name it with `--policy FILE`").into()
            })
        }
    }
}

/// Compiles the policy as `run` would, with no keys, no network and no state.
pub(crate) fn compile_offline(path: &Path) -> anyhow::Result<Compiled> {
    compile_policy(&read_policy(path)?, path)
}

/// Compiles a policy that was read.
pub(crate) fn compile_policy(policy: &Policy, path: &Path) -> anyhow::Result<Compiled> {
    let keys = ApiKeys::open(Store::memory(), Secret::new(vec![0; 32]))?;
    let environment = Environment {
        base: base(path),
        files: &Disk,
        keys,
        limiter: Arc::new(Limiter::new(1024)),
        fetch: Arc::new(Offline),
        workers: Arc::new(Inline),
        previous: None,
        generation: 1,
    };
    Ok(compile(policy, &environment)?)
}

/// The folder of the audit log.
pub(crate) fn record_folder(path: &Path) -> Result<PathBuf, Diagnostics> {
    let document = read_policy(path)?.document;
    let store = base(path).join(&document.store.path);
    Ok(document.record.path.as_ref().map_or_else(|| store.join("audit"), |folder| base(path).join(folder)))
}

/// A client of the running gateway.
pub(crate) fn admin_client(path: &Path) -> anyhow::Result<Client> {
    let document = read_policy(path)?.document;
    let socket = base(path).join(&document.admin.socket);
    Ok(block_on(Client::connect(&socket))??)
}

/// Runs one small task to its end.
pub(crate) fn block_on<T>(task: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    Ok(runtime.block_on(task))
}

/// No network.
struct Offline;

impl Fetch for Offline {
    fn fetch(&self, url: &str, _: usize) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>> {
        let message = format!("`{url}` is not fetched offline");
        Box::pin(async move { Err(FetchError(message)) })
    }
}
