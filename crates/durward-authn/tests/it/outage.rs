//! The issuer's keys over time: fetched, rotated, faulty, out of reach. Never more fetches than the cool-down allows.

use std::time::Duration;

use durward_authn::jose::Algorithm;
use durward_authn::jwks::{KeyCache, KeySet, KeySource, Lookup, RefreshError, Refreshed};
use durward_authn::{Authenticator, Authenticators, AuthnStage};
use durward_core::{Moment, Reason};
use serde_json::{Value, json};

use crate::support::{
    AUDIENCE, By, FakeIssuer, ISSUER, KEYS, NOW, at, bearer, block_on, check, claims, ec_jwk, ed_jwk, es256, jwks, jwt,
    poll_once, rsa_jwk, schemes, stage_of, token_of,
};

const URL: &str = "https://id.example.test/jwks";
const DISCOVERY: &str = "https://id.example.test/.well-known/openid-configuration";

fn cache() -> KeyCache {
    KeyCache::new(KeySource::Url(URL.into()), &Algorithm::DEFAULT)
}

fn serving(document: &Value) -> FakeIssuer {
    let issuer = FakeIssuer::default();
    issuer.serve(URL, document);
    issuer
}

fn plan(jwks_line: &str) -> Authenticators {
    let text = format!("issuer = '{ISSUER}'\naudience = '{AUDIENCE}'\n{jwks_line}");
    let mut all = Authenticators::new();
    all.add("user".into(), Authenticator::Jwt(jwt(&text, Default::default()))).unwrap();
    all
}

fn url_plan() -> (Authenticators, AuthnStage) {
    let all = plan(&format!("jwks = {{ url = '{URL}' }}"));
    let stage = AuthnStage::compile(&[schemes(&["user"])], &all).unwrap();
    (all, stage)
}

fn token_with_kid(kid: &str) -> String {
    let header = json!({ "alg": "ES256", "kid": kid }).to_string();
    token_of(&header, &claims().to_string(), By::Es256(&KEYS.ec))
}

#[test]
fn the_first_request_fetches_and_the_next_does_not() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    for _ in 0..5 {
        assert!(check(&stage, &es256(&claims()), at(NOW), &issuer).is_ok());
    }
    assert_eq!(issuer.count(), 1);
}

#[test]
fn a_flood_of_unknown_kids_makes_one_fetch_per_cooldown() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    assert!(check(&stage, &es256(&claims()), at(NOW), &issuer).is_ok());
    let seconds = 60;
    for tenth in 0..seconds * 10 {
        let now =
            Moment::new(at(NOW).unix_nanos() + tenth * 100_000_000, at(NOW).monotonic_nanos() + tenth * 100_000_000);
        let denial = check(&stage, &token_with_kid(&format!("kid{tenth}")), now, &issuer).unwrap_err();
        assert_eq!(denial.reason(), Reason::CredentialInvalid);
        assert!(issuer.count() as u64 <= 1 + tenth / 100 + 1, "{} fetches after {tenth} tenths", issuer.count());
    }
    assert!(issuer.count() > 1, "an unknown kid does make the keys be asked for");
}

#[test]
fn one_unknown_kid_is_remembered_past_the_cooldown() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    assert!(check(&stage, &es256(&claims()), at(NOW), &issuer).is_ok());
    for second in [11, 12, 22, 33, 40] {
        assert!(check(&stage, &token_with_kid("gone"), at(NOW + second), &issuer).is_err());
    }
    assert_eq!(issuer.count(), 2, "asked once, then remembered for 30 s");
    assert!(check(&stage, &token_with_kid("gone"), at(NOW + 43), &issuer).is_err());
    assert_eq!(issuer.count(), 3);
}

#[test]
fn rotation_is_seen_at_the_first_token_of_the_new_key() {
    let (_, stage) = url_plan();
    let issuer = serving(&json!({ "keys": [ec_jwk("es1", &KEYS.other_ec)] }));
    assert!(check(&stage, &token_with_kid("es2"), at(NOW), &issuer).is_err());
    issuer.serve(URL, &json!({ "keys": [ec_jwk("es1", &KEYS.other_ec), ec_jwk("es2", &KEYS.ec)] }));
    assert!(check(&stage, &token_with_kid("es2"), at(NOW + 5), &issuer).is_err(), "the cool-down holds");
    // Another kid, because this one is remembered as unknown.
    issuer.serve(URL, &json!({ "keys": [ec_jwk("es3", &KEYS.ec)] }));
    assert!(check(&stage, &token_with_kid("es3"), at(NOW + 11), &issuer).is_ok());
    assert_eq!(issuer.count(), 2);
}

