//! The access rule of each operation: the contract's security requirement, proven by the schemes the policy configures.

use std::collections::HashSet;
use std::sync::Arc;

use durward_authn::{
    ApiKeyAuthenticator, Authenticator, Authenticators, AuthnError, JwtAuthenticator, JwtConfig, JwtMaterial, KeyPlace,
    jwt::JwksPlace,
};
use durward_authz::SchemeScopes;
use durward_contract::{Contract, In, Operation, SchemeKind};
use durward_core::{Diagnostic, Diagnostics, nearest};

use super::{Contracts, Environment, named_text};
use crate::document::AuthSection;
use crate::init::EXAMPLE_ISSUER;
use crate::{ApiSection, Policy};

/// Who may use an operation.
pub(super) enum Access {
    /// Everybody: the policy says so.
    Public,
    /// Whoever satisfies one alternative.
    Alternatives(Vec<Vec<SchemeScopes>>),
}

/// Makes an authenticator for each scheme of the contract that the policy configures.
pub(super) fn authenticators(
    policy: &Policy,
    environment: &Environment<'_>,
    contract: &Contract,
) -> Result<Authenticators, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut all = Authenticators::default();
    for scheme in contract.schemes() {
        let Some(section) = policy.document.auth.get(&*scheme.name) else { continue };
        match authenticator(policy, environment, &scheme.name, &scheme.kind, section) {
            Ok(authenticator) => {
                if let Err(error) = all.add(Arc::clone(&scheme.name), authenticator) {
                    problems.push(policy.places.at_key(&["auth", &scheme.name], Diagnostic::error(error.to_string())));
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(all) }
}

fn authenticator(
    policy: &Policy,
    environment: &Environment<'_>,
    name: &str,
    kind: &SchemeKind,
    section: &AuthSection,
) -> Result<Authenticator, Diagnostics> {
    let fail = |diagnostic: Diagnostic| Diagnostics::from(policy.places.at_key(&["auth", name], diagnostic));
    match (kind, &section.api_key, &section.jwt) {
        (SchemeKind::ApiKey { place, name: field }, Some(_), None) => {
            let location = match place {
                In::Header => "header",
                In::Query => "query",
                In::Cookie => "cookie",
                In::Path => "path",
            };
            let place = KeyPlace::new(location, field).map_err(|error| {
                let help = format!("correct the `name` of the scheme `{name}` under `components.securitySchemes`");
                fail(Diagnostic::error(error.to_string()).label("so the contract calls it").help(help))
            })?;
            Ok(Authenticator::ApiKey(ApiKeyAuthenticator::new(place, Arc::clone(&environment.keys))))
        }
        (SchemeKind::HttpBearer | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. }, None, Some(jwt)) => {
            let material = material(policy, environment, name, jwt)?;
            let compiled = JwtAuthenticator::compile(jwt, material);
            compiled.map(Authenticator::Jwt).map_err(|error| placed(policy, name, jwt, &error))
        }
        (_, None, None) | (_, Some(_), Some(_)) => {
            Err(fail(Diagnostic::error("a scheme is exactly one of `api_key` and `jwt`").help("write `api_key = {}`, or `jwt = { issuer = \"...\", audience = \"...\" }`")))
        }
        (SchemeKind::ApiKey { .. }, None, Some(_)) => {
            Err(fail(Diagnostic::error(format!("the contract says that `{name}` is an API key")).help("write `api_key = {}`")))
        }
        (SchemeKind::HttpBearer | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. }, Some(_), None) => Err(fail(
            Diagnostic::error(format!("the contract says that `{name}` is a bearer token"))
                .help("write `jwt = { issuer = \"https://id.example.com\", audience = \"orders\" }`"),
        )),
        (SchemeKind::HttpBasic | SchemeKind::HttpOther(_) | SchemeKind::MutualTls, _, _) => Err(fail(
            Diagnostic::error(format!("the contract's scheme `{name}` is of a kind that this version cannot verify"))
                .help("API keys and bearer JWTs are verified; remove this section and let another alternative serve the operations"),
        )),
    }
}

