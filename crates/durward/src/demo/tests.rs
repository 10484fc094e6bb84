//! The sample API's flaws are real: each is used here over a real socket. And the proofs notice when nothing is
//! in front.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::client::{Answer, Call, Peer};
use super::sample_api::SampleApi;

async fn get(peer: &mut Peer, target: &str) -> Answer {
    with(peer, Method::GET, target, &[], None).await
}

async fn with(
    peer: &mut Peer,
    method: Method,
    target: &str,
    headers: &[(&str, &str)],
    body: Option<(&str, &str)>,
) -> Answer {
    peer.send(&Call { method: &method, target, headers, body }).await.unwrap()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn a_search_can_be_sql() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    let usual = get(&mut peer, "/v1/products?search=kettle").await;
    assert_eq!(json(&usual)["items"].as_array().unwrap().len(), 2);
    let hidden = get(&mut peer, "/v1/products?search=%27%20OR%201=1--").await;
    assert!(hidden.body.contains("not announced"), "{}", hidden.body);
    let users =
        get(&mut peer, "/v1/products?search=x%27%20UNION%20SELECT%20id,email,password_hash,0,0%20FROM%20users--").await;
    assert_eq!(json(&users)["items"][1]["sku"], "ben@shop.example");
    assert_eq!(json(&users)["items"][1]["name"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn a_name_can_be_sql_and_a_text_a_script() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    let usual = get(&mut peer, "/v1/reviews?author=Ana%20Alder").await;
    assert_eq!(json(&usual)["items"].as_array().unwrap().len(), 2);
    // An honest name with an apostrophe already breaks the statement.
    assert_eq!(get(&mut peer, "/v1/reviews?author=Dana+O'Neill").await.status, 500);
    let tables = "/v1/reviews?author=%27%20UNION%20SELECT%201,2,name,4,5.5%20FROM%20sqlite_master--";
    let tables = get(&mut peer, tables).await;
    assert!(tables.body.contains("\"author\":\"users\"") && tables.body.contains("\"text\":5.5"), "{}", tables.body);
    let everybody = Some(("application/json", r#"{"author":"' OR 1=1--"}"#));
    let everybody = with(&mut peer, Method::POST, "/v1/reviews/search", &[], everybody).await;
    assert_eq!(json(&everybody)["items"].as_array().unwrap().len(), 4);
    let card = get(&mut peer, "/v1/cards/preview?text=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(card.header("content-type").unwrap().starts_with("text/html"));
    assert!(card.body.contains("<p><script>alert(1)</script></p>"), "{}", card.body);
}

#[tokio::test]
async fn anybody_reads_any_order_and_forges_who_they_are() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    let ana = [("durward-caller", "user:id#ana@shop.example")];
    let own = with(&mut peer, Method::GET, "/v1/orders", &ana, None).await;
    assert!(json(&own)["items"].as_array().unwrap().iter().all(|order| order["customerId"] == 1));
    let other = with(&mut peer, Method::GET, "/v1/orders/1005", &ana, None).await;
    assert_eq!((json(&other)["customerId"].as_i64(), json(&other)["calledBy"].as_str()), (Some(2), Some(ana[0].1)));
    let admin = [("durward-caller", "user:id#cleo@shop.example")];
    let account = json(&with(&mut peer, Method::GET, "/v1/me", &admin, None).await);
    assert_eq!(account["role"], "admin");
    assert!(account["passwordHash"].is_string() && account["internalNotes"].is_string());
}

#[tokio::test]
async fn errors_tell_the_statement_and_the_software() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    for target in ["/v1/orders/1007", "/v1/products?search=%27"] {
        let broken = get(&mut peer, target).await;
        assert_eq!(broken.status, 500, "{target}");
        assert!(json(&broken)["sql"].as_str().unwrap().starts_with("SELECT id"), "{}", broken.body);
        assert!(broken.body.contains("repository.js"), "{}", broken.body);
        assert!(broken.header("server").is_some() && broken.header("x-powered-by").is_some());
    }
}

#[tokio::test]
async fn callers_set_price_and_status_and_guess_passwords() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    let media = "application/json";
    let honest = r#"{"productId":8,"quantity":1}"#;
    let order = with(&mut peer, Method::POST, "/v1/orders", &[], Some((media, honest))).await;
    assert_eq!((order.status.as_u16(), json(&order)["price"].as_i64()), (201, Some(7900)));
    let sly = r#"{"productId":8,"quantity":1,"price":1,"status":"paid","customerId":2}"#;
    let order = json(&with(&mut peer, Method::POST, "/v1/orders", &[], Some((media, sly))).await);
    assert_eq!((order["price"].as_i64(), order["status"].as_str()), (Some(1), Some("paid")));
    assert_eq!(order["customerId"], 2);
    for at in 0..50 {
        let guess = format!(r#"{{"email":"ana@shop.example","password":"guess-{at}"}}"#);
        let answer = with(&mut peer, Method::POST, "/v1/login", &[], Some((media, &guess))).await;
        assert_eq!(answer.status, 401);
    }
    let right = r#"{"email":"ana@shop.example","password":"sunflower"}"#;
    let session = with(&mut peer, Method::POST, "/v1/login", &[], Some((media, right))).await;
    assert_eq!(json(&session)["sessionToken"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn the_rest_behaves() {
    let api = SampleApi::start().await.unwrap();
    let mut peer = Peer::cleartext(api.addr);
    for (target, status) in [
        ("/v1/health", 200),
        ("/v1/orders/9999", 404),
        ("/v1/orders/x", 400),
        ("/v2/health", 404),
        ("/v1/orders/..%2f..%2f..%2finternal%2fconfig", 200),
    ] {
        assert_eq!(get(&mut peer, target).await.status, status, "{target}");
    }
    let form = Some(("application/x-www-form-urlencoded", "rating=5&message=good+tea%21"));
    let thanks = json(&with(&mut peer, Method::POST, "/v1/feedback", &[], form).await);
    assert_eq!((thanks["rating"].as_i64(), thanks["messageLength"].as_i64()), (Some(5), Some(9)));
    let file = Some(("application/octet-stream", "abc"));
    let stored = json(&with(&mut peer, Method::PUT, "/v1/orders/1001/attachment", &[], file).await);
    assert_eq!(stored["size"], 3);
    assert_eq!(stored["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let events = get(&mut peer, "/v1/events").await;
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    assert_eq!(events.body.matches("event: order\n").count(), 5);
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(70_000));
    let refused = with(&mut peer, Method::POST, "/v1/login", &[], Some(("application/json", &large))).await;
    assert_eq!(refused.status, 413);
}

#[tokio::test]
async fn http2_is_spoken_with_prior_knowledge_and_dropping_stops_it() {
    let api = SampleApi::start().await.unwrap();
    let stream = tokio::net::TcpStream::connect(api.addr).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::get(format!("http://{}/v1/health", api.addr));
    let request = request.body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, hyper::Version::HTTP_2));

    let mut idle = tokio::net::TcpStream::connect(api.addr).await.unwrap();
    idle.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut head = [0u8; 12];
    idle.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    drop(api);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), idle.take(65_536).read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open");
}

mod in_front {
    //! The proofs against a gateway that forwards everything: each that needs a refusal must fail, loudly.

    use std::sync::Arc;

    use rustls::ServerConfig;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use tokio::io::copy_bidirectional;
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::demo::proofs::{Style, Target, run};

    #[tokio::test]
    async fn an_open_door_fails_the_proofs() {
        let api = SampleApi::start().await.unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate: CertificateDer<'static> = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = listener.local_addr().unwrap();
        let direct = api.addr;
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut near = acceptor.accept(stream).await.unwrap();
                    let mut far = TcpStream::connect(direct).await.unwrap();
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
            }
        });
        let target = Target { gateway, certificate: certificate.to_vec(), api_key: "none".to_owned(), direct };
        let mut page = Vec::new();
        let results = run(&target, Style::Plain, &mut page, &|_| None).await.unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(results.iter().all(|result| !result.passed), "{page}");
        assert!(page.contains("13 OF 13 PROOFS FAILED"), "{page}");
        assert_eq!(page.matches("open    the ").count(), 2, "{page}");
        // The API alone did its part in every proof: what failed is the open door.
        assert!(!page.contains("API alone did not") && !page.contains("of the API alone"), "{page}");
    }
}
