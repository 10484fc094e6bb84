//! Everything that can be wrong before a gateway starts, without starting one and without writing anything.

use std::path::Path;

use durward_core::{Diagnostic, Diagnostics};
use durward_keys::ApiKeys;
use durward_policy::{Compiled, Policy};
use durward_store::Store;

use super::certificate;
use super::offline::{base, compile_policy, read_policy};

/// Compiles the policy and reads every file that it names: contracts, certificate, secrets.
pub(crate) fn inspect(path: &Path) -> anyhow::Result<Compiled> {
    let policy = read_policy(path)?;
    let mut compiled = compile_policy(&policy, path)?;
    let mut problems = Diagnostics::new();
    if let Some((_, certificate)) = &compiled.listeners.https {
        match certificate::read(&policy, certificate) {
            Ok(opened) => compiled.warnings.extend(opened.warnings),
            Err(found) => problems.extend(found),
        }
    }
    match pepper(&policy, base(path)) {
        Ok(warning) => compiled.warnings.extend(warning.into_iter().collect()),
        Err(found) => problems.push(found),
    }
    if problems.has_errors() { Err(problems.into()) } else { Ok(compiled) }
}

/// The pepper that the policy names, if it names one.
fn pepper(policy: &Policy, base: &Path) -> Result<Option<Diagnostic>, Diagnostic> {
    let Some(reference) = &policy.document.keys.pepper else { return Ok(None) };
    let place = |diagnostic| policy.places.at_value(&["keys", "pepper"], diagnostic);
    let wrong = |error: &dyn std::fmt::Display| place(Diagnostic::error(error.to_string()));
    let resolved = reference.resolve(base).map_err(|error| wrong(&error))?;
    // Whether it is long enough is for the keys to say; whether it is the right one only their store knows.
    ApiKeys::open(Store::memory(), resolved.secret).map_err(|error| wrong(&error))?;
    Ok(resolved.warning.map(|warning| place(Diagnostic::warning(warning))))
}
