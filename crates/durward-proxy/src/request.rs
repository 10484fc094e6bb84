//! One request, from the parsed head to the head of its answer.

use std::convert::Infallible;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use durward_core::{Denial, Evidence, Fault, FaultKind, Notes, Reason, StageId};
use durward_http::{Facts, Framing, Head};
use durward_pipeline::{Disposition, admit, refusal};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body::Body;
use hyper::body::Incoming;

use crate::account::Account;
use crate::body::{ClientBody, CutShort, ResponseBody, Source, Tally, describe};
use crate::forward::{Answer, Unanswered, forward};
use crate::line::Line;
use crate::upgrade;

/// Serves one request.
pub(crate) async fn handle(line: Rc<Line>, request: Request<Incoming>) -> Result<Response<ResponseBody>, Infallible> {
    let asked_upgrade = request.version() == Version::HTTP_11 && request.headers().contains_key(header::UPGRADE);
    let mut answer = decide(&line, request).await;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS && line.http == HTTP1 {
        // Bytes behind an upgrade that did not happen may not be meant as requests: they are never read.
        if asked_upgrade || line.closing.get() || line.core.drain.since().is_some() {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
    Ok(answer)
}

async fn decide(line: &Rc<Line>, request: Request<Incoming>) -> Response<ResponseBody> {
    let core = &line.core;
    let (started, received) = core.clock.now();
    let id = core.ids.borrow_mut().next(received);
    let (parts, incoming) = request.into_parts();
    let framing = framing(&parts.headers, &incoming);
    let tally = (framing != Framing::Empty).then(Rc::<Tally>::default);
    let mut account = Account::open(Rc::clone(line), id, (started, received), tally.clone());
    account.head_only = parts.method == Method::HEAD;
    let body = ClientBody::new(incoming, Rc::clone(line), tally.unwrap_or_default());
    let head = Head { method: parts.method, uri: parts.uri, version: parts.version, headers: parts.headers };
    let facts = Facts::new(id, received, std::sync::Arc::clone(&line.facts), head, framing);
    let plan = core.plan();

    let admitted = admit(&plan, facts, body, account.trail()).await;
    let now = Instant::now();
    account.decided(now);
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(denial) => {
            // Where a request is ambiguous it is unclear where it ends: what follows on the connection is never read
            // (RFC 9112 section 6.3).
            if denial.stage() == StageId::Edge && line.http == HTTP1 {
                line.closing.set(true);
            }
            return whole(refusal(&denial, id), account);
        }
    };
    match forward(&core.pools, admitted, now).await {
        Ok(answer) => {
            account.upstream_answered(answer.head.status.as_u16(), now.elapsed());
            release(answer, account).await
        }
        Err(Unanswered { fault, mut release }) => {
            account.upstream_failed(now.elapsed());
            let answer = release.fault(&fault, account.trail());
            whole(answer, account)
        }
    }
}

async fn release(answer: Answer<'_>, mut account: Account) -> Response<ResponseBody> {
    let Answer { mut head, mut source, mut release, upgrade } = answer;
    if head.status.is_informational() {
        match upgrade::judge(&head, source, upgrade) {
            Ok(link) => return join(head, link, &mut release, account),
            Err(fault) => return whole(release.fault(&fault, account.trail()), account),
        }
    }
    let mut disposition = release.head(&mut head, account.trail());
    if let Disposition::Hold(most) = disposition {
        disposition = match source.hold(most).await {
            Ok(held) => release.content(&held, account.trail()).map_or(Disposition::Pass, Disposition::Replace),
            Err(CutShort) => {
                let fault = Fault::new(FaultKind::Broken, "the upstream broke off while its answer was looked at");
                Disposition::Replace(release.fault(&fault, account.trail()))
            }
        };
    }
    match disposition {
        Disposition::Pass | Disposition::Hold(_) => {
            // The answer is ours from here: our version, nothing that clung to the upstream's.
            head.version = Version::HTTP_11;
            head.extensions = http::Extensions::new();
            account.answer(head.status.as_u16());
            Response::from_parts(head, ResponseBody::new(source, account))
        }
        Disposition::Replace(answer) => {
            source.discard();
            whole(answer, account)
        }
    }
}

/// The upstream agreed to a WebSocket: both sides change over once the client has the 101.
fn join(
    mut head: http::response::Parts,
    link: Box<crate::pool::Link>,
    release: &mut durward_pipeline::Release<'_>,
    mut account: Account,
) -> Response<ResponseBody> {
    let joined = link.into_bytes();
    match release.head(&mut head, account.trail()) {
        Disposition::Pass | Disposition::Hold(_) => {
            head.extensions = http::Extensions::new();
            account.answer(head.status.as_u16());
            let line = Rc::clone(account.line());
            line.tunnel.replace(Some(Box::new(upgrade::Tunnel { upstream: joined, account })));
            Response::from_parts(head, ResponseBody::none())
        }
        Disposition::Replace(answer) => whole(answer, account),
    }
}

/// An answer of our own.
fn whole(answer: Response<Bytes>, mut account: Account) -> Response<ResponseBody> {
    account.answer(answer.status().as_u16());
    if account.head_only {
        // The content is not sent, but its length is told (RFC 9110 section 9.3.2).
        let (mut head, bytes) = answer.into_parts();
        head.headers.entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(bytes.len()));
        return Response::from_parts(head, ResponseBody::new(Source::Done, account));
    }
    answer.map(|bytes| ResponseBody::new(Source::Whole(bytes), account))
}

/// Records what the HTTP layer answered for itself because it could not read a request head.
pub(crate) fn record_unreadable(line: &Rc<Line>, error: &hyper::Error) {
    let core = &line.core;
    let now = core.clock.now();
    let id = core.ids.borrow_mut().next(now.1);
    let mut account = Account::open(Rc::clone(line), id, now, None);
    let reason = if error.is_parse_too_large() { Reason::HeadTooLarge } else { Reason::HeaderInvalid };
    account.trail().observe(&Unread(line.facts.peer.ip()));
    let denial = Denial::new(reason).detail(describe(error));
    let _ = account.trail().require::<()>(StageId::Edge, Err(denial));
    account.answer(reason.status());
    account.complete();
}

/// All that is known of a request whose head cannot be read.
struct Unread(IpAddr);

impl Evidence for Unread {
    fn note(&self, notes: &mut Notes) {
        notes.client = Some(self.0);
    }
}

/// How the body is framed, as the HTTP layer understood it.
fn framing(headers: &HeaderMap, incoming: &Incoming) -> Framing {
    if incoming.is_end_stream() {
        return Framing::Empty;
    }
    match incoming.size_hint().exact() {
        Some(length) if !headers.contains_key(header::TRANSFER_ENCODING) => Framing::Length(length),
        _ => Framing::Streamed,
    }
}

/// How the records name the versions.
pub(crate) const HTTP1: &str = "HTTP/1.1";
pub(crate) const HTTP2: &str = "HTTP/2";

/// A 101 that nobody asked for, or that proves nothing.
pub(crate) fn unasked() -> Fault {
    Fault::new(FaultKind::Broken, "the upstream switched protocols without being asked to")
}
