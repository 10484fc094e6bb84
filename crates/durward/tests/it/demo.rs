//! The demo, as a newcomer runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::e2e::memory;
use crate::peer::{need_program, said};

#[test]
fn every_proof_holds() {
    let output = Command::new(env!("CARGO_BIN_EXE_durward")).args(["demo", "--once", "--port", "0"]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("all 13 proofs hold"), "{text}");
    assert!(
        text.contains("request-hostile") && text.contains("[[api.orders.operations.listReviews.firewall.exclude]]")
    );
    println!("{text}");
}

/// A demo that stays up.
pub(crate) struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    port: String,
    key: String,
    /// The URL of the sample API itself, without a gateway.
    pub(crate) direct: String,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let folder = tempfile::TempDir::with_prefix("durward-demo-").unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_durward"))
            .args(["demo", "--port", "0", "--folder"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut demo = Self { folder, port: String::new(), key: String::new(), direct: String::new(), child };
        let stdout = demo.child.stdout.take().unwrap();
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let after = |mark: &str, end: &[char]| {
                line.split_once(mark).map(|(_, rest)| rest.split(end).next().unwrap_or_default().to_owned())
            };
            if let Some(port) = after("https://localhost:", &['/', ' ', '\'']) {
                demo.port = port;
            }
            if let Some(authority) = after("curl -i 'http://", &['/']) {
                demo.direct = format!("http://{authority}");
            }
            if line.contains("ends the demo") {
                break;
            }
        }
        assert!(!demo.port.is_empty() && !demo.direct.is_empty(), "the demo prints curl lines");
        // The proofs used up the burst of their key: a new one, from the running gateway, has its own.
        let policy = demo.folder.path().join("durward.toml");
        let mut keys = Command::new(env!("CARGO_BIN_EXE_durward"));
        demo.key =
            said(&keys.args(["keys", "new", "test", "--policy"]).arg(policy).output().unwrap()).trim().to_owned();
        demo
    }

    /// The contract of the sample API.
    pub(crate) fn contract(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("orders.yaml")).unwrap()
    }

    fn curl(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let certificate = self.folder.path().join("data/self-signed.pem");
        command.args(["--silent", "--show-error", "--max-time", "300", "--cacert"]).arg(certificate);
        command.args(["--header", &format!("x-api-key: {}", self.key)]);
        command
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One GiB through the gateway and into the sample API, both in the process that is measured.
#[test]
fn a_large_upload_streams_in_constant_memory() {
    let Some(program) = need_program("curl") else { return };
    let demo = Demo::start();
    let before = memory(demo.child.id(), "VmRSS");
    let total: u64 = if std::env::var_os("DURWARD_QUICK").is_some() { 64 << 20 } else { 1 << 30 };
    for version in ["--http1.1", "--http2"] {
        let mut curl = demo.curl(&program);
        curl.args([version, "--upload-file", "-", "--header", "content-type: application/octet-stream"]);
        let mut child = curl
            .arg(demo.url("/v1/orders/1001/attachment"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let chunk = vec![0x5a; 1 << 20];
        for _ in 0..total >> 20 {
            input.write_all(&chunk).unwrap();
        }
        drop(input);
        let text = said(&child.wait_with_output().unwrap());
        assert!(text.contains(&total.to_string()), "{version}: {text}");
    }
    let peak = memory(demo.child.id(), "VmHWM");
    println!("{} MiB twice: {} MiB before, {} MiB at the peak", total >> 20, before >> 10, peak >> 10);
    assert!(peak < before + (32 << 10), "{before} KiB before, {peak} KiB at the peak");
}

#[test]
fn server_sent_events_arrive_as_they_happen() {
    let Some(program) = need_program("curl") else { return };
    let demo = Demo::start();
    for version in ["--http1.1", "--http2"] {
        let mut child = demo
            .curl(&program)
            .args([version, "--no-buffer"])
            .arg(demo.url("/v1/events"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut arrivals = Vec::new();
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 0 {
            if line.starts_with("data:") {
                arrivals.push(Instant::now());
            }
            line.clear();
        }
        let mut rest = String::new();
        let _ = reader.read_to_string(&mut rest);
        assert!(child.wait().unwrap().success());
        assert!(arrivals.len() >= 3, "{version}: {} events", arrivals.len());
        let spread = arrivals.last().unwrap().duration_since(*arrivals.first().unwrap());
        assert!(spread > Duration::from_millis(50), "{version}: all events came at once, within {spread:?}");
    }
}
