//! The proofs: each sends the same request twice, to the API alone, where the flaw shows, and through the gateway.
//!
//! Nothing is taken on trust: what the API does alone is checked as well, so that a proof cannot pass because the
//! flaw went away.

mod judge;
mod show;

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use hyper::Method;
use tokio::time::Instant;

use self::judge::{Finding, judge, judge_alone};
use self::show::Page;
pub use self::show::{CurlLines, Style};
use super::client::{Answer, Call, Peer};
use super::policy::BURST;

/// What the proofs are made against.
#[derive(Debug, Clone)]
pub struct Target {
    /// The gateway, which speaks HTTPS as `localhost`.
    pub gateway: SocketAddr,
    /// Its certificate (DER).
    pub certificate: Vec<u8>,
    /// A valid API key for the contract's scheme `app`.
    pub api_key: String,
    /// The sample API itself, without a gateway.
    pub direct: SocketAddr,
}

/// How one proof ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofResult {
    /// Its number, from 1.
    pub number: usize,
    /// What it proves.
    pub title: &'static str,
    /// Whether it holds.
    pub passed: bool,
    /// The gateway's id of the request that it made.
    pub request_id: Option<String>,
}

/// One proof, as data.
struct Proof {
    title: &'static str,
    ask: Ask,
    /// What the answer of the API alone contains, and with which status: the flaw at work.
    alone: (u16, &'static str),
    expect: Expect,
}

/// A request of a proof: GET, or POST when it has content.
struct Ask {
    target: &'static str,
    with_key: bool,
    headers: &'static [(&'static str, &'static str)],
    json: Option<&'static str>,
}

/// What the gateway must make of it.
enum Expect {
    /// The API answers and names a caller.
    CallerNamed,
    /// The API does not take the caller for this one: the header was replaced or refused.
    NotTakenFor(&'static str),
    /// A problem document with this status that mentions this.
    Refused(u16, &'static str),
    /// A server error with nothing of the API's own text in it.
    Masked(&'static [&'static str]),
    /// Sooner or later 429 with `Retry-After`.
    Limited,
}

impl Ask {
    const fn get(target: &'static str) -> Self {
        Self { target, with_key: true, headers: &[], json: None }
    }

    const fn post(target: &'static str, json: &'static str) -> Self {
        Self { target, with_key: true, headers: &[], json: Some(json) }
    }

    const fn method(&self) -> Method {
        if self.json.is_some() { Method::POST } else { Method::GET }
    }

