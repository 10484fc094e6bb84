//! Who is measured, set up to do the same work: HTTP/1.1 keep-alive on both sides, two workers, no access log.

use super::{answer, cost, payload};
use crate::peers;
use crate::shell::{self, Running};
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A proxy that runs, and how to talk to it.
pub struct Contestant {
    pub name: &'static str,
    pub port: u16,
    pub place: PathBuf,
    /// What every request must carry, such as an API key.
    pub headers: Vec<(&'static str, String)>,
    /// More that must hold after the load: that controls refused, counted and recorded.
    pub proof: Option<fn(&Contestant, u64) -> Result<()>>,
    process: Running,
}

impl Contestant {
    /// Starts the proxy in a folder of its own and waits until it listens.
    pub fn start(name: &'static str, port: u16, place: PathBuf, mut command: Command) -> Result<Self> {
        let log = place.join("output.log");
        let mut process = Running::start(&mut command, &log)?;
        let up = shell::until(Duration::from_secs(20), || {
            process.ended() || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        if !up || process.ended() {
            bail!("{name} did not start: {}", std::fs::read_to_string(&log).unwrap_or_default().trim());
        }
        Ok(Self { name, port, place, headers: Vec::new(), proof: None, process })
    }

    /// CPU time used so far.
    pub fn cpu(&self) -> Result<Duration> {
        cost::cpu(self.process.id())
    }

    /// Memory held now, in KiB.
    pub fn memory(&self) -> Result<u64> {
        cost::memory(self.process.id())
    }

    /// Sees that both requests of the load are answered with the upstream's own 1 KiB.
    pub fn check(&self) -> Result<()> {
        for (method, path, body) in [("GET", payload::GET, String::new()), ("POST", payload::POST, payload::order())] {
            let answer = answer::ask(self.port, method, path, &self.header_lines(), &body)?;
            if answer.status != 200 || answer.body != payload::order() {
                bail!("{method} {path}: {}\n{}", answer.head, answer.body);
            }
        }
        Ok(())
    }

    /// What else must hold after the load.
    pub fn prove(&self, requests: u64) -> Result<()> {
        self.proof.map_or(Ok(()), |proof| proof(self, requests))
    }

    pub fn header_lines(&self) -> String {
        self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }
}

/// A loopback port nobody uses now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A folder of its own for one contestant.
pub fn own_folder(place: &Path, name: &str) -> Result<PathBuf> {
    let folder = place.join(name.replace(' ', "-"));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The upstream that all of them share: nginx with one worker, answering from memory.
pub fn upstream(place: &Path) -> Result<Contestant> {
    let server = format!("default_type application/json; location / {{ return 200 '{}'; }}", payload::order());
    nginx("upstream", place, 1, "", "", &server)
}

/// Those that are installed; the others are named.
pub fn others(place: &Path, upstream: u16) -> Result<Vec<Contestant>> {
    let pool = format!("upstream up {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000000; }}");
    let server = "location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host; }";
    let mut field = vec![nginx("nginx", place, 2, "", &pool, server)?];
    match peers::find("haproxy") {
        Some(program) => field.push(haproxy(&program, place, upstream)?),
        None => println!("SKIPPED (peer missing: haproxy)"),
    }
    match peers::find("py/bin/envoy") {
        Some(program) => field.push(envoy(&program, place, upstream)?),
        None => println!("SKIPPED (peer missing: envoy)"),
    }
    Ok(field)
}

/// nginx with what stands at the top of its configuration, the pool of upstreams, and what a server is told.
pub fn nginx(
    name: &'static str,
    place: &Path,
    workers: u32,
    top: &str,
    pool: &str,
    server: &str,
) -> Result<Contestant> {
    let folder = own_folder(place, name)?;
    let port = free_port()?;
    let config = format!(
        "{top}\nworker_processes {workers};\ndaemon off;\npid nginx.pid;\nerror_log stderr warn;\nevents {{ worker_connections 8192; }}\n\
         http {{\n  access_log off;\n  keepalive_requests 1000000000;\n  client_body_temp_path body;\n  proxy_temp_path proxy;\n  \
         fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n  {pool}\n  \
         server {{ listen 127.0.0.1:{port} reuseport; {server} }}\n}}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config)?;
    let mut command = Command::new(shell::which("nginx").context("nginx is missing")?);
    command.arg("-p").arg(&folder).arg("-c").arg(&file).args(["-e", "stderr"]);
    Contestant::start(name, port, folder, command)
}

fn haproxy(program: &Path, place: &Path, upstream: u16) -> Result<Contestant> {
    let folder = own_folder(place, "haproxy")?;
    let port = free_port()?;
    let config = format!(
        "global\n  nbthread 2\n  maxconn 2000\ndefaults\n  mode http\n  timeout client 60s\n  timeout server 60s\n  timeout connect 5s\n  \
         option http-keep-alive\n  http-reuse always\nfrontend in\n  bind 127.0.0.1:{port}\n  default_backend out\n\
         backend out\n  server one 127.0.0.1:{upstream}\n"
    );
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, config)?;
    let mut command = Command::new(program);
    command.arg("-db").arg("-f").arg(&file);
    Contestant::start("haproxy", port, folder, command)
}

fn envoy(program: &Path, place: &Path, upstream: u16) -> Result<Contestant> {
    let folder = own_folder(place, "envoy")?;
    let port = free_port()?;
    let config = ENVOY.replace("PORT", &port.to_string()).replace("UPSTREAM", &upstream.to_string());
    let file = folder.join("envoy.yaml");
    std::fs::write(&file, config)?;
    let mut command = Command::new(program);
    command.args(["--concurrency", "2", "--disable-hot-restart", "--log-level", "error", "--config-path"]).arg(&file);
    Contestant::start("envoy", port, folder, command)
}

const ENVOY: &str = r#"static_resources:
  listeners:
    - name: in
      address: { socket_address: { address: 127.0.0.1, port_value: PORT } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                codec_type: HTTP1
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [{ match: { prefix: "/" }, route: { cluster: out } }]
                http_filters:
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
  clusters:
    - name: out
      type: STATIC
      connect_timeout: 5s
      load_assignment:
        cluster_name: out
        endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: UPSTREAM } } } }] }]
"#;