/// An error of a `jwt` table, at the key that it is about; one of a key set names its file.
fn placed(policy: &Policy, name: &str, jwt: &JwtConfig, error: &AuthnError) -> Diagnostics {
    let at = |key: &[&str], message: String| {
        let path = [&["auth", name, "jwt"], key].concat();
        Diagnostics::from(policy.places.at_value(&path, Diagnostic::error(message)))
    };
    match (error, &jwt.jwks) {
        (AuthnError::Jwt { key, .. }, _) => at(&key.split('.').collect::<Vec<_>>(), error.to_string()),
        (AuthnError::Jwks(problem), Some(JwksPlace::File(file))) => {
            at(&["jwks", "file"], format!("`{file}`: {problem}"))
        }
        (AuthnError::AlgorithmUnfit(_), _) => at(&["algorithms"], error.to_string()),
        _ => at(&[], error.to_string()),
    }
}

/// The files and secrets that a `jwt` table names.
fn material(
    policy: &Policy,
    environment: &Environment<'_>,
    name: &str,
    jwt: &JwtConfig,
) -> Result<JwtMaterial, Diagnostics> {
    let mut material = JwtMaterial::default();
    if let Some(JwksPlace::File(path)) = &jwt.jwks {
        let source = named_text(policy, environment, &["auth", name, "jwt", "jwks", "file"], path.as_ref())?;
        material.jwks = Some(source.text().as_bytes().to_vec());
    }
    if let Some(secret) = &jwt.secret {
        let resolved = secret.resolve(environment.base).map_err(|error| {
            Diagnostics::from(
                policy.places.at_value(&["auth", name, "jwt", "secret"], Diagnostic::error(error.to_string())),
            )
        })?;
        material.secret = Some(resolved.secret);
    }
    Ok(material)
}

/// The access rule of an operation, or the message that it has none.
pub(super) fn rule(
    policy: &Policy,
    api: &str,
    section: &ApiSection,
    operation: &Operation,
    known: &Authenticators,
    contract: &Contract,
) -> Result<Access, Diagnostic> {
    if section.public.iter().any(|name| names(name, operation)) {
        return Ok(Access::Public);
    }
    let mut missing = Vec::new();
    let mut alternatives = Vec::new();
    for requirement in &operation.security().alternatives {
        let unknown: Vec<&str> =
            requirement.schemes.iter().map(|(name, _)| &**name).filter(|name| known.find(name).is_none()).collect();
        if unknown.is_empty() && !requirement.schemes.is_empty() {
            let asked = requirement.schemes.iter().map(|(name, scopes)| SchemeScopes {
                scheme: Arc::clone(name),
                scopes: scopes.clone(),
                bearer: contract
                    .schemes()
                    .iter()
                    .any(|scheme| scheme.name == *name && !matches!(scheme.kind, SchemeKind::ApiKey { .. })),
            });
            alternatives.push(asked.collect());
        }
        missing.extend(unknown.into_iter().map(str::to_owned));
    }
    if !alternatives.is_empty() {
        return Ok(Access::Alternatives(alternatives));
    }
    let id = operation.id();
    let message = match missing.first() {
        Some(scheme) => {
            let kind = contract.schemes().iter().find(|known| &*known.name == scheme).map(|known| &known.kind);
            Diagnostic::error(format!("operation `{id}` has no access rule: its scheme `{scheme}` is not configured"))
                .help(kind.map_or_else(|| "add its section".to_owned(), |kind| configure(scheme, kind)))
        }
        None => Diagnostic::error(format!("operation `{id}` has no access rule: its contract asks for no credential")),
    };
    let message = message.help(format!("or open it to everybody: `public = [\"{id}\"]` in `[api.{api}]`"));
    Err(policy.places.at_key(&["api", api], message))
}

/// What to do about a scheme that the policy does not configure.
pub(super) fn configure(name: &str, kind: &SchemeKind) -> String {
    let key = toml_key(name);
    match kind {
        SchemeKind::ApiKey { .. } => format!("add `[auth.{key}]` with `api_key = {{}}`"),
        SchemeKind::HttpBearer | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
            format!("add `[auth.{key}]` with `jwt = {{ issuer = \"https://id.example.com\", audience = \"orders\" }}`")
        }
        SchemeKind::HttpBasic | SchemeKind::HttpOther(_) | SchemeKind::MutualTls => format!(
            "`{name}` is {}, which this version cannot verify: give the operation an API key or a bearer token in the \
             contract",
            kind_words(kind)
        ),
    }
}