    async fn send(&self, peer: &mut Peer, api_key: Option<&str>) -> Result<Answer> {
        let mut headers = self.headers.to_vec();
        if let Some(api_key) = api_key.filter(|_| self.with_key) {
            headers.push(("x-api-key", api_key));
        }
        let body = self.json.map(|json| ("application/json", json));
        peer.send(&Call { method: &self.method(), target: self.target, headers: &headers, body }).await
    }
}

const PROOFS: [Proof; 12] = [
    Proof {
        title: "a known program is let in, and the API learns who it is",
        ask: Ask::get("/v1/products?search=kettle"),
        alone: (200, "\"calledBy\":null"),
        expect: Expect::CallerNamed,
    },
    Proof {
        title: "a call without a key is refused",
        ask: Ask { with_key: false, ..Ask::get("/v1/orders/1005") },
        alone: (200, "\"customerId\":2"),
        expect: Expect::Refused(401, "credential-missing"),
    },
    Proof {
        title: "a forged identity header does not make one somebody else",
        ask: Ask { headers: &[("durward-caller", "user:any#cleo@shop.example")], ..Ask::get("/v1/me") },
        alone: (200, "\"email\":\"cleo@shop.example\""),
        expect: Expect::NotTakenFor("cleo@shop.example"),
    },
    Proof {
        title: "a wrong type is refused with a reason one can read",
        ask: Ask::post("/v1/orders", r#"{"productId":1,"quantity":"two"}"#),
        alone: (500, "\"sql\":\"INSERT INTO orders"),
        expect: Expect::Refused(400, "quantity"),
    },
    Proof {
        title: "a price of one's own is refused (mass assignment)",
        ask: Ask::post("/v1/orders", r#"{"productId":8,"quantity":1,"price":1,"status":"paid"}"#),
        alone: (201, "\"price\":1,\"status\":\"paid\""),
        expect: Expect::Refused(400, "price"),
    },
    Proof {
        title: "a search that is really SQL is refused by the contract (injection)",
        ask: Ask::get("/v1/products?search=%27%20UNION%20SELECT%20id,email,password_hash,0,0%20FROM%20users--"),
        alone: (200, "\"sku\":\"ana@shop.example\""),
        expect: Expect::Refused(400, "search"),
    },
    Proof {
        title: "SQL where the contract allows any text is refused by the firewall (injection)",
        ask: Ask::get("/v1/reviews?author=%27%20UNION%20SELECT%20id,1,email,2,password_hash%20FROM%20users--"),
        alone: (200, "\"author\":\"ana@shop.example\""),
        expect: Expect::Refused(403, "request-hostile"),
    },
    Proof {
        title: "SQL in a JSON document, written to slip past a filter, is refused as well",
        ask: Ask::post("/v1/reviews/search", r#"{"author":"x'/**/oR/**/\u0027a\u0027<\u0027b"}"#),
        alone: (200, "\"author\":\"Dana O'Neill\""),
        expect: Expect::Refused(403, "request-hostile"),
    },
    Proof {
        title: "a script in a text that is shown as a page is refused (cross-site scripting)",
        ask: Ask::get("/v1/cards/preview?text=%3Cimg%20src=x%20onerror=alert(document.cookie)%3E"),
        alone: (200, "<img src=x onerror=alert(document.cookie)>"),
        expect: Expect::Refused(403, "request-hostile"),
    },
    Proof {
        title: "a path that climbs out of its place is refused",
        ask: Ask::get("/v1/orders/..%2f..%2f..%2finternal%2fconfig"),
        alone: (200, "\"paymentKey\""),
        expect: Expect::Refused(400, "path-ambiguous"),
    },
    Proof {
        title: "an error of the API does not tell how it is built",
        ask: Ask::get("/v1/orders/1007"),
        alone: (500, "\"sql\":\"SELECT"),
        expect: Expect::Masked(&["SELECT", "repository.js", "price"]),
    },
    Proof {
        title: "a burst is limited, with the time after which to try again",
        ask: Ask::get("/v1/products?search=tea"),
        alone: (200, "\"sku\":\"TEA-010\""),
        expect: Expect::Limited,
    },
];

/// A flaw that this policy does not close: shown as such, so that nobody believes more than is proven.
struct Gap {
    title: &'static str,
    ask: Ask,
    shows: &'static str,
}

/// What a real request says of a gap.
#[derive(Clone, Copy)]
enum GapState {
    /// The flaw shows through the gateway.
    Open,
    /// It does not show.
    Closed,
    /// No usable answer came.
    Unclear,
}

const GAPS: [Gap; 2] = [
    Gap {
        title: "the order of another customer can be read (object-level access)",
        ask: Ask::get("/v1/orders/1005"),
        shows: "\"customerId\":2",
    },
    Gap {
        title: "the account shows its password hash and internal notes (leaked fields)",
        ask: Ask::get("/v1/me"),
        shows: "\"passwordHash\"",
    },
];

/// Makes every proof, and writes what came of each as it goes. `why` is what `durward why ID` would print.
///
/// # Errors
/// When the certificate cannot be read or the output cannot be written. A proof that fails is not an error but a
/// result.
pub async fn run(
    target: &Target,
    style: Style,
    out: &mut dyn Write,
    why: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<ProofResult>> {
    let mut gateway = Peer::https(target.gateway, &target.certificate)?;
    let mut direct = Peer::cleartext(target.direct);
    let mut page = Page::new(out, style);
    let mut results = Vec::with_capacity(PROOFS.len() + 1);
    let mut gaps = Vec::with_capacity(GAPS.len());
    page.heading()?;
    for (at, proof) in PROOFS.iter().enumerate() {
        if matches!(proof.expect, Expect::Limited) {
            // While there is still something left of the rate.
            gaps = probe_gaps(&mut gateway, &target.api_key).await;
        }
        let (alone, through) = match proof.expect {
            Expect::Limited => {
                (burst_alone(proof, &mut direct).await, burst(&proof.ask, &mut gateway, &target.api_key).await)
            }
            _ => (
                judge_alone(proof, proof.ask.send(&mut direct, None).await),
                judge(&proof.expect, proof.ask.send(&mut gateway, Some(&target.api_key)).await),
            ),
        };
        page.proof(at + 1, proof, &alone, &through)?;
        results.push(ProofResult {
            number: at + 1,
            title: proof.title,
            passed: alone.holds && through.holds,
            request_id: through.request_id,
        });
    }
    let explained = explain(results.get(EXPLAINED), why).await;
    page.why(results.len() + 1, WHY_TITLE, &explained)?;
    results.push(ProofResult {
        number: results.len() + 1,
        title: WHY_TITLE,
        passed: explained.holds,
        request_id: explained.request_id,
    });
    page.gaps(&gaps)?;
    page.summary(&results)?;
    Ok(results)
}

/// The API alone answers as many as one likes.
async fn burst_alone(proof: &Proof, direct: &mut Peer) -> Finding {
    for sent in 1..LONG_BURST {
        let finding = judge_alone(proof, proof.ask.send(direct, None).await);
        if !finding.holds {
            return finding.prefixed(&format!("request {sent} of the burst: "));
        }
    }
    let last = judge_alone(proof, proof.ask.send(direct, None).await);
    last.prefixed(&format!("{LONG_BURST} in a row, all answered: "))
}

/// Sends until it is limited, and no more than a few times the burst that the policy allows.
async fn burst(ask: &Ask, gateway: &mut Peer, api_key: &str) -> Finding {
    for sent in 1..=LONG_BURST {
        let answered = ask.send(gateway, Some(api_key)).await;
        let goes_on = matches!(&answered, Ok(answer) if answer.status == 200);
        if !goes_on {
            return judge(&Expect::Limited, answered).prefixed(&format!("request {sent} of the burst: "));
        }
    }
    Finding::failed(format!("{LONG_BURST} requests in a row were let through"))
}

async fn probe_gaps(gateway: &mut Peer, api_key: &str) -> Vec<(&'static str, GapState)> {
    let mut found = Vec::with_capacity(GAPS.len());
    for gap in &GAPS {
        let state = match gap.ask.send(gateway, Some(api_key)).await {
            Ok(answer) if answer.body.contains(gap.shows) => GapState::Open,
            Ok(answer) if answer.status == 200 || answer.status == 403 || answer.status == 404 => GapState::Closed,
            _ => GapState::Unclear,
        };
        found.push((gap.title, state));
    }
    found
}

/// Asks why a request was refused. The record is written beside the request path, so it may be a moment late.
async fn explain(refused: Option<&ProofResult>, why: &dyn Fn(&str) -> Option<String>) -> Finding {
    let Some(id) = refused.and_then(|result| result.request_id.clone()) else {
        return Finding::failed("the refused request has no id".to_owned());
    };
    let deadline = Instant::now() + RECORD_DEADLINE;
    loop {
        match why(&id) {
            Some(text) if !text.trim().is_empty() => return Finding::held(text, Some(id)),
            _ if Instant::now() > deadline => {
                return Finding::failed(format!("no record of request `{id}`"));
            }
            _ => tokio::time::sleep(RECORD_PAUSE).await,
        }
    }
}

const WHY_TITLE: &str = "every decision can be explained, down to the rule that made it";
/// The proof whose refusal is explained: SQL that the firewall found.
const EXPLAINED: usize = 6;
/// More than the policy lets through at once.
const LONG_BURST: u16 = BURST * 4;
const RECORD_DEADLINE: Duration = Duration::from_secs(5);
const RECORD_PAUSE: Duration = Duration::from_millis(20);
