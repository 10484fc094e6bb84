//! The operator of a rule: `@name argument`, `!@name argument`, or a pattern alone.

use super::{Fault, did_you_mean, shown};
use crate::operator::OperatorName;

/// An operator and its argument as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawOperator<'t> {
    /// Whether `!` stands before it.
    pub negated: bool,
    /// Which.
    pub name: OperatorName,
    /// The argument.
    pub argument: &'t [u8],
    /// Where the argument begins.
    pub at: usize,
}

/// Reads an operator.
pub(crate) fn operator(text: &[u8]) -> Result<RawOperator<'_>, Fault> {
    let start = text.trim_ascii_start();
    let (negated, body) = start.strip_prefix(b"!").map_or((false, start), |rest| (true, rest.trim_ascii_start()));
    let offset = |rest: &[u8]| text.len().saturating_sub(rest.len());
    let Some(named) = body.strip_prefix(b"@") else {
        return Ok(RawOperator { negated, name: OperatorName::Rx, argument: body, at: offset(body) });
    };
    let end = named.iter().position(u8::is_ascii_whitespace).unwrap_or(named.len());
    let (name, argument) = named.split_at_checked(end).unwrap_or((named, b""));
    let argument = argument.trim_ascii_start();
    let known = std::str::from_utf8(name).ok().and_then(OperatorName::from_name);
    known.map(|name| RawOperator { negated, name, argument, at: offset(argument) }).ok_or_else(|| {
        let near = did_you_mean(&String::from_utf8_lossy(name), OperatorName::ALL.iter().map(|it| it.name()));
        Fault::new(offset(named), format!("unknown operator `@{}`{near}", shown(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators() {
        let cases = [
            ("@rx ^a b$", false, OperatorName::Rx, "^a b$"),
            ("!@rx x", true, OperatorName::Rx, "x"),
            ("! @streq 0", true, OperatorName::StrEq, "0"),
            ("^(?:a|b)$", false, OperatorName::Rx, "^(?:a|b)$"),
            ("!^a", true, OperatorName::Rx, "^a"),
            ("@PMF x.data", false, OperatorName::PmFromFile, "x.data"),
            ("@detectSQLi", false, OperatorName::DetectSqli, ""),
            (" @eq  0", false, OperatorName::Eq, "0"),
            ("", false, OperatorName::Rx, ""),
            ("@rx a ", false, OperatorName::Rx, "a "),
        ];
        for (text, negated, name, argument) in cases {
            let found = operator(text.as_bytes()).unwrap();
            assert_eq!((found.negated, found.name, found.argument), (negated, name, argument.as_bytes()), "{text}");
            assert_eq!(text.as_bytes().get(found.at..), Some(argument.as_bytes()), "{text}");
        }
    }

    #[test]
    fn unknown_operators() {
        let cases = [
            ("@", 1, "unknown operator `@`"),
            ("!@rxx a", 2, "unknown operator `@rxx`, did you mean `rx`?"),
            ("@contain x", 1, "unknown operator `@contain`, did you mean `contains`?"),
        ];
        for (text, at, message) in cases {
            assert_eq!(operator(text.as_bytes()), Err(Fault::new(at, message)), "{text}");
        }
    }
}
