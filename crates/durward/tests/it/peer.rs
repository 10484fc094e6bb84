//! Programs written by others, started and stopped by the tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The installed peers' file, or a loud word that the test cannot run. With `DURWARD_REQUIRE_PEERS` set, its absence is
/// a failure.
pub(crate) fn need(file: &str) -> Option<PathBuf> {
    let found = durward_testkit::peers().map(|folder| folder.join(file)).filter(|path| path.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("DURWARD_REQUIRE_PEERS").is_none(),
            "the peer `{file}` is missing; run `cargo xtask peers`"
        );
        println!("SKIPPED (peer missing: {file}); run `cargo xtask peers`");
    }
    found
}

/// A program on the PATH, or a loud word.
pub(crate) fn need_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        assert!(std::env::var_os("DURWARD_REQUIRE_PEERS").is_none(), "`{name}` is missing; run `cargo xtask peers`");
        println!("SKIPPED (peer missing: {name}); run `cargo xtask peers`");
    }
    found
}

/// The folder of scripts for the peers.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

/// A peer that serves: it prints its port and ends when its input ends.
pub(crate) struct Serving {
    child: Child,
    pub(crate) port: u16,
}

impl Serving {
    pub(crate) fn start(program: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the peer starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        let port = line.trim().parse().unwrap_or_else(|_| panic!("the peer says `{line}` instead of a port"));
        Self { child, port }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a peer to its end; its output when it succeeded.
pub(crate) fn run(program: &Path, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().expect("the peer runs");
    said(&output)
}

/// What a program said, if it succeeded.
pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    out.into_owned()
}
