//! The compiled rules of the gateway, shared by all operations.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use durward_seclang::ast::{IdRange, RuleId};
use durward_seclang::load::{Files, Loader};
use durward_seclang::overlay::{Budget, BudgetOutcome, Exclusion, Overlay, OverlaySpec, RuleSelector};
use durward_seclang::program::Program;
use durward_seclang::state::InMemory;
use durward_seclang::{ast::EngineMode, builtin, syntax};

use crate::{ExcludeConfig, FirewallConfig, FirewallStage, TuningConfig, WorkOutcome};

/// Where rules come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleSource {
    /// Durward's own.
    Builtin,
    /// A folder of the Core Rule Set, or any folder of rule files.
    Folder(PathBuf),
    /// A rule file.
    File(PathBuf),
}

/// The compiled rules of the gateway.
#[derive(Debug)]
pub struct RuleBase {
    program: Arc<Program>,
    memory: Arc<InMemory>,
    responses: bool,
    notes: Vec<String>,
}

impl RuleBase {
    /// Reads and compiles rules.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with its file and line.
    pub fn compile(sources: &[RuleSource], files: &dyn Files, responses: bool) -> Result<Self, Vec<String>> {
        let mut loader = Loader::new(files);
        if !sources.contains(&RuleSource::Builtin) {
            loader = loader.text("durward/base.conf", BASE);
        }
        if responses {
            loader = loader.text("durward/responses.conf", RESPONSES);
        }
        for source in sources {
            loader = match source {
                RuleSource::Builtin => builtin::rules(loader),
                RuleSource::File(path) => loader.include(path),
                RuleSource::Folder(path) => folder(loader, files, path).map_err(|error| vec![error])?,
            };
        }
        let texts = |errors: Vec<String>| errors;
        let set = loader.finish().map_err(|errors| texts(errors.iter().map(ToString::to_string).collect()))?;
        let notes = set.notes.iter().map(|note| format!("{}: {}", note.place, note.message)).collect();
        let program =
            Program::compile(set).map_err(|errors| texts(errors.iter().map(ToString::to_string).collect()))?;
        Ok(Self { program: Arc::new(program), memory: Arc::new(InMemory::default()), responses, notes })
    }

    /// What is not wrong with the rules but worth knowing.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.program.rules().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stage of one operation; `narrower` are the sections that say more than the gateway's, the narrowest last.
    ///
    /// # Errors
    /// What names no rule, no target, or no paranoia level.
    pub fn stage(&self, config: &FirewallConfig, narrower: &[&TuningConfig]) -> Result<FirewallStage, Vec<String>> {
        let overlay = Overlay::new(&self.program, &spec(config, narrower)?)?;
        Ok(FirewallStage::new(Arc::new(overlay), Arc::clone(&self.memory), self.responses))
    }
}

/// What an operation asks of the rules.
fn spec(config: &FirewallConfig, narrower: &[&TuningConfig]) -> Result<OverlaySpec, Vec<String>> {
    let last = |pick: fn(&TuningConfig) -> Option<u32>| narrower.iter().rev().find_map(|tuning| pick(tuning));
    let paranoia = narrower.iter().rev().find_map(|tuning| tuning.paranoia).or(config.paranoia);
    let mut spec = OverlaySpec {
        mode: Some(EngineMode::On),
        paranoia_level: paranoia,
        inbound_threshold: last(|tuning| tuning.inbound_threshold).or(config.inbound_threshold),
        outbound_threshold: last(|tuning| tuning.outbound_threshold).or(config.outbound_threshold),
        budget: Some(Budget {
            work: config.work.limit,
            outcome: match config.work.beyond {
                WorkOutcome::Refuse => BudgetOutcome::Closed,
                WorkOutcome::Pass => BudgetOutcome::Open,
            },
        }),
        ..OverlaySpec::default()
    };
    let mut errors = Vec::new();
    if let Some(level) = paranoia.filter(|level| !(1..=4).contains(level)) {
        errors.push(format!("{level} is no paranoia level: they go from 1 to 4"));
    }
    for exclude in config.exclude.iter().chain(narrower.iter().flat_map(|tuning| &tuning.exclude)) {
        if let Err(error) = exclusion(exclude, &mut spec) {
            errors.push(error);
        }
    }
    if errors.is_empty() { Ok(spec) } else { Err(errors) }
}

fn exclusion(exclude: &ExcludeConfig, spec: &mut OverlaySpec) -> Result<(), String> {
    let rules = match (exclude.rule, &exclude.tag) {
        (Some(id), None) => RuleSelector::Ids(IdRange { first: RuleId(id), last: RuleId(id) }),
        (None, Some(tag)) => RuleSelector::Tag(tag.as_str().into()),
        _ => return Err("an exclusion names either a `rule` or a `tag`".to_owned()),
    };
    let Some(target) = &exclude.target else {
        spec.removed.push(rules);
        return Ok(());
    };
    let targets = syntax::targets(target.as_bytes()).map_err(|error| format!("`{target}` is no target: {error}"))?;
    spec.excluded.extend(targets.into_iter().map(|target| Exclusion { rules: rules.clone(), target }));
    Ok(())
}

/// A folder: as its own `*.load` file says, or as the Core Rule Set is laid out, or all of its rule files.
fn folder<'f>(loader: Loader<'f>, files: &dyn Files, path: &Path) -> Result<Loader<'f>, String> {
    let list = |pattern: &str| -> Result<Vec<PathBuf>, String> {
        let failed = |error: io::Error| format!("{}: {error}", path.display());
        files.glob(&path.join(pattern)).map(sorted).map_err(failed)
    };
    let loads = list("*.load")?;
    if !loads.is_empty() {
        return Ok(loads.iter().fold(loader, Loader::include));
    }
    let own = list("*.conf")?;
    if !list("rules/*.conf")?.is_empty() {
        let set_up = own.is_empty().then(|| list("crs-setup.conf.example")).transpose()?.unwrap_or_default();
        let loader = own.iter().chain(&set_up).fold(loader, Loader::include);
        return Ok(loader.include(path.join("rules/*.conf")));
    }
    if own.is_empty() {
        return Err(format!("{}: there are no rule files (`*.conf`) in this folder", path.display()));
    }
    Ok(own.iter().fold(loader, Loader::include))
}

fn sorted(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths
}

/// What every rule set stands on, where Durward's own rules do not bring it.
const BASE: &[u8] = include_bytes!("base/base.conf");
/// What makes rules look at answers.
const RESPONSES: &[u8] = include_bytes!("base/responses.conf");
