//! Fetching key sets: `https`, or `http` on loopback; no redirects, a cap, a deadline.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use durward_core::{Fetch, FetchError, Fetched};
use durward_pipeline::{Upstream, UpstreamProtocol, UpstreamTimeouts, UpstreamTrust};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;

use crate::body::describe;
use crate::pool::Connector;
use crate::tls::Trust;

/// Fetches documents on the background runtime, whoever asks.
#[derive(Debug, Clone)]
pub struct HttpFetch {
    runtime: Handle,
    trust: Arc<Trust>,
    roots: UpstreamTrust,
    within: Duration,
}

impl HttpFetch {
    /// A fetcher that runs on `runtime` and trusts the machine's root certificates, or only `roots` (DER) if given.
    #[must_use]
    pub fn new(runtime: Handle, roots: Option<Vec<Vec<u8>>>) -> Self {
        let roots = roots.map_or(UpstreamTrust::System, UpstreamTrust::Pinned);
        Self { runtime, trust: Arc::default(), roots, within: WITHIN }
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, url: &str, cap: usize) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + '_>> {
        let target = Target::read(url, &self.roots, self.within);
        Box::pin(async move {
            let target = target?;
            let trust = Arc::clone(&self.trust);
            let within = self.within;
            let work = async move {
                let late = |_| FetchError(format!("`{}` did not answer in time", target.uri));
                tokio::time::timeout(within, target.get(&trust, cap)).await.map_err(late)?
            };
            self.runtime.spawn(work).await.map_err(|_| FetchError("the fetcher was stopped".to_owned()))?
        })
    }
}

#[derive(Debug)]
struct Target {
    uri: Uri,
    upstream: Arc<Upstream>,
}

impl Target {
    fn read(url: &str, roots: &UpstreamTrust, within: Duration) -> Result<Self, FetchError> {
        let wrong = |why: &str| FetchError(format!("`{url}` cannot be fetched: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it names a user"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let (trust, port) = match uri.scheme_str() {
            Some("https") => (roots.clone(), 443),
            Some("http") if is_loopback(host) => (UpstreamTrust::Cleartext, 80),
            Some("http") => return Err(wrong("it must be `https` unless it is on this machine")),
            _ => return Err(wrong("it must begin with `https://`")),
        };
        let upstream = Upstream {
            name: "fetch".into(),
            host: host.into(),
            port: authority.port_u16().unwrap_or(port),
            authority: authority.as_str().into(),
            trust,
            protocol: UpstreamProtocol::Http1,
            timeouts: UpstreamTimeouts { connect: within, response: within, idle: within },
        };
        Ok(Self { upstream: Arc::new(upstream), uri })
    }

    async fn get(&self, trust: &Trust, cap: usize) -> Result<Fetched, FetchError> {
        let failed = |why: String| FetchError(format!("`{}`: {why}", self.uri));
        let connector = Connector::new(&self.upstream, trust).map_err(|fault| failed(fault.detail().to_owned()))?;
        let io = connector.connect().await.map_err(|fault| failed(fault.detail().to_owned()))?;
        let (mut send, conn) = http1::Builder::new()
            .max_buf_size(64 * 1024)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|error| failed(describe(&error)))?;
        let request = self.request().map_err(|error| failed(error.to_string()))?;
        let exchange = async {
            let answer = send.send_request(request).await.map_err(|error| failed(describe(&error)))?;
            if answer.status() != StatusCode::OK {
                return Err(failed(format!("the answer is {}, not 200", answer.status().as_u16())));
            }
            let max_age = max_age(answer.headers());
            let body = read(answer.into_body(), cap).await.map_err(failed)?;
            Ok(Fetched { body, max_age })
        };
        let mut exchange = std::pin::pin!(exchange);
        tokio::select! {
            biased;
            done = &mut exchange => done,
            // The connection may end before the last of what it brought is read.
            _ = conn => exchange.await,
        }
    }

    fn request(&self) -> Result<Request<Empty<Bytes>>, http::Error> {
        let path = self.uri.path_and_query().map_or("/", |target| target.as_str());
        Request::get(path)
            .header(header::HOST, &*self.upstream.authority)
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(header::CONNECTION, HeaderValue::from_static("close"))
            .body(Empty::new())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

async fn read(mut body: Incoming, cap: usize) -> Result<Bytes, String> {
    let over = || format!("the answer is larger than {cap} bytes");
    if body.size_hint().lower() > cap as u64 {
        return Err(over());
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| describe(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len().saturating_add(data.len()) > cap {
            return Err(over());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|text| text.split(',')).map(str::trim);
    let seconds = directives.find_map(|directive| directive.strip_prefix("max-age="))?;
    seconds.trim_matches('"').parse().ok().map(Duration::from_secs)
}

const WITHIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_places_are_fetched() {
        for (url, allowed) in [
            ("https://id.example.com/keys", true),
            ("http://127.0.0.1:8080/keys", true),
            ("http://[::1]:8080/keys", true),
            ("http://localhost/keys", true),
            ("http://id.example.com/keys", false),
            ("http://127.0.0.1.example.com/keys", false),
            ("http://localhost@evil.example/keys", false),
            ("https://user@id.example.com/keys", false),
            ("ftp://id.example.com/keys", false),
            ("file:///etc/passwd", false),
            ("/keys", false),
            ("", false),
        ] {
            assert_eq!(Target::read(url, &UpstreamTrust::System, WITHIN).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn the_age_is_read() {
        for (value, seconds) in
            [("max-age=60", Some(60)), ("public, max-age=5", Some(5)), ("no-store", None), ("max-age=x", None)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
            assert_eq!(max_age(&headers), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
