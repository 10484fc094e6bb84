//! What the C library says of values that are easy to get wrong, and what holds for all values.

use proptest::prelude::*;

use super::*;

#[test]
fn fingerprints_are_those_of_libinjection() {
    for (value, expected) in CASES {
        let found = sqli(value).map(|shape| shape.to_string());
        assert_eq!(found.as_deref(), *expected, "{}", value.escape_ascii());
    }
}

#[test]
fn a_fingerprint_shows_its_letters() {
    let shape = sqli(b"1 union select 1").unwrap();
    assert_eq!((shape.as_bytes(), shape.to_string().as_str()), (&b"1UE1"[..], "1UE1"));
}

/// `MySQL` runs all of these, and libinjection 85e252a finds none of them.
#[test]
fn numbers_without_an_exponent_hide_nothing() {
    let cases: &[(&[u8], &str)] = &[
        (b"1' or 1.e(1) or '1'='1", "s&(1)"),
        (b"1.e(select 1.e(user())1.e)", "E(f()"),
        (b"1 1.e or 1=1", "1&1"),
        (b"1 or 1.1e table_name.1e1=1 union select 1", "1&nUE"),
        (b"1.e(1) union select 1", "1)UE1"),
        (b"x' 1.e union 1.e select 1", "sUE1"),
    ];
    for (value, expected) in cases {
        let found = sqli(value).map(|shape| shape.to_string());
        assert_eq!(found.as_deref(), Some(*expected), "{}", value.escape_ascii());
    }
}

/// Pieces that lexer and folding take notice of.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "\\",
    "\0",
    "\u{a0}",
    "--",
    "#",
    "/*",
    "*/",
    "/*!",
    ";",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "@",
    "@@",
    "$",
    "$$",
    "$a$",
    ".",
    ",",
    "=",
    "0x",
    "0b",
    "1e",
    "1.",
    "q'(",
    "nq'",
    "u&'",
    "x'1",
    "b'0",
    "n'",
    "+",
    "-",
    "!",
    "||",
    "<=>",
    "::",
    ":",
    "?",
    "\\N",
    "n",
    "1",
    " ",
    "\n",
    " union ",
    " all ",
    "select ",
    " or ",
    " not ",
    " in ",
    " like ",
    " group by ",
    " collate ",
    "a_b",
    ";if",
    "user",
    " int ",
    " into outfile ",
    "sp_password",
];

proptest! {
    #[test]
    fn any_value_is_read(value: Vec<u8>) {
        prop_assert!(sqli(&value).is_none_or(|shape| (1..=5).contains(&shape.as_bytes().len())));
    }

    #[test]
    fn any_row_of_pieces_is_read(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12)) {
        let value = pieces.concat();
        for dialect in [Dialect::Ansi, Dialect::MySql, Dialect::MySqlNumbers] {
            for quote in [None, Some(Quote::Single), Some(Quote::Double)] {
                let reading = Reading { quote, dialect };
                prop_assert!(Lexer::new(value.as_bytes(), reading).count() <= value.len().max(1));
                prop_assert!(fold(value.as_bytes(), reading).tokens().len() <= 6);
            }
        }
    }

    /// What [`sqli`] leaves out for a value of one word would find nothing.
    #[test]
    fn one_word_is_no_injection(value in "[0-9bBdDeEfFnNqQuUxX_]{0,12}|[0-9]{0,3}[a-zA-Z0-9_]{0,30}") {
        prop_assert!(!ByteSet::from_value(value.as_bytes()).intersects(&NEEDED));
        prop_assert_eq!(try_as(value.as_bytes(), None), None);
    }
}

