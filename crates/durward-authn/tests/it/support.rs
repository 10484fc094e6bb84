//! Keys, tokens, requests, and an issuer that runs in this process.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use durward_authn::{Authenticator, Authenticators, AuthnStage, JwtAuthenticator, JwtConfig, JwtMaterial};
use durward_core::{Caller, Denial, Fetch, FetchError, Fetched, Moment, RequestIds, Scheme, Secret, Verdict};
use durward_http::{Authority, CanonicalPath, Clean, Connection, Facts, Framing, Head, PathRules, Query, QueryLimits};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://id.example.test";
pub const AUDIENCE: &str = "orders";
pub const NOW: u64 = 1_790_000_000;

/// Key pairs, made once.
pub struct Keys {
    pub rsa: RsaKeyPair,
    pub ec: EcdsaKeyPair,
    pub ed: Ed25519KeyPair,
    pub other_ec: EcdsaKeyPair,
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
    ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
    ed: Ed25519KeyPair::generate().unwrap(),
    other_ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
});

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn rsa_jwk(kid: &str) -> Value {
    let public = KEYS.rsa.public_key();
    let n = public.modulus().big_endian_without_leading_zero();
    let e = public.exponent().big_endian_without_leading_zero();
    json!({ "kty": "RSA", "kid": kid, "use": "sig", "n": b64(n), "e": b64(e) })
}

pub fn ec_jwk(kid: &str, key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    json!({ "kty": "EC", "crv": "P-256", "kid": kid, "alg": "ES256", "x": b64(&point[1..33]), "y": b64(&point[33..65]) })
}

pub fn ed_jwk(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "alg": "EdDSA", "x": b64(KEYS.ed.public_key()) })
}

pub fn jwks() -> Value {
    json!({ "keys": [rsa_jwk("rs1"), ec_jwk("es1", &KEYS.ec), ed_jwk("ed1")] })
}

/// What signs a token in a test.
#[derive(Clone, Copy)]
pub enum By<'k> {
    Rs256,
    Ps256,
    Es256(&'k EcdsaKeyPair),
    EdDsa,
    Hs256(&'k [u8]),
    /// These bytes, whatever they are.
    Bytes(&'k [u8]),
}

pub fn signature(by: By<'_>, message: &[u8]) -> Vec<u8> {
    let random = SystemRandom::new();
    let mut rsa = vec![0; KEYS.rsa.public_modulus_len()];
    match by {
        By::Rs256 => {
            KEYS.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut rsa).unwrap();
            rsa
        }
        By::Ps256 => {
            KEYS.rsa.sign(&RSA_PSS_SHA256, &random, message, &mut rsa).unwrap();
            rsa
        }
        By::Es256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
        By::EdDsa => KEYS.ed.sign(message).as_ref().to_vec(),
        By::Hs256(secret) => {
            use aws_lc_rs::hmac;
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
        }
        By::Bytes(bytes) => bytes.to_vec(),
    }
}

pub fn token_of(header: &str, payload: &str, by: By<'_>) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    format!("{input}.{}", b64(signature(by, input.as_bytes())))
}

pub fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 300, "iat": NOW - 10, "scope": "write read" })
}

