//! The controls of each operation of one API.

use std::cell::RefCell;
use std::sync::Arc;

use durward_authn::{Authenticators, AuthnStage};
use durward_authz::AuthzStage;
use durward_contract::{Contract, Operation};
use durward_core::{Charter, Diagnostic, Diagnostics, Mode, OperationName, PolicyPlace, Scheme, StageId};
use durward_firewall::{FirewallStage, TuningConfig};
use durward_pipeline::{Api, CredentialPolicy, Forwarding, ReleaseStage, Site};
use durward_validate::{BodyStage, ValidateStage};

use super::access::{self, Access};
use super::{Environment, Shared, hosts, upstream};
use crate::document::{Modes, OperationSection};
use crate::{ApiSection, Policy};

/// Everything that the sites of one API have in common.
struct Ground<'a> {
    policy: &'a Policy,
    shared: &'a Shared,
    name: &'a str,
    section: &'a ApiSection,
    contract: &'a Contract,
    authenticators: &'a Authenticators,
    forwarding: Arc<Forwarding>,
    validate: Arc<ValidateStage>,
    /// The stage of operations that ask for nothing of their own, by mode.
    firewall: RefCell<Vec<(Mode, Arc<FirewallStage>)>>,
}

pub(super) fn compile(
    policy: &Policy,
    environment: &Environment<'_>,
    shared: &Shared,
    name: &str,
    section: &ApiSection,
    contract: &Arc<Contract>,
    warnings: &mut Diagnostics,
) -> Result<(Api, Authenticators), Diagnostics> {
    let mut problems = unknown_operations(policy, name, section, contract);
    if contract.operations().is_empty() {
        let diagnostic = Diagnostic::error(format!("`{}` names no operation", section.spec.display()));
        problems.push(policy.places.at_value(&["api", name, "spec"], diagnostic));
    }
    let mut authenticators = access::authenticators(policy, environment, contract).unwrap_or_else(|found| {
        problems.extend(found);
        Authenticators::default()
    });
    if let Some(previous) = environment.previous.and_then(|all| all.get(name)) {
        authenticators.inherit(previous);
    }
    let hosts = hosts::compile(policy, name, section).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    let forwarding = upstream::compile(policy, environment, name, section, contract.base_paths());
    let forwarding = match (forwarding, problems.has_errors()) {
        (Ok(forwarding), false) => Arc::new(forwarding),
        (Ok(_), true) => return Err(problems),
        (Err(found), _) => {
            problems.extend(found);
            return Err(problems);
        }
    };
    let validate = Arc::new(ValidateStage::compile(section.validate));
    let ground = Ground {
        policy,
        shared,
        name,
        section,
        contract,
        authenticators: &authenticators,
        forwarding,
        validate,
        firewall: RefCell::default(),
    };
    let mut sites = Vec::with_capacity(contract.operations().len());
    for operation in contract.operations() {
        match ground.site(operation) {
            Ok(site) => sites.push(site),
            Err(found) => problems.extend(found),
        }
    }
    ground.warn(warnings);
    if problems.has_errors() {
        return Err(problems);
    }
    Ok((Api { contract: Arc::clone(contract), hosts, sites }, authenticators))
}

