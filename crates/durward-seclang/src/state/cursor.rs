//! Going through the values of a target, one after the other.
//!
//! A [`Cursor`] does not hold on to the state: between two values the rule may change it. Members that are added meanwhile
//! are not visited.

use std::ops::ControlFlow;

use super::selection::{Choice, Selected, homes};
use super::template::{Part, RuleField, RuleFields, Template};
use super::tx::Member;
use super::value::{Handle, NONE, ValueRef};
use super::{Buffer, State};
use crate::ast::{Phase, Variable};

/// A way through the values of a target.
#[derive(Debug)]
pub struct Cursor<'t> {
    selected: &'t Selected,
    way: Way,
    /// Whether exempt values are left out.
    looks: bool,
    buffer: Buffer,
}

/// Where to go on.
#[derive(Debug, Clone, Copy)]
enum Way {
    Begin,
    /// A stored value, and the homes after its own.
    Stored(u32, &'static [Variable]),
    /// A position, and where the positions end.
    Position(u32, u32),
    End,
}

/// How the values of a variable are had.
enum Class {
    /// Stored; any number.
    Stored,
    /// Stored; one, and empty if it has not arrived.
    One,
    Computed,
    Tx,
    Members,
    Matched,
    Rule,
}

impl<'t> Cursor<'t> {
    /// Before the first value of a target.
    #[must_use]
    pub fn new(selected: &'t Selected) -> Self {
        Self { selected, way: Way::Begin, looks: false, buffer: Buffer::new() }
    }

