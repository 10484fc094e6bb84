use proptest::prelude::*;

use super::super::{Limits, MultipartFlags, Parsed};
use super::parse;
use crate::arena::Arena;

const TYPE: &[u8] = b"multipart/form-data; boundary=b";

/// What a body holds, as text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    args: Vec<String>,
    files: Vec<String>,
    headers: Vec<String>,
}

fn read_with(body: &[u8], complete: bool, limits: &Limits) -> (Seen, Parsed) {
    let mut arena = Arena::default();
    let parsed = parse(TYPE, body, complete, limits, &mut arena);
    let text = |span| String::from_utf8_lossy(arena.get(span)).into_owned();
    let pair = |pair: &crate::arena::Pair| format!("{}={}", text(pair.name), text(pair.value));
    let file = |file: &super::FilePart| {
        let content = String::from_utf8_lossy(&body[file.content.clone()]);
        format!("{}={}={content}", text(file.name), text(file.filename))
    };
    let seen = Seen {
        args: parsed.args.iter().map(pair).collect(),
        files: parsed.files.iter().map(file).collect(),
        headers: parsed.part_headers.iter().map(pair).collect(),
    };
    (seen, parsed)
}

fn read(body: &str) -> (Seen, Parsed) {
    read_with(body.as_bytes(), true, &Limits::default())
}

/// The names of the flags that are set; what every good body has is left out.
fn flags(flags: &MultipartFlags) -> String {
    let all = [
        (flags.data_before, "before"),
        (flags.data_after, "after"),
        (flags.header_folding, "folding"),
        (flags.invalid_header_folding, "invalid-folding"),
        (flags.lf_line, "lf"),
        (flags.crlf_lf_lines(), "mixed"),
        (flags.invalid_quoting, "quoting"),
        (flags.invalid_part, "part"),
        (flags.file_limit_exceeded, "files"),
        (flags.error, "error"),
        (flags.unmatched_boundary == 1, "unmatched"),
    ];
    all.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
}

