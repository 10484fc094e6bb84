//! The security requirement: an OR of ANDs, and what each outcome answers.

use durward_authn::{Authenticator, Authenticators, AuthnError, AuthnStage, KeyPlace};
use durward_core::Reason;
use serde_json::json;

use crate::api_keys::{authenticator, keys, new_key};
use crate::support::{
    AUDIENCE, FakeIssuer, ISSUER, NOW, at, block_on, claims, es256, jwt, request, schemes, settle, usual,
};

const BEARER: &str = r#"Bearer realm="api""#;
const INVALID: &str = r#"Bearer realm="api", error="invalid_token""#;
const REQUEST: &str = r#"Bearer realm="api", error="invalid_request""#;
const KEY: &str = r#"ApiKey realm="api", in="header", name="x-api-key""#;

/// `app` (a key), `user` (a token), `away` (a token whose issuer does not answer), and a good key.
fn plan() -> (Authenticators, String) {
    let keys = keys();
    let (_, text) = new_key(&keys, None);
    let away = format!("issuer = '{ISSUER}'\naudience = '{AUDIENCE}'\njwks = {{ url = 'https://away.example.test' }}");
    let mut all = Authenticators::new();
    all.add("app".into(), authenticator("header", "X-Api-Key", &keys)).unwrap();
    all.add("user".into(), Authenticator::Jwt(usual(""))).unwrap();
    all.add("away".into(), Authenticator::Jwt(jwt(&away, Default::default()))).unwrap();
    (all, text)
}

