//! API keys: where they are read, and that all that is wrong with one looks the same.

use std::sync::Arc;

use durward_authn::{ApiKeyAuthenticator, Authenticator, Authenticators, AuthnStage, KeyPlace};
use durward_core::{Caller, Denial, PrincipalKind, Reason, Secret};
use durward_keys::{ApiKeys, NewKey};
use durward_store::Store;

use crate::support::{FakeIssuer, NOW, at, block_on, request, schemes, settle};

pub fn keys() -> Arc<ApiKeys> {
    ApiKeys::open(Store::memory(), Secret::new(vec![9; 32])).unwrap()
}

/// A new key: its public id and its text.
pub fn new_key(keys: &ApiKeys, expires: Option<u64>) -> (String, String) {
    let new = NewKey {
        name: "test".to_owned(),
        owner: "acme".to_owned(),
        scopes: vec!["write".to_owned(), "read".to_owned()],
        environment: "test".to_owned(),
        expires,
    };
    let (view, text) = keys.create(new, at(NOW)).unwrap();
    (view.kid, String::from_utf8(text.expose().to_vec()).unwrap())
}

pub fn authenticator(location: &str, name: &str, keys: &Arc<ApiKeys>) -> Authenticator {
    Authenticator::ApiKey(ApiKeyAuthenticator::new(KeyPlace::new(location, name).unwrap(), Arc::clone(keys)))
}

fn stage(location: &str, name: &str, keys: &Arc<ApiKeys>) -> AuthnStage {
    let mut all = Authenticators::new();
    all.add("app".into(), authenticator(location, name, keys)).unwrap();
    AuthnStage::compile(&[schemes(&["app"])], &all).unwrap()
}

fn check(stage: &AuthnStage, seconds: u64, target: &str, headers: &[(&str, &str)]) -> Result<Caller, Denial> {
    settle(block_on(stage.check(&request(at(NOW + seconds), target, headers), &FakeIssuer::default())))
}

#[test]
fn a_key_says_whose_it_is() {
    let keys = keys();
    let (kid, text) = new_key(&keys, Some(NOW + 60));
    let caller = check(&stage("header", "X-Api-Key", &keys), 0, "/", &[("x-api-key", &text)]).unwrap();
    let credential = caller.credential("app").unwrap();
    assert_eq!(credential.principal.kind, PrincipalKind::Client);
    assert_eq!((&*credential.principal.issuer, &*credential.principal.subject), ("keys", kid.as_str()));
    assert_eq!(credential.credential_id.as_deref(), Some(kid.as_str()));
    assert_eq!(credential.scopes.iter().map(|scope| &**scope).collect::<Vec<_>>(), ["read", "write"]);
    assert_eq!(credential.not_after, Some(NOW + 60));
}

#[test]
fn places() {
    use Reason::{CredentialMalformed as Malformed, CredentialMissing as Missing};
    let keys = keys();
    let (_, key) = new_key(&keys, None);
    let (header, query, cookie) =
        (stage("header", "X-Api-Key", &keys), stage("query", "api_key", &keys), stage("cookie", "key", &keys));
    let one = format!("/?api_key={key}");
    let (two, alias) = (format!("{one}&api_key={key}"), format!("{one}&api%5Fkey={key}"));
    let (jar, twice) = (format!("a=b; key={key}"), format!("key={key}; key={key}"));
    type Case<'a> = (&'a AuthnStage, &'a str, &'a [(&'a str, &'a str)], Option<Reason>);
    let cases: [Case<'_>; 19] = [
        (&header, "/", &[("x-api-key", &key)], None),
        (&header, "/", &[], Some(Missing)),
        (&header, &one, &[], Some(Missing)),
        (&header, "/", &[("authorization", &key)], Some(Missing)),
        (&header, "/", &[("x-api-key", &key), ("x-api-key", &key)], Some(Malformed)),
        (&header, "/", &[("x-api-key", &key), ("x-api-key", "other")], Some(Malformed)),
        (&header, "/", &[("x-api-key", "")], Some(Malformed)),
        (&query, &one, &[], None),
        (&query, "/", &[("api_key", &key)], Some(Missing)),
        (&query, "/?API_KEY=x", &[], Some(Missing)),
        (&query, &two, &[], Some(Malformed)),
        (&query, &alias, &[], Some(Malformed)),
        (&query, "/?api_key=", &[], Some(Malformed)),
        (&query, "/?api_key", &[], Some(Malformed)),
        (&cookie, "/", &[("cookie", &jar)], None),
        (&cookie, "/", &[("cookie", "a=b")], Some(Missing)),
        (&cookie, "/", &[("cookie", &twice)], Some(Malformed)),
        (&cookie, "/", &[("cookie", &jar), ("cookie", &jar)], Some(Malformed)),
        (&cookie, "/", &[("cookie", "key=")], Some(Malformed)),
    ];
    for (at, (stage, target, headers, expected)) in cases.into_iter().enumerate() {
        let outcome = check(stage, 0, target, headers).err().map(|denial| denial.reason());
        assert_eq!(outcome, expected, "case {at}: {target}");
    }
}

#[test]
fn all_that_is_wrong_looks_the_same() {
    let keys = keys();
    let stage = stage("header", "X-Api-Key", &keys);
    let (_, good) = new_key(&keys, None);
    let (_, expired) = new_key(&keys, Some(NOW + 10));
    let (revoked_kid, revoked) = new_key(&keys, None);
    let (disabled_kid, disabled) = new_key(&keys, None);
    keys.revoke(&revoked_kid, "leaked", at(NOW)).unwrap();
    keys.disable(&disabled_kid).unwrap();
    let other = new_key(&self::keys(), None).1;
    let long = "x".repeat(600);
    let mut seen = Vec::new();
    for (text, detail) in [
        (other.as_str(), "no key has this id"),
        (expired.as_str(), "the key has expired"),
        (revoked.as_str(), "the key was revoked"),
        (disabled.as_str(), "the key is disabled"),
        ("hello", "the text is not a durward key"),
        (long.as_str(), "key is longer than any of ours"),
    ] {
        let denial = check(&stage, 10, "/", &[("x-api-key", text)]).unwrap_err();
        assert_eq!(denial.private_detail(), Some(format!("app: {detail}").as_str()));
        seen.push((
            denial.reason(),
            denial.challenges().to_vec(),
            denial.public_errors().to_vec(),
            denial.retry_after_seconds(),
        ));
    }
    seen.dedup();
    let challenge = r#"ApiKey realm="api", in="header", name="x-api-key""#.to_owned();
    assert_eq!(seen, [(Reason::CredentialInvalid, vec![challenge], vec![], None)]);
    assert!(check(&stage, 10, "/", &[("x-api-key", &good)]).is_ok());
}

#[test]
fn a_revocation_counts_at_the_next_request() {
    let keys = keys();
    let stage = stage("header", "X-Api-Key", &keys);
    let (kid, text) = new_key(&keys, None);
    assert!(check(&stage, 0, "/", &[("x-api-key", &text)]).is_ok());
    keys.revoke(&kid, "leaked", at(NOW)).unwrap();
    assert!(check(&stage, 0, "/", &[("x-api-key", &text)]).is_err());
}
