//! What is never written into a record: credentials, wherever a rule finds them.

use durward_seclang::ast::Variable;

/// Whether a value may be a credential: by where it stands, or by what it is called.
pub(crate) fn may_be_secret(variable: Variable, key: &[u8]) -> bool {
    match variable {
        Variable::RequestCookies => true,
        // Whole messages hold all of their parts.
        Variable::FullRequest | Variable::RequestBody | Variable::AuthType => true,
        _ => {
            let key = key.to_ascii_lowercase();
            NAMES.iter().any(|name| contains(&key, name.as_bytes()))
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Parts of names, in lower case.
const NAMES: [&str; 18] = [
    "authorization",
    "cookie",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api-key",
    "apikey",
    "api_key",
    "access-key",
    "access_key",
    "private",
    "credential",
    "session",
    "assertion",
    "signature",
];
