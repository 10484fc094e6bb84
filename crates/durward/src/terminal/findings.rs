//! Findings as a person can take them in: of many of one kind the first few in full, the rest by name.
//!
//! A contract of a thousand operations can say the same thing a thousand times; what differs is one name.

use std::collections::HashMap;

use durward_core::{Diagnostic, Severity};

/// How many findings to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The first of each kind, and the names of the others.
    Grouped,
    /// Every one.
    All,
}

/// The text of findings, in their order.
pub(crate) fn render(found: &[Diagnostic], color: bool, detail: Detail) -> String {
    let full = |one: &Diagnostic| one.render(color);
    if detail == Detail::All {
        return found.iter().map(full).collect::<Vec<_>>().join("\n\n");
    }
    let blocks = kinds(found).into_iter().map(|kind| match kind.split_at_checked(SHOWN) {
        // One more in full is as short as the words that there is one more.
        Some((first, rest)) if rest.len() > 1 => {
            let shown = first.iter().map(|one| full(one)).collect::<Vec<_>>().join("\n\n");
            format!("{shown}\n\n{}", more(rest))
        }
        _ => kind.iter().map(|one| full(one)).collect::<Vec<_>>().join("\n\n"),
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// `12 errors`, `1 warning`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Findings whose messages differ only in what is quoted in them, in the order of the first of each kind.
fn kinds(found: &[Diagnostic]) -> Vec<Vec<&Diagnostic>> {
    let mut kinds: Vec<Vec<&Diagnostic>> = Vec::new();
    let mut places = HashMap::new();
    for one in found {
        let kind = (one.severity() == Severity::Error, one.place().map(|(file, _)| file), kind(one.message()));
        let at = *places.entry(kind).or_insert(kinds.len());
        match kinds.get_mut(at) {
            Some(kind) => kind.push(one),
            None => kinds.push(vec![one]),
        }
    }
    kinds
}

/// A message without the names and numbers in it.
fn kind(message: &str) -> String {
    let unquoted = message.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let unquoted = unquoted.split('"').step_by(2).collect::<Vec<_>>().join("\"");
    unquoted.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The names of the findings that are not shown, as many as fit into two lines.
fn more(rest: &[&Diagnostic]) -> String {
    let mut text = format!("  ... and {} more like this:", rest.len());
    let mut column = text.len();
    let mut lines = 1;
    for (at, name) in names(rest).iter().enumerate() {
        let separator = if at == 0 { " " } else { ", " };
        let width = separator.len() + name.chars().count();
        if column + width > WIDTH - 5 {
            if lines == LINES {
                text.push_str(", ...");
                break;
            }
            lines += 1;
            text.push_str(if at == 0 { "\n      " } else { ",\n      " });
            column = 6 + name.chars().count();
        } else {
            text.push_str(separator);
            column += width;
        }
        text.push_str(name);
    }
    text.push_str("\n      `durward check --all` shows each of them");
    text
}

/// What tells one finding from the next: the first name that is quoted in it, or else its line.
fn names(rest: &[&Diagnostic]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(rest.len());
    for one in rest {
        let quoted = one.message().split('`').nth(1).map(|name| format!("`{name}`"));
        let name = quoted.or_else(|| one.place().and_then(|(_, line)| line).map(|line| format!("line {line}")));
        names.extend(name.filter(|name| !names.contains(name) && name.len() < WIDTH / 2));
        if names.len() > MOST_NAMES {
            break;
        }
    }
    names
}

/// So many of a kind are shown in full.
const SHOWN: usize = 3;
const WIDTH: usize = 100;
const LINES: usize = 2;
/// More names than fit into the lines.
const MOST_NAMES: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(number: usize) -> Vec<Diagnostic> {
        (0..number).map(|n| Diagnostic::error(format!("operation `get{n}` has no rule: `app` is not there"))).collect()
    }

    #[test]
    fn many_of_one_kind_are_shown_as_a_few_and_a_number() {
        for (number, in_full, more) in [
            (1, 1, None),
            (3, 3, None),
            (4, 4, None),
            (5, 3, Some("... and 2 more like this: `get3`, `get4`\n")),
            (250, 3, Some("... and 247 more like this: `get3`, `get4`, ")),
        ] {
            let text = render(&findings(number), false, Detail::Grouped);
            assert_eq!(text.matches("error: operation").count(), in_full, "{number}:\n{text}");
            assert_eq!(text.contains("more like this"), more.is_some(), "{number}:\n{text}");
            assert!(more.is_none_or(|more| text.contains(more)), "{number}:\n{text}");
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH) && text.lines().count() < 12, "{text}");
        }
        let all = render(&findings(250), false, Detail::All);
        assert_eq!(all.matches("error: operation").count(), 250);
    }

    #[test]
    fn kinds_are_not_mixed_and_keep_their_order() {
        let mut all = findings(9);
        all.insert(1, Diagnostic::warning("the format `x` is not known"));
        all.push(Diagnostic::error("another"));
        let text = render(&all, false, Detail::Grouped);
        let at = |part: &str| text.find(part).unwrap();
        assert!(at("get0") < at("6 more") && at("6 more") < at("format `x`") && at("format") < at("another"), "{text}");
    }

    #[test]
    fn numbers_agree() {
        assert_eq!((count(1, "error"), count(0, "API")), ("1 error".to_owned(), "0 APIs".to_owned()));
    }
}
