//! `jsonwebtoken` as a second opinion: what it refuses, we refuse; where we are stricter, the difference is listed.

use durward_authn::AuthnStage;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, By, FakeIssuer, ISSUER, KEYS, NOW, at, check, claims, jwks, stage_of, token_of, usual};

fn theirs(token: &str) -> bool {
    let set: JwkSet = serde_json::from_value(jwks()).unwrap();
    let Ok(header) = decode_header(token) else { return false };
    let Some(jwk) = header.kid.as_deref().and_then(|kid| set.find(kid)) else { return false };
    let Ok(key) = DecodingKey::from_jwk(jwk) else { return false };
    let family = match header.kid.as_deref() {
        Some("rs1") => vec![Algorithm::RS256, Algorithm::PS256],
        Some("es1") => vec![Algorithm::ES256],
        _ => vec![Algorithm::EdDSA],
    };
    let mut validation = Validation::new(family[0]);
    validation.algorithms = family;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    // Its clock is the machine's; time is judged by our own tables.
    validation.validate_exp = false;
    decode::<Value>(token, &key, &validation).is_ok()
}

fn ours(stage: &AuthnStage, token: &str) -> bool {
    check(stage, token, at(NOW), &FakeIssuer::default()).is_ok()
}

/// Headers and payloads, each once as it is and once changed, under every key.
fn tokens() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let signers = [
        ("RS256", "rs1", By::Rs256),
        ("PS256", "rs1", By::Ps256),
        ("ES256", "es1", By::Es256(&KEYS.ec)),
        ("EdDSA", "ed1", By::EdDsa),
    ];
    let edits: [(&str, Value); 14] = [
        ("sub", json!("bob")),
        ("aud", json!("billing")),
        ("aud", json!([AUDIENCE, "billing"])),
        ("aud", json!(["billing"])),
        ("aud", json!(7)),
        ("iss", json!("https://evil.example")),
        ("iss", json!(["https://evil.example", ISSUER])),
        ("iss", json!(7)),
        ("exp", json!("soon")),
        ("exp", json!(-1)),
        ("nbf", json!(NOW + 1_000)),
        ("nonce", json!("n")),
        ("cnf", json!({ "jkt": "x" })),
        ("scope", json!(7)),
    ];
    for (alg, kid, by) in signers {
        for (claimed, _, _) in signers {
            let header = json!({ "alg": claimed, "kid": kid }).to_string();
            all.push((format!("{alg} key, {claimed} header"), token_of(&header, &claims().to_string(), by)));
        }
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        for (name, value) in &edits {
            let mut changed = claims();
            changed[*name] = value.clone();
            all.push((format!("{alg} {name} = {value}"), token_of(&header, &changed.to_string(), by)));
        }
        for extra in [
            json!({ "crit": ["x"] }),
            json!({ "b64": false, "crit": ["b64"] }),
            json!({ "typ": "logout+jwt" }),
            json!({ "typ": "JWT" }),
        ] {
            let mut header: Value = serde_json::from_str(&header).unwrap();
            header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            all.push((format!("{alg} header {extra}"), token_of(&header.to_string(), &claims().to_string(), by)));
        }
        let good = token_of(&header, &claims().to_string(), by);
        let step = good.len() / 40;
        for place in (0..good.len()).step_by(step) {
            let mut bytes = good.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            all.push((format!("{alg} byte {place} changed"), String::from_utf8(bytes).unwrap()));
        }
        all.push((format!("{alg} cut"), {
            let mut cut = good.clone();
            cut.pop();
            cut
        }));
        all.push((format!("{alg} good"), good));
    }
    all
}

/// Where it accepts and we refuse: (part of the name, why).
const STRICTER: [(&str, &str); 7] = [
    ("iss = [\"https", "`iss` must be a string"),
    ("nbf = ", "it does not check `nbf` by default"),
    ("nonce = ", "an ID token is no access token"),
    ("cnf = ", "a bound token is no bearer token"),
    ("scope = 7", "a malformed scope is not an absent one"),
    ("header {\"typ\":\"logout+jwt\"}", "a logout token is no access token"),
    ("\"crit\"", "critical members are refused"),
];

#[test]
fn we_accept_nothing_that_it_refuses() {
    let stage = stage_of(usual(""));
    let (mut looser, mut unexplained, mut agreed) = (Vec::new(), Vec::new(), 0);
    let mut used = [false; STRICTER.len()];
    for (name, token) in tokens() {
        match (ours(&stage, &token), theirs(&token)) {
            (true, false) => looser.push(name),
            (false, true) => match STRICTER.iter().position(|(part, _)| name.contains(part)) {
                Some(place) => used[place] = true,
                None => unexplained.push(name),
            },
            (true, true) | (false, false) => agreed += 1,
        }
    }
    assert_eq!(looser, Vec::<String>::new());
    assert_eq!(unexplained, Vec::<String>::new());
    assert!(agreed > 150, "{agreed}");
    let unused: Vec<_> = STRICTER.iter().zip(used).filter(|(_, used)| !used).map(|((part, _), _)| part).collect();
    assert!(unused.is_empty(), "it became as strict as we are: {unused:?}");
}
