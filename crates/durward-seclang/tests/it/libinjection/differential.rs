//! The detectors and the C library, asked about the same values.
//!
//! The library is the one inside of ModSecurity 3.0.15, as a Python package ships it: libinjection 4.0. Where it and the
//! detectors say different things, the difference is one of the kinds listed here, each with its reason.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, iter, thread};

use durward_seclang::detect::{sqli, xss};

use super::case;
use crate::suites;

/// Reads values, each behind its length, and writes a line for each: the fingerprint, and whether it is XSS.
const ASK: &str = r#"
import ctypes, glob, os, struct, sys
import libmodsecurity

home = os.path.dirname(os.path.dirname(libmodsecurity.__file__))
library = ctypes.CDLL(glob.glob(os.path.join(home, "libmodsecurity.libs", "libmodsecurity-*"))[0])
data, at, shape, lines = sys.stdin.buffer.read(), 0, ctypes.create_string_buffer(16), []
while at < len(data):
    (length,) = struct.unpack_from("<I", data, at)
    value = data[at + 4 : at + 4 + length]
    at += 4 + length
    found = library.libinjection_sqli(value, ctypes.c_size_t(length), shape)
    lines.append(b"%s %d\n" % (shape.value if found else b"", library.libinjection_xss(value, ctypes.c_size_t(length))))
sys.stdout.buffer.write(b"".join(lines))
"#;

/// What is said of a value: the fingerprint, empty if it is no injection, and whether it is XSS.
type Verdict = (String, bool);

/// What the C library says of values.
fn ask(python: &Path, values: &[Vec<u8>]) -> Vec<Verdict> {
    let mut asked = Command::new(python);
    let mut child =
        asked.args(["-c", ASK]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python starts");
    let mut input = child.stdin.take().unwrap();
    let bytes: Vec<u8> =
        values.iter().flat_map(|value| [&(value.len() as u32).to_le_bytes(), &value[..]].concat()).collect();
    let writer = thread::spawn(move || input.write_all(&bytes));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(out.status.success(), "the C library could not be asked");
    let text = String::from_utf8(out.stdout).unwrap();
    let verdict = |line: &str| {
        let (shape, page) = line.rsplit_once(' ').unwrap();
        (shape.to_owned(), page == "1")
    };
    text.lines().map(verdict).collect()
}

fn ours(value: &[u8]) -> Verdict {
    (sqli(value).map(|shape| shape.to_string()).unwrap_or_default(), xss(value))
}

/// Whether there is a number whose exponent is missing. libinjection 4 reads over it, libinjection 3 took it for a word.
/// Here both are tried, so that more is found than by either, and the fingerprint may be that of the other.
fn has_bare_exponent(value: &[u8]) -> bool {
    (1..value.len()).any(|at| {
        let (before, after) = value.split_at(at);
        let sign = usize::from(matches!(after.get(1), Some(b'+' | b'-')));
        matches!(after[0], b'e' | b'E')
            && matches!(before.last(), Some(b'0'..=b'9' | b'.'))
            && !after.get(1 + sign).is_some_and(u8::is_ascii_digit)
    })
}

/// Attributes on which version 4 of the list and the one here differ: events that no browser has any more, and such that
/// only the code of browsers knows.
const OTHER_EVENTS: &[&str] = &["onforminput", "onformchange"];

/// The value without what libinjection reads wrongly: it takes 0xFF for the end before attributes and values, and the
/// element after `</>` or `</a >` for one that is closed.
fn read_rightly(value: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = value.iter().map(|byte| if *byte == 0xFF { 0xFE } else { *byte }).collect();
    let mut rest = text.as_slice();
    let mut out = Vec::new();
    while let Some(at) = rest.windows(2).position(|pair| pair == b"</") {
        out.extend_from_slice(&rest[..=at]);
        rest = &rest[at + 2..];
    }
    [&out, rest].concat()
}

#[test]
fn the_c_library_says_the_same() {
    let (Some(python), Some(root)) = (suites::peer("py/bin/python"), suites::corpus("libinjection")) else { return };
    let there = Command::new(&python).args(["-c", "import libmodsecurity"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        println!("SKIPPED (peer missing: libmodsecurity); it is installed on x86-64 only");
        return;
    }
    let values = corpus(&root);
    assert!(values.len() >= 100_000, "{}", values.len());
    let theirs = ask(&python, &values);
    assert_eq!(theirs.len(), values.len());

    let (mut attacks, mut pages, mut numbers, mut unread) = (0, 0, 0, Vec::new());
    let mut wrong = Vec::new();
    for (value, (shape, page)) in values.iter().zip(&theirs) {
        let (our_shape, our_page) = ours(value);
        attacks += usize::from(!shape.is_empty());
        pages += usize::from(*page);
        if our_shape != *shape {
            numbers += 1;
            if !has_bare_exponent(value) || our_shape.is_empty() {
                wrong.push(format!("SQL: `{}` is `{shape}`, here `{our_shape}`", value.escape_ascii()));
            }
        }
        let lower = value.to_ascii_lowercase();
        let has = |event: &&str| memchr::memmem::find(&lower, event.as_bytes()).is_some();
        if our_page != *page && !OTHER_EVENTS.iter().any(has) {
            if our_page {
                unread.push(value.clone());
            } else {
                wrong.push(format!("XSS: `{}` is not found", value.escape_ascii()));
            }
        }
    }
    // What only we find it finds too, once it can read it.
    let rightly: Vec<Vec<u8>> = unread.iter().map(|value| read_rightly(value)).collect();
    for (value, (_, page)) in unread.iter().zip(ask(&python, &rightly)) {
        if !page {
            wrong.push(format!("XSS: `{}` is found here only", value.escape_ascii()));
        }
    }
    println!(
        "{} values: {attacks} SQL, {pages} XSS; {numbers} with other numbers, {} unread",
        values.len(),
        unread.len()
    );
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), values.len(), wrong.join("\n"));
    assert!(attacks > 10_000 && pages > 1_000, "the corpus has too few attacks: {attacks}, {pages}");
}

