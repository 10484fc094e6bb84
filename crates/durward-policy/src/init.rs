//! A secure first policy for a contract.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use durward_contract::{Contract, Operation, SchemeKind};

/// Why no policy can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitError(String);

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InitError {}

/// Writes the policy: TLS, every credential the contract asks for, a rate for each caller, and nothing open that the
/// contract does not leave open itself.
///
/// # Errors
/// The contract has no operation, or the upstream is not a URL.
pub fn init(contract: &Contract, spec: &str, upstream: &str) -> Result<String, InitError> {
    if contract.operations().is_empty() {
        return Err(InitError(
            "the contract names no operation, so there is nothing to let through; describe some under `paths`"
                .to_owned(),
        ));
    }
    crate::compile::read_url(upstream).map_err(|problem| {
        InitError([vec![problem.message().to_owned()], problem.helps().to_vec()].concat().join("; "))
    })?;
    let name = slug(contract.title());
    let mut text = format!(
        "# Durward's policy for \"{}\", written by `durward init`.\n\
         # What is not written here keeps its safe default; `durward print` shows all of it.\n\
         version = 1\n\n\
         [listen]\n\
         https       = \"127.0.0.1:8443\"\n\
         certificate = {{ self_signed = [\"localhost\"] }}   # in production: {{ file = \"api.pem\", key = \"file:api.key\" }}\n",
        one_line(contract.title())
    );
    let used = used_schemes(contract);
    for scheme in contract.schemes().iter().filter(|scheme| used.contains(&*scheme.name)) {
        scheme_section(&mut text, &scheme.name, &scheme.kind, &name);
    }
    let _ = write!(text, "\n[api.{name}]\nspec     = {}\nupstream = {{ url = {} }}\n", quoted(spec), quoted(upstream));
    let open: Vec<&Operation> = contract.operations().iter().filter(|operation| is_open(operation)).collect();
    if !open.is_empty() {
        let _ = write!(
            text,
            "# The contract asks no credential of these: whoever reaches the gateway may call them.\npublic = [\n"
        );
        for operation in open {
            let _ = writeln!(text, "    {},{}", quoted(operation.id()), note(operation));
        }
        text.push_str("]\n");
    }
    text.push_str("\n[limits.caller]\nrate = \"600/min\"   # for each caller; an anonymous caller is its address\n");
    Ok(text)
}

fn is_open(operation: &Operation) -> bool {
    operation.security().alternatives.iter().all(|requirement| requirement.schemes.is_empty())
}

fn note(operation: &Operation) -> String {
    if operation.security().written {
        String::new()
    } else {
        "   # the contract says nothing of security here".to_owned()
    }
}

fn used_schemes(contract: &Contract) -> BTreeSet<&str> {
    let requirements = contract.operations().iter().flat_map(|operation| &operation.security().alternatives);
    requirements.flat_map(|requirement| &requirement.schemes).map(|(name, _)| &**name).collect()
}

fn scheme_section(text: &mut String, scheme: &str, kind: &SchemeKind, api: &str) {
    let key = if scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        scheme.to_owned()
    } else {
        quoted(scheme)
    };
    let _ = match kind {
        SchemeKind::ApiKey { .. } => {
            write!(text, "\n[auth.{key}]\napi_key = {{}}   # make one: durward keys new NAME\n")
        }
        SchemeKind::HttpBearer | SchemeKind::OAuth2 { .. } => write!(
            text,
            "\n[auth.{key}]\njwt = {{ issuer = \"{EXAMPLE_ISSUER}\", audience = \"{api}\" }}   # your identity provider\n"
        ),
        SchemeKind::OpenIdConnect { url } => {
            let issuer = url.strip_suffix("/.well-known/openid-configuration").unwrap_or(url);
            write!(text, "\n[auth.{key}]\njwt = {{ issuer = {}, audience = \"{api}\" }}\n", quoted(issuer))
        }
        SchemeKind::HttpBasic | SchemeKind::HttpOther(_) | SchemeKind::MutualTls => write!(
            text,
            "\n# The contract's scheme {key} is of a kind that this version cannot verify. `durward check` names the operations\n\
             # that have no other; give them another scheme in the contract, or open them with `public`.\n"
        ),
    };
}

/// Stands where only the user knows better; `check` warns while it does.
pub(crate) const EXAMPLE_ISSUER: &str = "https://id.example.com";

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

/// A name for `[api.NAME]`: the title's words without `API`, in lower case.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words =
        words.map(str::to_lowercase).filter(|word| !matches!(word.as_str(), "api" | "the" | "rest" | "http")).take(3);
    let name = words.collect::<Vec<_>>().join("-");
    if name.is_empty() { "api".to_owned() } else { name }
}
