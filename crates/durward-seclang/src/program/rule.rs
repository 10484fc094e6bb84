//! Rules, compiled: names are numbers, texts are templates, patterns are shared.

use std::sync::Arc;

use super::compile::Compiler;
use crate::ast::{self, AllowSpan, EngineMode, Processor, Role, Selector};
use crate::operator::Operator;
use crate::report::RuleInfo;
use crate::state::{RuleFields, Selected, StateEffect, Template};
use crate::transform::Transformation;

/// A rule, compiled.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) info: Arc<RuleInfo>,
    /// What the macros `%{RULE.*}` stand for.
    pub(crate) fields: RuleFields,
    pub(crate) links: Vec<Link>,
    pub(crate) disruptive: Disruptive,
    pub(crate) status: Option<u16>,
    pub(crate) message: Template,
    pub(crate) log_data: Template,
    pub(crate) tags: Tags,
    /// Where its phase goes on after a match.
    pub(crate) landing: Option<u32>,
}

/// Tags: almost never with macros, so that all matches share them.
#[derive(Debug)]
pub(crate) enum Tags {
    Fixed(Arc<[Vec<u8>]>),
    Computed(Vec<Template>),
}

/// What happens to the request on a match.
#[derive(Debug)]
pub(crate) enum Disruptive {
    Pass,
    Deny,
    Drop,
    Allow(AllowSpan),
    Redirect(Template),
}

/// One condition and what its match does.
#[derive(Debug)]
pub(crate) struct Link {
    /// The condition; `None` for `SecAction`.
    pub(crate) test: Option<Test>,
    pub(crate) pipeline: Vec<Transformation>,
    pub(crate) multi_match: bool,
    pub(crate) capture: bool,
    /// `setvar`, and the `initcol` that it may need: with each value that matches, whether the chain holds or not.
    pub(crate) at_once: Vec<StateEffect>,
    /// Everything else: when the whole chain holds.
    pub(crate) at_end: Vec<Effect>,
    /// `msg` and `logdata` of a chained link.
    pub(crate) message: Option<Template>,
    pub(crate) log_data: Option<Template>,
}

/// Targets and the operator that looks at them.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) looks: Vec<Look>,
    /// What is not looked at.
    pub(crate) exclusions: Vec<Selected>,
    pub(crate) negated: bool,
    pub(crate) operator: Arc<Operator>,
    /// The argument, if it has macros.
    pub(crate) argument: Option<Template>,
}

/// One target.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) selected: Selected,
    /// `&`: how many there are is looked at.
    pub(crate) counted: bool,
    /// The one member that is meant, if it is named.
    pub(crate) key: Option<Box<[u8]>>,
}

/// What happens when the whole chain holds.
#[derive(Debug)]
pub(crate) enum Effect {
    State(StateEffect),
    Control(Control),
    Sanitise(Selected),
}

/// `ctl`, compiled.
#[derive(Debug)]
pub(crate) enum Control {
    Engine(EngineMode),
    Audit(EngineMode),
    ForceRequestBody(bool),
    RequestBodyAccess(bool),
    RequestBodyLimit(u64),
    RequestBodyProcessor(Processor),
    ResponseBodyAccess(bool),
    ResponseBodyLimit(u64),
    /// Those rules do not run any more: a position in the removals of the program.
    Remove(u32),
    /// Those rules do not look at this any more: positions in the removals and the exclusions of the program.
    RemoveTarget(u32, u32),
    /// Taken, and without effect here.
    Nothing,
}