fn field(name: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[test]
fn reads() {
    let body = field("a", "1")
        + "--b\r\ncontent-disposition: form-data; name=f; filename=\"x.txt\"\r\nContent-Type: text/plain; charset=utf-7\r\n\
           X-Empty:\r\n\r\nline\r\n\r\n--\r\nend\r\n"
        + &field("a", "2\r\n3")
        + &field("", "empty name")
        + &field("_charset_", "")
        + "--b\r\nContent-Disposition: form-data; name=n; filename=\"\"\r\n\r\nno file\r\n--b--\r\n";
    let (seen, parsed) = read(&body);
    assert_eq!(seen.args, ["a=1", "a=2\r\n3", "=empty name", "_charset_=", "n=no file"]);
    assert_eq!(seen.files, ["f=x.txt=line\r\n\r\n--\r\nend"]);
    assert_eq!(
        seen.headers[..4],
        [
            "a=Content-Disposition: form-data; name=\"a\"",
            "f=content-disposition: form-data; name=f; filename=\"x.txt\"",
            "f=Content-Type: text/plain; charset=utf-7",
            "f=X-Empty:",
        ]
    );
    assert_eq!(parsed.files_combined_size, 15);
    assert_eq!((parsed.part_names.len(), parsed.part_filenames.len()), (6, 2));
    let message = parsed.error.map(|error| error.to_string());
    let offset = body.find("\r\nempty name").unwrap();
    let expected =
        format!("Multipart parsing error: Multipart: Content-Disposition header missing name field. at byte {offset}");
    assert_eq!(message, Some(expected));
}

#[test]
fn flags_nothing_in_good_bodies() {
    for body in [
        field("a", "1") + "--b--\r\n",
        field("a", "1") + "--b--",
        field("a", "") + "--b--\r\n",
        field("a", "\r\n") + "--b--\r\n",
        field("a", "1") + &field("b", "-\r\n-") + "--b--\r\n",
        "--b--\r\n".to_owned(),
        String::new(),
    ] {
        let (_, parsed) = read(&body);
        assert_eq!((flags(&parsed.multipart), parsed.error), (String::new(), None), "{body:?}");
        assert!(!parsed.multipart.strict_error(), "{body:?}");
    }
    let twice = field("a", "1") + "--b--\r\n";
    assert_eq!(read(&twice).1.multipart.unmatched_boundary, 2);
    assert_eq!(read(twice.trim_end()).1.multipart.unmatched_boundary, 0);
}

#[test]
fn flags_and_reads_on() {
    const HEAD: &str = "Content-Disposition: form-data; name=a";
    let closing = "Multipart: Final boundary missing.";
    let long = format!("--b\r\n{HEAD}\r\nX: {}\r\n\r\n1\r\n--b--\r\n", "x".repeat(4096));
    let folded =
        format!("--b\r\n{HEAD}\r\nX: 1\r\n{}\r\n1\r\n--b--\r\n", format!(" {}\r\n", "y".repeat(1000)).repeat(5));
    let many = format!("--b\r\n{HEAD}\r\n{}\r\n1\r\n--b--\r\n", "x:\r\n".repeat(2));
    let table: &[(&str, &str, Option<&str>, &[&str])] = &[
        // Around the boundaries.
        ("hello\r\n--b\r\n{}\r\n\r\n1\r\n--b--\r\n", "before", None, &["a=1"]),
        ("\r\n--b\r\n{}\r\n\r\n1\r\n--b--\r\n", "before", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\r\n--b--\r\n\r\n", "after", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\r\n--b--\r\n--b\r\n", "after", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\r\n", "error", Some(closing), &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\r\n--b-", "error", Some(closing), &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\r\n--b", "error", Some(closing), &["a=1"]),
        ("--b\r\n{}\r\n\r\n1", "error", Some(closing), &["a=1"]),
        ("--b\r\n{}\r\n", "part error", Some(closing), &[]),
        ("x", "error", Some("Multipart: No boundaries found in payload."), &[]),
        ("x\r\n", "before error", Some("Multipart: No boundaries found in payload."), &[]),
        ("--b--", "error", Some("Multipart: No boundaries found in payload."), &[]),
        (
            "--b\r\n{}\r\n\r\n1\r\n--b \r\n{}\r\n\r\n2\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid boundary."),
            &["a=1", "a=2"],
        ),
        ("--b\r\n{}\r\n\r\n1\r\n--bc\r\n--b--\r\n", "error", Some("Multipart: Invalid boundary."), &["a=1\r\n--bc"]),
        (
            "--b\r\n{}\r\n\r\n1\r\n-- b\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid boundary (whitespace)."),
            &["a=1\r\n-- b"],
        ),
        // What looks like a boundary after the last that is one.
        ("--b\r\n{}\r\n\r\n--xyz\r\n--b--", "unmatched", None, &["a=--xyz"]),
        ("--b\r\n{}\r\n\r\nx--b\r\n--b--", "unmatched", None, &["a=x--b"]),
        ("--b\r\n{}\r\n\r\nx--b\r\n--b--\r\n", "", None, &["a=x--b"]),
        // A boundary where content should begin.
        ("--b\r\n{}\r\n\r\n--b\r\n{}\r\n\r\n2\r\n--b--\r\n", "part", None, &["a=", "a=2"]),
        ("--b\r\n{}\r\n\r\n--b--\r\n", "part", None, &["a="]),
        ("--b\r\n{}\r\n\r\n--b--", "part", None, &["a="]),
        ("--b\r\n--b--\r\n", "part", None, &[]),
        // Line ends.
        ("--b\n{}\n\n1\n--b--\n", "lf", None, &["a=1"]),
        ("--b\r\n{}\n\r\n1\r\n--b--\r\n", "lf mixed", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\n--b--\r\n", "lf mixed", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\n--b--", "lf mixed", None, &["a=1"]),
        ("--b\r\n{}\r\n\r\n1\n2\r\n--b--\r\n", "", None, &["a=1\n2"]),
        // Header fields.
        ("--b\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1\r\n--b--\r\n", "folding", None, &["a=1"]),
        (
            "--b\r\n{}\r\n\x0b x\r\n\r\n1\r\n--b--\r\n",
            "folding invalid-folding error",
            Some("Multipart: Invalid Content-Disposition header."),
            &["a=1"],
        ),
        (
            "--b\r\n x\r\n{}\r\n\r\n1\r\n--b--\r\n",
            "folding error",
            Some("Multipart: Invalid part header (folding error)."),
            &["a=1"],
        ),
        (
            "--b\r\n{}\r\nx\r\n\r\n1\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid part header (colon missing)."),
            &["a=1"],
        ),
        (
            "--b\r\n: x\r\n{}\r\n\r\n1\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid part header (header name missing)."),
            &["a=1"],
        ),
        (
            "--b\r\nX\x0e: x\r\n{}\r\n\r\n1\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid part header (contains invalid character)."),
            &["a=1"],
        ),
        ("--b\r\n{}\0\r\n\r\n1\r\n--b--\r\n", "part error", Some("Multipart: Nul byte in part headers."), &["=1"]),
        ("--b\r\n{}\r\n{}b\r\n\r\n1\r\n--b--\r\n", "error", Some("Multipart: Duplicate part header."), &["a=1"]),
        (
            "--b\r\nX: y\r\n\r\n1\r\n--b--\r\n",
            "part error",
            Some("Multipart: Part missing Content-Disposition header."),
            &["=1"],
        ),
        (
            "--b\r\n\r\n1\r\n--b--\r\n",
            "part error",
            Some("Multipart: Part missing Content-Disposition header."),
            &["=1"],
        ),
        (
            "--b\r\n{}; x=y\r\n\r\n1\r\n--b--\r\n",
            "error",
            Some("Multipart: Invalid Content-Disposition header."),
            &["a=1"],
        ),
        ("--b\r\nContent-Disposition: form-data; name='a'\r\n\r\n1\r\n--b--\r\n", "quoting", None, &["a=1"]),
        (&long, "error", Some("Multipart: Part header line over 4096 bytes long"), &["a=1"]),
        (&folded, "folding error", Some("Multipart: Part header too long."), &["a=1"]),
        (&many, "error", Some("Multipart: Duplicate part header."), &["a=1"]),
    ];
    for (body, expected_flags, error, args) in table {
        let body = body.replace("{}", HEAD);
        let (seen, parsed) = read(&body);
        assert_eq!(flags(&parsed.multipart), *expected_flags, "{body:?}");
        assert_eq!(parsed.error.as_ref().map(|error| error.message), *error, "{body:?}");
        assert_eq!(seen.args, *args, "{body:?}");
        let odd = !expected_flags.is_empty() && *expected_flags != "unmatched";
        assert_eq!(parsed.multipart.strict_error(), odd, "{body:?}");
    }
}

