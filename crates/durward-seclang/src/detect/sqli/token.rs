//! What the lexer makes of a value: words of a query, each with its kind.

/// How much of a token is kept. The rest plays no part: no word of the language is longer.
const KEPT: usize = 31;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $symbol:literal,)+) => {
        /// What a token is. The symbol of a kind is its letter in fingerprints.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($(#[$doc])* $name,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its letter in fingerprints.
            #[must_use]
            pub const fn symbol(self) -> u8 {
                match self { $(Self::$name => $symbol,)+ }
            }
        }
    };
}

kinds! {
    /// A word of the language without a kind of its own: `FROM`, `INTO`, `WHERE`.
    Keyword = b'k',
    /// What joins two queries: `UNION`, `EXCEPT`.
    Union = b'U',
    /// What groups or orders: `GROUP BY`, `HAVING`, `LIMIT`.
    Group = b'B',
    /// What begins a query: `SELECT`, `INSERT`, `CASE`.
    Expression = b'E',
    /// The name of a type: `INT`, `VARCHAR`.
    SqlType = b't',
    /// The name of a function: `CHAR`, `SLEEP`.
    Function = b'f',
    /// Any other word.
    Bareword = b'n',
    /// A number, or a word that is one: `NULL`, `TRUE`.
    Number = b'1',
    /// `@name`, `@@name`, or a word that stands for a value: `CURRENT_USER`.
    Variable = b'v',
    /// A quoted string.
    String = b's',
    /// An operator: `+`, `<=>`, `LIKE`.
    Operator = b'o',
    /// An operator between conditions: `AND`, `||`.
    Logic = b'&',
    /// A comment.
    Comment = b'c',
    /// `COLLATE`.
    Collate = b'A',
    /// `(`.
    LeftParenthesis = b'(',
    /// `)`.
    RightParenthesis = b')',
    /// `{`.
    LeftBrace = b'{',
    /// `}`.
    RightBrace = b'}',
    /// `.` that belongs to no number.
    Dot = b'.',
    /// `,`.
    Comma = b',',
    /// `:` that belongs to no operator.
    Colon = b':',
    /// `;`.
    Semicolon = b';',
    /// What begins a statement of Transact-SQL: `DECLARE`, `EXEC`, `WAITFOR DELAY`.
    Tsql = b'T',
    /// A byte that means nothing here: `?`, `]`.
    Unknown = b'?',
    /// What dialects read so differently that no honest value has it: a comment in a comment, `/*! .. */`.
    Evil = b'X',
    /// `\`.
    Backslash = b'\\',
}

/// A word of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    kind: Kind,
    text: &'a [u8],
    /// 0 where there is none; so a token is written and copied as three words.
    open: u8,
    close: u8,
    sigils: u8,
}

impl<'a> Token<'a> {
    pub(super) fn new(kind: Kind, text: &'a [u8]) -> Self {
        Self { kind, text: text.get(..KEPT).unwrap_or(text), open: 0, close: 0, sigils: 0 }
    }

    pub(super) fn quoted(self, open: Option<u8>, close: Option<u8>) -> Self {
        Self { open: open.unwrap_or(0), close: close.unwrap_or(0), ..self }
    }

    pub(super) const fn sigils_seen(self, sigils: u8) -> Self {
        Self { sigils, ..self }
    }

    pub(super) const fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same place, now read as a phrase of the language.
    pub(super) const fn phrase(self, kind: Kind, text: &'static [u8]) -> Token<'a> {
        Token { kind, text, ..self }
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Its first 31 bytes, without quotes and `@`. A phrase of several words is spelt as in the table of words.
    #[must_use]
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The quote that opens it: `'`, `"`, a backtick, `$`, `q` or `u`. `None` also where the quote is only supposed.
    #[must_use]
    pub fn open(&self) -> Option<u8> {
        (self.open != 0).then_some(self.open)
    }

    /// The quote that closes it; `None` if the value ends before.
    #[must_use]
    pub fn close(&self) -> Option<u8> {
        (self.close != 0).then_some(self.close)
    }

    /// How many `@` stand before it.
    #[must_use]
    pub const fn sigils(&self) -> u8 {
        self.sigils
    }

    /// Whether it reads so, in any case. `word` has capital letters.
    pub(super) fn is(&self, word: &[u8]) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_any(&self, words: &[&[u8]]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether it can stand before a single operand.
    pub(super) fn is_unary(&self) -> bool {
        self.kind == Kind::Operator
            && match *self.text {
                [byte] => matches!(byte, b'+' | b'-' | b'!' | b'~'),
                [first, second] => first == b'!' && second == b'!',
                [_, _, _] => self.is(b"NOT"),
                _ => false,
            }
    }

    pub(super) fn is_arithmetic(&self) -> bool {
        self.kind == Kind::Operator && matches!(*self.text, [b'*' | b'/' | b'-' | b'+' | b'%'])
    }
}