fn kind_words(kind: &SchemeKind) -> String {
    match kind {
        SchemeKind::ApiKey { .. } => "an API key".to_owned(),
        SchemeKind::HttpBearer | SchemeKind::OAuth2 { .. } | SchemeKind::OpenIdConnect { .. } => {
            "a bearer token".to_owned()
        }
        SchemeKind::HttpBasic => "HTTP Basic (a password in each request)".to_owned(),
        SchemeKind::HttpOther(scheme) => format!("the HTTP scheme `{scheme}`"),
        SchemeKind::MutualTls => "a client certificate".to_owned(),
    }
}

fn toml_key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { toml::Value::String(name.to_owned()).to_string() }
}

/// Operations that the policy opens although the contract protects them: allowed, but said aloud.
pub(super) fn opened(policy: &Policy, api: &str, section: &ApiSection, contract: &Contract) -> Diagnostics {
    let protected = |operation: &&Operation| {
        let alternatives = &operation.security().alternatives;
        !alternatives.is_empty() && alternatives.iter().all(|requirement| !requirement.schemes.is_empty())
    };
    let found = section.public.iter().filter_map(|written| {
        let operation = contract.operations().iter().filter(protected).find(|operation| names(written, operation))?;
        let diagnostic = Diagnostic::warning(format!("`{}` is open to everybody here", operation.id()))
            .label("the contract asks for a credential")
            .help("take it out of `public`, or let the contract say `security: []` for it");
        Some(policy.places.at_value(&["api", api, "public", written], diagnostic))
    });
    found.collect()
}

/// Schemes that still have the issuer which `init` writes as an example: no token will ever verify.
pub(super) fn examples(policy: &Policy, contract: &Contract) -> Diagnostics {
    let own = contract.schemes().iter().filter_map(|scheme| {
        let jwt = policy.document.auth.get(&*scheme.name)?.jwt.as_ref()?;
        let diagnostic = Diagnostic::warning(format!("`{EXAMPLE_ISSUER}` is an example: no token will verify"))
            .help("write the issuer of your identity provider, exactly as in the `iss` of its tokens");
        (jwt.issuer == EXAMPLE_ISSUER)
            .then(|| policy.places.at_value(&["auth", &scheme.name, "jwt", "issuer"], diagnostic))
    });
    own.collect()
}

/// Whether a name in the policy means this operation.
pub(super) fn names(written: &str, operation: &Operation) -> bool {
    written == &**operation.id()
        || written
            .split_once(' ')
            .is_some_and(|(method, path)| method == operation.method().as_str() && path == &**operation.template())
}

/// Names in the policy that mean no operation.
pub(super) fn unknown_operation(
    policy: &Policy,
    key: &[&str],
    written: &str,
    contract: &Contract,
) -> Option<Diagnostic> {
    if contract.operations().iter().any(|operation| names(written, operation)) {
        return None;
    }
    let diagnostic = Diagnostic::error(format!("`{written}` is no operation of `{}`", contract.title()));
    let diagnostic = match nearest(written, contract.operations().iter().map(|operation| &**operation.id())) {
        Some(word) => diagnostic.label(format!("did you mean `{word}`?")),
        None => diagnostic.label("neither an `operationId` nor `METHOD /path`"),
    };
    Some(policy.places.at_key(key, diagnostic))
}

/// Sections `[auth.NAME]` that no contract names: a dead rule is an error.
pub(super) fn unused_schemes(policy: &Policy, contracts: &Contracts) -> Diagnostics {
    let known: HashSet<&str> =
        contracts.values().flat_map(|named| named.contract.schemes()).map(|scheme| &*scheme.name).collect();
    let unused = policy.document.auth.keys().filter(|name| !known.contains(name.as_str()));
    unused
        .map(|name| {
            let diagnostic = Diagnostic::error(format!("no contract has a security scheme `{name}`"));
            let diagnostic = match nearest(name, known.iter().copied()) {
                Some(word) => diagnostic.label(format!("did you mean `{word}`?")),
                None => diagnostic.help("names of `[auth.NAME]` are those under `components.securitySchemes`"),
            };
            policy.places.at_key(&["auth", name], diagnostic)
        })
        .collect()
}
