//! Running an annotated body inside its span.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{
    Start,
    scope::Scope,
    traced::{Ending, TracedSpan},
};
use crate::capture::Outcome;

/// A call that has a scope to run in, and a log if it is recorded.
#[derive(Debug)]
pub(super) struct Call {
    // Dropped in this order: the log closes before its span is released.
    log: Log,
    scope: Scope,
}

impl Call {
    pub(super) fn new(scope: Scope, span: Option<TracedSpan>) -> Self {
        Self { log: Log { span, session: None }, scope }
    }

    /// Gives the call a session that was opened for it alone and ends with it.
    pub(super) fn inside(mut self, session: Self) -> Self {
        self.log.session = Some(Box::new(session));
        self
    }

    pub(super) fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        let _entered = self.scope.enter();
        body()
    }

    /// Enters once, so that the span exists; false if nobody records it.
    pub(super) fn open(&mut self) -> bool {
        let _entered = self.scope.enter();
        self.log.open()
    }
}

/// What is recorded of a call.
#[derive(Debug)]
struct Log {
    span: Option<TracedSpan>,
    session: Option<Box<Call>>,
}

impl Log {
    fn open(&mut self) -> bool {
        self.span.as_mut().is_some_and(TracedSpan::open)
    }

    fn close(&mut self, ending: &Ending<'_>) {
        if let Some(span) = &mut self.span {
            span.close(ending);
        }
        if let Some(session) = &mut self.session {
            session.log.close(ending);
        }
    }
}

impl Drop for Log {
    /// What was not closed did not return and was not cancelled: it unwinds.
    fn drop(&mut self) {
        self.close(&Ending::Panicked);
    }
}

/// Runs a function's body in its span and records what it comes to.
pub fn run<R>(
    start: Start,
    body: impl FnOnce() -> R,
    outcome: impl FnOnce(&R) -> Outcome<'_>,
) -> R {
    // Bound in this order, so that unwinding drops the log before the span that it closes.
    let Some(Call { scope, mut log }) = start.begin() else { return body() };
    let _entered = scope.enter();
    log.open();
    let result = body();
    log.close(&Ending::Finished(outcome(&result)));
    result
}

/// Runs an async function's body in its span, current at each poll, and records what it comes to.
///
/// Called from expanded code at the body's first poll: the span starts here.
pub fn run_async<F, O>(start: Start, body: F, outcome: O) -> Recorded<F, O>
where
    F: Future,
    O: FnOnce(&F::Output) -> Outcome<'_>,
{
    Recorded { body: Some(body), call: start.begin(), outcome: Some(outcome), polling: false }
}

pin_project! {
    /// The future of an annotated async body.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Recorded<F, O> {
        #[pin]
        body: Option<F>,
        call: Option<Call>,
        outcome: Option<O>,
        // Still set when the future is dropped: its poll unwound.
        polling: bool,
    }

    impl<F, O> PinnedDrop for Recorded<F, O> {
        /// A future that is dropped half way is cancelled; its locals are dropped inside its span.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(Call { log, scope }) = this.call else { return };
            let _entered = scope.enter();
            this.body.set(None);
            log.close(if *this.polling { &Ending::Panicked } else { &Ending::Cancelled });
        }
    }
}

impl<F, O> Future for Recorded<F, O>
where
    F: Future,
    O: FnOnce(&F::Output) -> Outcome<'_>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else {
            unreachable!("a completed `async fn` is not polled again");
        };
        let Some(Call { log, scope }) = this.call else { return body.poll(task) };
        *this.polling = true;
        let entered = scope.enter();
        log.open();
        let poll = body.poll(task);
        if let Poll::Ready(result) = &poll
            && let Some(outcome) = this.outcome.take()
        {
            log.close(&Ending::Finished(outcome(result)));
        }
        drop(entered);
        *this.polling = false;
        if poll.is_ready() {
            *this.call = None;
        }
        poll
    }
}
