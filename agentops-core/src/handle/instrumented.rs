//! A future that runs inside a span which it does not end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::span::Held;

pin_project! {
    /// A future inside the span of a handle, from [`Traced::instrument`](super::Traced::instrument).
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Instrumented<F> {
        // Dropped in this order: what the future holds ends before the span may.
        #[pin]
        future: F,
        held: Held,
    }
}

impl<F> Instrumented<F> {
    pub(super) fn new(held: Held, future: F) -> Self {
        Self { future, held }
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.held.in_scope(|| this.future.poll(task))
    }
}
