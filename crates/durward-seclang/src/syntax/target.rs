//! The targets of a rule: `ARGS|!ARGS:token|&TX:'/^a|b$/'`.

use super::macros::fold_key;
use super::{Fault, did_you_mean, find_unescaped, shown, skip_blank, unescape};
use crate::ast::{Role, Selector, Target, Variable};

/// Reads targets, which `|` or `,` separates.
pub(crate) fn target_list(text: &[u8]) -> Result<Vec<Target>, Fault> {
    let mut targets = Vec::new();
    let mut at = 0;
    loop {
        let (target, end) = target(text, at)?;
        targets.push(target);
        match text.get(end) {
            None => return Ok(targets),
            Some(b'|' | b',') => at = end + 1,
            Some(_) => {
                let rest = text.get(end..).unwrap_or_default();
                return Err(Fault::new(end, format!("`|` is missing before `{}`", shown(rest))));
            }
        }
    }
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'|' | b',')
}

/// One target and where it ends.
fn target(text: &[u8], from: usize) -> Result<(Target, usize), Fault> {
    let mut at = skip_blank(text, from);
    let role = match text.get(at) {
        Some(b'!') => Role::Exclude,
        Some(b'&') => Role::Count,
        _ => Role::Value,
    };
    if role != Role::Value {
        at = skip_blank(text, at + 1);
    }
    // libmodsecurity also takes a point for the colon, and no name has one.
    let ends_name = |byte: u8| matches!(byte, b':' | b'.') || is_separator(byte);
    let name_end = text.iter().enumerate().skip(at).find(|(_, byte)| ends_name(**byte));
    let name_end = name_end.map_or(text.len(), |(end, _)| end);
    let name = text.get(at..name_end).unwrap_or_default().trim_ascii();
    if name.is_empty() {
        return Err(Fault::new(at, "a target is missing"));
    }
    let variable = variable(name).map_err(|message| Fault::new(at, message))?;
    if text.get(name_end).is_none_or(|byte| is_separator(*byte)) {
        return Ok((Target { role, variable, selector: Selector::All }, name_end));
    }
    if !variable.is_collection() {
        return Err(Fault::new(name_end, format!("{} has no members, but one is chosen", variable.name())));
    }
    let (selector, end) = selector(text, name_end + 1, variable)?;
    Ok((Target { role, variable, selector }, skip_blank(text, end)))
}

/// The variable of a name.
pub(super) fn variable(name: &[u8]) -> Result<Variable, String> {
    let name = String::from_utf8_lossy(name);
    if let Some(variable) = Variable::from_name(&name) {
        return Ok(variable);
    }
    if name.eq_ignore_ascii_case("MULTIPART_SEMICOLON_MISSING") {
        return Ok(Variable::MultipartMissingSemicolon);
    }
    if let Some((_, instead)) = NOT_HERE.iter().find(|(not_here, _)| not_here.eq_ignore_ascii_case(&name)) {
        return Err(format!("{name} does not exist here: {instead}"));
    }
    let near = did_you_mean(&name, Variable::ALL.iter().map(|variable| variable.name()));
    Err(format!("unknown variable `{}`{near}", shown(name.as_bytes())))
}

/// What stands after the colon, and where it ends.
fn selector(text: &[u8], from: usize, variable: Variable) -> Result<(Selector, usize), Fault> {
    let rest = text.get(from..).unwrap_or_default();
    if rest.first() == Some(&b'\'') {
        let end = find_unescaped(text, from + 1, b'\'')
            .ok_or_else(|| Fault::new(from, "the key that ' begins does not end"))?;
        let raw = unescape(text.get(from + 1..end).unwrap_or_default(), b'\'');
        let pattern = raw.strip_prefix(b"/").and_then(|raw| raw.strip_suffix(b"/"));
        let selector = match pattern {
            Some(pattern) if variable != Variable::Xml => Selector::Pattern(utf8(pattern, from)?),
            _ => key(&raw, from, variable)?,
        };
        return Ok((selector, end + 1));
    }
    if rest.first() == Some(&b'/') && variable != Variable::Xml {
        let end = pattern_end(text, from + 1).ok_or_else(|| {
            Fault::new(from, format!("the pattern `{}` does not end in `/`: write it as '/../'", shown(rest)))
        })?;
        return Ok((Selector::Pattern(utf8(text.get(from + 1..end).unwrap_or_default(), from)?), end + 1));
    }
    let end = from + rest.iter().position(|byte| is_separator(*byte)).unwrap_or(rest.len());
    Ok((key(text.get(from..end).unwrap_or_default().trim_ascii(), from, variable)?, end))
}

