//! Security schemes and requirements.

use std::sync::Arc;

use durward_core::nearest;

use super::{Loader, Place};
use crate::{In, Requirement, SchemeKind, Security, SecurityScheme};

impl<'d> Loader<'d> {
    /// Reads `components.securitySchemes`.
    pub(super) fn read_schemes(&mut self, root: &Place<'d>) {
        let Some(schemes) = root.get("components").and_then(|components| components.get("securitySchemes")) else {
            return;
        };
        for (name, written) in schemes.members() {
            let Some(scheme) = self.deref(&written) else { continue };
            if let Some(kind) = self.scheme(&scheme, name) {
                self.schemes.push(SecurityScheme { name: Arc::from(name), kind });
            }
        }
    }

    fn scheme(&mut self, scheme: &Place<'d>, name: &str) -> Option<SchemeKind> {
        match scheme.text("type") {
            Some("apiKey") => self.api_key(scheme, name),
            Some("http") => {
                let Some(word) = scheme.text("scheme") else {
                    self.report.error(
                        scheme,
                        format!("the security scheme `{name}` has no `scheme`"),
                        "write `scheme: bearer` or `scheme: basic`",
                    );
                    return None;
                };
                Some(match word.to_ascii_lowercase().as_str() {
                    "bearer" => SchemeKind::HttpBearer,
                    "basic" => SchemeKind::HttpBasic,
                    other => SchemeKind::HttpOther(other.to_owned()),
                })
            }
            Some("oauth2") => {
                let flows = scheme.get("flows");
                let flows = flows.iter().flat_map(|flows| flows.members().map(|(_, flow)| flow).collect::<Vec<_>>());
                let mut scopes: Vec<Arc<str>> = flows
                    .filter_map(|flow| flow.get("scopes"))
                    .flat_map(|scopes| scopes.members().map(|(scope, _)| Arc::from(scope)).collect::<Vec<Arc<str>>>())
                    .collect();
                scopes.sort();
                scopes.dedup();
                Some(SchemeKind::OAuth2 { scopes })
            }
            Some("openIdConnect") => {
                let Some(url) = scheme.text("openIdConnectUrl") else {
                    self.report.error(
                        scheme,
                        format!("the security scheme `{name}` has no `openIdConnectUrl`"),
                        "write the URL of the discovery document",
                    );
                    return None;
                };
                Some(SchemeKind::OpenIdConnect { url: url.to_owned() })
            }
            Some("mutualTLS") => Some(SchemeKind::MutualTls),
            other => {
                let words = ["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"];
                let written = other.unwrap_or_default();
                let help = match nearest(written, words) {
                    Some(near) => format!("write `type: {near}`"),
                    None => format!("its `type` is one of {}", words.join(", ")),
                };
                self.report.error(
                    scheme,
                    format!("the security scheme `{name}` has the unknown type `{written}`"),
                    help,
                );
                None
            }
        }
    }

    fn api_key(&mut self, scheme: &Place<'d>, name: &str) -> Option<SchemeKind> {
        let place = match scheme.text("in") {
            Some("query") => In::Query,
            Some("header") => In::Header,
            Some("cookie") => In::Cookie,
            _ => {
                self.report.error(
                    scheme,
                    format!("the API key `{name}` has no place"),
                    "write `in: header`, `in: query` or `in: cookie`",
                );
                return None;
            }
        };
        let Some(field) = scheme.text("name").filter(|field| !field.is_empty()) else {
            self.report.error(
                scheme,
                format!("the API key `{name}` does not say what it is called in requests"),
                "write `name: X-API-Key`, for example",
            );
            return None;
        };
        Some(SchemeKind::ApiKey { place, name: Arc::from(field) })
    }

    /// What an operation asks for: what it says itself, or what the document says for all.
    pub(super) fn security(&mut self, root: &Place<'d>, operation: &Place<'d>) -> Security {
        let Some(written) = operation.get("security").or_else(|| root.get("security")) else {
            return Security::default();
        };
        if !written.value.is_array() {
            self.report.error(
                &written,
                "`security` is not a list",
                "write `security: [{ scheme: [] }]`, or `[]` for none",
            );
        }
        let requirements: Vec<_> = written.elements().collect();
        let alternatives = requirements.iter().map(|requirement| self.requirement(requirement)).collect();
        Security { written: true, alternatives }
    }

    fn requirement(&mut self, requirement: &Place<'d>) -> Requirement {
        if !requirement.value.is_object() {
            self.report.error(requirement, "a security requirement is not an object", "write `{ scheme: [] }`");
        }
        let mut schemes = Vec::new();
        for (name, scopes) in requirement.members() {
            if !self.schemes.iter().any(|scheme| *scheme.name == *name) && !self.is_written_scheme(name) {
                let near = nearest(name, self.schemes.iter().map(|scheme| &*scheme.name));
                let help = match near {
                    Some(near) => format!("write `{near}`"),
                    None => "describe it under `components.securitySchemes`".to_owned(),
                };
                self.report.error(&scopes, format!("there is no security scheme `{name}`"), help);
            }
            let scopes = scopes.elements().filter_map(|scope| scope.value.as_str()).map(Arc::from).collect();
            schemes.push((Arc::from(name), scopes));
        }
        Requirement { schemes }
    }

    /// A scheme that was told to be wrong is not told to be missing as well.
    fn is_written_scheme(&self, name: &str) -> bool {
        let root = self.files.root();
        let schemes = root.get("components").and_then(|components| components.get("securitySchemes"));
        schemes.is_some_and(|schemes| schemes.value.get(name).is_some())
    }
}