#[test]
fn a_removed_key_is_gone_at_once_also_for_cached_tokens() {
    let (all, stage) = url_plan();
    let issuer = serving(&jwks());
    let token = es256(&claims());
    assert!(check(&stage, &token, at(NOW), &issuer).is_ok());
    issuer.serve(URL, &json!({ "keys": [ed_jwk("ed1")] }));
    let (_, cache) = all.key_caches().next().unwrap();
    assert_eq!(block_on(cache.refresh(&issuer, at(NOW + 20))), Ok(Refreshed::Changed));
    assert_eq!(check(&stage, &token, at(NOW + 20), &issuer).unwrap_err().reason(), Reason::CredentialInvalid);
    // An issuer that withdraws everything is believed.
    issuer.serve(URL, &json!({ "keys": [] }));
    assert_eq!(block_on(cache.refresh(&issuer, at(NOW + 40))), Ok(Refreshed::Changed));
    let ed = token_of(r#"{"alg":"EdDSA","kid":"ed1"}"#, &claims().to_string(), By::EdDsa);
    assert_eq!(check(&stage, &ed, at(NOW + 40), &issuer).unwrap_err().reason(), Reason::CredentialInvalid);
}

#[test]
fn without_keys_it_is_a_503_with_retry_after_and_no_challenge() {
    let (_, stage) = url_plan();
    let issuer = FakeIssuer::default();
    for second in 0..10 {
        let denial = check(&stage, &es256(&claims()), at(NOW + second), &issuer).unwrap_err();
        assert_eq!(denial.reason(), Reason::VerifierUnavailable);
        assert_eq!(denial.retry_after_seconds(), Some(10 - u32::try_from(second).unwrap()));
        assert!(denial.challenges().is_empty());
    }
    assert_eq!(issuer.count(), 1);
    issuer.serve(URL, &jwks());
    assert!(check(&stage, &es256(&claims()), at(NOW + 10), &issuer).is_ok());
}

#[test]
fn an_outage_is_bridged_for_a_day_and_then_fails_closed() {
    let (all, stage) = url_plan();
    let issuer = serving(&jwks());
    assert!(check(&stage, &es256(&claims()), at(NOW), &issuer).is_ok());
    issuer.fail();
    let (_, cache) = all.key_caches().next().unwrap();
    let day = 24 * 3600;
    let fresh = |now: u64| {
        let mut claims = claims();
        (claims["iat"], claims["exp"]) = (json!(now), json!(now + 300));
        es256(&claims)
    };
    for second in [600, 3600, 12 * 3600, day] {
        assert!(cache.due(at(NOW + second)));
        assert!(matches!(block_on(cache.refresh(&issuer, at(NOW + second))), Err(RefreshError::Fetch(_))));
        assert!(check(&stage, &fresh(NOW + second), at(NOW + second), &issuer).is_ok(), "stale after {second} s");
        // Whether a key that we do not have exists is now anybody's guess: ours to answer for, not the caller's.
        let unknown = check(&stage, &token_with_kid("new"), at(NOW + second), &issuer).unwrap_err();
        assert_eq!(unknown.reason(), Reason::VerifierUnavailable);
    }
    let warm = fresh(NOW + day);
    assert!(check(&stage, &warm, at(NOW + day), &issuer).is_ok());
    let denial = check(&stage, &warm, at(NOW + day + 1), &issuer).unwrap_err();
    assert_eq!(denial.reason(), Reason::VerifierUnavailable, "a cached token does not outlive its keys");
    issuer.serve(URL, &jwks());
    assert!(check(&stage, &warm, at(NOW + day + 20), &issuer).is_ok());
}

#[test]
fn faulty_documents_keep_the_keys_that_were() {
    let large = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(256 * 1024));
    let many = json!({ "keys": vec![ed_jwk("k"); 101] }).to_string();
    for (document, message) in [
        ("", "jwks is not a strict json object: text ends too early"),
        ("<html>", "jwks is not a strict json object: unexpected character"),
        ("[]", "jwks is not a strict json object: not an object"),
        (r#"{"keys":[],"keys":[]}"#, "jwks is not a strict json object: member repeated"),
        ("{}", "jwks has no `keys` array"),
        (r#"{"keys":{}}"#, "jwks has no `keys` array"),
        (large.as_str(), "at most 262144 are read"),
        (many.as_str(), "jwks has 101 keys; at most 100 are read"),
    ] {
        let (cache, issuer) = (cache(), serving(&jwks()));
        assert_eq!(block_on(cache.refresh(&issuer, at(NOW))), Ok(Refreshed::Changed));
        issuer.serve_text(URL, document, None);
        let error = block_on(cache.refresh(&issuer, at(NOW + 600))).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(matches!(cache.lookup(Some("es1"), Algorithm::Es256, at(NOW + 600)), Lookup::Key(_)));
        assert_eq!(cache.status(at(NOW + 600)).last_error, Some(error));
    }
}

#[test]
fn faulty_keys_are_left_out_and_named() {
    let edit = |mut key: Value, name: &str, value: Value| {
        key[name] = value;
        key
    };
    let es = |name: &str, value: Value| edit(ec_jwk("k", &KEYS.ec), name, value);
    let rs = |name: &str, value: Value| edit(rsa_jwk("k"), name, value);
    for (key, message) in [
        (json!(1), "key 1 (without `kid`) is not an object"),
        (json!({ "kid": "k" }), "key 1 (`k`) member `kty` is missing or malformed"),
        (
            json!({ "kty": "oct", "kid": "k", "k": "AAAA" }),
            "key 1 (`k`) publishes the secret member `k`; treat the key as compromised",
        ),
        (rs("d", json!("AQAB")), "key 1 (`k`) publishes the secret member `d`; treat the key as compromised"),
        (rs("use", json!("enc")), "key 1 (`k`) is not for verifying signatures (`use` or `key_ops`)"),
        (rs("key_ops", json!(["encrypt"])), "key 1 (`k`) is not for verifying signatures (`use` or `key_ops`)"),
        (rs("key_ops", json!("verify")), "key 1 (`k`) member `key_ops` is missing or malformed"),
        (rs("alg", json!("ES256")), "key 1 (`k`) algorithm `ES256` does not fit its type and curve"),
        (rs("alg", json!("RSA1_5")), "key 1 (`k`) algorithm `RSA1_5` is not among the allowed algorithms"),
        (rs("alg", json!("RS512")), "key 1 (`k`) algorithm `RS512` is not among the allowed algorithms"),
        (rs("alg", json!(1)), "key 1 (`k`) member `alg` is missing or malformed"),
        (rs("n", json!(b64_of(127))), "key 1 (`k`) rsa modulus has 1016 bits; 2048 to 8192 are allowed"),
        (rs("n", json!(b64_of(1025))), "key 1 (`k`) rsa modulus has 8200 bits; 2048 to 8192 are allowed"),
        (rs("n", json!("AAEC")), "key 1 (`k`) rsa number `n` is not that of a key"),
        (rs("n", json!("AQ==")), "key 1 (`k`) member `n` is missing or malformed"),
        (rs("e", json!("AQ")), "key 1 (`k`) rsa number `e` is not that of a key"),
        (rs("e", json!("Ag")), "key 1 (`k`) rsa number `e` is not that of a key"),
        (es("crv", json!("P-521")), "key 1 (`k`) curve `P-521` is not supported"),
        (es("crv", json!("secp256k1")), "key 1 (`k`) curve `secp256k1` is not supported"),
        (es("x", json!("AAAA")), "key 1 (`k`) coordinates are not a point of the curve"),
        (es("y", es("", Value::Null)["x"].clone()), "key 1 (`k`) coordinates are not a point of the curve"),
        (edit(ed_jwk("k"), "crv", json!("X25519")), "key 1 (`k`) curve `X25519` is not supported"),
        (edit(ed_jwk("k"), "x", json!("AAAA")), "key 1 (`k`) coordinates are not a point of the curve"),
        (json!({ "kty": "AKP", "kid": "k", "alg": "ML-DSA-44" }), "key 1 (`k`) key type `AKP` is not supported"),
    ] {
        let document = json!({ "keys": [key, ed_jwk("ed1")] }).to_string();
        let set = KeySet::parse(document.as_bytes(), &Algorithm::DEFAULT).unwrap();
        let problems: Vec<String> = set.problems().iter().map(ToString::to_string).collect();
        assert_eq!(problems, [message], "{document}");
        assert_eq!(set.len(), 1, "the other key is used");
        // In a file a fault is an error; a key that is not for us is one only when there is no other.
        let own = KeySet::parse_own(document.as_bytes(), &Algorithm::DEFAULT);
        assert_eq!(own.is_ok(), set.problems()[0].fault.is_harmless(), "{document}");
        let alone = json!({ "keys": [key] }).to_string();
        let alone = KeySet::parse_own(alone.as_bytes(), &Algorithm::DEFAULT).unwrap_err();
        assert_eq!(alone.to_string(), format!("jwks {message}"));
    }
}

fn b64_of(length: usize) -> String {
    crate::support::b64(vec![0xffu8; length])
}

#[test]
fn two_keys_of_one_name_are_used_by_neither() {
    let clash = json!({ "keys": [ec_jwk("k", &KEYS.ec), ec_jwk("k", &KEYS.other_ec), ed_jwk("k")] }).to_string();
    let set = KeySet::parse(clash.as_bytes(), &Algorithm::DEFAULT).unwrap();
    let problems: Vec<String> = set.problems().iter().map(ToString::to_string).collect();
    let text = |position| format!("key {position} (`k`) shares its `kid` and algorithm with another key");
    assert_eq!(problems, [text(1), text(2)]);
    assert_eq!(set.len(), 1, "the key for another algorithm is told apart");
}

#[test]
fn times_to_live_are_clamped_and_refreshed_early() {
    for (max_age, ttl) in [(None, 600), (Some(0), 60), (Some(3600), 3600), (Some(1_000_000), 24 * 3600)] {
        let (cache, issuer) = (cache(), FakeIssuer::default());
        issuer.serve_text(URL, &jwks().to_string(), max_age.map(Duration::from_secs));
        assert!(cache.due(at(NOW)), "an empty cache is due");
        assert_eq!(block_on(cache.refresh(&issuer, at(NOW))), Ok(Refreshed::Changed));
        assert!(!cache.due(at(NOW + ttl * 74 / 100)), "{max_age:?}");
        assert!(cache.due(at(NOW + ttl * 86 / 100)), "{max_age:?}");
        assert_eq!(block_on(cache.refresh(&issuer, at(NOW + ttl * 86 / 100))), Ok(Refreshed::Same));
        assert_eq!(block_on(cache.refresh(&issuer, at(NOW + ttl * 86 / 100 + 1))), Ok(Refreshed::Skipped));
        assert_eq!(issuer.count(), 2);
    }
}

#[test]
fn many_requests_wait_for_one_fetch() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    issuer.close(true);
    let token = es256(&claims());
    let requests: Vec<_> = (0..50).map(|_| bearer(at(NOW), &token)).collect();
    let mut waiting: Vec<_> = requests.iter().map(|clean| Box::pin(stage.check(clean, &issuer))).collect();
    for check in &mut waiting {
        assert!(poll_once(check.as_mut()).is_pending());
    }
    assert_eq!(issuer.count(), 1);
    issuer.close(false);
    for check in waiting {
        assert!(crate::support::settle(block_on(check)).is_ok());
    }
    assert_eq!(issuer.count(), 1);
}

#[test]
fn a_waiting_crowd_is_bounded() {
    let (cache, issuer) = (cache(), serving(&jwks()));
    issuer.close(true);
    let mut waiting: Vec<_> = (0..1025).map(|_| Box::pin(cache.refresh(&issuer, at(NOW)))).collect();
    for refresh in &mut waiting {
        assert!(poll_once(refresh.as_mut()).is_pending());
    }
    assert_eq!(block_on(cache.refresh(&issuer, at(NOW))), Err(RefreshError::Crowded));
    waiting.pop();
    let mut next = Box::pin(cache.refresh(&issuer, at(NOW)));
    assert!(poll_once(next.as_mut()).is_pending(), "one that leaves makes room");
}

#[test]
fn a_client_that_hangs_up_does_not_strand_the_others() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    issuer.close(true);
    let token = es256(&claims());
    let (first, second) = (bearer(at(NOW), &token), bearer(at(NOW), &token));
    let mut leader = Box::pin(stage.check(&first, &issuer));
    let mut waiter = Box::pin(stage.check(&second, &issuer));
    assert!(poll_once(leader.as_mut()).is_pending());
    assert!(poll_once(waiter.as_mut()).is_pending());
    drop(leader);
    issuer.close(false);
    assert!(crate::support::settle(block_on(waiter)).is_ok(), "the waiter takes over");
    assert_eq!(issuer.count(), 2);
}

