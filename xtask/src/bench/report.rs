//! Medians, ratios to nginx, and the tables.

use super::load::{Load, Run, real};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const BASELINE: &str = "nginx";

/// One measurement, with CPU microseconds per request.
struct Sample {
    requests: u64,
    cpu: f64,
    per_second: f64,
    p50: f64,
    p99: f64,
}

/// All measurements of a run.
pub struct Report {
    names: Vec<&'static str>,
    samples: BTreeMap<(Load, &'static str), Vec<Sample>>,
    idle: BTreeMap<&'static str, u64>,
    connections: Option<Connections>,
}

/// Memory of the full variant before and while connections are held, in KiB.
pub struct Connections {
    pub held: usize,
    pub fresh: u64,
    pub loaded: u64,
}

impl Report {
    pub fn new(names: Vec<&'static str>) -> Self {
        Self { names, samples: BTreeMap::new(), idle: BTreeMap::new(), connections: None }
    }

    pub fn add(&mut self, name: &'static str, load: Load, run: &Run, spent: Duration) {
        let cpu = spent.as_secs_f64() * 1e6 / real(run.requests);
        let sample = Sample { requests: run.requests, cpu, per_second: run.per_second, p50: run.p50, p99: run.p99 };
        self.samples.entry((load, name)).or_default().push(sample);
    }

    /// Requests measured so far, of both loads.
    pub fn requests(&self, name: &str) -> u64 {
        self.samples
            .iter()
            .filter(|((_, of), _)| *of == name)
            .flat_map(|(_, samples)| samples)
            .map(|s| s.requests)
            .sum()
    }

    pub fn idle(&mut self, name: &'static str, kib: u64) {
        self.idle.insert(name, kib);
    }

    pub fn connections(&mut self, connections: Connections) {
        self.connections = Some(connections);
    }

    /// The tables, in Markdown that is also readable in a terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for load in Load::ALL {
            let base = self.median(load, BASELINE, |sample| sample.cpu);
            text += &format!("\n### {}\n\n", load.name());
            text += "| proxy        |  req/s | p50 µs | p99 µs | CPU µs/req | CPU vs nginx | range        |\n";
            text += "|--------------|-------:|-------:|-------:|-----------:|-------------:|--------------|\n";
            for name in &self.names {
                let of = |pick: fn(&Sample) -> f64| self.median(load, name, pick);
                let (low, high) = self.range(load, name);
                text += &format!(
                    "| {name:<12} | {:>6.0} | {:>6.0} | {:>6.0} | {:>10.2} | {:>12.2} | {:>5.2} - {:<5.2}|\n",
                    of(|s| s.per_second),
                    of(|s| s.p50),
                    of(|s| s.p99),
                    of(|s| s.cpu),
                    of(|s| s.cpu) / base,
                    low / base,
                    high / base,
                );
            }
        }
        text += "\n### Memory after the load, connections closed (MiB)\n\n| proxy        |   MiB |\n|--------------|------:|\n";
        for (name, kib) in &self.idle {
            text += &format!("| {name:<12} | {:>5.1} |\n", mib(*kib));
        }
        if let Some(Connections { held, fresh, loaded }) = self.connections {
            let each = real(loaded.saturating_sub(fresh)) / real(held as u64);
            text += &format!(
                "\nDurward over TLS: {:.1} MiB freshly started, {:.1} MiB with {held} idle keep-alive connections ({each:.1} KiB each)\n",
                mib(fresh),
                mib(loaded)
            );
        }
        text
    }

    /// Fails when a figure is absurd.
    pub fn sanity(&self, bound: f64) -> Result<()> {
        for load in Load::ALL {
            let base = self.median(load, BASELINE, |sample| sample.cpu);
            for name in self.names.iter().filter(|name| name.starts_with("durward")) {
                let ratio = self.median(load, name, |sample| sample.cpu) / base;
                if !(ratio > 0.05 && ratio < bound) {
                    bail!("{name} costs {ratio:.2} times nginx on {}: more than any noise explains", load.name());
                }
            }
        }
        Ok(())
    }

    fn median(&self, load: Load, name: &'static str, pick: impl Fn(&Sample) -> f64) -> f64 {
        let mut values: Vec<f64> = self.samples.get(&(load, name)).into_iter().flatten().map(pick).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = values.get(middle).copied().unwrap_or(f64::NAN);
        if values.len() % 2 == 1 {
            upper
        } else {
            values.get(middle.wrapping_sub(1)).map_or(upper, |lower| f64::midpoint(*lower, upper))
        }
    }

    fn range(&self, load: Load, name: &'static str) -> (f64, f64) {
        let samples = self.samples.get(&(load, name)).into_iter().flatten();
        samples.fold((f64::INFINITY, 0.0), |(low, high), sample| (low.min(sample.cpu), high.max(sample.cpu)))
    }
}

fn mib(kib: u64) -> f64 {
    real(kib) / 1024.0
}

/// Puts `text` between the markers of that name in a document, or makes the document.
pub fn write(file: &Path, name: &str, text: &str) -> Result<()> {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let old = std::fs::read_to_string(file).unwrap_or_else(|_| format!("# Benchmarks\n\n{open}\n{close}\n"));
    let markers = || format!("{} has no `{open}` .. `{close}`", file.display());
    let (before, rest) = old.split_once(&open).with_context(markers)?;
    let (_, after) = rest.split_once(&close).with_context(markers)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, format!("{before}{open}\n{text}\n{close}{after}"))?;
    println!("wrote {}", file.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(requests: u64) -> Run {
        Run { requests, per_second: 1.0, ..Run::default() }
    }

    #[test]
    fn medians_and_ratios() {
        let mut report = Report::new(vec!["nginx", "durward bare"]);
        for load in Load::ALL {
            for micros in [10, 30, 20] {
                report.add("nginx", load, &run(1), Duration::from_micros(micros));
                report.add("durward bare", load, &run(1), Duration::from_micros(micros * 2));
            }
        }
        assert!((report.median(Load::Get, "nginx", |s| s.cpu) - 20.0).abs() < 1e-6);
        assert!(report.text().contains("2.00"));
        assert!(report.sanity(3.0).is_ok());
        assert!(report.sanity(1.5).is_err());
    }

    #[test]
    fn nothing_measured_is_never_sane() {
        let report = Report::new(vec!["nginx", "durward bare"]);
        assert!(report.sanity(100.0).is_err());
    }
}
