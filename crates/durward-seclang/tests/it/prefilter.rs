//! The scan finds exactly what asking every rule about every value finds.
//!
//! Values are put together from what makes rules match: the texts that they need, texts that their patterns match, pieces
//! of attacks and of ordinary values, random bytes; each piece as it is or in one of the encodings that transformations undo.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use durward_seclang::ast::Variable;
use durward_seclang::operator::Seen;
use durward_seclang::scan::{BitSet, Budget, Hit, ScanRule, ScanTarget, ScanValue, Scanner, Scratch};
use durward_seclang::transform::{Transformation, UnicodeMap};
use proptest::prelude::*;
use regex_syntax::hir::Hir;

use crate::rules::{Condition, conditions, patterns, read};
use crate::sample::{Sampler, tree};
use crate::{base, suites};

/// Conditions, and the scanner that was made of them.
struct Subject {
    conditions: Vec<Condition>,
    scanner: Scanner,
    live: BitSet,
    map: Option<Arc<UnicodeMap>>,
    trees: Vec<Hir>,
    texts: Vec<Box<[u8]>>,
}

impl Subject {
    fn new(rules: &durward_seclang::ast::RuleSet) -> Self {
        let mut conditions = conditions(rules);
        conditions.retain(|condition| condition.operator.is_scannable());
        let trees = patterns(&conditions).iter().map(|(_, pattern)| tree(pattern)).collect();
        let needs = conditions.iter().filter_map(|condition| condition.operator.needs());
        let mut texts: Vec<Box<[u8]>> = needs.flat_map(|needs| needs.clauses.iter().flatten().cloned()).collect();
        texts.sort_unstable();
        texts.dedup();
        let scanned = conditions.iter().map(|condition| ScanRule {
            operator: Arc::clone(&condition.operator),
            pipeline: condition.pipeline.clone(),
            multi_match: condition.multi_match,
            targets: vec![ScanTarget { variable: Variable::ArgsGet, key: None }],
        });
        let map = rules.settings.unicode_map.clone();
        let scanner = Scanner::build(scanned.collect(), map.clone());
        let live = (0..conditions.len()).collect();
        Self { conditions, scanner, live, map, trees, texts }
    }

    /// What the scan finds in a value.
    fn scanned(&self, value: &[u8]) -> Vec<u32> {
        let mut scratch = Scratch::default();
        let mut hits: Vec<Hit> = Vec::new();
        let value = ScanValue { variable: Variable::ArgsGet, name: b"", value };
        let (live, mut budget) = (&self.live, Budget::new(u64::MAX));
        assert!(self.scanner.scan(std::iter::once(value), live, &mut scratch, &mut budget, &mut hits));
        hits.into_iter().map(|hit| hit.rule).collect()
    }

    /// What there is to find.
    fn exactly(&self, value: &[u8], seen: &mut Seen) -> Vec<u32> {
        let holds = |condition: &Condition, seen: &mut Seen| {
            let (mut form, mut next) = (value.to_vec(), Vec::new());
            let mut found = condition.multi_match && condition.operator.evaluate(&form, b"", seen);
            for transformation in &condition.pipeline {
                if Transformation::apply(*transformation, &form, self.map.as_deref(), &mut next) {
                    std::mem::swap(&mut form, &mut next);
                    found |= condition.multi_match && condition.operator.evaluate(&form, b"", seen);
                }
            }
            found || (!condition.multi_match && condition.operator.evaluate(&form, b"", seen))
        };
        let numbered = (0..).zip(&self.conditions);
        numbered.filter(|(_, condition)| holds(condition, seen)).map(|(number, _)| number).collect()
    }

    fn agrees(&self, value: &[u8], seen: &mut Seen) -> Result<(), String> {
        let (scanned, exact) = (self.scanned(value), self.exactly(value, seen));
        let names = |numbers: &[u32], others: &[u32]| {
            let odd = numbers.iter().filter(|number| !others.contains(number));
            odd.map(|number| self.conditions[*number as usize].rule).collect::<Vec<_>>()
        };
        let (missed, invented) = (names(&exact, &scanned), names(&scanned, &exact));
        if missed.is_empty() && invented.is_empty() {
            return Ok(());
        }
        Err(format!("`{}`: missed {missed:?}, invented {invented:?}", value.escape_ascii()))
    }

