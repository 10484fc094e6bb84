//! The list of actions of a rule: `name`, `name:value` or `name:'value'`, separated by commas.

use std::borrow::Cow;

use super::{Fault, find_unescaped, shown, skip_blank, unescape};

/// An action as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawAction<'t> {
    /// The name.
    pub name: &'t [u8],
    /// What stands after the colon, without the quotes around it.
    pub value: Option<Cow<'t, [u8]>>,
    /// Where the name begins.
    pub at: usize,
}

/// Reads actions until the end; nothing at all is no action. A fault ends the reading, since what follows cannot be told apart any more.
pub(crate) fn actions(text: &[u8]) -> Result<Vec<RawAction<'_>>, Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    if text.trim_ascii().is_empty() {
        return Ok(found);
    }
    loop {
        at = skip_blank(text, at);
        let start = at;
        let name_end =
            text.iter().enumerate().skip(at).find(|(_, byte)| matches!(byte, b':' | b',')).map(|(end, _)| end);
        let name = text.get(start..name_end.unwrap_or(text.len())).unwrap_or_default().trim_ascii();
        if name.is_empty() {
            return Err(Fault::new(start, "an action is missing at a comma"));
        }
        if name.iter().any(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"')) {
            return Err(Fault::new(start, format!("`{}` is no action: is a comma missing?", shown(name))));
        }
        let Some(name_end) = name_end else {
            found.push(RawAction { name, value: None, at: start });
            return Ok(found);
        };
        let (value, end) = if text.get(name_end) == Some(&b':') {
            let (value, end) = value(text, skip_blank(text, name_end + 1))?;
            (Some(value), skip_blank(text, end))
        } else {
            (None, name_end)
        };
        found.push(RawAction { name, value, at: start });
        match text.get(end) {
            None => return Ok(found),
            Some(b',') => at = end + 1,
            Some(_) => {
                let rest = text.get(end..).unwrap_or_default();
                return Err(Fault::new(end, format!("a comma is missing before `{}`", shown(rest))));
            }
        }
    }
}

/// A value and where it ends.
fn value(text: &[u8], from: usize) -> Result<(Cow<'_, [u8]>, usize), Fault> {
    if text.get(from) == Some(&b'\'') {
        let end = find_unescaped(text, from + 1, b'\'')
            .ok_or_else(|| Fault::new(from, "the value that ' begins does not end"))?;
        let raw = text.get(from + 1..end).unwrap_or_default();
        let value = if raw.contains(&b'\'') { Cow::Owned(unescape(raw, b'\'')) } else { Cow::Borrowed(raw) };
        return Ok((value, end + 1));
    }
    let mut at = from;
    let mut before = 0;
    while let Some(byte) = text.get(at) {
        if *byte == b',' || byte.is_ascii_whitespace() {
            break;
        }
        // A quoted key inside of a value: `ctl:ruleRemoveTargetById=1;ARGS:'/a,b/'`.
        let closing = (*byte == b'\'' && before == b':').then(|| find_unescaped(text, at + 1, b'\'')).flatten();
        at = closing.unwrap_or(at) + 1;
        before = *byte;
    }
    Ok((Cow::Borrowed(text.get(from..at).unwrap_or_default()), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_actions() {
        let cases: [(&str, &[(&str, Option<&str>)]); 10] = [
            (" ", &[]),
            ("pass", &[("pass", None)]),
            ("id:1,phase:2 , pass", &[("id", Some("1")), ("phase", Some("2")), ("pass", None)]),
            ("id:'200000',t:none", &[("id", Some("200000")), ("t", Some("none"))]),
            ("msg:'a, b: c',deny", &[("msg", Some("a, b: c")), ("deny", None)]),
            (r"msg:'it\'s \\' , deny", &[("msg", Some(r"it's \\")), ("deny", None)]),
            ("setvar:tx.a=b:c", &[("setvar", Some("tx.a=b:c"))]),
            ("ctl:x=1;ARGS:'/a,b/',log", &[("ctl", Some("x=1;ARGS:'/a,b/'")), ("log", None)]),
            ("id: 7", &[("id", Some("7"))]),
            ("tag:''", &[("tag", Some(""))]),
        ];
        for (text, expected) in cases {
            let found = actions(text.as_bytes()).unwrap();
            let found: Vec<_> = found
                .iter()
                .map(|it| {
                    (
                        std::str::from_utf8(it.name).unwrap(),
                        it.value.as_deref().map(|it| std::str::from_utf8(it).unwrap()),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn broken_lists() {
        let cases = [
            ("id:1,", 5, "an action is missing at a comma"),
            ("id:1,,pass", 5, "an action is missing at a comma"),
            ("msg:'a", 4, "the value that ' begins does not end"),
            ("id:1 phase:2", 5, "a comma is missing before `phase:2`"),
            ("msg:'a'b,pass", 7, "a comma is missing before `b,pass`"),
            ("pass deny", 0, "`pass deny` is no action: is a comma missing?"),
        ];
        for (text, at, message) in cases {
            assert_eq!(actions(text.as_bytes()), Err(Fault::new(at, message)), "{text}");
        }
    }
}
