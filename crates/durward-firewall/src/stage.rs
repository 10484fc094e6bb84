//! The stages of one operation.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use durward_core::{Denial, Evidence, Finding, Notes, Reason as Refusal, Verdict, Workers, hand_over};
use durward_http::Clean;
use durward_seclang::overlay::Overlay;
use durward_seclang::report::{Action, Interruption, Reason};
use durward_seclang::state::{InMemory, Persistence};
use durward_seclang::transaction::{Origin, Scratch, Transaction};
use http::{HeaderMap, StatusCode, Version, header};

use crate::finding::findings;

/// The firewall of one operation.
pub struct FirewallStage(Option<Box<Rules>>);

struct Rules {
    overlay: Arc<Overlay>,
    memory: Arc<dyn Persistence>,
    responses: bool,
}

/// The content of a request.
#[derive(Debug, Clone)]
pub enum Content {
    /// There is none.
    Nothing,
    /// It is here, decoded.
    Whole(Bytes),
    /// It goes through without being looked at.
    Unseen,
}

/// Proof that the rules have looked at the head of a request.
pub struct HeadInspected {
    transaction: Option<Box<Transaction>>,
    findings: Vec<Finding>,
    told: usize,
}

/// What the rules found in an answer.
#[derive(Debug, Default)]
pub struct AnswerInspected {
    findings: Vec<Finding>,
}

/// Proof that the rules have looked at all of a request.
#[derive(Default)]
pub struct RequestInspected {
    transaction: Option<Box<Transaction>>,
    findings: Vec<Finding>,
    told: usize,
    /// How much of an answer is wanted at most.
    answer_limit: usize,
}

impl FirewallStage {
    pub(crate) fn new(overlay: Arc<Overlay>, memory: Arc<InMemory>, responses: bool) -> Self {
        Self(Some(Box::new(Rules { overlay, memory, responses })))
    }

    /// A firewall that looks at nothing.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// Whether it looks at anything.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Phase 1: the request line and the header fields.
    pub fn check_head(&self, clean: &Clean) -> Verdict<HeadInspected> {
        let Some(rules) = &self.0 else {
            return Verdict::Pass(HeadInspected { transaction: None, findings: Vec::new(), told: 0 });
        };
        let mut transaction = Box::new(rules.begin(clean));
        feed_head(&mut transaction, clean);
        SCRATCH.with_borrow_mut(|scratch| {
            if transaction.run_request_headers(scratch).is_some() {
                transaction.finish(scratch);
            }
        });
        let denial = transaction.interruption().map(|found| denial(found, Refusal::HeadHostile));
        let findings = findings(transaction.matches(), 0, transaction.interruption());
        let told = transaction.matches().len();
        let evidence = HeadInspected { transaction: Some(transaction), findings, told };
        settle(denial, evidence)
    }

    /// Phase 2: the parameters and the content.
    pub async fn check_body(
        &self,
        head: HeadInspected,
        content: Content,
        workers: &dyn Workers,
    ) -> Verdict<RequestInspected> {
        let HeadInspected { transaction, told, .. } = head;
        // What was interrupted was told at the head already: this firewall only observes.
        let Some(transaction) = transaction.filter(|transaction| transaction.interruption().is_none()) else {
            return Verdict::Pass(RequestInspected::default());
        };
        let transaction = match content {
            Content::Whole(bytes) if bytes.len() > AT_ONCE => {
                hand_over(workers, move || run_body(transaction, &bytes)).await
            }
            Content::Whole(bytes) => Some(run_body(transaction, &bytes)),
            Content::Nothing | Content::Unseen => Some(run_body(transaction, b"")),
        };
        let Some(transaction) = transaction else {
            let denial = Denial::new(Refusal::RequestCostly).detail("the firewall broke off");
            return Verdict::deny(denial, RequestInspected::default());
        };
        let denial = transaction.interruption().map(|found| denial(found, Refusal::RequestHostile));
        let findings = findings(transaction.matches(), told, transaction.interruption());
        let told = transaction.matches().len();
        // After an interruption nothing is looked at any more.
        let transaction = Some(transaction).filter(|_| denial.is_none());
        settle(denial, RequestInspected { transaction, findings, told, answer_limit: self.answer_limit() })
    }

    fn answer_limit(&self) -> usize {
        let limit = self.0.as_ref().map_or(0, |rules| rules.overlay.program().settings().response_body_limit);
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// Whether the content of answers may be held back and looked at.
    #[must_use]
    pub fn holds_answers(&self) -> bool {
        self.0.as_ref().is_some_and(|rules| rules.responses)
    }
}

impl RequestInspected {
    /// Phase 3: the status line and the header fields of the answer.
    pub fn check_answer_head(&mut self, status: StatusCode, headers: &HeaderMap) -> Verdict<AnswerInspected> {
        let Some(transaction) = &mut self.transaction else { return Verdict::Pass(AnswerInspected::default()) };
        transaction.response_line(status.as_u16(), b"HTTP/1.1");
        for (name, value) in headers {
            transaction.response_header(name.as_str().as_bytes(), value.as_bytes());
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let _ = transaction.run_response_headers(scratch);
        });
        self.answered()
    }

