//! A token that verified a moment ago is authentic, not allowed (notes on Oathkeeper GHSA-4mq7-pvjg-xp2r,
//! CVE-2021-32701, CVE-2026-35030, GHSA-rp9m-7r4c-75qg): it must still fail where it does not fit.

use durward_authn::{Authenticator, Authenticators, AuthnStage};
use durward_core::Reason;
use serde_json::json;

use crate::support::{
    AUDIENCE, By, FakeIssuer, ISSUER, KEYS, NOW, at, check, claims, ec_jwk, es256, jwks, jwt, material, schemes,
    secret, token_of, usual,
};

fn stage(all: &Authenticators, scheme: &str) -> AuthnStage {
    AuthnStage::compile(&[schemes(&[scheme])], all).unwrap()
}

fn policy(issuer: &str, audience: &str, more: &str) -> String {
    format!("issuer = '{issuer}'\naudience = '{audience}'\njwks = {{ file = 'k' }}\n{more}")
}

/// One plan, one shared cache, and authenticators that each differ from the first in one way.
#[test]
fn a_warm_cache_does_not_cross_authenticators() {
    let mut all = Authenticators::new();
    let other_keys = json!({ "keys": [ec_jwk("es1", &KEYS.other_ec)] });
    let mut add = |name: &str, text: &str, keys: &serde_json::Value| {
        all.add(name.into(), Authenticator::Jwt(jwt(text, material(keys)))).unwrap();
    };
    add("first", &policy(ISSUER, AUDIENCE, ""), &jwks());
    add("audience", &policy(ISSUER, "billing", ""), &jwks());
    add("issuer", &policy("https://other.example.test", AUDIENCE, ""), &jwks());
    add("keys", &policy(ISSUER, AUDIENCE, ""), &other_keys);
    add("algorithms", &policy(ISSUER, AUDIENCE, "algorithms = ['RS256']"), &jwks());
    add("profile", &policy(ISSUER, AUDIENCE, "profile = 'rfc9068'"), &jwks());
    add("scopes", &policy(ISSUER, AUDIENCE, "scope_claim = 'roles'"), &jwks());
    let (issuer, token, now) = (FakeIssuer::default(), es256(&claims()), at(NOW));
    let first = stage(&all, "first");
    for _ in 0..3 {
        assert!(check(&first, &token, now, &issuer).is_ok());
        for name in ["audience", "issuer", "keys", "algorithms", "profile"] {
            let denial = check(&stage(&all, name), &token, now, &issuer).expect_err(name);
            assert_eq!(denial.reason(), Reason::CredentialInvalid, "{name}");
        }
        // The scopes are those of the claim that this authenticator reads.
        let caller = check(&stage(&all, "scopes"), &token, now, &issuer).unwrap();
        assert!(caller.credential("scopes").unwrap().scopes.is_empty());
        assert_eq!(check(&first, &token, now, &issuer).unwrap().credential("first").unwrap().scopes.len(), 2);
    }
}

#[test]
fn time_is_judged_at_every_hit() {
    let stage = crate::support::stage_of(usual(""));
    let (issuer, token) = (FakeIssuer::default(), es256(&claims()));
    for (seconds, passes) in [(0, true), (1, true), (299, true), (329, true), (330, false), (331, false), (0, true)] {
        assert_eq!(check(&stage, &token, at(NOW + seconds), &issuer).is_ok(), passes, "after {seconds} s");
    }
    // A clock that goes back before `nbf` is no reason to trust the cache.
    let mut later = claims();
    later["nbf"] = json!(NOW);
    let token = es256(&later);
    assert!(check(&stage, &token, at(NOW), &issuer).is_ok());
    assert!(check(&stage, &token, at(NOW - 31), &issuer).is_err());
}

#[test]
fn a_changed_signature_misses_the_cache() {
    let stage = crate::support::stage_of(usual(""));
    let (issuer, token) = (FakeIssuer::default(), es256(&claims()));
    assert!(check(&stage, &token, at(NOW), &issuer).is_ok());
    let (head, _) = token.rsplit_once('.').unwrap();
    for signature in ["", "AAAA", &"A".repeat(86)] {
        assert!(check(&stage, &format!("{head}.{signature}"), at(NOW), &issuer).is_err());
    }
}

#[test]
fn shared_secrets_verify_and_do_not_mix() {
    let key = [7u8; 32];
    let text = format!("issuer = '{ISSUER}'\naudience = '{AUDIENCE}'\nsecret = 'env:JWT_SECRET'");
    let mut all = Authenticators::new();
    all.add("a".into(), Authenticator::Jwt(jwt(&text, secret(&key)))).unwrap();
    all.add("b".into(), Authenticator::Jwt(jwt(&text, secret(&[8u8; 32])))).unwrap();
    let (issuer, body) = (FakeIssuer::default(), claims().to_string());
    let token = token_of(r#"{"alg":"HS256"}"#, &body, By::Hs256(&key));
    for _ in 0..2 {
        assert!(check(&stage(&all, "a"), &token, at(NOW), &issuer).is_ok());
        assert!(check(&stage(&all, "b"), &token, at(NOW), &issuer).is_err());
    }
    assert!(check(&stage(&all, "a"), &es256(&claims()), at(NOW), &issuer).is_err(), "no public keys beside a secret");
}