    fn value(&self, pieces: &[Piece]) -> Vec<u8> {
        let mut value = Vec::new();
        for piece in pieces {
            let bytes = match piece {
                Piece::Text(index, ..) => self.texts[index.index(self.texts.len())].to_vec(),
                Piece::Sample(index, seed, ..) => {
                    let mut sample = Vec::new();
                    let tree = &self.trees[index.index(self.trees.len())];
                    Sampler::new(*seed, 200).write(tree, &mut sample);
                    sample
                }
                Piece::Fragment(text, ..) => text.as_bytes().to_vec(),
                Piece::Random(bytes) => bytes.clone(),
            };
            match piece {
                Piece::Text(_, code) | Piece::Sample(_, _, code) | Piece::Fragment(_, code) => {
                    value.extend(code.write(&bytes));
                }
                Piece::Random(_) => value.extend(bytes),
            }
        }
        value
    }
}

/// A part of a value.
#[derive(Debug, Clone)]
enum Piece {
    /// A text that a rule needs.
    Text(prop::sample::Index, Code),
    /// A text that a pattern matches.
    Sample(prop::sample::Index, u64, Code),
    Fragment(&'static str, Code),
    Random(Vec<u8>),
}

/// How a piece is written.
#[derive(Debug, Clone, Copy)]
enum Code {
    Plain,
    Upper,
    Percent,
    PercentTwice,
    PercentU,
    Entities,
    JavaScript,
    Css,
    Octal,
    Base64,
    Comments,
    Nulls,
    Blanks,
    Carets,
}

const CODES: [Code; 14] = [
    Code::Plain,
    Code::Upper,
    Code::Percent,
    Code::PercentTwice,
    Code::PercentU,
    Code::Entities,
    Code::JavaScript,
    Code::Css,
    Code::Octal,
    Code::Base64,
    Code::Comments,
    Code::Nulls,
    Code::Blanks,
    Code::Carets,
];

impl Code {
    fn write(self, bytes: &[u8]) -> Vec<u8> {
        let each = |write: &dyn Fn(&mut String, u8)| {
            let mut text = String::new();
            bytes.iter().for_each(|byte| write(&mut text, *byte));
            text.into_bytes()
        };
        let between = |text: &[u8]| bytes.chunks(2).collect::<Vec<_>>().join(text);
        match self {
            Self::Plain => bytes.to_vec(),
            Self::Upper => bytes.to_ascii_uppercase(),
            Self::Percent => each(&|text, byte| write!(text, "%{byte:02x}").unwrap()),
            Self::PercentTwice => each(&|text, byte| write!(text, "%25{byte:02X}").unwrap()),
            Self::PercentU => each(&|text, byte| write!(text, "%u00{byte:02x}").unwrap()),
            Self::Entities => each(&|text, byte| write!(text, "&#x{byte:x};").unwrap()),
            Self::JavaScript => each(&|text, byte| write!(text, "\\u00{byte:02x}").unwrap()),
            Self::Css => each(&|text, byte| write!(text, "\\{byte:x} ").unwrap()),
            Self::Octal => each(&|text, byte| write!(text, "\\{byte:03o}").unwrap()),
            Self::Base64 => base64(bytes),
            Self::Comments => between(b"/**/"),
            Self::Nulls => between(b"\0"),
            Self::Blanks => between(b" \t"),
            Self::Carets => between(b"^"),
        }
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::new();
    for chunk in bytes.chunks(3) {
        let number =
            chunk.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|digit| DIGITS[number >> (18 - 6 * digit) & 63]));
    }
    text
}

