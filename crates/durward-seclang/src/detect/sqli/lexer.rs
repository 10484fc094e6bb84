//! From bytes to tokens.
//!
//! The first byte of a token says what reads it. Quoted strings and numbers are read in `literal`.

use super::literal;
use super::token::{Kind, Token};
use super::words;

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The quote that is open where the value begins.
    pub quote: Option<Quote>,
    /// Whose rules hold.
    pub dialect: Dialect,
}

/// A quote that a query may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Quote {
    /// `'`.
    Single = b'\'',
    /// `"`.
    Double = b'"',
}

/// Where databases differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `--` begins a comment, `#` is an operator.
    Ansi,
    /// `--` begins a comment before a blank only, and `#` does.
    MySql,
    /// The same, and a number whose exponent is missing is read over, as the server does: `1.e(1)` is `(1)`.
    MySqlNumbers,
}

/// Reads a value token by token.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    rest: &'a [u8],
    reading: Reading,
    at_start: bool,
    seen: usize,
    dialects_differ: bool,
    numbers_differ: bool,
}

impl<'a> Lexer<'a> {
    /// At the beginning of a value.
    #[must_use]
    pub const fn new(value: &'a [u8], reading: Reading) -> Self {
        Self { rest: value, reading, at_start: true, seen: 0, dialects_differ: false, numbers_differ: false }
    }

    /// How many tokens have been read.
    pub(super) const fn seen(&self) -> usize {
        self.seen
    }

    /// Whether something has been read that another dialect reads in another way.
    pub(super) const fn dialects_differ(&self) -> bool {
        self.dialects_differ
    }

    /// Whether a number has been read whose exponent is missing.
    pub(super) const fn numbers_differ(&self) -> bool {
        self.numbers_differ
    }

    fn read(&mut self) -> Option<Token<'a>> {
        if std::mem::take(&mut self.at_start)
            && let Some(quote) = self.reading.quote
            && !self.rest.is_empty()
        {
            return Some(self.cut(literal::string(self.rest, quote as u8, 0)));
        }
        let blanks = self.rest.iter().position(|byte| starts(*byte) != Start::Blank)?;
        self.rest = self.rest.get(blanks..)?;
        let rest = self.rest;
        let first = *rest.first()?;
        let lexeme = match starts(first) {
            Start::Blank => return None,
            Start::Word => word(rest),
            Start::Number => literal::number(rest),
            Start::String => literal::string(rest, first, 1),
            Start::Symbol(kind) => symbol(rest, kind),
            Start::Operator => operator(rest),
            Start::Dash => self.dash(),
            Start::Hash => self.hash(),
            Start::Slash => slash(rest),
            Start::Backslash => backslash(rest),
            Start::At => variable(rest),
            Start::Backtick => backtick(rest),
            Start::Bracket => bracketed(rest),
            Start::Dollar => literal::dollar(rest).unwrap_or_else(|| word(rest)),
            Start::MaybeString => literal::prefixed(rest).unwrap_or_else(|| word(rest)),
        };
        Some(self.cut(lexeme))
    }

    /// Goes on behind a token.
    fn cut(&mut self, Lexeme { token, length }: Lexeme<'a>) -> Token<'a> {
        self.rest = self.rest.get(length..).unwrap_or_default();
        self.seen += 1;
        token
    }

    fn dash(&mut self) -> Lexeme<'a> {
        match self.rest {
            [_, b'-'] => line_comment(self.rest),
            [_, b'-', next, ..] if is_blank(*next) => line_comment(self.rest),
            [_, b'-', ..] if self.reading.dialect == Dialect::Ansi => {
                self.dialects_differ = true;
                line_comment(self.rest)
            }
            rest => symbol(rest, Kind::Operator),
        }
    }

    fn hash(&mut self) -> Lexeme<'a> {
        self.dialects_differ = true;
        match self.reading.dialect {
            Dialect::Ansi => symbol(self.rest, Kind::Operator),
            Dialect::MySql | Dialect::MySqlNumbers => line_comment(self.rest),
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let token = self.read()?;
            if !literal::lacks_exponent(&token) {
                return Some(token);
            }
            self.numbers_differ = true;
            if self.reading.dialect != Dialect::MySqlNumbers {
                return Some(token);
            }
            self.seen -= 1;
        }
    }
}

