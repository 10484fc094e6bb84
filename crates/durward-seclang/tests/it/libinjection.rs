//! libinjection's own tests and table, from the corpora beside the repository.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use durward_seclang::detect::sqli::{self, Dialect, Kind, Reading, Token};
use durward_seclang::detect::{sqli, xss};

const ANSI: Reading = Reading { quote: None, dialect: Dialect::Ansi };

/// Where libinjection's files are: `$DURWARD_CORPORA`, or `../shared/corpora` from the root of the repository.
fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let root = env::var_os("DURWARD_CORPORA").map_or_else(beside, PathBuf::from).join("libinjection");
    if root.is_dir() {
        return Some(root);
    }
    println!("NOT RUN: there is no {}; set DURWARD_CORPORA to the corpora", root.display());
    None
}

/// The input and the expected output of a test file.
fn case(path: &Path) -> (Vec<u8>, String) {
    let text = fs::read(path).unwrap();
    let find = |mark: &[u8]| text.windows(mark.len()).position(|window| window == mark).unwrap();
    let (input, expected) = (b"--INPUT--\n", b"--EXPECTED--\n");
    let (begin, end) = (find(input) + input.len(), find(expected));
    let output = text[end + expected.len()..].escape_ascii().to_string().replace("\\n", "\n");
    (text[begin..end].trim_ascii_end().to_vec(), output.trim_end().to_string())
}

fn escape(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn print(tokens: &[Token<'_>]) -> String {
    let mut output = String::new();
    for token in tokens {
        let quote = |quote: Option<u8>| quote.map(|byte| escape(&[byte])).unwrap_or_default();
        let text = escape(token.text());
        let text = match token.kind() {
            Kind::String | Kind::Variable => {
                let sigils = "@".repeat(token.sigils().into());
                format!("{sigils}{}{text}{}", quote(token.open()), quote(token.close()))
            }
            _ => text,
        };
        writeln!(output, "{} {text}", char::from(token.kind().symbol())).unwrap();
    }
    output.trim_end().to_string()
}

fn page(value: &[u8]) -> String {
    use xss::{Lexer, Place, TokenKind};
    let mut output = String::new();
    for token in Lexer::new(value, Place::Text) {
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
        writeln!(output, "{kind},{},{}", token.text.len(), escape(token.text).replace("\\n", "\n")).unwrap();
    }
    output.trim_end().to_string()
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
            "sqli" => sqli(&input).map(|shape| shape.to_string()).unwrap_or_default(),
            "html5" => page(&input),
            other => panic!("a kind of test that is not known: {other}"),
        };
        if actual != expected {
            wrong.push(format!("{name}: {}\nexpected\n{expected}\nfound\n{actual}\n", escape(&input)));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(count, 480);
}