#[test]
fn outcomes() {
    use Reason::{
        CredentialInvalid as Invalid, CredentialMalformed as Malformed, CredentialMissing as Missing,
        VerifierUnavailable as Unavailable,
    };
    let (all, key) = plan();
    let good = format!("Bearer {}", es256(&claims()));
    let mut expired = claims();
    expired["exp"] = json!(1);
    let bad = format!("Bearer {}", es256(&expired));
    let (k, b, x) = (("x-api-key", key.as_str()), ("authorization", good.as_str()), ("authorization", bad.as_str()));
    let wrong = ("x-api-key", "nonsense");
    type Case<'a> = (&'a [&'a [&'a str]], &'a [(&'a str, &'a str)], Result<&'a [&'a str], (Reason, &'a [&'a str])>);
    let cases: [Case<'_>; 34] = [
        // One scheme.
        (&[&["app"]], &[k], Ok(&["app"])),
        (&[&["app"]], &[], Err((Missing, &[KEY]))),
        (&[&["app"]], &[wrong], Err((Invalid, &[KEY]))),
        (&[&["user"]], &[b], Ok(&["user"])),
        (&[&["user"]], &[], Err((Missing, &[BEARER]))),
        (&[&["user"]], &[x], Err((Invalid, &[INVALID]))),
        (&[&["user"]], &[b, b], Err((Malformed, &[REQUEST]))),
        (&[&["user"]], &[b, x], Err((Malformed, &[REQUEST]))),
        (&[&["user"]], &[("authorization", "Bearer")], Err((Malformed, &[REQUEST]))),
        (&[&["user"]], &[("authorization", "Bearer a b")], Err((Malformed, &[REQUEST]))),
        (&[&["user"]], &[("authorization", "Basic dTpw")], Err((Missing, &[BEARER]))),
        (&[&["user"]], &[("authorization", "Bearer abc")], Err((Invalid, &[INVALID]))),
        (&[&["away"]], &[b], Err((Unavailable, &[]))),
        (&[&["away"]], &[], Err((Missing, &[BEARER]))),
        (&[&["away"]], &[("authorization", "Bearer abc")], Err((Invalid, &[INVALID]))),
        // Credentials of schemes that are not used are not looked at, be they good, bad or malformed.
        (&[&["app"]], &[k, b], Ok(&["app"])),
        (&[&["app"]], &[k, x, x], Ok(&["app"])),
        (&[&["user"]], &[b, wrong], Ok(&["user"])),
        (&[&["user"]], &[k], Err((Missing, &[BEARER]))),
        // All of.
        (&[&["app", "user"]], &[k, b], Ok(&["app", "user"])),
        (&[&["app", "user"]], &[k], Err((Missing, &[KEY, BEARER]))),
        (&[&["app", "user"]], &[b], Err((Missing, &[KEY, BEARER]))),
        (&[&["app", "user"]], &[k, x], Err((Invalid, &[KEY, INVALID]))),
        (&[&["app", "user"]], &[wrong, b], Err((Invalid, &[KEY, BEARER]))),
        // Any of.
        (&[&["app"], &["user"]], &[b], Ok(&["user"])),
        (&[&["app"], &["user"]], &[k, b], Ok(&["app", "user"])),
        (&[&["app"], &["user"]], &[wrong, b], Ok(&["user"])),
        (&[&["app"], &["user"]], &[], Err((Missing, &[KEY, BEARER]))),
        (&[&["user"], &["app"]], &[k, ("authorization", "Bearer")], Err((Malformed, &[REQUEST]))),
        (&[&["app"], &["away"]], &[k, b], Ok(&["app"])),
        (&[&["app"], &["away"]], &[wrong, b], Err((Unavailable, &[]))),
        // Optional.
        (&[&[], &["user"]], &[], Ok(&[])),
        (&[&[], &["user"]], &[b], Ok(&["user"])),
        (&[&[], &["user"]], &[x], Err((Invalid, &[INVALID]))),
    ];
    for (at_case, (requirement, headers, expected)) in cases.into_iter().enumerate() {
        let requirement: Vec<_> = requirement.iter().map(|all| schemes(all)).collect();
        let stage = AuthnStage::compile(&requirement, &all).unwrap();
        let issuer = FakeIssuer::default();
        let outcome = settle(block_on(stage.check(&request(at(NOW), "/", headers), &issuer)));
        match (outcome, expected) {
            (Ok(caller), Ok(names)) => {
                let got: Vec<&str> = caller.credentials().iter().map(|credential| &*credential.scheme).collect();
                assert_eq!(got, names, "case {at_case}");
            }
            (Err(denial), Err((reason, challenges))) => {
                assert_eq!(denial.reason(), reason, "case {at_case}");
                assert_eq!(denial.challenges(), challenges, "case {at_case}");
                assert_eq!(denial.retry_after_seconds().is_some(), reason == Unavailable, "case {at_case}");
                assert!(denial.private_detail().is_some(), "case {at_case}");
            }
            (got, expected) => panic!("case {at_case}: {got:?} is not {expected:?}"),
        }
    }
}

#[test]
fn public_operations_look_at_nothing() {
    let stage = AuthnStage::public();
    assert!(stage.is_public() && stage.credential_places().is_empty());
    let headers = [("authorization", "Bearer a b"), ("authorization", "x")];
    let caller = settle(block_on(stage.check(&request(at(NOW), "/", &headers), &FakeIssuer::default()))).unwrap();
    assert!(caller.credentials().is_empty());
}

#[test]
fn places_are_known_for_stripping() {
    let (all, _) = plan();
    let stage = AuthnStage::compile(&[schemes(&["user"]), schemes(&["away"])], &all).unwrap();
    assert_eq!(stage.credential_places(), [KeyPlace::new("header", "authorization").unwrap()]);
    let names: Vec<String> = all.credential_places().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["header `x-api-key`", "header `authorization`"]);
}

#[test]
fn requirements_that_do_not_compile() {
    let (mut all, _) = plan();
    let compile = |all: &Authenticators, requirement: &[Vec<_>]| AuthnStage::compile(requirement, all).unwrap_err();
    assert_eq!(compile(&all, &[]), AuthnError::RequirementEmpty);
    assert_eq!(
        compile(&all, &[schemes(&["usr"])]).to_string(),
        "security scheme `usr` has no `[auth.usr]` table; did you mean `user`?"
    );
    assert_eq!(
        compile(&all, &[schemes(&["partner"])]).to_string(),
        "security scheme `partner` has no `[auth.partner]` table in the policy"
    );
    assert_eq!(compile(&all, &vec![schemes(&["user"]); 33]), AuthnError::RequirementTooLarge);
    let twice = all.add("user".into(), Authenticator::Jwt(usual("")));
    assert_eq!(twice, Err(AuthnError::SchemeTwice("user".into())));
}