/// Pieces that one of the readers takes notice of.
#[rustfmt::skip]
const PIECES: &[&[u8]] = &[
    b"'", b"\"", b"`", b"\\", b"\0", b"\xa0", b"\xff", b"--", b"#", b"/*", b"*/", b"/*!", b";", b"(", b")", b"{",
    b"}", b"[", b"]", b"@", b"@@", b"$", b"$$", b"$a$", b".", b",", b"=", b"0x", b"0b", b"1.", b"q'(", b"nq'", b"u&'",
    b"x'1", b"b'0", b"n'", b"+", b"-", b"!", b"||", b"<=>", b"::", b":", b"?", b"\\N", b"n", b"1", b" ", b"\n", b"<",
    b">", b"&", b"/", b"%", b"^", b"<!--", b"-->", b"-!>", b"</", b"/>", b"<%", b"%>", b"<![CDATA[", b"]]>", b"<!",
    b"<?", b"&#", b"&#x6a;", b"&#106", b"script", b"<svg", b"xsl", b"onload=", b" onerror", b"href=", b"javascript:",
    b"data:", b"style=", b"xmlns", b"attributename=", b"sp_password", b" or ", b" and ", b"1=1", b"union ",
    b"select ", b" from ", b" like ", b" not ", b" in ", b";if ", b"user", b"a_b", b" int ",
];

