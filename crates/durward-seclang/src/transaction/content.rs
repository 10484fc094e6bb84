//! Request and response content: whether it is wanted, and how much of it.

use super::{Core, Transaction};
use crate::ast::{EngineMode, LimitAction, Phase, Settings};
use crate::report::{Action, Interruption, Reason};

/// How much content is looked at. Rules change it with `ctl`.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) request: Limit,
    pub(super) response: Limit,
}

/// How much of one content is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// Whether it is looked at.
    pub(super) access: bool,
    pub(super) most: u64,
    action: LimitAction,
    /// Whether something was left out.
    cut: bool,
}

impl Limits {
    pub(super) const fn new(settings: &Settings) -> Self {
        Self {
            request: Limit {
                access: settings.request_body_access,
                most: settings.request_body_limit,
                action: settings.request_body_limit_action,
                cut: false,
            },
            response: Limit {
                access: settings.response_body_access,
                most: settings.response_body_limit,
                action: settings.response_body_limit_action,
                cut: false,
            },
        }
    }
}

impl Limit {
    /// What of the content is kept, and whether that is too little for the rules.
    fn take<'c>(&mut self, kept: usize, content: &'c [u8]) -> (&'c [u8], bool) {
        let room = self.most.saturating_sub(kept as u64);
        if content.len() as u64 <= room {
            return (content, false);
        }
        self.cut = true;
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let taken = content.split_at_checked(room).map_or(content, |(taken, _)| taken);
        (taken, self.action == LimitAction::Reject)
    }
}

impl Transaction {
    /// Whether rules may look at the request content.
    #[must_use]
    pub fn wants_request_body(&self) -> bool {
        self.core.content.request.access && self.core.runs(Phase::RequestBody)
    }

    /// More request content. Beyond the limit it is dropped, or the transaction is interrupted.
    pub fn request_body(&mut self, content: &[u8]) -> Option<&Interruption> {
        let core = &mut self.core;
        if core.content.request.access && core.goes_on() {
            let (taken, refused) = core.content.request.take(core.state.content().bytes().len(), content);
            core.state.request_content(taken);
            if core.content.request.cut {
                core.state.set_inbound_data_error();
            }
            if refused {
                core.refuse(Phase::RequestBody, PAYLOAD_TOO_LARGE, Reason::RequestBodyLimit);
            }
        }
        core.interruption.as_ref()
    }

    /// The caller stopped reading the request content before its end.
    pub fn request_body_truncated(&mut self) {
        self.core.content.request.cut = true;
        self.core.state.set_inbound_data_error();
    }

    /// Whether rules may look at the response content. Asked once the response fields are here.
    #[must_use]
    pub fn wants_response_body(&self) -> bool {
        let media_type = self.core.state.response_content_type().trim_ascii();
        self.core.content.response.access
            && self.core.runs(Phase::ResponseBody)
            && self.overlay.program().settings().response_body_types.iter().any(|known| {
                known.as_bytes().eq_ignore_ascii_case(media_type) || (media_type.is_empty() && &**known == NO_TYPE)
            })
    }

    /// More response content. Beyond the limit it is dropped, or the transaction is interrupted.
    pub fn response_body(&mut self, content: &[u8]) -> Option<&Interruption> {
        if self.wants_response_body() {
            let core = &mut self.core;
            let (taken, refused) = core.content.response.take(core.state.response_content_len(), content);
            core.state.response_content(taken);
            if core.content.response.cut {
                core.state.set_outbound_data_error();
            }
            if refused {
                core.refuse(Phase::ResponseBody, INTERNAL_SERVER_ERROR, Reason::ResponseBodyLimit);
            }
        }
        self.core.interruption.as_ref()
    }
}

impl Core {
    pub(super) fn publish_request_content(&mut self) {
        self.state.publish_request_content(!self.content.request.cut);
        if self.state.content().is_too_large() && self.content.request.action == LimitAction::Reject {
            self.refuse(Phase::RequestBody, PAYLOAD_TOO_LARGE, Reason::RequestBodyLimit);
        }
    }

    /// Ends the transaction for a reason that is no rule, unless nothing may be interrupted.
    pub(super) fn refuse(&mut self, phase: Phase, status: u16, reason: Reason) {
        if self.mode == EngineMode::On && self.interruption.is_none() {
            self.interruption = Some(Interruption { action: Action::Deny, status, phase, reason });
        }
    }
}

/// What `SecResponseBodyMimeType` calls a response without `Content-Type`.
const NO_TYPE: &str = "(null)";
const PAYLOAD_TOO_LARGE: u16 = 413;
const INTERNAL_SERVER_ERROR: u16 = 500;
