//! The document as written. Every key has its default here; `durward print` shows them all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use durward_authn::JwtConfig;
use durward_core::{ByteSize, Lapse, Mode};
use durward_edge::EdgeConfig;
use durward_firewall::{FirewallConfig, TuningConfig};
use durward_keys::SecretRef;
use durward_limits::{FloodConfig, LimitConfig};
use durward_pipeline::{CredentialPolicy, ReleaseConfig};
use durward_record::{RecordConfig, SyncEvery};
use durward_validate::{BodyConfig, ValidateConfig};
use serde::{Deserialize, Serialize};

/// The whole policy.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The version of this format: 1.
    pub version: u32,
    /// Where the gateway listens.
    pub listen: ListenSection,
    /// The operator's socket.
    #[serde(default)]
    pub admin: AdminSection,
    /// Where state is kept.
    #[serde(default)]
    pub store: StoreSection,
    /// Where requests are recorded.
    #[serde(default)]
    pub record: RecordSection,
    /// API keys.
    #[serde(default)]
    pub keys: KeysSection,
    /// The first stage.
    #[serde(default)]
    pub edge: EdgeConfig,
    /// Request rate of one address.
    #[serde(default)]
    pub flood: FloodConfig,
    /// The firewall.
    #[serde(default)]
    pub firewall: FirewallConfig,
    /// Security schemes, by the names the contracts use.
    #[serde(default)]
    pub auth: BTreeMap<String, AuthSection>,
    /// APIs, by names of your choice.
    pub api: BTreeMap<String, ApiSection>,
    /// Rates, by names of your choice.
    #[serde(default)]
    pub limits: BTreeMap<String, LimitConfig>,
}

/// Where the gateway listens.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ListenSection {
    /// The address for TLS.
    pub https: Option<SocketAddr>,
    /// The address for cleartext; loopback only, unless the next key says otherwise.
    pub http: Option<SocketAddr>,
    /// Says in so many words that cleartext may leave this machine.
    #[serde(default)]
    pub allow_cleartext_beyond_loopback: bool,
    /// The certificate for `https`.
    pub certificate: Option<CertificateSection>,
    /// Whether trusted hops (`edge.trusted_hops`) speak the PROXY protocol, version 2.
    #[serde(default)]
    pub proxy_protocol: bool,
    /// Threads that serve; default one per core.
    pub workers: Option<usize>,
    /// The most connections at one time.
    #[serde(default = "defaults::connections")]
    pub connections: usize,
    /// The most connections of one address (IPv6: of one /64).
    #[serde(default = "defaults::connections_per_address")]
    pub connections_per_address: usize,
    /// The largest header section.
    #[serde(default = "defaults::head")]
    pub head: ByteSize,
    /// The most streams of one HTTP/2 connection.
    #[serde(default = "defaults::streams")]
    pub streams: u32,
    /// How long things may take.
    #[serde(default)]
    pub timeouts: ListenTimeouts,
}

/// How long a client may take.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListenTimeouts {
    /// TLS handshake.
    pub handshake: Lapse,
    /// The header section.
    pub head: Lapse,
    /// Between two pieces of a body, and for the first 16 KiB of each second's minimum.
    pub body: Lapse,
    /// Between two requests.
    pub idle: Lapse,
    /// How long requests in flight get when the gateway stops.
    pub drain: Lapse,
}

impl Default for ListenTimeouts {
    fn default() -> Self {
        Self {
            handshake: Lapse::seconds(10),
            head: Lapse::seconds(10),
            body: Lapse::seconds(20),
            idle: Lapse::seconds(75),
            drain: Lapse::seconds(30),
        }
    }
}

/// A certificate: from files, or made on the spot for development.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSection {
    /// The certificate chain, PEM.
    pub file: Option<PathBuf>,
    /// The private key, PEM: `file:PATH`.
    pub key: Option<SecretRef>,
    /// Names for a self-signed certificate, for development only.
    pub self_signed: Option<Vec<String>>,
}

/// The operator's socket.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSection {
    /// A Unix socket that only this user can open.
    pub socket: PathBuf,
}

impl Default for AdminSection {
    fn default() -> Self {
        Self { socket: PathBuf::from("run/admin.sock") }
    }
}

/// Where state is kept.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// A folder.
    pub path: PathBuf,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { path: PathBuf::from("data") }
    }
}

