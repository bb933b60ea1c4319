//! The span of a request: a session of its own, or a call in the session of its caller.

use std::{sync::Arc, task::Waker};

use http::{Method, StatusCode, request::Parts};

use super::SessionLayer;
use crate::{
    config::BudgetExceeded,
    process::guarded,
    record::semconv,
    session::{Cancellation, EndState, SessionContext, extract_trusting},
    span::{CustomSpan, Session, SpanHandle},
};

/// The kind of a request in the session of its caller.
const REQUEST: &str = "request";

/// A request that is recorded, until its answer has left.
#[derive(Debug)]
pub(super) struct Request {
    held: SpanHandle,
    /// Where it runs, if it goes on in a session that is not recorded: a call that nobody records has no place of
    /// its own, and what it calls would be outside of any session.
    unrecorded: Option<SessionContext>,
    cancellation: Option<Cancellation>,
    status: Option<StatusCode>,
    is_head: bool,
}

impl Request {
    /// Opens it by the head of the request.
    pub(super) fn begin(head: &Parts, layer: &SessionLayer) -> Self {
        let caller = extract_trusting(layer.trust(), &head.headers);
        let held = caller.in_scope(|| open(head, layer, &caller));
        let is_head = head.method == Method::HEAD;
        let cancellation = held.cancellation();
        let is_unrecorded = !held.is_recording() && caller.session().is_some();
        let unrecorded = is_unrecorded.then_some(caller);
        let request = Self { held, unrecorded, cancellation, status: None, is_head };
        request.say(head);
        request
    }

    fn say(&self, head: &Parts) {
        let span = self.held.span();
        span.set_attribute(semconv::HTTP_METHOD, head.method.as_str());
        span.set_attribute(semconv::URL_PATH, head.uri.path());
        if let Some(route) = route(head) {
            span.set_attribute(semconv::HTTP_ROUTE, route);
        }
    }

    pub(super) fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = self.unrecorded.as_ref().map(SessionContext::attach);
        self.held.in_scope(code)
    }

    /// Polls the handler or the body, whose panic is a failure.
    pub(super) fn poll<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = self.unrecorded.as_ref().map(SessionContext::attach);
        Cancellation::around(self.cancellation.as_ref(), || self.held.poll(code))
    }

    /// The limit that was passed, if it is to be given up.
    pub(super) fn poll_budget(&self, waker: &Waker) -> Option<BudgetExceeded> {
        self.cancellation.as_ref().and_then(|cancellation| cancellation.poll(waker))
    }

    /// Notes the answer, whose body is still to leave.
    pub(super) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        self.held.span().set_attribute(semconv::HTTP_STATUS, i64::from(status.as_u16()));
    }

    /// Ends it with its answer.
    pub(super) fn end(self) {
        let failed = self.status.filter(StatusCode::is_server_error);
        if let Some(status) = failed {
            self.held.span().set_attribute(semconv::ERROR_TYPE, status.as_str());
        }
        self.held.leave(if failed.is_some() { EndState::Failure } else { EndState::Success });
    }

    /// Ends it without an answer, or with half of one.
    pub(super) fn fail(self, error: Option<&dyn std::fmt::Display>) {
        if let Some(error) = error {
            self.held.span().record_error(error);
        }
        self.held.leave(EndState::Failure);
    }

    /// Ends it: nobody waits for the answer any more, or it has panicked.
    pub(super) fn cancel(self) {
        self.held.cancel();
    }

    /// Ends it: nobody asks for the rest of the answer.
    pub(super) fn let_go(self) {
        if self.status.is_some_and(|status| self.is_whole_without_body(status)) {
            self.end();
        } else {
            self.cancel();
        }
    }

    /// True if servers drop the body of this answer, which has left with its head.
    fn is_whole_without_body(&self, status: StatusCode) -> bool {
        self.is_head || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    }
}

fn open(head: &Parts, layer: &SessionLayer, caller: &SessionContext) -> SpanHandle {
    let name = name(head);
    if caller.session().is_some_and(|session| session.is_open()) {
        return CustomSpan::builder(REQUEST, name).start_at(layer.place());
    }
    let session = || layer.customized(head, Session::builder(name.clone()));
    let customized = guarded(session);
    customized.unwrap_or_else(|| Session::builder(name)).start_at(layer.place())
}

/// The method and the route: of few values, as names have to be.
fn name(head: &Parts) -> String {
    let method = head.method.as_str();
    route(head).map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

#[cfg(feature = "axum")]
fn route(head: &Parts) -> Option<Arc<str>> {
    head.extensions.get::<axum::extract::MatchedPath>().map(|route| route.as_str().into())
}

#[cfg(not(feature = "axum"))]
fn route(_: &Parts) -> Option<Arc<str>> {
    None
}