/// A token and how many bytes it takes.
pub(super) struct Lexeme<'a> {
    pub token: Token<'a>,
    pub length: usize,
}

impl<'a> Lexeme<'a> {
    /// The first bytes, as they stand.
    pub fn of(rest: &'a [u8], kind: Kind, length: usize) -> Self {
        let (text, _) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        Self { token: Token::new(kind, text), length: text.len() }
    }
}

pub(super) fn symbol(rest: &[u8], kind: Kind) -> Lexeme<'_> {
    Lexeme::of(rest, kind, 1)
}

fn line_comment(rest: &[u8]) -> Lexeme<'_> {
    match memchr::memchr(b'\n', rest) {
        None => Lexeme::of(rest, Kind::Comment, rest.len()),
        Some(end) => Lexeme { length: end + 1, ..Lexeme::of(rest, Kind::Comment, end) },
    }
}

fn slash(rest: &[u8]) -> Lexeme<'_> {
    let Some(content) = rest.strip_prefix(b"/*") else { return symbol(rest, Kind::Operator) };
    let end = find_pair(content, *b"*/");
    // Some databases nest comments, others do not. With the first byte behind the content, as `/*/*/` shows.
    let nests = end.is_some_and(|end| content.get(..=end).is_some_and(|text| find_pair(text, *b"/*").is_some()));
    let kind = if nests || content.first() == Some(&b'!') { Kind::Evil } else { Kind::Comment };
    Lexeme::of(rest, kind, end.map_or(rest.len(), |end| end + 4))
}

fn backslash(rest: &[u8]) -> Lexeme<'_> {
    match rest {
        // NULL in MySQL.
        [_, b'N', ..] => Lexeme::of(rest, Kind::Number, 2),
        _ => symbol(rest, Kind::Backslash),
    }
}

fn operator(rest: &[u8]) -> Lexeme<'_> {
    match rest {
        [b'<', b'=', b'>', ..] => Lexeme::of(rest, Kind::Operator, 3),
        [b'&', b'&', ..] | [b'|', b'|', ..] => Lexeme::of(rest, Kind::Logic, 2),
        [b'!', b'!' | b'<' | b'=' | b'>', ..]
        | [b'&' | b'*', b'=', ..]
        | [b':', b':' | b'=', ..]
        | [b'<', b'<' | b'=' | b'>' | b'@', ..]
        | [b'>', b'=' | b'>', ..]
        | [b'|', b'/' | b'=', ..] => Lexeme::of(rest, Kind::Operator, 2),
        [b':', _, ..] => symbol(rest, Kind::Colon),
        _ => symbol(rest, Kind::Operator),
    }
}

fn word(rest: &[u8]) -> Lexeme<'_> {
    let mut joins = false;
    let ends = |byte: &u8| {
        joins |= matches!(byte, b'.' | b'`');
        ends_word(*byte)
    };
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    // SELECT.1 and SELECT`column` are two tokens.
    if joins && let Some(first) = first_of_joined(rest, length) {
        return first;
    }
    match rest.get(..length).and_then(words::look_up) {
        Some((kind, _)) => Lexeme::of(rest, kind, length),
        None => Lexeme::of(rest, Kind::Bareword, length),
    }
}

fn first_of_joined(rest: &[u8], length: usize) -> Option<Lexeme<'_>> {
    let word = Lexeme::of(rest, Kind::Bareword, length);
    let joints = word.token.text().iter().enumerate().filter(|(_, byte)| matches!(byte, b'.' | b'`'));
    joints.map(|(at, _)| at).find_map(|at| match words::look_up(rest.get(..at)?) {
        None | Some((Kind::Bareword, _)) => None,
        Some((kind, _)) => Some(Lexeme::of(rest, kind, at)),
    })
}

/// A name between backticks; functions can be called so too.
fn backtick(rest: &[u8]) -> Lexeme<'_> {
    let string = literal::string(rest, b'`', 1);
    let function = matches!(words::look_up(string.token.text()), Some((Kind::Function, _)));
    let kind = if function { Kind::Function } else { Kind::Bareword };
    Lexeme { token: string.token.with_kind(kind), ..string }
}

