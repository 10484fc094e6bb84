//! Where API keys are made and revoked: at the running gateway, or in the store when none runs.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use durward_admin::{AdminError, Client, KeyRequest};
use durward_core::{Clock, Diagnostic, Diagnostics, Moment, SystemClock};
use durward_keys::{ApiKeys, NewKey, pepper_from};
use durward_policy::Policy;
use durward_store::Store;
use serde_json::{Value, json};

use super::offline::{base, block_on, read_policy};

/// A way to the keys.
pub(crate) enum KeyDesk {
    /// The running gateway.
    Gateway(Client),
    /// The store, which nobody else has open.
    Store(Arc<ApiKeys>),
}

/// A key that was just made.
pub(crate) struct Made {
    row: Value,
    text: String,
}

impl Made {
    /// The key itself: shown once.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn as_json(&self) -> Value {
        json!({ "key": self.row, "text": self.text })
    }
}

/// Opens the keys of a policy's store.
pub(crate) fn open_keys(policy: &Policy, base: &Path) -> anyhow::Result<(Arc<ApiKeys>, Vec<String>)> {
    let document = &policy.document;
    let folder = base.join(&document.store.path);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the store's folder `{}`", folder.display()))?;
    let pepper = match &document.keys.pepper {
        Some(reference) => reference.resolve(base).map_err(|error| {
            Diagnostics::from(policy.places.at_value(&["keys", "pepper"], Diagnostic::error(error.to_string())))
        })?,
        None => pepper_from(&folder)?,
    };
    let store = Store::open(&folder.join("store"))?;
    Ok((ApiKeys::open(store, pepper.secret)?, pepper.warning.into_iter().collect()))
}

impl KeyDesk {
    pub(crate) fn open(policy: &Path) -> anyhow::Result<Self> {
        let read = read_policy(policy)?;
        let base = base(policy);
        match block_on(Client::connect(&base.join(&read.document.admin.socket)))? {
            Ok(client) => Ok(Self::Gateway(client)),
            Err(AdminError::NotListening(_)) => Ok(Self::Store(open_keys(&read, base)?.0)),
            Err(other) => Err(other.into()),
        }
    }

    pub(crate) fn create(
        &self,
        name: &str,
        owner: &str,
        scopes: &[String],
        environment: &str,
        days: Option<u32>,
    ) -> anyhow::Result<Made> {
        let expires = days.map(|days| now().unix_seconds().saturating_add(u64::from(days) * 86_400));
        let owner = if owner.is_empty() { name } else { owner };
        let (name, owner, environment) = (name.to_owned(), owner.to_owned(), environment.to_owned());
        let scopes = scopes.to_vec();
        match self {
            Self::Gateway(client) => {
                let request = KeyRequest { name, owner, scopes, environment, expires };
                let issued = block_on(client.keys_new(&request))??;
                Ok(Made { row: serde_json::to_value(&issued.key)?, text: issued.text })
            }
            Self::Store(keys) => {
                let (view, text) = keys.create(NewKey { name, owner, scopes, environment, expires }, now())?;
                let text = String::from_utf8(text.expose().to_vec()).context("a key that is not text")?;
                Ok(Made { row: serde_json::to_value(&view)?, text })
            }
        }
    }

    pub(crate) fn list(&self) -> anyhow::Result<Value> {
        Ok(match self {
            Self::Gateway(client) => serde_json::to_value(block_on(client.keys_list())??)?,
            Self::Store(keys) => serde_json::to_value(keys.list()?)?,
        })
    }

    pub(crate) fn revoke(&self, kid: &str, reason: &str) -> anyhow::Result<()> {
        match self {
            Self::Gateway(client) => drop(block_on(client.keys_revoke(kid, reason))??),
            Self::Store(keys) => drop(keys.revoke(kid, reason, now())?),
        }
        Ok(())
    }
}

fn now() -> Moment {
    SystemClock::new().now()
}