    /// Before the first value of a target that a rule looks at: those that are exempt are left out.
    #[must_use]
    pub fn looking(selected: &'t Selected) -> Self {
        Self { looks: true, ..Self::new(selected) }
    }
}

impl State {
    /// The next value of a target. `rule` is what `RULE` stands for.
    pub fn next<'a>(&'a self, cursor: &'a mut Cursor<'_>, rule: &RuleFields) -> Option<ValueRef<'a>> {
        let variable = cursor.selected.variable;
        match class(variable) {
            Class::Stored => self.next_stored(cursor),
            Class::One => self.only_stored(cursor),
            Class::Computed => {
                if !matches!(std::mem::replace(&mut cursor.way, Way::End), Way::Begin) {
                    return None;
                }
                cursor.buffer.clear();
                self.compute(variable, &mut cursor.buffer).then_some(ValueRef {
                    variable,
                    name: &[],
                    value: &cursor.buffer,
                    handle: Handle::Computed,
                })
            }
            Class::Tx => self.next_tx(cursor),
            Class::Members => self.next_member(cursor),
            Class::Matched => self.next_matched(cursor),
            Class::Rule => self.next_rule_field(cursor, rule),
        }
    }

    /// Looks at all values of a target, until `look` says that it is enough. The state cannot change meanwhile; where it
    /// must, a [`Cursor`] is used.
    pub fn visit(
        &self,
        selected: &Selected,
        rule: &RuleFields,
        look: &mut dyn FnMut(ValueRef<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut cursor = Cursor::new(selected);
        while let Some(value) = self.next(&mut cursor, rule) {
            look(value)?;
        }
        ControlFlow::Continue(())
    }

    /// How many values a target has that none of the exclusions covers.
    #[must_use]
    pub fn count(&self, selected: &Selected, excluded: &[Selected], rule: &RuleFields) -> usize {
        let mut cursor = Cursor::new(selected);
        let mut count = 0;
        while let Some(value) = self.next(&mut cursor, rule) {
            count += usize::from(!excluded.iter().any(|it| it.covers(&value)));
        }
        count
    }

    /// Appends a template with its macros replaced by the first value that each names, or by nothing.
    pub fn expand(&self, template: &Template, rule: &RuleFields, out: &mut Vec<u8>) {
        for part in &template.parts {
            match part {
                Part::Literal(bytes) => out.extend_from_slice(bytes),
                Part::Tx(key) => {
                    if let Some(value) = self.tx.get(*key, &mut Buffer::new()) {
                        out.extend_from_slice(value);
                    }
                }
                Part::Variable(selected) => {
                    if let Some(value) = self.next(&mut Cursor::new(selected), rule) {
                        out.extend_from_slice(value.value);
                    }
                }
            }
        }
    }

    /// Writes out the full name and the value of a handle.
    pub(super) fn describe(&self, variable: Variable, handle: Handle, name: &mut Vec<u8>, value: &mut Vec<u8>) {
        let mut buffer = Buffer::new();
        let (key, bytes): (&[u8], &[u8]) = match handle {
            Handle::Stored(index) => self.stored(index).map(|it| (it.name, it.value)).unwrap_or_default(),
            Handle::Tx(position) => {
                let member = self.tx.member_at(position);
                (self.member_name(member), self.tx.read(member, &mut buffer).unwrap_or_default())
            }
            Handle::Member(position) => self.collections.member(variable, position).unwrap_or_default(),
            Handle::Matched(index) => self.matched.value(variable, index).unwrap_or_default(),
            // What a field of the rule says is not needed for its name, and is given by whoever matched it.
            Handle::Rule(field) => (field.name(), &[]),
            Handle::Computed => {
                self.compute(variable, &mut buffer);
                (&[], &buffer)
            }
        };
        super::write_name(variable, key, name);
        value.extend_from_slice(bytes);
    }

    fn next_stored<'a>(&'a self, cursor: &mut Cursor<'_>) -> Option<ValueRef<'a>> {
        let variable = cursor.selected.variable;
        let (mut at, mut rest) = match cursor.way {
            Way::Begin => (NONE, homes(variable)),
            Way::Stored(at, rest) => (at, rest),
            Way::Position(..) | Way::End => return None,
        };
        loop {
            let Some(stored) = self.values.get(at) else {
                let Some((home, after)) = rest.split_first() else {
                    cursor.way = Way::End;
                    return None;
                };
                (at, rest) = (self.values.first(*home), after);
                continue;
            };
            let here = std::mem::replace(&mut at, stored.next);
            if !(cursor.looks && stored.exempt) && cursor.selected.selects(self.arena.get(stored.name)) {
                cursor.way = Way::Stored(at, rest);
                return Some(self.see(stored, variable, here));
            }
        }
    }

    fn only_stored<'a>(&'a self, cursor: &mut Cursor<'_>) -> Option<ValueRef<'a>> {
        if !matches!(std::mem::replace(&mut cursor.way, Way::End), Way::Begin) {
            return None;
        }
        let variable = cursor.selected.variable;
        let at = self.values.first(variable);
        Some(match self.values.get(at) {
            Some(stored) => self.see(stored, variable, at),
            None => ValueRef { variable, name: &[], value: &[], handle: Handle::Computed },
        })
    }

    fn next_tx<'a>(&'a self, cursor: &'a mut Cursor<'_>) -> Option<ValueRef<'a>> {
        let (mut at, end) = match (cursor.way, &cursor.selected.choice) {
            (Way::Begin, Choice::Slot(key)) => (key.0, key.0.saturating_add(1)),
            (Way::Begin, _) => (0, self.tx.positions()),
            (Way::Position(at, end), _) => (at, end),
            (Way::Stored(..) | Way::End, _) => return None,
        };
        while at < end {
            let here = at;
            at += 1;
            let member = match cursor.selected.choice {
                Choice::Slot(key) => Member::Key(key),
                _ => self.tx.member_at(here),
            };
            if !self.tx.has(member) {
                continue;
            }
            let name = self.member_name(member);
            if matches!(cursor.selected.choice, Choice::Slot(_)) || cursor.selected.selects(name) {
                cursor.way = Way::Position(at, end);
                let value = self.tx.read(member, &mut cursor.buffer)?;
                return Some(ValueRef { variable: Variable::Tx, name, value, handle: Handle::Tx(here) });
            }
        }
        cursor.way = Way::End;
        None
    }

    fn member_name(&self, member: Member) -> &[u8] {
        match member {
            Member::Key(key) => self.keys.name(key),
            Member::Extra(extra) => self.tx.extra_name(extra),
        }
    }

    fn next_member<'a>(&'a self, cursor: &mut Cursor<'_>) -> Option<ValueRef<'a>> {
        let variable = cursor.selected.variable;
        let (mut at, end) = match cursor.way {
            Way::Begin => (0, self.collections.positions(variable)),
            Way::Position(at, end) => (at, end),
            Way::Stored(..) | Way::End => return None,
        };
        while at < end {
            let here = at;
            at += 1;
            if let Some((name, value)) = self.collections.member(variable, here)
                && !self.collections.expired(variable, here, self.now)
                && cursor.selected.selects(name)
            {
                cursor.way = Way::Position(at, end);
                return Some(ValueRef { variable, name, value, handle: Handle::Member(here) });
            }
        }
        cursor.way = Way::End;
        None
    }

    fn next_matched<'a>(&'a self, cursor: &mut Cursor<'_>) -> Option<ValueRef<'a>> {
        let variable = cursor.selected.variable;
        let (mut at, end) = match cursor.way {
            Way::Begin => (0, self.matched.len()),
            Way::Position(at, end) => (at, end),
            Way::Stored(..) | Way::End => return None,
        };
        while at < end {
            let here = at;
            at += 1;
            if let Some((name, value)) = self.matched.value(variable, here)
                && cursor.selected.selects(name)
            {
                cursor.way = Way::Position(at, end);
                return Some(ValueRef { variable, name, value, handle: Handle::Matched(here) });
            }
        }
        cursor.way = Way::End;
        None
    }

    fn next_rule_field<'a>(&'a self, cursor: &'a mut Cursor<'_>, rule: &RuleFields) -> Option<ValueRef<'a>> {
        let mut at = match cursor.way {
            Way::Begin => 0,
            Way::Position(at, _) => at,
            Way::Stored(..) | Way::End => return None,
        };
        while let Some(field) = RuleField::ALL.get(at as usize) {
            at += 1;
            cursor.way = Way::Position(at, NONE);
            if cursor.selected.selects(field.name()) {
                cursor.buffer.clear();
                if self.rule_field(*field, rule, &mut cursor.buffer) {
                    return Some(ValueRef {
                        variable: Variable::RuleFields,
                        name: field.name(),
                        value: &cursor.buffer,
                        handle: Handle::Rule(*field),
                    });
                }
            }
        }
        cursor.way = Way::End;
        None
    }

    fn rule_field(&self, field: RuleField, rule: &RuleFields, out: &mut Buffer) -> bool {
        let template = match field {
            RuleField::Id => {
                super::number::write_unsigned(rule.id, out);
                return true;
            }
            RuleField::Revision => {
                out.extend_from_slice(rule.revision.as_deref().unwrap_or_default().as_bytes());
                return rule.revision.is_some();
            }
            RuleField::Severity => {
                super::number::write_unsigned(u64::from(rule.severity.unwrap_or_default()), out);
                return rule.severity.is_some();
            }
            RuleField::LogData => &rule.log_data,
            RuleField::Message => &rule.message,
        };
        let Some(template) = template else { return false };
        // A message that names itself does not go round: inside it `RULE` has no message and no log data.
        let plain = RuleFields { id: rule.id, revision: None, severity: rule.severity, message: None, log_data: None };
        let mut text = Vec::new();
        self.expand(template, &plain, &mut text);
        out.extend_from_slice(&text);
        true
    }
}

