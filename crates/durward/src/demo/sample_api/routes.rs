//! The operations of the sample API. Most flaws live here.

use aws_lc_rs::{digest, rand};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::{ApiBody, database_failure, events, json_answer, page, refusal};
use super::data::{DatabaseError, Shop, hex};
use super::form;

type Answered = Result<Response<ApiBody>, Trouble>;

/// Why an operation ends early.
enum Trouble {
    /// The caller's mistake.
    Refused(StatusCode, &'static str),
    /// The database's.
    Database(DatabaseError),
}

impl From<DatabaseError> for Trouble {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

/// Answers one request.
// FLAW (CWE-306): nothing here asks for a credential; the network is trusted.
pub(super) async fn answer(shop: &Shop, request: Request<Incoming>) -> Response<ApiBody> {
    match route(shop, request).await {
        Ok(response) => response,
        Err(Trouble::Refused(status, message)) => refusal(status, message),
        Err(Trouble::Database(error)) => database_failure(&error),
    }
}

async fn route(shop: &Shop, request: Request<Incoming>) -> Answered {
    let caller = request.headers().get(CALLER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let query = request.uri().query().unwrap_or_default().to_owned();
    let path = resolve(request.uri().path());
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let (head, body) = request.into_parts();
    match (&head.method, segments.as_slice()) {
        (&Method::GET, ["v1", "health"]) => Ok(json_answer(StatusCode::OK, &json!({ "status": "ok" }))),
        (&Method::GET, ["v1", "products"]) => list_products(shop, &query, caller.as_deref()),
        (&Method::GET, ["v1", "orders"]) => list_orders(shop, caller.as_deref()),
        (&Method::POST, ["v1", "orders"]) => place_order(shop, body, caller.as_deref()).await,
        (&Method::GET, ["v1", "orders", id]) => show_order(shop, number(id)?, caller.as_deref()),
        (&Method::PUT, ["v1", "orders", id, "attachment"]) => attach(shop, number(id)?, body).await,
        (&Method::GET, ["v1", "reviews"]) => list_reviews(shop, &query, caller.as_deref()),
        (&Method::POST, ["v1", "reviews", "search"]) => search_reviews(shop, body, caller.as_deref()).await,
        (&Method::GET, ["v1", "cards", "preview"]) => Ok(preview_card(&query)),
        (&Method::GET, ["v1", "me"]) => show_account(shop, caller.as_deref()),
        (&Method::POST, ["v1", "login"]) => log_in(shop, body).await,
        (&Method::GET, ["v1", "events"]) => Ok(events()),
        (&Method::POST, ["v1", "feedback"]) => take_feedback(body).await,
        (&Method::GET, ["internal", "config"]) => Ok(show_config()),
        _ => Err(Trouble::Refused(StatusCode::NOT_FOUND, "no such resource")),
    }
}

/// The path an operation is looked up by.
// FLAW (CWE-22, CWE-647): decoded first and resolved afterwards, so an encoded slash climbs out of its segment.
fn resolve(path: &str) -> String {
    let decoded = form::decode(path);
    let mut kept: Vec<&str> = Vec::new();
    for segment in decoded.split('/').filter(|segment| !segment.is_empty() && *segment != ".") {
        if segment == ".." {
            kept.pop();
        } else {
            kept.push(segment);
        }
    }
    format!("/{}", kept.join("/"))
}

fn list_products(shop: &Shop, query: &str, caller: Option<&str>) -> Answered {
    let search = form::field(query, "search").unwrap_or_default();
    let items = shop.products(&search)?;
    Ok(json_answer(StatusCode::OK, &json!({ "items": items, "calledBy": caller })))
}

fn list_orders(shop: &Shop, caller: Option<&str>) -> Answered {
    let items = shop.orders_of(customer(shop, caller)?)?;
    Ok(json_answer(StatusCode::OK, &json!({ "items": items, "calledBy": caller })))
}

fn show_order(shop: &Shop, id: i64, caller: Option<&str>) -> Answered {
    let order = shop.order(id)?.ok_or(Trouble::Refused(StatusCode::NOT_FOUND, "no such order"))?;
    Ok(json_answer(StatusCode::OK, &with_caller(order, caller)))
}

async fn place_order(shop: &Shop, body: Incoming, caller: Option<&str>) -> Answered {
    let sent = read_json(body).await?;
    let integer = |name: &str| sent.get(name).and_then(Value::as_i64);
    let product = integer("productId").ok_or(Trouble::Refused(StatusCode::BAD_REQUEST, "productId is missing"))?;
    let price = shop.price_of(product)?.ok_or(Trouble::Refused(StatusCode::NOT_FOUND, "no such product"))?;
    let mut usual = Map::new();
    usual.insert("customerId".to_owned(), customer(shop, caller)?.into());
    usual.insert("quantity".to_owned(), 1.into());
    usual.insert("price".to_owned(), price.into());
    usual.insert("status".to_owned(), "new".into());
    let order = shop.place_order(usual, &sent)?;
    Ok(json_answer(StatusCode::CREATED, &with_caller(order, caller)))
}

/// Counts and hashes what is sent, chunk by chunk, whatever its size.
async fn attach(shop: &Shop, id: i64, mut body: Incoming) -> Answered {
    if !shop.has_order(id)? {
        return Err(Trouble::Refused(StatusCode::NOT_FOUND, "no such order"));
    }
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut size = 0u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Trouble::Refused(StatusCode::BAD_REQUEST, "the upload broke off"))?;
        if let Some(chunk) = frame.data_ref() {
            hash.update(chunk);
            size = size.saturating_add(chunk.len() as u64);
        }
    }
    let sha256 = hex(hash.finish().as_ref());
    Ok(json_answer(StatusCode::OK, &json!({ "orderId": id, "size": size, "sha256": sha256 })))
}

fn list_reviews(shop: &Shop, query: &str, caller: Option<&str>) -> Answered {
    reviews(shop, &form::field(query, "author").unwrap_or_default(), caller)
}

async fn search_reviews(shop: &Shop, body: Incoming, caller: Option<&str>) -> Answered {
    let sent = read_json(body).await?;
    reviews(shop, sent.get("author").and_then(Value::as_str).unwrap_or_default(), caller)
}

fn reviews(shop: &Shop, author: &str, caller: Option<&str>) -> Answered {
    Ok(json_answer(StatusCode::OK, &json!({ "items": shop.reviews(author)?, "calledBy": caller })))
}

/// A gift card with a text of the caller's.
// FLAW (CWE-79): the text becomes part of the page.
fn preview_card(query: &str) -> Response<ApiBody> {
    let text = form::field(query, "text").unwrap_or_default();
    page(format!("<!doctype html><title>A gift card</title><p>{text}</p>\n"))
}

fn show_account(shop: &Shop, caller: Option<&str>) -> Answered {
    let account = shop.account(customer(shop, caller)?)?;
    let account = account.ok_or(Trouble::Refused(StatusCode::NOT_FOUND, "no such user"))?;
    Ok(json_answer(StatusCode::OK, &with_caller(account, caller)))
}

// FLAW (CWE-307): as many attempts as one likes. FLAW (CWE-204): a wrong password and an unknown user differ.
async fn log_in(shop: &Shop, body: Incoming) -> Answered {
    let sent = read_json(body).await?;
    let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or_default();
    let unknown = Trouble::Refused(StatusCode::UNAUTHORIZED, "no user with this e-mail address");
    let user = shop.user_by_email(text("email"))?.ok_or(unknown)?;
    if !shop.password_fits(user, text("password"))? {
        return Err(Trouble::Refused(StatusCode::UNAUTHORIZED, "wrong password"));
    }
    let mut token = [0u8; 16];
    rand::fill(&mut token).map_err(|_| Trouble::Refused(StatusCode::SERVICE_UNAVAILABLE, "no randomness"))?;
    Ok(json_answer(StatusCode::OK, &json!({ "userId": user, "sessionToken": hex(&token) })))
}

async fn take_feedback(body: Incoming) -> Answered {
    let sent = read_capped(body).await?;
    let sent = String::from_utf8_lossy(&sent);
    let rating = form::field(&sent, "rating").and_then(|rating| rating.parse::<u8>().ok());
    let rating = rating.ok_or(Trouble::Refused(StatusCode::BAD_REQUEST, "rating is missing"))?;
    let length = form::field(&sent, "message").unwrap_or_default().chars().count();
    Ok(json_answer(StatusCode::ACCEPTED, &json!({ "rating": rating, "messageLength": length })))
}

// FLAW (CWE-489): a page for the developers that stayed in, and that no contract names.
fn show_config() -> Response<ApiBody> {
    json_answer(
        StatusCode::OK,
        &json!({ "debug": true, "database": "sqlite::memory:", "paymentKey": "sk_demo_not_a_real_key" }),
    )
}

/// Which customer a caller is; whoever is not known shops as the first.
// FLAW (CWE-290): the header is believed, whoever set it.
fn customer(shop: &Shop, caller: Option<&str>) -> Result<i64, DatabaseError> {
    let subject = caller.and_then(|caller| caller.rsplit('#').next()).unwrap_or_default();
    Ok(shop.user_by_email(subject)?.unwrap_or(1))
}

fn with_caller(mut value: Value, caller: Option<&str>) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.insert("calledBy".to_owned(), caller.into());
    }
    value
}

fn number(text: &str) -> Result<i64, Trouble> {
    text.parse().map_err(|_| Trouble::Refused(StatusCode::BAD_REQUEST, "the order id is not a number"))
}

async fn read_json(body: Incoming) -> Result<Map<String, Value>, Trouble> {
    let bytes = read_capped(body).await?;
    serde_json::from_slice(&bytes).map_err(|_| Trouble::Refused(StatusCode::BAD_REQUEST, "not a JSON object"))
}

async fn read_capped(mut body: Incoming) -> Result<Bytes, Trouble> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Trouble::Refused(StatusCode::BAD_REQUEST, "the content broke off"))?;
        let Ok(chunk) = frame.into_data() else { continue };
        if bytes.len().saturating_add(chunk.len()) > MAX_BODY {
            return Err(Trouble::Refused(StatusCode::PAYLOAD_TOO_LARGE, "the content is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// The identity that the gateway vouches for.
const CALLER: &str = "durward-caller";
const MAX_BODY: usize = 64 * 1024;