impl Rule {
    pub(super) fn compile(
        rule: &ast::Rule,
        info: Arc<RuleInfo>,
        landing: Option<u32>,
        compiler: &mut Compiler<'_>,
    ) -> Result<Self, String> {
        let mut template = |text: &ast::Text| Template::compile(text, &mut compiler.keys);
        let message = rule.meta.message.as_ref().map(&mut template).transpose()?;
        let log_data = rule.meta.log_data.as_ref().map(&mut template).transpose()?;
        let tags: Vec<Template> = rule.meta.tags.iter().map(&mut template).collect::<Result<_, _>>()?;
        let tags = match tags.iter().map(|tag| tag.as_literal().map(<[u8]>::to_vec)).collect::<Option<Vec<_>>>() {
            Some(fixed) => Tags::Fixed(fixed.into()),
            None => Tags::Computed(tags),
        };
        let disruptive = match &rule.disruptive {
            ast::Disruptive::Pass => Disruptive::Pass,
            ast::Disruptive::Deny => Disruptive::Deny,
            ast::Disruptive::Drop => Disruptive::Drop,
            ast::Disruptive::Allow(span) => Disruptive::Allow(*span),
            ast::Disruptive::Redirect(place) => Disruptive::Redirect(template(place)?),
        };
        let fields = RuleFields {
            id: rule.id.0,
            revision: rule.meta.revision.clone(),
            severity: rule.meta.severity,
            message: message.clone(),
            log_data: log_data.clone(),
        };
        let links = rule.links.iter().map(|link| Link::compile(link, compiler)).collect::<Result<_, _>>()?;
        Ok(Self {
            info,
            fields,
            links,
            disruptive,
            status: rule.status,
            message: message.unwrap_or_default(),
            log_data: log_data.unwrap_or_default(),
            tags,
            landing,
        })
    }

    /// Whether a match is heard of.
    pub(crate) fn is_heard(&self) -> bool {
        self.info.log || self.info.audit
    }
}

impl Link {
    fn compile(link: &ast::Link, compiler: &mut Compiler<'_>) -> Result<Self, String> {
        let test = link.condition.as_ref().map(|condition| Test::compile(condition, compiler)).transpose()?;
        let (mut at_once, mut at_end) = (Vec::new(), Vec::new());
        for effect in &link.effects {
            match effect {
                ast::Effect::Control(control) => at_end.push(Effect::Control(compiler.control(control)?)),
                ast::Effect::Sanitise(target) => {
                    let selected = Selected::compile(target.variable, &target.selector, &mut compiler.keys)?;
                    at_end.push(Effect::Sanitise(selected));
                }
                other => match StateEffect::compile(other, &mut compiler.keys)? {
                    Some(set @ (StateEffect::Set(_) | StateEffect::Init { .. })) => at_once.push(set),
                    Some(effect) => at_end.push(Effect::State(effect)),
                    None => {}
                },
            }
        }
        let mut template = |text: &ast::Text| Template::compile(text, &mut compiler.keys);
        Ok(Self {
            test,
            pipeline: link.transformations.clone(),
            multi_match: link.multi_match,
            capture: link.capture,
            at_once,
            at_end,
            message: link.message.as_ref().map(&mut template).transpose()?,
            log_data: link.log_data.as_ref().map(&mut template).transpose()?,
        })
    }
}

impl Test {
    fn compile(condition: &ast::Condition, compiler: &mut Compiler<'_>) -> Result<Self, String> {
        let (mut looks, mut exclusions) = (Vec::new(), Vec::new());
        for target in &condition.targets {
            let selected = Selected::compile(target.variable, &target.selector, &mut compiler.keys)?;
            let key = match &target.selector {
                Selector::Key(key) | Selector::XPath(key) => Some(key.as_bytes().into()),
                Selector::All | Selector::Pattern(_) => None,
            };
            match target.role {
                Role::Value => looks.push(Look { selected, counted: false, key }),
                Role::Count => looks.push(Look { selected, counted: true, key }),
                Role::Exclude => exclusions.push(selected),
            }
        }
        let operator = compiler.operator(&condition.operator)?;
        let argument = operator
            .is_dynamic()
            .then(|| Template::compile(&condition.operator.argument, &mut compiler.keys))
            .transpose()?;
        Ok(Self { looks, exclusions, negated: condition.negated, operator, argument })
    }
}
