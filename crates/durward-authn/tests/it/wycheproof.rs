//! C2SP Wycheproof: JSON Web Signature, Key and Crypto. Every case must come out as the suite says, but for the list
//! below; the list only shrinks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use durward_authn::jose::{Algorithm, Compact, MacKey, Verifier};
use durward_authn::jwks::{Found, KeySet};
use serde_json::{Value, json};

const P521: &str = "P-521 is not supported";
const KEY_ALG: &str = "the key is for PS256 and the token is signed with PS384; a key serves its own algorithm only";
const INSERTED: &str = "a character outside of base64url was inserted; the suite calls it valid, we do not";
const OCT: &str = "shared secrets are never taken from a key set";
const JWE: &str = "encrypted tokens are not supported";

/// Cases that the suite calls invalid although another case with the very same key and token is valid. The padding
/// that their comments speak of is not in the published file, so no verifier can satisfy both: `(case, valid twin)`.
/// That they are twins is checked, not believed.
const CONTRADICTIONS: [(&str, u64, u64); 2] =
    [("json_web_signature_test", 367, 357), ("json_web_signature_test", 370, 357)];

/// Cases that the suite calls valid and we refuse.
const DEVIATIONS: [(&str, u64, &str); 13] = [
    ("json_web_signature_test", 346, KEY_ALG),
    ("json_web_signature_test", 347, P521),
    ("json_web_signature_test", 350, KEY_ALG),
    ("json_web_signature_test", 351, P521),
    ("json_web_signature_test", 372, INSERTED),
    ("json_web_signature_test", 373, INSERTED),
    ("json_web_key_test", 2, OCT),
    ("json_web_key_test", 13, OCT),
    ("json_web_key_test", 14, OCT),
    ("json_web_key_test", 15, OCT),
    ("json_web_crypto_test", 48, OCT),
    ("json_web_crypto_test", 50, JWE),
    ("json_web_crypto_test", 67, JWE),
];

fn suite(name: &str) -> Option<Value> {
    let corpora = std::env::var_os("DURWARD_CORPORA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"), PathBuf::from);
    let path = corpora.join("wycheproof").join(format!("{name}.json"));
    match std::fs::read(&path) {
        Ok(text) => Some(serde_json::from_slice(&text).unwrap()),
        Err(error) => {
            println!("skipped {name}: {} cannot be read: {error}", path.display());
            None
        }
    }
}

/// Whether we accept the token under the key or key set of its group.
fn accepts(key: &Value, case: &Value) -> bool {
    let Some(token) = case.get("jws").or_else(|| case.get("jwe")).and_then(Value::as_str) else {
        // The JSON serialisation is an object; we have no reader for it at all.
        return false;
    };
    let Ok(token) = Compact::parse(token) else { return false };
    if key["kty"] == "oct" && key["alg"] == "HS256" && key["use"] == "sig" {
        let secret = URL_SAFE_NO_PAD.decode(key["k"].as_str().unwrap()).unwrap();
        return MacKey::new(&secret).is_some_and(|key| Verifier::Mac(key).verify(&token).is_ok());
    }
    let set = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
    let Ok(set) = KeySet::parse(set.to_string().as_bytes(), &Algorithm::ALL) else { return false };
    match set.find(token.kid(), token.algorithm()) {
        Found::Key(verifier) => verifier.verify(&token).is_ok(),
        Found::Nothing | Found::Ambiguous | Found::OtherAlgorithm => false,
    }
}

/// Whether a case is listed as contradicting a valid case of its own group, and its token really is that one's.
fn contradicts(name: &str, id: u64, group: &Value) -> bool {
    let case = |id: u64| group["tests"].as_array().unwrap().iter().find(move |case| case["tcId"] == id);
    CONTRADICTIONS.iter().filter(|(suite, listed, _)| *suite == name && *listed == id).any(|(_, _, twin)| {
        case(*twin).zip(case(id)).is_some_and(|(twin, own)| twin["result"] == "valid" && twin["jws"] == own["jws"])
    })
}

fn run(name: &'static str, expected_cases: usize) {
    let Some(suite) = suite(name) else { return };
    let listed: BTreeMap<u64, &str> =
        DEVIATIONS.iter().filter(|(suite, ..)| *suite == name).map(|(_, case, why)| (*case, *why)).collect();
    let (mut cases, mut contradicting, mut deviating, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for group in suite["testGroups"].as_array().unwrap() {
        let key = group.get("public").unwrap_or(&group["private"]);
        for case in group["tests"].as_array().unwrap() {
            cases += 1;
            let id = case["tcId"].as_u64().unwrap();
            let valid = case["result"] == "valid";
            let accepted = accepts(key, case);
            match (valid, accepted) {
                (false, true) if contradicts(name, id, group) => contradicting += 1,
                (false, true) => wrong.push(format!("{id} {} is invalid and was accepted", case["comment"])),
                (true, false) if listed.contains_key(&id) => deviating.push(id),
                (true, false) => wrong.push(format!("{id} {} is valid and was refused", case["comment"])),
                (true, true) | (false, false) => {}
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(deviating, listed.into_keys().collect::<Vec<_>>(), "the list of deviations only shrinks");
    let contradictions = CONTRADICTIONS.iter().filter(|(suite, ..)| *suite == name).count();
    assert_eq!(contradicting, contradictions, "a contradiction that is gone leaves the list");
    assert_eq!(cases, expected_cases);
}

#[test]
fn json_web_signature() {
    run("json_web_signature_test", 401);
}

#[test]
fn json_web_key() {
    run("json_web_key_test", 26);
}

#[test]
fn json_web_crypto() {
    run("json_web_crypto_test", 83);
}
