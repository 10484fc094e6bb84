//! From the syntax tree to the program.

use std::sync::Arc;

use super::rule::{Control, Rule};
use super::selection::select;
use super::{CompileError, Program};
use crate::ast::{self, Item, OperatorSpec, RuleSet, Settings};
use crate::operator::Operator;
use crate::overlay::RuleSelector;
use crate::pattern::Interner;
use crate::report::RuleInfo;
use crate::scan::BitSet;
use crate::state::{BACKTRACK_LIMIT_HIT, Selected, TxKeys};

/// What grows while rules are compiled.
pub(super) struct Compiler<'s> {
    settings: &'s Settings,
    infos: Vec<Arc<RuleInfo>>,
    patterns: Interner,
    pub(super) keys: TxKeys,
    removals: Vec<BitSet>,
    exclusions: Vec<Selected>,
}

/// What the compiler made.
pub(super) struct Parts {
    pub(super) infos: Vec<Arc<RuleInfo>>,
    pub(super) rules: Vec<Rule>,
    pub(super) keys: TxKeys,
    pub(super) removals: Vec<BitSet>,
    pub(super) exclusions: Vec<Selected>,
}

impl Compiler<'_> {
    /// An operator with its argument.
    pub(super) fn operator(&mut self, spec: &OperatorSpec) -> Result<Arc<Operator>, String> {
        Operator::compile(spec, &mut self.patterns, self.settings).map(Arc::new)
    }

    pub(super) fn control(&mut self, control: &ast::Control) -> Result<Control, String> {
        use ast::Control as Written;
        Ok(match control {
            Written::AuditEngine(mode) => Control::Audit(*mode),
            Written::ForceRequestBody(on) => Control::ForceRequestBody(*on),
            Written::RequestBodyAccess(on) => Control::RequestBodyAccess(*on),
            Written::RequestBodyLimit(limit) => Control::RequestBodyLimit(*limit),
            Written::RequestBodyProcessor(processor) => Control::RequestBodyProcessor(*processor),
            Written::ResponseBodyAccess(on) => Control::ResponseBodyAccess(*on),
            Written::ResponseBodyLimit(limit) => Control::ResponseBodyLimit(*limit),
            Written::RuleEngine(mode) => Control::Engine(*mode),
            Written::RemoveById(range) => Control::Remove(self.removal(&RuleSelector::Ids(*range))),
            Written::RemoveByTag(tag) => Control::Remove(self.removal(&RuleSelector::Tag(tag.clone()))),
            Written::RemoveByMessage(text) => Control::Remove(self.removal(&RuleSelector::Message(text.clone()))),
            Written::RemoveTargetById(range, target) => self.exclusion(&RuleSelector::Ids(*range), target)?,
            Written::RemoveTargetByTag(tag, target) => self.exclusion(&RuleSelector::Tag(tag.clone()), target)?,
            Written::RemoveTargetByMessage(text, target) => {
                self.exclusion(&RuleSelector::Message(text.clone()), target)?
            }
            Written::AuditLogParts(_) | Written::DebugLogLevel(_) => Control::Nothing,
        })
    }

    fn removal(&mut self, selector: &RuleSelector) -> u32 {
        let set = select(&self.infos, selector);
        let index = self.removals.iter().position(|known| *known == set).unwrap_or_else(|| {
            self.removals.push(set);
            self.removals.len() - 1
        });
        index as u32
    }

    fn exclusion(&mut self, selector: &RuleSelector, target: &ast::Target) -> Result<Control, String> {
        let rules = self.removal(selector);
        let selected = Selected::compile(target.variable, &target.selector, &mut self.keys)?;
        self.exclusions.push(selected);
        Ok(Control::RemoveTarget(rules, self.exclusions.len() as u32 - 1))
    }
}

/// A smaller `SecPcreMatchLimit` is not taken: it was made for an engine that counts all steps of all patterns, and would
/// give up searches that take a millisecond.
const LEAST_BACKTRACKING: u32 = 100_000;

/// Compiles a rule set.
pub(super) fn compile(set: RuleSet) -> Result<Program, Vec<CompileError>> {
    let rules = || {
        set.items.iter().filter_map(|item| match item {
            Item::Rule(rule) => Some(&**rule),
            Item::Marker(_) => None,
        })
    };
    let mut compiler = Compiler {
        settings: &set.settings,
        infos: rules().map(|rule| Arc::new(info(rule))).collect(),
        patterns: Interner::new(set.settings.backtrack_limit.max(LEAST_BACKTRACKING)),
        keys: TxKeys::default(),
        removals: Vec::new(),
        exclusions: Vec::new(),
    };
    compiler.keys.intern(BACKTRACK_LIMIT_HIT);
    let landings = super::landing::landings(&set.items);
    let (mut compiled, mut errors) = (Vec::new(), Vec::new());
    for ((rule, landing), info) in rules().zip(landings).zip(compiler.infos.clone()) {
        match Rule::compile(rule, info, landing, &mut compiler) {
            Ok(rule) => compiled.push(rule),
            Err(message) => errors.push(CompileError { place: rule.place.clone(), rule: rule.id, message }),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let Compiler { infos, keys, removals, exclusions, .. } = compiler;
    let parts = Parts { infos, rules: compiled, keys, removals, exclusions };
    Ok(Program::assemble(set.settings, parts))
}

fn info(rule: &ast::Rule) -> RuleInfo {
    let text = |text: &ast::Text| text_as_written(text).into_boxed_str();
    RuleInfo {
        id: rule.id,
        phase: rule.phase,
        place: rule.place.clone(),
        severity: rule.meta.severity,
        version: rule.meta.version.clone(),
        revision: rule.meta.revision.clone(),
        maturity: rule.meta.maturity,
        accuracy: rule.meta.accuracy,
        message: rule.meta.message.as_ref().map(text).unwrap_or_default(),
        tags: rule.meta.tags.iter().map(text).collect(),
        log: rule.log,
        audit: rule.audit,
    }
}

/// A text with its macros as they stand in the file.
fn text_as_written(text: &ast::Text) -> String {
    let mut written = String::new();
    for piece in &text.pieces {
        match piece {
            ast::Piece::Literal(bytes) => written.push_str(&String::from_utf8_lossy(bytes)),
            ast::Piece::Macro(variable, None) => written.push_str(&format!("%{{{}}}", variable.name())),
            ast::Piece::Macro(variable, Some(key)) => written.push_str(&format!("%{{{}.{key}}}", variable.name())),
        }
    }
    written
}
