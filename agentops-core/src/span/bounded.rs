//! A future that is given up when its session has used more than its budget.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{Start, future::run_async};
use crate::{
    budget::BudgetExceeded,
    capture::Outcome,
    session::{Cancellation, admit_current},
};

/// Runs the body of an async session whose budget cancels it.
pub fn run_async_within<F, T, E, O>(
    start: Start,
    body: F,
    outcome: O,
) -> impl Future<Output = Result<T, E>>
where
    F: Future<Output = Result<T, E>>,
    E: From<BudgetExceeded>,
    O: FnOnce(&Result<T, E>) -> Outcome<'_>,
{
    let body = async { Bounded::new(body).await.unwrap_or_else(|exceeded| Err(exceeded.into())) };
    run_async(start, body, outcome)
}

pin_project! {
    /// A future within the budget of the session that it is first polled in.
    #[derive(Debug)]
    pub(crate) struct Bounded<F> {
        #[pin]
        body: Option<F>,
        cancellation: Option<Cancellation>,
        is_new: bool,
    }
}

impl<F> Bounded<F> {
    pub(crate) fn new(body: F) -> Self {
        Self { body: Some(body), cancellation: None, is_new: true }
    }
}

impl<F: Future> Future for Bounded<F> {
    type Output = Result<F::Output, BudgetExceeded>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if std::mem::take(this.is_new) {
            *this.cancellation = admit_current().ok().as_ref().and_then(Cancellation::of);
        }
        let exceeded = this.cancellation.as_ref().and_then(|it| it.poll(task.waker()));
        if let Some(exceeded) = exceeded {
            this.body.set(None);
            return Poll::Ready(Err(exceeded));
        }
        match this.body.as_mut().as_pin_mut() {
            Some(body) => body.poll(task).map(Ok),
            None => panic!("a future is not polled again after it is ready"),
        }
    }
}
