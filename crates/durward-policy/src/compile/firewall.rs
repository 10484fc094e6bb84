//! The firewall's rules, and what each operation asks of them.

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};

use durward_core::{Diagnostic, Diagnostics, Mode};
use durward_firewall::{FirewallStage, RuleBase, RuleSource, TuningConfig};
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
    let sources: Vec<RuleSource> = config.rules.iter().map(|name| source(environment, name)).collect();
    if sources.is_empty() {
        let diagnostic = Diagnostic::error("the firewall has no rules")
            .help("write `rules = [\"builtin\"]`, or `mode = \"off\"` to do without a firewall");
        return Err(policy.places.at_value(&["firewall", "rules"], diagnostic).into());
    }
    let base = RuleBase::compile(&sources, &reader, config.responses).map_err(|errors| {
        let all =
            errors.into_iter().map(|error| policy.places.at_value(&["firewall", "rules"], Diagnostic::error(error)));
        all.collect::<Diagnostics>()
    })?;
    // The gateway's own settings fit the rules, or no operation's do.
    base.stage(config, &[]).map_err(|errors| placed(policy, &["firewall"], errors))?;
    Ok(Rules { base: Some(base), files: reader.read.into_inner() })
}

impl Rules {
    /// What is not wrong with the rules but worth knowing.
    pub(super) fn notes(&self, policy: &Policy) -> Diagnostics {
        let notes = self.base.iter().flat_map(|base| base.notes());
        notes.map(|note| policy.places.at_value(&["firewall", "rules"], Diagnostic::warning(note.clone()))).collect()
    }

    /// The stage of an operation: `api` and `own` are the sections that say more, and where they are written.
    pub(super) fn stage(
        &self,
        policy: &Policy,
        mode: Mode,
        sections: &[(&TuningConfig, &[&str])],
    ) -> Result<FirewallStage, Diagnostics> {
        let Some(base) = self.base.as_ref().filter(|_| mode != Mode::Off) else { return Ok(FirewallStage::off()) };
        let tunings: Vec<&TuningConfig> = sections.iter().map(|(tuning, _)| *tuning).collect();
        base.stage(&policy.document.firewall, &tunings).map_err(|errors| {
            // The narrowest section that says anything is where the mistake is.
            let written = sections.iter().rev().find(|(tuning, _)| **tuning != TuningConfig::default());
            placed(policy, written.map_or(&["firewall"][..], |(_, path)| path), errors)
        })
    }
}

fn placed(policy: &Policy, path: &[&str], errors: Vec<String>) -> Diagnostics {
    errors.into_iter().map(|error| policy.places.at_key(path, Diagnostic::error(error))).collect()
}

fn is_on(policy: &Policy) -> bool {
    let document = &policy.document;
    let on = |modes: &Modes| modes.firewall.is_some_and(|mode| mode != Mode::Off);
    let api = |section: &crate::ApiSection| on(&section.modes) || section.operations.values().any(|own| on(&own.modes));
    document.firewall.mode != Mode::Off || document.api.values().any(api)
}

fn source(environment: &Environment<'_>, name: &str) -> RuleSource {
    if name == "builtin" {
        return RuleSource::Builtin;
    }
    let path = environment.base.join(name);
    match environment.files.list(&path) {
        Ok(_) => RuleSource::Folder(path),
        Err(_) => RuleSource::File(path),
    }
}

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
