//! Folding: taking away what does not change the shape of a query.
//!
//! Tokens are held back in a short row. What stands before `settled` is part of the fingerprint already; the two or
//! three tokens from there on are looked at together. When they fold, looking begins again at the front.

use super::lexer::{Lexer, Reading};
use super::shapes;
use super::token::{Kind, Token};
use super::words;

/// The tokens that are left of a value.
#[derive(Debug, Clone)]
pub struct Folded<'a> {
    row: [Token<'a>; ROW],
    count: usize,
    seen: usize,
    dialects_differ: bool,
    numbers_differ: bool,
}

impl<'a> Folded<'a> {
    /// At most five; one more where the last is [`Kind::Evil`].
    #[must_use]
    pub fn tokens(&self) -> &[Token<'a>] {
        self.row.get(..self.count).unwrap_or_default()
    }

    /// How many tokens have been read to get these.
    pub(super) const fn seen(&self) -> usize {
        self.seen
    }

    /// Whether another dialect would read another value.
    pub(super) const fn dialects_differ(&self) -> bool {
        self.dialects_differ
    }

    /// Whether there are numbers that `MySQL` reads over.
    pub(super) const fn numbers_differ(&self) -> bool {
        self.numbers_differ
    }
}

/// Reads a value as far as its fingerprint needs.
#[must_use]
pub fn fold(value: &[u8], reading: Reading) -> Folded<'_> {
    let mut folder = Folder {
        lexer: Lexer::new(value, reading),
        row: [Token::new(Kind::Unknown, b""); ROW],
        held: 0,
        settled: 0,
        more: true,
        comment: None,
    };
    let count = if folder.skip_prefix() { folder.run() } else { 0 };
    Folded {
        row: folder.row,
        count,
        seen: folder.lexer.seen(),
        dialects_differ: folder.lexer.dialects_differ(),
        numbers_differ: folder.lexer.numbers_differ(),
    }
}

/// Five tokens, one to tell what the fifth is, and room up to a power of two.
const ROW: usize = 8;

struct Folder<'a> {
    lexer: Lexer<'a>,
    row: [Token<'a>; ROW],
    /// How many tokens of the row are in use.
    held: usize,
    /// How many of those are done with.
    settled: usize,
    more: bool,
    /// The last comment, as long as nothing follows it.
    comment: Option<Token<'a>>,
}

/// What two or three tokens do.
enum Fold {
    /// Something has changed: look again.
    Changed,
    /// Nothing.
    Stay,
    /// No fingerprint is needed any more.
    Evil,
}

impl<'a> Folder<'a> {
    /// Comments, parentheses, types and unary operators at the front mean nothing.
    fn skip_prefix(&mut self) -> bool {
        let first = self.lexer.find(|token| {
            !(matches!(token.kind(), Kind::Comment | Kind::LeftParenthesis | Kind::SqlType) || token.is_unary())
        });
        let Some(first) = first else { return false };
        self.put(0, first);
        self.held = 1;
        true
    }

    fn run(&mut self) -> usize {
        loop {
            if self.held >= shapes::LONGEST && self.is_list() {
                self.fold_list();
            }
            if !self.more || self.settled >= shapes::LONGEST {
                return self.close();
            }
            self.fill(2);
            if self.held - self.settled < 2 {
                self.settled = self.held;
                continue;
            }
            match self.fold_two() {
                Fold::Changed => continue,
                Fold::Evil => return self.settled + 2,
                Fold::Stay => self.fill(3),
            }
            if self.held - self.settled < 3 {
                self.settled = self.held;
                continue;
            }
            if matches!(self.fold_three(), Fold::Stay) {
                self.settled += 1;
            }
        }
    }

    /// Adds the comment at the end, if there is room. The sixth token has only helped to tell what the fifth is.
    fn close(&mut self) -> usize {
        let mut count = self.held.min(shapes::LONGEST);
        if let Some(comment) = self.comment.filter(|_| count < shapes::LONGEST) {
            self.put(count, comment);
            count += 1;
        }
        // PHP lets a backtick open a comment for MySQL.
        if count > 2 && opens_backtick(self.at(count - 1)) {
            self.put(count - 1, self.at(count - 1).with_kind(Kind::Comment));
        }
        count
    }