/// The slash that ends a pattern without quotes: one that is not escaped, with a separator or nothing after it.
fn pattern_end(text: &[u8], from: usize) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate().skip(from) {
        if escaped {
            escaped = false;
        } else if *byte == b'\\' {
            escaped = true;
        } else if *byte == b'/' && text.get(at + 1).is_none_or(|next| is_separator(*next) || next.is_ascii_whitespace())
        {
            return Some(at);
        }
    }
    None
}

fn key(raw: &[u8], at: usize, variable: Variable) -> Result<Selector, Fault> {
    if raw.is_empty() {
        return Err(Fault::new(at, format!("{} without a key after `:`", variable.name())));
    }
    let raw = utf8(raw, at)?;
    if variable != Variable::Xml {
        return Ok(Selector::Key(fold_key(variable, &raw)));
    }
    if XPATHS.contains(&&*raw) {
        return Ok(Selector::XPath(raw));
    }
    let raw = shown(raw.as_bytes());
    Err(Fault::new(
        at,
        format!(
            "XPath `{raw}` is not one that is looked up here: only `/*` (all text), `//text()` (each text) \
             and `//@*` (all attributes) are"
        ),
    ))
}

fn utf8(raw: &[u8], at: usize) -> Result<Box<str>, Fault> {
    std::str::from_utf8(raw).map(Box::from).map_err(|_| Fault::new(at, "a key that is not UTF-8"))
}

/// The XPath expressions that have a meaning.
const XPATHS: &[&str] = &["/*", "//text()", "//@*"];

