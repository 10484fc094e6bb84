//! Raw HTTP/1.1 requests, and what must come of each. `TAGGY` is replaced by a name of the row's own, `MANY` by 40,000 letters.

use durward_testkit::Recorded;

/// One raw request.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) raw: &'static [u8],
    pub(crate) expect: Expect,
}

/// What must come of it.
pub(crate) enum Expect {
    /// The first answer has one of these statuses (0: the connection may just end) and the upstream sees nothing.
    Refused(&'static [u16]),
    /// The upstream sees exactly one request, of this form.
    One(Check),
    /// Refused, or one request of this form.
    RefusedOrOne(Check),
    /// Two honest requests in a row.
    Two,
}

type Check = fn(&Recorded) -> Result<(), &'static str>;

use Expect::{One, Refused, RefusedOrOne, Two};

/// How many rows the issue asks for at least.
pub(crate) const EXPECTED_ROWS: usize = 120;

const BAD: &[u16] = &[400, 405, 413, 414, 415, 417, 421, 431, 501, 505, 0];
const BAD4: &[u16] = &[400, 404];
/// A body that breaks in the middle: refused, or the connection ends.
const MID: &[u16] = &[400, 408, 0];

fn ensure(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

fn single(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.values("host").len() == 1, "one host")?;
    ensure(
        request.values("transfer-encoding").is_empty() || request.values("content-length").is_empty(),
        "one framing",
    )?;
    ensure(!request.fields.iter().any(|(name, _)| name.contains(['_', ' ', '\t'])), "plain names")
}

fn origin_form(request: &Recorded) -> Result<(), &'static str> {
    single(request)?;
    ensure(request.target().starts_with("/v/"), "origin-form")
}

fn hello(request: &Recorded) -> Result<(), &'static str> {
    single(request)?;
    ensure(request.body == b"hello", "the content")?;
    ensure(request.values("durward-caller").is_empty(), "no identity")?;
    ensure(request.values("host").iter().all(|host| !host.contains("evil")), "the host")
}

fn chunked_or_empty(request: &Recorded) -> Result<(), &'static str> {
    single(request)?;
    ensure(request.body.is_empty() || request.body.starts_with(b"GET /smuggled"), "the content of the chunks")
}

fn ab(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.target().ends_with("ab"), "decoded unreserved characters")
}

fn upper_hex(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.target().ends_with("%C3%A9"), "upper-case hex")
}

fn query(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.target().ends_with("?q=a%20b%2Fc"), "the query as received")
}

fn no_semicolon(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.target().ends_with("?q=a%3Badmin=true"), "one parameter for every server")
}

fn one_host(request: &Recorded) -> Result<(), &'static str> {
    ensure(request.values("host").len() == 1 && request.values("x_legacy_id") == ["1"], "one host")
}

fn no_fragment(request: &Recorded) -> Result<(), &'static str> {
    ensure(!request.target().contains('#') && !request.target().contains("admin"), "no fragment")
}

fn no_evil(request: &Recorded) -> Result<(), &'static str> {
    single(request)?;
    ensure(!request.fields.iter().any(|(_, value)| value.contains("EVIL")), "nothing of the client's word")
}

fn no_hop(request: &Recorded) -> Result<(), &'static str> {
    single(request)?;
    let hop = ["connection", "keep-alive", "te", "upgrade", "http2-settings", "proxy-connection"];
    ensure(hop.iter().all(|name| request.values(name).is_empty()), "no fields of the client's hop")
}

