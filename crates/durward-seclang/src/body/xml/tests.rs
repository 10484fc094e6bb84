use proptest::prelude::*;

use super::super::{Dialect, Limits, Parsed};
use super::parse;
use crate::arena::Arena;

type Fault = Option<(&'static str, usize)>;

fn read_with(body: &[u8], complete: bool, limits: &Limits) -> (Vec<String>, Vec<String>, Fault) {
    let mut arena = Arena::default();
    let Parsed { xml, error, .. } = parse(body, complete, limits, &mut arena);
    let xml = xml.unwrap();
    let text = |spans: &[crate::arena::Span]| -> Vec<String> {
        spans.iter().map(|span| String::from_utf8_lossy(arena.get(*span)).into_owned()).collect()
    };
    (text(&xml.text), text(&xml.attributes), error.map(|error| (error.message, error.offset)))
}

/// The text, the attributes, the error.
fn read(body: &str) -> (String, Vec<String>, Fault) {
    let (text, attributes, fault) = read_with(body.as_bytes(), true, &Limits::default());
    assert!(text.len() <= 1, "{body}");
    (text.concat(), attributes, fault)
}

#[test]
fn reads() {
    let table: &[(&str, &str, &[&str])] = &[
        ("", "", &[]),
        ("<a/>", "", &[]),
        ("<a />\n", "", &[]),
        ("<a></a >", "", &[]),
        ("\u{feff}<a>x</a>", "x", &[]),
        ("<?xml version=\"1.0\"?><root><a probe=\"1 &quot;x&quot;\">value</a></root>", "value", &["1 \"x\""]),
        ("<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<!-- c --><?pi x?><a>x</a><!-- d -->\n", "x", &[]),
        ("<?xml version='1.0'?><?xml-stylesheet href='x'?><a>x</a>", "x", &[]),
        ("<a>1<b>2</b>3<c/>4<!-- 5 --><?p 6?><![CDATA[<7>&amp;]]></a>", "1234<7>&amp;", &[]),
        ("<a>\n <b>x</b>\n</a>", "\n x\n", &[]),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;&#0067;</a>", "<>&\"'AB😀C", &[]),
        ("<a>1\r\n2\r3\n</a>", "1\n2\n3\n", &[]),
        ("<a b='1\r\n2\t3\n4&#10;5' c = \"'\"/>", "", &["1 2 3 4\n5", "'"]),
        ("<a b='1'><c d='2' e=''/></a>", "", &["1", "2", ""]),
        ("<x:a xmlns='urn:1' xmlns:x='urn:2' x:b='1'/>", "", &["1"]),
        ("<é ü='ö'>ß</é>", "ß", &["ö"]),
        ("<a.b-c_1:d>x</a.b-c_1:d>", "x", &[]),
        ("<!DOCTYPE html><a>x</a>", "x", &[]),
        ("<!DOCTYPE a [<!ELEMENT a ANY> <!ENTITY b \"]>\"> <!-- ' ]> --> <?p ]> ?> %c; ]><a>x</a>", "x", &[]),
        ("<!DOCTYPE a SYSTEM '>' [ ] ><a>x</a>", "x", &[]),
        ("<?xml version='1.0' encoding='iso-8859-1'?><a>x</a>", "x", &[]),
        ("<a>]] ></a>", "]] >", &[]),
    ];
    for (body, text, attributes) in table {
        let attributes = attributes.iter().map(|value| (*value).to_owned()).collect();
        assert_eq!(read(body), ((*text).to_owned(), attributes, None), "{body}");
    }
}

#[test]
fn reports_and_reads_on() {
    let early = "document ends too early";
    let table: &[(&str, &str, &[&str], &str)] = &[
        (" ", "", &[], early),
        ("<!-- x -->", "", &[], early),
        ("<!-- x", "", &[], early),
        ("<a>x", "x", &[], early),
        ("<a>x<", "x", &[], early),
        ("<a>x<![CD", "x", &[], early),
        ("<a>x<![CDATA[y", "xy", &[], early),
        ("<a>x</a", "x", &[], early),
        ("<a>x</", "x", &[], early),
        ("<a b", "", &[], early),
        ("<a b='x", "", &["x"], early),
        ("<a/", "", &[], early),
        ("<!DOCTYPE a [", "", &[], early),
        ("x", "x", &[], "text outside of the root element"),
        ("<a/>x", "x", &[], "text outside of the root element"),
        ("<a/><![CDATA[x]]>", "x", &[], "text outside of the root element"),
        ("<a>1</a><b>2</b>", "12", &[], "more than one root element"),
        ("<a>1</b>2", "12", &[], "end tag of another element"),
        ("<a><b>1</a>2</b>", "12", &[], "end tag of another element"),
        ("</a>", "", &[], "end tag of another element"),
        ("<a>1</a x>", "1x>", &[], "malformed end tag"),
        ("<a>1 < 2</a>", "1 < 2", &[], "`<` that begins nothing"),
        ("<a><1>x</1></a>", "<1>x", &[], "`<` that begins nothing"),
        ("<a><!x>y</a>", "<!x>y", &[], "`<` that begins nothing"),
        ("<a>]]>x</a>", "]]>x", &[], "`]]>` outside of a CDATA section"),
        ("<a>1<!-- -- -->2</a>", "12", &[], "`--` in a comment"),
        ("<a>1<!-- --->2</a>", "12", &[], "`--` in a comment"),
        (" <?xml version='1.0'?><a/>", "", &[], "XML declaration that is not at the start"),
        ("<a b='1'c='2'/>", "", &["1", "2"], "no white space before an attribute"),
        ("<a b='1' c='2' b='3'/>", "", &["1", "2", "3"], "attribute twice"),
        ("<a b c='1'/>", "", &["1"], "attribute without a value"),
        ("<a b=1 c=2>x</a>", "x", &["1", "2"], "attribute value without quotes"),
        ("<a b='<c>'/>", "", &["<c>"], "`<` in an attribute value"),
        ("<a <b c='1'>x</b></a>", "x", &["1"], "tag without an end"),
        ("<a \"x\" b='1'/>", "", &["1"], "malformed tag"),
        ("<a>&b;</a>", "&b;", &[], "reference to an entity that is not one of the five"),
        ("<a b='&LT;'/>", "", &["&LT;"], "reference to an entity that is not one of the five"),
        ("<a>1 & 2 &amp</a>", "1 & 2 &amp", &[], "`&` that begins no reference"),
        (
            "<a>&#;&#x;&#a;&#xd800;&#99999999999;</a>",
            "&#;&#x;&#a;&#xd800;&#99999999999;",
            &[],
            "reference to a character that is none",
        ),
        ("<a>&#8;&#0;</a>", "\u{8}\0", &[], "reference to a character that is none"),
        ("<a>\u{1}</a>", "\u{1}", &[], "control character"),
        ("<a>x</a><!DOCTYPE a>", "x", &[], "document type declaration that cannot stand here"),
        ("<?xml version='1.0' encoding = \"UTF-7\"?><a>x</a>", "x", &[], "encoding that is not supported"),
        ("<?xml version='1.0' encoding='UTF-16'?><a>x</a>", "x", &[], "encoding that is not supported"),
    ];
    for (body, text, attributes, message) in table {
        let seen = read(body);
        let attributes = attributes.iter().map(|value| (*value).to_owned()).collect();
        let message = Some(*message);
        assert_eq!((seen.0.as_str(), seen.1, seen.2.map(|fault| fault.0)), (*text, attributes, message), "{body}");
    }
    for body in [&b"\xff\xfe<\0a\0/\0>\0"[..], b"<\0a\0/\0>\0", b"<a>\xff</a>", b"<?xml version='1.0'?><a>\xe9</a>"] {
        assert!(read_with(body, true, &Limits::default()).2.is_some(), "{body:?}");
    }
}

#[test]
fn says_where() {
    for (body, offset) in
        [("<a>&b;</a>", 3), ("<a b='12&c;'/>", 8), ("<a>1</b>", 7), ("<a><![CDATA[x]]>]]></a>", 16), ("<a>", 3)]
    {
        assert_eq!(read(body).2.map(|fault| fault.1), Some(offset), "{body}");
    }
}

#[test]
fn texts_as_coraza() {
    let limits = Limits { dialect: Dialect::Coraza, ..Limits::default() };
    let body = "<a xmlns='urn:1' b='2'> <t>Harry <b>Potter</b> Biography</t>\n<p>29.99 &amp;</p><![CDATA[x]]></a>";
    let (text, attributes, fault) = read_with(body.as_bytes(), true, &limits);
    assert_eq!(text, ["Harry", "Potter", "Biography", "29.99 &", "x"]);
    assert_eq!((attributes, fault), (vec!["urn:1".to_owned(), "2".to_owned()], None));
}

#[test]
fn each_text_by_itself() {
    let mut arena = Arena::default();
    let body = "<a b='2'> <t>Harry <b>Potter</b></t>\n<p>29.99 &amp;</p><![CDATA[x]]><!-- y --> </a>";
    let xml = parse(body.as_bytes(), true, &Limits::default(), &mut arena).xml.unwrap();
    let texts: Vec<_> = xml.texts.iter().map(|span| String::from_utf8_lossy(arena.get(*span))).collect();
    assert_eq!(texts, ["Harry", "Potter", "29.99 &", "x"]);
    assert_eq!(xml.text.len(), 1);
}

#[test]
fn gives_what_stands_before_the_cut() {
    let body = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a b='é&lt;'>x<!-- c --><c/>&amp;<![CDATA[y]]></a>";
    let (whole, values, fault) = read(body);
    assert_eq!(fault, None);
    for cut in 0..body.len() {
        let (text, attributes, fault) = read_with(&body.as_bytes()[..cut], false, &Limits::default());
        assert_eq!(fault, None, "{cut}");
        // A reference that is cut stays as it is.
        let plain = |text: &str| text.split(['&', '\u{fffd}']).next().unwrap_or_default().to_owned();
        assert!(whole.starts_with(&plain(&text.concat())), "{cut}: {text:?}");
        assert!(values.concat().starts_with(&plain(&attributes.concat())), "{cut}: {attributes:?}");
    }
    assert_eq!(read_with(b"<a><b x='1", false, &Limits::default()), (vec![String::new()], vec!["1".to_owned()], None));
    assert!(read_with(b"<a></b>", false, &Limits::default()).2.is_some());
}

#[test]
fn keeps_depth() {
    let limits = Limits { xml_depth: 2, ..Limits::default() };
    assert_eq!(read_with(b"<a><b>x</b><b/></a>", true, &limits).2, None);
    let (text, _, fault) = read_with(b"<a><b>x<c>y</c></b></a>", true, &limits);
    assert_eq!((text.concat().as_str(), fault), ("x", Some(("nested deeper than the limit", 7))));
}

#[test]
fn is_linear() {
    // Each of these would take minutes if a byte were read again and again.
    for piece in ["<a b='", "<a ", "<!--", "<![CDATA[", "&#1", "&a", "<", "</", "<a a=1 ", "]]", "<!DOCTYPE [", "<?"] {
        let body = piece.repeat(400_000 / piece.len());
        let limits = Limits { xml_depth: usize::MAX, ..Limits::default() };
        read_with(body.as_bytes(), true, &limits);
    }
}

proptest! {
    #[test]
    fn reads_back(texts in prop::collection::vec("[ -~\n\t€é]{0,20}", 0..6), values in prop::collection::vec("[ -~€]{0,20}", 0..6)) {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&#62;").replace('"', "&#x22;");
        let attributes: String =
            values.iter().enumerate().map(|(i, value)| format!(" a{i}=\"{}\"", escape(value))).collect();
        let content: String = texts.iter().map(|text| format!("<t>{}</t>", escape(text))).collect();
        let (text, attributes, fault) = read(&format!("<r{attributes}>{content}</r>"));
        prop_assert_eq!(fault, None);
        prop_assert_eq!(text, texts.concat());
        prop_assert_eq!(attributes, values);
    }

    #[test]
    fn takes_anything(body in any::<Vec<u8>>(), complete: bool) {
        read_with(&body, complete, &Limits::default());
    }

    #[test]
    fn takes_anything_similar(
        body in "(<|>|/|a|b| |=|\"|'|&|;|#|x|&lt;|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<!DOCTYPE|\\[|\\]|<\\?xml|\\?>|encoding=|é|\r){0,30}",
        complete: bool,
    ) {
        let (text, attributes, _) = read_with(body.as_bytes(), complete, &Limits::default());
        prop_assert!(text.concat().len() + attributes.concat().len() <= body.len());
    }
}
