//! The `jwt` table: what is written, what is refused, and with which words.

use durward_authn::jose::Algorithm;
use durward_authn::{JwtAuthenticator, JwtConfig, JwtMaterial, KeyPlace};

use crate::support::{config, jwks, material, secret};

#[test]
fn defaults() {
    let config = config("issuer = 'https://id.example.test'\naudience = ['orders', 'billing']");
    assert_eq!(config.audience.names(), ["orders", "billing"]);
    assert_eq!((config.skew.to_string(), config.scope_claim.as_str()), ("30s".to_owned(), "scope"));
    assert!(
        config.jwks.is_none() && config.secret.is_none() && config.algorithms.is_none() && config.profile.is_none()
    );
    assert_eq!(Algorithm::DEFAULT.map(Algorithm::name), ["RS256", "PS256", "ES256", "EdDSA"]);
}

#[test]
fn documents_that_do_not_parse() {
    const BASE: &str = "issuer = 'https://id.example.test'\n";
    for (text, message) in [
        ("", "missing field `audience`"),
        ("audience = 'a'\nleeway = '5s'", "unknown field `leeway`"),
        ("audience = 1", "expected a text or a list of texts"),
        ("audience = 'a'\nalgorithms = ['none']", "`none` is not a supported algorithm"),
        ("audience = 'a'\nalgorithms = ['rs256']", "`rs256` is not a supported algorithm"),
        ("audience = 'a'\nprofile = 'rfc7519'", "unknown variant `rfc7519`"),
        ("audience = 'a'\njwks = { uri = 'x' }", "unknown variant `uri`"),
        ("audience = 'a'\nskew = 'soon'", "`soon` is not a length of time"),
    ] {
        let error = toml::from_str::<JwtConfig>(&format!("{BASE}{text}")).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn values_that_do_not_compile() {
    let nothing = JwtMaterial::default;
    let key = || secret(&[7; 32]);
    let issuer = "issuer = 'https://id.example.test'\naudience = 'a'\n";
    let with = |more: &str| format!("{issuer}{more}");
    let hmac = with("secret = 'env:S'");
    for (text, material, message) in [
        (
            "issuer = ''\naudience = 'a'".to_owned(),
            nothing(),
            "`jwt.issuer` is empty; write the exact `iss` of the tokens",
        ),
        (
            "issuer = 'x'\naudience = 'a'".to_owned(),
            nothing(),
            "`jwt.issuer` is `x`, which is no https URL to discover keys from; add `jwks` or `secret`",
        ),
        ("issuer = 'http://id.example.test'\naudience = 'a'".to_owned(), nothing(), "no https URL"),
        ("issuer = 'x'\naudience = []".to_owned(), nothing(), "`jwt.audience` is empty"),
        ("issuer = 'x'\naudience = ''".to_owned(), nothing(), "`jwt.audience` is empty"),
        (with("skew = '6min'"), nothing(), "`jwt.skew` is 6min; at most 5min is tolerated"),
        (with("scope_claim = ''"), nothing(), "`jwt.scope_claim` is empty"),
        (with("algorithms = []"), nothing(), "`jwt.algorithms` is empty"),
        (with("algorithms = ['HS256']"), nothing(), "algorithm HS256 needs `jwt.secret`"),
        (with("algorithms = ['RS256']\nsecret = 'env:S'"), key(), "algorithm RS256 needs public keys"),
        (with("jwks = { url = 'http://id.example.test/k' }"), nothing(), "write an https URL"),
        (with("jwks = { url = 'https://id.example.test/k' }\nsecret = 'env:S'"), key(), "exclude each other"),
        (with("jwks = { file = 'k.json' }"), nothing(), "`jwt.jwks.file` could not be read"),
        (
            with("jwks = { file = 'k.json' }"),
            material(&serde_json::json!({ "keys": [] })),
            "jwks has no keys, so no token could ever verify",
        ),
        (hmac.clone(), nothing(), "`jwt.secret` could not be read"),
        (hmac.clone(), secret(&[7; 31]), "`jwt.secret` has 31 bytes; at least 32 are needed"),
        (hmac.clone(), secret(b""), "has 0 bytes"),
        (
            hmac.clone(),
            secret(b"-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ"),
            "looks like the text of a key document",
        ),
        (
            hmac.clone(),
            secret(b" \n-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQ"),
            "looks like the text of a key document",
        ),
        (hmac, secret(jwks().to_string().as_bytes()), "looks like the text of a key document"),
    ] {
        let error = JwtAuthenticator::compile(&config(&text), material).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn places() {
    for (location, name, expected) in [
        ("header", "X-Api-Key", Ok("header `x-api-key`")),
        ("query", "api_key", Ok("query `api_key`")),
        ("cookie", "sid", Ok("cookie `sid`")),
        ("header", "x api", Err("`x api` is not the name of a header field")),
        ("query", "", Err("`` is not the name of a query parameter")),
        ("cookie", "a;b", Err("`a;b` is not the name of a cookie")),
        ("body", "x", Err("`body` is not a place; write `header`, `query` or `cookie`")),
    ] {
        let place = KeyPlace::new(location, name).map(|place| place.to_string()).map_err(|error| error.to_string());
        assert_eq!(place, expected.map(str::to_owned).map_err(str::to_owned));
    }
}
