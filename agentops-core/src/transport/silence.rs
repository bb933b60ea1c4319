//! For how long the far side has not answered: whoever gives up says so.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::config::Endpoint;

/// What one transport waits for.
#[derive(Debug, Default)]
pub(super) struct Silence(Mutex<State>);

/// What a request brings.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carries {
    Spans,
    /// A key that is to become a token.
    Key,
}

#[derive(Debug, Default)]
struct State {
    /// The first request of those that got no answer in time, one after the other.
    since: Option<Instant>,
    out: Option<(Endpoint, Carries)>,
    /// What went wrong last, unless something was accepted since.
    trouble: Option<String>,
}

impl Silence {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request is on its way.
    pub(super) fn begin(&self, endpoint: Endpoint, carries: Carries) {
        let mut state = self.state();
        state.since.get_or_insert_with(Instant::now);
        state.out = Some((endpoint, carries));
    }

    /// Notes that there is an answer, or that there will be none.
    pub(super) fn end(&self) {
        let mut state = self.state();
        (state.since, state.out) = (None, None);
    }

    /// Notes that a request with spans had no answer in time; the text says for how long there has been none.
    pub(super) fn time_out(&self, endpoint: &Endpoint) -> String {
        let mut state = self.state();
        state.out = None;
        let waited = state.since.map(|since| since.elapsed()).unwrap_or_default();
        no_answer(endpoint, waited, Carries::Spans)
    }

    /// What is waited for at this moment, if a request is on its way.
    pub(super) fn now(&self) -> Option<String> {
        let state = self.state();
        let (endpoint, carries) = state.out.as_ref()?;
        Some(no_answer(endpoint, state.since?.elapsed(), *carries))
    }

    /// Keeps what went wrong, for what is not tried any more.
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
