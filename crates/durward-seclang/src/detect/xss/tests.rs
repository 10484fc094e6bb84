//! What the C library says of values that are easy to get wrong, and what holds for all values.

use proptest::prelude::*;

use super::*;

#[test]
fn verdicts_are_those_of_libinjection() {
    for (value, expected) in CASES {
        assert_eq!(xss(value), *expected, "{}", value.escape_ascii());
    }
}

/// Where libinjection is wrong: a browser runs all of these, and it finds none of them.
#[test]
fn what_libinjection_misses_is_found() {
    let cases: &[&[u8]] = &[
        b"\"x=\"</><script>alert(1)</script>",
        b"'x='</a ><script>alert(1)</script>",
        b"<img \xff src=x onerror=alert(1)>",
        b"<a href=\xffjavascript:alert(1)>",
        b"<p onclick=\xff\"alert(1)\">",
        b"<b popover onbeforetoggle=alert(1)>",
        b"<b style-=x oncontentvisibilityautostatechange=alert(1)>",
        b"<b onafterscriptexecute=alert(1)>",
    ];
    for value in cases {
        assert!(xss(value), "{}", value.escape_ascii());
    }
}

/// Pieces that lexer and checks take notice of.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "-!>",
    "<!",
    "<![CDATA[",
    "]]>",
    "<%",
    "%>",
    "<?",
    "&#",
    "&#x",
    "&#106;",
    "'",
    "\"",
    "`",
    "=",
    "/",
    "-",
    "\0",
    "\u{ff}",
    " ",
    "\n",
    "a",
    " onload",
    " href=",
    "java",
    "style",
    "xmlns",
    "script",
    "svg",
    "doctype",
    " attributename=",
    "import",
];

proptest! {
    #[test]
    fn what_is_left_out_would_find_nothing(
        bytes: Vec<u8>,
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..16),
    ) {
        let value = pieces.concat();
        let places = [Place::Text, Place::Tag, Place::Quoted(b'\''), Place::Quoted(b'"'), Place::Quoted(b'`')];
        for place in places {
            prop_assert!(Lexer::new(value.as_bytes(), place).count() <= 2 * value.len() + 1);
        }
        for value in [value.as_bytes(), &bytes] {
            prop_assert_eq!(xss(value), places.iter().any(|place| is_dangerous(value, *place)));
        }
    }
}

/// A value and the verdict, from libinjection 85e252a.
#[rustfmt::skip]
const CASES: &[(&[u8], bool)] = &[
    // Elements.
    (b"<script>alert(1)</script>", true),
    (b"<ScRiPt/x>", true),
    (b"<script", true),
    (b"<s\0cript>", true),
    (b"<\0script>", true),
    (b"< script>", false),
    (b"</script>", false),
    (b"<scripts>", false),
    (b"<b>bold</b>", false),
    (b"<svg/x>", true),
    (b"<svgfoo>", true),
    (b"<xsl:x>", true),
    (b"'><script>", true),
    (b"</b><script>", true),
    // Attributes.
    (b"<img src=x>", false),
    (b"<img src=x onerror=alert(1)>", true),
    (b"<img/src=x/onerror=alert(1)>", false),
    (b"<img src=x onerror>", false),
    (b"<img src=x onfoo=1>", false),
    (b"<img src=x onload\n=\n1>", true),
    (b"<a style=x>", true),
    (b"<p xmlns=x>", true),
    (b"<set attributename=onload to=x>", true),
    (b"<set attributename=foo to=x>", false),
    (b"onload=x", true),
    (b"/onload=x", true),
    (b"\" onload=x", true),
    (b"' onload=x", true),
    (b"` onload=x", true),
    (b"x\" onload=\"x", true),
    (b"x onload='", true),
    (b"a=b onclick=c", true),
    (b"style=x", true),
    (b"style x", false),
    // Addresses.
    (b"<a href=javascript:alert(1)>", true),
    (b"<a href='&#106;avascript:x'>", true),
    (b"to=&#X6aava", false),
    (b"<a href=https://example.com>", false),
    (b"<a href=data:x>", true),
    (b"<a href=\"\x01 java\nscript:x\">", true),
    (b"href=java", true),
    (b"xlink:href=x", true),
    (b"href=jav&#", false),
    // Comments and declarations.
    (b"<!-- x -->", false),
    (b"<!-- ` -->", true),
    (b"<!--[if IE]>", true),
    (b"<!--xml-->", false),
    (b"<!--xmlx-->", true),
    (b"<!DOCTYPE x>", true),
    (b"<!doctype", true),
    (b"<!entity x>", true),
    (b"<?import x>", true),
    (b"<?xml x>", true),
    (b"<% ` %>", true),
    (b"<% > ` %>", true),
    (b"<![CDATA[ <script> ]]><script>", true),
    (b"<![CDATA[<script>", false),
    (b"<!-- -!><b><script>", true),
    (b"<!-- -\0-><script>", true),
    (b"<!-- --><script>", true),
    // Ordinary text.
    (b"", false),
    (b"=", false),
    (b"<", false),
    (b"1 < 2 and 3 > 2", false),
    (b"a = b", false),
    (b"x=y&style=z", false),
    (b"x<y", false),
    (b"I <3 you", false),
];
