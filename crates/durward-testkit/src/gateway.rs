//! A gateway as its users run it: the binary, a policy file, a folder.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Prepares a gateway.
#[derive(Debug)]
pub struct GatewayBuilder {
    binary: PathBuf,
    folder: TempDir,
}

impl GatewayBuilder {
    /// A gateway of this binary in a new folder.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(binary: impl Into<PathBuf>) -> io::Result<Self> {
        Ok(Self { binary: binary.into(), folder: TempDir::with_prefix("durward-test-")? })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into the folder.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> io::Result<Self> {
        std::fs::write(self.folder.path().join(name), text)?;
        Ok(self)
    }

    /// Runs a verb in the folder and waits for its end.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn verb(&self, args: &[&str]) -> io::Result<std::process::Output> {
        command(&self.binary, self.folder.path(), args).output()
    }

    /// Starts `durward run` and waits until it listens.
    ///
    /// # Errors
    /// It ended, or did not listen within 20 seconds; the error holds what it said.
    pub fn start(self) -> io::Result<Gateway> {
        Gateway::start(self.binary, self.folder)
    }
}

fn command(binary: &Path, folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(args).current_dir(folder).env_remove("DURWARD_POLICY").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// A running gateway; killed when dropped.
#[derive(Debug)]
pub struct Gateway {
    child: Child,
    binary: PathBuf,
    folder: TempDir,
    urls: Vec<String>,
    said: mpsc::Receiver<String>,
}

impl Gateway {
    fn start(binary: PathBuf, folder: TempDir) -> io::Result<Self> {
        let (child, said) = spawn(&binary, folder.path())?;
        let mut gateway = Self { child, binary, folder, urls: Vec::new(), said };
        gateway.wait_ready()?;
        Ok(gateway)
    }

    fn wait_ready(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut heard = String::new();
        self.urls.clear();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(line) if line.trim() == "ready" => return Ok(()),
                Ok(line) => {
                    if let Some(url) = line.trim().strip_prefix("listening on ") {
                        self.urls.push(url.to_owned());
                    }
                    heard.push_str(&line);
                    heard.push('\n');
                }
                Err(_) => {
                    let status = self.child.try_wait().ok().flatten();
                    return Err(io::Error::other(format!("the gateway is not ready ({status:?}); it said:\n{heard}")));
                }
            }
        }
    }

    /// The folder with its policy, store and log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of the listener with this scheme.
    ///
    /// # Panics
    /// There is no such listener: the test's policy lacks it.
    #[must_use]
    pub fn address(&self, scheme: &str) -> SocketAddr {
        let prefix = format!("{scheme}://");
        let found = self.urls.iter().find_map(|url| url.strip_prefix(&prefix).and_then(|rest| rest.parse().ok()));
        #[expect(clippy::panic, reason = "a test that asks for a listener it did not configure is wrong")]
        found.unwrap_or_else(|| panic!("no {scheme} listener in {:?}", self.urls))
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs another verb beside it.
    ///
    /// # Errors
    /// The binary cannot be run.
    pub fn verb(&self, args: &[&str]) -> io::Result<std::process::Output> {
        command(&self.binary, self.folder.path(), args).output()
    }

    /// Sends a signal by name, such as `TERM`.
    ///
    /// # Errors
    /// `kill` cannot be run.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        Command::new("kill").args([format!("-{name}"), self.pid().to_string()]).status().map(drop)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It goes on for longer than `limit`.
    pub fn wait(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the gateway goes on"));
            }
            // `recv_timeout` is the condition to wait on: the channel closes when the process ends.
            let _ = self.said.recv_timeout(Duration::from_millis(20));
        }
    }

    /// Kills it without warning and starts it again in the same folder.
    ///
    /// # Errors
    /// It does not come up again.
    pub fn kill_and_restart(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        let (child, said) = spawn(&self.binary, self.folder.path())?;
        self.child = child;
        self.said = said;
        self.wait_ready()
    }
}

fn spawn(binary: &Path, folder: &Path) -> io::Result<(Child, mpsc::Receiver<String>)> {
    let mut child = command(binary, folder, &["run"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let (tell, said) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
    }
    Ok((child, said))
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of suites that others wrote, if it is here.
#[must_use]
pub fn corpora() -> Option<PathBuf> {
    beside("DURWARD_CORPORA", "../../../shared/corpora")
}

/// The folder of installed peers, if they are here.
#[must_use]
pub fn peers() -> Option<PathBuf> {
    beside("DURWARD_PEERS", "../../target/peers")
}

fn beside(variable: &str, path: &str) -> Option<PathBuf> {
    let found =
        std::env::var_os(variable).map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(path), PathBuf::from);
    found.is_dir().then_some(found)
}
