//! Removals and updates of rules that stand elsewhere.

use super::action::{Action, Kind};
use super::directive::By;
use super::draft::{Draft, Entry};
use super::value::{id_range, split_at_byte, utf8};
use super::{Loader, one};
use std::fmt;

use crate::ast::{IdRange, Piece, Place, RuleId, Target, Text};
use crate::pattern::{Caches, Interner, Pattern};
use crate::syntax::{Fault, Word, shown, target_list};

/// Which rules are meant.
#[derive(Debug)]
pub(super) enum Selection {
    Ids(Vec<IdRange>),
    Tag(Wording),
    Message(Wording),
}

/// A text that tags or messages are compared with: it is equal, or, if it is a pattern, it is found in them.
///
/// libmodsecurity compares, ModSecurity 2 searches; plain words mean the same rules in both only when they are compared
/// (`attack-sql` must not remove what has the tag `attack-sqli`).
#[derive(Debug)]
pub(super) struct Wording {
    text: Box<str>,
    pattern: Option<std::sync::Arc<Pattern>>,
}

/// What is done to the rules.
#[derive(Debug)]
pub(super) enum Edit {
    Remove(Selection),
    Targets { rules: Selection, link: usize, targets: Vec<Target>, replaced: Vec<Target> },
    Actions { rules: Selection, link: usize, actions: Vec<Action> },
}

impl Selection {
    fn has(&self, rule: &Draft, caches: &mut Caches) -> bool {
        match self {
            Self::Ids(ranges) => ranges.iter().any(|range| range.first <= rule.id && rule.id <= range.last),
            Self::Tag(wording) => rule.tags().any(|tag| wording.fits(tag, caches)),
            Self::Message(wording) => rule.messages().any(|message| wording.fits(message, caches)),
        }
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ids(ranges) => {
                f.write_str("the number ")?;
                for (at, IdRange { first, last }) in ranges.iter().enumerate() {
                    let separator = if at == 0 { "" } else { ", " };
                    if first == last {
                        write!(f, "{separator}{}", first.0)?
                    } else {
                        write!(f, "{separator}{}-{}", first.0, last.0)?
                    }
                }
                Ok(())
            }
            Self::Tag(wording) => write!(f, "the tag `{}`", shown(wording.text.as_bytes())),
            Self::Message(wording) => write!(f, "the message `{}`", shown(wording.text.as_bytes())),
        }
    }
}

impl Wording {
    fn new(raw: &[u8]) -> Result<Self, String> {
        let text = utf8(raw)?;
        if text.is_empty() {
            return Err("a text is missing".to_owned());
        }
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-./:,&'\"#@%<>=;".contains(&byte));
        let pattern = if plain { None } else { Interner::default().pattern(raw).map(Some)? };
        Ok(Self { text, pattern })
    }

    fn fits(&self, text: &Text, caches: &mut Caches) -> bool {
        let text = literal(text);
        text == self.text.as_bytes() || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&text, caches))
    }
}

/// The text without its macros, which have no value yet.
fn literal(text: &Text) -> Vec<u8> {
    let pieces = text.pieces.iter().map(|piece| match piece {
        Piece::Literal(literal) => &**literal,
        Piece::Macro(..) => &[],
    });
    pieces.collect::<Vec<_>>().concat()
}

/// Does one edit, and says which rules it took away, and where they stood. The error says that no rule is meant by it.
pub(super) fn apply(entries: &mut Vec<Entry>, edit: Edit) -> Result<Vec<(RuleId, Place)>, String> {
    // Patterns of wordings are not those of the rules: each edit has its own working memory.
    let mut caches = Caches::default();
    let mut fits = false;
    match edit {
        Edit::Remove(selection) => {
            let mut gone = Vec::new();
            entries.retain(|entry| match entry {
                Entry::Rule(rule) if selection.has(rule, &mut caches) => {
                    gone.extend(rule.links.first().map(|link| (rule.id, link.place.clone())));
                    false
                }
                Entry::Rule(_) | Entry::Marker(_) => true,
            });
            if gone.is_empty() { Err(format!("no rule has {selection}: nothing is removed")) } else { Ok(gone) }
        }
        Edit::Targets { rules, link, targets, replaced } => {
            for rule in drafts(entries).filter(|rule| rules.has(rule, &mut caches)) {
                if let Some(condition) = rule.links.get_mut(link).and_then(|link| link.condition.as_mut()) {
                    condition.targets.retain(|target| !replaced.contains(target));
                    condition.targets.extend_from_slice(&targets);
                    fits = true;
                }
            }
            if fits { Ok(Vec::new()) } else { Err(format!("no condition has {rules}: no target is changed")) }
        }
        Edit::Actions { rules, link, actions } => {
            for rule in drafts(entries).filter(|rule| rules.has(rule, &mut caches)) {
                if let Some(link) = rule.links.get_mut(link) {
                    link.actions.extend_from_slice(&actions);
                    fits = true;
                }
            }
            if fits { Ok(Vec::new()) } else { Err(format!("no rule has {rules}: no action is changed")) }
        }
    }
}

