//! The firewall's rules, and what each operation asks of them.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use durward_core::{Diagnostic, Diagnostics, Mode, Source, nearest};
use durward_firewall::{
    FirewallStage, RuleBase, RuleFault, RuleSource, TuningConfig, TuningFault, TuningKey, WorkConfig,
};
use durward_seclang::load;

use super::Environment;
use crate::document::Modes;
use crate::{Files, Policy};

/// The rules of the gateway, and the files they were read from.
pub(super) struct Rules {
    base: Option<RuleBase>,
    pub(super) files: Vec<PathBuf>,
}

/// Reads the rules, unless the firewall is off everywhere.
pub(super) fn rules(policy: &Policy, environment: &Environment<'_>) -> Result<Rules, Diagnostics> {
    if !is_on(policy) {
        return Ok(Rules { base: None, files: Vec::new() });
    }
    let config = &policy.document.firewall;
    let reader = Reader { files: environment.files, read: RefCell::default() };
    let sources = sources(policy, environment)?;
    if sources.is_empty() {
        let diagnostic = Diagnostic::error("the firewall has no rules")
            .help("write `rules = [\"builtin\"]`, or `mode = \"off\"` to do without a firewall");
        return Err(policy.places.at_value(&["firewall", "rules"], diagnostic).into());
    }
    let base = RuleBase::compile(&sources, &reader, config.responses).map_err(|faults| {
        let place = |fault: &RuleFault| placed(policy, environment, fault);
        faults.iter().map(place).collect::<Diagnostics>()
    })?;
    let mut problems = check(policy, &base, &["firewall"], &config.tuning());
    if config.work.limit < WorkConfig::LEAST {
        let diagnostic = Diagnostic::error(format!("with `work.limit = {}` no request fits", config.work.limit))
            .help(format!("write {} or more; the default is {}", WorkConfig::LEAST, WorkConfig::default().limit));
        problems.push(policy.places.at_value(&["firewall", "work", "limit"], diagnostic));
    }
    if problems.has_errors() {
        return Err(problems);
    }
    Ok(Rules { base: Some(base), files: reader.read.into_inner() })
}

impl Rules {
    /// What is not wrong with the rules but worth knowing.
    pub(super) fn notes(&self, policy: &Policy) -> Diagnostics {
        let notes = self.base.iter().flat_map(|base| base.notes());
        notes.map(|note| policy.places.at_value(&["firewall", "rules"], Diagnostic::warning(note.clone()))).collect()
    }

    /// What is wrong with what a section asks of the rules.
    pub(super) fn check(&self, policy: &Policy, path: &[&str], tuning: &TuningConfig) -> Diagnostics {
        self.base.as_ref().map(|base| check(policy, base, path, tuning)).unwrap_or_default()
    }

    /// The stage of an operation: `sections` are those that say more than the gateway's, the narrowest last.
    pub(super) fn stage(
        &self,
        policy: &Policy,
        mode: Mode,
        sections: &[&TuningConfig],
    ) -> Result<FirewallStage, Diagnostics> {
        let Some(base) = self.base.as_ref().filter(|_| mode != Mode::Off) else { return Ok(FirewallStage::off()) };
        base.stage(&policy.document.firewall, sections).map_err(|errors| {
            let place = |error| policy.places.at_key(&["firewall"], Diagnostic::error(error));
            errors.into_iter().map(place).collect()
        })
    }
}

fn check(policy: &Policy, base: &RuleBase, path: &[&str], tuning: &TuningConfig) -> Diagnostics {
    let place = |fault: TuningFault| {
        let (position, key) = match fault.key {
            TuningKey::Paranoia => (None, "paranoia"),
            TuningKey::InboundThreshold => (None, "inbound_threshold"),
            TuningKey::OutboundThreshold => (None, "outbound_threshold"),
            TuningKey::Exclude(at) => (Some(at), ""),
            TuningKey::ExcludeRule(at) => (Some(at), "rule"),
            TuningKey::ExcludeTag(at) => (Some(at), "tag"),
            TuningKey::ExcludeTarget(at) => (Some(at), "target"),
        };
        let position = position.map(|at| at.to_string());
        let list = position.as_deref().map(|at| ["exclude", at]);
        let key = Some(key).filter(|key| !key.is_empty());
        let full: Vec<&str> = path.iter().copied().chain(list.into_iter().flatten()).chain(key).collect();
        let mut diagnostic = Diagnostic::error(fault.message).help(fault.help);
        if let Some(label) = fault.label {
            diagnostic = diagnostic.label(label);
        }
        policy.places.at_value(&full, diagnostic)
    };
    base.check(tuning).into_iter().map(place).collect()
}

