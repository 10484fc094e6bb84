//! PCRE text to the syntax of `regex-syntax`.
//!
//! The two languages look alike and differ in what they take for granted. What is different is spelled out here, so that
//! nothing is left to chance: a class becomes the set of its bytes (no nested classes, no `&&`), every byte that is not
//! plain ASCII becomes `\xHH`, a `{` that begins no quantifier is a character, white space of `(?x)` is dropped.
//!
//! PCRE runs as `ModSecurity` 2 runs it: bytes, not code points; `.` matches every byte; `^` and `$` match at the very
//! start and at the very end only.
//!
//! What no linear-time engine can do (look-around, back-references, atomic groups, possessive quantifiers, `\K`) is left
//! standing in [`Translated::exact`], and left out or loosened in [`Translated::linear`], which then matches wherever the
//! pattern matches, and elsewhere too.

mod class;
mod escape;

use std::collections::HashMap;
use std::fmt::Write as _;

/// The outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Translated {
    /// For the linear engine. Without `exact` it is the pattern itself, else it matches more.
    pub linear: String,
    /// For the backtracking engine, when it is needed.
    pub exact: Option<String>,
    /// How many groups capture.
    pub groups: usize,
}

/// Translates. The error says what cannot be had.
pub(super) fn translate(source: &[u8]) -> Result<Translated, String> {
    let mut translator = Translator {
        input: Cursor { rest: source },
        linear: String::with_capacity(source.len()),
        exact: String::with_capacity(source.len()),
        needs_exact: false,
        hidden: 0,
        frames: Vec::new(),
        extended: false,
        groups: 0,
        total_groups: count_groups(source),
        names: HashMap::new(),
    };
    translator.run()?;
    let Translator { linear, exact, needs_exact, groups, .. } = translator;
    Ok(Translated { linear, exact: needs_exact.then_some(exact), groups })
}

/// What is left to read.
#[derive(Debug, Clone, Copy)]
struct Cursor<'s> {
    rest: &'s [u8],
}

impl<'s> Cursor<'s> {
    const fn peek(&self) -> Option<u8> {
        match self.rest {
            [first, ..] => Some(*first),
            [] => None,
        }
    }

    const fn next(&mut self) -> Option<u8> {
        match self.rest {
            [first, rest @ ..] => {
                self.rest = rest;
                Some(*first)
            }
            [] => None,
        }
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Everything up to `end`, which is eaten too.
    fn until(&mut self, end: u8) -> Option<&'s [u8]> {
        let at = memchr::memchr(end, self.rest)?;
        let (text, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest.split_first()?.1;
        Some(text)
    }

    fn take_while(&mut self, most: usize, keep: impl Fn(u8) -> bool) -> &'s [u8] {
        let length = self.rest.iter().take(most).take_while(|byte| keep(**byte)).count();
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        text
    }
}

/// What holds inside of a group and ends with it.
struct Frame {
    extended: bool,
    /// Whether the group is a look-around: the linear text does not have it.
    hides: bool,
}

