//! A future that is given up when its session has used more than its budget.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{budget::BudgetExceeded, session::Cancellation};

/// Keeps the body of an async session within the budget that cancels it.
pub fn within<F: Future>(body: F) -> Within<F> {
    Within { bounded: Bounded::new(body) }
}

pin_project! {
    /// The body of an async session within its budget.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Within<F> {
        #[pin]
        bounded: Bounded<F>,
    }
}

impl<F, T, E> Future for Within<F>
where
    F: Future<Output = Result<T, E>>,
    E: From<BudgetExceeded>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let poll = self.project().bounded.poll(task);
        poll.map(|result| result.unwrap_or_else(|exceeded| Err(exceeded.into())))
    }
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
            *this.cancellation = Cancellation::current();
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