/// Pieces of attacks, and of what ordinary clients send.
const FRAGMENTS: &[&str] = &[
    "' or 1=1-- -",
    "\" or \"\"=\"",
    "1 union select password from users",
    "/**/select/**/",
    "sleep(5)",
    "0x61646d696e",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:",
    "<svg/onload=",
    "expression(",
    "<?php ",
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "%c0%ae",
    "/etc/",
    ".htaccess",
    "c:\\windows",
    "file:///",
    "php://input",
    ";cat /etc/passwd",
    "|nc -e /bin/sh",
    "`id`",
    "$(id)",
    "${jndi:ldap://x}",
    "${IFS}",
    "() { :; };",
    "&&whoami",
    "c^at",
    "{{7*7}}",
    "<%= 1 %>",
    "#{1}",
    "__proto__",
    "constructor.prototype",
    "java.lang.Runtime",
    "rO0ABX",
    "O:8:\"stdClass\"",
    "\r\nSet-Cookie: a=b",
    "%0d%0a",
    "\r\n\r\nHTTP/1.1",
    "http://127.0.0.1/",
    "gopher://",
    "@import",
    "<!ENTITY x",
    "GET",
    "application/json",
    "en-US,en;q=0.9",
    "Mozilla/5.0 (X11; Linux x86_64)",
    "page",
    "2",
    "-17.5e3",
    "true",
    "a.b_c",
    "maria@example.com",
    "+1-202-555-0143",
    "2026-11-25T10:00:00Z",
    "b1946ac9-2490-4a3c-8d1f-0e1d2c3b4a59",
    "note: it's ok",
    " ",
    "=",
    "&",
    ";",
    "%",
    "+",
    "\\",
    "\"",
    "'",
    "/",
    ".",
    "-",
    "--",
    "#",
    "*",
    "(",
    ")",
    "\0",
    "\u{a0}",
    "\u{e9}",
    "\u{ff1c}",
];

fn piece() -> impl Strategy<Value = Piece> {
    let code = || prop_oneof![3 => Just(Code::Plain), 2 => prop::sample::select(&CODES[..])];
    prop_oneof![
        3 => (any::<prop::sample::Index>(), code()).prop_map(|(index, code)| Piece::Text(index, code)),
        4 => (any::<prop::sample::Index>(), any::<u64>(), code()).prop_map(|(index, seed, code)| Piece::Sample(index, seed, code)),
        4 => (prop::sample::select(FRAGMENTS), code()).prop_map(|(text, code)| Piece::Fragment(text, code)),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Piece::Random),
        1 => "[a-zA-Z0-9 ._-]{0,12}".prop_map(|text| Piece::Random(text.into_bytes())),
    ]
}

/// Operators and transformations that no rule set here has, in conditions of their own.
const OTHERS: &str = r#"
SecRule ARGS "@beginsWith Ab." "id:1,phase:2,pass,t:urlDecode,t:lowercase,t:trim"
SecRule ARGS "@strEq select" "id:2,phase:2,pass,t:sqlHexDecode,t:trimLeft,t:trimRight"
SecRule ARGS "@containsWord or" "id:3,phase:2,pass,t:removeComments,t:uppercase"
SecRule ARGS "@contains ../" "id:4,phase:2,pass,multiMatch,t:base64DecodeExt,t:normalizePathWin,t:hexDecode"
SecRule ARGS "@strMatch 1=1" "id:5,phase:2,pass,t:replaceNulls,t:replaceComments,t:compressWhitespace,multiMatch"
SecRule ARGS "@verifyCC \d{13,16}" "id:6,phase:2,pass,t:removeWhitespace"
SecRule ARGS "@verifySSN \d{9}" "id:7,phase:2,pass,t:parityZero7bit"
SecRule ARGS "@verifyCPF \d{11}" "id:8,phase:2,pass,t:parityEven7bit"
SecRule ARGS "@verifySVNR \d{10}" "id:9,phase:2,pass,t:parityOdd7bit"
SecRule ARGS "@rxGlobal (?i)a?|b*$" "id:10,phase:2,pass,t:urlEncode"
SecRule ARGS "@rx ^$" "id:11,phase:2,pass,t:removeWhitespace,multiMatch"
SecRule ARGS "@rx ^(?:|a)(?=b)\w+" "id:12,phase:2,pass,t:lowercase,t:cmdLine"
SecRule ARGS "@rx (?i:x)Y(?!z)|\bOR\b|(?<=')--" "id:13,phase:2,pass,t:jsDecode,t:lowercase"
SecRule ARGS "@rx (a+)\1b" "id:14,phase:2,pass,t:hexEncode"
SecRule ARGS "@rx ^[0-9a-f]+$" "id:15,phase:2,pass,t:md5,t:hexEncode,multiMatch"
SecRule ARGS "@rx ^\d{1,3}$" "id:16,phase:2,pass,t:length,multiMatch"
SecRule ARGS "@pm select union |3c|script" "id:17,phase:2,pass,t:base64Encode,t:base64Decode,t:lowercase"
SecRule ARGS "@detectSQLi" "id:18,phase:2,pass,multiMatch,t:base64Decode,t:urlDecodeUni"
SecRule ARGS "@detectXSS" "id:19,phase:2,pass,multiMatch,t:base64DecodeExt,t:htmlEntityDecode"
SecRule ARGS "@validateByteRange 32-126" "id:20,phase:2,pass,t:escapeSeqDecode"
SecRule ARGS "@validateUrlEncoding" "id:21,phase:2,pass,multiMatch,t:urlDecode"
SecRule ARGS "@validateUtf8Encoding" "id:22,phase:2,pass,t:utf8toUnicode,t:urlDecodeUni,multiMatch"
SecRule ARGS "@endsWith .Php" "id:23,phase:2,pass,t:normalizePath,t:removeNulls"
SecRule ARGS "@rx \x00|[^\x00-\x7f]$" "id:24,phase:2,pass,multiMatch,t:removeCommentsChar,t:cssDecode"
SecRule ARGS "@rx (?:^|,)SELECT(?:$|\s)" "id:25,phase:2,pass,t:uppercase,t:lowercase"
SecRule ARGS "@rx (?-i)[A-Z]{2}" "id:26,phase:2,pass,t:lowercase,t:uppercase"
SecRule ARGS "@rx (?>a|ab)c|x++y" "id:27,phase:2,pass"
SecRule ARGS "@rx ^(?:a|b)$" "id:29,phase:2,pass,t:lowercase"
SecRule ARGS "@rx [\xe4|\xf6]|\xc3\xa4|\xc3\xb6" "id:30,phase:2,pass,t:uppercase"
SecRule ARGS "@rx a{0}b{0,0}|q{3,}" "id:28,phase:2,pass,t:compressWhitespace"
"#;