#[test]
fn refused_header_lines_are_seen() {
    let body = "--b\r\n\x0eContent-Disposition: form-data; name=\"file\"; filename=\"1.php\"\r\n\
        Content-Disposition: form-data; name=\"post\"\r\nX: 1\r\nx: 2\r\n\r\n1\r\n--b--";
    let (seen, _) = read(body);
    assert_eq!(
        seen.headers,
        [
            "post=\x0eContent-Disposition: form-data; name=\"file\"; filename=\"1.php\"",
            "post=Content-Disposition: form-data; name=\"post\"",
            "post=X: 1",
            "post=x: 2",
        ]
    );
}

#[test]
fn a_file_needs_a_plain_filename() {
    let part = "--b\r\nContent-Disposition: form-data; name=a; filename =x\r\n\r\n1\r\n--b--\r\n";
    let (seen, parsed) = read(part);
    assert_eq!(seen.files, ["a=x=1"]);
    let message = parsed.error.map(|error| error.message);
    assert_eq!(message, Some("Multipart: Invalid Content-Disposition header (filename)."));
}

#[test]
fn boundary_in_quotes() {
    let mut arena = Arena::default();
    let body = field("a", "1") + "--\"b\"\r\n--b--\r\n";
    let content_type = b"multipart/form-data; boundary=\"b\"";
    let parsed = parse(content_type, body.as_bytes(), true, &Limits::default(), &mut arena);
    assert!(parsed.multipart.boundary_quoted && parsed.multipart.strict_error());
    assert_eq!(parsed.error.map(|error| error.message), Some("Multipart: Invalid boundary (quotes)."));
}

