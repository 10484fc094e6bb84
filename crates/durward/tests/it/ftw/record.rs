//! The audit log: what the rules found, by the number of the request.

use std::collections::HashMap;
use std::time::Duration;

use durward_record::RecordLine;
use durward_testkit::Gateway;

/// The lines of the log by the numbers of the requests.
pub(super) type Log = HashMap<String, Line>;

/// What the log says of a request.
#[derive(Debug, Clone)]
pub(super) struct Line(RecordLine);

/// Ends the gateway and reads its log.
pub(super) fn read(mut gateway: Gateway) -> Log {
    gateway.signal("TERM").unwrap();
    gateway.wait(Duration::from_secs(30)).unwrap();
    let mut log = Log::new();
    for entry in std::fs::read_dir(gateway.folder().join("data/audit")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for line in std::fs::read_to_string(&path).unwrap().lines() {
                let line: RecordLine = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                log.insert(line.id.to_lowercase(), Line(line));
            }
        }
    }
    log
}

impl Line {
    /// The line of a request that could not be read; its number is in the log only.
    pub(super) fn unreadable(status: u16) -> Self {
        Self(RecordLine {
            status,
            stage: Some("edge".to_owned()),
            reason: Some("unreadable".to_owned()),
            ..RecordLine::default()
        })
    }

    /// The rules that matched.
    pub(super) fn logged(&self) -> Vec<u64> {
        self.0.firewall.iter().map(|finding| finding.rule).collect()
    }

    /// Whether none of these rules matched.
    pub(super) fn lacks(&self, rules: &[u64]) -> bool {
        !self.0.firewall.iter().any(|finding| rules.contains(&finding.rule))
    }

    /// What refused the request for what it is, on its way to the upstream: stage and reason.
    pub(super) fn refused(&self) -> Option<String> {
        let (stage, reason) = (self.0.stage.as_ref()?, self.0.reason.as_ref()?);
        let is_about_the_request = matches!(stage.as_str(), "edge" | "route" | "body");
        (is_about_the_request && self.0.upstream_status.is_none()).then(|| format!("{stage} {reason}"))
    }

    /// Why, in words.
    pub(super) fn detail(&self) -> &str {
        self.0.trail.iter().find_map(|step| step.detail.as_deref()).unwrap_or_default()
    }

    /// The lines that a web server with ModSecurity would write to its error log.
    pub(super) fn entries(&self) -> Vec<String> {
        let mut entries = Vec::new();
        for finding in &self.0.firewall {
            let start = format!("[id \"{}\"] [msg \"{}\"]", finding.rule, finding.message);
            entries.push(start.clone());
            for seen in &finding.seen {
                let matched = seen.matched.as_deref().unwrap_or_default().replace(['\r', '\n'], " ");
                entries.push(format!("{start} [data \"Matched Data: {matched} found within {}: {matched}\"]", seen.at));
            }
        }
        entries
    }
}
