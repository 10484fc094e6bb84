//! From a document and its contracts to a plan. Everything that cannot be active is an error here, never ignored.

mod access;
mod firewall;
mod hosts;
mod listen;
mod sites;
mod upstream;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use durward_authn::{Authenticators, jwt::JwksPlace};
use durward_contract::{Contract, In, SchemeKind};
use durward_core::{Charter, Diagnostic, Diagnostics, Fetch, Mode, PolicyPlace, Source, StageId, Workers};
use durward_edge::EdgeStage;
use durward_keys::{ApiKeys, SecretRef};
use durward_limits::{FloodStage, Limiter, QuotaStage};
use durward_pipeline::{Api, Plan};
use http::HeaderName;

pub use listen::{Certificate, Listeners};
pub(crate) use upstream::read_url;

use crate::{ApiSection, Files, Policy};

/// What a plan needs beside the document.
pub struct Environment<'a> {
    /// Where the policy's relative paths start.
    pub base: &'a Path,
    /// The files it names.
    pub files: &'a dyn Files,
    /// The API keys.
    pub keys: Arc<ApiKeys>,
    /// The buckets of all limits; kept over reloads.
    pub limiter: Arc<Limiter>,
    /// The way to key sets.
    pub fetch: Arc<dyn Fetch>,
    /// Who does work that would hold up a core.
    pub workers: Arc<dyn Workers>,
    /// The authenticators of the plan that this one replaces: what they fetched stays.
    pub previous: Option<&'a BTreeMap<String, Authenticators>>,
    /// The number of this plan.
    pub generation: u64,
}

/// What a document means.
#[derive(Debug)]
pub struct Compiled {
    /// What decides about requests.
    pub plan: Plan,
    /// The authenticators of each API, for the refresh of key sets and for the next plan.
    pub authenticators: BTreeMap<String, Authenticators>,
    /// Where the gateway listens.
    pub listeners: Listeners,
    /// The folder of the store.
    pub store: PathBuf,
    /// The folder of the audit log.
    pub records: PathBuf,
    /// The operator's socket.
    pub socket: PathBuf,
    /// Everything that should be looked at.
    pub warnings: Diagnostics,
    /// The files that make this plan: a change of any of them calls for a reload.
    pub watched: Vec<PathBuf>,
}

/// A contract that the policy names.
struct Named {
    contract: Arc<Contract>,
    warnings: Diagnostics,
    /// The document and everything that it refers to.
    files: Vec<PathBuf>,
}

type Contracts = BTreeMap<String, Named>;

/// Reads every contract that the policy names.
fn load_contracts(policy: &Policy, base: &Path, files: &dyn Files) -> Result<Contracts, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut contracts = BTreeMap::new();
    for (name, section) in &policy.document.api {
        match load_contract(policy, name, section, base, files) {
            Ok(loaded) => drop(contracts.insert(name.clone(), loaded)),
            Err(found) => problems.extend(found),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(contracts) }
}

fn load_contract(
    policy: &Policy,
    name: &str,
    section: &ApiSection,
    base: &Path,
    files: &dyn Files,
) -> Result<Named, Diagnostics> {
    let first = files.text(&base.join(&section.spec)).map_err(|message| {
        let diagnostic = Diagnostic::error(format!("cannot read the contract {message}"))
            .help("`spec` names a file, relative to the folder of the policy");
        Diagnostics::from(policy.places.at_value(&["api", name, "spec"], diagnostic))
    })?;
    // What was read once, to say where its name is written, is not read again: documents of 13 MiB exist.
    let (first, read) = (RefCell::new(Some(first)), RefCell::new(Vec::new()));
    // Contracts are named in messages as the policy names them, not by where the policy happens to stand.
    let loaded = Contract::load(&section.spec, &|path: &Path| {
        let full = base.join(path);
        let text = first.take().map_or_else(|| files.text(&full), Ok);
        read.borrow_mut().push(full);
        text
    })?;
    Ok(Named { contract: Arc::new(loaded.contract), warnings: loaded.warnings, files: read.into_inner() })
}

