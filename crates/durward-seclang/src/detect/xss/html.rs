//! From bytes to the tokens of a page, as browsers read them (HTML, section 13.2.5), the old ones among them: NUL counts
//! as a blank or as nothing, a backtick quotes a value, `<%` begins a comment.

/// Where in a page a value begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Between elements.
    Text,
    /// In a tag, where an attribute may begin.
    Tag,
    /// In the value of an attribute that this quote closes.
    Quoted(u8),
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Text.
    Text,
    /// The name of an element whose tag opens.
    TagName,
    /// `>`.
    TagEnd,
    /// `/>`.
    SelfClosingEnd,
    /// The name of an element whose tag closes it.
    EndTag,
    /// The name of an attribute.
    AttributeName,
    /// The value of an attribute.
    AttributeValue,
    /// A comment, or a declaration that browsers take for one.
    Comment,
    /// `<!DOCTYPE`.
    Doctype,
}

/// A token of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its bytes, without quotes and marks.
    pub text: &'a [u8],
}

/// Reads a value token by token.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    rest: &'a [u8],
    state: State,
    /// Whether the tag that is read closes an element.
    closing: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Text,
    TagOpen,
    EndTagOpen,
    TagName,
    TagEnd,
    BeforeAttribute,
    AttributeName,
    AfterAttributeName,
    BeforeValue,
    QuotedValue(u8),
    UnquotedValue,
    AfterQuotedValue,
    SelfClosing,
    Declaration,
    BogusComment,
    PercentComment,
    Comment,
    CharacterData,
    Doctype,
    Done,
}

/// What one state does.
enum Step<'a> {
    /// Goes on with another state.
    To(State),
    /// Gives a token and goes on.
    Token(Token<'a>, State),
    /// There is nothing more.
    End,
}

impl<'a> Lexer<'a> {
    /// At the beginning of a value.
    #[must_use]
    pub const fn new(value: &'a [u8], place: Place) -> Self {
        let state = match place {
            Place::Text => State::Text,
            Place::Tag => State::BeforeAttribute,
            Place::Quoted(quote) => State::QuotedValue(quote),
        };
        Self { rest: value, state, closing: false }
    }

