//! HTTP/2 requests that mean two things, and the few that mean one.

use durward_testkit::Recorded;

/// One request.
pub(crate) struct H2Row {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<(&'static [u8], &'static [u8])>,
    pub(crate) body: Option<&'static [u8]>,
    pub(crate) trailers: Vec<(&'static [u8], &'static [u8])>,
    pub(crate) expect: H2Expect,
}

/// What is to come of it.
pub(crate) enum H2Expect {
    Refused,
    One(fn(&Recorded) -> bool),
    /// The stream may be reset before or after the one request was forwarded.
    RefusedOrOne(fn(&Recorded) -> bool),
}

type Field = (&'static [u8], &'static [u8]);

const METHOD: Field = (b":method", b"GET");
const SCHEME: Field = (b":scheme", b"http");
const AUTHORITY: Field = (b":authority", b"gw.test");
const PATH: Field = (b":path", b"/v/TAG");

fn get(name: &'static str, extra: &[Field], expect: H2Expect) -> H2Row {
    let mut fields = vec![METHOD, SCHEME, AUTHORITY, PATH];
    fields.extend(extra);
    H2Row { name, fields, body: None, trailers: Vec::new(), expect }
}

fn with(name: &'static str, fields: &[Field], expect: H2Expect) -> H2Row {
    H2Row { name, fields: fields.to_vec(), body: None, trailers: Vec::new(), expect }
}

fn post(name: &'static str, extra: &[Field], body: &'static [u8], expect: H2Expect) -> H2Row {
    let mut fields =
        vec![(&b":method"[..], &b"POST"[..]), SCHEME, AUTHORITY, PATH, (b"content-type", b"application/octet-stream")];
    fields.extend(extra);
    H2Row { name, fields, body: Some(body), trailers: Vec::new(), expect }
}

fn plain(request: &Recorded) -> bool {
    request.values("host").len() == 1
        && request.values("connection").is_empty()
        && request.values("transfer-encoding").is_empty()
}