/// Whether the values of a variable are stored when they arrive and do not change afterwards.
#[must_use]
pub const fn is_stored(variable: Variable) -> bool {
    matches!(class(variable), Class::Stored | Class::One)
}

/// When the values of a variable arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Any number of them, in this phase.
    Phase(Phase),
    /// There is one, or rules set them.
    Other,
}

/// When the values of a variable arrive.
pub(crate) const fn arrival(variable: Variable) -> Arrival {
    use Variable as V;
    match variable {
        V::ArgsPost
        | V::ArgsPostNames
        | V::Files
        | V::FilesNames
        | V::FilesSizes
        | V::FilesTmpContent
        | V::FilesTmpNames
        | V::MultipartFilename
        | V::MultipartName
        | V::MultipartPartHeaders
        | V::Xml => Arrival::Phase(Phase::RequestBody),
        V::ResponseHeaders | V::ResponseHeadersNames => Arrival::Phase(Phase::ResponseHeaders),
        _ if matches!(class(variable), Class::Stored) => Arrival::Phase(Phase::RequestHeaders),
        _ => Arrival::Other,
    }
}

const fn class(variable: Variable) -> Class {
    use Variable as V;
    match variable {
        V::Args
        | V::ArgsGet
        | V::ArgsGetNames
        | V::ArgsNames
        | V::ArgsPost
        | V::ArgsPostNames
        | V::Files
        | V::FilesNames
        | V::FilesSizes
        | V::FilesTmpContent
        | V::FilesTmpNames
        | V::MultipartFilename
        | V::MultipartName
        | V::MultipartPartHeaders
        | V::RequestCookies
        | V::RequestCookiesNames
        | V::RequestHeaders
        | V::RequestHeadersNames
        | V::ResponseHeaders
        | V::ResponseHeadersNames
        | V::Xml => Class::Stored,
        V::AuthType
        | V::PathInfo
        | V::QueryString
        | V::RemoteAddr
        | V::RemoteHost
        | V::RemotePort
        | V::RequestBasename
        | V::RequestBody
        | V::RequestFilename
        | V::RequestLine
        | V::RequestMethod
        | V::RequestProtocol
        | V::RequestUri
        | V::RequestUriRaw
        | V::ResponseBody
        | V::ResponseContentLength
        | V::ResponseContentType
        | V::ResponseProtocol
        | V::ResponseStatus
        | V::ServerAddr
        | V::ServerName
        | V::ServerPort
        | V::StatusLine
        | V::UniqueId => Class::One,
        V::Tx => Class::Tx,
        V::Env | V::Geo | V::Global | V::Ip | V::Resource | V::Session | V::User => Class::Members,
        V::MatchedVars | V::MatchedVarsNames => Class::Matched,
        V::RuleFields => Class::Rule,
        V::ArgsCombinedSize
        | V::Duration
        | V::FilesCombinedSize
        | V::FullRequest
        | V::FullRequestLength
        | V::HighestSeverity
        | V::InboundDataError
        | V::MatchedVar
        | V::MatchedVarName
        | V::ModsecBuild
        | V::MscPcreLimitsExceeded
        | V::MultipartBoundaryQuoted
        | V::MultipartBoundaryWhitespace
        | V::MultipartCrlfLfLines
        | V::MultipartDataAfter
        | V::MultipartDataBefore
        | V::MultipartFileLimitExceeded
        | V::MultipartHeaderFolding
        | V::MultipartInvalidHeaderFolding
        | V::MultipartInvalidPart
        | V::MultipartInvalidQuoting
        | V::MultipartLfLine
        | V::MultipartMissingSemicolon
        | V::MultipartStrictError
        | V::MultipartUnmatchedBoundary
        | V::OutboundDataError
        | V::RemoteUser
        | V::ReqbodyError
        | V::ReqbodyErrorMsg
        | V::ReqbodyProcessor
        | V::ReqbodyProcessorError
        | V::ReqbodyProcessorErrorMsg
        | V::RequestBodyLength
        | V::SessionId
        | V::Time
        | V::TimeDay
        | V::TimeEpoch
        | V::TimeHour
        | V::TimeMin
        | V::TimeMon
        | V::TimeSec
        | V::TimeWday
        | V::TimeYear
        | V::UrlencodedError
        | V::UserId
        | V::WebAppId => Class::Computed,
    }
}