#[test]
fn hanging_up_is_no_way_to_make_us_fetch() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    issuer.close(true);
    let token = es256(&claims());
    for _ in 0..100 {
        let clean = bearer(at(NOW), &token);
        let mut request = Box::pin(stage.check(&clean, &issuer));
        let _ = poll_once(request.as_mut());
    }
    assert_eq!(issuer.count(), 4, "three turns are given back, then the cool-down holds");
}

#[test]
fn discovery_must_speak_for_the_issuer() {
    let good = json!({ "issuer": ISSUER, "jwks_uri": URL });
    for (document, passes) in [
        (good.clone(), true),
        (json!({ "issuer": "https://evil.example", "jwks_uri": URL }), false),
        (json!({ "issuer": format!("{ISSUER}/"), "jwks_uri": URL }), false),
        (json!({ "issuer": [ISSUER], "jwks_uri": URL }), false),
        (json!({ "jwks_uri": URL }), false),
        (json!({ "issuer": ISSUER }), false),
        (json!({ "issuer": ISSUER, "jwks_uri": "http://id.example.test/jwks" }), false),
        (json!({ "issuer": ISSUER, "jwks_uri": "file:///etc/passwd" }), false),
        (json!([]), false),
    ] {
        let all = plan("");
        let stage = AuthnStage::compile(&[schemes(&["user"])], &all).unwrap();
        let issuer = serving(&jwks());
        issuer.serve(DISCOVERY, &document);
        let result = check(&stage, &es256(&claims()), at(NOW), &issuer);
        assert_eq!(result.is_ok(), passes, "{document}");
        if let Err(denial) = result {
            assert_eq!(denial.reason(), Reason::VerifierUnavailable, "{document}");
            assert_eq!(issuer.count(), 1, "nothing more is fetched: {document}");
        }
    }
}