    /// Reads until so many tokens stand behind the settled ones.
    fn fill(&mut self, wanted: usize) {
        while self.more && self.held <= shapes::LONGEST && self.held - self.settled < wanted {
            match self.lexer.next() {
                None => self.more = false,
                Some(token) if token.kind() == Kind::Comment => self.comment = Some(token),
                Some(token) => {
                    self.comment = None;
                    self.put(self.held, token);
                    self.held += 1;
                }
            }
        }
    }

    /// `1, (1)`, `a + (1)`, `1), (1` and `a) + (a`: lists and sums in parentheses, which may go on for ever.
    fn is_list(&self) -> bool {
        use Kind::{Bareword, Comma, LeftParenthesis, Number, Operator, RightParenthesis};
        let [first, second, third, fourth, fifth, ..] = self.row.map(|token| token.kind());
        matches!(
            (first, second, third, fourth, fifth),
            (Number, Operator | Comma, LeftParenthesis, Number, RightParenthesis)
                | (Bareword, Operator, LeftParenthesis, Bareword | Number, RightParenthesis)
                | (Number, RightParenthesis, Comma, LeftParenthesis, Number)
                | (Bareword, RightParenthesis, Operator, LeftParenthesis, Bareword)
        )
    }

    /// Leaves the first token and what stands behind the list.
    fn fold_list(&mut self) {
        let behind = self.at(shapes::LONGEST);
        let is_more = self.held > shapes::LONGEST;
        if is_more {
            self.put(1, behind);
        }
        self.held = if is_more { 2 } else { 1 };
        self.settled = 0;
    }

    fn fold_two(&mut self) -> Fold {
        use Kind::*;
        let (left, right) = (self.at(self.settled), self.at(self.settled + 1));
        match (left.kind(), right.kind()) {
            (String, String) | (Semicolon, Semicolon) => self.drop_last(1),
            (Operator | Logic, kind) if kind == SqlType || right.is_unary() => self.again(1),
            (LeftParenthesis, _) if right.is_unary() => self.step_back(1),
            _ if let Some((kind, text)) = phrase(left, right) => {
                self.put(self.settled, left.phrase(kind, text));
                self.step_back(1)
            }
            // IF is a function, but a statement of its own in Transact-SQL.
            (Semicolon, Function) if starts_with_if(right) => self.turn(1, Tsql),
            (Bareword | Variable, LeftParenthesis) if left.is_any(CALLED) => self.turn(0, Function),
            (Keyword, kind) if left.is_any(&[b"IN", b"NOT IN"]) => {
                self.turn(0, if kind == LeftParenthesis { Operator } else { Bareword })
            }
            (Operator, kind) if left.is_any(&[b"LIKE", b"NOT LIKE"]) => {
                if kind == LeftParenthesis {
                    self.turn(0, Function);
                }
                Fold::Stay
            }
            (SqlType, Bareword | Number | SqlType | LeftParenthesis | Function | Variable | String) => {
                self.put(self.settled, right);
                self.again(1)
            }
            // There are too many collations to list.
            (Collate, Bareword) => {
                if right.text().split(|byte| *byte == 0).next().is_some_and(|name| name.contains(&b'_')) {
                    self.turn(1, SqlType);
                    self.settled = 0;
                }
                Fold::Stay
            }
            // Transact-SQL reads \%1 as 0 % 1, and \1 as 1.
            (Backslash, _) if right.is_arithmetic() => {
                self.turn(0, Number);
                self.again(0)
            }
            (Backslash, _) => {
                self.put(self.settled, right);
                self.again(1)
            }
            (LeftParenthesis, LeftParenthesis) | (RightParenthesis, RightParenthesis) => self.again(1),
            // {``.``.id} is a name in MySQL.
            (LeftBrace, Bareword) if right.text().is_empty() => {
                self.turn(1, Evil);
                Fold::Evil
            }
            // {name value} is the value.
            (LeftBrace, Bareword) => self.again(2),
            (_, RightBrace) => self.again(1),
            _ => Fold::Stay,
        }
    }

