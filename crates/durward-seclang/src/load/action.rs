//! All actions of the language: what each of them means.

use super::value::{choice, number, number_between, rule_id, utf8};
use super::{control, effect};
use crate::ast::{AllowSpan, Disruptive, Effect, Phase, RuleId, Skip, Text};
use crate::syntax::{Fault, RawAction, Unknown, did_you_mean, shown, text};
use crate::transform::Transformation;

/// An action of one link of a rule.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Id(RuleId),
    Phase(Phase),
    /// `block`: whatever `SecDefaultAction` says.
    Block,
    Disruptive(Disruptive),
    Status(u16),
    /// `log`: matches are logged and audited.
    Log,
    /// `nolog`: neither.
    NoLog,
    /// `auditlog` and `noauditlog`.
    Audit(bool),
    Message(Text),
    LogData(Text),
    Severity(u8),
    Tag(Text),
    Version(Box<str>),
    Revision(Box<str>),
    Maturity(u8),
    Accuracy(u8),
    /// `t:none`.
    NoTransformation,
    Transformation(Transformation),
    Capture,
    MultiMatch,
    Chain,
    Skip(Skip),
    Effect(Effect),
}

/// What kind of action a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Accuracy,
    Allow,
    AuditLog,
    Block,
    Capture,
    Chain,
    Control,
    Deny,
    DeprecateVar,
    Drop,
    ExpireVar,
    Id,
    InitCol,
    Log,
    LogData,
    Maturity,
    Message,
    MultiMatch,
    NoAuditLog,
    NoLog,
    Pass,
    Phase,
    Redirect,
    Revision,
    SanitiseArg,
    SanitiseMatched,
    SanitiseMatchedBytes,
    SanitiseRequestHeader,
    SanitiseResponseHeader,
    SetEnv,
    SetResource,
    SetSession,
    SetUser,
    SetVar,
    Severity,
    Skip,
    SkipAfter,
    Status,
    Tag,
    Transformation,
    Version,
    /// Refused; the text says what to do instead.
    Refused(&'static str),
}

/// Where an action may stand, and how often.
impl Kind {
    /// The name in rule files.
    pub(super) fn name(self) -> &'static str {
        ACTIONS.iter().find(|(_, kind)| *kind == self).map_or("?", |(name, _)| *name)
    }

    /// Whether it decides about the request.
    pub(super) const fn is_disruptive(self) -> bool {
        matches!(self, Self::Allow | Self::Block | Self::Deny | Self::Drop | Self::Pass | Self::Redirect)
    }

    /// Whether it may stand only in the first rule of a chain.
    pub(super) const fn is_for_head_only(self) -> bool {
        self.is_disruptive()
            || matches!(
                self,
                Self::Accuracy
                    | Self::Id
                    | Self::Maturity
                    | Self::Phase
                    | Self::Revision
                    | Self::Severity
                    | Self::Skip
                    | Self::SkipAfter
                    | Self::Status
                    | Self::Tag
                    | Self::Version
            )
    }

    /// Whether a rule may have it only once.
    pub(super) const fn is_single(self) -> bool {
        matches!(
            self,
            Self::Accuracy
                | Self::Chain
                | Self::Id
                | Self::LogData
                | Self::Maturity
                | Self::Message
                | Self::Phase
                | Self::Revision
                | Self::Severity
                | Self::Status
                | Self::Version
        )
    }

    /// Whether the two cannot be said about the same rule.
    pub(super) fn excludes(self, other: Self) -> bool {
        (self.is_single() && self == other) || (self.is_disruptive() && other.is_disruptive())
    }

    /// Whether `SecRuleUpdateActionById` may give it.
    pub(super) const fn is_for_updates(self) -> bool {
        !matches!(self, Self::Id | Self::Phase | Self::Chain)
    }

    /// Whether `SecDefaultAction` may have it.
    pub(super) const fn is_for_defaults(self) -> bool {
        self.is_disruptive()
            || matches!(
                self,
                Self::AuditLog
                    | Self::Capture
                    | Self::Log
                    | Self::MultiMatch
                    | Self::NoAuditLog
                    | Self::NoLog
                    | Self::Phase
                    | Self::Status
                    | Self::Tag
                    | Self::Transformation
            )
    }
}

/// The kind of an action, or why there is none.
pub(super) fn kind(raw: &RawAction<'_>) -> Result<Kind, Fault> {
    let found = ACTIONS.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(raw.name));
    match found {
        Some((name, Kind::Refused(instead))) => {
            Err(Fault::new(raw.at, format!("`{name}` is not done here: {instead}")))
        }
        Some((_, kind)) => Ok(*kind),
        None => {
            let near = did_you_mean(&String::from_utf8_lossy(raw.name), ACTIONS.iter().map(|(name, _)| *name));
            Err(Fault::new(raw.at, format!("unknown action `{}`{near}", shown(raw.name))))
        }
    }
}

