//! Span of a request: a session of its own, or a call in its caller's session.

use std::{sync::Arc, task::Waker};

use http::{Method, StatusCode, request::Parts};

use super::SessionLayer;
use crate::{
    config::BudgetExceeded,
    process::catch_user_panic,
    record::semconv,
    session::{Cancellation, EndState, SessionContext, extract_trusting},
    span::{CustomSpan, Session, SpanHandle},
};

/// Kind of a request's span in its caller's session.
const REQUEST: &str = "request";

/// Request that is recorded until its response is sent.
#[derive(Debug)]
pub(super) struct Request {
    held: SpanHandle,
    /// The caller's context, if its session is not recorded. The request then has no context of its own, and
    /// without this one its calls would count as orphans.
    unrecorded: Option<SessionContext>,
    cancellation: Option<Cancellation>,
    status: Option<StatusCode>,
    is_head: bool,
}

impl Request {
    /// Opens the span for the head of a request.
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

    /// Polls the handler or the body. A panic in it is recorded as a failure.
    pub(super) fn poll<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = self.unrecorded.as_ref().map(SessionContext::attach);
        Cancellation::in_scope(self.cancellation.as_ref(), || self.held.poll(code))
    }

    /// Returns the exceeded limit, if the request is to be cancelled.
    pub(super) fn poll_budget(&self, waker: &Waker) -> Option<BudgetExceeded> {
        self.cancellation.as_ref().and_then(|cancellation| cancellation.poll(waker))
    }

    /// Records the status of the response, whose body is not sent yet.
    pub(super) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
        self.held.span().set_attribute(semconv::HTTP_STATUS, i64::from(status.as_u16()));
    }

    /// Ends the span after a complete response.
    pub(super) fn end(self) {
        let failed = self.status.filter(StatusCode::is_server_error);
        if let Some(status) = failed {
            self.held.span().set_attribute(semconv::ERROR_TYPE, status.as_str());
        }
        self.held.leave(if failed.is_some() { EndState::Failure } else { EndState::Success });
    }

    /// Ends the span as failed, without a response or in the middle of one.
    pub(super) fn fail(self, error: Option<&dyn std::fmt::Display>) {
        if let Some(error) = error {
            self.held.span().record_error(error);
        }
        self.held.leave(EndState::Failure);
    }

    /// Ends the span as cancelled: the client has stopped waiting, or the handler has panicked.
    pub(super) fn cancel(self) {
        self.held.cancel();
    }

    /// Ends the span of a body that was dropped: as complete if the response has no body to send, otherwise as
    /// cancelled.
    pub(super) fn let_go(self) {
        if self.status.is_some_and(|status| self.is_whole_without_body(status)) {
            self.end();
        } else {
            self.cancel();
        }
    }

    /// Returns `true` if servers drop the body of this response, which is complete with its head.
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
    let customized = catch_user_panic(session);
    customized.unwrap_or_else(|| Session::builder(name)).start_at(layer.place())
}

/// Returns the method and the route. Span names must have few distinct values, so the path is not part of it.
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
