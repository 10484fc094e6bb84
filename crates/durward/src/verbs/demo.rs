//! `durward demo`: a vulnerable sample API behind the gateway, and proofs one can see.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use durward_core::{Clock, RequestId, SystemClock};
use durward_keys::NewKey;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::demo::CONTRACT;
use crate::demo::identity::DemoIssuer;
use crate::demo::policy::DemoPolicy;
use crate::demo::proofs::{self, CurlLines, ProofResult, Style, Target};
use crate::demo::sample_api::SampleApi;
use crate::gateway::{Gateway, SELF_SIGNED, run_until_stopped};
use crate::terminal::Terminal;

/// Start a vulnerable sample API behind the gateway, prove what the gateway stops, and stay up to play with.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The port of the gateway; another free one if it is taken.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Make the proofs and end; exits with 1 when one fails.
    #[arg(long)]
    once: bool,
    /// A folder for the policy, keys and log; default a new temporary one.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(args: &DemoArgs, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("durward-demo-{}", std::process::id())),
    };
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let shown = runtime.block_on(show(args, &folder, terminal));
    if args.once && args.folder.is_none() {
        let _ = fs::remove_dir_all(&folder);
    }
    let passed = shown?.iter().all(|proof| proof.passed);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn show(args: &DemoArgs, folder: &Path, terminal: &Terminal) -> anyhow::Result<Vec<ProofResult>> {
    let api = SampleApi::start().await.context("the sample API")?;
    let issuer = DemoIssuer::new()?;
    let path = write_files(args, folder, &api, &issuer)?;
    let mut gateway = Gateway::start(&path, &tokio::runtime::Handle::current(), terminal)?;
    let certificate = folder.join("data").join(SELF_SIGNED);
    let now = SystemClock::new().now();
    let new = NewKey {
        name: "demo".to_owned(),
        owner: "you".to_owned(),
        scopes: Vec::new(),
        environment: "demo".to_owned(),
        expires: None,
    };
    let (_, key) = gateway.state().keys.create(new, now)?;
    let api_key = String::from_utf8(key.expose().to_vec()).context("a key that is not text")?;
    let target = Target {
        gateway: address(&gateway)?,
        certificate: CertificateDer::from_pem_file(&certificate).map_err(|error| anyhow!("{error}"))?.to_vec(),
        api_key,
        direct: api.addr,
    };
    let style = if terminal.color() { Style::Colored } else { Style::Plain };
    let records = gateway.record_folder().to_owned();
    let why = |id: &str| {
        let line = durward_record::find(&records, RequestId::parse(id)?).ok()??;
        Some(durward_record::render(&line, terminal.color()))
    };
    let results = proofs::run(&target, style, &mut io::stdout(), &why).await?;
    if !args.once {
        stay(&mut gateway, &target, &certificate, &path, &issuer, terminal).await?;
    }
    tokio::task::spawn_blocking(move || gateway.stop()).await.context("drain")??;
    Ok(results)
}

async fn stay(
    gateway: &mut Gateway,
    target: &Target,
    certificate: &Path,
    policy: &Path,
    issuer: &DemoIssuer,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let token =
        issuer.token("ana@shop.example", "orders:read orders:write", SystemClock::new().now().unix_seconds())?;
    let lines = CurlLines {
        gateway: target.gateway,
        certificate,
        api_key: &target.api_key,
        token: Some(&token),
        direct: target.direct,
    };
    terminal.say(&lines.to_string());
    terminal.say(&format!(
        "the policy: {0}\nthe trail of any answer: durward why ID --policy {0}\n\nCtrl-C ends the demo",
        policy.display()
    ));
    run_until_stopped(gateway, *terminal).await
}

/// Writes contract, key set and policy; gives the path of the policy.
fn write_files(args: &DemoArgs, folder: &Path, api: &SampleApi, issuer: &DemoIssuer) -> anyhow::Result<PathBuf> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display())).map(|()| path)
    };
    write("orders.yaml", CONTRACT)?;
    write("jwks.json", &issuer.jwks()?)?;
    let policy = DemoPolicy {
        https: free_port(args.port)?,
        admin_socket: Path::new("run/admin.sock"),
        store: Path::new("data"),
        spec: Path::new("orders.yaml"),
        upstream: api.addr,
        jwks: Path::new("jwks.json"),
    };
    write("durward.toml", &policy.text()?)
}

/// The wanted port, or a free one.
fn free_port(wanted: u16) -> anyhow::Result<SocketAddr> {
    let bound = TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
    bound.and_then(|listener| listener.local_addr()).context("no free port on loopback")
}

fn address(gateway: &Gateway) -> anyhow::Result<SocketAddr> {
    let url = gateway.urls().first().and_then(|url| url.strip_prefix("https://"));
    url.and_then(|text| text.parse().ok()).ok_or_else(|| anyhow!("the gateway has no TLS listener"))
}
