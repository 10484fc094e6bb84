//! Tokens as attackers write them. Each is a 401 with one and the same public answer; nothing is fetched for any.

use durward_authn::AuthnStage;
use durward_core::{Denial, PrincipalKind, Reason};
use serde_json::{Value, json};

use crate::support::{
    AUDIENCE, By, FakeIssuer, ISSUER, KEYS, NOW, at, b64, check, claims, es256, rsa_jwk, stage_of, token_of, usual,
};

const ES256: &str = r#"{"alg":"ES256","kid":"es1"}"#;

fn signed(header: &str, claims: &Value) -> String {
    token_of(header, &claims.to_string(), By::Es256(&KEYS.ec))
}

fn raw_claims(payload: &str) -> String {
    token_of(ES256, payload, By::Es256(&KEYS.ec))
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// A DER signature where JOSE wants r and s.
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| [&[0x02, 33, 0][..], half].concat();
    let body = [integer(&fixed[..32]), integer(&fixed[32..])].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat()
}

fn headers() -> Vec<(&'static str, String)> {
    let good = claims().to_string();
    let n = rsa_jwk("rs1")["n"].as_str().unwrap().to_owned();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{n}\n-----END PUBLIC KEY-----\n");
    let jwk = rsa_jwk("rs1").to_string();
    let embedded = json!({ "alg": "ES256", "jwk": crate::support::ec_jwk("x", &KEYS.other_ec) }).to_string();
    let other = By::Es256(&KEYS.other_ec);
    let order = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let input = format!("{}.{}", b64(ES256), b64(&good));
    let fixed = crate::support::signature(By::Es256(&KEYS.ec), input.as_bytes());
    let (zero, orders, der) = ([0u8; 64], [order, order].concat(), der(&fixed));
    let long = [fixed.as_slice(), &[0]].concat();
    vec![
        ("alg none", token_of(r#"{"alg":"none"}"#, &good, By::Bytes(b""))),
        ("alg None", token_of(r#"{"alg":"None"}"#, &good, By::Bytes(b""))),
        ("alg nOnE with kid", token_of(r#"{"alg":"nOnE","kid":"es1"}"#, &good, By::Bytes(b""))),
        ("alg none, signed", signed(r#"{"alg":"none","kid":"es1"}"#, &claims())),
        ("alg missing", signed(r#"{"kid":"es1"}"#, &claims())),
        ("alg null", signed(r#"{"alg":null,"kid":"es1"}"#, &claims())),
        ("alg array", signed(r#"{"alg":["ES256"],"kid":"es1"}"#, &claims())),
        ("alg in lower case", signed(r#"{"alg":"es256","kid":"es1"}"#, &claims())),
        ("alg not on the list", token_of(r#"{"alg":"RS512","kid":"rs1"}"#, &good, By::Rs256)),
        ("alg of another key", token_of(r#"{"alg":"RS256","kid":"es1"}"#, &good, By::Rs256)),
        ("rs256 as ps256", token_of(r#"{"alg":"PS256","kid":"rs1"}"#, &good, By::Rs256)),
        ("empty signature", token_of(ES256, &good, By::Bytes(b""))),
        ("hs256 with the pem", token_of(r#"{"alg":"HS256","kid":"rs1"}"#, &good, By::Hs256(pem.as_bytes()))),
        ("hs256 with the jwk", token_of(r#"{"alg":"HS256","kid":"rs1"}"#, &good, By::Hs256(jwk.as_bytes()))),
        ("hs256 with the modulus", token_of(r#"{"alg":"HS256","kid":"rs1"}"#, &good, By::Hs256(n.as_bytes()))),
        ("hs256 with nothing", token_of(r#"{"alg":"HS256"}"#, &good, By::Hs256(b""))),
        ("embedded jwk", token_of(&embedded, &good, other)),
        ("embedded jwk and our kid", token_of(&embedded.replace(r#""alg""#, r#""kid":"es1","alg""#), &good, other)),
        ("jku", token_of(r#"{"alg":"ES256","kid":"x","jku":"https://evil.example/jwks"}"#, &good, other)),
        ("x5u", token_of(r#"{"alg":"ES256","kid":"es1","x5u":"https://evil.example/x"}"#, &good, other)),
        ("x5c", token_of(r#"{"alg":"ES256","kid":"es1","x5c":["MIIB"]}"#, &good, other)),
        ("kid traversal", token_of(r#"{"alg":"ES256","kid":"../../../../dev/null"}"#, &good, other)),
        ("kid sql", token_of(r#"{"alg":"ES256","kid":"x' UNION SELECT 'key"}"#, &good, other)),
        ("kid number", signed(r#"{"alg":"ES256","kid":1}"#, &claims())),
        ("kid too long", signed(&json!({ "alg": "ES256", "kid": "k".repeat(257) }).to_string(), &claims())),
        ("kid unknown", signed(r#"{"alg":"ES256","kid":"es2"}"#, &claims())),
        ("crit unknown", signed(r#"{"alg":"ES256","kid":"es1","crit":["x"],"x":1}"#, &claims())),
        ("crit empty", signed(r#"{"alg":"ES256","kid":"es1","crit":[]}"#, &claims())),
        ("b64 false", signed(r#"{"alg":"ES256","kid":"es1","b64":false}"#, &claims())),
        ("zip", signed(r#"{"alg":"ES256","kid":"es1","zip":"DEF"}"#, &claims())),
        ("jwe header", signed(r#"{"alg":"ES256","enc":"A256GCM","kid":"es1"}"#, &claims())),
        ("pbes2 bomb", signed(r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483647,"kid":"es1"}"#, &claims())),
        ("alg twice", signed(r#"{"alg":"ES256","alg":"none","kid":"es1"}"#, &claims())),
        ("alg twice, escaped", signed(r#"{"alg":"ES256","\u0061lg":"ES256","kid":"es1"}"#, &claims())),
        ("header not an object", signed(r#"["ES256"]"#, &claims())),
        ("header too deep", signed(r#"{"alg":"ES256","kid":"es1","x":[[[[[[[[[1]]]]]]]]]}"#, &claims())),
        ("es256 r = s = 0", token_of(ES256, &good, By::Bytes(&zero))),
        ("es256 r = s = n", token_of(ES256, &good, By::Bytes(&orders))),
        ("es256 in der", format!("{input}.{}", b64(&der))),
        ("es256 with a byte more", format!("{input}.{}", b64(&long))),
        ("es256 with a byte less", format!("{input}.{}", b64(&fixed[..63]))),
        ("another key", token_of(ES256, &good, other)),
    ]
}

fn shapes() -> Vec<(&'static str, String)> {
    let good = es256(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let fifth = format!("{good}.x.y");
    vec![
        ("five segments", fifth),
        ("four segments", format!("{good}.")),
        ("two segments", parts[..2].join(".")),
        ("one segment", parts[0].to_owned()),
        ("dots", "..".to_owned()),
        ("empty header", format!(".{}.{}", parts[1], parts[2])),
        ("empty payload", format!("{}..{}", parts[0], parts[2])),
        ("padding", format!("{good}==")),
        ("standard alphabet", format!("{}+/", good)),
        ("payload of another token", {
            let other = es256(&with("sub", json!("admin")));
            format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2])
        }),
        ("too long", es256(&with("x", json!("x".repeat(9000))))),
        ("payload not json", raw_claims("hello")),
        ("payload an array", raw_claims("[]")),
        ("payload trailing text", raw_claims(&format!("{}x", claims()))),
        ("payload a token", raw_claims(&good)),
        ("payload with a bom", raw_claims(&format!("\u{feff}{}", claims()))),
        ("payload too deep", es256(&with("x", json!([[[[[[[[[1]]]]]]]]])))),
    ]
}

fn claim_faults() -> Vec<(&'static str, String)> {
    let text = |from: &str, to: &str| raw_claims(&claims().to_string().replace(from, to));
    let exp = format!(r#""exp":{}"#, NOW + 300);
    let typ = |typ: &str| signed(&json!({ "alg": "ES256", "kid": "es1", "typ": typ }).to_string(), &claims());
    vec![
        ("exp missing", es256(&without("exp"))),
        ("exp passed", es256(&with("exp", json!(NOW - 31)))),
        ("exp passed at the skew exactly", es256(&with("exp", json!(NOW - 30)))),
        ("exp text", es256(&with("exp", json!((NOW + 300).to_string())))),
        ("exp float", text(&exp, r#""exp":1790000300.5"#)),
        ("exp float without fraction", text(&exp, r#""exp":1790000300.0"#)),
        ("exp exponent", text(&exp, r#""exp":1e18"#)),
        ("exp too large", text(&exp, r#""exp":1e400"#)),
        ("exp beyond u64", text(&exp, r#""exp":99999999999999999999999"#)),
        ("exp negative", es256(&with("exp", json!(-1)))),
        ("exp null", es256(&with("exp", Value::Null))),
        ("exp true", es256(&with("exp", json!(true)))),
        ("exp twice", text(&exp, &format!(r#""exp":1,{exp}"#))),
        ("nbf in the future", es256(&with("nbf", json!(NOW + 31)))),
        ("nbf text", es256(&with("nbf", json!("0")))),
        ("nbf null", es256(&with("nbf", Value::Null))),
        ("iat in the future", es256(&with("iat", json!(NOW + 31)))),
        ("iat text", es256(&with("iat", json!("now")))),
        ("iss missing", es256(&without("iss"))),
        ("iss array", es256(&with("iss", json!(["https://evil.example", ISSUER])))),
        ("iss number", es256(&with("iss", json!(1)))),
        ("iss other", es256(&with("iss", json!("https://evil.example")))),
        ("iss with a slash", es256(&with("iss", json!(format!("{ISSUER}/"))))),
        ("iss in upper case", es256(&with("iss", json!(ISSUER.to_uppercase())))),
        ("aud missing", es256(&without("aud"))),
        ("aud other", es256(&with("aud", json!("billing")))),
        ("aud longer", es256(&with("aud", json!("orders-admin")))),
        ("aud object", es256(&with("aud", json!({ "0": AUDIENCE })))),
        ("aud number", es256(&with("aud", json!(1)))),
        ("aud empty list", es256(&with("aud", json!([])))),
        ("aud mixed list", es256(&with("aud", json!([AUDIENCE, 1])))),
        ("sub missing", es256(&without("sub"))),
        ("sub number", es256(&with("sub", json!(1)))),
        ("sub empty", es256(&with("sub", json!("")))),
        ("sub with a line break", es256(&with("sub", json!("alice\r\nx-role: admin")))),
        ("scope number", es256(&with("scope", json!(1)))),
        ("scope list of numbers", es256(&with("scope", json!([1])))),
        ("id token (nonce)", es256(&with("nonce", json!("n")))),
        ("id token (at_hash)", es256(&with("at_hash", json!("h")))),
        ("logout token (events)", es256(&with("events", json!({})))),
        ("logout token (typ)", typ("logout+jwt")),
        ("dpop proof (typ)", typ("dpop+jwt")),
        ("security event (typ)", typ("application/secevent+jwt")),
        ("unknown typ", typ("entity-statement+jwt")),
        ("bound to a dpop key", es256(&with("cnf", json!({ "jkt": "x" })))),
        ("bound to a certificate", es256(&with("cnf", json!({ "x5t#S256": "x" })))),
    ]
}

fn refuse(stage: &AuthnStage, token: &str) -> Denial {
    let issuer = FakeIssuer::default();
    let denial = check(stage, token, at(NOW), &issuer).unwrap_err();
    assert_eq!(issuer.count(), 0, "a token makes nothing be fetched");
    denial
}

#[test]
fn all_are_refused_with_the_same_answer() {
    let stage = stage_of(usual(""));
    let table = [headers(), shapes(), claim_faults()].concat();
    assert!(table.len() > 100);
    let mut wrong = Vec::new();
    for (name, token) in table {
        match check(&stage, &token, at(NOW), &FakeIssuer::default()) {
            Ok(_) => wrong.push(name.to_owned()),
            Err(denial) => {
                let answer = (denial.reason(), denial.challenges().to_vec(), denial.public_errors().len());
                let expected = [r#"Bearer realm="api", error="invalid_token""#.to_owned()].to_vec();
                // What RFC 6750 does not accept as token syntax is a malformed request.
                let malformed = Reason::CredentialMalformed == answer.0;
                if !malformed && answer != (Reason::CredentialInvalid, expected, 0) {
                    wrong.push(format!("{name}: {answer:?}"));
                }
                if malformed {
                    wrong.push(format!("{name}: malformed"));
                }
                assert!(denial.private_detail().is_some_and(|detail| !detail.contains(&token)), "{name}");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn each_fails_for_its_own_reason() {
    let stage = stage_of(usual(""));
    for (token, detail) in [
        (es256(&with("exp", json!(NOW - 31))), "user: token is expired"),
        (es256(&with("aud", json!("billing"))), "user: claim `aud` does not name this service"),
        (es256(&with("iss", json!("x"))), "user: claim `iss` is not the configured issuer"),
        (es256(&with("nbf", json!(NOW + 31))), "user: claim `nbf` lies in the future"),
        (signed(r#"{"alg":"ES256","kid":"es1","crit":["x"]}"#, &claims()), "user: header member `crit` is refused"),
        (token_of(ES256, &claims().to_string(), By::Es256(&KEYS.other_ec)), "user: signature does not verify"),
        (token_of(r#"{"alg":"none"}"#, "{}", By::Bytes(b"")), "user: header `alg` is not a supported algorithm"),
        (signed(r#"{"alg":"ES256","kid":"es2"}"#, &claims()), "user: no key of the issuer fits the token"),
    ] {
        assert_eq!(refuse(&stage, &token).private_detail(), Some(detail));
    }
}

#[test]
fn good_tokens_pass() {
    let stage = stage_of(usual(""));
    let body = claims().to_string();
    for (name, token) in [
        ("rs256", token_of(r#"{"alg":"RS256","kid":"rs1"}"#, &body, By::Rs256)),
        ("ps256", token_of(r#"{"alg":"PS256","kid":"rs1"}"#, &body, By::Ps256)),
        ("es256", es256(&claims())),
        ("eddsa", token_of(r#"{"alg":"EdDSA","kid":"ed1"}"#, &body, By::EdDsa)),
        ("without kid, one key fits", token_of(r#"{"alg":"EdDSA"}"#, &body, By::EdDsa)),
        ("typ at+jwt", signed(r#"{"alg":"ES256","kid":"es1","typ":"at+jwt"}"#, &claims())),
        ("typ JWT", signed(r#"{"alg":"ES256","kid":"es1","typ":"JWT"}"#, &claims())),
        ("aud list", es256(&with("aud", json!(["billing", AUDIENCE])))),
        ("expired within the skew", es256(&with("exp", json!(NOW - 29)))),
        ("nbf within the skew", es256(&with("nbf", json!(NOW + 30)))),
        ("iat within the skew", es256(&with("iat", json!(NOW + 30)))),
        ("jku is ignored", signed(r#"{"alg":"ES256","kid":"es1","jku":"https://evil.example"}"#, &claims())),
        ("scope list", es256(&with("scope", json!(["write", "read", "read"])))),
        ("scp", {
            let mut claims = without("scope");
            claims["scp"] = json!("read write");
            es256(&claims)
        }),
    ] {
        let caller = check(&stage, &token, at(NOW), &FakeIssuer::default()).unwrap_or_else(|d| panic!("{name}: {d:?}"));
        let credential = caller.credential("user").unwrap();
        assert_eq!((&*credential.principal.issuer, &*credential.principal.subject), (ISSUER, "alice"), "{name}");
        assert_eq!(credential.principal.kind, PrincipalKind::User, "{name}");
        let scopes: Vec<&str> = credential.scopes.iter().map(|scope| &**scope).collect();
        assert_eq!(scopes, ["read", "write"], "{name}");
    }
}

#[test]
fn the_strict_profile_asks_for_more() {
    let stage = stage_of(usual("profile = 'rfc9068'"));
    let mut full = claims();
    (full["client_id"], full["jti"]) = (json!("app"), json!("t1"));
    let at_jwt = r#"{"alg":"ES256","kid":"es1","typ":"at+jwt"}"#;
    let caller = check(&stage, &signed(at_jwt, &full), at(NOW), &FakeIssuer::default()).unwrap();
    assert_eq!(caller.credentials()[0].credential_id.as_deref(), Some("t1"));
    let application = r#"{"alg":"ES256","kid":"es1","typ":"application/AT+JWT"}"#;
    assert!(check(&stage, &signed(application, &full), at(NOW), &FakeIssuer::default()).is_ok());
    refuse(&stage, &signed(ES256, &full));
    refuse(&stage, &signed(r#"{"alg":"ES256","kid":"es1","typ":"JWT"}"#, &full));
    for name in ["client_id", "jti", "iat", "sub"] {
        let mut less = full.clone();
        less.as_object_mut().unwrap().remove(name);
        refuse(&stage, &signed(at_jwt, &less));
    }
}

#[test]
fn a_client_is_told_from_a_user() {
    let stage = stage_of(usual(""));
    let mut own = claims();
    (own["sub"], own["client_id"]) = (json!("app"), json!("app"));
    let mut bare = without("sub");
    bare["azp"] = json!("app");
    for token in [es256(&own), es256(&bare)] {
        let caller = check(&stage, &token, at(NOW), &FakeIssuer::default()).unwrap();
        let principal = caller.principal().unwrap();
        assert_eq!((principal.kind, &*principal.subject), (PrincipalKind::Client, "app"));
    }
}

/// The last line of defence, should a caller ever look a key up by something else than the token's algorithm.
#[test]
fn a_verifier_serves_its_own_algorithm_only() {
    use durward_authn::jose::{Algorithm, Compact, JoseError, MacKey, Verifier};
    use durward_authn::jwks::{Found, KeySet};
    let set = KeySet::parse(crate::support::jwks().to_string().as_bytes(), &Algorithm::DEFAULT).unwrap();
    let Found::Key(key) = set.find(Some("es1"), Algorithm::Es256) else { panic!("the key is there") };
    let claims = claims().to_string();
    // The signature itself is good: only the name of the algorithm differs.
    let token = token_of(r#"{"alg":"EdDSA","kid":"es1"}"#, &claims, By::Es256(&KEYS.ec));
    let mismatch = Err(JoseError::AlgorithmMismatch(Algorithm::EdDsa));
    assert_eq!(key.verify(&Compact::parse(&token).unwrap()), mismatch);
    let secret = [7; 32];
    let token = token_of(r#"{"alg":"EdDSA"}"#, &claims, By::Hs256(&secret));
    let mac = Verifier::Mac(MacKey::new(&secret).unwrap());
    assert_eq!(mac.verify(&Compact::parse(&token).unwrap()), mismatch);
}