struct Translator<'s> {
    input: Cursor<'s>,
    linear: String,
    exact: String,
    needs_exact: bool,
    /// In how many look-arounds the position is.
    hidden: usize,
    frames: Vec<Frame>,
    extended: bool,
    groups: usize,
    total_groups: usize,
    names: HashMap<Vec<u8>, usize>,
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(byte) = self.input.next() {
            match byte {
                b'\\' => self.escape()?,
                b'[' => self.class()?,
                b'(' => self.open()?,
                b')' => self.close()?,
                b'*' | b'+' | b'?' => self.quantifier(char::from(byte).encode_utf8(&mut [0; 4])),
                b'{' => match self.counted() {
                    Some(text) => self.quantifier(&text),
                    None => self.literal(b'{'),
                },
                b'.' | b'^' | b'$' | b'|' => self.emit(char::from(byte).encode_utf8(&mut [0; 4])),
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c if self.extended => {}
                b'#' if self.extended => {
                    let _ = self.input.until(b'\n').or_else(|| Some(std::mem::take(&mut self.input.rest)));
                }
                byte => self.literal(byte),
            }
        }
        if self.frames.is_empty() { Ok(()) } else { Err("a group is not closed".to_owned()) }
    }

    /// Writes to both texts.
    fn emit(&mut self, text: &str) {
        self.exact.push_str(text);
        if self.hidden == 0 {
            self.linear.push_str(text);
        }
    }

    /// Writes what the linear engine does not have, and what stands for it there.
    fn emit_exact(&mut self, exact: &str, linear: &str) {
        self.needs_exact = true;
        self.exact.push_str(exact);
        if self.hidden == 0 {
            self.linear.push_str(linear);
        }
    }

    fn literal(&mut self, byte: u8) {
        let mut text = String::new();
        push_literal(&mut text, byte);
        self.emit(&text);
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}`; anything else after `{` is text.
    fn counted(&mut self) -> Option<String> {
        let mut ahead = self.input;
        let number = |cursor: &mut Cursor<'_>| {
            let digits = cursor.take_while(6, |byte| byte.is_ascii_digit());
            std::str::from_utf8(digits).ok().map(str::to_owned)
        };
        let mut text = format!("{{{}", number(&mut ahead).filter(|digits| !digits.is_empty())?);
        if ahead.eat(b",") {
            text.push(',');
            text.push_str(&number(&mut ahead)?);
        }
        if !ahead.eat(b"}") {
            return None;
        }
        text.push('}');
        self.input = ahead;
        Some(text)
    }

    /// A quantifier and the `?` or `+` behind it. A possessive one takes all it can and gives nothing back.
    fn quantifier(&mut self, text: &str) {
        if self.input.eat(b"+") {
            let exact = format!("{text}+");
            self.emit_exact(&exact, text);
        } else {
            self.emit(text);
            if self.input.eat(b"?") {
                self.emit("?");
            }
        }
    }

    fn open(&mut self) -> Result<(), String> {
        if self.input.peek() == Some(b'*') {
            return self.verb();
        }
        if !self.input.eat(b"?") {
            self.capture();
            return Ok(());
        }
        if self.input.eat(b"#") {
            return self.input.until(b')').map(drop).ok_or_else(|| "a comment is not closed".to_owned());
        }
        for look in [&b"="[..], b"!", b"<=", b"<!"] {
            if self.input.eat(look) {
                let look = String::from_utf8_lossy(look).into_owned();
                self.emit_exact(&format!("(?{look}"), "(?:");
                self.push(true);
                return Ok(());
            }
        }
        if self.input.eat(b">") {
            self.emit_exact("(?>", "(?:");
            self.push(false);
            return Ok(());
        }
        if self.input.eat(b"P=") {
            let name = self.input.until(b')').ok_or("a back-reference is not closed")?;
            return self.refer_to_name(name);
        }
        let end = match () {
            () if self.input.eat(b"P<") || self.input.eat(b"<") => b'>',
            () if self.input.eat(b"'") => b'\'',
            () => return self.flags(),
        };
        let name = self.input.until(end).ok_or("the name of a group is not closed")?;
        self.capture();
        self.names.insert(name.to_vec(), self.groups);
        Ok(())
    }

    fn capture(&mut self) {
        self.groups = self.groups.saturating_add(1);
        self.emit("(");
        self.push(false);
    }

    fn push(&mut self, hides: bool) {
        self.hidden += usize::from(hides);
        self.frames.push(Frame { extended: self.extended, hides });
    }

    fn close(&mut self) -> Result<(), String> {
        let frame = self.frames.pop().ok_or("`)` closes nothing")?;
        self.extended = frame.extended;
        self.hidden = self.hidden.saturating_sub(usize::from(frame.hides));
        self.emit(")");
        Ok(())
    }

    /// `(?flags)` and `(?flags:`.
    fn flags(&mut self) -> Result<(), String> {
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negative, mut extended) = (false, self.extended);
        loop {
            let byte = self.input.next().ok_or("a group is not closed")?;
            match byte {
                b')' | b':' => {
                    let minus = if off.is_empty() { "" } else { "-" };
                    let scoped = byte == b':';
                    if scoped || !(on.is_empty() && off.is_empty()) {
                        self.emit(&format!("(?{on}{minus}{off}{}", char::from(byte)));
                    }
                    if scoped {
                        self.push(false);
                    }
                    self.extended = extended;
                    return Ok(());
                }
                b'-' if !negative => negative = true,
                b'x' => extended = !negative,
                b'i' | b'm' | b's' | b'U' => if negative { &mut off } else { &mut on }.push(char::from(byte)),
                b'J' | b'X' => {}
                b'R' | b'0'..=b'9' | b'+' | b'&' | b'P' => {
                    return Err("recursion cannot be had in linear time".to_owned());
                }
                b'|' => return Err("`(?|` is not supported".to_owned()),
                b'(' => return Err("conditional groups are not supported".to_owned()),
                _ => return Err(format!("`(?{}` begins no group that is known", byte.escape_ascii())),
            }
        }
    }

    /// `(*VERB)`: limits and newline conventions mean nothing here; the others would change what matches.
    fn verb(&mut self) -> Result<(), String> {
        let verb = self.input.until(b')').ok_or("a verb is not closed")?.strip_prefix(b"*").unwrap_or_default();
        let harmless = [&b"LIMIT_"[..], b"NO_", b"LF", b"CR", b"ANY", b"BSR_"];
        if harmless.iter().any(|prefix| verb.starts_with(prefix)) {
            return Ok(());
        }
        Err(format!("`(*{})` is not supported", verb.escape_ascii()))
    }

    fn refer_to_name(&mut self, name: &[u8]) -> Result<(), String> {
        let group = self.names.get(name).copied();
        self.refer_to(group.ok_or_else(|| format!("no group is named `{}`", name.escape_ascii()))?)
    }

    /// A back-reference: what the linear engine puts in its place is anything at all.
    fn refer_to(&mut self, group: usize) -> Result<(), String> {
        if group == 0 || group > self.total_groups {
            return Err(format!("there is no group {group}"));
        }
        self.emit_exact(&format!("(?:\\{group})"), "(?s:.*)");
        Ok(())
    }
}

/// How many groups of a pattern capture: more than there are when brackets stand in classes, never fewer.
fn count_groups(source: &[u8]) -> usize {
    memchr::memchr_iter(b'(', source).count()
}

/// A byte that stands for itself.
fn push_literal(text: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b' ' | b'_' | b'"' | b'\'' | b'/' | b',' | b';' | b':' | b'=' | b'<' | b'>' | b'%' | b'!' | b'@' | b'`'
        )
    {
        text.push(char::from(byte));
    } else if byte.is_ascii_punctuation() {
        text.push('\\');
        text.push(char::from(byte));
    } else {
        let _ = write!(text, "\\x{byte:02X}");
    }
}