#[test]
fn keys_without_a_background_loop_are_refreshed_by_a_request() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    let mut claims = claims();
    claims["exp"] = json!(NOW + 10_000);
    assert!(check(&stage, &es256(&claims), at(NOW), &issuer).is_ok());
    issuer.serve(URL, &json!({ "keys": [ed_jwk("ed1")] }));
    claims["jti"] = json!("another, so that it is not cached");
    assert!(check(&stage, &es256(&claims), at(NOW + 601), &issuer).is_err(), "the removed key is noticed");
    assert_eq!(issuer.count(), 2);
}

#[test]
fn a_reload_keeps_the_keys_of_the_same_source_only() {
    let (old, stage) = url_plan();
    let issuer = serving(&jwks());
    assert!(check(&stage, &es256(&claims()), at(NOW), &issuer).is_ok());
    issuer.fail();
    let mut same = plan(&format!("jwks = {{ url = '{URL}' }}\nskew = '10s'"));
    same.inherit(&old);
    let reloaded = AuthnStage::compile(&[schemes(&["user"])], &same).unwrap();
    assert!(check(&reloaded, &es256(&claims()), at(NOW), &issuer).is_ok(), "no fetch is needed");
    let mut other = plan("jwks = { url = 'https://id.example.test/other' }");
    other.inherit(&old);
    let other = AuthnStage::compile(&[schemes(&["user"])], &other).unwrap();
    let denial = check(&other, &es256(&claims()), at(NOW), &issuer).unwrap_err();
    assert_eq!(denial.reason(), Reason::VerifierUnavailable);
}

#[test]
fn keys_from_a_file_are_never_fetched_and_never_old() {
    let stage = stage_of(crate::support::usual(""));
    let issuer = FakeIssuer::default();
    let late = NOW + 400 * 24 * 3600;
    let mut claims = claims();
    claims["exp"] = json!(late + 60);
    assert!(check(&stage, &es256(&claims), at(late), &issuer).is_ok());
    assert!(check(&stage, &token_with_kid("gone"), at(late), &issuer).is_err());
    assert_eq!(issuer.count(), 0);
}

#[test]
fn an_algorithm_that_is_not_allowed_makes_nothing_be_fetched() {
    let (_, stage) = url_plan();
    let issuer = serving(&jwks());
    for alg in ["RS512", "ES384", "HS256", "none"] {
        let header = json!({ "alg": alg, "kid": "x" }).to_string();
        let token = token_of(&header, &claims().to_string(), By::Es256(&KEYS.ec));
        let denial = check(&stage, &token, at(NOW), &issuer).unwrap_err();
        assert_eq!(denial.reason(), Reason::CredentialInvalid, "{alg}");
    }
    assert_eq!(issuer.count(), 0);
}