/// A value and its fingerprint, from libinjection 85e252a.
#[rustfmt::skip]
const CASES: &[(&[u8], Option<&str>)] = &[
    // What everyone knows.
    (b"1 UNION SELECT 1", Some("1UE1")),
    (b"1' OR '1'='1", Some("s&sos")),
    (b"1\" or \"1\"=\"1", Some("s&sos")),
    (b"1;waitfor delay '0:0:5'--", Some("1;Esc")),
    (b"1;;;drop table x", Some("1;Tnn")),
    (b"or 1=1", None),
    (b"exec xp_cmdshell 'dir'", None),
    // Ordinary text.
    (b"", None),
    (b"'", None),
    (b"\"", None),
    (b"`", None),
    (b"''", None),
    (b"\0", None),
    (b"it's a dog's life", None),
    (b"rock & roll", None),
    (b"1 + 1 = 2", None),
    (b"price > 100 and rating >= 4", None),
    (b"Drop me a line; table for two", None),
    (b"select a date from the list", None),
    (b"Mozilla/5.0 (X11; Linux)", None),
    (b"a--b", None),
    // Short ones, in which details decide.
    (b"1 union", None),
    (b"1 union all", Some("1U")),
    (b"(1 union", Some("1U")),
    (b"1--", Some("1c")),
    (b"1 --", Some("1c")),
    (b"1-- foo", Some("1c")),
    (b"1234-ABCDEF--", Some("1c")),
    (b"1\xff--", None),
    (b"1x--", None),
    (b"1*1--", Some("1c")),
    (b"foo--", None),
    (b"foo/*", Some("nc")),
    (b"foo#", None),
    (b"1#", None),
    (b"1/*", Some("1c")),
    (b"1 into outfile 'asd'", Some("1ks")),
    (b"1 into outfile", None),
    (b"1 into x", None),
    (b"sexy and 17", None),
    (b"sexy and 17<18", Some("n&1")),
    (b"1 and 1", None),
    (b"1 and 1=1", Some("1&1")),
    (b"foo' + 'bar", Some("sos")),
    (b"'foo' + 'bar'", None),
    (b"foo' and 'bar", Some("s&s")),
    (b"foo\" + 'bar", None),
    (b"x--sp_password", Some("nc")),
    (b"x--sp_passwor", None),
    // What dialects read in different ways.
    (b"1/*!union*/", Some("X")),
    (b"/*/*/1", Some("X")),
    (b"1/*/*/2", Some("X")),
    (b"1/**/", Some("1c")),
    (b"--1 or 1=1", Some("1&1")),
    (b"--\n1 or 1=1 union", Some("1&1U")),
    (b"1 --1\n union select 1", Some("1UE1")),
    (b"1#\nunion select 1", Some("1UE1")),
    (b"{``.``.id}", Some("X")),
    (b"select{``", Some("X")),
    (b"1 or 1 = 1 `", Some("1&1c")),
    (b"select 1 `", None),
    // Bytes beyond printable ASCII.
    (b"1\xa0or\xa01=1 union select 1", Some("1&1UE")),
    (b"1\x00or\x001=1", Some("1&1")),
    (b"x' or b'01\0' = 1--", Some("s&1c")),
    (b"1 or 0x4\0=1 union select 2", Some("1&1UE")),
    (b"1 or $1\0 = 1 union", Some("1&1U")),
    (b"1 or q'\xff\xff' union select 1", None),
    (b"1 or x'4g' union select 1", None),
    // All kinds of strings, numbers and names.
    (b"1 or q'(a)' union select 1", Some("1&sUE")),
    (b"1 or nq'!a!' union select 1", Some("1&sUE")),
    (b"1 or u&'a' union select 1", Some("1&sUE")),
    (b"1 or $a$x$a$ union select 1", Some("1&sUE")),
    (b"1 or $$x$$ union select 1", Some("1&sUE")),
    (b"1 or n'x' = e'x'--", Some("1&sos")),
    (b"\\' or 1=1--", None),
    (b"'' or 1=1--", Some("s&1c")),
    (b"'' '' '' or 1=1--", Some("s&1c")),
    (b"1fUNION SELECT 1", Some("1UE1")),
    (b"1.5fFROM x", None),
    (b"1e union select 1", Some("nUE1")),
    (b"0x union select 1", Some("nUE1")),
    (b"\\N union select 1", Some("1UE1")),
    (b"\\1 union select 1", Some("1UE1")),
    (b"\\%1 union select 1", Some("1UE1")),
    (b"select.1 union select 1", Some("E1UE1")),
    (b"select`a`from`b`", None),
    (b"1 or `sleep`(1)--", Some("1&f(1")),
    (b"@@version union select 1", Some("vUE1")),
    (b"@`a` or 1=1 union", Some("v&1U")),
    (b"@'a' union select 1--", Some("vUE1c")),
    (b"1 or [union all] select 1", None),
    (b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx or 1=1--", Some("n&1c")),
    (b"1 <=> 1 union select 1", Some("1UE1")),
    (b"1 || 1=1--", Some("1&1c")),
    (b"a:b union select 1", None),
    // What folds.
    (b",-1 -- x", None),
    (b"1,-1 union select 2", Some("1UE1")),
    (b"1,-sin(1) union select 2", Some("1,f(1")),
    (b"1), (1), (1) union select 1", Some("1)UE1")),
    (b"a) + (a) union select 1", Some("n)UE1")),
    (b"1 or a not in (1,2)--", Some("1&no(")),
    (b"like('a','b')--", Some("f(s)c")),
    (b"1 or 'a' like('b')--", Some("1&sf(")),
    (b"1 collate a_b or 1=1 union", None),
    (b"1::int union select 1", Some("1UE1")),
    (b"1;if exists(select 1)", Some("1;T(E")),
    (b"1 is distinct from 1 union select 1", Some("1UE1")),
    (b"1 UnIoN/**/AlL SeLeCt 1", Some("1UE1")),
    (b"1 or user(1) union select 1", None),
    (b"1 or user() union select 1", Some("1&f()")),
    (b"user_id(1) union select 1", Some("f(1)U")),
    (b"1 or !!1 union select 1", Some("1&1UE")),
    (b"select not (1) from x", Some("E(1)k")),
    (b"select {x 1} union select 1", Some("E1UE1")),
];
