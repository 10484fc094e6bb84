//! libinjection's own tests and table, from the corpora beside the repository, and its C library.

mod differential;

use std::fs;
use std::path::{Path, PathBuf};

use durward_seclang::detect::sqli::{Dialect, Kind, Reading, Token};
use durward_seclang::detect::xss::{Place, TokenKind};
use durward_seclang::detect::{sqli, xss};

use crate::suites;

const ANSI: Reading = Reading { quote: None, dialect: Dialect::Ansi };

fn corpus() -> Option<PathBuf> {
    suites::corpus("libinjection")
}

/// The input and the expected output of a test file.
fn case(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let text = fs::read(path).unwrap();
    let find = |mark: &[u8]| text.windows(mark.len()).position(|window| window == mark).unwrap();
    let (input, expected) = (b"--INPUT--\n", b"--EXPECTED--\n");
    let (begin, end) = (find(input) + input.len(), find(expected));
    let trim = |text: &[u8]| text.trim_ascii_end().to_vec();
    (trim(&text[begin..end]), trim(&text[end + expected.len()..]))
}

fn print(tokens: &[Token<'_>]) -> Vec<u8> {
    let mut lines = Vec::new();
    for token in tokens {
        let (mut open, mut close) = (Vec::new(), None);
        if matches!(token.kind(), Kind::String | Kind::Variable) {
            open.resize(token.sigils().into(), b'@');
            open.extend(token.open());
            close = token.close();
        }
        let mut line = vec![token.kind().symbol(), b' '];
        line.extend(open.iter().chain(token.text()).chain(&close));
        lines.push(line);
    }
    lines.join(&b'\n').trim_ascii_end().to_vec()
}

fn print_page(value: &[u8]) -> Vec<u8> {
    let line = |token: xss::Token<'_>| {
        let kind = match token.kind {
            TokenKind::Text => "DATA_TEXT",
            TokenKind::TagName => "TAG_NAME_OPEN",
            TokenKind::TagEnd => "TAG_NAME_CLOSE",
            TokenKind::SelfClosingEnd => "TAG_NAME_SELFCLOSE",
            TokenKind::EndTag => "TAG_CLOSE",
            TokenKind::AttributeName => "ATTR_NAME",
            TokenKind::AttributeValue => "ATTR_VALUE",
            TokenKind::Comment => "TAG_COMMENT",
            TokenKind::Doctype => "DOCTYPE",
        };
        [format!("{kind},{},", token.text.len()).as_bytes(), token.text].concat()
    };
    xss::Lexer::new(value, Place::Text).map(line).collect::<Vec<_>>().join(&b'\n').trim_ascii_end().to_vec()
}

#[test]
fn the_tests_of_libinjection_pass() {
    let Some(root) = corpus() else { return };
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root.join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (input, mut expected) = case(&path);
        let actual = match name.split('-').nth(1).unwrap() {
            "tokens" => print(&sqli::Lexer::new(&input, ANSI).collect::<Vec<_>>()),
            // A phrase is spelt as in the table, not as in the input.
            "folding" => {
                expected.make_ascii_uppercase();
                print(sqli::fold(&input, ANSI).tokens()).to_ascii_uppercase()
            }
            "sqli" => sqli(&input).map(|shape| shape.as_bytes().to_vec()).unwrap_or_default(),
            "html5" => print_page(&input),
            other => panic!("a kind of test that is not known: {other}"),
        };
        if actual != expected {
            let [input, expected, actual] = [input, expected, actual].map(|text| text.escape_ascii().to_string());
            wrong.push(format!("{name}: {input}\n  expected {expected}\n  found    {actual}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 480);
}

#[test]
fn the_tables_are_those_of_libinjection() {
    let Some(root) = corpus() else { return };
    let data = fs::read(root.join("sqlparse_data.json")).unwrap();
    let data: serde_json::Value = serde_json::from_slice(&data).unwrap();

    let kind = |symbol: u8| Kind::ALL.iter().copied().find(|kind| kind.symbol().eq_ignore_ascii_case(&symbol)).unwrap();
    let shapes = data["fingerprints"].as_array().unwrap();
    assert_eq!(shapes.len(), 8367);
    for shape in shapes {
        assert!(sqli::is_known(shape.as_str().unwrap().bytes().map(kind)), "{shape}");
    }

    let words = data["keywords"].as_object().unwrap();
    assert_eq!(words.len(), 985);
    for (word, symbol) in words {
        let symbol = symbol.as_str().unwrap().as_bytes()[0];
        let found = if word.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            sqli::look_up(word.as_bytes()).map(|(kind, _)| kind)
        } else if NEVER_READ.contains(&word.as_str()) {
            continue;
        } else {
            sqli::Lexer::new(word.as_bytes(), ANSI)
                .next()
                .filter(|token| token.text().len() == 2)
                .map(|token| token.kind())
        };
        assert_eq!(found.map(Kind::symbol), Some(symbol), "{word}");
    }
}

/// Operators of the table that libinjection's lexer reads byte by byte, or as a comment or variable, and never looks up.
const NEVER_READ: &[&str] = &["%=", "+=", "-=", "/=", "@>", "^=", "~*"];

/// What libinjection itself takes for injections among texts that are none.
#[test]
fn false_positives_are_as_many_as_those_of_libinjection() {
    let Some(root) = corpus() else { return };
    let text = fs::read(root.join("false_positives.txt")).unwrap();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let (found, all) = lines.fold((0, 0), |(found, all), line| (found + usize::from(sqli(line).is_some()), all + 1));
    assert_eq!((found, all), (13, 421));
}