static OTHER: LazyLock<Subject> =
    LazyLock::new(|| Subject::new(&read(|loader| loader.text("others.conf", OTHERS.as_bytes()))));
static CRS3: LazyLock<Option<Subject>> =
    LazyLock::new(|| suites::debian().map(|package| Subject::new(&read(|loader| base::crs3(loader, &package, "")))));
static CRS4: LazyLock<Option<Subject>> = LazyLock::new(|| {
    suites::corpus("crs4").map(|corpus| Subject::new(&read(|loader| base::crs4(loader, &corpus, ""))))
});

thread_local! {
    /// The automata are large; each test keeps them from one value to the next.
    static SEEN: std::cell::RefCell<Seen> = std::cell::RefCell::new(Seen::new());
}

fn holds(subject: Option<&Subject>, pieces: &[Piece]) -> Result<(), TestCaseError> {
    let Some(subject) = subject else { return Ok(()) };
    let value = subject.value(pieces);
    SEEN.with_borrow_mut(|seen| subject.agrees(&value, seen)).map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), ..ProptestConfig::default() })]

    #[test]
    fn of_crs4(pieces in prop::collection::vec(piece(), 0..5)) {
        holds(CRS4.as_ref(), &pieces)?;
    }

    #[test]
    fn of_crs3(pieces in prop::collection::vec(piece(), 0..5)) {
        holds(CRS3.as_ref(), &pieces)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4000), ..ProptestConfig::default() })]

    #[test]
    fn of_operators_and_transformations_that_are_rare(pieces in prop::collection::vec(piece(), 0..5)) {
        holds(Some(&OTHER), &pieces)?;
    }
}

/// `PROPTEST_CASES`, or as many as are quick.
fn cases(quick: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(quick)
}

/// Nearly every condition finds something in what was made for its pattern: so the values above do make rules match.
#[test]
fn values_match() {
    let Some(subject) = &*CRS4 else { return };
    let mut seen = Seen::new();
    let with_pattern = || subject.conditions.iter().filter(|condition| condition.operator.pattern().is_some());
    let matched = with_pattern().filter(|condition| {
        let tree = condition.operator.pattern().map(|pattern| tree(pattern)).unwrap();
        (0..8).any(|seed| {
            let mut sample = Vec::new();
            Sampler::new(seed, 200).write(&tree, &mut sample);
            condition.operator.evaluate(&sample, b"", &mut seen)
        })
    });
    let (matched, all) = (matched.count(), with_pattern().count());
    println!("{matched} of {all} patterns match what was made for them");
    assert!(matched * 100 >= all * 95);
}