/// A good ES256 token with these claims.
pub fn es256(claims: &Value) -> String {
    token_of(r#"{"alg":"ES256","kid":"es1"}"#, &claims.to_string(), By::Es256(&KEYS.ec))
}

pub fn at(unix_seconds: u64) -> Moment {
    Moment::new(unix_seconds * 1_000_000_000, (unix_seconds + 1_000_000 - NOW) * 1_000_000_000)
}

pub fn config(text: &str) -> JwtConfig {
    toml::from_str(text).unwrap()
}

pub fn jwt(text: &str, material: JwtMaterial) -> JwtAuthenticator {
    JwtAuthenticator::compile(&config(text), material).unwrap()
}

pub fn material(jwks: &Value) -> JwtMaterial {
    JwtMaterial { jwks: Some(jwks.to_string().into_bytes()), secret: None }
}

pub fn secret(bytes: &[u8]) -> JwtMaterial {
    JwtMaterial { jwks: None, secret: Some(Secret::new(bytes.to_vec())) }
}

/// An authenticator with the usual issuer, audience and keys, and more policy lines.
pub fn usual(more: &str) -> JwtAuthenticator {
    let text = format!("issuer = '{ISSUER}'\naudience = '{AUDIENCE}'\njwks = {{ file = 'keys.json' }}\n{more}");
    jwt(&text, material(&jwks()))
}

pub fn stage_of(authenticator: JwtAuthenticator) -> AuthnStage {
    let mut all = Authenticators::new();
    all.add("user".into(), Authenticator::Jwt(authenticator)).unwrap();
    AuthnStage::compile(&[vec!["user".into()]], &all).unwrap()
}

pub fn schemes(names: &[&str]) -> Vec<Scheme> {
    names.iter().map(|name| Scheme::from(*name)).collect()
}

/// A request with these headers.
pub fn request(now: Moment, target: &str, headers: &[(&str, &str)]) -> Clean {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let uri: http::Uri = target.parse().unwrap();
    let path = CanonicalPath::parse(uri.path(), PathRules::default()).unwrap();
    let query = Query::parse(uri.query(), QueryLimits::default()).unwrap();
    let head = Head { method: Method::GET, uri, version: Version::HTTP_11, headers: map };
    let peer = "192.0.2.1:4711".parse().unwrap();
    let connection = Connection { peer, local: "192.0.2.2:443".parse().unwrap(), tls: None };
    let facts = Facts::new(RequestIds::new(1).next(now), now, Arc::new(connection), head, Framing::Empty);
    Clean::new(facts, path, query, Authority::parse("api.example.test").unwrap(), peer.ip())
}

pub fn bearer(now: Moment, token: &str) -> Clean {
    request(now, "/orders", &[("authorization", &format!("Bearer {token}"))])
}

pub fn settle(verdict: Verdict<Caller>) -> Result<Caller, Denial> {
    match verdict {
        Verdict::Pass(caller) => Ok(caller),
        Verdict::Deny(denial, observed) => {
            assert!(observed.credentials().is_empty(), "a denial carries an anonymous caller");
            Err(*denial)
        }
    }
}

/// Runs the stage on a request with a bearer token.
pub fn check(stage: &AuthnStage, token: &str, now: Moment, fetch: &dyn Fetch) -> Result<Caller, Denial> {
    settle(block_on(stage.check(&bearer(now, token), fetch)))
}

/// Runs a future that never waits for anything outside of this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    for _ in 0..10_000 {
        if let Poll::Ready(value) = poll_once(future.as_mut()) {
            return value;
        }
    }
    panic!("the future waits for something that never comes");
}

pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// An issuer in this process: documents by URL, failures and a gate on demand, and a count of what was fetched.
#[derive(Default)]
pub struct FakeIssuer {
    documents: Mutex<HashMap<String, (String, Option<Duration>)>>,
    closed: Mutex<bool>,
    pub fetches: AtomicUsize,
}

impl FakeIssuer {
    pub fn serve(&self, url: &str, document: &Value) {
        self.serve_text(url, &document.to_string(), None);
    }

    pub fn serve_text(&self, url: &str, document: &str, max_age: Option<Duration>) {
        self.documents.lock().unwrap().insert(url.to_owned(), (document.to_owned(), max_age));
    }

    pub fn fail(&self) {
        self.documents.lock().unwrap().clear();
    }

    /// While closed, fetches that have started do not end.
    pub fn close(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
    }

    pub fn count(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

impl Fetch for FakeIssuer {
    fn fetch(&self, url: &str, _cap: usize) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let url = url.to_owned();
        Box::pin(std::future::poll_fn(move |_| {
            if *self.closed.lock().unwrap() {
                return Poll::Pending;
            }
            let documents = self.documents.lock().unwrap();
            let found =
                documents.get(&url).map(|(text, max_age)| Fetched { body: text.clone().into(), max_age: *max_age });
            Poll::Ready(found.ok_or_else(|| FetchError(format!("`{url}` does not answer"))))
        }))
    }
}