/// A name between brackets, as SQL Server has them.
fn bracketed(rest: &[u8]) -> Lexeme<'_> {
    Lexeme::of(rest, Kind::Bareword, memchr::memchr(b']', rest).map_or(rest.len(), |end| end + 1))
}

fn variable(rest: &[u8]) -> Lexeme<'_> {
    let sigils = if rest.starts_with(b"@@") { 2 } else { 1 };
    let name = rest.get(sigils..).unwrap_or_default();
    let Lexeme { token, length } = match name.first() {
        Some(b'`') => backtick(name),
        Some(quote @ (b'\'' | b'"')) => literal::string(name, *quote, 1),
        _ => {
            let length = name.iter().position(|byte| ends_variable(*byte)).unwrap_or(name.len());
            Lexeme::of(name, Kind::Variable, length)
        }
    };
    Lexeme { token: token.with_kind(Kind::Variable).sigils_seen(sigils as u8), length: sigils + length }
}

/// Where a pair of bytes stands first.
pub(super) fn find_pair(text: &[u8], [first, second]: [u8; 2]) -> Option<usize> {
    memchr::memchr_iter(first, text).find(|at| text.get(at + 1) == Some(&second))
}

/// What the first byte of a token says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Blank,
    Word,
    Number,
    String,
    Symbol(Kind),
    Operator,
    Dash,
    Hash,
    Slash,
    Backslash,
    At,
    Backtick,
    Bracket,
    Dollar,
    MaybeString,
}

fn starts(byte: u8) -> Start {
    static TABLE: [Start; 256] = table_of_starts();
    TABLE.get(usize::from(byte)).copied().unwrap_or(Start::Word)
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn table_of_starts() -> [Start; 256] {
    let mut table = [Start::Word; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = start(byte as u8);
        byte += 1;
    }
    table
}

const fn start(byte: u8) -> Start {
    match byte {
        0..=b' ' | 0x7F | 0xA0 => Start::Blank,
        b'0'..=b'9' | b'.' => Start::Number,
        b'\'' | b'"' => Start::String,
        b'(' => Start::Symbol(Kind::LeftParenthesis),
        b')' => Start::Symbol(Kind::RightParenthesis),
        b'{' => Start::Symbol(Kind::LeftBrace),
        b'}' => Start::Symbol(Kind::RightBrace),
        b',' => Start::Symbol(Kind::Comma),
        b';' => Start::Symbol(Kind::Semicolon),
        b'?' | b']' => Start::Symbol(Kind::Unknown),
        b'%' | b'+' | b'^' | b'~' => Start::Symbol(Kind::Operator),
        b'!' | b'&' | b'*' | b':' | b'<' | b'=' | b'>' | b'|' => Start::Operator,
        b'-' => Start::Dash,
        b'#' => Start::Hash,
        b'/' => Start::Slash,
        b'\\' => Start::Backslash,
        b'@' => Start::At,
        b'`' => Start::Backtick,
        b'[' => Start::Bracket,
        b'$' => Start::Dollar,
        b'B' | b'b' | b'E' | b'e' | b'N' | b'n' | b'Q' | b'q' | b'U' | b'u' | b'X' | b'x' => Start::MaybeString,
        _ => Start::Word,
    }
}

/// Whether it is a blank behind `--` and behind the suffix of a number; NUL is one for Oracle, 0xA0 in Latin-1.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0xA0 | 0)
}

fn ends_word(byte: u8) -> bool {
    static TABLE: [bool; 256] = table(b" []{}<>:\\?=@!#~+-*/&|^%(),';\t\n\x0B\x0C\r\"\xA0\0");
    TABLE.get(usize::from(byte)).copied().unwrap_or_default()
}

fn ends_variable(byte: u8) -> bool {
    static TABLE: [bool; 256] = table(b" <>:\\?=@!#~+-*/&|^%(),';\t\n\x0B\x0C\r'`\"\0");
    TABLE.get(usize::from(byte)).copied().unwrap_or_default()
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only")]
const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        table[*byte as usize] = true;
        rest = after;
    }
    table
}
