//! Where the project is, how its words are read, and how other programs are run.
//!
//! Every child process is started with an argument vector, never through a shell string.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target folder of the workspace.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that runs this task.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs to the end with the terminal's own output; an exit code other than zero is an error.
pub fn must(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// Runs to the end and gives standard output; on failure the error carries standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let out = command.output().with_context(|| format!("cannot start {shown}"))?;
    if !out.status.success() {
        bail!("{shown} ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Where a program is on `PATH`. The system folders are searched too: Debian's servers are in `/usr/sbin`.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// A child that is ended with its parent's scope, so that a failed task leaves no server behind.
pub struct Running(Child);

impl Running {
    /// Starts `command` with its output in `log`.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let file = std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let shown = format!("{command:?}");
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Ok(Self(command.spawn().with_context(|| format!("cannot start {shown}"))?))
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether the process has ended by itself.
    pub fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Servers with workers stop them on SIGTERM; SIGKILL to the parent alone would orphan them.
        if let Some(pid) = rustix::process::Pid::from_raw(self.0.id().cast_signed()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let ended = until(Duration::from_secs(5), || !matches!(self.0.try_wait(), Ok(None)));
        if !ended {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// Asks `done` every few milliseconds until it holds or `limit` has passed; says whether it held.
pub fn until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        pause(Duration::from_millis(20));
    }
}

/// Lets `time` pass. Only for polling a condition and for settling before a measurement.
pub fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "between two looks at a condition that has a deadline")]
    std::thread::sleep(time);
}

/// The words after a task's name: flags and options, each known to the task, anything else an error.
pub struct Words<'a> {
    words: &'a [String],
    used: Vec<bool>,
}

impl<'a> Words<'a> {
    pub fn new(words: &'a [String]) -> Self {
        Self { words, used: vec![false; words.len()] }
    }

    /// Whether `--name` was given.
    pub fn flag(&mut self, name: &str) -> bool {
        self.take(name).is_some()
    }

    /// The value after `--name`, if it was given.
    pub fn option(&mut self, name: &str) -> Result<Option<&'a str>> {
        let Some(at) = self.take(name) else { return Ok(None) };
        let value = self.words.get(at + 1).filter(|value| !value.starts_with("--"));
        let Some(value) = value else { bail!("`{name}` needs a value") };
        self.mark(at + 1);
        Ok(Some(value))
    }

    /// As [`Words::option`], read as a positive whole number.
    pub fn number(&mut self, name: &str) -> Result<Option<u64>> {
        let Some(value) = self.option(name)? else { return Ok(None) };
        match value.parse() {
            Ok(0) | Err(_) => bail!("`{name}` takes a whole number above zero, not `{value}`"),
            Ok(number) => Ok(Some(number)),
        }
    }

    /// Refuses whatever nobody asked for.
    pub fn end(self) -> Result<()> {
        match self.words.iter().zip(&self.used).find(|(_, used)| !**used) {
            Some((word, _)) => bail!("`{word}` is not an option of this task (`--help` lists them)"),
            None => Ok(()),
        }
    }

    fn take(&mut self, name: &str) -> Option<usize> {
        let at = self.words.iter().position(|word| word == name)?;
        self.mark(at);
        Some(at)
    }

    fn mark(&mut self, at: usize) {
        if let Some(used) = self.used.get_mut(at) {
            *used = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn words_are_read_and_unknown_ones_refused() {
        let line = words("--short --rounds 3");
        let mut read = Words::new(&line);
        assert!(read.flag("--short"));
        assert_eq!(read.number("--rounds").unwrap(), Some(3));
        read.end().unwrap();

        let line = words("--shrot");
        let mut read = Words::new(&line);
        assert!(!read.flag("--short"));
        assert!(read.end().unwrap_err().to_string().contains("`--shrot`"));

        for bad in ["--rounds", "--rounds x", "--rounds 0", "--rounds --short"] {
            let line = words(bad);
            assert!(Words::new(&line).number("--rounds").is_err(), "{bad}");
        }
    }

    #[test]
    fn waiting_has_an_end() {
        assert!(!until(Duration::from_millis(30), || false));
        let mut looks = 0;
        assert!(until(Duration::from_secs(5), || {
            looks += 1;
            looks == 3
        }));
    }
}
