//! Answers that say more than they should, and answers that are nobody's business.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use durward_testkit::{Gateway, exchange};

use super::{Answer, builder, core_rule_set, get, policy, send, why};
use crate::demo::Demo;

const CONTRACT: &str = r#"
openapi: 3.1.0
info: { title: Answers, version: "1" }
paths:
  /{what}:
    parameters: [{ name: what, in: path, required: true, schema: { type: string } }]
    get: { operationId: show, responses: { "200": { description: ok } } }
    head: { operationId: peek, responses: { "200": { description: ok } } }
"#;

const LEAK: &str = "{\"error\":\"You have an error in your SQL syntax near x\"}";
const CLEAN: &str = "{\"ok\":\"nothing to see here\"}";
/// The same, compressed with gzip.
const LEAK_GZIP: &str = "1f8b08000000000002ffab564a2d2aca2f52b2528acc2f55c8482c4b5548cc53008b2964e62954e69716290407fa281457e695245628e4a52616295428d50200117b45b837000000";
const CLEAN_GZIP: &str =
    "1f8b08000000000002ffab56cacf56b252cacb2fc9c8cc4b5728c957284e4d55c8482d4a55aa0500d1230dc11c000000";

/// Answers by the path of the request; `connection: close` unless a request is a HEAD.
fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let path = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        let bytes = answer(&path, &head);
        if stream.write_all(&bytes).is_err() || path.starts_with("cut") {
            return;
        }
    }
}

fn answer(path: &str, head: &str) -> Vec<u8> {
    let (media, body): (&str, Vec<u8>) = match path {
        "clean" | "none" | "same" => ("application/json", CLEAN.into()),
        "leak" => ("application/json; charset=utf-8", LEAK.into()),
        "binary-leak" => ("application/octet-stream", LEAK.into()),
        "clean-gzip" | "unknown-coding" => ("application/json", hex(CLEAN_GZIP)),
        "leak-gzip" => ("application/json", hex(LEAK_GZIP)),
        "large" => ("text/plain", large()),
        "empty" => ("application/json", Vec::new()),
        "asked" => ("text/plain", head.as_bytes().to_vec()),
        _ => ("text/plain", b"what?".to_vec()),
    };
    let peek = head.starts_with("HEAD");
    let coding = match path {
        "clean-gzip" | "leak-gzip" => "content-encoding: gzip\r\n",
        "unknown-coding" => "content-encoding: zstd\r\n",
        _ => "",
    };
    let whole = |status: &str| {
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-type: {media}\r\n{coding}content-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), if peek { &[][..] } else { &body[..] }].concat()
    };
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    match path {
        "none" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "same" => b"HTTP/1.1 304 Not Modified\r\ncontent-type: application/json\r\netag: \"1\"\r\n\r\n".to_vec(),
        "chunked-clean" => format!("{chunked}{}0\r\n\r\n", chunks(CLEAN)).into_bytes(),
        "chunked-leak" => format!("{chunked}{}0\r\n\r\n", chunks(LEAK)).into_bytes(),
        "chunked-trailers" => format!("{chunked}{}0\r\nx-sum: 7\r\n\r\n", chunks(CLEAN)).into_bytes(),
        "cut" => {
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n{CLEAN}").into_bytes()
        }
        "cut-chunked" => format!("{chunked}{}", chunks(CLEAN)).into_bytes(),
        _ => whole("200 OK"),
    }
}

/// Chunks of three bytes, so that what rules look for is never in one piece.
fn chunks(text: &str) -> String {
    text.as_bytes()
        .chunks(3)
        .map(|piece| format!("{:x}\r\n{}\r\n", piece.len(), String::from_utf8_lossy(piece)))
        .collect()
}