#[test]
fn keeps_limits() {
    let limits = Limits { arguments: 1, files: 1, no_files: 200, ..Limits::default() };
    let body = field("a", "1") + &field("b", "2") + "--b--\r\n";
    let (seen, parsed) = read_with(body.as_bytes(), true, &limits);
    assert_eq!((seen.args.len(), parsed.arguments_exceeded, parsed.too_large), (1, true, false));
    let (_, parsed) = read_with((field("a", &"x".repeat(200)) + "--b--\r\n").as_bytes(), true, &limits);
    assert!(parsed.too_large && parsed.error.is_none());
    let file = field("f\"; filename=\"x", &"x".repeat(200));
    let (_, parsed) = read_with((file.clone() + "--b--\r\n").as_bytes(), true, &limits);
    assert!(!parsed.too_large && !parsed.multipart.file_limit_exceeded && parsed.files_combined_size == 200);
    let (seen, parsed) = read_with((file.repeat(2) + "--b--\r\n").as_bytes(), true, &limits);
    assert!(parsed.multipart.file_limit_exceeded && parsed.error.is_some());
    assert_eq!(seen.files.len(), 2);
}

#[test]
fn gives_what_stands_before_the_cut() {
    let body = field("a", "12") + &field("c", "34\r\n56") + "--b--\r\n";
    for cut in 0..body.len() {
        let (seen, parsed) = read_with(&body.as_bytes()[..cut], false, &Limits::default());
        assert_eq!(parsed.error, None, "{cut}");
        // A CR at the cut may be content.
        for arg in seen.args.iter().map(|arg| arg.trim_end_matches('\r')) {
            assert!("a=12".starts_with(arg) || "c=34\r\n56".starts_with(arg), "{cut}: {arg:?}");
        }
    }
    let (seen, _) = read_with(field("a", "1234").trim_end().as_bytes(), false, &Limits::default());
    assert_eq!(seen.args, ["a=1234"]);
}

proptest! {
    #[test]
    fn reads_back(fields in prop::collection::vec(("[a-z]{1,5}", "([ -~\r\n]|--|--b|é){0,40}"), 1..6)) {
        // A line of a value must not be a boundary.
        let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, value.replace("--b", "--c"))).collect();
        let body: String = fields.iter().map(|(name, value)| field(name, value)).collect();
        let (seen, _) = read(&(body + "--b--\r\n"));
        let expected: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        prop_assert_eq!(seen.args, expected);
    }

    #[test]
    fn takes_anything(body in any::<Vec<u8>>(), complete: bool) {
        read_with(&body, complete, &Limits::default());
    }

    #[test]
    fn takes_anything_similar(
        body in r#"(\r\n|\n|--b|--|-| |:|;|X: y|Content-Disposition: form-data; name=|filename=|a|"|'|\\|\x00|\x0b){0,30}"#,
        complete: bool,
    ) {
        let (seen, parsed) = read_with(body.as_bytes(), complete, &Limits::default());
        let kept: usize = seen.args.iter().map(String::len).sum();
        prop_assert!(kept <= 2 * body.len());
        prop_assert!(parsed.error.is_none() || parsed.multipart.strict_error());
    }

    #[test]
    fn takes_any_type(content_type in "(multipart/form-data|;|boundary|=|\"|b| |charset){0,8}") {
        let mut arena = Arena::default();
        _ = parse(content_type.as_bytes(), b"--b\r\n", true, &Limits::default(), &mut arena);
    }
}
