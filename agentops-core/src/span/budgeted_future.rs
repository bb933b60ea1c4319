//! Future that is cancelled once its session has exceeded its budget.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::handover::starts;
use crate::{config::BudgetExceeded, session::Cancellation};

/// Cancels the body of an async session once the session exceeds a budget with `BudgetPolicy::Cancel`.
pub fn within<F: Future>(body: F) -> Within<F> {
    Within { bounded: Bounded { stage: Stage::BeforeSpan, ..Bounded::new(body) } }
}

pin_project! {
    /// Body of an async session that is cancelled when the budget is exceeded.
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
    /// Future that is cancelled by the budget of the session in which it is first polled.
    #[derive(Debug)]
    pub(crate) struct Bounded<F> {
        #[pin]
        body: Option<F>,
        cancellation: Option<Cancellation>,
        stage: Stage,
    }
}

/// Progress of a [`Bounded`] future.
#[derive(Debug)]
enum Stage {
    /// The body has not asked for the span of its session yet.
    BeforeSpan,
    /// The future was not polled in its session yet.
    New,
    /// The future runs, and its budget is watched.
    Running,
}

impl<F> Bounded<F> {
    pub(crate) fn new(body: F) -> Self {
        Self { body: Some(body), cancellation: None, stage: Stage::New }
    }
}

impl<F: Future> Future for Bounded<F> {
    type Output = Result<F::Output, BudgetExceeded>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if matches!(this.stage, Stage::New) {
            *this.stage = Stage::Running;
            *this.cancellation = Cancellation::current();
        }
        let exceeded =
            this.cancellation.as_ref().and_then(|cancellation| cancellation.poll(task.waker()));
        if let Some(exceeded) = exceeded {
            this.body.set(None);
            return Poll::Ready(Err(exceeded));
        }
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            panic!("a future is not polled again after it is ready");
        };
        let poll = body.poll(task).map(Ok);
        if matches!(this.stage, Stage::BeforeSpan) && starts() {
            *this.stage = Stage::New;
        }
        poll
    }
}
