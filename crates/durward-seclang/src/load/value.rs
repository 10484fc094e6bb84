//! Values of directives and actions: numbers, switches, numbers of rules.

use crate::ast::{EngineMode, IdRange, LimitAction, RuleId};
use crate::syntax::{did_you_mean, shown};

/// One of the words of a table, in any case.
pub(super) fn choice<T: Copy>(raw: &[u8], known: &[(&'static str, T)]) -> Result<T, String> {
    let raw = raw.trim_ascii();
    let found = known.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(raw));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let near = did_you_mean(&String::from_utf8_lossy(raw), known.iter().map(|(name, _)| *name));
        if !near.is_empty() {
            return format!("unknown value `{}`{near}", shown(raw));
        }
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        format!("unknown value `{}`, known are {}", shown(raw), names.join(", "))
    })
}

/// `On` or `Off`.
pub(super) fn switch(raw: &[u8]) -> Result<bool, String> {
    choice(raw, &[("On", true), ("Off", false)])
}

/// A value of `SecRuleEngine`.
pub(super) fn engine_mode(raw: &[u8]) -> Result<EngineMode, String> {
    choice(raw, &[("On", EngineMode::On), ("Off", EngineMode::Off), ("DetectionOnly", EngineMode::DetectionOnly)])
}

/// A value of `SecAuditEngine`.
pub(super) fn audit_mode(raw: &[u8]) -> Result<EngineMode, String> {
    choice(raw, &[("On", EngineMode::On), ("Off", EngineMode::Off), ("RelevantOnly", EngineMode::DetectionOnly)])
}

/// A value of `SecRequestBodyLimitAction` and its like.
pub(super) fn limit_action(raw: &[u8]) -> Result<LimitAction, String> {
    choice(raw, &[("Reject", LimitAction::Reject), ("ProcessPartial", LimitAction::ProcessPartial)])
}

/// A number in decimal digits.
pub(super) fn number(raw: &[u8]) -> Result<u64, String> {
    let text = std::str::from_utf8(raw.trim_ascii()).ok();
    let digits = text.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| format!("`{}` is not a number", shown(raw)))
}

/// A number between two others.
pub(super) fn number_between(raw: &[u8], first: u64, last: u64) -> Result<u64, String> {
    let number = number(raw)?;
    if (first..=last).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{number} is not between {first} and {last}"))
    }
}

/// The number of a rule.
pub(super) fn rule_id(raw: &[u8]) -> Result<RuleId, String> {
    match number(raw)? {
        0 => Err("a rule cannot have the number 0".to_owned()),
        id => Ok(RuleId(id)),
    }
}

/// `7` or `7-9`.
pub(super) fn id_range(raw: &[u8]) -> Result<IdRange, String> {
    let raw = raw.trim_ascii();
    let dash = raw.iter().position(|byte| *byte == b'-');
    let Some((first, last)) = dash.and_then(|dash| Some((raw.get(..dash)?, raw.get(dash + 1..)?))) else {
        let id = rule_id(raw)?;
        return Ok(IdRange { first: id, last: id });
    };
    let (first, last) = (rule_id(first)?, rule_id(last)?);
    if first <= last {
        Ok(IdRange { first, last })
    } else {
        Err(format!("the range {}-{} is empty: the smaller number comes first", first.0, last.0))
    }
}

/// Text that must be UTF-8.
pub(super) fn utf8(raw: &[u8]) -> Result<Box<str>, String> {
    std::str::from_utf8(raw).map(Box::from).map_err(|_| format!("`{}` is not UTF-8", shown(raw)))
}

/// The parts around the first byte of a kind.
pub(super) fn split_at_byte(raw: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, raw)?;
    Some((raw.get(..at)?, raw.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let range = |first, last| Ok(IdRange { first: RuleId(first), last: RuleId(last) });
        assert_eq!(id_range(b"7"), range(7, 7));
        assert_eq!(id_range(b" 7 - 9 "), range(7, 9));
        assert_eq!(id_range(b"9-7"), Err("the range 9-7 is empty: the smaller number comes first".to_owned()));
        assert_eq!(id_range(b"x"), Err("`x` is not a number".to_owned()));
        assert_eq!(id_range(b"-7"), Err("`` is not a number".to_owned()));
        assert_eq!(id_range(b"0"), Err("a rule cannot have the number 0".to_owned()));
        assert_eq!(id_range(b"99999999999999999999"), Err("`99999999999999999999` is not a number".to_owned()));
    }

    #[test]
    fn switches() {
        assert_eq!(switch(b"on"), Ok(true));
        assert_eq!(switch(b"Of"), Err("unknown value `Of`, did you mean `Off`?".to_owned()));
        assert_eq!(engine_mode(b"Maybe"), Err("unknown value `Maybe`, known are On, Off, DetectionOnly".to_owned()));
    }
}