    /// How much of the answer's content is wanted; none if it is not looked at. Asked after its head was looked at.
    #[must_use]
    pub fn wants_answer(&self) -> Option<usize> {
        self.transaction.as_ref().filter(|transaction| transaction.wants_response_body()).map(|_| self.answer_limit)
    }

    /// Phase 4: the content of the answer, or what is wanted of it. Nothing is looked at after this.
    pub fn check_answer(&mut self, content: &[u8]) -> Verdict<AnswerInspected> {
        let Some(transaction) = &mut self.transaction else { return Verdict::Pass(AnswerInspected::default()) };
        SCRATCH.with_borrow_mut(|scratch| {
            let _ = transaction.response_body(content);
            let _ = transaction.run_response_body(scratch);
        });
        let verdict = self.answered();
        self.finish();
        verdict
    }

    /// Phase 5. Nothing is looked at after this.
    pub fn finish(&mut self) {
        if let Some(mut transaction) = self.transaction.take() {
            SCRATCH.with_borrow_mut(|scratch| transaction.finish(scratch));
        }
    }

    fn answered(&mut self) -> Verdict<AnswerInspected> {
        let Some(transaction) = &self.transaction else { return Verdict::Pass(AnswerInspected::default()) };
        let interruption = transaction.interruption();
        let denial = interruption.map(|found| Denial::new(Refusal::AnswerHostile).detail(found.to_string()));
        let findings = findings(transaction.matches(), self.told, interruption);
        self.told = transaction.matches().len();
        if denial.is_some() {
            self.finish();
        }
        settle(denial, AnswerInspected { findings })
    }
}

impl Rules {
    fn begin(&self, clean: &Clean) -> Transaction {
        let facts = clean.facts();
        let connection = facts.connection();
        let id = facts.id().text();
        let origin = Origin {
            client: clean.client(),
            client_port: connection.peer.port(),
            server: connection.local.ip(),
            server_port: connection.local.port(),
            unix_micros: facts.received().unix_nanos() / 1_000,
            unique_id: &id,
        };
        Transaction::with_persistence(Arc::clone(&self.overlay), &origin, Arc::clone(&self.memory))
    }
}

fn feed_head(transaction: &mut Transaction, clean: &Clean) {
    let facts = clean.facts();
    let target = facts.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let protocol = match facts.version() {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        _ => "HTTP/1.1",
    };
    transaction.request_line(facts.method().as_str().as_bytes(), target.as_bytes(), protocol.as_bytes());
    if !facts.headers().contains_key(header::HOST) {
        transaction.request_header(b"host", clean.authority().as_str().as_bytes());
    }
    for (name, value) in facts.headers() {
        transaction.request_header(name.as_str().as_bytes(), value.as_bytes());
    }
}

/// Runs phase 2.
fn run_body(mut transaction: Box<Transaction>, content: &[u8]) -> Box<Transaction> {
    if !content.is_empty() && transaction.wants_request_body() {
        let _ = transaction.request_body(content);
    }
    SCRATCH.with_borrow_mut(|scratch| {
        if transaction.run_request_body(scratch).is_some() {
            transaction.finish(scratch);
        }
    });
    transaction
}

fn settle<E>(denial: Option<Denial>, evidence: E) -> Verdict<E> {
    match denial {
        Some(denial) => Verdict::deny(denial, evidence),
        None => Verdict::Pass(evidence),
    }
}

/// What becomes of a request that the rules interrupt.
fn denial(found: &Interruption, refusal: Refusal) -> Denial {
    let refusal = match found.reason {
        Reason::Budget | Reason::RequestBodyLimit | Reason::ResponseBodyLimit => Refusal::RequestCostly,
        Reason::Rule { .. } => refusal,
    };
    let denial = Denial::new(refusal).detail(found.to_string());
    match &found.action {
        Action::Deny if matches!(found.reason, Reason::Rule { .. }) => denial.answered(found.status),
        Action::Deny | Action::Drop => denial,
        Action::Redirect(place) => {
            denial.answered(found.status).field("location", String::from_utf8_lossy(place).into_owned())
        }
    }
}

impl Evidence for HeadInspected {
    fn note(&self, notes: &mut Notes) {
        notes.findings.extend_from_slice(&self.findings);
    }
}

impl Evidence for AnswerInspected {
    fn note(&self, notes: &mut Notes) {
        notes.findings.extend_from_slice(&self.findings);
    }
}

impl Evidence for RequestInspected {
    fn note(&self, notes: &mut Notes) {
        notes.findings.extend_from_slice(&self.findings);
    }
}

impl fmt::Debug for FirewallStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirewallStage").field("on", &self.is_on()).finish_non_exhaustive()
    }
}

impl fmt::Debug for HeadInspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadInspected").field("findings", &self.findings).finish_non_exhaustive()
    }
}

impl fmt::Debug for RequestInspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInspected").field("findings", &self.findings).finish_non_exhaustive()
    }
}

/// Content up to this size takes well under a millisecond: it is looked at where it is, larger content elsewhere.
const AT_ONCE: usize = 4096;

thread_local! {
    /// The working memory of this thread: rules run to their end once they begin.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}