/// Reads one action.
pub(super) fn action(kind: Kind, raw: &RawAction<'_>) -> Result<Action, Fault> {
    let name = || String::from_utf8_lossy(raw.name);
    if let Some(action) = plain(kind) {
        return match &raw.value {
            None => Ok(action),
            Some(value) => Err(Fault::new(raw.at, format!("`{}` takes no value, but has `{}`", name(), shown(value)))),
        };
    }
    let value = match (&raw.value, kind) {
        (Some(value), _) => value,
        (None, Kind::Allow) => return Ok(Action::Disruptive(Disruptive::Allow(AllowSpan::Transaction))),
        (None, Kind::SanitiseMatchedBytes) => return Ok(Action::Effect(effect::sanitise_matched())),
        (None, _) => return Err(Fault::new(raw.at, format!("`{}` needs a value", name()))),
    };
    with_value(kind, value).map_err(|message| Fault::new(raw.at, format!("`{}`: {message}", name())))
}

/// The actions without a value.
const fn plain(kind: Kind) -> Option<Action> {
    Some(match kind {
        Kind::AuditLog => Action::Audit(true),
        Kind::Block => Action::Block,
        Kind::Capture => Action::Capture,
        Kind::Chain => Action::Chain,
        Kind::Deny => Action::Disruptive(Disruptive::Deny),
        Kind::Drop => Action::Disruptive(Disruptive::Drop),
        Kind::Log => Action::Log,
        Kind::MultiMatch => Action::MultiMatch,
        Kind::NoAuditLog => Action::Audit(false),
        Kind::NoLog => Action::NoLog,
        Kind::Pass => Action::Disruptive(Disruptive::Pass),
        Kind::SanitiseMatched => Action::Effect(effect::sanitise_matched()),
        _ => return None,
    })
}

fn with_value(kind: Kind, value: &[u8]) -> Result<Action, String> {
    Ok(match kind {
        Kind::Accuracy => Action::Accuracy(small(value, 1, 9)?),
        Kind::Allow => Action::Disruptive(Disruptive::Allow(choice(
            value,
            &[("phase", AllowSpan::Phase), ("request", AllowSpan::Request)],
        )?)),
        Kind::Id => Action::Id(rule_id(value)?),
        Kind::LogData => Action::LogData(plain_text(value)?),
        Kind::Maturity => Action::Maturity(small(value, 1, 9)?),
        Kind::Message => Action::Message(plain_text(value)?),
        Kind::Phase => Action::Phase(choice(value, PHASES)?),
        Kind::Redirect => Action::Disruptive(Disruptive::Redirect(plain_text(value)?)),
        Kind::Revision => Action::Revision(utf8(value)?),
        Kind::Severity => Action::Severity(severity(value)?),
        Kind::Skip => Action::Skip(Skip::Rules(rules_to_skip(value)?)),
        Kind::SkipAfter if value.is_empty() => return Err("a name is missing".to_owned()),
        Kind::SkipAfter => Action::Skip(Skip::After(utf8(value)?)),
        Kind::Status => Action::Status(u16::try_from(number_between(value, 100, 599)?).unwrap_or(403)),
        Kind::Tag => Action::Tag(plain_text(value)?),
        Kind::Transformation => transformation(value)?,
        Kind::Version => Action::Version(utf8(value)?),
        _ => Action::Effect(effect_with_value(kind, value)?),
    })
}

fn effect_with_value(kind: Kind, value: &[u8]) -> Result<Effect, String> {
    use crate::ast::Variable;
    match kind {
        Kind::Control => control::control(value).map(Effect::Control),
        Kind::DeprecateVar => effect::deprecate(value),
        Kind::ExpireVar => effect::expire(value),
        Kind::InitCol => effect::init(value),
        Kind::SanitiseArg => effect::sanitise(Variable::Args, value),
        Kind::SanitiseMatchedBytes => effect::sanitise_matched_bytes(value),
        Kind::SanitiseRequestHeader => effect::sanitise(Variable::RequestHeaders, value),
        Kind::SanitiseResponseHeader => effect::sanitise(Variable::ResponseHeaders, value),
        Kind::SetEnv => effect::set_env(value),
        Kind::SetResource => effect::init_as(Variable::Resource, value),
        Kind::SetSession => effect::init_as(Variable::Session, value),
        Kind::SetUser => effect::init_as(Variable::User, value),
        Kind::SetVar => effect::set(value),
        _ => Err("it takes no value".to_owned()),
    }
}

/// Text with macros.
pub(super) fn plain_text(value: &[u8]) -> Result<Text, String> {
    text(value, Unknown::Refuse).map_err(|fault| fault.message)
}