/// Variables of older engines, and what there is instead.
const NOT_HERE: &[(&str, &str)] = &[
    ("MSC_PCRE_ERROR", "patterns run in linear time and cannot fail"),
    ("PERF_ALL", "costs are in the metrics"),
    ("PERF_COMBINED", "costs are in the metrics"),
    ("PERF_GC", "costs are in the metrics"),
    ("PERF_LOGGING", "costs are in the metrics"),
    ("PERF_PHASE1", "costs are in the metrics"),
    ("PERF_PHASE2", "costs are in the metrics"),
    ("PERF_PHASE3", "costs are in the metrics"),
    ("PERF_PHASE4", "costs are in the metrics"),
    ("PERF_PHASE5", "costs are in the metrics"),
    ("PERF_RULES", "costs are in the metrics"),
    ("PERF_SREAD", "costs are in the metrics"),
    ("PERF_SWRITE", "costs are in the metrics"),
    ("SCRIPT_BASENAME", "a gateway runs no scripts; look at REQUEST_BASENAME"),
    ("SCRIPT_FILENAME", "a gateway runs no scripts; look at REQUEST_FILENAME"),
    ("SCRIPT_GID", "a gateway runs no scripts"),
    ("SCRIPT_GROUPNAME", "a gateway runs no scripts"),
    ("SCRIPT_MODE", "a gateway runs no scripts"),
    ("SCRIPT_UID", "a gateway runs no scripts"),
    ("SCRIPT_USERNAME", "a gateway runs no scripts"),
    ("SDBM_DELETE_ERROR", "collections are not kept in SDBM files"),
    ("STATUS", "look at RESPONSE_STATUS"),
    ("STREAM_INPUT_BODY", "look at REQUEST_BODY"),
    ("STREAM_OUTPUT_BODY", "look at RESPONSE_BODY"),
    ("USERAGENT_IP", "look at REMOTE_ADDR"),
    ("WEBSERVER_ERROR_LOG", "there is no error log of a web server"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn target(role: Role, variable: Variable, selector: Selector) -> Target {
        Target { role, variable, selector }
    }

    fn key(key: &str) -> Selector {
        Selector::Key(key.into())
    }

    fn pattern(pattern: &str) -> Selector {
        Selector::Pattern(pattern.into())
    }

    #[test]
    fn targets() {
        use Role::{Count, Exclude, Value};
        use Variable as V;
        let cases: [(&str, Vec<Target>); 15] = [
            ("ARGS", vec![target(Value, V::Args, Selector::All)]),
            ("args|!ARGS:Token", vec![target(Value, V::Args, Selector::All), target(Exclude, V::Args, key("Token"))]),
            (
                "ARGS , !ARGS:a b ,!ARGS:c",
                vec![
                    target(Value, V::Args, Selector::All),
                    target(Exclude, V::Args, key("a b")),
                    target(Exclude, V::Args, key("c")),
                ],
            ),
            (r"&TX:'/LEAKAGE\\\/ERRORS/'", vec![target(Count, V::Tx, pattern(r"LEAKAGE\\\/ERRORS"))]),
            ("REQUEST_COOKIES:/__utm/", vec![target(Value, V::RequestCookies, pattern("__utm"))]),
            (
                "!REQUEST_COOKIES:/^_ga(?:_\\w+)?$/",
                vec![target(Exclude, V::RequestCookies, pattern(r"^_ga(?:_\w+)?$"))],
            ),
            ("ARGS:/a|b,c/|TX:1", vec![target(Value, V::Args, pattern("a|b,c")), target(Value, V::Tx, key("1"))]),
            (
                "ARGS:'/a|b/'|ARGS:'it\\'s'",
                vec![target(Value, V::Args, pattern("a|b")), target(Value, V::Args, key("it's"))],
            ),
            ("REQUEST_HEADERS:X.Filename", vec![target(Value, V::RequestHeaders, key("X.Filename"))]),
            (
                "XML:/*|XML://@*",
                vec![
                    target(Value, V::Xml, Selector::XPath("/*".into())),
                    target(Value, V::Xml, Selector::XPath("//@*".into())),
                ],
            ),
            ("TX:EXECUTING_PARANOIA_LEVEL", vec![target(Value, V::Tx, key("executing_paranoia_level"))]),
            ("tx.A|ARGS:a.b", vec![target(Value, V::Tx, key("a")), target(Value, V::Args, key("a.b"))]),
            ("ARGS:a:b", vec![target(Value, V::Args, key("a:b"))]),
            ("ARGS:/a\\/b/", vec![target(Value, V::Args, pattern("a\\/b"))]),
            ("ARGS:/a/b/", vec![target(Value, V::Args, pattern("a/b"))]),
        ];
        for (text, expected) in cases {
            assert_eq!(target_list(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn broken_targets() {
        let cases: [(&[u8], usize, &str); 12] = [
            (b"", 0, "a target is missing"),
            (b"ARGS|", 5, "a target is missing"),
            (b"ARGS||TX", 5, "a target is missing"),
            (b"ARGZ", 0, "unknown variable `ARGZ`, did you mean `ARGS`?"),
            (b"ARGS|!REQUEST_HEADER:a", 6, "unknown variable `REQUEST_HEADER`, did you mean `REQUEST_HEADERS`?"),
            (b"STREAM_INPUT_BODY", 0, "STREAM_INPUT_BODY does not exist here: look at REQUEST_BODY"),
            (b"REQUEST_METHOD:x", 14, "REQUEST_METHOD has no members, but one is chosen"),
            (b"ARGS:", 5, "ARGS without a key after `:`"),
            (b"ARGS:/abc", 5, "the pattern `/abc` does not end in `/`: write it as '/../'"),
            (b"ARGS:'abc", 5, "the key that ' begins does not end"),
            (b"ARGS:'a'b", 8, "`|` is missing before `b`"),
            (b"ARGS:a\xff", 5, "a key that is not UTF-8"),
        ];
        for (text, at, message) in cases {
            assert_eq!(target_list(text), Err(Fault::new(at, message)), "{}", shown(text));
        }
    }
}