/// Where requests are recorded.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecordSection {
    /// A folder; default `audit` in the store's.
    pub path: Option<PathBuf>,
    /// How often the log is forced to the disk: a time, or `always`.
    pub sync: SyncEvery,
    /// The size at which a new file is begun.
    pub rotate: ByteSize,
    /// How many files are kept.
    pub keep: usize,
    /// How many records may wait to be written.
    pub queue: usize,
}

impl Default for RecordSection {
    fn default() -> Self {
        let RecordConfig { sync, rotate, keep, queue } = RecordConfig::default();
        Self { path: None, sync, rotate, keep, queue }
    }
}

impl RecordSection {
    /// How the log is kept.
    #[must_use]
    pub const fn config(&self) -> RecordConfig {
        RecordConfig { sync: self.sync, rotate: self.rotate, keep: self.keep, queue: self.queue }
    }
}

/// API keys.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeysSection {
    /// The secret that keyed hashes of API keys depend on; default a generated file in the store.
    pub pepper: Option<SecretRef>,
}

/// One security scheme: exactly one of its keys.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSection {
    /// Durward's own API keys.
    pub api_key: Option<ApiKeySection>,
    /// Bearer JWTs.
    pub jwt: Option<JwtConfig>,
}

/// Durward's own API keys: where the key stands in a request is in the contract.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeySection {}

/// One API.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSection {
    /// Its OpenAPI document.
    pub spec: PathBuf,
    /// Where it runs.
    pub upstream: UpstreamSection,
    /// The hosts it answers to; default all.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Operations that anybody may use, by `operationId` or `METHOD /path`.
    #[serde(default)]
    pub public: Vec<String>,
    /// Operations that may become WebSockets.
    #[serde(default)]
    pub websocket: Vec<String>,
    /// What becomes of the client's credentials.
    #[serde(default)]
    pub credentials: CredentialPolicy,
    /// How content is read.
    #[serde(default)]
    pub body: BodyConfig,
    /// How requests are judged.
    #[serde(default)]
    pub validate: ValidateConfig,
    /// How answers leave.
    #[serde(default)]
    pub release: ReleaseConfig,
    /// What the firewall does differently here.
    #[serde(default)]
    pub firewall: TuningConfig,
    /// Modes of the stages, for this API.
    #[serde(default)]
    pub modes: Modes,
    /// What is different for single operations.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationSection>,
}

/// Where an API runs.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSection {
    /// `https://host[:port][/path]`; a path replaces the base path of the contract.
    pub url: String,
    /// PEM file of the certificates to trust, instead of the machine's.
    pub ca: Option<PathBuf>,
    /// Says in so many words that cleartext may leave this machine.
    #[serde(default)]
    pub allow_cleartext_beyond_loopback: bool,
    /// `http1` or `http2`.
    #[serde(default)]
    pub protocol: Protocol,
    /// Whether the client's `Host` goes on instead of the upstream's.
    #[serde(default)]
    pub preserve_host: bool,
    /// To connect, TLS included.
    #[serde(default = "defaults::connect")]
    pub connect_timeout: Lapse,
    /// To the first byte of the answer.
    #[serde(default = "defaults::response")]
    pub response_timeout: Lapse,
    /// Between two pieces of the answer.
    #[serde(default = "defaults::response_idle")]
    pub idle_timeout: Lapse,
}

/// The HTTP version of an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2.
    Http2,
}

/// What is different for one operation.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OperationSection {
    /// The most content that is read whole.
    pub max: Option<ByteSize>,
    /// The most content that streams through.
    pub stream: Option<ByteSize>,
    /// What the firewall does differently here.
    pub firewall: TuningConfig,
    /// Modes of the stages, for this operation.
    pub modes: Modes,
}

/// Modes that are written; what is not written is decided by the wider section, and at last is `enforce`.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Modes {
    /// Who is calling.
    pub authn: Option<Mode>,
    /// May they.
    pub authz: Option<Mode>,
    /// Is it what the contract promises.
    pub validate: Option<Mode>,
    /// Is it hostile.
    pub firewall: Option<Mode>,
}

mod defaults {
    use durward_core::{ByteSize, Lapse};

    pub(super) const fn connections() -> usize {
        20_000
    }
    pub(super) const fn connections_per_address() -> usize {
        256
    }
    pub(super) const fn head() -> ByteSize {
        ByteSize::kib(16)
    }
    pub(super) const fn streams() -> u32 {
        128
    }
    pub(super) const fn connect() -> Lapse {
        Lapse::seconds(5)
    }
    pub(super) const fn response() -> Lapse {
        Lapse::seconds(30)
    }
    pub(super) const fn response_idle() -> Lapse {
        Lapse::seconds(60)
    }
}
