//! `ctl`: what a rule may change for the rest of its transaction.

use super::value::{audit_mode, choice, engine_mode, id_range, number, number_between, split_at_byte, switch, utf8};
use crate::ast::{Control, Processor, Role, Target};
use crate::syntax::{did_you_mean, shown, target_list};

/// Reads `name=value`.
pub(super) fn control(raw: &[u8]) -> Result<Control, String> {
    let (name, value) =
        split_at_byte(raw, b'=').ok_or_else(|| format!("`{}` is not written as name=value", shown(raw)))?;
    let found = OPTIONS.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name.trim_ascii()));
    let Some((known, option)) = found else {
        let near = did_you_mean(&String::from_utf8_lossy(name), OPTIONS.iter().map(|(known, _)| *known));
        return Err(format!("unknown option `{}`{near}", shown(name)));
    };
    parse(*option, value).map_err(|message| format!("{known}: {message}"))
}

#[derive(Debug, Clone, Copy)]
enum Choice {
    AuditEngine,
    AuditLogParts,
    DebugLogLevel,
    ForceRequestBody,
    RequestBodyAccess,
    RequestBodyLimit,
    RequestBodyProcessor,
    ResponseBodyAccess,
    ResponseBodyLimit,
    RuleEngine,
    RemoveById,
    RemoveByTag,
    RemoveByMessage,
    RemoveTargetById,
    RemoveTargetByTag,
    RemoveTargetByMessage,
    Refused(&'static str),
}

fn parse(option: Choice, value: &[u8]) -> Result<Control, String> {
    Ok(match option {
        Choice::AuditEngine => Control::AuditEngine(audit_mode(value)?),
        Choice::AuditLogParts => Control::AuditLogParts(audit_log_parts(value)?),
        Choice::DebugLogLevel => Control::DebugLogLevel(u8::try_from(number_between(value, 0, 9)?).unwrap_or_default()),
        Choice::ForceRequestBody => Control::ForceRequestBody(switch(value)?),
        Choice::RequestBodyAccess => Control::RequestBodyAccess(switch(value)?),
        Choice::RequestBodyLimit => Control::RequestBodyLimit(number(value)?),
        Choice::RequestBodyProcessor => Control::RequestBodyProcessor(choice(value, PROCESSORS)?),
        Choice::ResponseBodyAccess => Control::ResponseBodyAccess(switch(value)?),
        Choice::ResponseBodyLimit => Control::ResponseBodyLimit(number(value)?),
        Choice::RuleEngine => Control::RuleEngine(engine_mode(value)?),
        Choice::RemoveById => Control::RemoveById(id_range(value)?),
        Choice::RemoveByTag => Control::RemoveByTag(name(value)?),
        Choice::RemoveByMessage => Control::RemoveByMessage(name(value)?),
        Choice::RemoveTargetById => {
            let (rules, target) = rules_and_target(value)?;
            Control::RemoveTargetById(id_range(rules)?, target)
        }
        Choice::RemoveTargetByTag => {
            let (rules, target) = rules_and_target(value)?;
            Control::RemoveTargetByTag(name(rules)?, target)
        }
        Choice::RemoveTargetByMessage => {
            let (rules, target) = rules_and_target(value)?;
            Control::RemoveTargetByMessage(name(rules)?, target)
        }
        Choice::Refused(instead) => return Err(format!("is not done here: {instead}")),
    })
}

fn name(value: &[u8]) -> Result<Box<str>, String> {
    if value.is_empty() { Err("a name is missing".to_owned()) } else { utf8(value) }
}

/// The letters of `SecAuditLogParts`, with a sign in front if they change what there is.
fn audit_log_parts(value: &[u8]) -> Result<Box<str>, String> {
    let letters = value.strip_prefix(b"+").or_else(|| value.strip_prefix(b"-")).unwrap_or(value);
    if letters.is_empty() || !letters.iter().all(|letter| letter.to_ascii_uppercase().is_ascii_uppercase()) {
        return Err(format!("`{}` are not letters of parts", shown(value)));
    }
    utf8(value)
}

/// `rules;TARGET`.
fn rules_and_target(value: &[u8]) -> Result<(&[u8], Target), String> {
    let (rules, target) = split_at_byte(value, b';').ok_or("a target is missing: rules;TARGET")?;
    let targets = target_list(target).map_err(|fault| fault.message)?;
    match <[Target; 1]>::try_from(targets) {
        Ok([target]) if target.role == Role::Value => Ok((rules, target)),
        Ok(_) => Err(format!("`{}`: neither `!` nor `&` belongs before the target", shown(target))),
        Err(_) => Err(format!("`{}` is more than one target", shown(target))),
    }
}

const PROCESSORS: &[(&str, Processor)] = &[
    ("URLENCODED", Processor::UrlEncoded),
    ("MULTIPART", Processor::Multipart),
    ("JSON", Processor::Json),
    ("XML", Processor::Xml),
];

/// One line for each.
const OPTIONS: &[(&str, Choice)] = &[
    ("auditEngine", Choice::AuditEngine),
    ("auditLogParts", Choice::AuditLogParts),
    ("debugLogLevel", Choice::DebugLogLevel),
    ("forceRequestBodyVariable", Choice::ForceRequestBody),
    ("hashEnforcement", Choice::Refused("links are not signed; remove it")),
    ("hashEngine", Choice::Refused("links are not signed; remove it")),
    ("parseXmlIntoArgs", Choice::Refused("look at XML:/* and XML://@*; remove it")),
    ("requestBodyAccess", Choice::RequestBodyAccess),
    ("requestBodyLimit", Choice::RequestBodyLimit),
    ("requestBodyProcessor", Choice::RequestBodyProcessor),
    ("responseBodyAccess", Choice::ResponseBodyAccess),
    ("responseBodyLimit", Choice::ResponseBodyLimit),
    ("ruleEngine", Choice::RuleEngine),
    ("ruleRemoveById", Choice::RemoveById),
    ("ruleRemoveByMsg", Choice::RemoveByMessage),
    ("ruleRemoveByTag", Choice::RemoveByTag),
    ("ruleRemoveTargetById", Choice::RemoveTargetById),
    ("ruleRemoveTargetByMsg", Choice::RemoveTargetByMessage),
    ("ruleRemoveTargetByTag", Choice::RemoveTargetByTag),
];
