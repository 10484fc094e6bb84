//! May this caller call this operation: the contract's security requirement, deny by default.
//!
//! # What it stops
//! Broken function level authorization (OWASP API5:2023, CWE-285): an operation used without the scope its contract
//! asks for, or by a credential that proves something else.
//!
//! # How it decides
//! The contract's requirement is an OR of ANDs. The first alternative of which every scheme verified and every scope is
//! carried by that scheme's own credential grants the call. A public operation is one that the policy names as public.
//!
//! # Policy
//! Scopes stand in the contract; `[api.NAME] public = ["operationId"]` opens an operation to everybody.
//!
//! # Reasons
//! `scope-missing`, `access-denied`.
//!
//! # Example
//! A token with scope `orders:read` on an operation that asks for `orders:write` is answered 403 with
//! `WWW-Authenticate: Bearer error="insufficient_scope", scope="orders:write"`.

use std::sync::Arc;

use durward_core::{Caller, Denial, Grant, Reason, Scheme, Verdict};

/// One scheme of an alternative and the scopes asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeScopes {
    /// The scheme.
    pub scheme: Scheme,
    /// The scopes; all are needed.
    pub scopes: Vec<Arc<str>>,
    /// Whether the scheme is presented as `Authorization: Bearer`, for the challenge.
    pub bearer: bool,
}

/// The stage for one operation.
#[derive(Debug)]
pub struct AuthzStage {
    access: Access,
}

#[derive(Debug)]
enum Access {
    Public,
    Alternatives(Vec<Vec<SchemeScopes>>),
}

impl AuthzStage {
    /// An operation that the policy opens to everybody.
    #[must_use]
    pub const fn public() -> Self {
        Self { access: Access::Public }
    }

    /// An operation that asks for one of `alternatives`. No alternative means nobody.
    #[must_use]
    pub const fn compile(alternatives: Vec<Vec<SchemeScopes>>) -> Self {
        Self { access: Access::Alternatives(alternatives) }
    }

    /// Judges a caller.
    pub fn check(&self, caller: &Caller) -> Verdict<Grant> {
        let Access::Alternatives(alternatives) = &self.access else {
            return Verdict::Pass(Grant { alternative: None });
        };
        let granted =
            alternatives.iter().position(|alternative| alternative.iter().all(|asked| satisfied(asked, caller)));
        match granted {
            Some(alternative) => Verdict::Pass(Grant { alternative: Some(alternative) }),
            None => Verdict::deny(denial(alternatives, caller), Grant { alternative: None }),
        }
    }
}

fn satisfied(asked: &SchemeScopes, caller: &Caller) -> bool {
    caller
        .credential(&asked.scheme)
        .is_some_and(|credential| asked.scopes.iter().all(|scope| credential.scopes.contains(scope)))
}

/// Names the scopes of the first alternative that fails for its scopes alone: what the caller would have to ask for.
fn denial(alternatives: &[Vec<SchemeScopes>], caller: &Caller) -> Denial {
    let near = alternatives.iter().find(|all| all.iter().all(|asked| caller.credential(&asked.scheme).is_some()));
    let Some(near) = near else {
        return Denial::new(Reason::AccessDenied).detail("no alternative of the security requirement is satisfied");
    };
    let scopes = near.iter().flat_map(|asked| asked.scopes.iter().map(AsRef::as_ref)).collect::<Vec<_>>().join(" ");
    let denial =
        Denial::new(Reason::ScopeMissing).detail(format!("needs scope `{scopes}`")).tell("scope", scopes.clone());
    if near.iter().any(|asked| asked.bearer) {
        denial.challenge(format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\""))
    } else {
        denial
    }
}

#[cfg(test)]
mod tests {
    use durward_core::{Credential, Principal, PrincipalKind};

    use super::*;

    fn caller(held: &[(&str, &[&str])]) -> Caller {
        let mut caller = Caller::anonymous();
        for (scheme, scopes) in held {
            caller.add(Credential {
                scheme: Arc::from(*scheme),
                principal: Principal { kind: PrincipalKind::Client, issuer: "keys".into(), subject: "k1".into() },
                credential_id: None,
                scopes: scopes.iter().map(|scope| Arc::from(*scope)).collect(),
                not_after: None,
            });
        }
        caller
    }

    fn asked(scheme: &str, scopes: &[&str]) -> SchemeScopes {
        SchemeScopes {
            scheme: Arc::from(scheme),
            scopes: scopes.iter().map(|s| Arc::from(*s)).collect(),
            bearer: scheme == "user",
        }
    }

    #[test]
    fn requirements_are_an_or_of_ands() {
        let stage = AuthzStage::compile(vec![
            vec![asked("user", &["orders:write"])],
            vec![asked("app", &[]), asked("partner", &["sign"])],
        ]);
        let table: &[(&[(&str, &[&str])], Result<usize, Reason>)] = &[
            (&[("user", &["orders:read", "orders:write"])], Ok(0)),
            (&[("user", &["orders:read"])], Err(Reason::ScopeMissing)),
            (&[("app", &[])], Err(Reason::AccessDenied)),
            (&[("app", &[]), ("partner", &["sign"])], Ok(1)),
            (&[("app", &["sign"]), ("partner", &[])], Err(Reason::ScopeMissing)),
            (&[("user", &["orders:read"]), ("app", &["orders:write"])], Err(Reason::ScopeMissing)),
            (&[], Err(Reason::AccessDenied)),
        ];
        for (held, expected) in table {
            let got = match stage.check(&caller(held)) {
                Verdict::Pass(grant) => Ok(grant.alternative.unwrap()),
                Verdict::Deny(denial, _) => Err(denial.reason()),
            };
            assert_eq!(got, *expected, "{held:?}");
        }
    }

    #[test]
    fn an_operation_without_alternatives_is_for_nobody() {
        assert!(matches!(AuthzStage::compile(Vec::new()).check(&caller(&[("user", &[])])), Verdict::Deny(..)));
    }
}
