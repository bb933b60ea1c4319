//! A future or a stream that runs inside a span which it does not end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{session::Cancellation, span::Held};

pin_project! {
    /// A future or a stream inside the span of a handle, from [`Traced::instrument`](super::Traced::instrument)
    /// or [`Traced::instrument_stream`](super::Traced::instrument_stream).
    #[must_use = "futures and streams do nothing unless polled"]
    #[derive(Debug)]
    pub struct Instrumented<T> {
        // Dropped in this order: what it holds ends before the span may.
        #[pin]
        inner: T,
        held: Held,
        cancellation: Option<Cancellation>,
    }
}

impl<T> Instrumented<T> {
    pub(super) fn new(held: Held, inner: T) -> Self {
        let cancellation = held.cancellation();
        Self { inner, held, cancellation }
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.held.in_scope(|| this.inner.poll(task))
    }
}

impl<S: Stream> Stream for Instrumented<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let is_stopped = |it: &Cancellation| this.held.is_stopped(it, task.waker());
        if this.cancellation.as_ref().is_some_and(is_stopped) {
            return Poll::Ready(None);
        }
        let poll = Cancellation::around(this.cancellation.as_ref(), || {
            this.held.in_scope(|| this.inner.poll_next(task))
        });
        if matches!(poll, Poll::Ready(None)) {
            this.held.note_success();
        }
        poll
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