fn json_type(request: &Recorded) -> Result<(), &'static str> {
    let types = request.values("content-type");
    ensure(
        types == ["application/json; charset=utf-8"] || types == ["application/json;charset=utf-8"],
        "the canonical type",
    )
}

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    Row { name: "plain GET", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(single) },
    Row { name: "POST with a length", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\nhello", expect: One(hello) },
    Row { name: "POST in chunks", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", expect: One(hello) },
    Row { name: "two honest requests, pipelined", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Two },
    Row { name: "expect 100-continue", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", expect: One(hello) },
    Row { name: "OWS around a value", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: \t 1 \t\r\n\r\n", expect: One(single) },
    Row { name: "field names in any case", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nx-Aa: 1\r\nACCEPT: */*\r\n\r\n", expect: One(single) },
    Row { name: "trailing slash of another path", raw: b"GET /v/TAGGY/ HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(&[404]) },
    Row { name: "absolute-form that agrees", raw: b"GET http://gw.test/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(origin_form) },
    Row { name: "host with a port", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test:8080\r\n\r\n", expect: One(single) },
    Row { name: "HEAD", raw: b"HEAD /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(single) },
    Row { name: "unreserved escapes are decoded", raw: b"GET /v/TAGGY%61%62 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(ab) },
    Row { name: "lower-case hex becomes upper-case", raw: b"GET /v/TAGGY%c3%a9 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(upper_hex) },
    Row { name: "CL.TE", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", expect: RefusedOrOne(chunked_or_empty) },
    Row { name: "TE.CL", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2b\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n\r\n0\r\n\r\n", expect: RefusedOrOne(chunked_or_empty) },
    Row { name: "CL.TE with a whole request behind", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: RefusedOrOne(chunked_or_empty) },
    Row { name: "CL 0 and TE", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", expect: RefusedOrOne(chunked_or_empty) },
    Row { name: "TE gzip, chunked", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE chunked, gzip", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE chunked, identity", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE identity", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE chunked, chunked", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE twice", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE twice, cow", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE xchunked", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a space before the colon", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a tab before the colon", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a vertical tab", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a form feed", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding:\x0cchunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE folded", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE quoted", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a parameter", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE behind a comma", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a NUL", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with high byte", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\xff\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE named with underscore", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer_Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE after a bare CR", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE with a leading space", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\n  Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE empty", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: \r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TE in upper case", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n", expect: One(hello) },
    Row { name: "TE on HTTP/1.0", raw: b"POST /v/TAGGY HTTP/1.0\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL differ", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL list", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5, 5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL plus", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: +5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL minus", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: -5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL hex", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 0x5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL overflow", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 18446744073709551621\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL huge", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999999999999999999999999\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL space inside", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5 5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL empty", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: \r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL letters", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: five\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL decimal", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5.0\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL with a space before the colon", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length : 5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL folded", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length:\r\n 5\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL named with underscore", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent_Length: 5\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL with a NUL", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\x00\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL quoted", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: \"5\"\r\n\r\nhelloGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CL equal twice", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", expect: RefusedOrOne(hello) },
    Row { name: "CL with leading zeros", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 0005\r\n\r\nhello", expect: RefusedOrOne(hello) },
    Row { name: "GET with a body", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 5\r\n\r\nhello", expect: Refused(BAD) },
    Row { name: "GET with a body that is a request", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 55\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw.test\r\nX-Row: TAGGY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "GET with chunks", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", expect: Refused(BAD) },
    Row { name: "HEAD with a body", raw: b"HEAD /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 5\r\n\r\nhello", expect: Refused(BAD) },
    Row { name: "DELETE with a body", raw: b"DELETE /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 5\r\n\r\nhello", expect: Refused(BAD) },
    Row { name: "chunk size 0x", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size with plus", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size with minus", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size overflow", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n100000000000000005\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size with a leading space", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk without CRLF behind", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk longer than its size", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk with bare LF behind the size", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk with bare LF behind the data", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk extension with bare LF", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk extension with bare CR", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size empty", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size letters", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size underscore", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n1_0\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size NUL", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\x00\r\nhello\r\n0\r\n\r\n", expect: Refused(MID) },
    Row { name: "chunk size with a space behind", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "chunk extension", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "chunk size with leading zeros", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n00005\r\nhello\r\n0\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "trailer with a length", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "trailer with a coding", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "trailer with a host", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "trailer with an identity", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nDurward-Caller: root\r\n\r\n", expect: RefusedOrOne(hello) },
    Row { name: "chunks that never end", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", expect: Refused(MID) },
    Row { name: "malformed chunks of a checked body", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", expect: Refused(BAD) },
    Row { name: "bare LF lines", raw: b"GET /v/TAGGY HTTP/1.1\nHost: gw.test\n\n", expect: RefusedOrOne(single) },
    Row { name: "bare CR between fields", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\rX: y\r\n\r\n", expect: Refused(BAD) },
    Row { name: "obs-fold", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: 1\r\n 2\r\n\r\n", expect: Refused(BAD) },
    Row { name: "obs-fold with tab", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: 1\r\n\t2\r\n\r\n", expect: Refused(BAD) },
    Row { name: "fold of the first field", raw: b"GET /v/TAGGY HTTP/1.1\r\n Host: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "space before the colon", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A : 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "empty name", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n: 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "no colon", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A\r\n\r\n", expect: Refused(BAD) },
    Row { name: "space in a name", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX A: 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "NUL in a value", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: 1\x002\r\n\r\n", expect: Refused(BAD) },
    Row { name: "control byte in a value", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: 1\x012\r\n\r\n", expect: Refused(BAD) },
    Row { name: "DEL in a value", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: 1\x7f2\r\n\r\n", expect: Refused(BAD) },
    Row { name: "non-ASCII in a name", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-\xe4: 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "parentheses in a name", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX(A): 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "empty lines before the request", raw: b"\r\n\r\nGET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "garbage before the request", raw: b"\x00\x01GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "two spaces in the request line", raw: b"GET  /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "tab in the request line", raw: b"GET\t/v/TAGGY\tHTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "space behind the version", raw: b"GET /v/TAGGY HTTP/1.1 \r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "no version", raw: b"GET /v/TAGGY\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "HTTP/0.9", raw: b"GET /v/TAGGY HTTP/0.9\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "HTTP/1.0", raw: b"GET /v/TAGGY HTTP/1.0\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "HTTP/1.2", raw: b"GET /v/TAGGY HTTP/1.2\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "HTTP/2.0 in text", raw: b"GET /v/TAGGY HTTP/2.0\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "http in lower case", raw: b"GET /v/TAGGY http/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "method in lower case", raw: b"get /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "method with a control byte", raw: b"G\x01ET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "unknown method", raw: b"EVIL /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "TRACE", raw: b"TRACE /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CONNECT", raw: b"CONNECT gw.test:443 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "CONNECT with a path", raw: b"CONNECT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "too many fields", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-0: 1\r\nX-1: 1\r\nX-2: 1\r\nX-3: 1\r\nX-4: 1\r\nX-5: 1\r\nX-6: 1\r\nX-7: 1\r\nX-8: 1\r\nX-9: 1\r\nX-10: 1\r\nX-11: 1\r\nX-12: 1\r\nX-13: 1\r\nX-14: 1\r\nX-15: 1\r\nX-16: 1\r\nX-17: 1\r\nX-18: 1\r\nX-19: 1\r\nX-20: 1\r\nX-21: 1\r\nX-22: 1\r\nX-23: 1\r\nX-24: 1\r\nX-25: 1\r\nX-26: 1\r\nX-27: 1\r\nX-28: 1\r\nX-29: 1\r\nX-30: 1\r\nX-31: 1\r\nX-32: 1\r\nX-33: 1\r\nX-34: 1\r\nX-35: 1\r\nX-36: 1\r\nX-37: 1\r\nX-38: 1\r\nX-39: 1\r\nX-40: 1\r\nX-41: 1\r\nX-42: 1\r\nX-43: 1\r\nX-44: 1\r\nX-45: 1\r\nX-46: 1\r\nX-47: 1\r\nX-48: 1\r\nX-49: 1\r\nX-50: 1\r\nX-51: 1\r\nX-52: 1\r\nX-53: 1\r\nX-54: 1\r\nX-55: 1\r\nX-56: 1\r\nX-57: 1\r\nX-58: 1\r\nX-59: 1\r\nX-60: 1\r\nX-61: 1\r\nX-62: 1\r\nX-63: 1\r\nX-64: 1\r\nX-65: 1\r\nX-66: 1\r\nX-67: 1\r\nX-68: 1\r\nX-69: 1\r\nX-70: 1\r\nX-71: 1\r\nX-72: 1\r\nX-73: 1\r\nX-74: 1\r\nX-75: 1\r\nX-76: 1\r\nX-77: 1\r\nX-78: 1\r\nX-79: 1\r\nX-80: 1\r\nX-81: 1\r\nX-82: 1\r\nX-83: 1\r\nX-84: 1\r\nX-85: 1\r\nX-86: 1\r\nX-87: 1\r\nX-88: 1\r\nX-89: 1\r\nX-90: 1\r\nX-91: 1\r\nX-92: 1\r\nX-93: 1\r\nX-94: 1\r\nX-95: 1\r\nX-96: 1\r\nX-97: 1\r\nX-98: 1\r\nX-99: 1\r\nX-100: 1\r\nX-101: 1\r\nX-102: 1\r\nX-103: 1\r\nX-104: 1\r\nX-105: 1\r\nX-106: 1\r\nX-107: 1\r\nX-108: 1\r\nX-109: 1\r\nX-110: 1\r\nX-111: 1\r\nX-112: 1\r\nX-113: 1\r\nX-114: 1\r\nX-115: 1\r\nX-116: 1\r\nX-117: 1\r\nX-118: 1\r\nX-119: 1\r\nX-120: 1\r\nX-121: 1\r\nX-122: 1\r\nX-123: 1\r\nX-124: 1\r\nX-125: 1\r\nX-126: 1\r\nX-127: 1\r\nX-128: 1\r\nX-129: 1\r\nX-130: 1\r\nX-131: 1\r\nX-132: 1\r\nX-133: 1\r\nX-134: 1\r\nX-135: 1\r\nX-136: 1\r\nX-137: 1\r\nX-138: 1\r\nX-139: 1\r\nX-140: 1\r\nX-141: 1\r\nX-142: 1\r\nX-143: 1\r\nX-144: 1\r\nX-145: 1\r\nX-146: 1\r\nX-147: 1\r\nX-148: 1\r\nX-149: 1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "field too large", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-A: MANY\r\n\r\n", expect: Refused(BAD) },
    Row { name: "target too long", raw: b"GET /v/TAGGYMANY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "no Host", raw: b"GET /v/TAGGY HTTP/1.1\r\nX: y\r\n\r\n", expect: Refused(BAD) },
    Row { name: "two Hosts", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nHost: evil.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "two equal Hosts", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "empty Host", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: \r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with userinfo", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: root@gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a space", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test evil.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a path", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test/smuggled\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a comma", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test, evil.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a scheme", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: http://gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a bad port", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test:http\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with two ports", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test:80:81\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a backslash", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\\evil.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with a NUL", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\x00\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host with non-ASCII", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw\xe9.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Host folded", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n evil.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "absolute-form that disagrees", raw: b"GET http://evil.test/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "absolute-form with userinfo", raw: b"GET http://root@gw.test/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "absolute-form without Host", raw: b"GET http://gw.test/v/TAGGY HTTP/1.1\r\nX: y\r\n\r\n", expect: Refused(BAD) },
    Row { name: "authority-form with GET", raw: b"GET gw.test:80 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "asterisk-form", raw: b"OPTIONS * HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "path /v/../v/", raw: b"GET /v/../v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/./", raw: b"GET /v/./TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /./v/", raw: b"GET /./v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v//..", raw: b"GET /v/TAGGY/.. HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v//.", raw: b"GET /v/TAGGY/. HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path //v/", raw: b"GET //v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v//", raw: b"GET /v//TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%2e%2e/v/", raw: b"GET /v/%2e%2e/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%2E%2E/v/", raw: b"GET /v/%2E%2E/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/.%2e/v/", raw: b"GET /v/.%2e/v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%2e/", raw: b"GET /v/%2e/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v%2f", raw: b"GET /v%2fTAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v%2F", raw: b"GET /v%2FTAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%2f..%2fadmin", raw: b"GET /v/TAGGY%2f..%2fadmin HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%5c", raw: b"GET /v/%5cTAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v\\", raw: b"GET /v\\TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%00", raw: b"GET /v/TAGGY%00 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%0d%0aX:%20y", raw: b"GET /v/TAGGY%0d%0aX:%20y HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%7f", raw: b"GET /v/TAGGY%7f HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%", raw: b"GET /v/TAGGY% HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%4", raw: b"GET /v/TAGGY%4 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%zz", raw: b"GET /v/TAGGY%zz HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%c0%af", raw: b"GET /v/TAGGY%c0%af HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%c0%ae", raw: b"GET /v/TAGGY%c0%ae HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%ff", raw: b"GET /v/TAGGY%ff HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%e0%80%af", raw: b"GET /v/TAGGY%e0%80%af HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%ed%a0%80", raw: b"GET /v/TAGGY%ed%a0%80 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%252e%252e/", raw: b"GET /v/%252e%252e/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%252f", raw: b"GET /v/TAGGY%252f HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/;a=b", raw: b"GET /v/TAGGY;a=b HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/..;/", raw: b"GET /v/..;/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/;/../admin", raw: b"GET /v/TAGGY;/../admin HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%3b/..", raw: b"GET /v/TAGGY%3b/.. HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path v/", raw: b"GET v/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/T AG", raw: b"GET /v/T AG HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path with a high byte", raw: b"GET /v/TAGGY\x7f HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path with a high byte", raw: b"GET /v/TAGGY\xe9 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/\\..\\admin", raw: b"GET /v/TAGGY\\..\\admin HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v//%2e%2e/%2e%2e/admin", raw: b"GET /v/TAGGY/%2e%2e/%2e%2e/admin HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/%u002e%u002e/", raw: b"GET /v/%u002e%u002e/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD4) },
    Row { name: "path /v/|x", raw: b"GET /v/TAGGY|x HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "path /v/^x", raw: b"GET /v/TAGGY^x HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "path /v/`x", raw: b"GET /v/TAGGY`x HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "path /v/\"x", raw: b"GET /v/TAGGY\"x HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "path /v/<x", raw: b"GET /v/TAGGY<x HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(single) },
    Row { name: "fragment", raw: b"GET /v/TAGGY#/../../admin HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: RefusedOrOne(no_fragment) },
    Row { name: "path in other case", raw: b"GET /V/TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(&[404]) },
    Row { name: "query ?q=%", raw: b"GET /v/TAGGY?q=% HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?q=%zz", raw: b"GET /v/TAGGY?q=%zz HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?q=%00", raw: b"GET /v/TAGGY?q=%00 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?q=a&q=b", raw: b"GET /v/TAGGY?q=a&q=b HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?unknown=1", raw: b"GET /v/TAGGY?unknown=1 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?q=%ff", raw: b"GET /v/TAGGY?q=%ff HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?q=a\x01", raw: b"GET /v/TAGGY?q=a\x01 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query ?a0=1&a1=1&a2=1&a3=1", raw: b"GET /v/TAGGY?a0=1&a1=1&a2=1&a3=1&a4=1&a5=1&a6=1&a7=1&a8=1&a9=1&a10=1&a11=1&a12=1&a13=1&a14=1&a15=1&a16=1&a17=1&a18=1&a19=1&a20=1&a21=1&a22=1&a23=1&a24=1&a25=1&a26=1&a27=1&a28=1&a29=1&a30=1&a31=1&a32=1&a33=1&a34=1&a35=1&a36=1&a37=1&a38=1&a39=1&a40=1&a41=1&a42=1&a43=1&a44=1&a45=1&a46=1&a47=1&a48=1&a49=1&a50=1&a51=1&a52=1&a53=1&a54=1&a55=1&a56=1&a57=1&a58=1&a59=1&a60=1&a61=1&a62=1&a63=1&a64=1&a65=1&a66=1&a67=1&a68=1&a69=1&a70=1&a71=1&a72=1&a73=1&a74=1&a75=1&a76=1&a77=1&a78=1&a79=1&a80=1&a81=1&a82=1&a83=1&a84=1&a85=1&a86=1&a87=1&a88=1&a89=1&a90=1&a91=1&a92=1&a93=1&a94=1&a95=1&a96=1&a97=1&a98=1&a99=1&a100=1&a101=1&a102=1&a103=1&a104=1&a105=1&a106=1&a107=1&a108=1&a109=1&a110=1&a111=1&a112=1&a113=1&a114=1&a115=1&a116=1&a117=1&a118=1&a119=1&a120=1&a121=1&a122=1&a123=1&a124=1&a125=1&a126=1&a127=1&a128=1&a129=1&a130=1&a131=1&a132=1&a133=1&a134=1&a135=1&a136=1&a137=1&a138=1&a139=1&a140=1&a141=1&a142=1&a143=1&a144=1&a145=1&a146=1&a147=1&a148=1&a149=1&a150=1&a151=1&a152=1&a153=1&a154=1&a155=1&a156=1&a157=1&a158=1&a159=1&a160=1&a161=1&a162=1&a163=1&a164=1&a165=1&a166=1&a167=1&a168=1&a169=1&a170=1&a171=1&a172=1&a173=1&a174=1&a175=1&a176=1&a177=1&a178=1&a179=1&a180=1&a181=1&a182=1&a183=1&a184=1&a185=1&a186=1&a187=1&a188=1&a189=1&a190=1&a191=1&a192=1&a193=1&a194=1&a195=1&a196=1&a197=1&a198=1&a199=1 HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "query as received", raw: b"GET /v/TAGGY?q=a%20b%2Fc HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(query) },
    Row { name: "alias X_Forwarded_User: root", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX_Forwarded_User: root\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias Durward_Caller: root", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nDurward_Caller: root\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias durward_Caller: root", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\ndurward_Caller: root\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias x_real_ip: 10.0.0.1", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nx_real_ip: 10.0.0.1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias Remote_User: root", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nRemote_User: root\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias CONTENT_TYPE: text/plain", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nCONTENT_TYPE: text/plain\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias HTTP_HOST: evil", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nHTTP_HOST: evil\r\n\r\n", expect: Refused(BAD) },
    Row { name: "alias X_Forwarded-For: 10.0.0.1", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX_Forwarded-For: 10.0.0.1\r\n\r\n", expect: Refused(BAD) },
    Row { name: "client-set Durward-Caller", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nDurward-Caller: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set durward-caller", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\ndurward-caller: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set DURWARD-SCOPES", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nDURWARD-SCOPES: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-User", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-User: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-For", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-For: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-Host", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-Host: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-Prefix", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-Prefix: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-Uri", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-Uri: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Forwarded-Port", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-Port: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Forwarded", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nForwarded: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Real-IP", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Real-IP: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Remote-User", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Remote-User: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Remote-User", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nRemote-User: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Original-URL", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Original-URL: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Rewrite-URL", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Rewrite-URL: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Auth-Request-User", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Auth-Request-User: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-User-Id", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-User-Id: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Client-Cert", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Client-Cert: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Client-Cert", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nClient-Cert: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-SSL-Client-Verify", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-SSL-Client-Verify: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Envoy-Original-Path", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Envoy-Original-Path: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Consumer-Username", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Consumer-Username: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set True-Client-IP", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nTrue-Client-IP: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Via", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nVia: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Proxy-Authorization", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nProxy-Authorization: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Proxy-Connection", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nProxy-Connection: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Keep-Alive", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nKeep-Alive: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set Trailer", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nTrailer: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set X-Request-Id", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Request-Id: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set identity, twice", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-User: EVIL\r\nx-forwarded-user: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "client-set identity with spaces", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Forwarded-User:    EVIL   \r\n\r\n", expect: One(no_evil) },
    Row { name: "Connection: x-forwarded-for", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: x-forwarded-for\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: host", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: host\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: content-length", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: content-length\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: content-type", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: content-type\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: authorization", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: authorization\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: cookie", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: cookie\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: durward-caller", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: durward-caller\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: x-api-key", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: x-api-key\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: transfer-encoding", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: transfer-encoding\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: close, x-forwarded-host", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: close, x-forwarded-host\r\n\r\n", expect: Refused(BAD) },
    Row { name: "Connection: keep-alive", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: keep-alive\r\n\r\n", expect: One(no_hop) },
    Row { name: "Connection: close", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: close\r\n\r\n", expect: One(no_hop) },
    Row { name: "TE: gzip", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nTE: gzip\r\nConnection: TE\r\n\r\n", expect: One(no_hop) },
    Row { name: "Expect of something else", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nExpect: 200-ok\r\n\r\n", expect: Refused(&[417]) },
    Row { name: "Expect twice", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\nhello", expect: Refused(BAD) },
    Row { name: "two Authorizations", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", expect: Refused(BAD) },
    Row { name: "two Content-Types", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello", expect: Refused(BAD) },
    Row { name: "Content-Type tab", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json\t;a=b\x0b\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type space inside", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/ json\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type two types", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json, text/plain\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type no subtype", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type empty", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: \r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type utf-16", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type duplicate parameter", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json; charset=utf-8; charset=utf-7\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type unlisted", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/xml\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "Content-Type in odd case", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: Application/JSON;  charset=\"UTF-8\"\r\nContent-Length: 2\r\n\r\n{}", expect: One(json_type) },
    Row { name: "JSON with a repeated member", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"a\":1,\"a\":2}", expect: Refused(BAD) },
    Row { name: "JSON sent as form", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: text/plain\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "unknown content coding", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/json\r\nContent-Encoding: evil\r\nContent-Length: 2\r\n\r\n{}", expect: Refused(BAD) },
    Row { name: "h2c upgrade is ignored", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", expect: One(no_hop) },
    Row { name: "WebSocket that is not allowed", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", expect: Refused(BAD) },
    Row { name: "WebSocket with a request behind it", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\nGET /nothing HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(BAD) },
    Row { name: "upgrade to something else", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: evil/1\r\n\r\n", expect: One(no_hop) },
    Row { name: "an escaped colon of another operation", raw: b"GET /v/me%3Asecret?q=TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(&[400]) },
    Row { name: "an escaped colon in lower case", raw: b"GET /v/me%3asecret?q=TAGGY HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: Refused(&[400]) },
    Row { name: "an escaped at sign of the same operation", raw: b"GET /v/TAGGY%40b HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(single) },
    Row { name: "query with a semicolon", raw: b"GET /v/TAGGY?q=a;admin=true HTTP/1.1\r\nHost: gw.test\r\n\r\n", expect: One(no_semicolon) },
    Row { name: "form with a semicolon", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\na=1;admin=true", expect: Refused(&[400]) },
    Row { name: "multipart in another charset", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: multipart/form-data; charset=ibm037; boundary=b\r\nContent-Length: 57\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--b--", expect: Refused(&[415]) },
    Row { name: "a part in another charset", raw: b"PUT /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99\r\n\r\n--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: application/x; charset=utf-16\r\n\r\n1\r\n--b--", expect: Refused(&[400]) },
    Row { name: "identity field with dots", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX.Forwarded.User: EVIL\r\n\r\n", expect: Refused(&[400]) },
    Row { name: "identity field with a tilde", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX~User~Id: EVIL\r\n\r\n", expect: Refused(&[400]) },
    Row { name: "a contract name in two spellings", raw: b"GET /legacy/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX_Legacy_Id: 1\r\nX-Legacy-Id: 2\r\n\r\n", expect: Refused(&[400]) },
    Row { name: "a contract name with underscores", raw: b"GET /legacy/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX_Legacy_Id: 1\r\n\r\n", expect: One(one_host) },
    Row { name: "method override", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-HTTP-Method-Override: EVIL\r\nX-HTTP-Method: EVIL\r\nX-Method-Override: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "httpoxy", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nProxy: http://EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "more identity fields", raw: b"GET /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nX-Originating-IP: EVIL\r\nX-Host: EVIL\r\nX-JWT-Assertion: EVIL\r\nImpersonate-User: EVIL\r\nX-User-Groups: EVIL\r\n\r\n", expect: One(no_evil) },
    Row { name: "trailers that name a caller", raw: b"POST /v/TAGGY HTTP/1.1\r\nHost: gw.test\r\nContent-Type: application/octet-stream\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nTrailer: Durward-Caller\r\n\r\n5\r\nhello\r\n0\r\nDurward-Caller: root\r\nHost: evil\r\n\r\n", expect: One(hello) },
];
