//! Actions that change variables: `setvar`, `expirevar`, `initcol` and their like.

use super::action::plain_text;
use super::value::{number, split_at_byte, utf8};
use crate::ast::{Change, Effect, Piece, Role, Selector, Target, Text, Variable};
use crate::syntax::{did_you_mean, is_written_by_rules, shown};

/// The collections that rules write to.
fn writable() -> impl Iterator<Item = Variable> {
    Variable::ALL.iter().copied().filter(|variable| is_written_by_rules(*variable))
}

fn collection(raw: &[u8]) -> Result<Variable, String> {
    let name = String::from_utf8_lossy(raw.trim_ascii());
    let known = Variable::from_name(&name).filter(|variable| is_written_by_rules(*variable));
    known.ok_or_else(|| {
        let near = did_you_mean(&name, writable().map(Variable::name));
        format!("`{}` is not a collection that rules write to{near}", shown(raw))
    })
}

/// `collection.key`: the key in lower case, since these collections do not tell upper from lower case.
fn member(raw: &[u8]) -> Result<(Variable, Text), String> {
    let dot = raw.iter().position(|byte| matches!(byte, b'.' | b':'));
    let parts = dot.and_then(|dot| Some((raw.get(..dot)?, raw.get(dot + 1..)?)));
    let (name, key) = parts.ok_or_else(|| format!("`{}` is not written as collection.key", shown(raw)))?;
    let variable = collection(name)?;
    if key.is_empty() {
        return Err(format!("{} without a key", variable.name()));
    }
    let mut key = plain_text(key)?;
    for piece in &mut key.pieces {
        if let Piece::Literal(literal) = piece {
            literal.make_ascii_lowercase();
        }
    }
    Ok((variable, key))
}

/// The parts around the first `=` that stands in no macro.
fn split_at_equals(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut inside = false;
    let mut before = 0;
    for (at, byte) in raw.iter().enumerate() {
        match byte {
            b'{' if before == b'%' => inside = true,
            b'}' => inside = false,
            b'=' if !inside => return Some((raw.get(..at)?, raw.get(at + 1..)?)),
            _ => {}
        }
        before = *byte;
    }
    None
}

/// `setvar:tx.key=value`, `=+value`, `=-value`, `tx.key` (which is 1 then), `!tx.key`.
pub(super) fn set(raw: &[u8]) -> Result<Effect, String> {
    if let Some(removed) = raw.strip_prefix(b"!") {
        let (collection, key) = member(removed)?;
        return Ok(Effect::Set { collection, key, change: Change::Remove });
    }
    let Some((name, value)) = split_at_equals(raw) else {
        let (collection, key) = member(raw)?;
        let one = Text { pieces: vec![Piece::Literal(Box::from(*b"1"))] };
        return Ok(Effect::Set { collection, key, change: Change::Assign(one) });
    };
    let (collection, key) = member(name)?;
    let change = match value.split_first() {
        Some((b'+', amount)) => Change::Add(amount_of(amount)?),
        Some((b'-', amount)) => Change::Subtract(amount_of(amount)?),
        Some((b'\'', _)) => return Err("quotes belong around the whole: setvar:'..'".to_owned()),
        _ => Change::Assign(plain_text(value)?),
    };
    Ok(Effect::Set { collection, key, change })
}

fn amount_of(raw: &[u8]) -> Result<Text, String> {
    let amount = plain_text(raw)?;
    let is_number = |literal: &[u8]| !literal.is_empty() && literal.iter().all(u8::is_ascii_digit);
    match amount.pieces.as_slice() {
        [] => Err("a number is missing after the sign".to_owned()),
        [Piece::Literal(literal)] if !is_number(literal) => Err(format!("`{}` is not a number", shown(literal))),
        _ => Ok(amount),
    }
}

/// `expirevar:collection.key=seconds`.
pub(super) fn expire(raw: &[u8]) -> Result<Effect, String> {
    let (name, seconds) = split_at_equals(raw).ok_or("seconds are missing: collection.key=seconds")?;
    let (collection, key) = member(name)?;
    Ok(Effect::Expire { collection, key, seconds: amount_of(seconds)? })
}

/// `deprecatevar:collection.key=amount/seconds`.
pub(super) fn deprecate(raw: &[u8]) -> Result<Effect, String> {
    const SHAPE: &str = "it is written as collection.key=amount/seconds";
    let (name, rate) = split_at_equals(raw).ok_or(SHAPE)?;
    let (amount, seconds) = split_at_byte(rate, b'/').ok_or(SHAPE)?;
    let (collection, key) = member(name)?;
    let (amount, seconds) = (number(amount)?, number(seconds)?);
    if seconds == 0 {
        return Err("the seconds are 0".to_owned());
    }
    Ok(Effect::Deprecate { collection, key, amount, seconds })
}

/// `initcol:collection=key`.
pub(super) fn init(raw: &[u8]) -> Result<Effect, String> {
    let (name, key) = split_at_equals(raw).ok_or("a key is missing: collection=key")?;
    match collection(name)? {
        Variable::Tx => Err("TX belongs to the transaction and needs no initcol".to_owned()),
        collection => init_as(collection, key),
    }
}

/// `setsid:key` and its like.
pub(super) fn init_as(collection: Variable, key: &[u8]) -> Result<Effect, String> {
    let key = plain_text(key)?;
    if key.pieces.is_empty() { Err("a key is missing".to_owned()) } else { Ok(Effect::Init { collection, key }) }
}

/// `setenv:NAME=value`.
pub(super) fn set_env(raw: &[u8]) -> Result<Effect, String> {
    let (name, value) = split_at_equals(raw).ok_or("a value is missing: NAME=value")?;
    Ok(Effect::SetEnv { name: plain_text(name)?, value: plain_text(value)? })
}

/// `sanitiseArg:name` and its like.
pub(super) fn sanitise(variable: Variable, raw: &[u8]) -> Result<Effect, String> {
    if raw.is_empty() {
        return Err("a name is missing".to_owned());
    }
    Ok(Effect::Sanitise(Target { role: Role::Value, variable, selector: Selector::Key(utf8(raw)?) }))
}

/// `sanitiseMatched`: what the rule matched.
pub(super) const fn sanitise_matched() -> Effect {
    Effect::Sanitise(Target { role: Role::Value, variable: Variable::MatchedVars, selector: Selector::All })
}

/// `sanitiseMatchedBytes:1/4`: how many bytes may be shown. Here none are, which shows less and is safe.
pub(super) fn sanitise_matched_bytes(raw: &[u8]) -> Result<Effect, String> {
    let (first, last) = split_at_byte(raw, b'/').ok_or("it is written as first/last")?;
    number(first)?;
    number(last)?;
    Ok(sanitise_matched())
}