/// Values that others wrote, and what becomes of them when they are cut, spliced and written in other ways.
fn corpus(root: &Path) -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    let files = |folder: &Path| -> Vec<_> {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    texts.extend(files(&root.join("tests")).iter().map(|path| case(path).0));
    let lines = fs::read(root.join("false_positives.txt")).unwrap();
    texts.extend(lines.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    let data: serde_json::Value = serde_json::from_slice(&fs::read(root.join("sqlparse_data.json")).unwrap()).unwrap();
    let words: Vec<Vec<u8>> = data["keywords"].as_object().unwrap().keys().map(|word| word.as_bytes().into()).collect();
    texts.extend(data["fingerprints"].as_array().unwrap().iter().map(|shape| spell(shape.as_str().unwrap())));
    for suite in ["crs3", "crs4"] {
        let Some(home) = suites::corpus(suite) else { continue };
        collect(&home, &mut texts);
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut seen: HashSet<Vec<u8>> = words.iter().chain(&texts).cloned().collect();
    seen.extend(iter::repeat_with(|| change(&texts, &words, &mut random)).take(160_000));
    let mut values: Vec<Vec<u8>> = seen.into_iter().filter(|value| value.len() <= 4000).collect();
    values.sort_unstable();
    values
}

/// The payloads of a regression suite: what stands behind `data:` and `uri:`, whole, decoded, and each value alone.
fn collect(folder: &Path, texts: &mut Vec<Vec<u8>>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                for line in fs::read_to_string(&path).unwrap_or_default().lines() {
                    let line = line.trim().trim_start_matches("- ");
                    let payload = line.strip_prefix("data:").or_else(|| line.strip_prefix("uri:"));
                    let Some(payload) = payload.map(|text| text.trim().trim_matches(['"', '\''])) else { continue };
                    texts.push(payload.into());
                    texts.extend(payload.split(['?', '&', '=']).map(unescape));
                }
            }
        }
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut out = Vec::new();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        let (byte, taken) = match (first, code) {
            (b'%', Some(code)) => (code, 3),
            (b'+', _) => (b' ', 1),
            (other, _) => (*other, 1),
        };
        out.push(byte);
        rest = &rest[taken..];
    }
    out
}

/// A value with this fingerprint, more or less.
fn spell(shape: &str) -> Vec<u8> {
    let word = |symbol| match symbol {
        '1' => "1",
        's' | 'S' => "'a'",
        'n' | 'N' => "foo",
        'v' | 'V' => "@x",
        'o' | 'O' => "<>",
        '&' => "and",
        'k' | 'K' => "from",
        'u' | 'U' => "union",
        'e' | 'E' => "select",
        'f' | 'F' => "sleep",
        't' | 'T' => "drop",
        'b' | 'B' => "group by",
        'a' | 'A' => "collate",
        'c' | 'C' => "/**/",
        'x' | 'X' => "/*!*/",
        '(' => "(",
        ')' => ")",
        ',' => ",",
        ';' => ";",
        ':' => ":",
        _ => "",
    };
    shape.chars().map(word).collect::<Vec<_>>().join(" ").into_bytes()
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound.max(1)
    }

    fn of<'a>(&mut self, values: &'a [Vec<u8>]) -> &'a [u8] {
        &values[self.below(values.len())]
    }
}

fn change(texts: &[Vec<u8>], words: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    if random.below(3) == 0 {
        let count = 1 + random.below(9);
        return (0..count).flat_map(|_| piece(words, random)).collect();
    }
    let mut value = random.of(texts).to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(value.len() + 1);
        match random.below(8) {
            0 => value.truncate(at),
            1 => _ = value.drain(..at),
            2 => _ = value.splice(at..at, piece(words, random)),
            3 => {
                let other = random.of(texts);
                value.truncate(at);
                value.extend_from_slice(&other[random.below(other.len() + 1)..]);
            }
            4 => value.iter_mut().filter(|_| random.below(2) == 0).for_each(|byte| {
                if byte.is_ascii_alphabetic() {
                    *byte ^= 0x20;
                }
            }),
            5 => {
                let blank = [&b"/**/"[..], b"\t", b"\n", b"\xa0", b"\0", b"+", b""][random.below(7)];
                value = value.split(|byte| *byte == b' ').collect::<Vec<_>>().join(blank);
            }
            6 => {
                let open = [&b"'"[..], b"\"", b"1 ", b"1) ", b"1' ", b"-1 "][random.below(6)];
                value.splice(..0, open.iter().copied());
            }
            _ => {
                if let Some(byte) = value.get_mut(at) {
                    *byte = random.below(256) as u8;
                }
            }
        }
    }
    value
}

fn piece(words: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    if random.below(3) == 0 { [random.of(words), b" "].concat() } else { PIECES[random.below(PIECES.len())].to_vec() }
}
