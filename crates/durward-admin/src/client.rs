//! The command line's end of the socket.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use durward_record::RecordLine;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

use crate::AdminError;
use crate::answer::{self, ReadError};
use crate::error::doing;

/// Asks a running gateway. Each verb is one connection.
#[derive(Debug, Clone)]
pub struct Client {
    path: PathBuf,
}

/// What a new key is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KeyRequest {
    /// A name for people.
    pub name: String,
    /// Whose key it is.
    pub owner: String,
    /// The scopes it carries.
    pub scopes: Vec<String>,
    /// The word in the key text, such as `live`.
    pub environment: String,
    /// Unix seconds from which it no longer counts.
    pub expires: Option<u64>,
}

/// A key as the gateway lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The public id.
    pub kid: String,
    /// A name for people.
    pub name: String,
    /// Whose key it is.
    pub owner: String,
    /// The scopes it carries.
    pub scopes: Vec<String>,
    /// `active`, `disabled` or `revoked`.
    pub state: String,
    /// The word in the key text.
    pub environment: String,
    /// Unix seconds at which it was made.
    pub created: u64,
    /// Unix seconds before which it does not count yet.
    pub not_before: Option<u64>,
    /// Unix seconds from which it no longer counts.
    pub expires: Option<u64>,
    /// When and why it was revoked.
    pub revoked: Option<RevokedRow>,
}

/// When and why a key was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedRow {
    /// Unix seconds.
    pub at: u64,
    /// The words of the one who did it.
    pub reason: String,
}

/// A new key. The text is given once and cannot be had again.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct IssuedKey {
    /// The key as it is listed.
    pub key: KeyRow,
    /// The secret text.
    pub text: String,
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedKey").field("key", &self.key).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Outcome {
    outcome: String,
}

#[derive(Deserialize)]
struct KeyRows {
    keys: Vec<KeyRow>,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: String,
}

const ANSWER_CAP: usize = 64 << 20;
/// Longer than the gateway gives itself.
const ANSWER_TIME: Duration = Duration::from_secs(75);

impl Client {
    /// Looks for a gateway at the socket.
    ///
    /// # Errors
    /// Nobody listens there, or this user may not use it.
    pub async fn connect(path: &Path) -> Result<Self, AdminError> {
        let client = Self { path: path.to_path_buf() };
        client.open().await?;
        Ok(client)
    }

    /// Reloads the policy: what the gateway says of it.
    ///
    /// # Errors
    /// [`AdminError::Refused`] has the rendered diagnostics.
    pub async fn reload(&self) -> Result<String, AdminError> {
        self.json::<Outcome>(Method::POST, "/reload", None).await.map(|answer| answer.outcome)
    }

    /// The record of a request; `None` if the log does not have it.
    ///
    /// # Errors
    /// The text is not a request id, or the log cannot be read.
    pub async fn why(&self, id: &str) -> Result<Option<RecordLine>, AdminError> {
        match self.json(Method::GET, &format!("/why/{}", segment(id)), None).await {
            Ok(line) => Ok(Some(line)),
            Err(AdminError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All API keys.
    ///
    /// # Errors
    /// The gateway uses none, or its store failed.
    pub async fn keys_list(&self) -> Result<Vec<KeyRow>, AdminError> {
        self.json::<KeyRows>(Method::GET, "/keys", None).await.map(|answer| answer.keys)
    }

    /// Makes an API key.
    ///
    /// # Errors
    /// The gateway uses none, a property is not allowed, or its store failed.
    pub async fn keys_new(&self, new: &KeyRequest) -> Result<IssuedKey, AdminError> {
        self.json(Method::POST, "/keys", Some(serde_json::json!(new))).await
    }

    /// Revokes an API key.
    ///
    /// # Errors
    /// No key has the id, the reason is not a line of text, or the store failed.
    pub async fn keys_revoke(&self, kid: &str, reason: &str) -> Result<KeyRow, AdminError> {
        let path = format!("/keys/{}/revoke", segment(kid));
        self.json(Method::POST, &path, Some(serde_json::json!({ "reason": reason }))).await
    }

    /// The numbers as OpenMetrics text.
    ///
    /// # Errors
    /// The gateway does not answer.
    pub async fn metrics(&self) -> Result<String, AdminError> {
        let bytes = self.ask(Method::GET, "/metrics", None).await?;
        String::from_utf8(bytes).map_err(|error| self.broken(error.to_string()))
    }

    /// The gateway's state.
    ///
    /// # Errors
    /// The gateway does not answer.
    pub async fn status(&self) -> Result<serde_json::Value, AdminError> {
        self.json(Method::GET, "/status", None).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<T, AdminError> {
        let bytes = self.ask(method, path, body).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.broken(error.to_string()))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<serde_json::Value>) -> Result<Vec<u8>, AdminError> {
        let exchange = self.exchange(method, path, body);
        let (status, bytes) = tokio::time::timeout(ANSWER_TIME, exchange)
            .await
            .map_err(|_| AdminError::TimedOut(self.path.clone()))??;
        if status.is_success() {
            return Ok(bytes);
        }
        let detail = match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) if problem.detail.is_empty() => problem.title,
            Ok(problem) => problem.detail,
            Err(_) => return Err(self.broken(format!("it answered {}", status.as_u16()))),
        };
        Err(AdminError::Refused { status: status.as_u16(), detail })
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> Result<(StatusCode, Vec<u8>), AdminError> {
        let stream = self.open().await?;
        let broken = |error: hyper::Error| self.broken(error.to_string());
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        tokio::spawn(connection);
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "durward")
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| self.broken(error.to_string()))?;
        let answer = sender.send_request(request).await.map_err(broken)?;
        let (head, body) = answer.into_parts();
        let bytes = answer::read(body, ANSWER_CAP).await.map_err(|error| match error {
            ReadError::TooLarge => self.broken("its answer is too large".to_owned()),
            ReadError::Broken(text) => self.broken(text),
        })?;
        Ok((head.status, bytes))
    }

    async fn open(&self) -> Result<UnixStream, AdminError> {
        UnixStream::connect(&self.path).await.map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => AdminError::NotListening(self.path.clone()),
            ErrorKind::PermissionDenied => AdminError::NotAllowed(self.path.clone()),
            _ => doing("connect to", &self.path)(error),
        })
    }

    fn broken(&self, detail: String) -> AdminError {
        AdminError::Broken { path: self.path.clone(), detail }
    }
}

/// A text as one segment of a path: ids have only letters, digits and a few signs, and whatever else was typed must
/// come back as "no such key" and not as another page.
fn segment(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.chars().take(128).map(|c| if plain(c) { c } else { '_' }).collect()
}