fn small(value: &[u8], first: u64, last: u64) -> Result<u8, String> {
    Ok(u8::try_from(number_between(value, first, last)?).unwrap_or_default())
}

fn severity(value: &[u8]) -> Result<u8, String> {
    if value.first().is_some_and(u8::is_ascii_digit) { small(value, 0, 7) } else { choice(value, SEVERITIES) }
}

fn rules_to_skip(value: &[u8]) -> Result<u32, String> {
    match u32::try_from(number(value)?) {
        Ok(0) => Err("no rule is skipped".to_owned()),
        Ok(rules) => Ok(rules),
        Err(_) => Err(format!("`{}` is too large", shown(value))),
    }
}

fn transformation(value: &[u8]) -> Result<Action, String> {
    let name = String::from_utf8_lossy(value);
    if name.eq_ignore_ascii_case("none") {
        return Ok(Action::NoTransformation);
    }
    Transformation::from_name(&name).map(Action::Transformation).ok_or_else(|| {
        let near = did_you_mean(&name, Transformation::ALL.iter().map(|known| known.name()));
        format!("unknown transformation `{}`{near}", shown(value))
    })
}

const PHASES: &[(&str, Phase)] = &[
    ("1", Phase::RequestHeaders),
    ("2", Phase::RequestBody),
    ("3", Phase::ResponseHeaders),
    ("4", Phase::ResponseBody),
    ("5", Phase::Logging),
    ("request", Phase::RequestBody),
    ("response", Phase::ResponseBody),
    ("logging", Phase::Logging),
];

const SEVERITIES: &[(&str, u8)] = &[
    ("EMERGENCY", 0),
    ("ALERT", 1),
    ("CRITICAL", 2),
    ("ERROR", 3),
    ("WARNING", 4),
    ("NOTICE", 5),
    ("INFO", 6),
    ("DEBUG", 7),
];

const NOT_REWRITTEN: &str = "responses are not rewritten; remove it";

/// One line for each.
const ACTIONS: &[(&str, Kind)] = &[
    ("accuracy", Kind::Accuracy),
    ("allow", Kind::Allow),
    ("append", Kind::Refused(NOT_REWRITTEN)),
    ("auditlog", Kind::AuditLog),
    ("block", Kind::Block),
    ("capture", Kind::Capture),
    ("chain", Kind::Chain),
    ("ctl", Kind::Control),
    ("deny", Kind::Deny),
    ("deprecatevar", Kind::DeprecateVar),
    ("drop", Kind::Drop),
    ("exec", Kind::Refused("no program is run from rules; let the caller act on the match")),
    ("expirevar", Kind::ExpireVar),
    ("id", Kind::Id),
    ("initcol", Kind::InitCol),
    ("log", Kind::Log),
    ("logdata", Kind::LogData),
    ("maturity", Kind::Maturity),
    ("msg", Kind::Message),
    ("multiMatch", Kind::MultiMatch),
    ("noauditlog", Kind::NoAuditLog),
    ("nolog", Kind::NoLog),
    ("pass", Kind::Pass),
    ("pause", Kind::Refused("waiting holds resources for the attacker; limit the rate instead")),
    ("phase", Kind::Phase),
    ("prepend", Kind::Refused(NOT_REWRITTEN)),
    ("proxy", Kind::Refused("the upstream is for the route to say; use deny or redirect")),
    ("redirect", Kind::Redirect),
    ("rev", Kind::Revision),
    ("sanitiseArg", Kind::SanitiseArg),
    ("sanitiseMatched", Kind::SanitiseMatched),
    ("sanitiseMatchedBytes", Kind::SanitiseMatchedBytes),
    ("sanitiseRequestHeader", Kind::SanitiseRequestHeader),
    ("sanitiseResponseHeader", Kind::SanitiseResponseHeader),
    ("sanitizeArg", Kind::SanitiseArg),
    ("sanitizeMatched", Kind::SanitiseMatched),
    ("sanitizeMatchedBytes", Kind::SanitiseMatchedBytes),
    ("sanitizeRequestHeader", Kind::SanitiseRequestHeader),
    ("sanitizeResponseHeader", Kind::SanitiseResponseHeader),
    ("setenv", Kind::SetEnv),
    ("setrsc", Kind::SetResource),
    ("setsid", Kind::SetSession),
    ("setuid", Kind::SetUser),
    ("setvar", Kind::SetVar),
    ("severity", Kind::Severity),
    ("skip", Kind::Skip),
    ("skipAfter", Kind::SkipAfter),
    ("status", Kind::Status),
    ("t", Kind::Transformation),
    ("tag", Kind::Tag),
    ("ver", Kind::Version),
    ("xmlns", Kind::Refused("XML:/* and XML://@* need no name spaces; remove it")),
];