#[rustfmt::skip]
pub(crate) fn h2_rows() -> Vec<H2Row> {
    use H2Expect::{One, Refused, RefusedOrOne};
    let path = |value: &'static [u8]| [METHOD, SCHEME, AUTHORITY, (&b":path"[..], value)];
    let mut rows = vec![
        get("plain", &[], One(plain)),
        get("cookie crumbs are joined", &[(b"cookie", b"a=1"), (b"cookie", b"b=2")], One(|r| r.values("cookie") == ["a=1; b=2"])),
        get("te trailers", &[(b"te", b"trailers")], One(plain)),
        get("host equal to authority", &[(b"host", b"gw.test")], One(plain)),
        get("host not equal to authority", &[(b"host", b"evil.test")], Refused),
        get("two hosts", &[(b"host", b"gw.test"), (b"host", b"gw.test")], Refused),
        get("connection", &[(b"connection", b"close")], Refused),
        get("connection upgrade", &[(b"connection", b"upgrade"), (b"upgrade", b"h2c")], Refused),
        get("transfer-encoding", &[(b"transfer-encoding", b"chunked")], Refused),
        get("te gzip", &[(b"te", b"gzip")], Refused),
        get("keep-alive", &[(b"keep-alive", b"timeout=5")], Refused),
        get("proxy-connection", &[(b"proxy-connection", b"close")], Refused),
        get("upper case name", &[(b"X-Upper", b"1")], Refused),
        get("space in a name", &[(b"x name", b"1")], Refused),
        get("colon in a name", &[(b"x:name", b"1")], Refused),
        get("empty name", &[(b"", b"1")], Refused),
        get("newline in a name", &[(b"x\r\nsmuggle", b"1")], Refused),
        get("newline in a value", &[(b"x-a", b"1\r\nhost: evil")], Refused),
        get("request in a value", &[(b"x-a", b"1\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n")], Refused),
        get("line feed in a value", &[(b"x-a", b"1\nb: 2")], Refused),
        get("nul in a value", &[(b"x-a", b"1\x002")], Refused),
        get("pseudo header after a field", &[(b"x-a", b"1"), (b":path", b"/smuggled")], Refused),
        get("unknown pseudo header", &[(b":evil", b"1")], Refused),
        get("status in a request", &[(b":status", b"200")], Refused),
        get("content-length on no body", &[(b"content-length", b"5")], Refused),
        get("two content-lengths", &[(b"content-length", b"0"), (b"content-length", b"7")], Refused),
        get("underscore alias", &[(b"x_forwarded_user", b"root")], Refused),
        get("durward underscore alias", &[(b"durward_caller", b"root")], Refused),
        get("alias with dots", &[(b"x.forwarded.user", b"root")], Refused),
        get("method override", &[(b"x-http-method-override", b"DELETE"), (b"x-method-override", b"DELETE")], One(|r| r.values("x-http-method-override").is_empty() && r.values("x-method-override").is_empty())),
        get("httpoxy", &[(b"proxy", b"http://evil.test")], One(|r| r.values("proxy").is_empty())),
        get("identity field is removed", &[(b"durward-caller", b"root")], One(|r| r.values("durward-caller").is_empty())),
        get("expect of something else", &[(b"expect", b"201-created")], Refused),
        get("protocol without connect", &[(b":protocol", b"websocket")], Refused),
        with("no method", &[SCHEME, AUTHORITY, PATH], Refused),
        with("no path", &[METHOD, SCHEME, AUTHORITY], Refused),
        with("no scheme", &[METHOD, AUTHORITY, PATH], Refused),
        with("no authority, no host", &[METHOD, SCHEME, PATH], Refused),
        with("two methods", &[METHOD, (b":method", b"POST"), SCHEME, AUTHORITY, PATH], Refused),
        with("two paths", &[METHOD, SCHEME, AUTHORITY, PATH, (b":path", b"/smuggled")], Refused),
        with("two authorities", &[METHOD, SCHEME, AUTHORITY, (b":authority", b"evil.test"), PATH], Refused),
        with("method with a space", &[(b":method", b"GET /smuggled HTTP/1.1\r\nx:"), SCHEME, AUTHORITY, PATH], Refused),
        with("method with a newline", &[(b":method", b"GET\r\n"), SCHEME, AUTHORITY, PATH], Refused),
        with("connect", &[(b":method", b"CONNECT"), AUTHORITY], Refused),
        with("connect with a path", &[(b":method", b"CONNECT"), SCHEME, AUTHORITY, PATH], Refused),
        with("extended connect", &[(b":method", b"CONNECT"), (b":protocol", b"websocket"), SCHEME, AUTHORITY, PATH], Refused),
        with("trace", &[(b":method", b"TRACE"), SCHEME, AUTHORITY, PATH], Refused),
        with("scheme with a path", &[METHOD, (b":scheme", b"http://evil.test/smuggled?"), AUTHORITY, PATH], Refused),
        with("scheme ftp", &[METHOD, (b":scheme", b"f t p"), AUTHORITY, PATH], Refused),
        with("authority with userinfo", &[METHOD, SCHEME, (b":authority", b"root@gw.test"), PATH], Refused),
        with("authority with a path", &[METHOD, SCHEME, (b":authority", b"gw.test/smuggled"), PATH], Refused),
        with("authority with a space", &[METHOD, SCHEME, (b":authority", b"gw.test evil"), PATH], Refused),
        with("empty authority", &[METHOD, SCHEME, (b":authority", b""), PATH], Refused),
        post("body", &[(b"content-length", b"5")], b"hello", One(|r| r.body == b"hello" && r.values("content-length") == ["5"])),
        post("body without a length", &[], b"hello", One(|r| r.body == b"hello")),
        post("body longer than its length", &[(b"content-length", b"2")], b"hello", Refused),
        post("body shorter than its length", &[(b"content-length", b"9")], b"hello", Refused),
        post("body that is a request", &[(b"content-length", b"0")], b"GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n", RefusedOrOne(|r| r.body.is_empty())),
        post("body with transfer-encoding", &[(b"transfer-encoding", b"chunked")], b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n", Refused),
        post("negative length", &[(b"content-length", b"-5")], b"hello", Refused),
        post("length with plus", &[(b"content-length", b"+5")], b"hello", Refused),
        post("two content types", &[(b"content-type", b"text/plain")], b"hello", Refused),
    ];
    for (name, value) in [
        ("path without a slash", &b"v/TAG"[..]),
        ("empty path", b""),
        ("star", b"*"),
        ("absolute form", b"http://evil.test/v/TAG"),
        ("double slash", b"//v/TAG"),
        ("dot segments", b"/v/../v/TAG"),
        ("encoded dot segments", b"/v/%2e%2e/v/TAG"),
        ("encoded slash", b"/v%2fTAG"),
        ("an escaped colon of another operation", b"/v/me%3Asecret?q=TAG"),
        ("backslash", b"/v\\TAG"),
        ("space", b"/v/TAG HTTP/1.1"),
        ("newline", b"/v/TAG\r\nx: y"),
        ("nul", b"/v/TAG%00"),
        ("fragment", b"/v/TAG%"),
        ("request in the path", b"/v/TAG HTTP/1.1\r\nHost: gw.test\r\n\r\nGET /smuggled"),
    ] {
        rows.push(with(name, &path(value), Refused));
    }
    let mut trailing = post("framing in trailers", &[], b"hello", One(|r| r.values("content-length").len() <= 1 && r.values("host").len() == 1));
    trailing.trailers = vec![(b"x-checksum", b"1")];
    rows.push(trailing);
    let mut identity = post("identity in trailers", &[(b"te", b"trailers"), (b"trailer", b"durward-caller")], b"hello", One(|r| r.values("durward-caller").is_empty() && r.body == b"hello"));
    identity.trailers = vec![(b"durward-caller", b"root"), (b"x-forwarded-user", b"root")];
    rows.push(identity);
    // The HTTP library drops the pseudo header; what is left is the one request.
    let mut pseudo = post("pseudo header in trailers", &[], b"hello", One(|r| r.body == b"hello" && r.line.starts_with("POST /v/")));
    pseudo.trailers = vec![(b":path", b"/smuggled")];
    rows.push(pseudo);
    rows
}
