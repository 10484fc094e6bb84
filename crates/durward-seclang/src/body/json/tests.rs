use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::super::{BodyError, Dialect, Limits, Parsed};
use super::parse;
use crate::arena::{Arena, Kind};

type Leaf = (String, String, Kind);

fn read_with(body: &[u8], complete: bool, limits: &Limits) -> (Vec<Leaf>, Parsed) {
    let mut arena = Arena::default();
    let parsed = parse(body, complete, limits, &mut arena);
    let text = |span| String::from_utf8_lossy(arena.get(span)).into_owned();
    let leaves = parsed.args.iter().map(|pair| (text(pair.name), text(pair.value), pair.kind)).collect();
    (leaves, parsed)
}

/// `name=value` pieces, and the error.
fn read(body: &str, dialect: Dialect) -> (Vec<String>, Option<BodyError>) {
    let (leaves, parsed) = read_with(body.as_bytes(), true, &Limits { dialect, ..Limits::default() });
    (leaves.into_iter().map(|(name, value, _)| format!("{name}={value}")).collect(), parsed.error)
}

fn fault(body: &[u8], complete: bool) -> Option<(&'static str, usize)> {
    read_with(body, complete, &Limits::default()).1.error.map(|error| (error.message, error.offset))
}

#[test]
fn flattens() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("{}", &[]),
        (" [ ] ", &[]),
        (r#"{"a":{},"b":[],"c":[{},[]]}"#, &[]),
        ("1", &["json=1"]),
        (" null ", &["json="]),
        (r#""x""#, &["json=x"]),
        (r#"{"foo":"bar"}"#, &["json.foo=bar"]),
        (r#"{"a":1,"b":true,"c":false,"d":null}"#, &["json.a=1", "json.b=true", "json.c=false", "json.d="]),
        (r#"{"a":{"b":{"c":1}},"d":2}"#, &["json.a.b.c=1", "json.d=2"]),
        (
            r#"[1,"x",[2,[3]],{"k":4}]"#,
            &[
                "json.array_0=1",
                "json.array_1=x",
                "json.array_2.array_0=2",
                "json.array_2.array_1.array_0=3",
                "json.array_3.k=4",
            ],
        ),
        (r#"{"items":[{"sku":"a"},{"sku":"b"}]}"#, &["json.items.array_0.sku=a", "json.items.array_1.sku=b"]),
        (r#"{"a":1,"a":2,"\u0061":3}"#, &["json.a=1", "json.a=2", "json.a=3"]),
        (r#"{"":1,"x":{"":[2]}}"#, &["json.empty-key=1", "json.x.empty-key.array_0=2"]),
        (r#"{"a.b":1,"c\"\n":2}"#, &["json.a.b=1", "json.c\"\n=2"]),
        ("\t{\r\n\"a\" : [ 1 , 2 ] , \"b\":0 }\n", &["json.a.array_0=1", "json.a.array_1=2", "json.b=0"]),
        (
            "[-0,1.5,-2e10,3E+4,0.1e-2]",
            &["json.array_0=-0", "json.array_1=1.5", "json.array_2=-2e10", "json.array_3=3E+4", "json.array_4=0.1e-2"],
        ),
    ];
    for (body, expected) in table {
        assert_eq!(
            read(body, Dialect::ModSecurity),
            (expected.iter().map(|s| (*s).to_owned()).collect(), None),
            "{body}"
        );
    }
}

#[test]
fn flattens_as_coraza() {
    let table: &[(&str, &[&str])] = &[
        ("7", &["json=7"]),
        (r#"{"a":[],"b":{},"":1}"#, &["json.=1"]),
        (
            r#"{"c":[1,2],"d":{"a":1},"e":[{"a":1}],"f":[[[{"z":"abc"}]]]}"#,
            &[
                "json.c.0=1",
                "json.c.1=2",
                "json.c=2",
                "json.d.a=1",
                "json.e.0.a=1",
                "json.e=1",
                "json.f.0.0.0.z=abc",
                "json.f.0.0=1",
                "json.f.0=1",
                "json.f=1",
            ],
        ),
        ("[[],{}]", &["json=2"]),
    ];
    for (body, expected) in table {
        assert_eq!(read(body, Dialect::Coraza), (expected.iter().map(|s| (*s).to_owned()).collect(), None), "{body}");
    }
}

#[test]
fn says_what_values_are() {
    let (leaves, _) = read_with(br#"[1,"1",true,"true",null,""]"#, true, &Limits::default());
    let kinds: Vec<_> = leaves.iter().map(|leaf| leaf.2).collect();
    assert_eq!(kinds, [Kind::Number, Kind::Text, Kind::Boolean, Kind::Text, Kind::Null, Kind::Text]);
}

#[test]
fn unescapes() {
    for (escaped, expected) in [
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u0041\u00e9\u20AC\u0000", "Aé€\0"),
        (r"\ud83d\ude00", "😀"),
        (r"\uDBFF\uDFFF", "\u{10ffff}"),
        (r"\ud83d", "\u{fffd}"),
        (r"\ud83dx", "\u{fffd}x"),
        (r"\ude00", "\u{fffd}"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ud83d\n", "\u{fffd}\n"),
        ("é€😀", "é€😀"),
    ] {
        let (leaves, parsed) = read_with(format!("\"{escaped}\"").as_bytes(), true, &Limits::default());
        assert_eq!((leaves[0].1.as_str(), parsed.error), (expected, None), "{escaped}");
    }
}

#[test]
fn refuses() {
    let early = "text ends too early";
    for (body, message, offset) in [
        (" ", early, 1),
        ("{", early, 1),
        ("[1", early, 2),
        (r#"{"a"#, early, 3),
        (r#"{"a":"b"#, early, 7),
        (r#"{"a":"b","#, early, 9),
        ("tru", early, 3),
        ("-", early, 1),
        ("x", "unexpected character where a value begins", 0),
        ("[,1]", "unexpected character where a value begins", 1),
        ("[1,]", "unexpected character where a value begins", 3),
        (r#"{"a":}"#, "unexpected character where a value begins", 5),
        ("['a']", "unexpected character where a value begins", 1),
        ("[1 2]", "expected `,` or `]`", 3),
        ("[1}", "expected `,` or `]`", 2),
        ("[01]", "expected `,` or `]`", 2),
        ("[1/**/]", "expected `,` or `]`", 2),
        (r#"{"a":1]"#, "expected `,` or `}`", 6),
        ("{a:1}", "expected a member name", 1),
        (r#"{"a":1,}"#, "expected a member name", 7),
        (r#"{"a" 1}"#, "expected `:`", 5),
        ("[nul]", "unexpected word", 1),
        ("[-x]", "a digit is missing in a number", 2),
        ("[1.]", "a digit is missing in a number", 3),
        ("[1e+]", "a digit is missing in a number", 4),
        ("1 1", "text after the end of the value", 2),
        ("{}}", "text after the end of the value", 2),
    ] {
        assert_eq!(fault(body.as_bytes(), true), Some((message, offset)), "{body}");
    }
}

#[test]
fn reads_on_after_errors_in_strings() {
    let table: &[(&[u8], &str, usize, &[u8])] = &[
        (b"[\"a\nb\"]", "control character in a string", 3, b"a\nb"),
        (b"[\"a\xffb\"]", "string is not UTF-8", 3, b"a\xffb"),
        (b"[\"\xe2\x82\"]", "string is not UTF-8", 2, b"\xe2\x82"),
        (br#"["a\x41"]"#, "invalid escape in a string", 3, br"a\x41"),
        (br#"["\u12g4"]"#, "invalid escape in a string", 2, br"\u12g4"),
        (br#"["\u12"]"#, "invalid escape in a string", 2, br"\u12"),
        (b"\xef\xbb\xbf[\"a\"]", "byte order mark", 0, b"a"),
    ];
    for (body, message, offset, value) in table {
        let mut arena = Arena::default();
        let parsed = parse(body, true, &Limits::default(), &mut arena);
        assert_eq!(parsed.error.map(|error| (error.message, error.offset)), Some((*message, *offset)), "{body:?}");
        assert_eq!(arena.get(parsed.args[0].value), *value, "{body:?}");
    }
}

#[test]
fn gives_what_stands_before_the_cut() {
    let body = r#"{"a":"é\u20ac","b":[true,-1.5e3],"c":null}"#;
    for cut in 0..body.len() {
        let body = &body.as_bytes()[..cut];
        assert_eq!(fault(body, false), None, "{cut}");
        assert!(cut == 0 || fault(body, true).is_some(), "{cut}");
    }
    for (body, last) in [
        (r#"{"a":"bc"#, "json.a=bc"),
        (r#"{"a":"bc\"#, "json.a=bc"),
        (r#"{"a":"bc\u00"#, "json.a=bc"),
        (r#"{"a":1,"se"#, "json.se="),
        ("[1,23", "json.array_1=23"),
        ("[1,2.", "json.array_1=2."),
        ("[1,tr", "json.array_0=1"),
    ] {
        let (leaves, _) = read_with(body.as_bytes(), false, &Limits::default());
        let last_seen = leaves.last().map(|(name, value, _)| format!("{name}={value}"));
        assert_eq!(last_seen.as_deref(), Some(last), "{body}");
    }
    assert_eq!(fault(b"[1}", false).map(|fault| fault.1), Some(2), "an error is one");
}

#[test]
fn keeps_limits() {
    let limits = Limits { arguments: 2, json_depth: 3, ..Limits::default() };
    for (body, expected, count, exceeded) in [
        ("[1,2]", None, 2, false),
        ("[1,2,3]", Some("more arguments than the limit"), 2, true),
        ("[[[1]]]", None, 1, false),
        ("[1,[[[2]]]]", Some("parsing depth limit exceeded"), 1, false),
    ] {
        let (leaves, parsed) = read_with(body.as_bytes(), true, &limits);
        assert_eq!(parsed.error.map(|error| error.message), expected, "{body}");
        assert_eq!((leaves.len(), parsed.arguments_exceeded), (count, exceeded), "{body}");
    }
}

#[test]
fn a_long_name_is_not_multiplied() {
    let body = format!("{{\"{}\":[{}1]}}", "n".repeat(100_000), "1,".repeat(900));
    let mut arena = Arena::default();
    let parsed = parse(body.as_bytes(), true, &Limits::default(), &mut arena);
    assert!(parsed.arguments_exceeded);
    assert_eq!(parsed.error.map(|error| error.message), Some("the names of the arguments are too long"));
    let kept: usize = parsed.args.iter().map(|pair| pair.name.len()).sum();
    assert!(kept <= 4 * body.len() + super::NAMES_FLOOR);
}

#[test]
fn depth_costs_no_stack() {
    let limits = Limits { json_depth: usize::MAX, ..Limits::default() };
    let body = "[".repeat(50_000) + "1" + &"]".repeat(50_000);
    let (leaves, parsed) = read_with(body.as_bytes(), true, &limits);
    assert_eq!((leaves.len(), parsed.error), (1, None));
}

/// What the other reader makes of it.
fn flatten(value: &Value, name: &mut String, out: &mut Vec<Leaf>) {
    let length = name.len();
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                _ = write!(name, ".{}", if member.is_empty() { "empty-key" } else { member });
                flatten(value, name, out);
                name.truncate(length);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                _ = write!(name, ".array_{index}");
                flatten(value, name, out);
                name.truncate(length);
            }
        }
        Value::String(text) => out.push((name.clone(), text.clone(), Kind::Text)),
        Value::Number(number) => out.push((name.clone(), number.to_string(), Kind::Number)),
        Value::Bool(value) => out.push((name.clone(), value.to_string(), Kind::Boolean)),
        Value::Null => out.push((name.clone(), String::new(), Kind::Null)),
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((".{0,4}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_wrote(value in values(), pretty: bool) {
        let body = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let (leaves, parsed) = read_with(body.as_bytes(), true, &Limits::default());
        let mut expected = Vec::new();
        flatten(&value, &mut "json".to_owned(), &mut expected);
        prop_assert_eq!(parsed.error, None);
        prop_assert_eq!(leaves, expected);
    }

    #[test]
    fn accepts_what_serde_json_accepts(body in r#"([\[\]{},:" \n\\a1.eE+-]|"a"|null|true|\\u00|\\ud83d|\x01|é){0,12}"#) {
        let accepted = serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok();
        prop_assert_eq!(fault(body.as_bytes(), true).is_none(), accepted || body.is_empty());
    }

    #[test]
    fn takes_anything(body in any::<Vec<u8>>(), complete: bool) {
        read_with(&body, complete, &Limits::default());
    }

    #[test]
    fn a_cut_is_no_error(value in values(), part in 0.0..1.0) {
        let body = serde_json::to_string(&value).unwrap();
        let cut = (body.len() as f64 * part) as usize;
        prop_assert_eq!(fault(&body.as_bytes()[..cut], false), None);
    }
}