/// Puts what is wrong with a rule at its line; what is wrong with a whole file where the policy names it.
fn placed(policy: &Policy, environment: &Environment<'_>, fault: &RuleFault) -> Diagnostic {
    let text = environment.files.bytes(&fault.file).ok().filter(|_| fault.line > 0);
    let Some(text) = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
        let place = if fault.line > 0 { format!("{}:{}: ", fault.file.display(), fault.line) } else { String::new() };
        let diagnostic = Diagnostic::error(format!("{place}{}", fault.message));
        let named = policy.document.firewall.rules.iter().find(|name| environment.base.join(name) == fault.file);
        return policy.places.at_value(&["firewall", "rules", named.map_or("", String::as_str)], diagnostic);
    };
    let start: usize = text.split_inclusive('\n').take(fault.line - 1).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(fault.line - 1).unwrap_or_default().trim_end();
    let indent = line.len() - line.trim_start().len();
    let source = Source::new(fault.file.display().to_string(), &*text);
    Diagnostic::error(fault.message.clone()).at(&source, start + indent..start + line.len())
}

fn is_on(policy: &Policy) -> bool {
    let document = &policy.document;
    let on = |modes: &Modes| modes.firewall.is_some_and(|mode| mode != Mode::Off);
    let api = |section: &crate::ApiSection| on(&section.modes) || section.operations.values().any(|own| on(&own.modes));
    document.firewall.mode != Mode::Off || document.api.values().any(api)
}

/// What each name of the policy stands for.
fn sources(policy: &Policy, environment: &Environment<'_>) -> Result<Vec<RuleSource>, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut sources = Vec::new();
    let rules = &policy.document.firewall.rules;
    for (at, name) in rules.iter().enumerate() {
        if rules.iter().take(at).any(|before| before == name) {
            let diagnostic = Diagnostic::error(format!("`{name}` is named twice")).help("keep one of them");
            problems.push(policy.places.at_value(&["firewall", "rules", name], diagnostic));
            continue;
        }
        let path = environment.base.join(name);
        if name == BUILTIN {
            sources.push(RuleSource::Builtin);
        } else if environment.files.list(&path).is_ok() {
            sources.push(RuleSource::Folder(path));
        } else {
            match environment.files.bytes(&path) {
                Ok(_) => sources.push(RuleSource::File(path)),
                Err(message) => {
                    problems.push(policy.places.at_value(&["firewall", "rules", name], missing(name, &message)))
                }
            }
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(sources) }
}

fn missing(name: &str, message: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(format!("cannot read the rules {message}"));
    if let Some(word) = nearest(name, [BUILTIN]) {
        return diagnostic.label(format!("did you mean `{word}`?"));
    }
    if name.trim_end_matches('/').ends_with("modsecurity-crs") {
        return diagnostic.help("on Debian the Core Rule Set is the package `modsecurity-crs`");
    }
    diagnostic.help("write `builtin`, a folder of rule files such as the Core Rule Set, or a rule file; paths are relative to the folder of the policy")
}

/// The name of Durward's own rules.
const BUILTIN: &str = "builtin";

/// Rule files, read as the policy's other files are, and remembered.
struct Reader<'f> {
    files: &'f dyn Files,
    read: RefCell<Vec<PathBuf>>,
}

impl load::Files for Reader<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = self.files.bytes(path).map_err(io::Error::other)?;
        self.read.borrow_mut().push(path.to_owned());
        Ok(bytes)
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let (Some(folder), Some(name)) = (pattern.parent(), pattern.file_name()) else { return Ok(Vec::new()) };
        let name = name.as_encoded_bytes();
        if !name.iter().any(|byte| matches!(byte, b'*' | b'?')) {
            return Ok(if self.files.bytes(pattern).is_ok() { vec![pattern.to_owned()] } else { Vec::new() });
        }
        let Ok(all) = self.files.list(folder) else { return Ok(Vec::new()) };
        let fit = |path: &PathBuf| path.file_name().is_some_and(|file| fits(name, file.as_encoded_bytes()));
        Ok(all.into_iter().filter(fit).collect())
    }
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last `*` stands in the pattern, and how much of the name it has taken.
    let (mut at, mut seen, mut star) = (0, 0, None);
    loop {
        match (pattern.get(at), name.get(seen)) {
            (Some(b'*'), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(b'?'), Some(_)) => (at, seen) = (at + 1, seen + 1),
            (Some(wanted), Some(byte)) if wanted == byte => (at, seen) = (at + 1, seen + 1),
            (None, None) => return true,
            (_, None) => return false,
            (_, Some(_)) => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                (at, seen) = (place + 1, taken + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_of_names() {
        for (pattern, name, right) in [
            ("*.conf", "a.conf", true),
            ("*.conf", "a.conf.example", false),
            ("REQUEST-9?1-*.conf", "REQUEST-901-INITIALIZATION.conf", true),
            ("REQUEST-9?1-*.conf", "REQUEST-912-DOS-PROTECTION.conf", false),
            ("*a*b*", "xxaxxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("*", "", true),
            ("a", "a", true),
            ("a", "b", false),
            ("", "b", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), right, "{pattern} {name}");
        }
    }
}
