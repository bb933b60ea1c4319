//! Time for which the endpoint has not answered, for the errors of callers that give up.

use std::{
    sync::MutexGuard,
    time::{Duration, Instant},
};

use crate::{config::Endpoint, process::Lock};

/// Pending request of one transport.
#[derive(Debug, Default)]
pub(super) struct Silence(Lock<State>);

/// Content of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carries {
    Spans,
    /// A key to be exchanged for a token.
    Key,
}

#[derive(Debug, Default)]
struct State {
    /// Time of the first request in an unbroken series of timeouts.
    since: Option<Instant>,
    out: Option<(Endpoint, Carries)>,
    /// Last error, unless a request was accepted since.
    trouble: Option<String>,
}

impl Silence {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }

    /// Records that a request is in flight.
    pub(super) fn begin(&self, endpoint: Endpoint, carries: Carries) {
        let mut state = self.state();
        state.since.get_or_insert_with(Instant::now);
        state.out = Some((endpoint, carries));
    }

    /// Records that there is a response, or that there will be none.
    pub(super) fn end(&self) {
        let mut state = self.state();
        (state.since, state.out) = (None, None);
    }

    /// Records that a request with spans has timed out; returns an error with the time for which there was no response.
    pub(super) fn time_out(&self, endpoint: &Endpoint) -> String {
        let mut state = self.state();
        state.out = None;
        let waited = state.since.map(|since| since.elapsed()).unwrap_or_default();
        no_answer(endpoint, waited, Carries::Spans)
    }

    /// Returns what the request in flight waits for, if any.
    pub(super) fn now(&self) -> Option<String> {
        let state = self.state();
        let (endpoint, carries) = state.out.as_ref()?;
        Some(no_answer(endpoint, state.since?.elapsed(), *carries))
    }

    /// Stores the last error, for requests that are not attempted any more.
    pub(super) fn note(&self, trouble: Option<String>) {
        self.state().trouble = trouble;
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.state().trouble.clone()
    }
}

fn no_answer(endpoint: &Endpoint, waited: Duration, carries: Carries) -> String {
    let after = match carries {
        Carries::Spans => "; the endpoint may have received them",
        Carries::Key => ", and without a token nothing can be sent",
    };
    format!("`{endpoint}` gave no answer within {:.1} s{after}", waited.as_secs_f64())
}
