//! Text in which `%{..}` stands for values.

use super::Fault;
use super::target::variable;
use crate::ast::{Piece, Text, Variable};

/// What a `%{..}` is that names no variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// An error.
    Refuse,
    /// The text itself: in a pattern, `%{2}` is two percent signs.
    Literal,
}

/// Reads text with macros.
pub(crate) fn text(raw: &[u8], unknown: Unknown) -> Result<Text, Fault> {
    let mut pieces = Vec::new();
    let mut literal = Vec::new();
    let mut at = 0;
    while let Some(start) = raw.get(at..).and_then(|rest| memchr::memmem::find(rest, b"%{")).map(|found| at + found) {
        literal.extend_from_slice(raw.get(at..start).unwrap_or_default());
        let inside = start + 2;
        let window = raw.get(inside..raw.len().min(inside + LONGEST_MACRO)).unwrap_or_default();
        let end = memchr::memchr(b'}', window).map(|length| inside + length);
        let parsed = end.map_or_else(
            || Err(Fault::new(start, "a macro that `%{` begins does not end")),
            |end| expression(raw.get(inside..end).unwrap_or_default()).map_err(|fault| fault.shifted(inside)),
        );
        match (parsed, end) {
            (Ok(piece), Some(end)) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal).into_boxed_slice()));
                }
                pieces.push(piece);
                at = end + 1;
            }
            (Err(fault), _) if unknown == Unknown::Refuse => return Err(fault),
            _ => {
                literal.extend_from_slice(b"%{");
                at = inside;
            }
        }
    }
    literal.extend_from_slice(raw.get(at..).unwrap_or_default());
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal.into_boxed_slice()));
    }
    Ok(Text { pieces })
}

/// What stands between the braces: `VARIABLE`, `VARIABLE.key` or `VARIABLE:key`.
fn expression(raw: &[u8]) -> Result<Piece, Fault> {
    let expression = std::str::from_utf8(raw).map_err(|_| Fault::new(0, "a macro that is not UTF-8"))?;
    let (name, key) = expression.split_once(['.', ':']).map_or((expression, None), |(name, key)| (name, Some(key)));
    let variable = variable(name.as_bytes()).map_err(|message| Fault::new(0, format!("a macro: {message}")))?;
    match key {
        None => Ok(Piece::Macro(variable, None)),
        Some("") => Err(Fault::new(0, format!("a macro of {} without a key", variable.name()))),
        Some(_) if !variable.is_collection() => {
            Err(Fault::new(0, format!("{} has no members, but a macro names one", variable.name())))
        }
        Some(key) => Ok(Piece::Macro(variable, Some(fold_key(variable, key)))),
    }
}

/// The key as it is looked up: those of the collections that rules write do not tell upper from lower case.
pub(crate) fn fold_key(variable: Variable, key: &str) -> Box<str> {
    if is_written_by_rules(variable) { key.to_ascii_lowercase().into() } else { key.into() }
}

/// Whether `setvar` can write to it.
pub(crate) const fn is_written_by_rules(variable: Variable) -> bool {
    matches!(
        variable,
        Variable::Tx | Variable::Ip | Variable::Global | Variable::Session | Variable::User | Variable::Resource
    )
}

/// Longer ones are not looked for, so that many openings without an end cost no more than reading them once.
const LONGEST_MACRO: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.as_bytes().into())
    }

    #[test]
    fn macros_are_found() {
        let tx = |key: &str| Piece::Macro(Variable::Tx, Some(key.into()));
        let cases: [(&str, &[Piece]); 9] = [
            ("", &[]),
            ("plain", &[literal("plain")]),
            ("100% {x}", &[literal("100% {x}")]),
            ("%{tx.Score}", &[tx("score")]),
            ("%{TX:0}", &[tx("0")]),
            (
                "a%{MATCHED_VAR}b%{tx.a.b}",
                &[literal("a"), Piece::Macro(Variable::MatchedVar, None), literal("b"), tx("a.b")],
            ),
            ("%{rule.id}%{tx.1}", &[Piece::Macro(Variable::RuleFields, Some("id".into())), tx("1")]),
            ("%%{tx.1}%", &[literal("%"), tx("1"), literal("%")]),
            ("%{ARGS.Name}", &[Piece::Macro(Variable::Args, Some("Name".into()))]),
        ];
        for (raw, pieces) in cases {
            assert_eq!(text(raw.as_bytes(), Unknown::Refuse), Ok(Text { pieces: pieces.to_vec() }), "{raw}");
        }
    }

    #[test]
    fn broken_macros() {
        let cases = [
            ("a%{tx.1", 1, "a macro that `%{` begins does not end"),
            ("a%{}", 3, "a macro: unknown variable ``"),
            ("%{MATCHED_VARX}", 2, "a macro: unknown variable `MATCHED_VARX`, did you mean `MATCHED_VAR`?"),
            ("%{PERF_ALL}", 2, "a macro: PERF_ALL does not exist here: costs are in the metrics"),
            ("%{tx.}", 2, "a macro of TX without a key"),
            ("%{REMOTE_ADDR.x}", 2, "REMOTE_ADDR has no members, but a macro names one"),
        ];
        for (raw, at, message) in cases {
            assert_eq!(text(raw.as_bytes(), Unknown::Refuse), Err(Fault::new(at, message)), "{raw}");
            assert_eq!(text(raw.as_bytes(), Unknown::Literal), Ok(Text { pieces: vec![literal(raw)] }), "{raw}");
        }
    }
}
