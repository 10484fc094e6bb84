//! What a running gateway keeps over reloads, and the reload itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use durward_authn::Authenticators;
use durward_authn::jwks::KeyCache;
use durward_core::{Clock, Diagnostics, Fetch, SystemClock, Workers};
use durward_keys::ApiKeys;
use durward_limits::Limiter;
use durward_pipeline::Plan;
use durward_policy::{Compiled, Disk, Environment, Policy, compile};
use durward_proxy::CertificateStore;
use durward_record::Metrics;

use super::certificate;
use super::offline::{base, read_policy};
use super::watch::Watch;

/// The lasting parts.
pub(crate) struct State {
    policy: PathBuf,
    pub(crate) plans: Arc<ArcSwap<Plan>>,
    pub(crate) keys: Arc<ApiKeys>,
    pub(crate) metrics: Metrics,
    limiter: Arc<Limiter>,
    fetch: Arc<dyn Fetch>,
    workers: Arc<dyn Workers>,
    certificates: Option<Arc<CertificateStore>>,
    changing: Mutex<Changing>,
}

/// What a reload replaces.
struct Changing {
    generation: u64,
    fixed: String,
    authenticators: BTreeMap<String, Authenticators>,
    watch: Watch,
}

/// The parts that are there before the first plan.
pub(crate) struct Foundation {
    pub(crate) keys: Arc<ApiKeys>,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) fetch: Arc<dyn Fetch>,
    pub(crate) workers: Arc<dyn Workers>,
    pub(crate) metrics: Metrics,
}

impl Foundation {
    /// Compiles the first plan.
    pub(crate) fn compile(&self, policy: &Policy, path: &Path) -> Result<Compiled, Diagnostics> {
        compile(policy, &self.environment(base(path), None, 1))
    }

    fn environment<'a>(
        &self,
        base: &'a Path,
        previous: Option<&'a BTreeMap<String, Authenticators>>,
        generation: u64,
    ) -> Environment<'a> {
        Environment {
            base,
            files: &Disk,
            keys: Arc::clone(&self.keys),
            limiter: Arc::clone(&self.limiter),
            fetch: Arc::clone(&self.fetch),
            workers: Arc::clone(&self.workers),
            previous,
            generation,
        }
    }
}

impl State {
    /// The state around the first plan.
    pub(crate) fn new(
        path: &Path,
        policy: &Policy,
        foundation: Foundation,
        compiled: Compiled,
        certificates: Option<Arc<CertificateStore>>,
    ) -> Self {
        let Foundation { keys, limiter, fetch, workers, metrics } = foundation;
        metrics.plan_in_force(1);
        let changing = Changing {
            generation: 1,
            fixed: fixed(policy),
            authenticators: compiled.authenticators,
            watch: Watch::these(compiled.watched),
        };
        let plans = Arc::new(ArcSwap::from_pointee(compiled.plan));
        Self {
            policy: path.to_owned(),
            plans,
            keys,
            metrics,
            limiter,
            fetch,
            workers,
            certificates,
            changing: Mutex::new(changing),
        }
    }

    /// Reads the policy again and puts its plan in force; a bad document, contract or certificate changes nothing.
    pub(crate) fn reload(&self) -> Result<String, Diagnostics> {
        let mut changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.replace(&mut changing);
        self.metrics.reloaded(outcome.is_ok(), SystemClock::new().now().unix_seconds());
        outcome
    }

    fn replace(&self, changing: &mut Changing) -> Result<String, Diagnostics> {
        let generation = changing.generation + 1;
        let policy = read_policy(&self.policy)?;
        let environment = Environment {
            base: base(&self.policy),
            files: &Disk,
            keys: Arc::clone(&self.keys),
            limiter: Arc::clone(&self.limiter),
            fetch: Arc::clone(&self.fetch),
            workers: Arc::clone(&self.workers),
            previous: Some(&changing.authenticators),
            generation,
        };
        let compiled = compile(&policy, &environment)?;
        if let Some(certificates) = &self.certificates {
            certificates.reload().map_err(|error| certificate::placed(&policy, &error))?;
        }
        let restart = if fixed(&policy) == changing.fixed {
            String::new()
        } else {
            "; changes in [listen], [admin], [store], [record] and [keys] wait for a restart".to_owned()
        };
        self.plans.store(Arc::new(compiled.plan));
        changing.generation = generation;
        changing.authenticators = compiled.authenticators;
        changing.watch = Watch::these(compiled.watched);
        self.metrics.plan_in_force(generation);
        Ok(format!("plan {generation} is in force{restart}"))
    }

    /// Whether a file of the plan changed since this was last asked.
    pub(crate) fn changed(&self) -> bool {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner).watch.changed()
    }

    /// Key sets that should be fetched now.
    pub(crate) fn due(&self) -> Vec<Arc<KeyCache>> {
        let now = SystemClock::new().now();
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let all = changing.authenticators.values().flat_map(Authenticators::key_caches);
        all.map(|(_, cache)| cache).filter(|cache| cache.due(now)).cloned().collect()
    }

    /// The way to key sets.
    pub(crate) fn fetch(&self) -> &Arc<dyn Fetch> {
        &self.fetch
    }
}

/// The sections that a running gateway cannot change, as text to compare.
fn fixed(policy: &Policy) -> String {
    let document = &policy.document;
    let parts = (&document.listen, &document.admin, &document.store, &document.record, &document.keys);
    serde_json::to_string(&parts).unwrap_or_default()
}