    fn step(&mut self) -> Step<'a> {
        match self.state {
            State::Text => self.text(),
            State::TagOpen => self.tag_open(),
            State::EndTagOpen => self.end_tag_open(),
            State::TagName => self.tag_name(),
            State::TagEnd => self.mark(b">", TokenKind::TagEnd),
            State::BeforeAttribute => self.before_attribute(),
            State::AttributeName => self.attribute_name(),
            State::AfterAttributeName => self.after_attribute_name(),
            State::BeforeValue => self.before_value(),
            State::QuotedValue(quote) => {
                let end = memchr::memchr(quote, self.rest);
                self.until(end, 1, TokenKind::AttributeValue, State::AfterQuotedValue)
            }
            State::UnquotedValue => self.unquoted_value(),
            State::AfterQuotedValue => self.after_quoted_value(),
            State::SelfClosing => self.self_closing(),
            State::Declaration => self.declaration(),
            State::BogusComment => {
                let end = memchr::memchr(b'>', self.rest);
                self.until(end, 1, TokenKind::Comment, State::Text)
            }
            State::PercentComment => {
                let end = memchr::memmem::find(self.rest, b"%>");
                self.until(end, 2, TokenKind::Comment, State::Text)
            }
            State::Comment => self.comment(),
            State::CharacterData => {
                let end = memchr::memmem::find(self.rest, b"]]>");
                self.until(end, 3, TokenKind::Text, State::Text)
            }
            State::Doctype => {
                let end = memchr::memchr(b'>', self.rest);
                self.until(end, 1, TokenKind::Doctype, State::Text)
            }
            State::Done => Step::End,
        }
    }

    fn text(&mut self) -> Step<'a> {
        match memchr::memchr(b'<', self.rest) {
            Some(0) => self.skip(1, State::TagOpen),
            None if self.rest.is_empty() => Step::End,
            end => self.until(end, 1, TokenKind::Text, State::TagOpen),
        }
    }

    fn tag_open(&mut self) -> Step<'a> {
        // libinjection remembers this beyond `</>` and `</a >`, and so misses the element of the next tag.
        self.closing = self.rest.first() == Some(&b'/');
        match self.rest.first() {
            None => Step::End,
            Some(b'!') => self.skip(1, State::Declaration),
            Some(b'/') => self.skip(1, State::EndTagOpen),
            Some(b'?') => self.skip(1, State::BogusComment),
            Some(b'%') => self.skip(1, State::PercentComment),
            Some(b'a'..=b'z' | b'A'..=b'Z' | 0) => Step::To(State::TagName),
            Some(_) => Step::Token(Token { kind: TokenKind::Text, text: b"<" }, State::Text),
        }
    }

    fn end_tag_open(&mut self) -> Step<'a> {
        match self.rest.first() {
            None => Step::End,
            Some(b'>') => Step::To(State::Text),
            Some(b'a'..=b'z' | b'A'..=b'Z') => Step::To(State::TagName),
            Some(_) => Step::To(State::BogusComment),
        }
    }

    fn tag_name(&mut self) -> Step<'a> {
        let end = self.rest.iter().position(|byte| matches!(byte, b'/' | b'>') || (*byte != 0 && is_blank(*byte)));
        match end.and_then(|end| self.rest.get(end)) {
            Some(b'>') if self.closing => self.until(end, 1, TokenKind::EndTag, State::Text),
            Some(b'>') => self.until(end, 0, TokenKind::TagName, State::TagEnd),
            Some(b'/') => self.until(end, 1, TokenKind::TagName, State::SelfClosing),
            _ => self.until(end, 1, TokenKind::TagName, State::BeforeAttribute),
        }
    }

    fn before_attribute(&mut self) -> Step<'a> {
        // libinjection takes 0xFF for the end here and around values, and so misses all that follows.
        self.skip_blanks();
        match self.rest {
            [] => Step::End,
            [b'/', b'>', ..] | [b'/'] => self.skip(1, State::SelfClosing),
            [b'/', ..] => self.skip(1, State::BeforeAttribute),
            [b'>', ..] => self.mark(b">", TokenKind::TagEnd),
            _ => Step::To(State::AttributeName),
        }
    }

    fn attribute_name(&mut self) -> Step<'a> {
        // Whatever the first byte is, it belongs to the name.
        let ends = |byte: &u8| matches!(byte, b'/' | b'=' | b'>') || is_blank(*byte);
        let end = self.rest.iter().skip(1).position(ends).map(|end| end + 1);
        let (skip, then) = match end.and_then(|end| self.rest.get(end)) {
            Some(b'/') => (1, State::SelfClosing),
            Some(b'=') => (1, State::BeforeValue),
            Some(b'>') => (0, State::TagEnd),
            _ => (1, State::AfterAttributeName),
        };
        self.until(end, skip, TokenKind::AttributeName, then)
    }

    fn after_attribute_name(&mut self) -> Step<'a> {
        self.skip_blanks();
        match self.rest.first() {
            None => Step::End,
            Some(b'/') => self.skip(1, State::SelfClosing),
            Some(b'=') => self.skip(1, State::BeforeValue),
            Some(b'>') => Step::To(State::TagEnd),
            Some(_) => Step::To(State::AttributeName),
        }
    }

    fn before_value(&mut self) -> Step<'a> {
        self.skip_blanks();
        match self.rest.first() {
            None => Step::End,
            Some(quote @ (b'"' | b'\'' | b'`')) => self.skip(1, State::QuotedValue(*quote)),
            Some(_) => Step::To(State::UnquotedValue),
        }
    }

    fn unquoted_value(&mut self) -> Step<'a> {
        let end = self.rest.iter().position(|byte| *byte == b'>' || is_blank(*byte));
        match end.and_then(|end| self.rest.get(end)) {
            Some(b'>') => self.until(end, 0, TokenKind::AttributeValue, State::TagEnd),
            _ => self.until(end, 1, TokenKind::AttributeValue, State::BeforeAttribute),
        }
    }

    fn after_quoted_value(&mut self) -> Step<'a> {
        match self.rest.first() {
            None => Step::End,
            Some(b'/') => self.skip(1, State::SelfClosing),
            Some(b'>') => self.mark(b">", TokenKind::TagEnd),
            Some(_) => Step::To(State::BeforeAttribute),
        }
    }

    fn self_closing(&mut self) -> Step<'a> {
        match self.rest.first() {
            None => Step::End,
            Some(b'>') => self.mark(b"/>", TokenKind::SelfClosingEnd),
            Some(_) => Step::To(State::BeforeAttribute),
        }
    }

    fn declaration(&mut self) -> Step<'a> {
        if self.rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE")) {
            Step::To(State::Doctype)
        } else if self.rest.starts_with(b"[CDATA[") {
            self.skip(7, State::CharacterData)
        } else if self.rest.starts_with(b"--") {
            self.skip(2, State::Comment)
        } else {
            Step::To(State::BogusComment)
        }
    }

    /// Ends with `-->` or `-!>`, with any NUL behind the first dash.
    fn comment(&mut self) -> Step<'a> {
        let end = memchr::memchr_iter(b'-', self.rest).find_map(|at| {
            let after = self.rest.get(at + 1..)?;
            let zeros = after.iter().take_while(|byte| **byte == 0).count();
            match after.get(zeros..)? {
                [b'-' | b'!', b'>', ..] => Some((at, 3 + zeros)),
                _ => None,
            }
        });
        let (end, skip) = end.unzip();
        self.until(end, skip.unwrap_or_default(), TokenKind::Comment, State::Text)
    }

    /// A token up to a place, and on `skip` bytes behind it; without a place, a token of all that is left.
    fn until(&mut self, end: Option<usize>, skip: usize, kind: TokenKind, then: State) -> Step<'a> {
        let Some((text, rest)) = end.and_then(|end| self.rest.split_at_checked(end)) else {
            return Step::Token(Token { kind, text: std::mem::take(&mut self.rest) }, State::Done);
        };
        self.rest = rest.get(skip..).unwrap_or_default();
        Step::Token(Token { kind, text }, then)
    }

    /// The `>` that stands here, told as `text`.
    fn mark(&mut self, text: &'static [u8], kind: TokenKind) -> Step<'a> {
        self.rest = self.rest.get(1..).unwrap_or_default();
        Step::Token(Token { kind, text }, State::Text)
    }

    fn skip(&mut self, count: usize, then: State) -> Step<'a> {
        self.rest = self.rest.get(count..).unwrap_or_default();
        Step::To(then)
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.rest = self.rest.get(blanks..).unwrap_or_default();
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            match self.step() {
                Step::To(state) => self.state = state,
                Step::Token(token, state) => {
                    self.state = state;
                    return Some(token);
                }
                Step::End => {
                    self.state = State::Done;
                    return None;
                }
            }
        }
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0)
}