    fn fold_three(&mut self) -> Fold {
        use Kind::*;
        let [left, middle, right] = [0, 1, 2].map(|offset| self.at(self.settled + offset));
        match (left.kind(), middle.kind(), right.kind()) {
            (Number, Operator, Number) => self.again(2),
            (Operator, kind, Operator) if kind != LeftParenthesis => self.again(2),
            (Logic, _, Logic) => self.again(2),
            (Variable, Operator, Variable | Number | Bareword) => self.again(2),
            (Bareword | Number, Operator, Number | Bareword) => self.again(2),
            (Bareword | Number | Variable | String, Operator, SqlType) if middle.text() == b"::" => self.again(2),
            (Bareword | Number | String | Variable, Comma, Number | Bareword | String | Variable) => self.again(2),
            (Expression | Group | Comma, _, LeftParenthesis) if middle.is_unary() => self.pull_third(1),
            (Keyword | Expression | Group, _, Number | Bareword | Variable | String | Function)
                if middle.is_unary() =>
            {
                self.pull_third(1)
            }
            // 1,-1 is 1: so far back that what stands before the comma is looked at again.
            (Comma, _, Number | Bareword | Variable | String) if middle.is_unary() => self.pull_third(3),
            (Comma, _, Function) if middle.is_unary() => self.pull_third(1),
            (Bareword, Dot, Bareword) => self.again(2),
            (Expression, Dot, Bareword) => self.pull_third(1),
            // USER() is a function, USER(name) is not.
            (Function, LeftParenthesis, kind) if kind != RightParenthesis && left.is(b"USER") => {
                self.turn(0, Bareword);
                Fold::Stay
            }
            _ => Fold::Stay,
        }
    }

    fn at(&self, index: usize) -> Token<'a> {
        self.row.get(index % ROW).copied().unwrap_or(Token::new(Kind::Unknown, b""))
    }

    fn put(&mut self, index: usize, token: Token<'a>) {
        if let Some(place) = self.row.get_mut(index % ROW) {
            *place = token;
        }
    }

    fn turn(&mut self, offset: usize, kind: Kind) -> Fold {
        let index = self.settled + offset;
        self.put(index, self.at(index).with_kind(kind));
        Fold::Changed
    }

    fn drop_last(&mut self, count: usize) -> Fold {
        self.held = self.held.saturating_sub(count);
        Fold::Changed
    }

    /// Drops the last tokens and looks at the one before the settled ones again.
    fn step_back(&mut self, count: usize) -> Fold {
        self.settled = self.settled.saturating_sub(1);
        self.drop_last(count)
    }

    /// Drops the last tokens and looks at all again.
    fn again(&mut self, count: usize) -> Fold {
        self.settled = 0;
        self.drop_last(count)
    }

    /// Puts the third token in the place of the second.
    fn pull_third(&mut self, dropped: usize) -> Fold {
        self.put(self.settled + 1, self.at(self.settled + 2));
        self.again(dropped)
    }
}

/// Names that are functions when they are called.
const CALLED: &[&[u8]] = &[
    b"USER_ID",
    b"USER_NAME",
    b"DATABASE",
    b"PASSWORD",
    b"USER",
    b"CURRENT_USER",
    b"CURRENT_DATE",
    b"CURRENT_TIME",
    b"CURRENT_TIMESTAMP",
    b"LOCALTIME",
    b"LOCALTIMESTAMP",
];

/// What two tokens are together, if that is a phrase of the language.
fn phrase(left: Token<'_>, right: Token<'_>) -> Option<(Kind, &'static [u8])> {
    use Kind::{Bareword, Expression, Function, Keyword, Logic, Operator, SqlType, Tsql, Union};
    let mergeable = matches!(
        (left.kind(), right.kind()),
        (
            Keyword | Bareword | Operator | Union | Function | Expression | Tsql | SqlType,
            Keyword | Bareword | Operator | Union | Function | Expression | Tsql | SqlType | Logic,
        )
    );
    mergeable.then(|| words::look_up_phrase(left.text(), right.text())).flatten()
}

fn starts_with_if(token: Token<'_>) -> bool {
    token.text().get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"IF"))
}

fn opens_backtick(token: Token<'_>) -> bool {
    token.kind() == Kind::Bareword && token.open() == Some(b'`') && token.close().is_none() && token.text().is_empty()
}