fn drafts(entries: &mut [Entry]) -> impl Iterator<Item = &mut Draft> {
    entries.iter_mut().filter_map(|entry| match entry {
        Entry::Rule(rule) => Some(&mut **rule),
        Entry::Marker(_) => None,
    })
}

/// `SecRuleRemoveById 1 2-5 "6,7"`, `SecRuleRemoveByTag TAG`, `SecRuleRemoveByMsg MESSAGE`.
pub(super) fn remove(by: By, arguments: &[Word<'_>]) -> Result<Edit, Fault> {
    if by != By::Id {
        return selection(by, one(arguments)?).map(Edit::Remove);
    }
    if arguments.is_empty() {
        return Err(Fault::new(0, "a number is missing"));
    }
    let mut ranges = Vec::new();
    for word in arguments {
        ranges.extend(ids(word)?);
    }
    Ok(Edit::Remove(Selection::Ids(ranges)))
}

fn selection(by: By, word: &Word<'_>) -> Result<Selection, Fault> {
    let wording = || Wording::new(&word.text()).map_err(|message| Fault::new(word.at, message));
    match by {
        By::Id => ids(word).map(Selection::Ids),
        By::Tag => wording().map(Selection::Tag),
        By::Message => wording().map(Selection::Message),
    }
}

/// Numbers and ranges, which commas or white space separate.
fn ids(word: &Word<'_>) -> Result<Vec<IdRange>, Fault> {
    let parts = word.raw.split(|byte| *byte == b',' || byte.is_ascii_whitespace()).filter(|part| !part.is_empty());
    let ranges: Result<Vec<_>, _> = parts.map(id_range).collect();
    match ranges {
        Ok(ranges) if ranges.is_empty() => Err(Fault::new(word.at, "a number is missing")),
        ranges => ranges.map_err(|message| Fault::new(word.at, message)),
    }
}

/// `7`, or `7:2` for the second link that is chained to rule 7.
fn id_and_link<'w>(word: &Word<'w>) -> Result<(&'w [u8], usize), Fault> {
    let Some((id, link)) = split_at_byte(word.raw, b':') else {
        return Ok((word.raw, 0));
    };
    let number = super::value::number_between(link, 0, 999).map_err(|message| Fault::new(word.at, message))?;
    Ok((id, usize::try_from(number).unwrap_or_default()))
}

/// `SecRuleUpdateTargetById 7 "!ARGS:a,ARGS:b" ["ARGS"]`: the second list is replaced by the first.
pub(super) fn update_targets(by: By, arguments: &[Word<'_>]) -> Result<Edit, Fault> {
    let (rules, targets, replaced) = match arguments {
        [rules, targets] => (rules, targets, None),
        [rules, targets, replaced] => (rules, targets, Some(replaced)),
        _ => return Err(Fault::new(0, "rules and targets are needed")),
    };
    let list =
        |word: &Word<'_>| target_list(&word.text()).map_err(|fault| Fault::new(word.origin(fault.at), fault.message));
    let (rules, link) = if by == By::Id {
        let (raw, link) = id_and_link(rules)?;
        (Word { raw, ..*rules }, link)
    } else {
        (*rules, 0)
    };
    Ok(Edit::Targets {
        rules: selection(by, &rules)?,
        link,
        targets: list(targets)?,
        replaced: replaced.map(list).transpose()?.unwrap_or_default(),
    })
}

impl Loader<'_> {
    /// `SecRuleUpdateActionById 7:2 "ACTIONS"`.
    pub(super) fn update_action(
        &mut self,
        site: &super::source::Site<'_>,
        arguments: &[Word<'_>],
    ) -> Result<(), Fault> {
        let [rule, list] = arguments else {
            return Err(Fault::new(0, "a number and actions are needed"));
        };
        let (raw, link) = id_and_link(rule)?;
        let rules = Selection::Ids(ids(&Word { raw, ..*rule })?);
        let actions = self.actions(site, Some(list));
        let fixed = |kind: Kind| !kind.is_for_updates() || (link > 0 && kind.is_for_head_only());
        if let Some((kind, _)) = actions.list.iter().find(|(kind, _)| fixed(*kind)) {
            return Err(Fault::new(
                list.at,
                format!("`{}` of rule {} cannot be changed", kind.name(), shown(rule.raw)),
            ));
        }
        self.edits.push((site.place(0), Edit::Actions { rules, link, actions: actions.into_list() }));
        Ok(())
    }
}
