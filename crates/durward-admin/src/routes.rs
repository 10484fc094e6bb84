//! What each route does.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use durward_core::{Clock, RequestId};
use durward_keys::{ApiKeys, KeyError, NewKey};
use durward_record::Metrics;
use http::header::ALLOW;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::answer::{self, Answer, ReadError, json, problem};

/// Reloads the policy: what changed, or the rendered diagnostics.
pub type Reload = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<String, String>> + Send>> + Send + Sync>;

/// Describes the gateway's state.
pub type Status = Arc<dyn Fn() -> serde_json::Value + Send + Sync>;

/// What the admin side shows and starts.
pub struct AdminParts {
    /// The numbers.
    pub metrics: Metrics,
    /// Reloads the policy.
    pub reload: Reload,
    /// The API keys, if the policy uses any.
    pub keys: Option<Arc<ApiKeys>>,
    /// Where the audit log is.
    pub record_dir: PathBuf,
    /// Describes the gateway's state.
    pub status: Status,
    /// When keys are made and revoked.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for AdminParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminParts").field("record_dir", &self.record_dir).finish_non_exhaustive()
    }
}

pub(crate) const BODY_CAP: usize = 64 << 10;
const BODY_TIME: Duration = Duration::from_secs(10);
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKeyBody {
    name: String,
    owner: String,
    #[serde(default)]
    scopes: Vec<String>,
    environment: String,
    #[serde(default)]
    expires: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    reason: String,
}

/// Answers one request.
pub(crate) async fn answer<B>(parts: &Arc<AdminParts>, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (head, body) = request.into_parts();
    let path: Vec<&str> = head.uri.path().split('/').skip(1).collect();
    let (get, post) = (head.method == Method::GET, head.method == Method::POST);
    match path.as_slice() {
        ["metrics"] if get => answer::text(OPENMETRICS, parts.metrics.encode()),
        ["status"] if get => json(StatusCode::OK, &(parts.status)()),
        ["reload"] if post => reload(parts).await,
        ["why", id] if get => why(parts, id).await,
        ["keys"] if get => list_keys(parts).await,
        ["keys"] if post => new_key(parts, body).await,
        ["keys", kid, "revoke"] if post => revoke_key(parts, (*kid).to_owned(), body).await,
        ["metrics" | "status" | "why" | "keys" | "reload", ..] => wrong_method(path.as_slice()),
        _ => problem(StatusCode::NOT_FOUND, "Not found", "there is no such page on the admin socket"),
    }
}

fn wrong_method(path: &[&str]) -> Answer {
    let allow = match path {
        ["metrics" | "status"] | ["why", _] => "GET",
        ["keys"] => "GET, POST",
        ["reload"] | ["keys", _, "revoke"] => "POST",
        _ => return problem(StatusCode::NOT_FOUND, "Not found", "there is no such page on the admin socket"),
    };
    let detail = format!("this page takes {allow}");
    let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", &detail);
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    answer
}

async fn reload(parts: &AdminParts) -> Answer {
    match (parts.reload)().await {
        Ok(outcome) => json(StatusCode::OK, &serde_json::json!({ "outcome": outcome })),
        Err(text) => problem(StatusCode::BAD_REQUEST, "The policy was not reloaded; the one in force stays", &text),
    }
}

async fn why(parts: &Arc<AdminParts>, id: &str) -> Answer {
    let Some(id) = RequestId::parse(id) else {
        let detail = "a request id has 26 letters and digits, as in `x-request-id` and in problem documents";
        return problem(StatusCode::BAD_REQUEST, "Not a request id", detail);
    };
    let dir = parts.record_dir.clone();
    match blocking(move || durward_record::find(&dir, id)).await {
        Ok(Ok(Some(line))) => json(StatusCode::OK, &line),
        Ok(Ok(None)) => {
            let detail = format!(
                "the audit log has no request `{id}`: a request is written when its answer is complete, \
                 and old files are removed as `record.keep` says"
            );
            problem(StatusCode::NOT_FOUND, "Unknown request", &detail)
        }
        Ok(Err(error)) => problem(StatusCode::INTERNAL_SERVER_ERROR, "The log cannot be read", &error.to_string()),
        Err(answer) => answer,
    }
}

async fn list_keys(parts: &AdminParts) -> Answer {
    let Some(keys) = parts.keys.clone() else { return no_keys() };
    match blocking(move || keys.list()).await {
        Ok(Ok(all)) => json(StatusCode::OK, &serde_json::json!({ "keys": all })),
        Ok(Err(error)) => key_problem(&error),
        Err(answer) => answer,
    }
}

async fn new_key<B>(parts: &AdminParts, body: B) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let Some(keys) = parts.keys.clone() else { return no_keys() };
    let body: NewKeyBody = match document(body).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let NewKeyBody { name, owner, scopes, environment, expires } = body;
    let now = parts.clock.now();
    match blocking(move || keys.create(NewKey { name, owner, scopes, environment, expires }, now)).await {
        Ok(Ok((view, text))) => {
            let text = String::from_utf8_lossy(text.expose());
            json(StatusCode::CREATED, &serde_json::json!({ "key": view, "text": text }))
        }
        Ok(Err(error)) => key_problem(&error),
        Err(answer) => answer,
    }
}

async fn revoke_key<B>(parts: &AdminParts, kid: String, body: B) -> Answer
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let Some(keys) = parts.keys.clone() else { return no_keys() };
    let body: RevokeBody = match document(body).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let now = parts.clock.now();
    match blocking(move || keys.revoke(&kid, &body.reason, now)).await {
        Ok(Ok(view)) => json(StatusCode::OK, &view),
        Ok(Err(error)) => key_problem(&error),
        Err(answer) => answer,
    }
}

fn no_keys() -> Answer {
    let detail = "the policy in force uses no API keys; give an `[auth.NAME]` section `api_key = {}` and reload";
    problem(StatusCode::NOT_FOUND, "No API keys", detail)
}

fn key_problem(error: &KeyError) -> Answer {
    let (status, title) = match error {
        KeyError::Unknown(_) => (StatusCode::NOT_FOUND, "Unknown key"),
        KeyError::Invalid { .. } => (StatusCode::BAD_REQUEST, "Not allowed for a key"),
        KeyError::Revoked(_) => (StatusCode::CONFLICT, "The key is revoked"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "The key store failed"),
    };
    problem(status, title, &error.to_string())
}

/// Reads a JSON document.
async fn document<T: DeserializeOwned, B>(body: B) -> Result<T, Answer>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let bytes = match tokio::time::timeout(BODY_TIME, answer::read(body, BODY_CAP)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(ReadError::TooLarge)) => {
            let detail = format!("at most {BODY_CAP} bytes are read");
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, "Content too large", &detail));
        }
        Ok(Err(ReadError::Broken(error))) => {
            return Err(problem(StatusCode::BAD_REQUEST, "The content broke off", &error));
        }
        Err(_) => return Err(problem(StatusCode::REQUEST_TIMEOUT, "Request timeout", "the content took too long")),
    };
    serde_json::from_slice(&bytes)
        .map_err(|error| problem(StatusCode::BAD_REQUEST, "Not the document it should be", &error.to_string()))
}

/// Runs what reads or syncs files on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Answer> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| problem(StatusCode::INTERNAL_SERVER_ERROR, "The work was given up", &error.to_string()))
}
