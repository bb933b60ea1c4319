//! Time for which the endpoint has not answered, for the errors of callers that give up.

use std::{
    sync::MutexGuard,
    time::{Duration, Instant},
};

use crate::{config::Endpoint, process::Lock};

/// Pending request of one transport.
#[derive(Debug, Default)]
pub(super) struct PendingRequest(Lock<PendingState>);

/// Content of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum RequestContent {
    Spans,
    /// A key to be exchanged for a token.
    Key,
}

#[derive(Debug, Default)]
struct PendingState {
    /// Time of the first request in an unbroken series of timeouts.
    since: Option<Instant>,
    out: Option<(Endpoint, RequestContent)>,
    /// Last error, unless a request was accepted since.
    last_error: Option<String>,
}

impl PendingRequest {
    fn state(&self) -> MutexGuard<'_, PendingState> {
        self.0.lock()
    }

    /// Records that a request is in flight.
    pub(super) fn begin(&self, endpoint: Endpoint, content: RequestContent) {
        let mut state = self.state();
        state.since.get_or_insert_with(Instant::now);
        state.out = Some((endpoint, content));
    }

    /// Records that there is a response, or that there will be none.
    pub(super) fn end(&self) {
        let mut state = self.state();
        (state.since, state.out) = (None, None);
    }

    /// Records that a request with spans has timed out; returns an error with the time for which there was no response.
    pub(super) fn record_timeout(&self, endpoint: &Endpoint) -> String {
        let mut state = self.state();
        state.out = None;
        let waited = state.since.map(|since| since.elapsed()).unwrap_or_default();
        no_answer(endpoint, waited, RequestContent::Spans)
    }

    /// Returns what the request in flight waits for, if any.
    pub(super) fn description(&self) -> Option<String> {
        let state = self.state();
        let (endpoint, content) = state.out.as_ref()?;
        Some(no_answer(endpoint, state.since?.elapsed(), *content))
    }

    /// Stores the last error, for requests that are not attempted any more.
    pub(super) fn set_last_error(&self, last_error: Option<String>) {
        self.state().last_error = last_error;
    }

    pub(super) fn last_error(&self) -> Option<String> {
        self.state().last_error.clone()
    }
}

fn no_answer(endpoint: &Endpoint, waited: Duration, content: RequestContent) -> String {
    let after = match content {
        RequestContent::Spans => "; the endpoint may have received them",
        RequestContent::Key => ", and without a token nothing can be sent",
    };
    format!("`{endpoint}` gave no answer within {:.1} s{after}", waited.as_secs_f64())
}
