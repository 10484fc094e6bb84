//! What holds for every transformation, and the check of its table.

use proptest::prelude::*;

use super::*;
use Transformation as T;

/// Checks a table of inputs and results.
pub(super) fn check(transformation: Transformation, table: &[(&[u8], &[u8])]) {
    for &(input, expected) in table {
        let result = apply(transformation, input, None);
        assert_eq!(result.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{}", input.escape_ascii());
    }
}

fn apply(transformation: Transformation, input: &[u8], map: Option<&UnicodeMap>) -> Vec<u8> {
    let mut out = b"left over".to_vec();
    if transformation.apply(input, map, &mut out) {
        assert_ne!(out, input, "what does not change is said to be the same");
        out
    } else {
        input.to_vec()
    }
}

fn some_transformation() -> impl Strategy<Value = Transformation> {
    proptest::sample::select(T::ALL)
}

/// Bytes that decoders look at more often than others, whole escapes, and anything.
fn some_value() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"%",
        b"%u",
        b"%u00",
        b"%41",
        b"+",
        b"\\",
        b"\\u",
        b"\\x",
        b"\\0",
        b"&",
        b"&#",
        b"&#x",
        b"&lt",
        b";",
        b"#",
        b"0x",
        b"0",
        b"7",
        b"f",
        b"F",
        b"41",
        b"a",
        b"Z",
        b"/",
        b"..",
        b".",
        b"*",
        b"/*",
        b"*/",
        b"--",
        b"-->",
        b"<!--",
        b"<",
        b" ",
        b"\t",
        b"\n",
        b"\x0b",
        b"\0",
        b"'",
        b"\"",
        b"^",
        b",",
        b"(",
        b"=",
        b"QUJD",
        b"\xc3\xa9",
        b"\xe2\x82\xac",
        b"\xf0\x9f\x98\x80",
        b"\xc2",
        b"\xe2",
        b"\xf0",
        b"\xed\xa0\x80",
        b"\x80",
        b"\xa0",
        b"\xff",
    ];
    let piece = prop_oneof![
        9 => proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn is_found_by_its_names() {
    for &it in T::ALL {
        assert_eq!(T::from_name(it.name()), Some(it));
        assert_eq!(T::from_name(&it.name().to_uppercase()), Some(it));
    }
    assert_eq!(T::from_name("normalisePath"), Some(T::NormalizePath));
    assert_eq!(T::from_name("normalisePathWin"), Some(T::NormalizePathWin));
    for unknown in ["", "none", "trimm", "url_decode"] {
        assert_eq!(T::from_name(unknown), None);
    }
}

#[test]
fn url_decode_uni_asks_the_map() {
    let map = UnicodeMap::us_ascii();
    let input = b"%u2039script%u203a%u0131%u00e9%u3c3c%uff1c%u3002%u0041";
    assert_eq!(apply(T::UrlDecodeUni, input, Some(&map)), b"<script>ie<<.A");
    assert_eq!(apply(T::UrlDecodeUni, input, None), b"9script:1\xe9<<\x02A");
}

#[test]
fn knows_pipelines_that_do_nothing() {
    let pipeline = [T::UrlDecodeUni, T::JsDecode, T::Lowercase];
    for (value, expected) in
        [(&b""[..], true), (b"/index.html?a=1", true), (b"a+b", false), (b"\\", false), (b"aB", false)]
    {
        let bytes = ByteSet::from_value(value);
        assert_eq!(identity(&pipeline, &bytes), expected);
        assert_eq!(Triggers::of(&pipeline).fire(&bytes), !expected);
    }
    assert!(identity(&[], &ByteSet::ALL));
    assert!(!identity(&[T::Length], &ByteSet::EMPTY));
    assert_eq!(Triggers::of(&[T::Lowercase, T::Md5]), Triggers::Always);
}

#[test]
fn digests_of_all_paddings() {
    // The digest of the digests of 0 to 200 letters, as Python computes it.
    let chain = |it: T| (0..=200).fold(Vec::new(), |all, length| [all, apply(it, &vec![b'a'; length], None)].concat());
    let hex = |it: T| String::from_utf8(apply(T::HexEncode, &apply(it, &chain(it), None), None)).unwrap();
    assert_eq!(
        (hex(T::Md5).as_str(), hex(T::Sha1).as_str()),
        ("d2a4f9fd5d451c0381f758277052e173", "f6f332e8f89c35ee3df74d34ef8fda777d9647b9")
    );
}

/// Would be felt if one of them were quadratic.
#[test]
fn takes_linear_time() {
    for piece in [
        "&", "&#", "&#0", "&aaaa", "\\", "\\u", "%u", "/*", "<!--", "-", "/../", "a/", "../", "0x", "*/", " ", "\u{e9}",
    ] {
        let input = piece.repeat(40_000 / piece.len());
        for &it in T::ALL {
            apply(it, input.as_bytes(), None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn without_a_trigger_nothing_changes(value in some_value(), it in some_transformation(), mapped: bool) {
        let map = UnicodeMap::us_ascii();
        let changed = apply(it, &value, mapped.then_some(&map)) != value;
        prop_assert!(!changed || it.triggers().fire(&ByteSet::from_value(&value)));
        // The same with every trigger taken out, so that the other side is looked at as often.
        if let Triggers::Bytes(triggers) = it.triggers() {
            let rest: Vec<u8> = value.into_iter().filter(|&byte| !triggers.contains(byte)).collect();
            prop_assert_eq!(apply(it, &rest, mapped.then_some(&map)), rest);
        }
    }

    #[test]
    fn an_identity_pipeline_is_one(value in some_value(), pipeline in proptest::collection::vec(some_transformation(), 0..6)) {
        let result = pipeline.iter().fold(value.clone(), |value, &it| apply(it, &value, None));
        prop_assert!(result == value || !identity(&pipeline, &ByteSet::from_value(&value)));
    }

    #[test]
    fn grows_within_bounds(value in some_value(), it in some_transformation()) {
        prop_assert!(apply(it, &value, None).len() <= 4 * value.len() + 20);
    }

    #[test]
    fn once_is_enough(value in some_value(), it in proptest::sample::select(&[
        T::CmdLine, T::CompressWhitespace, T::Lowercase, T::ParityZero7bit, T::RemoveNulls, T::RemoveWhitespace,
        T::ReplaceNulls, T::Trim, T::TrimLeft, T::TrimRight, T::Uppercase,
    ][..])) {
        let once = apply(it, &value, None);
        prop_assert_eq!(apply(it, &once, None), once);
    }

    #[test]
    fn decoding_undoes_encoding(value: Vec<u8>) {
        for (encode, decode) in [
            (T::HexEncode, T::HexDecode),
            (T::Base64Encode, T::Base64Decode),
            (T::Base64Encode, T::Base64DecodeExt),
            (T::UrlEncode, T::UrlDecode),
            (T::UrlEncode, T::UrlDecodeUni),
        ] {
            prop_assert_eq!(apply(decode, &apply(encode, &value, None), None), &value[..]);
        }
    }

    #[test]
    fn a_map_file_never_panics(text: Vec<u8>, words in "20127( [0-9a-g:]{0,8}){0,8}") {
        let _ = UnicodeMap::parse(&text, 20127);
        let _ = UnicodeMap::parse(words.as_bytes(), 20127);
    }
}