impl Ground<'_> {
    fn site(&self, operation: &Operation) -> Result<Site, Diagnostics> {
        let access = access::rule(self.policy, self.name, self.section, operation, self.authenticators, self.contract)?;
        let (authn, authz) = match access {
            Access::Public => (AuthnStage::public(), AuthzStage::public()),
            Access::Alternatives(alternatives) => {
                let schemes: Vec<Vec<Scheme>> = alternatives
                    .iter()
                    .map(|all| all.iter().map(|asked| Arc::clone(&asked.scheme)).collect())
                    .collect();
                let authn = AuthnStage::compile(&schemes, self.authenticators).map_err(|error| {
                    self.policy.places.at_key(&["api", self.name], Diagnostic::error(error.to_string()))
                })?;
                (authn, AuthzStage::compile(alternatives))
            }
        };
        let own = self.section.operations.iter().find(|(name, _)| access::names(name, operation));
        let mut body = self.section.body;
        if let Some((_, own)) = own {
            body.max = own.max.unwrap_or(body.max);
            body.stream = own.stream.unwrap_or(body.stream);
        }
        let credentials = match self.section.credentials {
            // Also those of schemes that this operation does not use: what nobody verified must not look verified.
            CredentialPolicy::Strip => self.authenticators.credential_places(),
            CredentialPolicy::Forward => Vec::new(),
        };
        let charter = self.charter(operation, own);
        let firewall = self.firewall(charter.mode(StageId::FirewallHead), own)?;
        Ok(Site {
            credentials,
            name: OperationName { api: Arc::from(self.name), operation: Arc::clone(operation.id()) },
            template: Arc::clone(operation.template()),
            charter: Arc::new(charter),
            flood: Arc::clone(&self.shared.flood),
            firewall,
            authn,
            authz,
            quota: Arc::clone(&self.shared.quota),
            body: BodyStage::compile(body),
            validate: Arc::clone(&self.validate),
            forwarding: Arc::clone(&self.forwarding),
            release: ReleaseStage::compile(self.section.release),
            websocket: self.section.websocket.iter().any(|name| access::names(name, operation)),
        })
    }

    /// Operations that ask for nothing of their own share one stage.
    fn firewall(
        &self,
        mode: Mode,
        own: Option<(&String, &OperationSection)>,
    ) -> Result<Arc<FirewallStage>, Diagnostics> {
        let own = own.filter(|(_, own)| own.firewall != TuningConfig::default());
        let api = (&self.section.firewall, &["api", self.name, "firewall"][..]);
        if let Some((name, own)) = own {
            let place = ["api", self.name, "operations", name, "firewall"];
            let stage = self.shared.firewall.stage(self.policy, mode, &[api, (&own.firewall, &place)])?;
            return Ok(Arc::new(stage));
        }
        let mut known = self.firewall.borrow_mut();
        if let Some((_, stage)) = known.iter().find(|(of, _)| *of == mode) {
            return Ok(Arc::clone(stage));
        }
        let stage = Arc::new(self.shared.firewall.stage(self.policy, mode, &[api])?);
        known.push((mode, Arc::clone(&stage)));
        Ok(stage)
    }

    /// The narrowest section that writes a mode decides it.
    fn charter(&self, operation: &Operation, own: Option<(&String, &OperationSection)>) -> Charter {
        let places = &self.policy.places;
        let contract = || {
            PolicyPlace::new(format!("{} {} {}", self.section.spec.display(), operation.method(), operation.template()))
        };
        let firewall = (self.policy.document.firewall.mode, places.place(&["firewall"]));
        let contract = || (Mode::Enforce, contract());
        let mut charter = Charter::default();
        let mut set = |stage: StageId, key: &str, pick: fn(&Modes) -> Option<Mode>, wider: (Mode, PolicyPlace)| {
            let own = own.and_then(|(name, own)| {
                pick(&own.modes).map(|mode| (mode, places.place(&["api", self.name, "operations", name, "modes", key])))
            });
            let api = || pick(&self.section.modes).map(|mode| (mode, places.place(&["api", self.name, "modes", key])));
            let (mode, place) = own.or_else(api).unwrap_or(wider);
            charter.set(stage, mode, place);
        };
        set(StageId::Authn, "authn", |modes| modes.authn, contract());
        set(StageId::Authz, "authz", |modes| modes.authz, contract());
        set(StageId::Validate, "validate", |modes| modes.validate, contract());
        set(StageId::FirewallHead, "firewall", |modes| modes.firewall, firewall.clone());
        set(StageId::FirewallBody, "firewall", |modes| modes.firewall, firewall);
        charter.set(StageId::Flood, self.shared.flood.mode(), places.place(&["flood"]));
        charter.set(StageId::Quota, self.shared.quota.mode(), places.place(&["limits"]));
        charter.set(StageId::Body, Mode::Enforce, places.place(&["api", self.name, "body"]));
        charter.set(StageId::Upstream, Mode::Enforce, places.place(&["api", self.name, "upstream"]));
        charter.set(StageId::Release, Mode::Enforce, places.place(&["api", self.name, "release"]));
        charter
    }

    fn warn(&self, warnings: &mut Diagnostics) {
        warnings.extend(access::opened(self.policy, self.name, self.section, self.contract));
        warnings.extend(access::examples(self.policy, self.contract));
        for scheme in self.contract.schemes() {
            if self.authenticators.find(&scheme.name).is_none() {
                let diagnostic =
                    Diagnostic::warning(format!("scheme `{}` of the contract is not configured", scheme.name))
                        .label("alternatives that need it cannot be satisfied")
                        .help(access::configure(&scheme.name, &scheme.kind));
                warnings.push(self.policy.places.at_key(&["api", self.name], diagnostic));
            }
        }
    }
}

/// Names of operations in the policy that the contract does not have.
fn unknown_operations(policy: &Policy, name: &str, section: &ApiSection, contract: &Contract) -> Diagnostics {
    let lists = [("public", &section.public), ("websocket", &section.websocket)];
    let listed = lists.into_iter().flat_map(|(key, list)| list.iter().map(move |written| (key, written)));
    let tables = section.operations.keys().map(|written| ("operations", written));
    listed
        .chain(tables)
        .filter_map(|(key, written)| access::unknown_operation(policy, &["api", name, key, written], written, contract))
        .collect()
}