/// More than rules look at, and different everywhere.
fn large() -> Vec<u8> {
    (0..150_000).flat_map(|line: u32| format!("line {line}\n").into_bytes()).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn gateway(rules: &str, more: &str) -> Gateway {
    let own = "SecRule RESPONSE_BODY \"@contains error in your SQL\" \
         \"id:1,phase:4,deny,log,t:none,msg:'A database speaks',tag:'leak'\"\n\
         SecRule RESPONSE_HEADERS:X-Leak \"@streq yes\" \"id:2,phase:3,deny,log,t:none,msg:'A leak'\"\n";
    let api = format!(
        "[api.shop]\nspec = \"openapi.yaml\"\nupstream = {{ url = \"http://{}\" }}\npublic = [\"show\", \"peek\"]\n",
        upstream()
    );
    let policy = policy(&format!("[firewall]\nresponses = true\nrules = [\"{rules}\"]\n{more}\n{api}"));
    let folder = builder().file("durward.toml", policy).unwrap().file("openapi.yaml", CONTRACT).unwrap();
    let strict = format!("SecResponseBodyLimit 64\nSecResponseBodyLimitAction Reject\n{own}");
    folder.file("own.conf", own).unwrap().file("strict.conf", strict).unwrap().start().unwrap()
}

fn dechunked(answer: &Answer) -> Vec<u8> {
    if answer.field("transfer-encoding").is_none() {
        return answer.body.clone();
    }
    let (mut rest, mut body) = (&answer.body[..], Vec::new());
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    body
}

fn passes_what_is_clean_and_refuses_what_leaks(gateway: &Gateway) {
    let plain: [(&str, Vec<u8>); 7] = [
        ("/clean", CLEAN.into()),
        ("/chunked-clean", CLEAN.into()),
        ("/chunked-trailers", CLEAN.into()),
        ("/clean-gzip", hex(CLEAN_GZIP)),
        ("/binary-leak", LEAK.into()),
        ("/large", large()),
        ("/empty", Vec::new()),
    ];
    for (target, body) in plain {
        let answer = get(gateway, target);
        assert_eq!(answer.status, 200, "{target}: {}", why(gateway, &answer));
        assert!(dechunked(&answer) == body, "{target}: {} bytes instead of {}", answer.body.len(), body.len());
        assert_eq!(answer.field("content-encoding").is_some(), target.contains("gzip"), "{target}");
    }
    for target in ["/leak", "/chunked-leak", "/leak-gzip"] {
        let answer = get(gateway, target);
        let text = why(gateway, &answer);
        assert_eq!(answer.status, 502, "{target}: {text}");
        assert!(answer.text().contains("urn:durward:answer-hostile"), "{target}: {answer:?}");
        assert!(!answer.text().contains("syntax"), "{target}: {answer:?}");
        assert!(answer.field("content-encoding").is_none(), "{target}: {answer:?}");
        for part in ["[ok] upstream", "[no] release", "RESPONSE_BODY", "answer-hostile"] {
            assert!(text.contains(part), "`{part}` is not in\n{text}");
        }
    }
}

#[test]
fn leaks_are_refused_and_the_rest_passes_byte_for_byte() {
    let gateway = gateway("own.conf", "");
    passes_what_is_clean_and_refuses_what_leaks(&gateway);
    let leak = why(&gateway, &get(&gateway, "/leak"));
    for part in ["rule       1: A database speaks", "target = 'RESPONSE_BODY'", "operations.show.firewall.exclude]]"] {
        assert!(leak.contains(part), "`{part}` is not in\n{leak}");
    }
    let hidden = get(&gateway, "/unknown-coding");
    let text = why(&gateway, &hidden);
    assert!(hidden.status == 502 && text.contains("content-encoding hides it"), "{text}");
}

#[test]
fn the_core_rule_set_refuses_what_leaks() {
    if let Some(folder) = core_rule_set() {
        passes_what_is_clean_and_refuses_what_leaks(&gateway(folder, ""));
    }
}

#[test]
fn answers_without_content() {
    let gateway = gateway("own.conf", "");
    for (target, status) in [("/none", 204), ("/same", 304)] {
        let answer = get(&gateway, target);
        assert_eq!((answer.status, answer.body.len()), (status, 0), "{target}: {}", why(&gateway, &answer));
    }
    // A HEAD tells the length of what it does not send, and the connection goes on.
    let requests = "HEAD /clean HTTP/1.1\r\nhost: localhost\r\n\r\nHEAD /leak HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let last = "HEAD /unknown-coding HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(gateway.address("http")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(format!("{requests}{last}").as_bytes()).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 3, "{text}");
    for length in [CLEAN.len(), LEAK.len(), hex(CLEAN_GZIP).len()] {
        assert!(text.contains(&format!("content-length: {length}\r\n")), "{length} in\n{text}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_the_upstreams_fault() {
    let gateway = gateway("own.conf", "");
    for target in ["/cut", "/cut-chunked"] {
        let answer = get(&gateway, target);
        let text = why(&gateway, &answer);
        assert_eq!(answer.status, 502, "{text}");
        assert!(text.contains("[no] upstream") && text.contains("broke off"), "{text}");
        assert_eq!(text.matches("] upstream").count(), 1, "{text}");
        assert!(!answer.text().contains("nothing to see"), "{answer:?}");
    }
}

#[test]
fn an_upstream_is_asked_not_to_compress() {
    let gateway = gateway("own.conf", "");
    let answer = send(&gateway, "GET", "/asked", &[("accept-encoding", "gzip, br")], "");
    assert!(answer.text().contains("accept-encoding: identity\r\n"), "{}", answer.text());
}

#[test]
fn a_limit_that_refuses_and_a_gateway_that_only_observes() {
    let strict = gateway("strict.conf", "");
    assert_eq!(get(&strict, "/clean").status, 200);
    let answer = get(&strict, "/large");
    assert_eq!(answer.status, 502, "{}", why(&strict, &answer));
    let observing = gateway("own.conf", "mode = \"observe\"");
    let answer = get(&observing, "/leak");
    let text = why(&observing, &answer);
    assert!(answer.status == 200 && answer.text() == LEAK, "{answer:?}");
    for part in ["would refuse: answer-hostile", "rule       1: A database speaks", "saw `error in your SQL`"] {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

/// The sample API speaks HTTP/2 as well.
#[test]
fn answers_of_an_http2_upstream() {
    let demo = Demo::start();
    let rule = "SecRule RESPONSE_BODY \"@rx [0-9a-f]{64}\" \"id:1,phase:4,deny,log,t:none,msg:'A hash'\"\n";
    let api = format!(
        "[auth.app]\napi_key = {{}}\n[api.shop]\nspec = \"orders.yaml\"\nupstream = {{ url = \"{}\", protocol = \"http2\" }}\n\
         public = [\"listReviews\", \"getHealth\", \"getMe\", \"streamEvents\"]\n",
        demo.direct
    );
    let policy = policy(&format!("[firewall]\nresponses = true\nrules = [\"own.conf\"]\n{api}"));
    let folder = builder().file("durward.toml", policy).unwrap().file("orders.yaml", demo.contract()).unwrap();
    let gateway = folder.file("own.conf", rule).unwrap().start().unwrap();
    let clean = get(&gateway, "/v1/reviews?author=Ana%20Alder");
    assert!(clean.status == 200 && clean.text().contains("Boils fast"), "{clean:?}");
    // The account shows the hash of a password.
    let leak = get(&gateway, "/v1/me");
    assert_eq!(leak.status, 502, "{}", why(&gateway, &leak));
    assert!(!leak.text().contains("passwordHash"), "{leak:?}");
    // Events are not held back.
    let request = b"GET /v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let events = exchange(gateway.address("http"), request, Duration::from_secs(5)).unwrap();
    assert_eq!(String::from_utf8_lossy(&events[0].body).matches("event: order").count(), 5);
}