/// Compiles a document.
///
/// # Errors
/// Every mistake found in the policy and its contracts.
pub fn compile(policy: &Policy, environment: &Environment<'_>) -> Result<Compiled, Diagnostics> {
    let Policy { document, places } = policy;
    if document.version != 1 {
        let diagnostic = Diagnostic::error(format!("version {} of the policy format is unknown", document.version))
            .label("this Durward reads version 1");
        return Err(places.at_value(&["version"], diagnostic).into());
    }
    let contracts = load_contracts(policy, environment.base, environment.files)?;
    let mut problems = recording(policy);
    let mut warnings = Diagnostics::new();
    let listeners = listen::compile(policy, environment.base).unwrap_or_else(|found| {
        problems.extend(found);
        Listeners::default()
    });
    let shared = match Shared::of(policy, environment) {
        Ok(shared) => shared,
        Err(found) => {
            problems.extend(found);
            return Err(problems);
        }
    };
    warnings.extend(shared.firewall.notes(policy));
    let mut apis = Vec::new();
    let mut authenticators = BTreeMap::new();
    for (name, section) in &document.api {
        let Some(Named { contract, warnings: found, .. }) = contracts.get(name) else { continue };
        warnings.extend(found.clone());
        match sites::compile(policy, environment, &shared, name, section, contract, &mut warnings) {
            Ok((api, own)) => {
                apis.push(api);
                authenticators.insert(name.clone(), own);
            }
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(access::unused_schemes(policy, &contracts));
    problems.extend(hosts::shadowed(policy, &contracts));
    if problems.has_errors() {
        return Err(problems);
    }
    // An API that answers to named hosts only is asked before those that answer to all.
    apis.sort_by_key(|api: &Api| api.hosts.is_empty());
    let known_names = known_header_names(&contracts);
    let plan = Plan {
        generation: environment.generation,
        edge: EdgeStage::compile(document.edge.clone(), known_names),
        charter: Arc::new(gate_charter(policy)),
        apis,
        fetch: Arc::clone(&environment.fetch),
        workers: Arc::clone(&environment.workers),
    };
    let store = environment.base.join(&document.store.path);
    Ok(Compiled {
        plan,
        authenticators,
        listeners,
        records: document.record.path.as_ref().map_or_else(|| store.join("audit"), |path| environment.base.join(path)),
        store,
        socket: environment.base.join(&document.admin.socket),
        warnings,
        watched: watched(policy, environment.base, &contracts, &shared.firewall.files),
    })
}

/// What all sites share.
struct Shared {
    flood: Arc<FloodStage>,
    quota: Arc<QuotaStage>,
    firewall: firewall::Rules,
}

impl Shared {
    fn of(policy: &Policy, environment: &Environment<'_>) -> Result<Self, Diagnostics> {
        let limits =
            policy.document.limits.iter().map(|(name, config)| {
                (Arc::from(name.as_str()), config.clone(), policy.places.place(&["limits", name]))
            });
        let flood = FloodStage::compile(policy.document.flood.clone(), Arc::clone(&environment.limiter));
        let quota = QuotaStage::compile(limits.collect(), Arc::clone(&environment.limiter));
        let mut problems = Diagnostics::new();
        let flood = kept(placed(policy, "flood", flood), &mut problems);
        let quota = kept(placed(policy, "limits", quota), &mut problems);
        let firewall = kept(firewall::rules(policy, environment), &mut problems);
        match (flood, quota, firewall) {
            (Some(flood), Some(quota), Some(firewall)) => {
                Ok(Self { flood: Arc::new(flood), quota: Arc::new(quota), firewall })
            }
            _ => Err(problems),
        }
    }
}

/// What was made, or nothing and what was wrong with it.
fn kept<T>(result: Result<T, Diagnostics>, problems: &mut Diagnostics) -> Option<T> {
    result.map_err(|found| problems.extend(found)).ok()
}

/// Puts findings of a stage that knows no document at the section that configures it.
fn placed<T>(policy: &Policy, key: &str, result: Result<T, Diagnostics>) -> Result<T, Diagnostics> {
    result.map_err(|found| found.as_slice().iter().cloned().map(|one| policy.places.at_key(&[key], one)).collect())
}

/// What is wrong with how the log is to be kept.
fn recording(policy: &Policy) -> Diagnostics {
    let checked = policy.document.record.config().check();
    let wrong = checked.err().map(|error| policy.places.at_key(&["record"], Diagnostic::error(error.to_string())));
    wrong.into_iter().collect()
}

/// What governs a request before its operation is known.
fn gate_charter(policy: &Policy) -> Charter {
    let mut charter = Charter::default();
    charter.set(StageId::Edge, Mode::Enforce, policy.places.place(&["edge"]));
    charter.set(StageId::Route, Mode::Enforce, PolicyPlace::new("the contracts of the policy"));
    charter
}

/// Names with underscores that a contract names: those are not aliases of anything.
fn known_header_names(contracts: &Contracts) -> HashSet<HeaderName> {
    let mut names = HashSet::new();
    for Named { contract, .. } in contracts.values() {
        for scheme in contract.schemes() {
            if let SchemeKind::ApiKey { place: In::Header, name } = &scheme.kind {
                names.extend(HeaderName::from_bytes(name.as_bytes()));
            }
        }
        for operation in contract.operations() {
            names.extend(
                operation.parameters().header_names().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()),
            );
        }
    }
    names
}

fn watched(policy: &Policy, base: &Path, contracts: &Contracts, rules: &[PathBuf]) -> Vec<PathBuf> {
    let document = &policy.document;
    let mut files = vec![base.join(policy.places.source().name())];
    if let Some(certificate) = &document.listen.certificate {
        files.extend(certificate.file.iter().map(|path| base.join(path)));
        files.extend(certificate.key.iter().filter_map(secret_file).map(|path| base.join(path)));
    }
    for section in document.api.values() {
        files.extend(section.upstream.ca.iter().map(|path| base.join(path)));
    }
    files.extend_from_slice(rules);
    files.extend(contracts.values().flat_map(|named| named.files.iter().cloned()));
    for section in document.auth.values() {
        if let Some(jwt) = &section.jwt {
            if let Some(JwksPlace::File(path)) = &jwt.jwks {
                files.push(base.join(path));
            }
            files.extend(jwt.secret.iter().filter_map(secret_file).map(|path| base.join(path)));
        }
    }
    files
}

fn secret_file(reference: &SecretRef) -> Option<&Path> {
    match reference {
        SecretRef::File(path) => Some(path),
        SecretRef::Env(_) => None,
    }
}

/// Reads a file that the policy names, or says where it is named.
fn named_text(
    policy: &Policy,
    environment: &Environment<'_>,
    key: &[&str],
    path: &Path,
) -> Result<Arc<Source>, Diagnostics> {
    match environment.files.text(&environment.base.join(path)) {
        Ok(text) => Ok(Source::new(path.display().to_string(), text)),
        Err(message) => Err(policy.places.at_value(key, Diagnostic::error(format!("cannot read {message}"))).into()),
    }
}
